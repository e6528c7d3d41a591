//! Connections: how each is set up. The writer is durable to the disk at every commit; readers can only read.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use store::Result;

use crate::failure::before_commit;

/// The store's file inside its folder.
pub const FILE_NAME: &str = "neighborbid.sqlite";

/// Below this version a checkpoint beside a writer may corrupt the file (the "WAL reset" fault).
const SQLITE_VERSION_MIN: i32 = 3_051_003;

/// How many prepared statements a connection keeps.
const STATEMENTS_KEPT: usize = 128;

/// The writer's page cache, in KiB.
const WRITER_CACHE_KIB: i64 = 262_144;

/// A reader's page cache, in KiB.
const READER_CACHE_KIB: i64 = 32_768;

/// How long a connection waits for another's lock; only a backup or the checkpointer ever holds one.
pub(crate) const LOCK_WAIT: Duration = Duration::from_secs(5);

/// Opens the one connection that writes.
pub(crate) fn open_writer(path: &Path) -> Result<Connection> {
    assert!(
        rusqlite::version_number() >= SQLITE_VERSION_MIN,
        "SQLite {} may corrupt a log",
        rusqlite::version()
    );
    let connection = Connection::open(path).map_err(before_commit("opening the store"))?;
    let set_up = || -> rusqlite::Result<()> {
        plan_once(&connection)?;
        connection.busy_timeout(LOCK_WAIT)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "foreign_keys", "on")?;
        connection.pragma_update(None, "wal_autocheckpoint", 0)?;
        connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
        connection.pragma_update(None, "temp_store", "memory")?;
        Ok(())
    };
    set_up().map_err(before_commit("setting up the writer"))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    Ok(connection)
}

/// Opens a connection that only reads.
pub(crate) fn open_reader(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(before_commit("opening a reader"))?;
    let set_up = || -> rusqlite::Result<()> {
        plan_once(&connection)?;
        connection.busy_timeout(LOCK_WAIT)?;
        connection.pragma_update(None, "query_only", "on")?;
        connection.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
        connection.pragma_update(None, "temp_store", "memory")?;
        Ok(())
    };
    set_up().map_err(before_commit("setting up a reader"))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    Ok(connection)
}

/// Plans a statement when it is prepared and never again: else SQLite plans anew whenever a bound value could have changed the
/// plan, which costs more than the statement does.
pub(crate) fn plan_once(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(|_| ())
}

/// Carries the whole write-ahead log into the file and empties it: what an earlier process left in limbo is settled
/// before anyone is served. A reader of another process, such as a backup, may keep the log from being emptied; then the
/// heartbeat that is committed before anyone is served settles it as well.
pub(crate) fn truncate_log(connection: &Connection) -> Result<()> {
    let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
    let blocked: Option<i64> = connection
        .query_row(sql, [], |row| row.get(0))
        .optional()
        .map_err(before_commit("settling the write-ahead log"))?;
    if blocked.is_some_and(|blocked| blocked != 0) {
        tracing::warn!("another process reads the store: its write-ahead log is settled by the next commit");
    }
    Ok(())
}
