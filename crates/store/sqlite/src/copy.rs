//! A copy: what the audit reads of another store, in a file of its own, to be audited and thrown away.
//!
//! It takes rows that break its own constraints, so that the audit can tell of them; it holds no passwords, no nicknames
//! and no descriptions; it is not durable, and nobody may serve it. Rows of several lanes have numbers that do not come
//! in the order in which the rows were kept, so a finished copy also says in which order transfers and orders came.
//!
//! Beside it, what moves a whole market: [`export`] hands it out, an [`Import`] takes it in.

mod incoming;
#[cfg(test)]
mod moving;
mod outgoing;
mod places;

use std::path::Path;

use rusqlite::types::Value as Stored;
use rusqlite::{Connection, OpenFlags, params_from_iter};
use store::copy::{Rows, Table, Value};
use store::{Failure, Result};

use crate::failure::before_commit;
use crate::migrate::migrate;

pub use self::incoming::Import;
pub(crate) use self::incoming::refuse_half;
pub use self::outgoing::export;

/// What the audit reads.
const TABLES: [&str; 28] = [
    "members",
    "wallets",
    "transfers",
    "items",
    "auctions",
    "item_history",
    "pictures",
    "uploads",
    "item_pictures",
    "old_pictures",
    "bidders",
    "events",
    "orders",
    "order_steps",
    "offers",
    "marks",
    "reviews",
    "questions",
    "withdrawals",
    "debts",
    "acts",
    "removals",
    "chores",
    "heartbeat",
    "nature",
    "keys",
    "deadlines",
    "listings",
];

/// Columns of these tables that stay where they are, as no check reads them: they stay empty here.
const LEFT_OUT: [(&str, &str); 20] = [
    ("members", "nickname"),
    ("members", "password_hash"),
    ("members", "region"),
    ("items", "title"),
    ("items", "description"),
    ("item_history", "title"),
    ("item_history", "description"),
    ("item_pictures", "alt"),
    ("old_pictures", "alt"),
    ("listings", "title"),
    ("listings", "picture_alt"),
    ("order_steps", "text"),
    ("orders", "carrier"),
    ("orders", "tracking"),
    ("reviews", "text"),
    ("questions", "text"),
    ("questions", "answer"),
    ("withdrawals", "destination"),
    ("withdrawals", "reason"),
    ("debts", "reason"),
];

/// Its page cache, in KiB.
const CACHE_KIB: i64 = 262_144;

const DOING: &str = "copying the store";

/// A copy while it is made.
pub struct Copy {
    connection: Connection,
    tables: Vec<Table>,
}

impl Copy {
    /// Begins a copy in a new file.
    ///
    /// # Errors
    /// If there is such a file, or it cannot be written.
    pub fn begin(path: &Path) -> Result<Copy> {
        if path.exists() {
            return Err(Failure::Rejected { doing: DOING, source: "there is such a file already".into() });
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags).map_err(before_commit(DOING))?;
        connection.pragma_update(None, "journal_mode", "off").map_err(before_commit(DOING))?;
        connection.pragma_update(None, "synchronous", "off").map_err(before_commit(DOING))?;
        migrate(&mut connection)?;
        let tables = prepare(&connection).map_err(before_commit(DOING))?;
        Ok(Copy { connection, tables })
    }

    /// What it wants.
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// Takes rows of one of its tables.
    ///
    /// # Errors
    /// If a row cannot stand beside the others, as two may not have one key; the words name it. If the disk is full.
    pub fn take(&mut self, table: &Table, rows: Rows) -> Result<()> {
        let transaction = self.connection.transaction().map_err(before_commit(DOING))?;
        {
            let sql = insert(&transaction, table).map_err(before_commit(DOING))?;
            let mut statement = transaction.prepare_cached(&sql).map_err(before_commit(DOING))?;
            for row in rows {
                let key: Vec<Value> = row.iter().take(2).cloned().collect();
                let values = params_from_iter(row.into_iter().map(stored));
                let added = statement.execute(values);
                added.map_err(|error| refused(&table.name, &key, error))?;
            }
        }
        transaction.commit().map_err(before_commit(DOING))
    }

    /// All rows are there: says in which order they came.
    ///
    /// # Errors
    /// If the disk is full.
    pub fn finish(mut self) -> Result<()> {
        places::fill(&mut self.connection).map_err(before_commit(DOING))
    }
}

/// Lets it take whatever comes, and says what it wants.
fn prepare(connection: &Connection) -> rusqlite::Result<Vec<Table>> {
    connection.pragma_update(None, "foreign_keys", "off")?;
    connection.pragma_update(None, "ignore_check_constraints", "on")?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.execute_batch("DELETE FROM regions; DELETE FROM categories; DELETE FROM followers")?;
    let mut tables = Vec::new();
    for name in TABLES {
        let mut columns = Vec::new();
        for (column, ..) in described(connection, name)? {
            if !LEFT_OUT.contains(&(name, column.as_str())) {
                columns.push(column);
            }
        }
        tables.push(Table { name: name.to_owned(), columns });
    }
    Ok(tables)
}

/// A table's columns: name, and whether it must be filled by whoever adds a row.
fn described(connection: &Connection, table: &str) -> rusqlite::Result<Vec<(String, bool)>> {
    let sql = "SELECT name, \"notnull\" <> 0 AND dflt_value IS NULL FROM pragma_table_info(?1) ORDER BY cid";
    connection.prepare_cached(sql)?.query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// Adds a row; what is left out and must be filled is an empty text.
fn insert(connection: &Connection, table: &Table) -> rusqlite::Result<String> {
    let (mut names, mut values) = (table.columns.clone(), vec!["?"; table.columns.len()]);
    for (column, must_be_filled) in described(connection, &table.name)? {
        if must_be_filled && !table.columns.contains(&column) {
            names.push(column);
            values.push("''");
        }
    }
    Ok(format!("INSERT INTO {} ({}) VALUES ({})", table.name, names.join(", "), values.join(", ")))
}

fn stored(value: Value) -> Stored {
    match value {
        Value::Null => Stored::Null,
        Value::Number(number) => Stored::Integer(number),
        Value::Real(number) => Stored::Real(number),
        Value::Text(text) => Stored::Text(text),
        Value::Bytes(bytes) => Stored::Blob(bytes),
    }
}

/// Says which row it was, unless the machine is at fault.
fn refused(table: &str, key: &[Value], error: rusqlite::Error) -> Failure {
    match before_commit(DOING)(error) {
        Failure::Rejected { doing, source } => {
            let words = format!("{table}: the row that begins with {key:?} was refused: {source}");
            Failure::Rejected { doing, source: words.into() }
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use tempfile::TempDir;

    use super::*;

    #[test]
    fn two_rows_of_one_key_are_named() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("copy.sqlite");
        let mut copy = Copy::begin(&path).unwrap();
        assert!(Copy::begin(&path).is_err(), "a file that is there is left alone");
        let deadlines = copy.tables().iter().find(|table| table.name == "deadlines").unwrap().clone();
        let row = |auction| vec![Value::Number(auction), Value::Number(5)];
        copy.take(&deadlines, vec![row(7), row(8)]).unwrap();
        let failure = copy.take(&deadlines, vec![row(9), row(8)]).unwrap_err();
        let words = failure.source().unwrap().to_string();
        assert!(words.contains("deadlines") && words.contains("Number(8)"), "{words}");
    }

    #[test]
    fn what_no_check_reads_is_not_asked_for() {
        let folder = TempDir::new().unwrap();
        let copy = Copy::begin(&folder.path().join("copy.sqlite")).unwrap();
        let columns: Vec<&str> = copy.tables()[0].columns.iter().map(String::as_str).collect();
        assert_eq!(
            columns,
            [
                "id",
                "username",
                "skeleton",
                "suspended",
                "created_at",
                "is_admin",
                "marks_lifted_at",
                "about",
                "picture",
                "left_at"
            ]
        );
    }
}
