//! Copying: rows of whole tables as they stood at one moment, in batches, beside a market that goes on.
//!
//! [`copy`] reads what an audit checks, [`export`] all that moves to another store; an [`Import`] takes that in.

mod incoming;
mod outgoing;

use store::copy::{Rows, Table, Value};
use store::{Failure, Result};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, IsolationLevel, Row, Transaction};

use crate::connection::{Purpose, Target};
use crate::failure::{Fault, before_commit};
use crate::migrate::{SCHEMA_VERSION, version};

pub use self::incoming::Import;
pub(crate) use self::incoming::refuse_half;
pub use self::outgoing::{Rest, export, refuse_nodes};

/// How many rows come at once.
const ROWS_PER_BATCH: i32 = 5_000;

const DOING: &str = "copying the store";

/// Hands every row of these tables to `take`, batch by batch, all of one moment: one transaction reads them, which locks
/// nothing and writes nothing. Nothing waits here while `take` works, but the transaction stands open.
///
/// # Errors
/// If the database does not answer, is no store of ours or has another schema than this release knows, or `take` fails.
pub async fn copy(
    target: &Target,
    tables: &[Table],
    take: &mut dyn FnMut(&Table, Rows) -> Result<()>,
) -> Result<()> {
    let mut client = target.connect(Purpose::Copying).await?;
    let transaction = one_moment(&mut client).await?;
    for table in tables {
        let columns: Vec<String> = table.columns.iter().map(|name| quoted(name)).collect();
        let sql = format!("SELECT {} FROM {}", columns.join(", "), quoted(&table.name));
        read(&transaction, &sql, ROWS_PER_BATCH, &mut |rows| take(table, rows)).await?;
    }
    transaction.rollback().await.map_err(before_commit(DOING))
}

/// Begins to read the store as it is now, whatever happens to it meanwhile.
async fn one_moment(client: &mut Client) -> Result<Transaction<'_>> {
    let begin = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
    let transaction = begin.start().await.map_err(before_commit(DOING))?;
    if version(&transaction).await? != SCHEMA_VERSION {
        let source = "its schema is older than this release: migrate it first".into();
        return Err(Failure::Rejected { doing: DOING, source });
    }
    Ok(transaction)
}

/// Hands on what a statement finds, so many rows at a time, at least once.
async fn read(
    transaction: &Transaction<'_>,
    sql: &str,
    together: i32,
    take: &mut dyn FnMut(Rows) -> Result<()>,
) -> Result<()> {
    let portal = transaction.bind(sql, &[]).await.map_err(before_commit(DOING))?;
    loop {
        let rows = transaction.query_portal(&portal, together).await.map_err(before_commit(DOING))?;
        let is_last = i32::try_from(rows.len()).is_ok_and(|rows| rows < together);
        let values: std::result::Result<Vec<_>, Fault> = rows.iter().map(values).collect();
        take(values.map_err(before_commit(DOING))?)?;
        if is_last {
            return Ok(());
        }
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn values(row: &Row) -> std::result::Result<Vec<Value>, Fault> {
    (0..row.len()).map(|at| value(row, at)).collect()
}

fn value(row: &Row, at: usize) -> std::result::Result<Value, Fault> {
    let kind = row.columns().get(at).map(tokio_postgres::Column::type_);
    let value = match kind {
        Some(&Type::INT8) => row.try_get::<_, Option<i64>>(at)?.map(Value::Number),
        Some(&Type::BOOL) => row.try_get::<_, Option<bool>>(at)?.map(|truth| Value::Number(truth.into())),
        Some(&Type::FLOAT8) => row.try_get::<_, Option<f64>>(at)?.map(Value::Real),
        Some(&Type::TEXT) => row.try_get::<_, Option<String>>(at)?.map(Value::Text),
        Some(&Type::BYTEA) => row.try_get::<_, Option<Vec<u8>>>(at)?.map(Value::Bytes),
        other => return Err(Fault::Row(format!("a column of a type that is never copied: {other:?}"))),
    };
    Ok(value.unwrap_or(Value::Null))
}
