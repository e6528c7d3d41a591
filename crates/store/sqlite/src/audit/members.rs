//! Members: each wallet against his transfers and his holds, all of one moment.

use rusqlite::{Connection, Result};
use store::WithdrawalState;

use super::checks::{Check, Findings};
use super::money::{Chain, Money};
use super::{Reading, Steps};
use crate::rows::number_of;

/// How many parts in auctions cost a read as much as a wallet.
const PARTS_PER_WALLET: usize = 10;

/// A wallet as it stands in its row.
struct Wallet {
    member: i64,
    available: i64,
    held: i64,
    last: i64,
}

/// Compares every wallet of this pass.
pub(super) fn compare(
    reading: &Reading<'_>,
    steps: &Steps,
    money: &mut Money,
    findings: &mut Findings,
) -> Result<()> {
    let mut after = Some(money.members.after());
    while let Some(from) = after {
        after = reading.once(|connection| match money.catch_up(connection, findings)? {
            true => some(connection, from, steps.wallets_per_read, money, findings),
            false => Ok(Some(from)),
        })?;
    }
    for (member, chain) in money.members.iter() {
        if chain.is_old && !chain.is_compared {
            findings.wrong(Check::WalletsAreTheirTransfers, || {
                format!("member {member}: no wallet, but transfers up to {}", chain.last)
            });
            money.astray -= i128::from(chain.available) + i128::from(chain.held);
        }
    }
    Ok(())
}

/// Compares the next wallets; where to go on, if there are more.
fn some(
    connection: &Connection,
    after: i64,
    limit: usize,
    money: &mut Money,
    findings: &mut Findings,
) -> Result<Option<i64>> {
    let sql = "SELECT member, available, held, last_transfer FROM wallets \
               WHERE member > ?1 AND member <= ?2 ORDER BY member LIMIT ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((after, money.members.upto(), limit as i64))?;
    let mut parts = 0;
    while let Some(row) = rows.next()? {
        let wallet =
            Wallet { member: row.get(0)?, available: row.get(1)?, held: row.get(2)?, last: row.get(3)? };
        parts += PARTS_PER_WALLET + one(connection, &wallet, money, findings)?;
        if parts >= limit * PARTS_PER_WALLET {
            return Ok(Some(wallet.member));
        }
    }
    Ok(None)
}

/// Compares one wallet; how many parts it took.
fn one(
    connection: &Connection,
    wallet: &Wallet,
    money: &mut Money,
    findings: &mut Findings,
) -> Result<usize> {
    let Wallet { member, available, held, last } = *wallet;
    let Some(chain) = money.members.get_mut(member) else {
        let exists = connection.prepare_cached("SELECT 1 FROM members WHERE id = ?1")?.exists([member])?;
        findings.expect(Check::NoStrays, exists, || {
            format!("wallet of member {member}: there is no such member")
        });
        return Ok(0);
    };
    chain.is_compared = true;
    findings.expect(Check::ChainsAreWhole, last == chain.last, || {
        format!("wallet of member {member}: says {last} is his newest transfer, it is {}", chain.last)
    });
    let is_sum = (available, held) == (chain.available, chain.held);
    findings.expect(Check::WalletsAreTheirTransfers, is_sum, || {
        let (sum, held_sum) = (chain.available, chain.held);
        format!("wallet of member {member}: available {available}, held {held}; by his transfers {sum} and {held_sum}")
    });
    findings.expect(Check::MembersNeverBelowZero, available >= 0 && held >= 0, || {
        format!("wallet of member {member}: available {available}, held {held}")
    });
    let now = i128::from(available) + i128::from(held);
    money.astray += now - i128::from(chain.available) - i128::from(chain.held);
    let (holds, parts) = holds(connection, member)?;
    findings.expect(Check::HeldIsOpenHolds, holds == Some(held), || {
        format!("wallet of member {member}: held {held}, his holds are {holds:?}")
    });
    withdrawals(connection, member, chain, findings)?;
    debts(connection, member, chain, findings)?;
    Ok(parts)
}

/// What he asked to have paid out, and what he got back of that, is what his withdrawals say.
fn withdrawals(connection: &Connection, member: i64, chain: &Chain, findings: &mut Findings) -> Result<()> {
    let sql = "SELECT amount, state FROM withdrawals INDEXED BY withdrawals_by_member WHERE member = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([member])?;
    let (mut requested, mut reversed) = (0_i64, 0_i64);
    while let Some(row) = rows.next()? {
        let (amount, state): (i64, i64) = (row.get(0)?, row.get(1)?);
        requested = requested.saturating_add(amount);
        if state == number_of(&WithdrawalState::ALL, &WithdrawalState::Reversed) {
            reversed = reversed.saturating_add(amount);
        }
    }
    let is_right = (requested, reversed) == (chain.requested, chain.reversed);
    findings.expect(Check::PayableIsWithdrawals, is_right, || {
        let (moved, back) = (chain.requested, chain.reversed);
        format!("member {member}: withdrawals of {requested}, {reversed} back; by his transfers {moved} and {back}")
    });
    Ok(())
}

/// What was taken back of his deposits is what his debts do not lack.
fn debts(connection: &Connection, member: i64, chain: &Chain, findings: &mut Findings) -> Result<()> {
    let sql =
        "SELECT coalesce(sum(amount - missing), 0) FROM debts INDEXED BY debts_by_member WHERE member = ?1";
    let said: i64 = connection.prepare_cached(sql)?.query_row([member], |row| row.get(0))?;
    findings.expect(Check::Debts, said == chain.taken_back, || {
        let moved = chain.taken_back;
        format!("member {member}: {said} of his deposits was taken back; by his transfers {moved}")
    });
    Ok(())
}

/// The sum of a member's holds, if it can be said, and in how many auctions he takes part.
fn holds(connection: &Connection, member: i64) -> Result<(Option<i64>, usize)> {
    let sql = "SELECT hold FROM bidders INDEXED BY bidders_by_member WHERE member = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([member])?;
    let (mut sum, mut parts) = (Some(0_i64), 0);
    while let Some(row) = rows.next()? {
        let hold: i64 = row.get(0)?;
        sum = sum.and_then(|sum| sum.checked_add(hold));
        parts += 1;
    }
    Ok((sum, parts))
}
