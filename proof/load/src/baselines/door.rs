//! The ways to take a bid that are compared, behind one door each: who bids and on what goes in, a verdict comes out.
//!
//! The baselines' bids are the least that is accepted at the moment at which they are decided, so none of them comes too
//! late; ours draw a rising amount before they are sent, as a client has to. So the comparison leans towards the baselines.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use anyhow::{Result, bail};
use auction::{AuctionId, Bid, Command};
use clap::ValueEnum;
use engine::{Answer, Call, Engine};
use ledger::MemberId;
use redis::aio::MultiplexedConnection;
use serde::Serialize;
use store::{Journal, Key};
use store_postgres::{PostgresJournal, Purpose, Target, Timekeeper};
use tokio_postgres::{Client, Statement};

use super::pool::Pool;
use super::{alone, lease};
use crate::chance::Chance;

/// How often one bid is tried anew because somebody else was faster.
const TRIES_MAX: usize = 10_000;

/// The longest wait before it is tried anew, in milliseconds; it grows up to this with each try.
const WAIT_MS_MAX: usize = 8;

/// What a database says when the rules refuse a bid half-way.
const INSUFFICIENT_FUNDS: &str = "NB001";

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum System {
    /// The engine with two lanes.
    Ours,
    /// A transaction for each bid, which locks the auction's row first.
    RowLock,
    /// A transaction for each bid, which is tried anew if the auction has moved on.
    Optimistic,
    /// The same behind a lock in Redis.
    DistributedLock,
}

/// How a transaction for each bid talks to the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// One stored procedure, one flight.
    Procedure,
    /// Separate statements in four flights.
    Statements,
}

/// What became of a bid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is kept.
    Accepted,
    /// The rules refused it.
    Refused,
}

/// A way to take bids, ready for them.
pub enum Door {
    /// The engine's mailbox, with the next amount of each auction.
    Engine(Engine, HashMap<AuctionId, AtomicI64>),
    /// Transactions in separate statements.
    Statements(Pool<PostgresJournal>),
    /// Transactions in one flight.
    Procedure(Pool<Asking>),
}

/// One connection of a pool, and how bids are made on it.
pub struct Asking {
    client: Client,
    bid: Statement,
    locks_row: bool,
    redis: Option<MultiplexedConnection>,
    chance: Chance,
}

impl System {
    /// Its name on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            System::Ours => "ours",
            System::RowLock => "row-lock",
            System::Optimistic => "optimistic",
            System::DistributedLock => "distributed-lock",
        }
    }

    /// The forms in which it can be built well.
    pub fn forms(self) -> &'static [Form] {
        match self {
            System::RowLock => &[Form::Procedure, Form::Statements],
            System::Ours | System::Optimistic | System::DistributedLock => &[Form::Procedure],
        }
    }
}

impl Door {
    /// The engine's, for auctions at these prices.
    pub fn engine(engine: Engine, prices: &[(AuctionId, i64)]) -> Door {
        Door::Engine(engine, prices.iter().map(|(id, price)| (*id, AtomicI64::new(*price))).collect())
    }

    /// A baseline's, with so many connections, each of them warm.
    pub async fn baseline(
        system: System,
        form: Form,
        connections: usize,
        target: &Target,
        redis: &str,
    ) -> Result<Door> {
        if form == Form::Statements {
            let mut journals = Vec::new();
            for _ in 0..connections {
                let mut journal = PostgresJournal::new(target.clone(), Timekeeper::Database);
                journal.heartbeat().await?;
                journals.push(journal);
            }
            return Ok(Door::Statements(Pool::of(journals)));
        }
        let mut all = Vec::new();
        for number in 0..connections {
            let client = target.connect(Purpose::Lane).await?;
            let bid = client.prepare("SELECT baseline_bid($1, $2, $3, $4, $5)").await?;
            let redis = match system {
                System::DistributedLock => Some(lease::connect(redis).await?),
                System::Ours | System::RowLock | System::Optimistic => None,
            };
            let chance = Chance::new(number as u64, 7);
            all.push(Asking { client, bid, locks_row: system == System::RowLock, redis, chance });
        }
        Ok(Door::Procedure(Pool::of(all)))
    }

    /// Places a bid and waits for the verdict; also says how often it had to be tried anew.
    pub async fn bid(&self, auction: AuctionId, bidder: MemberId, key: Key) -> Result<(Verdict, u64)> {
        match self {
            Door::Engine(engine, next) => Ok((ask(engine, next, auction, bidder, key).await?, 0)),
            Door::Statements(pool) => {
                let mut journal = pool.take().await;
                Ok((alone::bid(&mut journal, auction, bidder, key).await?, 0))
            }
            Door::Procedure(pool) => pool.take().await.bid(auction, bidder, &key).await,
        }
    }
}

async fn ask(
    engine: &Engine,
    next: &HashMap<AuctionId, AtomicI64>,
    auction: AuctionId,
    bidder: MemberId,
    key: Key,
) -> Result<Verdict> {
    let Some(next) = next.get(&auction) else { bail!("nobody has listed auction {}", auction.0) };
    let amount = next.fetch_add(1, Ordering::Relaxed) + 1;
    let command = Command::Bid(Bid { bidder, amount: Some(amount), maximum: None, terms: Some(1) });
    match engine.ask(Call::Auction { auction, command }, key).await {
        Some(Answer::Accepted(_)) => Ok(Verdict::Accepted),
        Some(Answer::Refused(_)) => Ok(Verdict::Refused),
        other => bail!("a bid was answered {other:?}"),
    }
}

impl Asking {
    async fn bid(&mut self, auction: AuctionId, bidder: MemberId, key: &Key) -> Result<(Verdict, u64)> {
        let Some(mut redis) = self.redis.take() else { return self.decide(auction, bidder, key).await };
        let name = format!("auction:{}", auction.0);
        let waits = lease::acquire(&mut redis, &name, &key.text, &mut self.chance).await?;
        let decided = self.decide(auction, bidder, key).await;
        lease::release(&mut redis, &name, &key.text).await?;
        self.redis = Some(redis);
        decided.map(|(verdict, again)| (verdict, again + waits))
    }

    async fn decide(&mut self, auction: AuctionId, bidder: MemberId, key: &Key) -> Result<(Verdict, u64)> {
        let command = Command::Bid(Bid { bidder, amount: Some(0), maximum: None, terms: Some(1) });
        let print = Call::Auction { auction, command }.fingerprint();
        for tries in 0..TRIES_MAX {
            let values: [&(dyn tokio_postgres::types::ToSql + Sync); 5] =
                [&auction.0, &bidder.0, &&*key.text, &print, &self.locks_row];
            let answer = match self.client.query_one(&self.bid, &values).await {
                Ok(row) => row.try_get::<_, i64>(0)?,
                Err(error) if error.code().is_some_and(|code| code.code() == INSUFFICIENT_FUNDS) => 0,
                Err(error) => return Err(error.into()),
            };
            match answer {
                0 => return Ok((Verdict::Refused, tries as u64)),
                1.. => return Ok((Verdict::Accepted, tries as u64)),
                _ => {
                    let wait = self.chance.below(WAIT_MS_MAX.min(tries + 1) + 1);
                    tokio::time::sleep(Duration::from_millis(wait as u64)).await;
                }
            }
        }
        bail!("a bid came too late {TRIES_MAX} times")
    }
}
