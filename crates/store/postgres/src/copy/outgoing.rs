//! Going out: every row that moves, all of one moment. Memory: the rows that travel together.

use store::copy::Rows;
use store::copy::moved::{self, Moved, ROWS_TOGETHER_MAX};
use store::{Failure, Result};

use super::{one_moment, read, refuse_half};
use crate::connection::{Purpose, Target};
use crate::failure::before_commit;

const DOING: &str = "exporting the store";

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
            "octet_length(heads) > 0 AND NOT coalesce(pg_visible_in_snapshot(xid, \
             nullif((SELECT snapshot FROM followers WHERE name = 'market'), '')::pg_snapshot), false)"
        }
        _ => "true",
    }
}

/// How many lanes of running nodes are connected to the store.
///
/// # Errors
/// If the database does not answer.
pub async fn nodes_at_work(target: &Target) -> Result<i64> {
    let client = target.connect(Purpose::Copying).await?;
    let sql = "SELECT count(*) FROM pg_stat_activity \
               WHERE datname = current_database() AND application_name = $1";
    let row = client.query_one(sql, &[&Purpose::Lane.name()]).await.map_err(before_commit(DOING))?;
    let lanes = row.try_get(0);
    lanes.map_err(|error| Failure::Rejected { doing: DOING, source: Box::new(error) })
}
