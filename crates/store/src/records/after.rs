//! What the web's door shows of what follows a sale: orders, reviews, records.

use auction::{AuctionId, MarkKind, Offer, Order, OrderId, OrderState, OrderStep, Side, Time};
use ledger::{MemberId, Money};

use super::rows::Member;

/// The most steps of an order that are shown.
pub const STEPS_MAX: usize = 500;

/// An order with all that its two sides and admins may see; who is which is for the caller to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderPage {
    /// As it stands, with both codes: each is for one side only.
    pub order: Order,
    /// What was sold.
    pub title: String,
    /// Who pays.
    pub buyer: Member,
    /// Who is paid.
    pub seller: Member,
    /// What happened, oldest first, at most [`STEPS_MAX`].
    pub steps: Vec<OrderStep>,
    /// The auction's offers, by number.
    pub offers: Vec<Offer>,
    /// What the two wrote, whether it is shown yet or not.
    pub reviews: Vec<ReviewRow>,
}

/// One order in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRow {
    /// Its number.
    pub id: OrderId,
    /// Of which auction.
    pub auction: AuctionId,
    /// What was sold.
    pub title: String,
    /// Its category.
    pub category: Option<i64>,
    /// Who pays.
    pub buyer: MemberId,
    /// Who is paid.
    pub seller: MemberId,
    /// The price.
    pub price: Money,
    /// Where it stands.
    pub state: OrderState,
    /// When the house looks at it next.
    pub due: Option<Time>,
    /// When it was opened.
    pub opened_at: Time,
    /// When its newest step was.
    pub newest: Time,
}

/// A review to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewReview {
    /// Of which order.
    pub order: OrderId,
    /// By which side.
    pub by: Side,
    /// 1 to 5.
    pub stars: i64,
    /// In his words.
    pub text: String,
    /// When.
    pub at: Time,
}

/// A review that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewRow {
    /// Of which order.
    pub order: OrderId,
    /// By which side.
    pub by: Side,
    /// Who wrote it.
    pub author: MemberId,
    /// His nickname.
    pub author_name: String,
    /// About whom.
    pub about: MemberId,
    /// What was sold.
    pub title: String,
    /// 1 to 5.
    pub stars: i64,
    /// In his words.
    pub text: String,
    /// When.
    pub at: Time,
}

/// Why a review was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReviewRefused {
    /// The order is not over, so that nothing can be said of it yet.
    NotOver,
    /// This side has written already.
    Written,
    /// The time to write is over.
    TooLate,
    /// Its author has left.
    Left,
}

/// Within how long after an order is over its sides may write; then what one wrote is shown even if the other did not.
pub const REVIEW_WITHIN: auction::Span = auction::Span::days(14);

/// What a member's past says of him.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reputation {
    /// (average of the stars − 1) × 25, rounded half up: 0 to 100; over twelve months, the newest of each pair of members
    /// counts. None without a review.
    pub score: Option<i64>,
    /// From how many members' reviews.
    pub reviews: i64,
    /// Orders as a seller that are done.
    pub sales: i64,
    /// Marks of the last twelve months, by kind.
    pub marks: Vec<(MarkKind, i64)>,
}
