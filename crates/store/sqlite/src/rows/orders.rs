//! Rows: how orders, their steps and offers stand in their columns, for both doors.

use auction::{AuctionId, Offer, OfferState, Order, OrderId, OrderState, OrderStep, Side, StepKind, Time};
use ledger::{MemberId, Money, PartsPerMillion};
use rusqlite::{Result, Row};

use super::{money, one_of, out_of_range};

/// An order's columns, in the order in which [`order`] reads them.
pub(crate) const ORDER_COLUMNS: &str = "id, auction, seller, buyer, price, fee_rate, is_second_chance, state, seq, at, \
     newest, due, receipt_code, meeting_code, tries, tries_in_all, locked_until, carrier, tracking, shipped_at, met_at, \
     delivered_at, asked, wants_cancel, disputed_at, disputed_by, refund, fee, fault, outage, buyer_evidence, \
     seller_evidence, ended_at, number";

/// A step's columns, in the order in which [`step`] reads them.
pub(crate) const STEP_COLUMNS: &str = "order_id, seq, kind, at, by_member, state, due, text, amount";

/// An offer's columns, in the order in which [`offer`] reads them.
pub(crate) const OFFER_COLUMNS: &str = "auction, number, member, price, at, until, state";

/// Reads an order from the first columns.
pub(crate) fn order(row: &Row<'_>) -> Result<Order> {
    let number = |at: usize| row.get::<_, i64>(at);
    let time = |at: usize| row.get::<_, Option<i64>>(at).map(|time| time.map(Time));
    let (state, opened_at) = (one_of(&OrderState::ALL, number(7)?, 7)?, Time(number(9)?));
    Ok(Order {
        id: OrderId(number(0)?),
        auction: AuctionId(number(1)?),
        seller: MemberId(number(2)?),
        buyer: MemberId(number(3)?),
        price: money(number(4)?, 4)?,
        fee_rate: PartsPerMillion::new(number(5)?).ok_or_else(|| out_of_range(5, number(5)))?,
        is_second_chance: row.get(6)?,
        state,
        seq: number(8)?,
        opened_at,
        newest: Time(number(10)?),
        due: time(11)?,
        receipt_code: number(12)?,
        meeting_code: number(13)?,
        tries: number(14)?,
        tries_in_all: number(15)?,
        locked_until: time(16)?,
        carrier: row.get(17)?,
        tracking: row.get(18)?,
        shipped_at: time(19)?,
        met_at: time(20)?,
        delivered_at: time(21)?,
        asked: number(22)?,
        wants_cancel: side(row, 23)?,
        disputed_at: time(24)?,
        disputed_by: side(row, 25)?,
        refund: amount(row, 26)?,
        fee: amount(row, 27)?,
        fault: side(row, 28)?,
        outage: time(29)?,
        buyer_evidence: number(30)?,
        seller_evidence: number(31)?,
        number: number(33)?,
        // The release before says nothing of it: its orders are over when they are opened.
        ended_at: time(32)?.or((!state.is_open()).then_some(opened_at)),
    })
}

/// Reads a step from the first columns.
pub(crate) fn step(row: &Row<'_>) -> Result<OrderStep> {
    Ok(OrderStep {
        order: OrderId(row.get(0)?),
        seq: row.get(1)?,
        kind: one_of(&StepKind::ALL, row.get(2)?, 2)?,
        at: Time(row.get(3)?),
        by: row.get::<_, Option<i64>>(4)?.map(MemberId),
        state: one_of(&OrderState::ALL, row.get(5)?, 5)?,
        due: row.get::<_, Option<i64>>(6)?.map(Time),
        text: row.get(7)?,
        amount: amount(row, 8)?,
    })
}

/// Reads an offer from the first columns.
pub(crate) fn offer(row: &Row<'_>) -> Result<Offer> {
    Ok(Offer {
        auction: AuctionId(row.get(0)?),
        number: row.get(1)?,
        member: MemberId(row.get(2)?),
        price: money(row.get(3)?, 3)?,
        at: Time(row.get(4)?),
        until: Time(row.get(5)?),
        state: one_of(&OfferState::ALL, row.get(6)?, 6)?,
    })
}

fn side(row: &Row<'_>, at: usize) -> Result<Option<Side>> {
    row.get::<_, Option<i64>>(at)?.map(|value| one_of(&Side::ALL, value, at)).transpose()
}

fn amount(row: &Row<'_>, at: usize) -> Result<Option<Money>> {
    row.get::<_, Option<i64>>(at)?.map(|value| money(value, at)).transpose()
}
