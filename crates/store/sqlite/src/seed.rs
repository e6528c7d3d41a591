//! The seed: fills an empty store with members, money and auctions, so that a large market can be tried at once.
//!
//! What it writes is what the doors would have written: auctions as the rules list them, deposits with their transfers
//! and wallets, listings with their words; an audit finds nothing. The same plan gives the same store. It writes on a
//! connection of its own, so nobody may serve the store meanwhile; a seed that was broken off leaves a store that is
//! not empty, to be thrown away. Cost: about 60 µs for each auction, and a transaction for some tens of thousands of them.

mod chance;
mod goods;
mod writing;

use std::path::Path;

use auction::{
    AuctionId, Condition, DEFAULT_LADDER, Item, ItemId, Ladder, Listing, ListingLimits, ListingStanding,
    SOFT_CLOSE_MINUTES, ShippingPayer, Span, Time,
};
use ledger::{DEPOSIT_LIMIT, MemberId, PartsPerMillion};
use rusqlite::Connection;
use store::{Failure, Result};

use self::chance::Chance;
use self::writing::{Places, Writing};
use crate::connection::{FILE_NAME, open_writer, truncate_log};
use crate::copy::refuse_half;
use crate::failure::before_commit;
use crate::migrate::migrate;

/// How many members or auctions share a transaction.
const TOGETHER: u64 = 50_000;

/// The most members, and the most auctions, that a seed makes.
pub const SEEDED_MAX: u64 = 100_000_000;

/// How long before now the first of them joined, and the first was listed.
const JOINED_BEFORE: Span = Span::days(60);
const LISTED_BEFORE: Span = Span::days(2);

/// What to fill a store with.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// How many auctions, all open, ending over the next one to seven days.
    pub auctions: u64,
    /// How many members, called `member1`, `member2`, …, each with money; at least one if there are auctions.
    pub members: u64,
    /// The moment it is made for.
    pub now: Time,
    /// Where chance begins.
    pub seed: u64,
    /// The hash of every member's password.
    pub password_hash: &'a str,
}

/// How far a seed has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seeded {
    /// So many members are there.
    pub members: u64,
    /// So many auctions.
    pub auctions: u64,
}

/// Fills the store in `folder`, making it first if there is none; tells `progress` after each transaction.
///
/// # Errors
/// If the store is not empty, the plan asks for more than [`SEEDED_MAX`] or for auctions without a seller, or the
/// folder cannot be written.
pub fn seed(folder: &Path, plan: &Plan<'_>, progress: &mut dyn FnMut(Seeded)) -> Result<()> {
    let doing = "seeding the store";
    let refuse = |words: &str| Failure::Rejected { doing, source: words.into() };
    if plan.members.max(plan.auctions) > SEEDED_MAX || (plan.members == 0 && plan.auctions > 0) {
        return Err(refuse("it asks for too much, or for auctions that nobody sells"));
    }
    let mut connection = open_writer(&folder.join(FILE_NAME))?;
    migrate(&mut connection)?;
    refuse_half(&connection)?;
    if !writing::is_empty(&connection).map_err(before_commit(doing))? {
        return Err(refuse("it is not empty"));
    }
    fill(&mut connection, plan, progress).map_err(before_commit(doing))?;
    truncate_log(&connection)
}

/// Members and their money, then auctions, a transaction for some of them at a time.
fn fill(
    connection: &mut Connection,
    plan: &Plan<'_>,
    progress: &mut dyn FnMut(Seeded),
) -> rusqlite::Result<()> {
    // A commit is made safe by the checkpoint behind it; nobody waits for an answer here.
    connection.pragma_update(None, "synchronous", "normal")?;
    let mut sower = Sower {
        plan,
        chance: Chance::new(plan.seed),
        places: Places::read(connection)?,
        limits: ListingLimits {
            minimum_duration: Span::minutes(10),
            ladder: Ladder::parse(DEFAULT_LADDER).expect("the default is a ladder"),
            fee_rate: PartsPerMillion::default(),
        },
        transfers: 0,
    };
    let mut seeded = Seeded::default();
    while seeded.members < plan.members {
        let upto = plan.members.min(seeded.members + TOGETHER);
        together(connection, |writing| {
            (seeded.members + 1..=upto).try_for_each(|id| sower.member(writing, id))
        })?;
        seeded.members = upto;
        progress(seeded);
    }
    while seeded.auctions < plan.auctions {
        let upto = plan.auctions.min(seeded.auctions + TOGETHER);
        together(connection, |writing| {
            (seeded.auctions + 1..=upto).try_for_each(|id| sower.auction(writing, id))
        })?;
        seeded.auctions = upto;
        progress(seeded);
    }
    connection.pragma_update(None, "synchronous", "full")
}

fn together(
    connection: &mut Connection,
    write: impl FnOnce(&Writing<'_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    write(&Writing { connection: &transaction })?;
    transaction.commit()?;
    // Nobody reads, so the log is carried over whole and begins again.
    connection.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(()))
}

/// Makes one row after another.
struct Sower<'a> {
    plan: &'a Plan<'a>,
    chance: Chance,
    places: Places,
    limits: ListingLimits,
    /// The number of the last transfer.
    transfers: i64,
}

impl Sower<'_> {
    /// A member with one to three deposits.
    fn member(&mut self, writing: &Writing<'_>, number: u64) -> rusqlite::Result<()> {
        let joined = self.at(JOINED_BEFORE, number, self.plan.members);
        let region = self.chance.of(&self.places.regions).copied();
        let id = MemberId(number as i64);
        writing.member(id, self.plan.password_hash, region, joined)?;
        let (mut available, mut previous) = (0, None);
        let deposits = self.chance.within(1, 3);
        for _ in 0..deposits {
            let amount = self.chance.within(1, DEPOSIT_LIMIT.won() / 100_000) * 100_000;
            self.transfers += 1;
            writing.deposit(self.transfers, id, amount, joined, previous)?;
            previous = Some(self.transfers);
            available += amount;
        }
        writing.wallet(id, available, deposits, self.transfers)
    }

    /// An open auction as the rules list it.
    fn auction(&mut self, writing: &Writing<'_>, number: u64) -> rusqlite::Result<()> {
        let listed = self.at(LISTED_BEFORE, number, self.plan.auctions);
        let listing = self.listing();
        let (id, item) = (AuctionId(number as i64), ItemId(number as i64));
        let standing = ListingStanding {
            suspended: false,
            barred: false,
            limits: &self.limits,
            again: None,
            pictures: &[],
        };
        let decided = listing.decide(id, item, &standing, listed);
        let effects = decided.expect("what chance lists is within the rules").effects;
        writing.item(item, &listing.item, listed)?;
        writing.auction(&effects.auction)?;
        effects.events.iter().try_for_each(|event| writing.event(event))?;
        writing.deadline(&effects.auction)?;
        writing.listing(&effects.auction, &listing.item)
    }

    fn listing(&mut self) -> Listing {
        let chance = &mut self.chance;
        let (title, slug) = goods::title(chance);
        let item = Item {
            seller: MemberId(chance.within(1, self.plan.members as i64)),
            title,
            description: goods::description(chance).to_owned(),
            category: self.places.category(slug),
            condition: chance.of(&Condition::ALL).copied(),
            shipping_payer: chance.of(&ShippingPayer::ALL).copied(),
            region: chance.of(&self.places.regions).copied(),
            nationwide: chance.within(1, 5) == 1,
            pictures: Vec::new(),
        };
        let start_price = chance.price();
        let bid_unit = (chance.within(1, 10) <= 7).then_some(1_000);
        let buy_now_price = (chance.within(1, 10) <= 3).then(|| start_price * chance.within(2, 6));
        let left = Span(chance.within(Span::days(1).0, Span::days(7).0));
        Listing {
            item,
            start_price,
            bid_unit,
            reserve_price: None,
            buy_now_price,
            starts_at: None,
            ends_at: self.plan.now.plus(left),
            soft_close_minutes: chance.of(&SOFT_CLOSE_MINUTES).copied().unwrap_or_default(),
            again: None,
        }
    }

    /// The moment of number `number` of `all`, which are spread evenly from so long ago until now.
    fn at(&self, ago: Span, number: u64, all: u64) -> Time {
        let passed = i128::from(ago.0) * i128::from(number) / i128::from(all.max(1));
        self.plan.now.minus(Span(ago.0 - i64::try_from(passed).unwrap_or(ago.0)))
    }
}
