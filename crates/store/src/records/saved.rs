//! Saved searches: what members look for again and again, and who hears that something new fits.
//!
//! What is new is what has arrived: an auction arrives when it is first listed as open, and arrivals are numbered in the
//! order in which that was kept. Up to which of them a search was looked at stands with it, and is moved on only from where
//! it was read: however often and by however many it is looked at, each arrival counts once.

use async_trait::async_trait;
use auction::{AuctionId, Span, Time};
use ledger::MemberId;

use super::{Followed, Search};
use crate::failure::Result;

/// How many searches one member keeps at the most.
pub const SAVED_SEARCHES_MAX: usize = 20;

/// How many searches are looked at together.
pub const SEARCHES_TOGETHER_MAX: usize = 64;

/// How many arrivals one look at a search goes through; the next look goes on behind them.
pub const ARRIVALS_LOOKED_AT_MAX: usize = 250;

/// How many arrivals are kept, the newest; a search that was left behind farther passes over the rest.
pub const ARRIVALS_KEPT: i64 = 10_000;

/// Of one search a member is told no more often than this; what comes in between is counted together.
pub const TOLD_AGAIN_AFTER: Span = Span::hours(1);

/// A search that a member wants to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSearch {
    /// Who.
    pub member: MemberId,
    /// What it is called.
    pub name: String,
    /// The search as the market's address has it; by this it is the same or another.
    pub query: String,
    /// When.
    pub at: Time,
}

/// A search that a member keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedSearch {
    /// Its number.
    pub id: i64,
    /// Whose.
    pub member: MemberId,
    /// What it is called.
    pub name: String,
    /// The search as the market's address has it.
    pub query: String,
    /// Since when.
    pub created_at: Time,
    /// How many that fit have come since the member last opened it.
    pub fresh: i64,
    /// Up to which arrival it was looked at.
    pub seen: i64,
}

/// Why a search was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveRefused {
    /// [`SAVED_SEARCHES_MAX`] others are kept already.
    Full,
    /// The member has left, or there is none.
    Left,
}

/// What a look at a search found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Which search.
    pub search: i64,
    /// Up to which arrival it was looked at before.
    pub before: i64,
    /// Up to which arrival it is looked at now.
    pub after: i64,
    /// How many of these fit.
    pub found: i64,
    /// The newest that fits.
    pub newest: Option<AuctionId>,
}

impl Look {
    /// A look that has not found anything yet.
    pub const fn of(saved: &SavedSearch) -> Look {
        Look { search: saved.id, before: saved.seen, after: saved.seen, found: 0, newest: None }
    }
}

/// What a notice says of the search that it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchTold {
    /// Which search.
    pub id: i64,
    /// How many new things fit.
    pub count: i64,
}

/// The part of the web's door that is about saved searches.
#[async_trait]
pub trait SavedRecords: Send + Sync {
    /// Keeps a search; one that is kept already stays as it is.
    async fn save_search(&self, new: NewSearch) -> Result<std::result::Result<SavedSearch, SaveRefused>>;
    /// A member's searches, newest first.
    async fn saved_searches(&self, member: MemberId) -> Result<Vec<SavedSearch>>;
    /// Forgets a member's search; false if he keeps none of that number.
    async fn remove_search(&self, member: MemberId, id: i64) -> Result<bool>;
    /// A member opens his search: what has come for it is not new any more. As it was before.
    async fn open_search(&self, member: MemberId, id: i64) -> Result<Option<SavedSearch>>;
    /// The searches for which something may have come or of which something is to be told as of `now`, those left farthest
    /// behind first, at most [`SEARCHES_TOGETHER_MAX`] of each.
    async fn searches_behind(&self, now: Time) -> Result<Vec<SavedSearch>>;
    /// Looks through the next arrivals for what a kept search finds, which its query means. What the member sells himself,
    /// and what is sold by whoever blocks him, is passed over.
    async fn look(&self, saved: SavedSearch, search: Search) -> Result<Look>;
    /// Keeps what looks have found and tells the members of it, each of one search at most once in [`TOLD_AGAIN_AFTER`]; a
    /// look at a search that another call has looked at meanwhile counts nothing.
    async fn keep_looks(&self, looks: Vec<Look>, now: Time) -> Result<Followed>;
}
