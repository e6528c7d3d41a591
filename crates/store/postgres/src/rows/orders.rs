//! Rows: how orders, their steps and offers stand in their columns, for both doors.

use auction::{AuctionId, Offer, OfferState, Order, OrderId, OrderState, OrderStep, Side, StepKind, Time};
use ledger::MemberId;
use tokio_postgres::Row;

use super::{Result, fee_rate, money, one_of};

/// [`ORDER_COLUMNS`] as a literal, to stand in the middle of one.
macro_rules! order_columns {
    () => {
        "id, auction, buyer, seller, price, at, fee_rate, is_second_chance, state, seq, newest, due, receipt_code, \
         meeting_code, tries, tries_in_all, locked_until, carrier, tracking, shipped_at, met_at, delivered_at, asked, \
         wants_cancel, disputed_at, disputed_by, refund, fee, fault, outage, buyer_evidence, seller_evidence, ended_at, number"
    };
}
pub(crate) use order_columns;

/// [`STEP_COLUMNS`] as a literal, to stand in the middle of one.
macro_rules! step_columns {
    () => {
        "order_id, seq, kind, at, by_member, state, due, text, amount"
    };
}
pub(crate) use step_columns;

/// [`OFFER_COLUMNS`] as a literal, to stand in the middle of one.
macro_rules! offer_columns {
    () => {
        "auction, number, member, price, at, until, state"
    };
}
pub(crate) use offer_columns;

/// An order's columns, in the order in which [`order`] reads them.
pub(crate) const ORDER_COLUMNS: &str = order_columns!();

/// A step's columns, in the order in which [`step`] reads them.
pub(crate) const STEP_COLUMNS: &str = step_columns!();

/// How many they are; what is selected behind them begins there.
pub(crate) const STEP_WIDTH: usize = 9;

/// An offer's columns, in the order in which [`offer`] reads them.
pub(crate) const OFFER_COLUMNS: &str = offer_columns!();

/// Reads an order whose first column is number `at`.
pub(crate) fn order(row: &Row, at: usize) -> Result<Order> {
    let number = |offset: usize| row.try_get::<_, i64>(at + offset);
    let optional = |offset: usize| row.try_get::<_, Option<i64>>(at + offset);
    let time = |offset: usize| Ok::<_, tokio_postgres::Error>(optional(offset)?.map(Time));
    let amount = |offset: usize| optional(offset)?.map(|value| money(value, at + offset)).transpose();
    let side =
        |offset: usize| optional(offset)?.map(|value| one_of(&Side::ALL, value, at + offset)).transpose();
    let (opened_at, state) = (Time(number(5)?), one_of(&OrderState::ALL, number(8)?, at + 8)?);
    Ok(Order {
        id: OrderId(number(0)?),
        auction: AuctionId(number(1)?),
        buyer: MemberId(number(2)?),
        seller: MemberId(number(3)?),
        price: money(number(4)?, at + 4)?,
        opened_at,
        fee_rate: fee_rate(number(6)?, at + 6)?,
        is_second_chance: row.try_get(at + 7)?,
        state,
        seq: number(9)?,
        // The release before says nothing of it, and nothing happens to its orders.
        newest: Time(number(10)?).max(opened_at),
        due: time(11)?,
        receipt_code: number(12)?,
        meeting_code: number(13)?,
        tries: number(14)?,
        tries_in_all: number(15)?,
        locked_until: time(16)?,
        carrier: row.try_get(at + 17)?,
        tracking: row.try_get(at + 18)?,
        shipped_at: time(19)?,
        met_at: time(20)?,
        delivered_at: time(21)?,
        asked: number(22)?,
        wants_cancel: side(23)?,
        disputed_at: time(24)?,
        disputed_by: side(25)?,
        refund: amount(26)?,
        fee: amount(27)?,
        fault: side(28)?,
        outage: time(29)?,
        buyer_evidence: number(30)?,
        seller_evidence: number(31)?,
        number: number(33)?,
        // Its orders are over when they are opened.
        ended_at: time(32)?.or((!state.is_open()).then_some(opened_at)),
    })
}

/// Reads a step whose first column is number `at`.
pub(crate) fn step(row: &Row, at: usize) -> Result<OrderStep> {
    let number = |offset: usize| row.try_get::<_, i64>(at + offset);
    let optional = |offset: usize| row.try_get::<_, Option<i64>>(at + offset);
    Ok(OrderStep {
        order: OrderId(number(0)?),
        seq: number(1)?,
        kind: one_of(&StepKind::ALL, number(2)?, at + 2)?,
        at: Time(number(3)?),
        by: optional(4)?.map(MemberId),
        state: one_of(&OrderState::ALL, number(5)?, at + 5)?,
        due: optional(6)?.map(Time),
        text: row.try_get(at + 7)?,
        amount: optional(8)?.map(|value| money(value, at + 8)).transpose()?,
    })
}

/// Reads an offer whose first column is number `at`.
pub(crate) fn offer(row: &Row, at: usize) -> Result<Offer> {
    let number = |offset: usize| row.try_get::<_, i64>(at + offset);
    Ok(Offer {
        auction: AuctionId(number(0)?),
        number: number(1)?,
        member: MemberId(number(2)?),
        price: money(number(3)?, at + 3)?,
        at: Time(number(4)?),
        until: Time(number(5)?),
        state: one_of(&OfferState::ALL, number(6)?, at + 6)?,
    })
}
