//! Orders: each against its steps and against what moved for it, a range at a time, all of one moment.

mod sale;
mod steps;

use auction::{Order, OrderState};
use rusqlite::{Connection, OptionalExtension, Result, Row};

use self::sale::Sold;
use super::checks::{Check, Findings};
use super::money::Money;
use super::{Reading, Steps};
use crate::rows::orders::{ORDER_COLUMNS, order};

/// Compares every order. Only the first pass has noted what moved for them.
pub(super) fn compare(
    reading: &Reading<'_>,
    steps: &Steps,
    money: &mut Money,
    findings: &mut Findings,
) -> Result<()> {
    let mut after = Some(i64::MIN);
    while let Some(from) = after {
        after = reading.once(|connection| match money.catch_up(connection, findings)? {
            true => some(connection, from, steps.orders_per_read, money, findings),
            false => Ok(Some(from)),
        })?;
    }
    Ok(())
}

/// Compares the next orders; where to go on, if there are more.
fn some(
    connection: &Connection,
    after: i64,
    limit: usize,
    money: &Money,
    findings: &mut Findings,
) -> Result<Option<i64>> {
    let sql = format!("SELECT {ORDER_COLUMNS} FROM orders WHERE id > ?1 ORDER BY id LIMIT ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query((after, limit as i64))?;
    let (mut last, mut looked) = (after, 0);
    while let Some(row) = rows.next()? {
        let id = row.get(0)?;
        without_order(money, last, id, findings)?;
        let read = order(row);
        findings.expect(Check::Readable, read.is_ok(), || {
            format!("order {id}: {}", read.as_ref().err().map(ToString::to_string).unwrap_or_default())
        });
        if let Ok(order) = read {
            one(connection, &order, money, findings)?;
        }
        last = id;
        looked += 1;
    }
    if looked == limit {
        return Ok(Some(last));
    }
    without_order(money, last, i64::MAX, findings)?;
    Ok(None)
}

/// What moved for orders between two, where there is none.
fn without_order(money: &Money, after: i64, before: i64, findings: &mut Findings) -> Result<()> {
    let mut from = after;
    while let Some(id) = money.notebook.next_order(from, before)? {
        findings.wrong(Check::SalesArePaidInFull, || format!("order {id}: there is no such order"));
        from = id;
    }
    Ok(())
}

fn one(connection: &Connection, order: &Order, money: &Money, findings: &mut Findings) -> Result<()> {
    let id = order.id.0;
    let sold = sold(connection, order)?;
    let paid = money.notebook.paid(id)?;
    let fault = sale::fault(order, sold.as_ref(), &paid);
    findings.expect(Check::SalesArePaidInFull, fault.is_none(), || {
        format!("order {id}: {}", fault.unwrap_or_default())
    });
    let escrow = sale::escrow(&paid);
    let open = if order.state.is_open() { i128::from(order.price.won()) } else { 0 };
    findings.expect(Check::EscrowIsOpenOrders, escrow == open, || {
        format!("order {id}: {}, and escrow holds {escrow} for it", order.state.name())
    });
    let fault = steps::fault(connection, order)?;
    findings.expect(Check::OrdersAreTheirSteps, fault.is_none(), || {
        format!("order {id}: {}", fault.unwrap_or_default())
    });
    let fault = record_fault(connection, order)?;
    findings.expect(Check::OrdersOnRecord, fault.is_none(), || {
        format!("order {id}: {}", fault.unwrap_or_default())
    });
    Ok(())
}

/// What the auction says of the sale, if there is such an auction.
fn sold(connection: &Connection, order: &Order) -> Result<Option<Sold>> {
    let sql = "SELECT seller, fee_rate, outcome FROM auctions WHERE id = ?1";
    let sold = |row: &Row<'_>| Ok(Sold { seller: row.get(0)?, fee_rate: row.get(1)?, outcome: row.get(2)? });
    connection.prepare_cached(sql)?.query_row([order.auction.0], sold).optional()
}

/// Whether a person's decision, and by whom an order fell through, are written down where they must be.
fn record_fault(connection: &Connection, order: &Order) -> Result<Option<&'static str>> {
    let id = order.id.0;
    if order.state == OrderState::Split {
        let sql = "SELECT admin FROM acts INDEXED BY acts_by_order WHERE order_id = ?1 AND kind = 5";
        let mut statement = connection.prepare_cached(sql)?;
        let admins: Vec<Option<i64>> = statement.query_map([id], |row| row.get(0))?.collect::<Result<_>>()?;
        let sides = [Some(order.buyer.0), Some(order.seller.0), None];
        match admins.as_slice() {
            [admin] if !sides.contains(admin) => {}
            [_] => return Ok(Some("it was decided by one of its sides, or by nobody")),
            _ => return Ok(Some("it was divided, and not exactly one act says by whom")),
        }
    }
    let Some(side) = order.fault.filter(|_| order.state != OrderState::Done) else { return Ok(None) };
    let is_marked = match order.state {
        OrderState::Split => true,
        OrderState::Refunded => steps::ended_by_the_house(connection, id)?,
        _ => return Ok(Some("it has not ended, and says by whom it fell through")),
    };
    let kind = match side {
        auction::Side::Seller => 0,
        auction::Side::Buyer => 1,
    };
    let sql = "SELECT count(*) FROM marks WHERE member = ?1 AND at = ?2 AND order_id = ?3 AND kind = ?4";
    let values = (order.member(side).0, order.ended_at.map(|at| at.0), id, kind);
    let marks: i64 = connection.prepare_cached(sql)?.query_row(values, |row| row.get(0))?;
    Ok((marks != i64::from(is_marked)).then_some("by whom it fell through is not on his record, once"))
}
