//! What a seller can do with an auction of his own, as it stands: each act with what the rules allow now; and what an
//! admin can.

use super::Field;

/// What the seller can do now, for the seller alone.
#[derive(Clone, Debug, Default)]
pub struct SellerControls {
    /// A fresh UUIDv7 for selling at once.
    pub sell_key: String,
    /// A fresh UUIDv7 for cancelling.
    pub cancel_key: String,
    /// A fresh UUIDv7 for moving the end.
    pub extend_key: String,
    /// A fresh UUIDv7 for lowering the reserve.
    pub reserve_key: String,
    /// Whether it can be sold to the leader at once.
    pub can_sell: bool,
    /// The leader's name.
    pub leader: Option<String>,
    /// Whether it can be cancelled, and what that brings.
    pub cancel: Cancel,
    /// Whether the end can be moved.
    pub extend: Extend,
    /// How often more the end can be moved.
    pub extensions_left: i64,
    /// His reserve, if he set one. Nobody else ever sees it.
    pub reserve: Option<i64>,
    /// Between which amounts the reserve can be lowered, if it can.
    pub lower: Option<(i64, i64)>,
    /// What can be changed.
    pub edit: Edit,
    /// Whether the item can be auctioned again.
    pub can_auction_again: bool,
    /// Who has bid, newest first.
    pub bidders: Vec<BidderLine>,
    /// Which form was refused, by its last word: `cancel`, `reserve` …
    pub refused: &'static str,
    /// The number of the bidder whose form that was, if it was one's.
    pub refused_bidder: Option<i64>,
    /// The sentence of that refusal.
    pub fault: Option<String>,
    /// The reason as typed, when it was refused.
    pub reason: String,
    /// The new reserve as typed, when it was refused.
    pub typed_reserve: String,
}

/// Whether an auction can be cancelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cancel {
    /// Nobody ever bid: freely.
    Free,
    /// With a public reason, and it stays on the record.
    OnRecord,
    /// No longer.
    #[default]
    TooLate,
}

/// Whether the end can be moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extend {
    /// It can.
    Now,
    /// In the last hour only.
    TooEarly,
    /// In the last ten minutes no more.
    #[default]
    TooLate,
    /// It was moved twice already.
    Twice,
}

/// What can be changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Edit {
    /// Everything.
    All,
    /// Everything but what the thing is.
    Most,
    /// Only a dated note can be added.
    Notes,
    /// Nothing.
    #[default]
    Nothing,
}

/// Someone who has bid, as the seller sees him.
#[derive(Clone, Debug)]
pub struct BidderLine {
    /// The number in this auction.
    pub number: i64,
    /// The member's id.
    pub id: i64,
    /// The nickname.
    pub name: String,
    /// Whether the seller has blocked him.
    pub blocked: bool,
    /// What follows from blocking him.
    pub follows: Follows,
}

/// What follows from blocking a bidder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Follows {
    /// His bids are taken back, and the price may fall.
    PriceMayFall,
    /// He leads: everything begins anew, with a public reason, and on the seller's record.
    Afresh,
    /// He leads, and it is too late to take that back.
    LeadStays,
    /// Nothing but that he cannot bid any more.
    #[default]
    Nothing,
}

/// What an admin without a part in an auction can do with it while it runs.
#[derive(Clone, Debug, Default)]
pub struct AdminControls {
    /// A fresh key; each form adds its own name to it.
    pub key: String,
    /// Whether it runs; of one that is over only what was done about it can be read.
    pub runs: bool,
    /// Who has bid, newest first: an admin answers for whose bids he takes back, so he is told who that is.
    pub bidders: Vec<AdminBidder>,
    /// Which form was refused, by its last word: `cancel`, `take-back`.
    pub refused: &'static str,
    /// The sentence of that refusal, if it is not about the reason.
    pub fault: Option<String>,
    /// Why it is cancelled, as typed.
    pub cancelling: Field,
    /// The number of the bidder chosen, when the form was refused.
    pub chosen: Option<i64>,
    /// Why bids are taken back, as typed.
    pub taking: Field,
}

/// Someone who has bid, as an admin sees him.
#[derive(Clone, Debug)]
pub struct AdminBidder {
    /// The number in this auction.
    pub number: i64,
    /// The nickname.
    pub name: String,
    /// Whether he leads.
    pub leads: bool,
}

impl AdminControls {
    /// Whether it was this bidder who was chosen in the form that was refused.
    pub fn has_chosen(&self, bidder: &AdminBidder) -> bool {
        self.chosen == Some(bidder.number)
    }
}

impl SellerControls {
    /// Whether it was this bidder's form that was refused.
    pub fn refuses(&self, bidder: &BidderLine) -> bool {
        self.refused_bidder == Some(bidder.number)
    }
}

impl Extend {
    /// By how many hours the end can be moved.
    pub const HOURS: [i64; 5] = auction::EXTENSION_HOURS;

    /// The key of why it cannot be moved now.
    pub fn key(self) -> &'static str {
        match self {
            Self::Now => "extend-now",
            Self::TooEarly => "extend-early",
            Self::TooLate => "extend-late",
            Self::Twice => "extend-twice",
        }
    }
}

impl Follows {
    /// The key of what is said of it.
    pub fn key(self) -> &'static str {
        match self {
            Self::PriceMayFall => "block-price",
            Self::Afresh => "block-afresh",
            Self::LeadStays => "block-lead-stays",
            Self::Nothing => "block-nothing",
        }
    }
}
