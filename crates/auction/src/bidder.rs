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

    /// After how long the next bid is taken, if too many of the last ones did not take the lead.
    pub(crate) fn next_bid_after(&self, now: Time) -> Option<Span> {
        let mut counted = self.vain.iter().filter(|at| now.since(**at) < VAIN_WINDOW);
        let oldest = counted.nth_back(VAIN_BIDS_MAX.saturating_sub(1))?;
        Some(oldest.plus(VAIN_WINDOW).since(now))
    }

    /// He committed himself to so much; what he committed himself to before stands as it was unless this is more.
    pub(crate) fn commit(&mut self, commitment: Money, since: Seq) {
        if commitment > self.commitment {
            self.commitment = commitment;
            self.since = since;
        }
    }

    /// He named an amount, if he did.
    pub(crate) fn name(&mut self, amount: Option<Money>) {
        self.named = amount.map_or(self.named, |amount| amount.max(self.named));
    }

    /// An accepted bid did not take the lead.
    pub(crate) fn bid_in_vain(&mut self, now: Time) {
        self.vain.retain(|at| now.since(*at) < VAIN_WINDOW);
        self.vain.push(now);
        let more = self.vain.len().saturating_sub(VAIN_BIDS_MAX);
        self.vain.drain(..more);
    }
}
