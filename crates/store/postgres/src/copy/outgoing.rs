//! Going out: every row that moves, all of one moment. Memory: the rows that travel together.

use store::copy::Rows;
use store::copy::moved::{self, Moved, ROWS_TOGETHER_MAX};
use store::{Failure, Result};

use super::{one_moment, read, refuse_half};
use crate::connection::{Purpose, Target};
use crate::failure::before_commit;

const DOING: &str = "exporting the store";

const AT_REST: &str = "looking for nodes at work";

/// Hands every row of the store to `take`, in batches, tables in their order, each at least once. Nothing waits while
/// `take` works, but the transaction stands open, and the database cannot clean up behind it.
///
/// # Errors
/// If the database does not answer, is no store of ours, has another schema than this release knows, or is half
/// imported; or if `take` fails.
pub async fn export(target: &Target, take: &mut dyn FnMut(&Moved, Rows) -> Result<()>) -> Result<()> {
    let mut client = target.connect(Purpose::Copying).await?;
    let transaction = one_moment(&mut client).await?;
    refuse_half(&transaction).await?;
    for table in &moved::tables() {
        let (columns, which) = (table.column_names(), which(table.name));
        let sql = format!("SELECT {columns} FROM {} WHERE {which} ORDER BY {}", table.name, table.order);
        read(&transaction, &sql, ROWS_TOGETHER_MAX as i32, &mut |rows| take(table, rows)).await?;
    }
    transaction.rollback().await.map_err(before_commit(DOING))
}

/// Which rows of a table move: wallets that a transfer touched, and rounds that nobody has followed.
fn which(table: &str) -> &'static str {
    match table {
        "wallets" => "version <> 0 OR last_transfer <> 0 OR available <> 0 OR held <> 0",
        "rounds" => {
            "octet_length(heads) + octet_length(orders) > 0 AND NOT coalesce(pg_visible_in_snapshot(xid, \
             nullif((SELECT snapshot FROM followers WHERE name = 'market'), '')::pg_snapshot), false)"
        }
        _ => "true",
    }
}

/// Refuses a database that lanes of running nodes are connected to.
///
/// # Errors
/// `Rejected` if one is; `Unavailable` if the database does not answer.
pub async fn refuse_nodes(target: &Target) -> Result<()> {
    let client = target.connect(Purpose::Copying).await?;
    let sql = "SELECT count(*) FROM pg_stat_activity \
               WHERE datname = current_database() AND application_name = $1";
    let row = client.query_one(sql, &[&Purpose::Lane.name()]).await.map_err(before_commit(AT_REST))?;
    match row.try_get::<_, i64>(0).map_err(before_commit(AT_REST))? {
        0 => Ok(()),
        lanes => {
            let words = format!(
                "{lanes} lanes of running nodes are connected to the database: stop every node first"
            );
            Err(Failure::Rejected { doing: AT_REST, source: words.into() })
        }
    }
}

/// A store that no node changes: none is connected, and none came and went, as each keeps a heartbeat before it serves.
pub struct Rest(Option<i64>);

impl Rest {
    /// Makes sure that no node is connected, and remembers the heartbeat.
    ///
    /// # Errors
    /// `Rejected` if one is, or this is no store of this release; `Unavailable` if the database does not answer.
    pub async fn begin(target: &Target) -> Result<Rest> {
        // In this order: a node that comes between the two moves the heartbeat.
        let heartbeat = heartbeat(target).await?;
        refuse_nodes(target).await?;
        Ok(Rest(heartbeat))
    }

    /// Makes sure that no node is connected now, and that none came and went since.
    ///
    /// # Errors
    /// As [`Rest::begin`]; `Rejected`, too, if one was there.
    pub async fn must_have_lasted(&self, target: &Target) -> Result<()> {
        refuse_nodes(target).await?;
        if heartbeat(target).await? == self.0 {
            return Ok(());
        }
        Err(Failure::Rejected { doing: AT_REST, source: "a node came and went meanwhile".into() })
    }
}

async fn heartbeat(target: &Target) -> Result<Option<i64>> {
    let mut client = target.connect(Purpose::Copying).await?;
    let transaction = one_moment(&mut client).await?;
    let row = transaction.query_opt("SELECT at FROM heartbeat", &[]).await.map_err(before_commit(AT_REST))?;
    row.map(|row| row.try_get(0)).transpose().map_err(before_commit(AT_REST))
}
