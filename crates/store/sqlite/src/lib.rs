//! Floor 2, *keeps*, in one SQLite file: one connection writes for both doors, readers stand beside it.
//!
//! [`open`] gives the two doors. The [`SqliteJournal`] holds the only writing connection and serves what
//! [`SqliteRecords`] asks to be written between two rounds, in one transaction; no other connection writes. Every commit
//! is durable (`synchronous=FULL`) before anyone hears of it. A checkpointer keeps the write-ahead log short.

pub mod audit;
mod checkpoint;
mod connection;
pub mod copy;
mod failure;
mod journal;
mod migrate;
mod readers;
mod records;
mod rows;
pub mod seed;
mod writes;

use std::path::Path;

use store::{Clock, Result};

use self::readers::Readers;

pub use checkpoint::Checkpointer;
pub use connection::FILE_NAME;
pub use journal::SqliteJournal;
pub use migrate::SCHEMA_VERSION;
pub use records::SqliteRecords;

/// How many readers answer what is found by its key in a few rows: what bids, sockets and every page wait for.
pub const POINT_READERS: usize = 2;

/// How many readers read what nobody waits for: following, sweeping, comparing.
pub const FOLLOWER_READERS: usize = 1;

/// How many readers answer all other reads, searches among them.
pub const SEARCH_READERS: usize = 3;

/// Opens the store in `folder`, bringing its schema up to date, and empties the write-ahead log before anyone is served.
///
/// # Errors
/// If the folder cannot be written, the file is no store of ours, its schema is newer than this release knows, or an import
/// into it has not ended.
pub fn open(folder: &Path, clock: Clock) -> Result<(SqliteJournal, SqliteRecords, Checkpointer)> {
    let path = folder.join(FILE_NAME);
    let mut writer = connection::open_writer(&path)?;
    migrate::migrate(&mut writer)?;
    copy::refuse_half(&writer)?;
    connection::truncate_log(&writer)?;
    let points = Readers::open(&path, "point", POINT_READERS)?;
    let followers = Readers::open(&path, "follow", FOLLOWER_READERS)?;
    let searches = Readers::open(&path, "search", SEARCH_READERS)?;
    let (writes, waiting) = writes::mailbox();
    let checkpointer = Checkpointer::open(&path)?;
    let journal = SqliteJournal::new(writer, clock, waiting)?;
    Ok((journal, SqliteRecords::new(points, followers, searches, writes), checkpointer))
}
