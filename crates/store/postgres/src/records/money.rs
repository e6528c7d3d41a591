//! Money as its owner sees it: the wallet with its holds, the transfers behind it, and what he wants out.
//!
//! No index leads from a member to his transfers, as a bid would have to dirty it: each transfer names the one before
//! it in the same wallet, and the wallet names the newest. A page walks that chain, [`TRANSFERS_WALKED_MAX`] steps at
//! most.

use std::collections::HashMap;

use auction::{AuctionId, OrderId, Span, Time};
use ledger::{MemberId, Money, TransferId, Wallet};
use store::records::{
    Balance, DepositRow, HoldRow, PAGE_ROWS_MAX, Page, Paged, TransferFilter, TransferRow, WalletPage,
};
use tokio_postgres::Row;

use crate::pool::Connection;
use crate::rows::people::{debt, debt_columns, withdrawal, withdrawal_columns};
use crate::rows::{self, Result, history, word};
use store::{Debt, Withdrawal, pages};

/// How many transfers a page looks at; one that finds less than it may hold until then says where to go on.
const TRANSFERS_WALKED_MAX: usize = 2_000;

/// How many transfers one statement walks.
const STRETCH: usize = 500;

/// How many of a member's parts in auctions a wallet looks at, newest first, for the holds among them.
const PARTS_WALKED_MAX: i64 = 10_000;

/// How far the clock may have been set back between two transfers, so that a walk does not end too early.
const CLOCK_SET_BACK_MAX: Span = Span::days(1);

/// A member's wallet with his open holds, newest auction first; both as of one moment.
pub(super) async fn wallet(store: &Connection, member: MemberId) -> Result<WalletPage> {
    let found = store.query(WALLET, &[&member.0, &PARTS_WALKED_MAX, &(PAGE_ROWS_MAX as i64)]).await?;
    let mut page = WalletPage::default();
    let Some(row) = found.first() else { return Ok(page) };
    let (available, held) = (rows::money(row.try_get(0)?, 0)?, rows::money(row.try_get(1)?, 1)?);
    page.wallet = Wallet { available, held, version: row.try_get(2)? };
    for row in &found {
        let Some(auction) = row.try_get::<_, Option<i64>>(3)?.map(AuctionId) else { break };
        let title = row.try_get::<_, Option<String>>(5)?.unwrap_or_default();
        page.holds.push(HoldRow { auction, title, amount: rows::money(row.try_get(4)?, 4)? });
    }
    Ok(page)
}

/// The wallet, with a row for each open hold among the newest parts.
pub(super) const WALLET: &str = concat!(
    "SELECT w.available, w.held, w.version, b.auction, b.hold, ",
    word!("title"),
    " FROM wallets w \
     LEFT JOIN LATERAL ( \
       SELECT auction, hold FROM ( \
         SELECT auction, hold FROM bidders WHERE member = $1 AND w.held > 0 ORDER BY auction DESC LIMIT $2) parts \
       WHERE hold > 0 LIMIT $3) b ON true \
     LEFT JOIN auctions a ON a.id = b.auction LEFT JOIN items i ON i.id = a.item",
    history!(),
    "WHERE w.member = $1 ORDER BY b.auction DESC"
);

/// The wallets of these members, without their holds.
pub(super) async fn wallets(store: &Connection, members: &[MemberId]) -> Result<Vec<(MemberId, Wallet)>> {
    let ids: Vec<i64> = members.iter().map(|member| member.0).collect();
    let wallet = |row: &Row| -> Result<(MemberId, Wallet)> {
        let (available, held) = (rows::money(row.try_get(1)?, 1)?, rows::money(row.try_get(2)?, 2)?);
        Ok((MemberId(row.try_get(0)?), Wallet { available, held, version: row.try_get(3)? }))
    };
    store.query(WALLETS, &[&ids]).await?.iter().map(wallet).collect()
}

/// Wallets alone.
pub(super) const WALLETS: &str =
    "SELECT member, available, held, version FROM wallets WHERE member = ANY($1)";

/// The titles of what these auctions sell.
async fn titles(store: &Connection, auctions: &[i64]) -> Result<HashMap<i64, String>> {
    let sql = concat!(
        "SELECT a.id, ",
        word!("title"),
        " FROM auctions a JOIN items i ON i.id = a.item",
        history!(),
        "WHERE a.id = ANY($1)"
    );
    let title = |row: &Row| -> Result<(i64, String)> { Ok((row.try_get(0)?, row.try_get(1)?)) };
    store.query(sql, &[&auctions]).await?.iter().map(title).collect()
}

/// A member's transfers, newest first; the cursor is the number of the first transfer to look at.
pub(super) async fn transfers(
    store: &Connection,
    member: MemberId,
    filter: TransferFilter,
    page: &Page,
) -> Result<Paged<TransferRow>> {
    let Some(start) = pages::place(page, 0) else { return Ok(pages::empty()) };
    let newest = "SELECT last_transfer FROM wallets WHERE member = $1";
    let mut at: Option<i64> = match start {
        0 => store.query_opt(newest, &[&member.0]).await?.map(|row| row.try_get(0)).transpose()?,
        number => Some(number),
    };
    let limit = pages::limit(page);
    let (mut items, mut walked) = (Vec::new(), 0);
    while let Some(number) = at
        && walked < TRANSFERS_WALKED_MAX
        && items.len() < limit
    {
        let most = if filter == TransferFilter::default() { limit } else { STRETCH };
        let stretch = stretch(store, member, number, most.min(TRANSFERS_WALKED_MAX - walked)).await?;
        if stretch.is_empty() {
            at = None;
        }
        for (row, previous) in stretch {
            if items.len() == limit {
                break;
            }
            if filter.from.is_some_and(|from| row.at < from.minus(CLOCK_SET_BACK_MAX)) {
                at = None;
                break;
            }
            if lets_through(filter, &row) {
                items.push(row);
            }
            (at, walked) = (previous, walked + 1);
        }
    }
    let auctions: Vec<i64> = items.iter().filter_map(|row: &TransferRow| Some(row.auction?.0)).collect();
    let titles = titles(store, &auctions).await?;
    for row in &mut items {
        row.title = row.auction.and_then(|auction| titles.get(&auction.0).cloned());
    }
    Ok(Paged { items, next: at.map(|number| number.to_string()) })
}

fn lets_through(filter: TransferFilter, row: &TransferRow) -> bool {
    filter.from.is_none_or(|from| row.at >= from)
        && filter.to.is_none_or(|to| row.at < to)
        && filter.reason.is_none_or(|reason| row.reason == reason)
}

/// So many transfers of the member's from that one on, without their titles, each with the one before it in his wallet;
/// nothing of anyone else's.
async fn stretch(
    store: &Connection,
    member: MemberId,
    from: i64,
    most: usize,
) -> Result<Vec<(TransferRow, Option<i64>)>> {
    let found = store.query(STRETCH_SQL, &[&from, &member.0, &(most as i64)]).await?;
    found.iter().map(|row| transfer(row, member)).collect()
}

/// The chain, step by step.
pub(super) const STRETCH_SQL: &str = "WITH RECURSIVE chain AS ( \
       SELECT id, from_account, to_account, amount, reason, auction, order_id, at, previous, 1::bigint AS step \
       FROM transfers WHERE id = $1 AND member = $2 \
     UNION ALL \
       SELECT t.id, t.from_account, t.to_account, t.amount, t.reason, t.auction, t.order_id, t.at, t.previous, c.step + 1 \
       FROM chain c JOIN transfers t ON t.id = c.previous AND t.member = $2 WHERE c.step < $3) \
     SELECT id, from_account, to_account, amount, reason, auction, order_id, at, nullif(previous, 0) \
     FROM chain ORDER BY step";

fn transfer(row: &Row, member: MemberId) -> Result<(TransferRow, Option<i64>)> {
    let account = |at: usize| rows::account(row.try_get(at)?, Some(member.0), at);
    let transfer = TransferRow {
        id: TransferId(row.try_get(0)?),
        from: account(1)?,
        to: account(2)?,
        amount: rows::money(row.try_get(3)?, 3)?,
        reason: rows::reason(row.try_get(4)?, 4)?,
        auction: row.try_get::<_, Option<i64>>(5)?.map(AuctionId),
        title: None,
        order: row.try_get::<_, Option<i64>>(6)?.map(OrderId),
        at: Time(row.try_get(7)?),
    };
    Ok((transfer, row.try_get(8)?))
}

/// A member's two balances before anything that was kept at or after that moment: what he has now, without what moved
/// since. Times along the chain may run back a little, where several auctions were in one round; none is missed unless
/// the clock was set back by more than [`CLOCK_SET_BACK_MAX`].
pub(super) async fn balance(store: &Connection, member: MemberId, at: Time) -> Result<Balance> {
    let walked_from = at.minus(CLOCK_SET_BACK_MAX);
    let Some(row) = store.query_opt(BALANCE, &[&member.0, &at.0, &walked_from.0]).await? else {
        return Ok(Balance::default());
    };
    Ok(Balance { available: rows::money(row.try_get(0)?, 0)?, held: rows::money(row.try_get(1)?, 1)? })
}

/// The wallet without what moved since `$2`, along its chain down to `$3`. Accounts: 5 available, 6 held.
pub(super) const BALANCE: &str = "WITH RECURSIVE wallet AS ( \
       SELECT available, held, last_transfer FROM wallets WHERE member = $1), \
     chain AS ( \
       SELECT t.from_account, t.to_account, t.amount, t.at, t.previous \
       FROM wallet w JOIN transfers t ON t.id = w.last_transfer AND t.member = $1 WHERE t.at >= $3 \
     UNION ALL \
       SELECT t.from_account, t.to_account, t.amount, t.at, t.previous \
       FROM chain c JOIN transfers t ON t.id = c.previous AND t.member = $1 WHERE t.at >= $3), \
     since AS (SELECT \
       coalesce(sum(CASE WHEN to_account = 5 THEN amount WHEN from_account = 5 THEN -amount END), 0)::bigint AS available, \
       coalesce(sum(CASE WHEN to_account = 6 THEN amount WHEN from_account = 6 THEN -amount END), 0)::bigint AS held \
       FROM chain WHERE at >= $2) \
     SELECT w.available - s.available, w.held - s.held FROM wallet w CROSS JOIN since s";

/// A member's withdrawals, newest first.
pub(super) async fn withdrawals(
    store: &Connection,
    member: MemberId,
    page: &Page,
) -> Result<Paged<Withdrawal>> {
    let Some(before) = pages::place(page, i64::MAX) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let found = store.query(WITHDRAWALS, &[&member.0, &before, &pages::rows_to_read(limit)]).await?;
    let rows: Vec<Withdrawal> = found.iter().map(withdrawal).collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |row| row.id.0.to_string()))
}

/// What a member wants out, or wanted.
pub(super) const WITHDRAWALS: &str = concat!(
    "SELECT ",
    withdrawal_columns!(),
    " FROM withdrawals WHERE member = $1 AND id < $2 ORDER BY member DESC, id DESC LIMIT $3"
);

/// The withdrawals that wait, oldest first.
pub(super) async fn withdrawals_waiting(store: &Connection, page: &Page) -> Result<Paged<Withdrawal>> {
    let Some(after) = pages::place(page, 0_i64) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let found = store.query(WITHDRAWALS_WAITING, &[&after, &pages::rows_to_read(limit)]).await?;
    let rows: Vec<Withdrawal> = found.iter().map(withdrawal).collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |row| row.id.0.to_string()))
}

/// What waits for an admin.
pub(super) const WITHDRAWALS_WAITING: &str = concat!(
    "SELECT ",
    withdrawal_columns!(),
    " FROM withdrawals WHERE state = 0 AND id > $1 ORDER BY id LIMIT $2"
);

/// The debts of which something is missing, in the order of their deposits' numbers.
pub(super) async fn debts(store: &Connection, page: &Page) -> Result<Paged<Debt>> {
    let Some(after) = pages::place(page, 0_i64) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let found = store.query(DEBTS, &[&after, &pages::rows_to_read(limit)]).await?;
    let rows: Vec<Debt> = found.iter().map(debt).collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |row| row.deposit.0.to_string()))
}

/// What is missing of deposits that were taken back.
pub(super) const DEBTS: &str = concat!(
    "SELECT ",
    debt_columns!(),
    " FROM debts WHERE missing > 0 AND deposit > $1 ORDER BY deposit LIMIT $2"
);

/// A member's deposits, the highest numbers first.
pub(super) async fn deposits(store: &Connection, member: MemberId, page: &Page) -> Result<Paged<DepositRow>> {
    let Some(before) = pages::place(page, i64::MAX) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let found = store.query(DEPOSITS, &[&member.0, &before, &pages::rows_to_read(limit)]).await?;
    let came_in = |row: &Row| {
        let missing: Option<i64> = row.try_get(3)?;
        Ok(DepositRow {
            id: TransferId(row.try_get(0)?),
            amount: rows::money(row.try_get(1)?, 1)?,
            at: Time(row.try_get(2)?),
            missing: missing.map(|missing| rows::money(missing, 3)).transpose()?,
        })
    };
    let rows: Vec<DepositRow> = found.iter().map(came_in).collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |row| row.id.0.to_string()))
}

/// What came in (0), each with what is missing of it, if it was taken back.
pub(super) const DEPOSITS: &str = "SELECT id, amount, at, (SELECT missing FROM debts WHERE deposit = transfers.id) FROM transfers \
     WHERE reason = 0 AND member = $1 AND id < $2 ORDER BY member DESC, id DESC LIMIT $3";

/// What a member lacks in all.
pub(super) async fn missing(store: &Connection, member: MemberId) -> Result<Money> {
    let row = store.query_opt(MISSING, &[&member.0]).await?;
    row.map_or(Ok(Money::ZERO), |row| rows::money(row.try_get(0)?, 0))
}

/// The sum of a member's debts.
pub(super) const MISSING: &str = "SELECT coalesce(sum(missing), 0)::bigint FROM debts WHERE member = $1";

/// What the house earned and has not taken out.
pub(super) async fn fees(store: &Connection) -> Result<Money> {
    let row = store.query_opt(FEES, &[]).await?;
    row.map_or(Ok(Money::ZERO), |row| rows::money(row.try_get(0)?, 0))
}

/// The sum of what went to the fees and from them.
pub(super) const FEES: &str = crate::journal::FEES;
