//! An order as its two sides see it, and nobody else.

use askama::Template;
use jiff::Timestamp;

use super::{Picture, Shell};

/// `/orders/{id}`
#[derive(Template)]
#[template(path = "order.html")]
pub struct OrderPage {
    /// The frame.
    pub shell: Shell,
    /// The order's id.
    pub id: i64,
    /// The auction it came from.
    pub auction_id: i64,
    /// The item's title.
    pub title: String,
    /// What is shown in place of a picture.
    pub picture: Picture,
    /// The viewer sold it (else bought it).
    pub selling: bool,
    /// The other side's id.
    pub other_id: i64,
    /// The other side's nickname.
    pub other: String,
    /// The price.
    pub price: i64,
    /// What the house kept; shown to the seller.
    pub fee: i64,
    /// What the seller got; shown to the seller.
    pub payout: i64,
    /// Bought at once rather than won.
    pub bought: bool,
    /// When.
    pub at: Timestamp,
}
