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
    /// The top categories, for the row of chips.
    pub categories: Vec<Choice>,
    /// The one of them that is chosen, or that holds what is.
    pub top_category: String,
    /// Every category under its top one, for the filter.
    pub kinds: Vec<ChoiceGroup>,
    /// Regions to choose from, under their districts.
    pub regions: Vec<ChoiceGroup>,
    /// What ends soonest; left out while a search is on.
    pub ending_soon: Vec<Card>,
    /// The cards of this page of the list.
    pub cards: Vec<Card>,
    /// The filters that are on, each with the address without it.
    pub active: Vec<Choice>,
    /// How many there are in all, as it is said; nothing where nobody counted.
    pub count: Option<String>,
    /// What may find something where nothing was found.
    pub wider: Vec<Choice>,
    /// Whether the member has a neighbourhood that things may be near to.
    pub has_home: bool,
    /// The member's neighbourhood: the search there, and its name; none where a place is chosen already.
    pub home: Option<Choice>,
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
    /// How worn it is: `new`, `s`, `a`, `b`, `c`.
    pub condition: String,
    /// `home`, or a place on the map in degrees.
    pub near: String,
    /// How far that is, in kilometres; the usual if empty.
    pub radius: String,
    /// Within how many hours it ends.
    pub ends_within: String,
    /// Only what its last bid would buy, if `1`.
    pub reserve_met: String,
    /// Only with a buy-now price, if `1`.
    pub buy_now: String,
    /// Only with a picture, if `1`.
    pub pictured: String,
    /// One of [`Filters::sorts`].
    pub sort: String,
    /// Empty for what is open, `scheduled`, `ended` or `any`.
    pub status: String,
}

impl Filters {
    /// The states on offer beside what is open.
    pub const STATUSES: [&'static str; 3] = ["scheduled", "ended", "any"];
    /// The conditions on offer.
    pub const CONDITIONS: [&'static str; 5] = ["new", "s", "a", "b", "c"];
    /// Within how many hours things may be asked to end.
    pub const HOURS: [&'static str; 4] = ["1", "6", "24", "72"];
    /// How far things may lie, in kilometres.
    pub const RADII: [&'static str; 4] = ["3", "5", "10", "20"];
    /// The filters that are on or off.
    pub const FLAGS: [&'static str; 3] = ["reserve_met", "buy_now", "pictured"];

    /// The sorts on offer, the usual one first: what answers best only with words, what is nearest only near something.
    pub fn sorts(&self) -> Vec<&'static str> {
        let best = (!self.q.is_empty()).then_some("best");
        let nearest = (!self.near.is_empty()).then_some("nearest");
        let always = ["newest", "ending", "price_asc", "price_desc", "bids"];
        best.into_iter().chain(nearest).chain(always).collect()
    }

    /// Every value by its name, as in the address; the usual sort is none.
    pub fn values(&self) -> [(&'static str, &str); 14] {
        let usual = self.sorts().first().is_some_and(|usual| self.sort == *usual);
        [
            ("category", &self.category),
            ("q", &self.q),
            ("region", &self.region),
            ("near", &self.near),
            ("radius", &self.radius),
            ("min_price", &self.min_price),
            ("max_price", &self.max_price),
            ("condition", &self.condition),
            ("ends_within", &self.ends_within),
            ("reserve_met", &self.reserve_met),
            ("buy_now", &self.buy_now),
            ("pictured", &self.pictured),
            ("sort", if usual { "" } else { &self.sort }),
            ("status", &self.status),
        ]
    }

    /// Whether a filter that is on or off is on.
    pub fn has(&self, name: &str) -> bool {
        self.values().into_iter().any(|(known, value)| known == name && !value.is_empty())
    }

    /// Whether that radius is meant; the usual one if none was chosen.
    pub fn is_radius(&self, radius: &str) -> bool {
        let chosen = if self.radius.is_empty() { "5" } else { &self.radius };
        chosen == radius
    }

    /// How many filters beside the words are on.
    pub fn active(&self) -> i64 {
        let passed = ["q", "sort", "radius"];
        let on =
            self.values().into_iter().filter(|(name, value)| !passed.contains(name) && !value.is_empty());
        on.map(|_| 1).sum()
    }

    /// All but some of the values, as they follow another in an address: empty or `&q=…`.
    fn query_without(&self, left_out: &[&str]) -> String {
        let filled =
            self.values().into_iter().filter(|(name, value)| !left_out.contains(name) && !value.is_empty());
        filled.map(|(name, value)| format!("&{name}={}", escaped(value))).collect()
    }

    /// All but the category and the page, as it follows another value in an address: empty or `&q=…`.
    pub fn rest(&self) -> String {
        self.query_without(&["category"])
    }

    /// All but the page, as it follows another value in an address.
    pub fn all(&self) -> String {
        self.query_without(&[])
    }

    /// The address of the market with all but some of the values.
    pub fn address_without(&self, left_out: &[&str]) -> String {
        let query = self.query_without(left_out);
        query.strip_prefix('&').map_or_else(|| "/".to_owned(), |query| format!("/?{query}"))
    }

    /// All but the category as a whole query.
    pub fn without_category(&self) -> String {
        self.rest().trim_start_matches('&').to_owned()
    }

    /// Whether anything at all is looked for.
    pub fn any(&self) -> bool {
        !self.q.is_empty() || self.active() > 0
    }
}
