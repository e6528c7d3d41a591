//! The yardstick: the rows of the same bids in the same tables, written in bulk and nothing else.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use auction::Time;
use rusqlite::{Connection, params};

use crate::{Arguments, Measured, stopwatch};

/// Writes the rows of as many bids, as many to a transaction as the engine had in a round.
pub fn measure(arguments: &Arguments, folder: &Path, bids_a_round: f64) -> Result<Measured> {
    let folder = folder.join("raw");
    std::fs::create_dir_all(&folder)?;
    drop(store_sqlite::open(&folder, Arc::new(|| Time(0)))?);
    let connection = Connection::open(folder.join(store_sqlite::FILE_NAME))?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "cache_size", -262_144)?;
    connection.pragma_update(None, "foreign_keys", "off")?;
    let together = (bids_a_round.round() as u64).max(1);
    let (elapsed, mut written) = (stopwatch(), 0_u64);
    while written < arguments.bids {
        let until = (written + together).min(arguments.bids);
        connection.execute_batch("BEGIN IMMEDIATE")?;
        (written..until).try_for_each(|bid| write(&connection, arguments, bid as i64))?;
        summarise(&connection, arguments, until as i64)?;
        connection.execute_batch("COMMIT")?;
        written = until;
    }
    Ok(Measured { bids: written, seconds: elapsed(), bids_a_round })
}

/// A bid: its event, its hold, the release of the one before, its key.
fn write(connection: &Connection, arguments: &Arguments, bid: i64) -> Result<()> {
    let (member, auction, now) =
        (2 + bid % arguments.bidders, 1 + bid % arguments.auctions, 1_700_000_000_000_000_i64);
    connection
        .prepare_cached(
            "INSERT INTO events VALUES (?1, ?2, 2, ?3, ?4, ?5, ?6, ?6, ?7, ?6, ?4, ?5, ?3, NULL, NULL, NULL)",
        )?
        .execute(params![auction, bid + 2, now + bid, member, member - 1, bid + 1, bid + 2])?;
    let mut transfer = connection
        .prepare_cached("INSERT INTO transfers VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL, ?8, ?9)")?;
    transfer.execute(params![2 * bid + 1, 6, 5, member - 1, bid + 1, 2, auction, now + bid, 2 * bid - 9])?;
    transfer.execute(params![2 * bid + 2, 5, 6, member, bid + 1, 1, auction, now + bid, 2 * bid - 7])?;
    let key = format!("{:08x}-{:04x}-7000-8000-{bid:012x}", now >> 32, now >> 16 & 0xffff);
    connection
        .prepare_cached("INSERT INTO keys VALUES (?1, ?2, ?3, ?4, ?5, NULL, NULL, ?6)")?
        .execute(params![key, member, bid, auction, bid + 2, now + bid])?;
    Ok(())
}

/// What a round writes once: the wallets and bidders' rows it touched, and the row that followers go by.
fn summarise(connection: &Connection, arguments: &Arguments, bid: i64) -> Result<()> {
    for member in 2..=arguments.bidders + 1 {
        connection
            .prepare_cached("INSERT OR REPLACE INTO bidders VALUES (?1, ?2, ?3, ?4, ?4)")?
            .execute(params![1, member, member - 1, bid + 1])?;
        connection
            .prepare_cached("INSERT OR REPLACE INTO wallets VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![member, 100_000_000, bid, bid, 2 * bid])?;
    }
    let heads = vec![0_u8; 24];
    connection
        .prepare_cached("INSERT INTO rounds (at, heads) VALUES (?1, ?2)")?
        .execute(params![bid, heads])?;
    Ok(())
}
