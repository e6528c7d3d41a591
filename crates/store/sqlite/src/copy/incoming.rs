//! Coming in: a market taken into a new store, batch by batch.
//!
//! Each batch is one durable transaction that also writes down how far the import has come, so that it goes on there
//! whatever ends it. As long as that is written in the store, nobody may serve it: [`refuse_half`].

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Transaction, params_from_iter};
use store::copy::file::Mark;
use store::copy::moved::{self, FILLED_AT_FIRST, Moved};
use store::copy::{Rows, Value};
use store::{Failure, Result};

use super::{places, stored};
use crate::connection::{FILE_NAME, open_reader, open_writer, truncate_log};
use crate::failure::{at_commit, before_commit};
use crate::migrate::{SCHEMA_VERSION, migrate, version};

const DOING: &str = "importing into the store";

/// After how many batches the write-ahead log is carried over, so that it stays short.
const BATCHES_BETWEEN_CHECKPOINTS: u64 = 16;

/// How far an import has come; the table is gone when it is through.
const PROGRESS: &str = "CREATE TABLE import_progress (line INTEGER NOT NULL, digest TEXT NOT NULL, rows INTEGER NOT NULL) STRICT; \
     INSERT INTO import_progress (line, digest, rows) VALUES (0, '', 0)";

/// An import into the store of one folder, which no other process may use meanwhile.
pub struct Import {
    connection: Connection,
    progress: Option<Mark>,
    batches: u64,
}

/// Refuses a store into which an import has begun and not ended.
pub(crate) fn refuse_half(connection: &Connection) -> Result<()> {
    if !is_half(connection).map_err(before_commit(DOING))? {
        return Ok(());
    }
    let words =
        "an import into this store has not ended: import the same file again, or begin with a new store";
    Err(Failure::Rejected { doing: "opening the store", source: words.into() })
}

fn is_half(connection: &Connection) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'import_progress'";
    connection.prepare(sql)?.exists([])
}

impl Import {
    /// Opens the store in `folder`, making it first if there is none.
    ///
    /// # Errors
    /// If it is neither new nor half imported, or of another release: then it is left as it was. If it cannot be written.
    pub fn open(folder: &Path) -> Result<Import> {
        let path = folder.join(FILE_NAME);
        // A connection that writes changes the file before anyone asks: first a reader looks.
        if path.exists() && ![0, SCHEMA_VERSION].contains(&version(&open_reader(&path)?)?) {
            let words = "its schema is older than this release: import into a new store";
            return Err(Failure::Rejected { doing: DOING, source: words.into() });
        }
        let mut connection = open_writer(&path)?;
        migrate(&mut connection)?;
        let progress = match is_half(&connection).map_err(before_commit(DOING))? {
            true => Some(progress(&connection).map_err(before_commit(DOING))?),
            false => None,
        };
        if progress.is_none() {
            refuse_used(&connection)?;
        }
        Ok(Import { connection, progress, batches: 0 })
    }

    /// How far an earlier import has come, if one has begun.
    pub fn progress(&self) -> Option<&Mark> {
        self.progress.as_ref()
    }

    /// Takes rows of a table, up to this place of the file.
    ///
    /// # Errors
    /// If a row cannot stand in the store; the words name it. If the disk is full.
    pub fn take(&mut self, table: &Moved, rows: Rows, mark: &Mark) -> Result<()> {
        let is_first = self.progress.is_none();
        let transaction = self.connection.transaction().map_err(before_commit(DOING))?;
        if is_first {
            begin(&transaction).map_err(before_commit(DOING))?;
        }
        insert(&transaction, table, rows)?;
        let sql = "UPDATE import_progress SET line = ?1, digest = ?2, rows = ?3";
        let values = (mark.line as i64, &mark.digest, mark.rows as i64);
        transaction.execute(sql, values).map_err(before_commit(DOING))?;
        transaction.commit().map_err(at_commit(DOING))?;
        self.progress = Some(mark.clone());
        self.batches += 1;
        if self.batches.is_multiple_of(BATCHES_BETWEEN_CHECKPOINTS) {
            truncate_log(&self.connection)?;
        }
        Ok(())
    }

    /// All rows are there: says in which order transfers and orders came where their numbers do not, and makes what was
    /// taken visible to an audit. May be done again.
    ///
    /// # Errors
    /// If the disk is full.
    pub fn settle(&mut self) -> Result<()> {
        if places::are_needed(&self.connection).map_err(before_commit(DOING))? {
            places::fill(&mut self.connection).map_err(before_commit(DOING))?;
        }
        // Descriptions are found as well, when the store is served.
        let words = "INSERT OR IGNORE INTO unworded (auction) SELECT auction FROM listings";
        self.connection.execute_batch(words).map_err(at_commit(DOING))?;
        truncate_log(&self.connection)
    }

    /// From here on the store may be served.
    ///
    /// # Errors
    /// If the disk is full.
    pub fn finish(self) -> Result<()> {
        self.connection.execute_batch("DROP TABLE import_progress").map_err(at_commit(DOING))?;
        truncate_log(&self.connection)
    }
}

fn progress(connection: &Connection) -> rusqlite::Result<Mark> {
    let sql = "SELECT line, digest, rows FROM import_progress";
    connection.query_row(sql, [], |row| {
        let number = |at| row.get::<_, i64>(at).map(|number| u64::try_from(number).unwrap_or_default());
        Ok(Mark { line: number(0)?, digest: row.get(1)?, rows: number(2)? })
    })
}

/// Refuses a store that has rows which a new one has not.
fn refuse_used(connection: &Connection) -> Result<()> {
    for table in moved::tables().iter().filter(|table| !FILLED_AT_FIRST.contains(&table.name)) {
        let sql = format!("SELECT 1 FROM {} LIMIT 1", table.name);
        let found = connection.query_row(&sql, [], |_| Ok(())).optional().map_err(before_commit(DOING))?;
        if found.is_some() {
            let words = format!("it is in use already: {} has rows; import into a new store", table.name);
            return Err(Failure::Rejected { doing: DOING, source: words.into() });
        }
    }
    Ok(())
}

fn begin(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(PROGRESS)?;
    FILLED_AT_FIRST.iter().try_for_each(|table| transaction.execute_batch(&format!("DELETE FROM {table}")))
}

fn insert(transaction: &Transaction<'_>, table: &Moved, rows: Rows) -> Result<()> {
    let sql = insert_sql(table);
    let mut statement = transaction.prepare_cached(&sql).map_err(before_commit(DOING))?;
    let words = "INSERT INTO listing_words (rowid, words) VALUES (?1, ?2)";
    let mut words = transaction.prepare_cached(words).map_err(before_commit(DOING))?;
    let title = table.columns.iter().position(|column| column.name == "title");
    let title = title.filter(|_| table.name == "listings");
    for row in rows {
        let key: Vec<Value> = row.iter().take(2).cloned().collect();
        let worded = match (row.first(), title.and_then(|at| row.get(at))) {
            (Some(Value::Number(auction)), Some(Value::Text(title))) => {
                Some((*auction, store::words::tokens(title).join(" ")))
            }
            _ => None,
        };
        let added = statement.execute(params_from_iter(row.into_iter().map(stored)));
        added.map_err(|error| super::refused(table.name, &key, error))?;
        if let Some(worded) = worded {
            words.execute(worded).map_err(|error| super::refused(table.name, &key, error))?;
        }
    }
    Ok(())
}

/// Adds a row; the cursor of the followers stands before the first round.
fn insert_sql(table: &Moved) -> String {
    let (names, values) = (table.column_names(), vec!["?"; table.columns.len()].join(", "));
    match table.name {
        "followers" => format!("INSERT INTO followers ({names}, round) VALUES ({values}, 0)"),
        name => format!("INSERT INTO {name} ({names}) VALUES ({values})"),
    }
}
