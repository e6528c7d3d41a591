//! A cell: one system, one shape of load, so many bidders, each with one bid under way, for some seconds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use anyhow::Result;
use auction::AuctionId;
use clap::ValueEnum;
use ledger::MemberId;
use serde::Serialize;
use tokio::task::JoinSet;

use super::arena::Arena;
use super::door::{Door, Form, System, Verdict};
use super::house::{Cast, House, key};
use crate::chance::{Chance, KeyMaker};
use crate::clock;
use crate::meter;
use crate::sampler::{quantile_ms, rounded};
use crate::tally::{Counts, Tally};

/// On how many auctions the rich one bids.
pub const RICH_AUCTIONS: usize = 100;

/// Who bids on what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// All on one auction.
    Hot,
    /// Each on one of many, chosen by chance.
    Market,
    /// One member on a hundred auctions of both lanes, beside a hundred members on the same auctions.
    Rich,
    /// What the rich one is compared with: a member for each of his auctions.
    #[value(skip)]
    Spread,
}

/// Which system, how it is built, and on how many connections or lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Way {
    /// What takes the bids.
    pub system: System,
    /// How it talks to the database; ours has only one way.
    pub form: Form,
    /// Connections of its pool, or lanes.
    pub width: usize,
}

/// What is asked of a cell.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Who bids on what.
    pub shape: Shape,
    /// Bids under way at once.
    pub level: usize,
    /// What counts for nothing but acknowledged = stored.
    pub warm_up: Duration,
    /// What is measured.
    pub measured: Duration,
    /// Of every choice made by chance.
    pub seed: u64,
}

/// What a cell showed.
#[derive(Clone, Debug, Serialize)]
pub struct Cell {
    /// Of what.
    pub way: Way,
    /// Who bid on what.
    pub shape: Shape,
    /// Bids under way at once.
    pub level: usize,
    /// Bids kept, a second.
    pub accepted_per_s: f64,
    /// Bids kept or refused by the rules, a second.
    pub decided_per_s: f64,
    /// Tries that came too late, or waits for a lock in Redis, a second.
    pub again_per_s: f64,
    /// Half of the answers took at most this long.
    pub p50_ms: f64,
    /// 99 of 100.
    pub p99_ms: f64,
    /// Bids kept in one transaction, on average.
    pub bids_a_round: f64,
    /// Processor time of this process, in which clients and engine are, for each measured second.
    pub own_cpu: f64,
    /// The same of all processes of the database, if they are on this machine.
    pub database_cpu: Option<f64>,
    /// How long the follower needed afterwards for what was not yet in notices and lists.
    pub behind_seconds: f64,
}

/// What all bidders of a cell share.
struct Crowd {
    door: Door,
    cast: Cast,
    load: Load,
    tally: Tally,
    turn: AtomicUsize,
    is_over: AtomicBool,
}

/// Runs one cell.
pub async fn run(arena: &mut Arena, way: Way, load: Load, redis: &str) -> Result<Cell> {
    let prices = arena.rest().await?;
    let lanes = if way.system == System::Ours { way.width } else { 1 };
    let house = House::open(&arena.target, lanes).await?;
    let engine = house.engine.clone();
    let door = match way.system {
        System::Ours => Door::engine(engine.clone(), &prices),
        baseline => Door::baseline(baseline, way.form, way.width, &arena.target, redis).await?,
    };
    let crowd = Arc::new(Crowd {
        door,
        cast: arena.cast.clone(),
        load,
        tally: Tally::new(),
        turn: AtomicUsize::new(0),
        is_over: AtomicBool::new(false),
    });
    let mut bidders = JoinSet::new();
    for number in 0..load.level {
        bidders.spawn(bidder(Arc::clone(&crowd), number));
    }
    tokio::time::sleep(load.warm_up).await;
    let cpu_before = (meter::own().cpu_seconds, arena.server_cpu_seconds().await);
    drop(crowd.tally.answers.take());
    let (before, began, rounds) = (crowd.tally.counts(), clock::monotonic(), engine.figures().rounds);
    tokio::time::sleep(load.measured).await;
    let (counts, seconds) = (crowd.tally.counts().since(&before), (clock::monotonic() - began).as_secs_f64());
    let (answers, rounds) = (crowd.tally.answers.take(), engine.figures().rounds - rounds);
    let cpu_after = (meter::own().cpu_seconds, arena.server_cpu_seconds().await);
    crowd.is_over.store(true, Relaxed);
    while let Some(ended) = bidders.join_next().await {
        ended??;
    }
    arena.acknowledged += crowd.tally.counts().accepted;
    drop(crowd);
    let behind_seconds = rounded(house.stop().await?);
    let per_second = |count: u64| rounded(count as f64 / seconds);
    let share = |after: Option<f64>, before: Option<f64>| Some(rounded((after? - before?) / seconds));
    let bids_a_round = match way.system {
        System::Ours => rounded(counts.accepted as f64 / rounds.max(1) as f64),
        System::RowLock | System::Optimistic | System::DistributedLock => 1.0,
    };
    Ok(Cell {
        way,
        shape: load.shape,
        level: load.level,
        accepted_per_s: per_second(counts.accepted),
        decided_per_s: per_second(counts.accepted + counts.refused),
        again_per_s: per_second(counts.busy),
        p50_ms: rounded(quantile_ms(&answers, 0.50)),
        p99_ms: rounded(quantile_ms(&answers, 0.99)),
        bids_a_round,
        own_cpu: share(cpu_after.0, cpu_before.0).unwrap_or_default(),
        database_cpu: share(cpu_after.1, cpu_before.1),
        behind_seconds,
    })
}

/// Bids until it is over; the next bid when the last one is answered.
async fn bidder(crowd: Arc<Crowd>, number: usize) -> Result<()> {
    let mut chance = Chance::new(crowd.load.seed, number as u64);
    let mut keys = KeyMaker::new(Chance::new(crowd.load.seed, (number + crowd.load.level) as u64));
    let mut turn = 0;
    while !crowd.is_over.load(Relaxed) {
        let (auction, bidder) = crowd.next(number, turn, &mut chance);
        let sent = clock::monotonic();
        let (verdict, again) = crowd.door.bid(auction, bidder, key(&mut keys, bidder)).await?;
        crowd.tally.answers.record(number, [clock::micros_between(sent, clock::monotonic())]);
        let (accepted, refused) = match verdict {
            Verdict::Accepted => (1, 0),
            Verdict::Refused => (0, 1),
        };
        crowd.tally.add(&Counts { accepted, refused, busy: again, ..Counts::default() });
        turn += 1;
    }
    Ok(())
}

impl Crowd {
    /// The next bid of a bidder. He is two members who bid in turn, as one alone would only raise his own bid.
    fn next(&self, number: usize, turn: usize, chance: &mut Chance) -> (AuctionId, MemberId) {
        let Cast { bidders, auctions } = &self.cast;
        let one_of_two = bidders[2 * number + turn % 2];
        let rich = || self.turn.fetch_add(1, Relaxed) % RICH_AUCTIONS;
        match self.load.shape {
            Shape::Hot => (auctions[0], one_of_two),
            Shape::Market => (auctions[1 + chance.below(auctions.len() - 1)], one_of_two),
            Shape::Rich => (auctions[1 + rich()], bidders[0]),
            Shape::Spread => {
                let at = rich();
                (auctions[1 + at], bidders[at])
            }
        }
    }
}
