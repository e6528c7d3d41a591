//! A system's own database on the server that all share: made, set up, looked at between cells, and verified at the end.

use std::fs;

use anyhow::{Context, Result};
use auction::AuctionId;
use store::copy::{Rows, Table};
use store_postgres::{Purpose, Target};
use store_sqlite::copy::Copy;
use tempfile::TempDir;
use tokio_postgres::Client;

use super::house::{Cast, House};
use crate::clock;

/// What a baseline asks in one flight.
const BID_SQL: &str = include_str!("bid.sql");

/// How many of an audit's findings are told.
const FINDINGS_TOLD_MAX: usize = 5;

/// A database with members and auctions in it.
pub struct Arena {
    /// Where it is.
    pub target: Target,
    /// Who bids there, and on what.
    pub cast: Cast,
    /// How many bids were acknowledged there so far.
    pub acknowledged: u64,
    name: String,
    server: Target,
}

impl Arena {
    /// Makes a database of its own on the server, and everyone in it.
    pub async fn build(server: &str, system: &str, bidders: usize, auctions: usize) -> Result<Arena> {
        let name = format!("baselines_{}_{}", system.replace('-', "_"), clock::wall_us());
        let target = Target::parse(&with_database(server, &name))?;
        let server = Target::parse(server)?;
        let making = server.connect(Purpose::Migrating).await?;
        making.batch_execute(&format!("CREATE DATABASE {name}")).await.context("making a database")?;
        let house = House::open(&target, 1).await?;
        let cast = house.prepare(bidders, auctions).await?;
        house.stop().await?;
        let arena = Arena { target, cast, acknowledged: 0, name, server };
        arena.client().await?.batch_execute(BID_SQL).await.context("making the baselines' procedure")?;
        Ok(arena)
    }

    async fn client(&self) -> Result<Client> {
        Ok(self.target.connect(Purpose::Migrating).await?)
    }

    /// What each auction costs now. Also lets the server write out what it has in memory, so that no cell pays for another;
    /// where the role may not, the server does so when it sees fit.
    pub async fn rest(&self) -> Result<Vec<(AuctionId, i64)>> {
        let client = self.client().await?;
        drop(client.batch_execute("CHECKPOINT").await);
        let rows = client.query("SELECT id, price FROM auctions", &[]).await?;
        rows.iter().map(|row| Ok((AuctionId(row.try_get(0)?), row.try_get(1)?))).collect()
    }

    /// Processor time of all processes of the server so far, in seconds, if it is on this machine.
    pub async fn server_cpu_seconds(&self) -> Option<f64> {
        let client = self.client().await.ok()?;
        let backend: i32 = client.query_one("SELECT pg_backend_pid()", &[]).await.ok()?.try_get(0).ok()?;
        let mine = Process::read(&backend.to_string()).filter(|process| process.name == "postgres")?;
        let master = Process::read(&mine.parent.to_string()).filter(|process| process.name == "postgres")?;
        let children = fs::read_dir("/proc").ok()?.flatten();
        let children = children.filter_map(|entry| Process::read(entry.file_name().to_str()?));
        let own: u64 = children.filter(|process| process.parent == mine.parent).map(|one| one.ticks).sum();
        let all = own + master.ticks + master.ticks_of_ended;
        Some(all as f64 / rustix::param::clock_ticks_per_second() as f64)
    }

    /// What is wrong with what is stored now, in words: bids that were acknowledged and are not there, or the other way
    /// round, and whatever the audit finds.
    pub async fn verify(&self) -> Result<Vec<String>> {
        let sql = "SELECT (SELECT count(*) FROM events WHERE kind = 2), \
                   (SELECT count(DISTINCT (k.auction, k.seq)) FROM keys AS k JOIN events AS e USING (auction, seq) \
                    WHERE e.kind = 2)";
        let row = self.client().await?.query_one(sql, &[]).await?;
        let (stored, keyed): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        let mut wrong = Vec::new();
        if stored.unsigned_abs() != self.acknowledged || keyed != stored {
            let acknowledged = self.acknowledged;
            wrong.push(format!(
                "{acknowledged} bids were acknowledged, {stored} are stored, {keyed} have a key"
            ));
        }
        wrong.extend(self.audit().await?);
        Ok(wrong)
    }

    /// As `neighborbid audit` does: a copy is audited and thrown away.
    async fn audit(&self) -> Result<Vec<String>> {
        let folder = TempDir::with_prefix("neighborbid-baselines-")?;
        let path = folder.path().join(store_sqlite::FILE_NAME);
        let mut copy = Copy::begin(&path)?;
        let tables = copy.tables().to_vec();
        let mut take = |table: &Table, rows: Rows| copy.take(table, rows);
        store_postgres::copy(&self.target, &tables, &mut take).await.context("copying a database")?;
        copy.finish()?;
        let mut wrong = Vec::new();
        let summary = store_sqlite::audit::audit(&path, &mut |check| {
            let words = |row: &String| format!("{}: {row}", check.name);
            wrong.extend(check.examples.iter().take(FINDINGS_TOLD_MAX).map(words));
        })?;
        if !summary.is_clean() {
            wrong.push(format!("the audit found {} violations", summary.violations));
        }
        Ok(wrong)
    }

    /// Removes the database, once nothing was found.
    pub async fn remove(self) -> Result<()> {
        let server = self.server.connect(Purpose::Migrating).await?;
        let sql = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        server.batch_execute(&sql).await.context("removing a database")
    }
}

/// The address of another database on the same server.
fn with_database(address: &str, name: &str) -> String {
    let (place, options) =
        address.split_once('?').map_or((address, String::new()), |(place, rest)| (place, format!("?{rest}")));
    let host = place.find("://").map_or(0, |at| at + 3);
    let end = place[host..].find('/').map_or(place.len(), |at| host + at);
    format!("{}/{name}{options}", &place[..end])
}

/// A process as /proc shows it.
struct Process {
    name: String,
    parent: u32,
    /// User and system time.
    ticks: u64,
    /// That of its children that have ended.
    ticks_of_ended: u64,
}

impl Process {
    fn read(pid: &str) -> Option<Process> {
        Process::parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    /// The name stands in parentheses and may hold anything.
    fn parse(stat: &str) -> Option<Process> {
        let (begin, end) = (stat.find('(')?, stat.rfind(')')?);
        let fields: Vec<&str> = stat[end + 1..].split_whitespace().collect();
        let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
        Some(Process {
            name: stat[begin + 1..end].to_owned(),
            parent: fields.get(1)?.parse().ok()?,
            ticks: number(11)? + number(12)?,
            ticks_of_ended: number(13)? + number(14)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_another_database_on_the_same_server() {
        for (address, expected) in [
            ("postgres://me@db:5433/old?sslmode=disable", "postgres://me@db:5433/new?sslmode=disable"),
            ("postgres://me:a@db/old", "postgres://me:a@db/new"),
            ("postgres://me@db", "postgres://me@db/new"),
        ] {
            assert_eq!(with_database(address, "new"), expected);
        }
    }

    #[test]
    fn a_process_is_read_with_what_its_children_took() {
        let stat = "42 (a) b) S 7 42 42 0 -1 4194304 100 0 0 0 250 50 30 20 20 0 4 0 100 1000 10";
        let process = Process::parse(stat).unwrap();
        assert_eq!((process.name.as_str(), process.parent), ("a) b", 7));
        assert_eq!((process.ticks, process.ticks_of_ended), (300, 50));
        assert!(Process::parse("42 (a").is_none());
    }
}
