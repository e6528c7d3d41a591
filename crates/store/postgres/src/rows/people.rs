//! Rows: how withdrawals, debts and what admins did stand in their columns, for both doors.

use auction::{AuctionId, OrderId, Time};
use ledger::{MemberId, TransferId, WithdrawalId};
use store::{Act, ActKind, Debt, Withdrawal, WithdrawalState};
use tokio_postgres::Row;

use super::{Result, money, one_of};

/// A withdrawal's columns, in the order in which [`withdrawal`] reads them, as a literal.
macro_rules! withdrawal_columns {
    () => {
        "id, member, amount, destination, at, state, decided_by, decided_at, reason"
    };
}
pub(crate) use withdrawal_columns;

/// A debt's columns, in the order in which [`debt`] reads them, as a literal.
macro_rules! debt_columns {
    () => {
        "deposit, member, amount, missing, admin, at, reason"
    };
}
pub(crate) use debt_columns;

/// [`ACT_COLUMNS`] as a literal, to stand in the middle of one.
macro_rules! act_columns {
    () => {
        "admin, kind, member, auction, order_id, withdrawal, reason, at"
    };
}
pub(crate) use act_columns;

/// An act's columns, in the order in which [`act`] reads them.
pub(crate) const ACT_COLUMNS: &str = act_columns!();

/// How many they are; what is selected behind them begins there.
pub(crate) const ACT_WIDTH: usize = 8;

/// Reads a withdrawal from the first columns.
pub(crate) fn withdrawal(row: &Row) -> Result<Withdrawal> {
    let optional = |at: usize| row.try_get::<_, Option<i64>>(at);
    Ok(Withdrawal {
        id: WithdrawalId(row.try_get(0)?),
        member: MemberId(row.try_get(1)?),
        amount: money(row.try_get(2)?, 2)?,
        destination: row.try_get(3)?,
        at: Time(row.try_get(4)?),
        state: one_of(&WithdrawalState::ALL, row.try_get(5)?, 5)?,
        decided_by: optional(6)?.map(MemberId),
        decided_at: optional(7)?.map(Time),
        reason: row.try_get(8)?,
    })
}

/// Reads a debt from the first columns.
pub(crate) fn debt(row: &Row) -> Result<Debt> {
    Ok(Debt {
        deposit: TransferId(row.try_get(0)?),
        member: MemberId(row.try_get(1)?),
        amount: money(row.try_get(2)?, 2)?,
        missing: money(row.try_get(3)?, 3)?,
        admin: MemberId(row.try_get(4)?),
        at: Time(row.try_get(5)?),
        reason: row.try_get(6)?,
    })
}

/// Reads an act from the first columns.
pub(crate) fn act(row: &Row) -> Result<Act> {
    let optional = |at: usize| row.try_get::<_, Option<i64>>(at);
    Ok(Act {
        admin: optional(0)?.map(MemberId),
        kind: one_of(&ActKind::ALL, row.try_get(1)?, 1)?,
        member: optional(2)?.map(MemberId),
        auction: optional(3)?.map(AuctionId),
        order: optional(4)?.map(OrderId),
        withdrawal: optional(5)?.map(WithdrawalId),
        reason: row.try_get(6)?,
        at: Time(row.try_get(7)?),
    })
}
