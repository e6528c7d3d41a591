//! Watchlists: what members have marked to come back to, and how many have marked it.

use async_trait::async_trait;
use auction::{AuctionId, Span, Time};
use ledger::MemberId;

use super::{ListingRow, Page, Paged};
use crate::failure::Result;

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
    /// The member has left, or there is none.
    Left,
}

/// The part of the web's door that is about watchlists.
#[async_trait]
pub trait WatchRecords: Send + Sync {
    /// Puts an auction on a member's watchlist; again changes nothing.
    async fn watch(
        &self,
        member: MemberId,
        auction: AuctionId,
        at: Time,
    ) -> Result<std::result::Result<(), WatchRefused>>;
    /// Takes an auction off a member's watchlist, if it stands there.
    async fn unwatch(&self, member: MemberId, auction: AuctionId) -> Result<()>;
    /// On how many watchlists each of these auctions stands, and whether on that of `member`, in the order asked for.
    /// Callers ask for what stands on one page.
    async fn hearts(&self, auctions: &[AuctionId], member: Option<MemberId>) -> Result<Vec<Heart>>;
    /// What a member watches, as it stands: what is not over by its end, soonest first, then what is over, latest first.
    async fn watched(&self, member: MemberId, page: Page) -> Result<Paged<ListingRow>>;
    /// Those of these auctions that are listed, as listed, in no order; at most [`super::PAGE_ROWS_MAX`] are looked at.
    async fn listed(&self, auctions: &[AuctionId]) -> Result<Vec<ListingRow>>;
}
