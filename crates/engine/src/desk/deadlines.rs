//! When to look next at an auction, or at what came after it, as what was decided leaves them.

use auction::{Auction, Command, Effects, Refusal, Time};

use super::Desk;
use crate::call::Call;
use crate::mailbox::Asked;

impl Desk<'_> {
    /// A late bid moves the end without touching the deadline: it stays a lower bound, and the closer arms it again.
    /// Everything else that changes when to look next is armed here.
    pub(super) fn arm(&mut self, effects: &Effects) {
        let auction = &effects.auction;
        let looks = |auction: &Auction| (auction.status, auction.extensions, auction.terms, auction.afresh);
        let is_new_time = self.auctions.get(&auction.id).map(looks) != Some(looks(auction));
        if is_new_time || !effects.orders.is_empty() || !effects.offers.is_empty() {
            self.round.deadlines.push((auction.id, self.deadline(auction)));
        }
    }

    /// When to look at an auction next, or at what came after it.
    fn deadline(&self, auction: &Auction) -> Option<Time> {
        let after = || self.aftermaths.get(&auction.id).and_then(auction::aftermath_deadline);
        auction.deadline().or_else(after)
    }

    /// The closer came early, or too late: what it knew is put right.
    pub(super) fn arm_again(&mut self, asked: &Asked, refusal: &Refusal) {
        let Call::Auction { auction, command: Command::Close } = &asked.call else {
            return;
        };
        if matches!(refusal, Refusal::NotDue | Refusal::Closed { .. }) {
            let deadline = self.auctions.get(auction).and_then(|auction| self.deadline(auction));
            self.round.deadlines.push((*auction, deadline));
        }
    }
}
