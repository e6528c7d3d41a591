//! Selling: one page with defaults that suit most, and a preview that is the real card.

use askama::Template;

use super::{Card, Choice, ChoiceGroup, Field, Shell, State};

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
    /// The bid unit.
    pub bid_unit: Field,
    /// The price at which it can be bought at once, or empty.
    pub buy_now_price: Field,
    /// The end, as `datetime-local` writes it.
    pub ends_at: Field,
    /// 0, 1, 2, 3, 5 or 10.
    pub soft_close_minutes: Field,
}

impl SellPage {
    /// The conditions on offer.
    pub fn conditions(&self) -> [Choice; 5] {
        ["new", "s", "a", "b", "c"].map(|code| Choice::of(code, self.shell.t(format!("condition-{code}"))))
    }

    /// The soft-close windows on offer.
    pub fn windows(&self) -> [i64; 6] {
        [0, 1, 2, 3, 5, 10]
    }
}
