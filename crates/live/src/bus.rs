//! The bus: carries what a round committed from the engine to the hubs. No truth lies in it: it may drop, repeat and
//! reorder, for everything it carries names its auction and number, or its version.
//!
//! To the node's own hub the facts themselves are told ([`LocalBus`]). Other nodes get a hint that something changed
//! ([`Hints`]), carried by a [`RedisBus`] if there is one, and read what changed from the store.

mod hint;
mod hints;
mod local;
mod redis;

use auction::{Auction, Event, Time};
use ledger::{MemberId, Wallet};

pub use self::redis::{BusAddress, NoBusAddress, RedisBus};
pub use hints::{BusFigures, Hints};
pub use local::LocalBus;

/// What one committed round has to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The time of the round.
    pub at: Time,
    /// Each auction that changed, once.
    pub auctions: Vec<ToldAuction>,
    /// Each wallet that changed, as it stands after the round.
    pub wallets: Vec<(MemberId, Wallet)>,
}

/// What a round did to one auction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldAuction {
    /// As it stands after the round.
    pub auction: Auction,
    /// What happened, in order and without a gap, up to and with `auction.seq`.
    pub events: Vec<Event>,
}
