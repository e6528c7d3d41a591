//! Going out: every row that moves, all of one moment, in one long read.
//!
//! Beside a server that is at work the read keeps the write-ahead log from beginning anew, as a backup does: the log
//! grows until it ends. Memory: the rows that travel together.

use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use store::copy::moved::{self, Moved, ROWS_TOGETHER_MAX};
use store::copy::{Rows, Value};
use store::{Failure, Result};

use super::refuse_half;
use crate::connection::open_reader;
use crate::failure::before_commit;
use crate::migrate::{SCHEMA_VERSION, version};

const DOING: &str = "exporting the store";

/// Hands every row of the store in this file to `take`, in batches, tables in their order, each at least once.
///
/// # Errors
/// If the file cannot be read, is no store of ours, has another schema than this release knows, or is half imported; or
/// if `take` fails.
pub fn export(path: &Path, take: &mut dyn FnMut(&Moved, Rows) -> Result<()>) -> Result<()> {
    let connection = open_reader(path)?;
    if version(&connection)? != SCHEMA_VERSION {
        let source = "its schema is older than this release: migrate it first".into();
        return Err(Failure::Rejected { doing: DOING, source });
    }
    refuse_half(&connection)?;
    let transaction = connection.unchecked_transaction().map_err(before_commit(DOING))?;
    for table in &moved::tables() {
        export_table(&transaction, table, take)?;
    }
    transaction.finish().map_err(before_commit(DOING))
}

fn export_table(
    connection: &Connection,
    table: &Moved,
    take: &mut dyn FnMut(&Moved, Rows) -> Result<()>,
) -> Result<()> {
    let (columns, which) = (table.column_names(), which(table.name));
    let sql = format!("SELECT {columns} FROM {} WHERE {which} ORDER BY {}", table.name, table.order);
    let mut statement = connection.prepare(&sql).map_err(before_commit(DOING))?;
    let mut found = statement.query([]).map_err(before_commit(DOING))?;
    let mut rows = Rows::new();
    while let Some(row) = found.next().map_err(before_commit(DOING))? {
        let read = (0..table.columns.len()).map(|at| value(row, at)).collect::<rusqlite::Result<_>>();
        rows.push(read.map_err(before_commit(DOING))?);
        if rows.len() == ROWS_TOGETHER_MAX {
            take(table, std::mem::take(&mut rows))?;
        }
    }
    take(table, rows)
}

/// Which rows of a table move: wallets that a transfer touched, and rounds that nobody has followed.
fn which(table: &str) -> &'static str {
    match table {
        "wallets" => "version <> 0 OR last_transfer <> 0 OR available <> 0 OR held <> 0",
        "rounds" => "id > (SELECT min(round) FROM followers) AND length(heads) + length(orders) > 0",
        _ => "true",
    }
}

fn value(row: &Row<'_>, at: usize) -> rusqlite::Result<Value> {
    let value = match row.get_ref(at)? {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Number(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(_) => Value::Text(row.get(at)?),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    };
    Ok(value)
}
