//! The next rounds after the cursor, folded into one head for each auction and each order.

use std::collections::BTreeMap;

use auction::{AuctionId, OrderId, Seq};
use rusqlite::types::Type;
use rusqlite::{Connection, Error, Result};

/// How many rounds make a window at most.
pub(in crate::records) const ROUNDS_TOGETHER_MAX: usize = 1_024;

/// How many auctions the rounds of one window touch at most, but for those of a single round.
const AUCTIONS_SEEN_MAX: usize = 2_048;

/// How many orders the rounds of one window touch at most, but for those of a single round.
const ORDERS_SEEN_MAX: usize = 512;

/// How long a head is in its row: auction or order, event or step before, event or step after.
const HEAD_BYTES: usize = 24;

/// Rounds that are followed together.
pub(super) struct Window {
    /// The newest round in it.
    pub(super) last: i64,
    /// Whether more rounds wait behind it.
    pub(super) has_more: bool,
    /// The auctions they touched, each with its newest event in them.
    pub(super) heads: BTreeMap<AuctionId, Seq>,
    /// The orders they touched, each with its newest step in them.
    pub(super) orders: BTreeMap<OrderId, i64>,
}

/// The next window; `None` if no round waits.
pub(super) fn next(connection: &Connection) -> Result<Option<Window>> {
    let sql = "SELECT round FROM followers WHERE name = 'market'";
    let cursor: i64 = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    let sql = "SELECT id, heads, orders FROM rounds WHERE id > ?1 ORDER BY id LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let mut found = statement.query((cursor, ROUNDS_TOGETHER_MAX as i64))?;
    let (heads, orders) = (BTreeMap::new(), BTreeMap::new());
    let mut window = Window { last: cursor, has_more: false, heads, orders };
    while let Some(row) = found.next()? {
        let heads = numbers(row.get_ref(1)?.as_blob()?)?;
        let orders = numbers(row.get_ref(2)?.as_blob()?)?;
        if window.last > cursor && !window.has_room_for(&heads, &orders) {
            break;
        }
        for [auction, _, after] in heads {
            let known = window.heads.entry(AuctionId(auction)).or_insert(Seq(after));
            *known = Seq(after).max(*known);
        }
        for [order, _, after] in orders {
            let known = window.orders.entry(OrderId(order)).or_insert(after);
            *known = after.max(*known);
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

impl Window {
    fn has_room_for(&self, heads: &[[i64; 3]], orders: &[[i64; 3]]) -> bool {
        let auctions = heads.iter().filter(|[auction, ..]| !self.heads.contains_key(&AuctionId(*auction)));
        let fresh = orders.iter().filter(|[order, ..]| !self.orders.contains_key(&OrderId(*order)));
        self.heads.len() + auctions.count() <= AUCTIONS_SEEN_MAX
            && self.orders.len() + fresh.count() <= ORDERS_SEEN_MAX
    }
}

/// Reads a round's heads, each an auction or an order and its newest number before and after: little-endian.
fn numbers(bytes: &[u8]) -> Result<Vec<[i64; 3]>> {
    let (whole, rest) = bytes.as_chunks::<HEAD_BYTES>();
    if !rest.is_empty() {
        let words = "a round's heads are not made of three numbers each";
        return Err(Error::FromSqlConversionFailure(1, Type::Blob, words.into()));
    }
    let head = |head: &[u8; HEAD_BYTES]| {
        let (numbers, _) = head.as_chunks::<8>();
        [0, 1, 2].map(|at| i64::from_le_bytes(numbers[at]))
    };
    Ok(whole.iter().map(head).collect())
}
