//! Selling: one page with defaults that suit most, and a preview that is the real card.

use askama::Template;

use super::{Card, ChoiceGroup, Field, PictureField, Shell, State};

/// `/sell`
#[derive(Template)]
#[template(path = "sell.html")]
pub struct SellPage {
    /// The frame.
    pub shell: Shell,
    /// The form.
    pub form: SellForm,
    /// Categories, kinds under their top category.
    pub categories: Vec<ChoiceGroup>,
    /// Regions, neighbourhoods under their districts.
    pub regions: Vec<ChoiceGroup>,
    /// The earliest end that can be chosen, as `datetime-local` writes it.
    pub ends_min: String,
    /// The latest end that can be chosen.
    pub ends_max: String,
    /// What it will look like.
    pub preview: Card,
}

/// The form as it stands.
#[derive(Clone, Debug, Default)]
pub struct SellForm {
    /// A fresh UUIDv7.
    pub key: String,
    /// The sentence when the whole was refused.
    pub fault: Option<String>,
    /// The ended auction whose item is auctioned again, if it is not a new one.
    pub again_of: Option<i64>,
    /// Its pictures, in the order in which they are shown.
    pub pictures: Vec<PictureField>,
    /// What is wrong with them together.
    pub pictures_fault: Option<String>,
    /// 2–60 letters.
    pub title: Field,
    /// Up to 5,000 letters.
    pub description: Field,
    /// The chosen category's id.
    pub category_id: Field,
    /// `new`, `s`, `a`, `b` or `c`.
    pub condition: Field,
    /// `seller` or `buyer`.
    pub shipping_payer: Field,
    /// The chosen region's id.
    pub region_id: Field,
    /// Sold to the whole country.
    pub nationwide: bool,
    /// The start price.
    pub start_price: Field,
    /// Whether steps grow with the price, instead of a unit.
    pub is_ladder: bool,
    /// The bid unit.
    pub bid_unit: Field,
    /// For less it is not sold, or empty. Nobody else sees it.
    pub reserve_price: Field,
    /// The price at which it can be bought at once, or empty.
    pub buy_now_price: Field,
    /// The start, as `datetime-local` writes it; empty for at once.
    pub starts_at: Field,
    /// The end, as `datetime-local` writes it.
    pub ends_at: Field,
    /// 0, 1, 2, 3, 5 or 10.
    pub soft_close_minutes: Field,
}

impl SellPage {
    /// How many pictures there can be.
    pub fn room(&self) -> usize {
        auction::PICTURES_MAX
    }

    /// Whether what the thing is stays as it is listed: here it can be chosen.
    pub fn keeps_identity(&self) -> bool {
        false
    }
}

impl SellForm {
    /// The conditions on offer.
    pub const CONDITIONS: [&'static str; 5] = ["new", "s", "a", "b", "c"];
    /// Who can pay the shipping.
    pub const PAYERS: [&'static str; 2] = ["seller", "buyer"];
    /// The soft-close windows on offer, in minutes.
    pub const WINDOWS: [i64; 6] = auction::SOFT_CLOSE_MINUTES;

    /// Whether something in the folded part is filled in or wrong, so that it is open from the start.
    pub fn shows_more(&self) -> bool {
        let optional = [&self.reserve_price, &self.buy_now_price, &self.starts_at];
        let usual = [&self.bid_unit, &self.soft_close_minutes];
        let is_told = |field: &Field| field.fault.is_some() || !field.value.is_empty();
        self.is_ladder || optional.into_iter().any(is_told) || usual.iter().any(|field| field.fault.is_some())
    }
}
