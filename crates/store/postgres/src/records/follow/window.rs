//! The next rounds that the cursor has not seen, folded into one head for each auction and each order.

use std::collections::BTreeMap;

use auction::{AuctionId, OrderId, Seq, Time};
use tokio_postgres::Row;

use super::snapshot::Snapshot;
use crate::failure::Fault;
use crate::pool::Connection;
use crate::rows::Result;

/// How many rounds make a window at most, but for those of a single transaction.
const ROUNDS_TOGETHER_MAX: usize = 1_024;

/// How many auctions the rounds of one window touch at most, but for those of a single transaction.
const AUCTIONS_SEEN_MAX: usize = 2_048;

/// How many orders the rounds of one window touch at most, but for those of a single transaction.
const ORDERS_SEEN_MAX: usize = 512;

/// How long a head is in its row: auction or order, event or step before, event or step after.
const HEAD_BYTES: usize = 24;

/// Rounds that are followed together.
pub(super) struct Window {
    /// The cursor as it was read.
    pub(super) cursor: String,
    /// The cursor once the window is done.
    pub(super) next: Snapshot,
    /// The time of its newest round.
    pub(super) newest: Time,
    /// Whether more rounds wait behind it.
    pub(super) has_more: bool,
    /// The auctions they touched, each with its newest event in them.
    pub(super) heads: BTreeMap<AuctionId, Seq>,
    /// The orders they touched, each with its newest step in them.
    pub(super) orders: BTreeMap<OrderId, i64>,
}

/// How far the followers have come, as a snapshot.
pub(in crate::records) async fn cursor(store: &Connection) -> Result<String> {
    Ok(snapshot(&stored_cursor(store).await?)?.to_string())
}

/// The same as it stands in its row.
async fn stored_cursor(store: &Connection) -> Result<String> {
    let sql = "SELECT snapshot FROM followers WHERE name = 'market'";
    Ok(store.query_one(sql, &[]).await?.try_get(0)?)
}

/// One round as it was kept.
struct Round {
    xid: u64,
    at: Time,
    heads: Vec<(AuctionId, Seq)>,
    orders: Vec<(OrderId, i64)>,
}

/// The next window; `None` if no round waits. It ends between two transactions, so that the cursor can say where.
pub(super) async fn next(store: &Connection) -> Result<Option<Window>> {
    let cursor = stored_cursor(store).await?;
    let known = snapshot(&cursor)?;
    let found = store.query(ROUNDS, &[&known.to_string(), &(ROUNDS_TOGETHER_MAX as i64 + 1)]).await?;
    let Some(row) = found.first() else { return Ok(None) };
    let newer = snapshot(row.try_get(4)?)?;
    let rounds = found.iter().map(round).collect::<Result<Vec<Round>>>()?;

    let (mut heads, mut orders) = (BTreeMap::<AuctionId, Seq>::new(), BTreeMap::<OrderId, i64>::new());
    let (mut last, mut newest, mut taken) = (0, Time::default(), 0);
    for round in &rounds {
        let fresh = round.heads.iter().filter(|(auction, _)| !heads.contains_key(auction)).count();
        let is_full = taken >= rounds_max(&rounds)
            || heads.len() + fresh > AUCTIONS_SEEN_MAX
            || orders.len() + round.orders.len() > ORDERS_SEEN_MAX;
        if taken > 0 && round.xid != last && is_full {
            break;
        }
        for (auction, seq) in &round.heads {
            let known = heads.entry(*auction).or_insert(*seq);
            *known = (*seq).max(*known);
        }
        for (order, step) in &round.orders {
            let known = orders.entry(*order).or_insert(*step);
            *known = (*step).max(*known);
        }
        (last, newest, taken) = (round.xid, newest.max(round.at), taken + 1);
    }
    // Where as many came as were asked for, more may wait behind them even if all were taken.
    let has_more = taken < rounds.len() || rounds.len() > ROUNDS_TOGETHER_MAX;
    let last = if has_more { last } else { u64::MAX };
    Ok(Some(Window { next: known.up_to(&newer, last), cursor, newest, has_more, heads, orders }))
}

/// The rounds of the transactions that the snapshot `$1` does not see: those that it lists as open, and those from its
/// `xmax` on. Each half reads its own rows of the index and no others: whoever asks for all from `xmin` on, and then for what
/// is not seen, reads again and again what was kept since the oldest open transaction began. Each half is in order, so
/// that no plan has to sort a long backlog before it takes the first of it.
macro_rules! unseen {
    ($columns:literal) => {
        concat!(
            "((SELECT ",
            $columns,
            " FROM rounds WHERE xid = ANY (ARRAY(SELECT pg_snapshot_xip($1::text::pg_snapshot))) ORDER BY xid) \
             UNION ALL (SELECT ",
            $columns,
            " FROM rounds WHERE xid >= pg_snapshot_xmax($1::text::pg_snapshot) ORDER BY xid)) AS r"
        )
    };
}
pub(in crate::records) use unseen;

/// The rounds that a snapshot does not see, in the order of their transactions' numbers, and what is seen now; the last
/// transaction's rounds are all there.
pub(crate) const ROUNDS: &str = concat!(
    "SELECT r.xid::text, r.at, r.heads, r.orders, (SELECT pg_current_snapshot()::text) FROM ",
    unseen!("xid, at, heads, orders"),
    " ORDER BY r.xid FETCH FIRST ($2::bigint) ROWS WITH TIES"
);

/// How many of the rounds are taken at the most: not those of the last transaction, if more may wait behind it.
fn rounds_max(rounds: &[Round]) -> usize {
    match rounds.get(ROUNDS_TOGETHER_MAX) {
        Some(one_more) => rounds.iter().take_while(|round| round.xid != one_more.xid).count(),
        None => rounds.len(),
    }
}

fn round(row: &Row) -> Result<Round> {
    let xid: &str = row.try_get(0)?;
    let xid = xid.parse().map_err(|_| Fault::unlike("the number of a transaction"))?;
    let orders = numbers(row.try_get(3)?)?.into_iter();
    let orders = orders.map(|[order, _, after]| (OrderId(order), after)).collect();
    Ok(Round { xid, at: Time(row.try_get(1)?), heads: heads(row.try_get(2)?)?, orders })
}

pub(super) fn snapshot(text: &str) -> Result<Snapshot> {
    text.parse().map_err(|_| Fault::unlike("a snapshot"))
}

/// Reads a round's heads, each an auction and its newest event.
pub(super) fn heads(bytes: &[u8]) -> Result<Vec<(AuctionId, Seq)>> {
    let heads = numbers(bytes)?.into_iter();
    Ok(heads.map(|[auction, _, after]| (AuctionId(auction), Seq(after))).collect())
}

/// Little-endian numbers, three for each auction or order.
fn numbers(bytes: &[u8]) -> Result<Vec<[i64; 3]>> {
    let (whole, rest) = bytes.as_chunks::<HEAD_BYTES>();
    if !rest.is_empty() {
        return Err(Fault::unlike("heads of three numbers each"));
    }
    let head = |head: &[u8; HEAD_BYTES]| {
        let (numbers, _) = head.as_chunks::<8>();
        [0, 1, 2].map(|at| i64::from_le_bytes(numbers[at]))
    };
    Ok(whole.iter().map(head).collect())
}
