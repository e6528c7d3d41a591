//! A bidder: a member's part in one auction, with the most he committed himself to and since when.

use ledger::{AuctionId, MemberId, Money};

use crate::Seq;
use crate::auction::Auction;
use crate::time::{Span, Time};

/// How many accepted bids that do not take the lead a member may make in an auction within [`VAIN_WINDOW`] (rules §2).
pub const VAIN_BIDS_MAX: usize = 20;

/// Within how long they are counted.
pub const VAIN_WINDOW: Span = Span::hours(1);

/// A member's part in one auction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bidder {
    /// Of which auction.
    pub auction: AuctionId,
    /// Who.
    pub member: MemberId,
    /// Bidder 1, 2, … there.
    pub number: i64,
    /// The highest amount or maximum he committed himself to. The leader's is hidden as far as it lies above the price.
    pub commitment: Money,
    /// The auction's newest event when he did so, his own if it has one: of two equal commitments the earlier comes first.
    pub since: Seq,
    /// The highest amount he named himself since the auction was listed or last started afresh; nothing if he never did.
    pub named: Money,
    /// What is held of his money for it now: his commitment while he leads, else nothing.
    pub hold: Money,
    /// Whether his commitment counts no more: taken back, or, after the sale, fallen through, declined or lapsed.
    pub is_out: bool,
    /// When he last made accepted bids that did not take the lead: at most [`VAIN_BIDS_MAX`], oldest first.
    pub vain: Vec<Time>,
}

impl Bidder {
    /// Whether his commitment still counts in this auction.
    pub fn counts_in(&self, auction: &Auction) -> bool {
        !self.is_out && self.since > auction.afresh
    }
}
