//! A member's orders, by what needs the member first; and an offer to a member after another's sale fell through.

use askama::Template;
use jiff::Timestamp;

use super::{Photo, Picture, Shell};

/// `/orders`
#[derive(Template)]
#[template(path = "orders.html")]
pub struct OrdersPage {
    /// The frame.
    pub shell: Shell,
    /// The groups in their order; empty ones are left out.
    pub groups: Vec<OrderGroup>,
    /// The address of the next page.
    pub next: Option<String>,
}

/// Orders that need the same from the member.
pub struct OrderGroup {
    /// `needs-you`, `under-way` or `over`.
    pub name: &'static str,
    /// The orders.
    pub lines: Vec<OrderLine>,
}

/// One order in a list.
#[derive(Clone, Debug)]
pub struct OrderLine {
    /// The order's id.
    pub id: i64,
    /// The item's title.
    pub title: String,
    /// What is shown in place of a picture.
    pub picture: Picture,
    /// The member sold it (else bought it).
    pub is_selling: bool,
    /// The price.
    pub price: i64,
    /// Where it stands, as its stable name.
    pub state: &'static str,
    /// What happens next, in one sentence.
    pub next: String,
    /// Until when.
    pub until: Option<Timestamp>,
    /// When the sale was.
    pub opened_at: Timestamp,
}

/// `/auctions/{id}/offer`
#[derive(Template)]
#[template(path = "offer.html")]
pub struct OfferPage {
    /// The frame.
    pub shell: Shell,
    /// The auction it is of.
    pub auction_id: i64,
    /// The item's title.
    pub title: String,
    /// What is shown in place of a picture.
    pub picture: Picture,
    /// The item's first picture, if it has one.
    pub photo: Option<Photo>,
    /// Who sells it.
    pub seller_id: i64,
    /// The seller's nickname.
    pub seller: String,
    /// For how much.
    pub price: i64,
    /// Until when it may be answered.
    pub until: Timestamp,
    /// What became of it: `open`, `accepted`, `declined` or `lapsed`.
    pub state: &'static str,
    /// What the member can use now.
    pub available: i64,
    /// A fresh key; each form adds its own name to it.
    pub key: String,
}

impl OfferPage {
    /// What is missing to take it, if anything.
    pub fn missing(&self) -> Option<i64> {
        Some(self.price.saturating_sub(self.available)).filter(|missing| *missing > 0)
    }
}
