//! The memory model under test, with a model of its own for what the web's door writes.

use auction::{AuctionId, Hand};
use ledger::MemberId;
use store::memory::{Market, MemoryJournal};
use store::{Chore, ChoreId};

use super::deed::{Deed, address};
use super::history::History;
use super::{HandClock, UnderTest};

/// The memory model; what it kept waits here while it is closed.
pub struct Memory {
    clock: HandClock,
    kept: Market,
    chores: i64,
}

impl Memory {
    /// An empty one.
    pub fn new(clock: &HandClock) -> Memory {
        Memory { clock: clock.clone(), kept: Market::default(), chores: 0 }
    }

    /// What it kept, once it is closed.
    pub fn kept(&self) -> &Market {
        &self.kept
    }

    fn chore(
        &mut self,
        market: &mut Market,
        auction: AuctionId,
        rest: (Option<MemberId>, Hand, Option<&str>),
    ) {
        self.chores += 1;
        let (id, (member, by, reason)) = (ChoreId(self.chores), rest);
        let chore = Chore { id, auction, member, by, reason: reason.map(str::to_owned) };
        market.chores.insert(id, chore);
    }

    /// One chore for each auction that is not over or may still be offered, where the member's bids count, of this seller or of
    /// all; none where the seller's own with a reason waits already.
    fn take_back(
        &mut self,
        market: &mut Market,
        member: MemberId,
        seller: Option<MemberId>,
        reason: Option<&str>,
    ) {
        let now = self.clock.now();
        let counts = |auction: &&auction::Auction| {
            let bidder = market.bidders.get(&(auction.id, member));
            let is_his = seller.is_none_or(|seller| seller == auction.seller);
            let goes_on = auction.outcome.is_none() || market.aftermath(auction.id).may_offer(now);
            let waits = |chore: &Chore| {
                let is_same = chore.auction == auction.id && chore.member == Some(member);
                is_same && chore.reason.is_some() && seller.map(Hand::Seller) == Some(chore.by)
            };
            let is_told = market.chores.values().any(waits);
            is_his && goes_on && !is_told && bidder.is_some_and(|bidder| bidder.counts_in(auction))
        };
        let auctions: Vec<AuctionId> =
            market.auctions.values().filter(counts).map(|auction| auction.id).collect();
        for auction in auctions {
            let by = seller.map_or(Hand::House, Hand::Seller);
            self.chore(market, auction, (Some(member), by, reason));
        }
    }

    fn cancel_his(&mut self, market: &mut Market, seller: MemberId) {
        let own = market.auctions.values().filter(|one| one.seller == seller && one.outcome.is_none());
        let own: Vec<AuctionId> = own.map(|auction| auction.id).collect();
        for auction in own {
            self.chore(market, auction, (None, Hand::House, None));
        }
    }

    fn change(&mut self, market: &mut Market, deed: &Deed) -> bool {
        match deed {
            Deed::Suspend(member) => {
                let Some(standing) = market.members.get_mut(member) else { return false };
                if std::mem::replace(&mut standing.suspended, true) {
                    return false;
                }
                self.take_back(market, *member, None, None);
                self.cancel_his(market, *member);
                true
            }
            Deed::Restore(member) => market
                .members
                .get_mut(member)
                .is_some_and(|standing| std::mem::replace(&mut standing.suspended, false)),
            Deed::SetAdmin(member, is_admin) => market
                .members
                .get_mut(member)
                .is_some_and(|standing| std::mem::replace(&mut standing.is_admin, *is_admin) != *is_admin),
            Deed::LiftMarks(member) => {
                let lifted = market.marks_lifted.entry(*member).or_insert(self.clock.now());
                *lifted = self.clock.now().max(*lifted);
                true
            }
            Deed::Block { seller, member, reason } => {
                if market.blocks.insert((*seller, *member)) || reason.is_some() {
                    self.take_back(market, *member, Some(*seller), reason.as_deref());
                }
                true
            }
            Deed::Upload(member, number) => {
                market.uploads.insert((*member, address(*number)));
                true
            }
            Deed::Unblock { seller, member } => {
                market.blocks.remove(&(*seller, *member));
                true
            }
        }
    }
}

impl UnderTest for Memory {
    type Journal = MemoryJournal;

    async fn open(&mut self) -> MemoryJournal {
        let mut journal = MemoryJournal::new(self.clock.clock());
        journal.market = std::mem::take(&mut self.kept);
        journal
    }

    fn close(&mut self, journal: &mut MemoryJournal) {
        self.kept = std::mem::take(&mut journal.market);
    }

    async fn add_member(&mut self, journal: &mut MemoryJournal) -> MemberId {
        let member = MemberId(journal.market.members.len() as i64 + 1);
        journal.add_member(member);
        member
    }

    async fn perform(&mut self, journal: &mut MemoryJournal, deed: &Deed) -> bool {
        let has_changed = self.change(&mut journal.market, deed);
        if has_changed {
            journal.market.acts.extend(deed.act(self.clock.now()));
        }
        has_changed
    }

    async fn history(&mut self, journal: &mut MemoryJournal) -> History {
        History::of(&journal.market)
    }
}
