//! The memory model of the engine's door: the same promises in a few maps. It is the model that the databases must
//! match, and what a simulator runs on.
//!
//! `Records`' writes have no place here; members are made with [`MemoryJournal::add_member`].

use std::collections::{BTreeMap, BTreeSet};

use auction::{Auction, AuctionId, Bidder, Event, Item, ItemId, OrderId, Seq, Time};
use ledger::{MemberId, TransferId};

use crate::Clock;
use crate::failure::{Failure, Result};
use crate::journal::{
    Due, FirstAnswer, Journal, KeptDeposit, KeptKey, Key, Loaded, MemberStanding, NewKey, NewOrder,
    NewTransfer, Next, Portion, Round, Wanted,
};

/// Everything a store keeps of the market.
#[derive(Clone, Debug, Default)]
pub struct Market {
    /// Wallets and suspensions.
    pub members: BTreeMap<MemberId, MemberStanding>,
    /// Who blocks whom.
    pub blocks: BTreeSet<(MemberId, MemberId)>,
    /// What is sold.
    pub items: BTreeMap<ItemId, Item>,
    /// As they stand.
    pub auctions: BTreeMap<AuctionId, Auction>,
    /// Members' parts.
    pub bidders: BTreeMap<(AuctionId, MemberId), Bidder>,
    /// All that happened.
    pub events: BTreeMap<(AuctionId, Seq), Event>,
    /// All that moved.
    pub transfers: BTreeMap<TransferId, NewTransfer>,
    /// All sales.
    pub orders: BTreeMap<OrderId, NewOrder>,
    /// All keys.
    pub keys: BTreeMap<Key, NewKey>,
    /// What to look at, and when.
    pub deadlines: BTreeMap<AuctionId, Time>,
    /// The last heartbeat.
    pub heartbeat: Option<Time>,
}

/// The engine's door on memory. It never suspends and never fails, but for what is planted.
pub struct MemoryJournal {
    /// What is kept.
    pub market: Market,
    /// Failures to come, the next first: taken by `keep`, which answers them instead of keeping (`Unknown` keeps or not
    /// as the second half says).
    pub planted: Vec<Planted>,
    clock: Clock,
    locked: bool,
}

/// A failure planted for the next `keep`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// None, this time.
    Nothing,
    /// The data is refused.
    Rejected,
    /// The store is away.
    Unavailable,
    /// The outcome is unknown, and the round is not kept.
    UnknownNotKept,
    /// The outcome is unknown, and the round is kept.
    UnknownKept,
}

impl MemoryJournal {
    /// An empty store.
    pub fn new(clock: Clock) -> MemoryJournal {
        MemoryJournal { market: Market::default(), planted: Vec::new(), clock, locked: false }
    }

    /// Makes a member without money.
    pub fn add_member(&mut self, member: MemberId) {
        self.market.members.insert(member, MemberStanding::default());
    }

    fn first_answer(&self, key: &NewKey) -> FirstAnswer {
        if let Some(transfer) = key.transfer.and_then(|id| self.market.transfers.get(&id)) {
            let (id, amount, at) = (transfer.id, transfer.transfer.amount, transfer.at);
            return FirstAnswer::Deposit(KeptDeposit { id, amount, at });
        }
        let event = key.event.and_then(|event| self.market.events.get(&event));
        let event = event.expect("a kept key points at a kept event or transfer").clone();
        FirstAnswer::Auction { event, order: key.order }
    }

    fn check(&self, round: &Round) -> Result<()> {
        for (before, auction) in &round.auctions {
            let stands = self.market.auctions.get(&auction.id).map(|stands| stands.seq);
            if stands != Some(*before) {
                return Err(rejected("an auction as it was locked"));
            }
        }
        let is_new = |event: &Event| !self.market.events.contains_key(&(event.auction, event.seq));
        if !round.events.iter().all(is_new) {
            return Err(rejected("a new event"));
        }
        let is_settled = |new: &NewOrder| self.market.orders.values().any(|old| old.auction == new.auction);
        if round.orders.iter().any(is_settled) {
            return Err(rejected("one settlement for each auction"));
        }
        if round.keys.iter().any(|new| self.market.keys.contains_key(&new.key)) {
            return Err(rejected("a new key"));
        }
        Ok(())
    }

    fn write(&mut self, round: &Round) {
        let market = &mut self.market;
        for (item, what, auction) in &round.listed {
            market.items.insert(*item, what.clone());
            market.auctions.insert(auction.id, auction.clone());
        }
        market.auctions.extend(round.auctions.iter().map(|(_, auction)| (auction.id, auction.clone())));
        market.orders.extend(round.orders.iter().map(|new| (new.order.id, *new)));
        market.transfers.extend(round.transfers.iter().map(|new| (new.id, *new)));
        for (member, wallet) in &round.wallets {
            market.members.entry(*member).or_default().wallet = *wallet;
        }
        market.bidders.extend(round.bidders.iter().map(|bidder| ((bidder.auction, bidder.member), *bidder)));
        market.events.extend(round.events.iter().map(|event| ((event.auction, event.seq), event.clone())));
        market.keys.extend(round.keys.iter().map(|new| (new.key.clone(), new.clone())));
        for (auction, deadline) in &round.deadlines {
            match deadline {
                Some(at) => market.deadlines.insert(*auction, *at),
                None => market.deadlines.remove(auction),
            };
        }
        market.heartbeat = round.heartbeat.or(market.heartbeat);
    }
}

impl Journal for MemoryJournal {
    async fn begin(&mut self, wanted: &Wanted) -> Result<Loaded> {
        assert!(!self.locked, "a round begins after the last one has ended");
        self.locked = true;
        let market = &self.market;
        let auctions: BTreeMap<AuctionId, Auction> =
            wanted.auctions.iter().filter_map(|id| Some((*id, market.auctions.get(id)?.clone()))).collect();
        let sellers = auctions.values().map(|auction| auction.seller);
        let leaders = auctions.values().filter_map(|auction| Some((auction.id, auction.leader?.member)));
        let parts = wanted.callers.iter().copied().chain(leaders.clone());
        let members = wanted.members.iter().copied().chain(sellers).chain(leaders.map(|(_, member)| member));
        let blocks = |part: &&(AuctionId, MemberId)| {
            let seller = auctions.get(&part.0).map(|auction| auction.seller);
            seller.is_some_and(|seller| market.blocks.contains(&(seller, part.1)))
        };
        let kept = |key: &Key| Some((key.clone(), market.keys.get(key)?));
        let kept = wanted.keys.iter().filter_map(kept).map(|(key, kept)| {
            (key, KeptKey { fingerprint: kept.fingerprint, first: self.first_answer(kept) })
        });
        Ok(Loaded {
            members: members.filter_map(|id| Some((id, *market.members.get(&id)?))).collect(),
            bidders: parts.filter_map(|part| Some((part, *market.bidders.get(&part)?))).collect(),
            blocked: wanted.callers.iter().filter(blocks).copied().collect(),
            keys: kept.collect(),
            next: Next {
                auction: market.auctions.last_key_value().map_or(1, |(id, _)| id.0 + 1),
                item: market.items.last_key_value().map_or(1, |(id, _)| id.0 + 1),
                order: market.orders.last_key_value().map_or(1, |(id, _)| id.0 + 1),
                transfer: market.transfers.last_key_value().map_or(1, |(id, _)| id.0 + 1),
            },
            heartbeat: market.heartbeat,
            now: (self.clock)(),
            auctions,
        })
    }

    async fn keep(&mut self, round: &Round) -> Result<()> {
        self.locked = false;
        self.check(round)?;
        let planted = (!self.planted.is_empty()).then(|| self.planted.remove(0));
        match planted {
            None | Some(Planted::Nothing) => self.write(round),
            Some(Planted::Rejected) => return Err(rejected("what was planted")),
            Some(Planted::Unavailable) => {
                return Err(Failure::Unavailable { doing: "keeping a round", source: "planted".into() });
            }
            Some(Planted::UnknownNotKept) => return Err(unknown()),
            Some(Planted::UnknownKept) => {
                self.write(round);
                return Err(unknown());
            }
        }
        Ok(())
    }

    async fn abandon(&mut self) {
        self.locked = false;
    }

    async fn due(
        &mut self,
        portion: Portion,
        after: Option<Due>,
        until: Time,
        limit: usize,
    ) -> Result<Vec<Due>> {
        let deadlines = self.market.deadlines.iter().map(|(auction, at)| Due { at: *at, auction: *auction });
        let is_wanted = |due: &Due| due.at <= until && Some(*due) > after && portion.holds(due.auction);
        let mut due: Vec<Due> = deadlines.filter(is_wanted).collect();
        due.sort();
        due.truncate(limit);
        Ok(due)
    }

    async fn heartbeat(&mut self) -> Result<Option<Time>> {
        Ok(self.market.heartbeat)
    }

    async fn beat(&mut self) -> Result<Time> {
        let now = (self.clock)();
        self.market.heartbeat = Some(now);
        Ok(now)
    }

    async fn records_wait(&mut self) {
        std::future::pending::<()>().await;
    }

    async fn serve_records(&mut self) {}
}

/// What a database would say of data it refuses.
fn rejected(what: &'static str) -> Failure {
    Failure::Rejected { doing: "keeping a round", source: what.into() }
}

fn unknown() -> Failure {
    Failure::Unknown { doing: "committing a round", source: "planted".into() }
}
