//! The market: what ends soon, what is new, and the search.

use askama::Template;

use super::way::escaped;
use super::{Card, Choice, ChoiceGroup, Shell, State};

/// `/`
#[derive(Template)]
#[template(path = "home.html")]
pub struct HomePage {
    /// The frame.
    pub shell: Shell,
    /// What is looked for.
    pub filters: Filters,
    /// The top categories, for the row of chips and the filter.
    pub categories: Vec<Choice>,
    /// Regions to choose from, under their districts.
    pub regions: Vec<ChoiceGroup>,
    /// What ends soonest; left out while a search is on.
    pub ending_soon: Vec<Card>,
    /// The cards of this page of the list.
    pub cards: Vec<Card>,
    /// Whether there is a place for what this browser has seen.
    pub shows_seen: bool,
    /// The address of the next page, with all filters in it.
    pub next: Option<String>,
}

/// What is looked for, as it stands in the address; empty means any.
#[derive(Clone, Debug, Default)]
pub struct Filters {
    /// Words.
    pub q: String,
    /// The region's id.
    pub region: String,
    /// The category's id.
    pub category: String,
    /// The lowest price, as typed.
    pub min_price: String,
    /// The highest price, as typed.
    pub max_price: String,
    /// `newest`, `ending`, `price_asc`, `price_desc` or `bids`.
    pub sort: String,
    /// Empty for what is open, `scheduled`, `ended` or `any`.
    pub status: String,
}

impl Filters {
    /// The sorts on offer.
    pub const SORTS: [&'static str; 5] = ["newest", "ending", "price_asc", "price_desc", "bids"];
    /// The states on offer beside what is open.
    pub const STATUSES: [&'static str; 3] = ["scheduled", "ended", "any"];

    /// How many filters beside the words are on.
    pub fn active(&self) -> i64 {
        let fields = [&self.region, &self.category, &self.min_price, &self.max_price, &self.status];
        fields.iter().map(|field| i64::from(!field.is_empty())).sum()
    }

    /// All but the category and the page, as it follows another value in an address: empty or `&q=…`.
    pub fn rest(&self) -> String {
        let nothing = String::new();
        let values = [
            ("q", &self.q),
            ("region", &self.region),
            ("min_price", &self.min_price),
            ("max_price", &self.max_price),
            ("sort", if self.sort == Self::SORTS[0] { &nothing } else { &self.sort }),
            ("status", &self.status),
        ];
        let filled = values.into_iter().filter(|(_, value)| !value.is_empty());
        filled.map(|(name, value)| format!("&{name}={}", escaped(value))).collect()
    }

    /// All but the page, as it follows another value in an address.
    pub fn all(&self) -> String {
        let category =
            if self.category.is_empty() { String::new() } else { format!("&category={}", self.category) };
        format!("{category}{}", self.rest())
    }

    /// The same as a whole query.
    pub fn without_category(&self) -> String {
        self.rest().trim_start_matches('&').to_owned()
    }

    /// Whether anything at all is looked for.
    pub fn any(&self) -> bool {
        !self.q.is_empty() || self.active() > 0
    }
}
