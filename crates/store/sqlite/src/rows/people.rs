//! Rows: how withdrawals, debts, what admins did, and chores stand in their columns, for both doors.

use auction::{AuctionId, Hand, OrderId, Time};
use ledger::{MemberId, TransferId, WithdrawalId};
use rusqlite::{Connection, Result, Row, params};
use store::{Act, ActKind, Chore, ChoreId, Debt, Withdrawal, WithdrawalState};

use super::{money, number_of, one_of};

/// A withdrawal's columns, in the order in which [`withdrawal`] reads them.
pub(crate) const WITHDRAWAL_COLUMNS: &str =
    "id, member, amount, destination, at, state, decided_by, decided_at, reason";

/// A debt's columns, in the order in which [`debt`] reads them.
pub(crate) const DEBT_COLUMNS: &str = "deposit, member, amount, missing, admin, at, reason";

/// An act's columns, in the order in which [`act`] reads them.
pub(crate) const ACT_COLUMNS: &str = "admin, kind, member, auction, order_id, withdrawal, reason, at";

/// A chore's columns, in the order in which [`chore`] reads them.
pub(crate) const CHORE_COLUMNS: &str = "id, auction, member, seller, reason";

/// Reads a withdrawal from the first columns.
pub(crate) fn withdrawal(row: &Row<'_>) -> Result<Withdrawal> {
    Ok(Withdrawal {
        id: WithdrawalId(row.get(0)?),
        member: MemberId(row.get(1)?),
        amount: money(row.get(2)?, 2)?,
        destination: row.get(3)?,
        at: Time(row.get(4)?),
        state: one_of(&WithdrawalState::ALL, row.get(5)?, 5)?,
        decided_by: row.get::<_, Option<i64>>(6)?.map(MemberId),
        decided_at: row.get::<_, Option<i64>>(7)?.map(Time),
        reason: row.get(8)?,
    })
}

/// Reads a debt from the first columns.
pub(crate) fn debt(row: &Row<'_>) -> Result<Debt> {
    Ok(Debt {
        deposit: TransferId(row.get(0)?),
        member: MemberId(row.get(1)?),
        amount: money(row.get(2)?, 2)?,
        missing: money(row.get(3)?, 3)?,
        admin: MemberId(row.get(4)?),
        at: Time(row.get(5)?),
        reason: row.get(6)?,
    })
}

/// Reads an act from the first columns.
pub(crate) fn act(row: &Row<'_>) -> Result<Act> {
    let number = |at: usize| row.get::<_, Option<i64>>(at);
    Ok(Act {
        admin: number(0)?.map(MemberId),
        kind: one_of(&ActKind::ALL, row.get(1)?, 1)?,
        member: number(2)?.map(MemberId),
        auction: number(3)?.map(AuctionId),
        order: number(4)?.map(OrderId),
        withdrawal: number(5)?.map(WithdrawalId),
        reason: row.get(6)?,
        at: Time(row.get(7)?),
    })
}

/// Writes an act down, for ever.
pub(crate) fn keep_act(connection: &Connection, act: &Act) -> Result<()> {
    let sql = "INSERT INTO acts (admin, kind, member, auction, order_id, withdrawal, reason, at) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let values = params![
        act.admin.map(|admin| admin.0),
        number_of(&ActKind::ALL, &act.kind),
        act.member.map(|member| member.0),
        act.auction.map(|auction| auction.0),
        act.order.map(|order| order.0),
        act.withdrawal.map(|withdrawal| withdrawal.0),
        act.reason,
        act.at.0
    ];
    connection.prepare_cached(sql)?.execute(values).map(|_| ())
}

/// Reads a chore from the first columns.
pub(crate) fn chore(row: &Row<'_>) -> Result<Chore> {
    let number = |at: usize| row.get::<_, Option<i64>>(at);
    Ok(Chore {
        id: ChoreId(row.get(0)?),
        auction: AuctionId(row.get(1)?),
        member: number(2)?.map(MemberId),
        by: number(3)?.map_or(Hand::House, |seller| Hand::Seller(MemberId(seller))),
        reason: row.get(4)?,
    })
}
