//! The engine's door: a round locks and reads what it names, decides, and is kept whole or not at all.
//!
//! Order of locks, everywhere: auctions, wallets, withdrawals, each by id; then the fees, pictures; then keys and blocks; then the clock. Orders and
//! offers need no locks of their own: whoever touches one holds its auction's. The time of
//! a round is read after the last lock. A [`Round`] without effects is abandoned, never committed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use auction::{
    Aftermath, Auction, AuctionId, Bidder, Event, Item, ItemId, Mark, Offer, Order, OrderId, OrderStep,
    PictureAddress, Seq, Time,
};
use ledger::{MemberId, Money, Transfer, TransferId, Wallet, WithdrawalId};

use crate::admin::{Act, Chore, ChoreId, Reference, Withdrawal};
use crate::debt::{Debt, Deposited};
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

    /// The auctions behind `after`, by number, at most `limit`, that are over and have an order with money in escrow or an
    /// open offer.
    async fn open_aftermaths(&mut self, after: AuctionId, limit: usize) -> Result<Vec<AuctionId>>;

    /// The auctions of a portion behind `after`, by number, at most `limit`, that stand as if they were due for nothing: they are
    /// not over, or have an order that is due or an open offer, and yet no deadline. There should be none. An auction that was
    /// listed within the last seconds, and not followed yet, may be missing.
    async fn forgotten(&mut self, portion: Portion, after: AuctionId, limit: usize)
    -> Result<Vec<AuctionId>>;

    /// The chores of a portion's auctions, oldest first, at most `limit`.
    async fn chores(&mut self, portion: Portion, limit: usize) -> Result<Vec<Chore>>;

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
    /// Who calls on which auction, or is concerned by a command there: his bidder's row and whether the seller blocks him.
    pub callers: Vec<(AuctionId, MemberId)>,
    /// Of which auctions, and how many, the bidders with the highest commitments that count are read: of equal ones the
    /// earlier first.
    pub rivals: Vec<(AuctionId, usize)>,
    /// Of which auctions the item's description is read, as the auction shows it.
    pub items: Vec<AuctionId>,
    /// The pictures that are listed, each by who must have uploaded it.
    pub pictures: Vec<(MemberId, PictureAddress)>,
    /// Who lists: whether too much stands on his record.
    pub listers: Vec<MemberId>,
    /// The withdrawals to be done or reversed.
    pub withdrawals: Vec<WithdrawalId>,
    /// The transfers by which came in what is to be taken back.
    pub deposits: Vec<TransferId>,
    /// Who wants money out: what he lacks. Whose withdrawals are wanted is looked at unasked.
    pub debtors: Vec<MemberId>,
    /// Whether the house's fees are looked at, and locked.
    pub fees: bool,
    /// What the money is known by outside that admins enter or take out.
    pub references: Vec<Reference>,
    /// The chores to be done.
    pub chores: Vec<ChoreId>,
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
    /// The wanted members, the leaders, the sellers, the buyers of the orders read and those to whom something is offered, as
    /// far as they exist.
    pub members: BTreeMap<MemberId, MemberStanding>,
    /// The rows of the wanted callers, of the leaders, of the wanted rivals, and of the members of the aftermaths read, where there
    /// are any.
    pub bidders: HashMap<(AuctionId, MemberId), Bidder>,
    /// The wanted callers whom the auction's seller has blocked.
    pub blocked: Vec<(AuctionId, MemberId)>,
    /// The items of the auctions for which they were wanted.
    pub items: BTreeMap<AuctionId, Item>,
    /// Those of the wanted pictures that he has uploaded, sorted; none of them is removed until the round has ended.
    pub pictures: Vec<(MemberId, PictureAddress)>,
    /// For each wanted auction that is over: its newest order and its offers.
    pub aftermaths: BTreeMap<AuctionId, Aftermath>,
    /// Those of the wanted listers on whose record stand [`crate::MARKS_TO_BAR`] marks of the last [`crate::MARKS_COUNT_FOR`], made since
    /// an admin last lifted them; marks as a buyer do not count.
    pub barred: BTreeSet<MemberId>,
    /// The wanted withdrawals that exist.
    pub withdrawals: BTreeMap<WithdrawalId, Withdrawal>,
    /// Those of the wanted transfers that are deposits, with what was taken back of them; no other lane takes back of them meanwhile.
    pub deposits: BTreeMap<TransferId, Deposited>,
    /// What those of the wanted debtors, and of the members of the wanted withdrawals, lack who lack anything.
    pub owed: BTreeMap<MemberId, Money>,
    /// What the house's account of fees holds, if it was wanted; no other lane takes from it meanwhile.
    pub fees: Money,
    /// Those of the wanted references that were used before.
    pub references: BTreeSet<Reference>,
    /// Those of the wanted chores that are still to be done, read under their auctions' locks.
    pub chores: BTreeSet<ChoreId>,
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
    /// Whether he is one.
    pub is_admin: bool,
    /// Whether he has left the market: nothing of his moves any more, and nothing comes to him.
    pub has_left: bool,
}

impl MemberStanding {
    /// Whether he may decide where the rules cannot: an admin who is not suspended.
    pub fn acts_as_admin(&self) -> bool {
        self.is_admin && !self.suspended
    }
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
    /// For a withdrawal.
    pub withdrawal: i64,
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
    /// A leader's raise that nobody sees: the auction's newest event then, with its figures, and his maximum from the key.
    Silent {
        /// The event.
        event: Event,
        /// The maximum.
        maximum: Money,
    },
    /// A step of an order.
    Order(OrderStep),
    /// Nothing that others can see, on this auction: its newest event then.
    Quiet(Event),
    /// A deposit, from its transfer.
    Deposit(KeptDeposit),
    /// A withdrawal as it was first requested.
    Withdrawal(KeptWithdrawal),
    /// What was taken back of a deposit.
    Reversal(KeptReversal),
    /// Fees that were taken out, from their transfer.
    Fees(KeptFees),
}

/// A taking back as it was first answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptReversal {
    /// The deposit's transfer.
    pub deposit: TransferId,
    /// How much was taken then.
    pub taken: Money,
    /// What was missing afterwards.
    pub missing: Money,
    /// When.
    pub at: Time,
}

/// Fees as they were taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptFees {
    /// The transfer's number.
    pub id: TransferId,
    /// How much.
    pub amount: Money,
    /// When.
    pub at: Time,
}

/// A withdrawal as it was requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptWithdrawal {
    /// Its number.
    pub id: WithdrawalId,
    /// How much.
    pub amount: Money,
    /// When.
    pub at: Time,
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
    /// New auctions of items that were auctioned before.
    pub relisted: Vec<Auction>,
    /// Descriptions that changed.
    pub items: Vec<(ItemId, Item)>,
    /// How items that are auctioned again were described until then: their old auctions keep these words for ever.
    pub history: Vec<(AuctionId, Item)>,
    /// Each changed auction once, as it stands afterwards, with the `seq` it had before; that is the same if the change is
    /// silent, and then no follower hears of it.
    pub auctions: Vec<(Seq, Auction)>,
    /// In order; within an auction without a gap.
    pub events: Vec<Event>,
    /// Each changed wallet once.
    pub wallets: Vec<(MemberId, Wallet)>,
    /// Each changed bidder's row once.
    pub bidders: Vec<Bidder>,
    /// In order of their numbers.
    pub transfers: Vec<NewTransfer>,
    /// Each new or changed order once, as it stands afterwards, with the `seq` it had before; none if it is new.
    pub orders: Vec<(Option<i64>, Order)>,
    /// In order; within an order without a gap.
    pub steps: Vec<OrderStep>,
    /// Each new or changed offer once, as it stands afterwards.
    pub offers: Vec<Offer>,
    /// What was written on records.
    pub marks: Vec<Mark>,
    /// Each new or changed withdrawal once, as it stands afterwards.
    pub withdrawals: Vec<Withdrawal>,
    /// Each deposit of which was taken back, as it stands afterwards: in however many steps, one row stands for it.
    pub debts: Vec<Debt>,
    /// What admins did.
    pub acts: Vec<Act>,
    /// Whose bids were taken back where no event tells it; whoever follows tells them.
    pub removals: BTreeSet<(AuctionId, MemberId)>,
    /// The chores that were done, or found undoable.
    pub chores_done: Vec<ChoreId>,
    /// The keys of the accepted commands.
    pub keys: Vec<NewKey>,
    /// When to look at an auction next; `None`: never again.
    pub deadlines: Vec<(AuctionId, Option<Time>)>,
    /// Which money came in or went out, if any did: from its first deposit on a store holds that kind for ever, and keeps no round
    /// that moves another.
    pub money: Option<Nature>,
    /// The heartbeat, if this round carries it.
    pub heartbeat: Option<Time>,
}

/// Which kind of money a store holds, from its first deposit for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// Play money, which is never paid out.
    Demo,
    /// Money that came from outside.
    Real,
}

impl Nature {
    /// The word that a store keeps.
    pub const fn name(self) -> &'static str {
        match self {
            Nature::Demo => "demo",
            Nature::Real => "real",
        }
    }
}

impl Round {
    /// Whether there is nothing to keep.
    pub fn is_empty(&self) -> bool {
        let is_still = self.events.is_empty() && self.transfers.is_empty() && self.deadlines.is_empty();
        let is_quiet = self.auctions.is_empty() && self.bidders.is_empty() && self.steps.is_empty();
        let is_undone = self.chores_done.is_empty() && self.debts.is_empty();
        is_still && is_quiet && is_undone && self.heartbeat.is_none()
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
    /// The transfer that answers: what came in or went out, or the deposit that was taken back.
    pub transfer: Option<TransferId>,
    /// Which of the kinds of first answers it is; says which of the others are there.
    pub kind: AnswerKind,
    /// The step of the order that answers.
    pub step: Option<i64>,
    /// The maximum of a silent raise.
    pub maximum: Option<Money>,
    /// The withdrawal that answers.
    pub withdrawal: Option<WithdrawalId>,
    /// What was taken back of a deposit.
    pub taken: Option<Money>,
    /// What was missing of it afterwards.
    pub missing: Option<Money>,
    /// When.
    pub at: Time,
}

/// Which kind of first answer a key was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AnswerKind {
    /// An event, and perhaps an order.
    #[default]
    Auction,
    /// A transfer.
    Deposit,
    /// An event and a maximum.
    Silent,
    /// An order and a step.
    Order,
    /// An event that was there before.
    Quiet,
    /// A withdrawal.
    Withdrawal,
    /// A deposit's transfer, and what was taken back of it.
    Reversal,
    /// A transfer.
    Fees,
}

impl AnswerKind {
    /// Every kind, in the order of their numbers in a store.
    pub const ALL: [AnswerKind; 8] = [
        AnswerKind::Auction,
        AnswerKind::Deposit,
        AnswerKind::Silent,
        AnswerKind::Order,
        AnswerKind::Quiet,
        AnswerKind::Withdrawal,
        AnswerKind::Reversal,
        AnswerKind::Fees,
    ];
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
