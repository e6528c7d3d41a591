//! The next rounds after the cursor, folded into one span of events for each auction.

use std::collections::BTreeMap;

use auction::{AuctionId, Seq};
use rusqlite::types::Type;
use rusqlite::{Connection, Error, Result};

/// How many auctions the rounds of one window touch at most, but for those of a single round.
const AUCTIONS_TOGETHER_MAX: usize = 512;

/// How long a head is in its row: auction, event before, event after.
const HEAD_BYTES: usize = 24;

/// Rounds that are followed together.
pub(super) struct Window {
    /// Where the cursor stood.
    pub(super) after: i64,
    /// The newest round in it.
    pub(super) last: i64,
    /// How many rounds it holds.
    pub(super) rounds: usize,
    /// Whether more rounds wait behind it.
    pub(super) has_more: bool,
    /// The auctions they touched.
    pub(super) heads: BTreeMap<AuctionId, Span>,
}

/// The events of one auction after `before`, up to and with `after`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) before: Seq,
    pub(super) after: Seq,
}

/// The next window of at most so many rounds; `None` if none waits.
pub(super) fn next(connection: &Connection, rounds_max: usize) -> Result<Option<Window>> {
    let sql = "SELECT round FROM followers WHERE name = 'market'";
    let after: i64 = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    let mut statement =
        connection.prepare_cached("SELECT id, heads FROM rounds WHERE id > ?1 ORDER BY id LIMIT ?2")?;
    let mut found = statement.query((after, rounds_max as i64))?;
    let mut window = Window { after, last: after, rounds: 0, has_more: false, heads: BTreeMap::new() };
    while let Some(row) = found.next()? {
        let heads = heads(row.get_ref(1)?.as_blob()?)?;
        let fresh = heads.iter().filter(|(auction, _)| !window.heads.contains_key(auction)).count();
        if window.rounds > 0 && window.heads.len() + fresh > AUCTIONS_TOGETHER_MAX {
            break;
        }
        for (auction, span) in heads {
            let known = window.heads.entry(auction).or_insert(span);
            known.before = known.before.min(span.before);
            known.after = known.after.max(span.after);
        }
        window.last = row.get(0)?;
        window.rounds += 1;
    }
    if window.rounds == 0 {
        return Ok(None);
    }
    let sql = "SELECT max(id) > ?1 FROM rounds";
    window.has_more = connection.prepare_cached(sql)?.query_row([window.last], |row| row.get(0))?;
    Ok(Some(window))
}

/// Reads a round's heads: little-endian numbers, three for each auction.
fn heads(bytes: &[u8]) -> Result<Vec<(AuctionId, Span)>> {
    let (whole, rest) = bytes.as_chunks::<HEAD_BYTES>();
    if !rest.is_empty() {
        let words = "a round's heads are not made of three numbers each";
        return Err(Error::FromSqlConversionFailure(1, Type::Blob, words.into()));
    }
    let head = |head: &[u8; HEAD_BYTES]| {
        let (numbers, _) = head.as_chunks::<8>();
        let [auction, before, after] = [0, 1, 2].map(|at| i64::from_le_bytes(numbers[at]));
        (AuctionId(auction), Span { before: Seq(before), after: Seq(after) })
    };
    Ok(whole.iter().map(head).collect())
}
