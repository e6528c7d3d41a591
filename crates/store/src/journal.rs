//! The engine's door: a round locks and reads what it names, decides, and is kept whole or not at all.
//!
//! Order of locks, everywhere: auctions, orders, wallets, each by id; then keys and blocks; then the clock. The time of
//! a round is read after the last lock. A [`Round`] without effects is abandoned, never committed.

use std::collections::{BTreeMap, HashMap};

use auction::{Auction, AuctionId, Bidder, Event, Item, ItemId, Order, OrderId, Seq, Time};
use ledger::{MemberId, Money, Transfer, TransferId, Wallet};

use crate::failure::Result;

/// The engine's door. Used by one lane at a time; a store that never suspends may answer at once.
#[expect(
    async_fn_in_trait,
    reason = "statically dispatched, driven by one lane on its own thread or by a simulator"
)]
pub trait Journal {
    /// Locks and reads what a round needs. A wallet is read for every caller, leader and seller.
    async fn begin(&mut self, wanted: &Wanted) -> Result<Loaded>;

    /// Writes the round and commits it with full durability, after every row count was checked.
    ///
    /// # Errors
    /// `Rejected` and `Unavailable`: nothing was kept. `Unknown`: begin the same round again.
    async fn keep(&mut self, round: &Round) -> Result<()>;

    /// Ends a round that has no effects.
    async fn abandon(&mut self);

    /// The auctions of a portion whose deadline is at or before `until` and comes behind `after`, soonest first, at most
    /// `limit`: however much is due in other portions, it takes none of the room.
    async fn due(
        &mut self,
        portion: Portion,
        after: Option<Due>,
        until: Time,
        limit: usize,
    ) -> Result<Vec<Due>>;

    /// The last heartbeat kept, or `None` in a new store.
    async fn heartbeat(&mut self) -> Result<Option<Time>>;

    /// Reads the clock and keeps it as the heartbeat, in a transaction of its own.
    async fn beat(&mut self) -> Result<Time>;

    /// After a failure: waits a little, and says whether asking again makes sense. False where only a new process can tell
    /// what became of a commit, as on a store in our own hands; true for a store elsewhere, which will be there again.
    async fn regain(&mut self) -> bool {
        false
    }

    /// Resolves when `Records`' writes wait to be served by this writer; never, if they have a way of their own.
    /// Dropping the future loses nothing.
    async fn records_wait(&mut self);

    /// Serves what waits of `Records`' writes, in one transaction, and answers them.
    async fn serve_records(&mut self);
}

/// What a round must lock and read. Every list is sorted and holds nothing twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The auctions of its commands.
    pub auctions: Vec<AuctionId>,
    /// The members who call, and those whose wallets a commit of unknown outcome may have changed.
    pub members: Vec<MemberId>,
    /// Who calls on which auction: his bidder's row and whether the seller blocks him.
    pub callers: Vec<(AuctionId, MemberId)>,
    /// The commands' keys.
    pub keys: Vec<Key>,
}

/// What stood when the last lock was granted.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// Read after the last lock.
    pub now: Time,
    /// The last heartbeat kept.
    pub heartbeat: Option<Time>,
    /// The wanted auctions that exist.
    pub auctions: BTreeMap<AuctionId, Auction>,
    /// The wanted members, the leaders and the sellers, as far as they exist.
    pub members: BTreeMap<MemberId, MemberStanding>,
    /// The rows of the wanted callers and of the leaders, where there are any.
    pub bidders: HashMap<(AuctionId, MemberId), Bidder>,
    /// The wanted callers whom the auction's seller has blocked.
    pub blocked: Vec<(AuctionId, MemberId)>,
    /// The wanted keys that were kept before.
    pub keys: HashMap<Key, KeptKey>,
    /// The numbers this round may give out.
    pub next: Next,
}

/// What the rules ask about a member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemberStanding {
    /// His two accounts; empty if he never had money.
    pub wallet: Wallet,
    /// By an admin.
    pub suspended: bool,
}

/// The first free number of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Next {
    /// For an auction.
    pub auction: i64,
    /// For an item.
    pub item: i64,
    /// For an order.
    pub order: i64,
    /// For a transfer.
    pub transfer: i64,
}

/// An idempotency key in its scope: it speaks only for the member who sent it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Up to 64 visible ASCII characters, stored raw.
    pub text: Box<str>,
    /// Whose it is.
    pub member: MemberId,
}

/// What a key stands for, if it was kept: which call it belongs to, and what that call was first answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptKey {
    /// Of call, target and values.
    pub fingerprint: i64,
    /// The first answer, rebuilt from what was kept then.
    pub first: FirstAnswer,
}

/// What an accepted command was answered, and is answered again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FirstAnswer {
    /// The command's first event, with the auction's figures after it, and the order that a sale opened.
    Auction {
        /// The event.
        event: Event,
        /// The order, after a sale.
        order: Option<OrderId>,
    },
    /// A deposit, from its transfer.
    Deposit(KeptDeposit),
}

/// A deposit as it was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptDeposit {
    /// The transfer's number.
    pub id: TransferId,
    /// How much.
    pub amount: Money,
    /// When.
    pub at: Time,
}

/// All that a round changes. Kept whole or not at all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Round {
    /// The time of the round.
    pub now: Time,
    /// New items with their new auctions.
    pub listed: Vec<(ItemId, Item, Auction)>,
    /// Each changed auction once, as it stands afterwards, with the `seq` it had before.
    pub auctions: Vec<(Seq, Auction)>,
    /// In order; within an auction without a gap.
    pub events: Vec<Event>,
    /// Each changed wallet once.
    pub wallets: Vec<(MemberId, Wallet)>,
    /// Each changed bidder's row once.
    pub bidders: Vec<Bidder>,
    /// In order of their numbers.
    pub transfers: Vec<NewTransfer>,
    /// Each sale's order.
    pub orders: Vec<NewOrder>,
    /// The keys of the accepted commands.
    pub keys: Vec<NewKey>,
    /// When to look at an auction next; `None`: never again.
    pub deadlines: Vec<(AuctionId, Option<Time>)>,
    /// The heartbeat, if this round carries it.
    pub heartbeat: Option<Time>,
}

impl Round {
    /// Whether there is nothing to keep.
    pub fn is_empty(&self) -> bool {
        let is_still = self.events.is_empty() && self.transfers.is_empty() && self.deadlines.is_empty();
        is_still && self.heartbeat.is_none()
    }
}

/// A transfer with its number and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewTransfer {
    /// Its number.
    pub id: TransferId,
    /// What moved.
    pub transfer: Transfer,
    /// The order it paid, if any.
    pub order: Option<OrderId>,
    /// When.
    pub at: Time,
}

/// An order with its auction's facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewOrder {
    /// Buyer and price.
    pub order: Order,
    /// Of which auction.
    pub auction: AuctionId,
    /// Who is paid.
    pub seller: MemberId,
    /// When.
    pub at: Time,
}

/// A key to be kept with the command it let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    /// The key in its scope.
    pub key: Key,
    /// Of call, target and values.
    pub fingerprint: i64,
    /// The event that answers, by auction and number.
    pub event: Option<(AuctionId, Seq)>,
    /// The order that answers.
    pub order: Option<OrderId>,
    /// The transfer that answers.
    pub transfer: Option<TransferId>,
    /// When.
    pub at: Time,
}

/// The auctions of one lane among several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Portion {
    index: i64,
    portions: i64,
}

impl Portion {
    /// Every auction.
    pub const WHOLE: Portion = Portion { index: 0, portions: 1 };

    /// The portion with this index, from 0 on, of so many.
    ///
    /// # Panics
    /// If there are not so many.
    pub fn of(index: usize, portions: usize) -> Portion {
        assert!(index < portions, "portion {index} of {portions}");
        Portion { index: index as i64, portions: portions as i64 }
    }

    /// In which of so many portions a number lies. The stores' statements say the same.
    pub fn index_of(number: i64, portions: usize) -> usize {
        number.rem_euclid(portions as i64) as usize
    }

    /// Whether an auction lies in it.
    pub fn holds(self, auction: AuctionId) -> bool {
        auction.0.rem_euclid(self.portions) == self.index
    }

    /// From 0 on.
    pub fn index(self) -> i64 {
        self.index
    }

    /// How many there are.
    pub fn portions(self) -> i64 {
        self.portions
    }
}

/// An auction to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// When, at the earliest.
    pub at: Time,
    /// Which.
    pub auction: AuctionId,
}
