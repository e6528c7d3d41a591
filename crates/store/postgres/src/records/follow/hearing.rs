//! Hearing what other nodes have kept, by visibility: each node remembers what it has seen, and nobody keeps it for him.

use ledger::{MemberId, Wallet};
use store::records::{Heard, Moment};

use super::window::{heads, snapshot, unseen};
use crate::failure::Fault;
use crate::pool::Connection;
use crate::rows::{Result, money};

/// How many rounds are heard together, but for those of a single transaction.
const ROUNDS_HEARD_MAX: usize = 1_024;

/// How long a wallet is in its row: member, available, held, version.
const WALLET_BYTES: usize = 32;

/// What is seen now.
pub(in crate::records) const NOW: &str = "SELECT pg_current_snapshot()::text";

/// As the followers' statement, with the wallets.
pub(in crate::records) const HEARD: &str = concat!(
    "SELECT r.xid::text, r.heads, r.wallets, (SELECT pg_current_snapshot()::text) FROM ",
    unseen!("xid, heads, wallets"),
    " ORDER BY r.xid FETCH FIRST ($2::bigint) ROWS WITH TIES"
);

/// The rounds that became visible since that moment; without one, the moment that is now. A moment of another server
/// is refused, for numbers of transactions mean nothing there: a connection may have been replaced unnoticed, and its
/// server with it.
pub(in crate::records) async fn heard(store: &Connection, since: Option<Moment>) -> Result<Heard> {
    let server = store.server();
    let moment = |snapshot: &str| Some(Moment(format!("{server}/{snapshot}")));
    let Some(Moment(since)) = since else {
        let row = store.query_one(NOW, &[]).await?;
        return Ok(Heard { moment: moment(row.try_get(0)?), ..Heard::default() });
    };
    let since = since.strip_prefix(&format!("{server}/"));
    let since = since.ok_or_else(|| Fault::unlike("a moment of this server, which took another's place"))?;
    let known = snapshot(since)?;
    let rows = store.query(HEARD, &[&since, &(ROUNDS_HEARD_MAX as i64)]).await?;
    let Some(last) = rows.last() else {
        return Ok(Heard { moment: moment(since), ..Heard::default() });
    };
    let xid: &str = last.try_get(0)?;
    let xid = xid.parse().map_err(|_| Fault::unlike("the number of a transaction"))?;
    let newer = snapshot(last.try_get(3)?)?;
    let more = rows.len() >= ROUNDS_HEARD_MAX;
    let up_to = if more { xid } else { u64::MAX };
    let moment = moment(&known.up_to(&newer, up_to).to_string());
    let mut told = Heard { moment, more, ..Heard::default() };
    for row in &rows {
        told.heads.extend(heads(row.try_get(1)?)?);
        told.wallets.extend(wallets(row.try_get(2)?)?);
    }
    Ok(told)
}

/// Reads a round's wallets: little-endian numbers, four for each.
fn wallets(bytes: &[u8]) -> Result<Vec<(MemberId, Wallet)>> {
    let (whole, rest) = bytes.as_chunks::<WALLET_BYTES>();
    if !rest.is_empty() {
        return Err(Fault::unlike("wallets of four numbers each"));
    }
    let wallet = |bytes: &[u8; WALLET_BYTES]| {
        let (numbers, _) = bytes.as_chunks::<8>();
        let [member, available, held, version] = [0, 1, 2, 3].map(|at| i64::from_le_bytes(numbers[at]));
        Ok((MemberId(member), Wallet { available: money(available, 2)?, held: money(held, 2)?, version }))
    };
    whole.iter().map(wallet).collect()
}
