//! Money as its owner sees it: the wallet with its holds, the transfers behind it, and what he wants out.
//!
//! No index leads from a member to his transfers, as a bid would have to dirty it: each transfer names the one before
//! it in the same wallet, and the wallet names the newest. A page walks that chain, [`TRANSFERS_WALKED_MAX`] steps at
//! most.

use auction::{AuctionId, OrderId, Span, Time};
use ledger::{Account, MemberId, TransferId, Wallet};
use rusqlite::{Connection, OptionalExtension, Result, Row};
use store::records::{
    Balance, DepositRow, HoldRow, PAGE_ROWS_MAX, Page, Paged, TransferFilter, TransferRow, WalletPage,
};
use store::{Debt, Withdrawal, pages};

use crate::rows::people::{DEBT_COLUMNS, WITHDRAWAL_COLUMNS, debt, withdrawal};
use crate::rows::{self, HISTORY, TITLE};

/// How many transfers a page looks at; one that finds less than it may hold until then says where to go on.
pub(super) const TRANSFERS_WALKED_MAX: usize = 2_000;

/// How many of a member's parts in auctions a wallet looks at, newest first, for the holds among them.
const PARTS_WALKED_MAX: usize = 10_000;

/// How far the clock may have been set back between two transfers, so that a walk does not end too early.
const CLOCK_SET_BACK_MAX: Span = Span::days(1);

/// A member's wallet with his open holds.
pub(super) fn wallet(connection: &Connection, member: MemberId) -> Result<WalletPage> {
    let wallet = alone(connection, member)?.unwrap_or_default();
    Ok(WalletPage { wallet, holds: holds(connection, member, wallet)? })
}

/// The wallets of these members, without their holds.
pub(super) fn wallets(connection: &Connection, members: &[MemberId]) -> Result<Vec<(MemberId, Wallet)>> {
    let mut wallets = Vec::with_capacity(members.len());
    for member in members {
        wallets.extend(alone(connection, *member)?.map(|wallet| (*member, wallet)));
    }
    Ok(wallets)
}

fn alone(connection: &Connection, member: MemberId) -> Result<Option<Wallet>> {
    let sql = "SELECT available, held, version FROM wallets WHERE member = ?1";
    let found = |row: &Row<'_>| {
        let (available, held) = (rows::money(row.get(0)?, 0)?, rows::money(row.get(1)?, 1)?);
        Ok(Wallet { available, held, version: row.get(2)? })
    };
    connection.prepare_cached(sql)?.query_row([member.0], found).optional()
}

/// The open holds, newest auction first; the walk ends when all that is held was found.
fn holds(connection: &Connection, member: MemberId, wallet: Wallet) -> Result<Vec<HoldRow>> {
    let sql = "SELECT b.auction, b.hold FROM bidders b INDEXED BY bidders_by_member \
               WHERE b.member = ?1 ORDER BY b.auction DESC";
    let mut holds = Vec::new();
    let mut missing = wallet.held;
    if missing.is_zero() {
        return Ok(holds);
    }
    let mut statement = connection.prepare_cached(sql)?;
    let mut parts = statement.query([member.0])?;
    for _ in 0..PARTS_WALKED_MAX {
        let Some(row) = parts.next()? else { break };
        let amount = rows::money(row.get(1)?, 1)?;
        if amount.is_zero() {
            continue;
        }
        let auction = AuctionId(row.get(0)?);
        holds.push(HoldRow { auction, title: title(connection, auction)?.unwrap_or_default(), amount });
        missing = missing.minus_or_zero(amount);
        if missing.is_zero() || holds.len() == PAGE_ROWS_MAX {
            break;
        }
    }
    Ok(holds)
}

/// The title of what an auction sells.
fn title(connection: &Connection, auction: AuctionId) -> Result<Option<String>> {
    let sql =
        format!("SELECT {TITLE} FROM auctions a JOIN items i ON i.id = a.item {HISTORY} WHERE a.id = ?1");
    connection.prepare_cached(&sql)?.query_row([auction.0], |row| row.get(0)).optional()
}

/// A member's transfers, newest first; the cursor is the number of the first transfer to look at.
pub(super) fn transfers(
    connection: &Connection,
    member: MemberId,
    filter: TransferFilter,
    page: &Page,
) -> Result<Paged<TransferRow>> {
    let Some(start) = pages::place(page, 0) else { return Ok(pages::empty()) };
    let newest = "SELECT last_transfer FROM wallets WHERE member = ?1";
    let mut at = match start {
        0 => connection.prepare_cached(newest)?.query_row([member.0], |row| row.get(0)).optional()?,
        number => Some(number),
    };
    let mut items = Vec::new();
    for _ in 0..TRANSFERS_WALKED_MAX {
        if items.len() == pages::limit(page) {
            break;
        }
        let Some(number) = at else { break };
        let Some((row, previous)) = transfer(connection, member, number)? else {
            return Ok(Paged { items, next: None });
        };
        if filter.from.is_some_and(|from| row.at < from.minus(CLOCK_SET_BACK_MAX)) {
            return Ok(Paged { items, next: None });
        }
        if lets_through(filter, &row) {
            items.push(row);
        }
        at = previous;
    }
    for row in &mut items {
        row.title = row.auction.map(|auction| title(connection, auction)).transpose()?.flatten();
    }
    Ok(Paged { items, next: at.map(|number: i64| number.to_string()) })
}

fn lets_through(filter: TransferFilter, row: &TransferRow) -> bool {
    filter.from.is_none_or(|from| row.at >= from)
        && filter.to.is_none_or(|to| row.at < to)
        && filter.reason.is_none_or(|reason| row.reason == reason)
}

/// One transfer of the member's, without its title, and the one before it in his wallet; nothing of anyone else's.
fn transfer(
    connection: &Connection,
    member: MemberId,
    number: i64,
) -> Result<Option<(TransferRow, Option<i64>)>> {
    let sql = "SELECT from_account, to_account, amount, reason, auction, order_id, at, previous FROM transfers \
               WHERE id = ?1 AND member = ?2";
    let found = |row: &Row<'_>| {
        let account = |at: usize| rows::account(row.get(at)?, Some(member.0), at);
        let transfer = TransferRow {
            id: TransferId(number),
            from: account(0)?,
            to: account(1)?,
            amount: rows::money(row.get(2)?, 2)?,
            reason: rows::reason(row.get(3)?, 3)?,
            auction: row.get::<_, Option<i64>>(4)?.map(AuctionId),
            title: None,
            order: row.get::<_, Option<i64>>(5)?.map(OrderId),
            at: Time(row.get(6)?),
        };
        Ok((transfer, row.get(7)?))
    };
    connection.prepare_cached(sql)?.query_row((number, member.0), found).optional()
}

/// A member's two balances before anything that was kept at or after that moment: what he has now, without what moved
/// since. Times along the chain may run back a little, where several auctions were in one round; none is missed unless
/// the clock was set back by more than [`CLOCK_SET_BACK_MAX`].
pub(super) fn balance(connection: &Connection, member: MemberId, at: Time) -> Result<Balance> {
    let sql = "SELECT available, held, last_transfer FROM wallets WHERE member = ?1";
    let wallet = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?));
    let found = connection.prepare_cached(sql)?.query_row([member.0], wallet).optional()?;
    let Some((mut available, mut held, last)) = found else { return Ok(Balance::default()) };
    let sql =
        "SELECT from_account, to_account, amount, at, previous FROM transfers WHERE id = ?1 AND member = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let moved = |row: &Row<'_>| {
        let side = |at: usize| rows::account(row.get(at)?, Some(member.0), at);
        Ok((side(0)?, side(1)?, row.get::<_, i64>(2)?, Time(row.get(3)?), row.get::<_, Option<i64>>(4)?))
    };
    let mut next = Some(last);
    while let Some(number) = next {
        let Some((from, to, amount, moved_at, previous)) =
            statement.query_row((number, member.0), moved).optional()?
        else {
            break;
        };
        if moved_at < at.minus(CLOCK_SET_BACK_MAX) {
            break;
        }
        if moved_at >= at {
            for (side, change) in [(from, amount), (to, -amount)] {
                match side {
                    Account::Available(_) => available += change,
                    Account::Held(_) => held += change,
                    Account::Cash | Account::Escrow | Account::Fees | Account::Payable => {}
                }
            }
        }
        next = previous;
    }
    Ok(Balance { available: rows::money(available, 0)?, held: rows::money(held, 1)? })
}

/// A member's withdrawals, newest first.
pub(super) fn withdrawals(
    connection: &Connection,
    member: MemberId,
    page: &Page,
) -> Result<Paged<Withdrawal>> {
    let Some(before) = pages::place(page, i64::MAX) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let sql = format!(
        "SELECT {WITHDRAWAL_COLUMNS} FROM withdrawals INDEXED BY withdrawals_by_member \
         WHERE member = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_map((member.0, before, pages::rows_to_read(limit)), withdrawal)?;
    let rows: Vec<Withdrawal> = found.collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |row| row.id.0.to_string()))
}

/// The withdrawals that wait, oldest first.
pub(super) fn withdrawals_waiting(connection: &Connection, page: &Page) -> Result<Paged<Withdrawal>> {
    let Some(after) = pages::place(page, 0) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let sql = format!(
        "SELECT {WITHDRAWAL_COLUMNS} FROM withdrawals INDEXED BY withdrawals_waiting \
         WHERE state = 0 AND id > ?1 ORDER BY id LIMIT ?2"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_map((after, pages::rows_to_read(limit)), withdrawal)?;
    let rows: Vec<Withdrawal> = found.collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |row| row.id.0.to_string()))
}

/// The debts of which something is missing, in the order of their deposits' numbers.
pub(super) fn debts(connection: &Connection, page: &Page) -> Result<Paged<Debt>> {
    let Some(after) = pages::place(page, 0) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let sql = format!(
        "SELECT {DEBT_COLUMNS} FROM debts INDEXED BY debts_open \
         WHERE missing > 0 AND deposit > ?1 ORDER BY deposit LIMIT ?2"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_map((after, pages::rows_to_read(limit)), debt)?;
    let rows: Vec<Debt> = found.collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |row| row.deposit.0.to_string()))
}

/// A member's deposits, the highest numbers first.
pub(super) fn deposits(connection: &Connection, member: MemberId, page: &Page) -> Result<Paged<DepositRow>> {
    let Some(before) = pages::place(page, i64::MAX) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let came_in = |row: &Row<'_>| {
        let missing: Option<i64> = row.get(3)?;
        Ok(DepositRow {
            id: TransferId(row.get(0)?),
            amount: rows::money(row.get(1)?, 1)?,
            at: Time(row.get(2)?),
            missing: missing.map(|missing| rows::money(missing, 3)).transpose()?,
        })
    };
    let mut statement = connection.prepare_cached(DEPOSITS)?;
    let found = statement.query_map((member.0, before, pages::rows_to_read(limit)), came_in)?;
    let rows: Vec<DepositRow> = found.collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |row| row.id.0.to_string()))
}

/// What came in (0), each with what is missing of it, if it was taken back.
pub(super) const DEPOSITS: &str = "SELECT id, amount, at, (SELECT missing FROM debts WHERE deposit = transfers.id) \
     FROM transfers INDEXED BY transfers_of_deposits \
     WHERE reason = 0 AND member = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3";
