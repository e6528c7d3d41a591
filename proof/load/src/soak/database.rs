//! The two connections to the database: one that reads sizes and counters, and one that holds a snapshot. Neither
//! writes, and neither waits for a lock that a round could hold.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::Serialize;
use store_postgres::{Purpose, Target};
use tokio::time::sleep_until;
use tokio_postgres::Client;

use crate::clock;

/// Tables that are looked at; ours has fewer.
const TABLES_MAX: i64 = 64;

/// How often it is looked whether the reader's connection still stands.
const LOOK_AFTER: Duration = Duration::from_secs(1);

/// One table at one moment, as the database's own statistics have it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Table {
    /// Its size without indexes, in bytes.
    pub bytes: i64,
    /// Its indexes, in bytes.
    pub index_bytes: i64,
    /// Rows, an estimate.
    pub live_rows: i64,
    /// Versions of rows that nobody needs, or that only an old snapshot can see, an estimate.
    pub dead_rows: i64,
    /// Rows changed, since the statistics began.
    pub updates: i64,
    /// Those of them that needed no new entries in indexes.
    pub hot_updates: i64,
    /// How often the database has vacuumed it by itself.
    pub autovacuums: i64,
}

/// All tables by name.
pub type Tables = BTreeMap<String, Table>;

/// The whole database at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Standing {
    /// Write-ahead log since ever, in bytes.
    pub wal_bytes: f64,
    /// How many transactions have begun since the oldest snapshot that is held.
    pub snapshot_transactions: i64,
    /// How long ago the transaction that holds it began, in seconds.
    pub snapshot_s: f64,
}

/// The connection that reads sizes and counters.
pub struct Observer {
    client: Client,
}

impl Observer {
    /// Connects.
    pub async fn connect(target: &Target) -> Result<Self> {
        let client = target.connect(Purpose::Copying).await.context("connecting to the database")?;
        Ok(Self { client })
    }

    /// The tables as they are now.
    pub async fn tables(&self) -> Result<Tables> {
        let rows = self.client.query(TABLES, &[&TABLES_MAX]).await.context("reading sizes of tables")?;
        let table = |row: &tokio_postgres::Row| -> Result<(String, Table)> {
            let table = Table {
                bytes: row.try_get(1)?,
                index_bytes: row.try_get(2)?,
                live_rows: row.try_get(3)?,
                dead_rows: row.try_get(4)?,
                updates: row.try_get(5)?,
                hot_updates: row.try_get(6)?,
                autovacuums: row.try_get(7)?,
            };
            Ok((row.try_get(0)?, table))
        };
        rows.iter().map(table).collect()
    }

    /// The database as it is now.
    pub async fn standing(&self) -> Result<Standing> {
        let row = self.client.query_one(STANDING, &[]).await.context("reading the database's state")?;
        Ok(Standing {
            wal_bytes: row.try_get(0)?,
            snapshot_transactions: row.try_get(1)?,
            snapshot_s: row.try_get(2)?,
        })
    }
}

const TABLES: &str = "SELECT relname::text, pg_table_size(relid), pg_indexes_size(relid), n_live_tup, n_dead_tup, \
     n_tup_upd, n_tup_hot_upd, autovacuum_count FROM pg_stat_user_tables WHERE schemaname = current_schema() \
     ORDER BY relname LIMIT $1";

/// What holds back the cleaning: snapshots of others, whoever they are. An `age` counts transactions.
const STANDING: &str = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8, \
     coalesce(max(age(backend_xmin)), 0)::bigint, \
     coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)) FILTER (WHERE backend_xmin IS NOT NULL), 0)::float8 \
     FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'";

/// Holds one snapshot from a moment to another, as an audit or a dump does; an error if it was lost before its time.
pub async fn hold(target: &Target, span: Option<(Instant, Instant)>) -> Result<()> {
    let Some((from, until)) = span else { return Ok(()) };
    // Made for copying, so no limit of time ends it.
    let client = target.connect(Purpose::Copying).await.context("connecting the reader")?;
    sleep_until(from.into()).await;
    // The first statement takes the snapshot, not BEGIN.
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT count(*) FROM heartbeat";
    client.batch_execute(begin).await.context("taking the snapshot")?;
    loop {
        let now = clock::monotonic();
        if client.is_closed() {
            bail!("the connection ended after {:.0} s", (now - from).as_secs_f64());
        }
        if now >= until {
            break;
        }
        sleep_until((now + LOOK_AFTER).min(until).into()).await;
    }
    client.batch_execute("SELECT count(*) FROM heartbeat; COMMIT").await.context("letting it go")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Longer than any test takes.
    const LONG: Duration = Duration::from_secs(3_600);

    async fn store() -> Target {
        let target = Target::parse(&private_postgres::server().database()).unwrap();
        store_postgres::migrate(&target).await.unwrap();
        target
    }

    /// Waits until a reader of this database holds a snapshot.
    async fn seen(observer: &Observer) {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
             AND state = 'idle in transaction' AND backend_xmin IS NOT NULL";
        while observer.client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) == 0 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_snapshot_that_is_held_is_seen() {
        let target = store().await;
        let observer = Observer::connect(&target).await.unwrap();
        let now = clock::monotonic();
        let looked = async {
            seen(&observer).await;
            // Others' transactions make it grow old.
            observer.client.batch_execute("SELECT pg_current_xact_id()").await.unwrap();
            observer.standing().await.unwrap()
        };
        let standing = tokio::select! {
            held = hold(&target, Some((now, now + LONG))) => panic!("it was let go: {held:?}"),
            standing = looked => standing,
        };
        assert!(standing.snapshot_transactions > 0 && standing.snapshot_s > 0.0, "{standing:?}");
        assert!(standing.wal_bytes > 0.0);
    }

    #[tokio::test]
    async fn a_reader_who_loses_his_snapshot_says_so() {
        let target = store().await;
        let observer = Observer::connect(&target).await.unwrap();
        let now = clock::monotonic();
        let cut = async {
            seen(&observer).await;
            let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE datname = current_database() AND state = 'idle in transaction'";
            observer.client.query(sql, &[]).await.unwrap();
        };
        let (held, ()) = tokio::join!(hold(&target, Some((now, now + LONG))), cut);
        assert!(held.unwrap_err().to_string().contains("the connection ended"));
        assert!(hold(&target, None).await.is_ok());
        assert!(hold(&target, Some((now, now))).await.is_ok());
    }
}
