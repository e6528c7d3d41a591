//! Watchlists: what members have marked to come back to, and how many have marked it.

use auction::{AuctionId, Span};

/// How many auctions stand on one member's watchlist at the most.
pub const WATCHED_MAX: usize = 500;

/// At how many the counting of the watchlists on which an auction stands ends: so many means so many or more.
pub const WATCHLISTS_COUNTED_MAX: usize = 100;

/// So long before its end those who watch an auction or have bid are told that it ends soon.
pub const ENDING_SOON: Span = Span::minutes(10);

/// On whose watchlists an auction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heart {
    /// Which auction.
    pub auction: AuctionId,
    /// On how many, counted up to [`WATCHLISTS_COUNTED_MAX`].
    pub watchlists: i64,
    /// Whether on that of the member who asks.
    pub is_watched: bool,
}

/// Why an auction was not put on a watchlist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WatchRefused {
    /// There is no such auction.
    NoAuction,
    /// [`WATCHED_MAX`] stand there already.
    Full,
}
