//! The next rounds after the cursor, folded into one head for each auction.

use std::collections::BTreeMap;

use auction::{AuctionId, Seq};
use rusqlite::types::Type;
use rusqlite::{Connection, Error, Result};

/// How many rounds make a window at most.
pub(in crate::records) const ROUNDS_TOGETHER_MAX: usize = 1_024;

/// How many auctions the rounds of one window touch at most, but for those of a single round.
const AUCTIONS_SEEN_MAX: usize = 2_048;

/// How long a head is in its row: auction, event before, event after.
const HEAD_BYTES: usize = 24;

/// Rounds that are followed together.
pub(super) struct Window {
    /// The newest round in it.
    pub(super) last: i64,
    /// Whether more rounds wait behind it.
    pub(super) has_more: bool,
    /// The auctions they touched, each with its newest event in them.
    pub(super) heads: BTreeMap<AuctionId, Seq>,
}

/// The next window; `None` if no round waits.
pub(super) fn next(connection: &Connection) -> Result<Option<Window>> {
    let sql = "SELECT round FROM followers WHERE name = 'market'";
    let cursor: i64 = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    let mut statement =
        connection.prepare_cached("SELECT id, heads FROM rounds WHERE id > ?1 ORDER BY id LIMIT ?2")?;
    let mut found = statement.query((cursor, ROUNDS_TOGETHER_MAX as i64))?;
    let mut window = Window { last: cursor, has_more: false, heads: BTreeMap::new() };
    while let Some(row) = found.next()? {
        let heads = heads(row.get_ref(1)?.as_blob()?)?;
        let fresh = heads.iter().filter(|(auction, _)| !window.heads.contains_key(auction)).count();
        if window.last > cursor && window.heads.len() + fresh > AUCTIONS_SEEN_MAX {
            break;
        }
        for (auction, seq) in heads {
            let known = window.heads.entry(auction).or_insert(seq);
            *known = seq.max(*known);
        }
        window.last = row.get(0)?;
    }
    if window.last == cursor {
        return Ok(None);
    }
    let sql = "SELECT max(id) > ?1 FROM rounds";
    window.has_more = connection.prepare_cached(sql)?.query_row([window.last], |row| row.get(0))?;
    Ok(Some(window))
}

/// Reads a round's heads, each an auction and its newest event: little-endian numbers, three for each auction.
fn heads(bytes: &[u8]) -> Result<Vec<(AuctionId, Seq)>> {
    let (whole, rest) = bytes.as_chunks::<HEAD_BYTES>();
    if !rest.is_empty() {
        let words = "a round's heads are not made of three numbers each";
        return Err(Error::FromSqlConversionFailure(1, Type::Blob, words.into()));
    }
    let head = |head: &[u8; HEAD_BYTES]| {
        let (numbers, _) = head.as_chunks::<8>();
        let [auction, after] = [0, 2].map(|at| i64::from_le_bytes(numbers[at]));
        (AuctionId(auction), Seq(after))
    };
    Ok(whole.iter().map(head).collect())
}
