//! Steps: an order stands as its steps leave it, numbered without a hole, each change of state one that the rules know.

use auction::{Order, OrderState, OrderStep, StepKind, Time};
use rusqlite::{Connection, OptionalExtension, Result};

use crate::rows::number_of;
use crate::rows::orders::{STEP_COLUMNS, step};

/// How often each kind of step may have come, and when it came first and last.
struct Walk<'a> {
    order: &'a Order,
    last: Option<OrderStep>,
    /// Wrong codes, questions, and what buyer and seller added.
    wrong_codes: i64,
    asked: i64,
    evidence: (i64, i64),
    shipped_at: Option<Time>,
    met_at: Option<Time>,
    delivered_at: Option<Time>,
    disputed_at: Option<Time>,
    is_overdue: bool,
    /// When its money left escrow, and how much the step says.
    ended: Option<(Time, Option<i64>)>,
}

/// What is wrong with an order against its steps, if anything.
pub(super) fn fault(connection: &Connection, order: &Order) -> Result<Option<&'static str>> {
    let sql = format!("SELECT {STEP_COLUMNS} FROM order_steps WHERE order_id = ?1 ORDER BY seq");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([order.id.0])?;
    let mut walk = Walk::of(order);
    while let Some(row) = rows.next()? {
        let Ok(step) = step(row) else { return Ok(Some("a step of it cannot be read")) };
        if let Some(fault) = walk.take(step) {
            return Ok(Some(fault));
        }
    }
    Ok(walk.end())
}

/// Whether nobody but the house gave the money back.
pub(super) fn ended_by_the_house(connection: &Connection, order: i64) -> Result<bool> {
    let refunded = number_of(&StepKind::ALL, &StepKind::Refunded);
    let sql = "SELECT by_member FROM order_steps WHERE order_id = ?1 AND kind = ?2";
    let by = connection.prepare_cached(sql)?.query_row((order, refunded), |row| row.get::<_, Option<i64>>(0));
    Ok(by.optional()? == Some(None))
}

impl<'a> Walk<'a> {
    fn of(order: &'a Order) -> Walk<'a> {
        Walk {
            order,
            last: None,
            wrong_codes: 0,
            asked: 0,
            evidence: (0, 0),
            shipped_at: None,
            met_at: None,
            delivered_at: None,
            disputed_at: None,
            is_overdue: false,
            ended: None,
        }
    }

    /// Takes the next step; what is wrong with it, if anything.
    fn take(&mut self, step: OrderStep) -> Option<&'static str> {
        let fault = match &self.last {
            None => self.first(&step),
            Some(last) => self.follows(last, &step),
        };
        if fault.is_some() {
            return fault;
        }
        let at = step.at;
        match step.kind {
            StepKind::WrongCode => self.wrong_codes += 1,
            StepKind::Asked => self.asked += 1,
            StepKind::Evidence if step.by == Some(self.order.buyer) => self.evidence.0 += 1,
            StepKind::Evidence => self.evidence.1 += 1,
            StepKind::Shipped => self.shipped_at = self.shipped_at.or(Some(at)),
            StepKind::Met => self.met_at = Some(at),
            StepKind::Delivered => self.delivered_at = Some(at),
            StepKind::Disputed => self.disputed_at = Some(at),
            StepKind::Overdue => self.is_overdue = true,
            StepKind::Done | StepKind::Refunded | StepKind::Split => {
                self.ended = Some((at, step.amount.map(ledger::Money::won)));
            }
            StepKind::Opened
            | StepKind::Locked
            | StepKind::CancelWanted
            | StepKind::CancelTakenBack
            | StepKind::Offered
            | StepKind::OfferAccepted
            | StepKind::OfferDeclined
            | StepKind::OfferLapsed
            | StepKind::Extended => {}
        }
        self.last = Some(step);
        None
    }

    fn first(&self, step: &OrderStep) -> Option<&'static str> {
        let order = self.order;
        let is_opening = step.seq == 1
            && step.kind == StepKind::Opened
            && step.state == OrderState::ToHandOver
            && step.at == order.opened_at
            && step.by == Some(order.buyer)
            && step.amount == Some(order.price);
        (!is_opening).then_some("its first step is not that its buyer paid its price")
    }

    fn follows(&self, last: &OrderStep, step: &OrderStep) -> Option<&'static str> {
        if last.seq.checked_add(1) != Some(step.seq) {
            return Some("its steps are not numbered without a hole");
        }
        if step.at < last.at {
            return Some("time falls along its steps");
        }
        let changes =
            |(from, _, to): &(OrderState, &str, OrderState)| (*from, *to) == (last.state, step.state);
        if last.state != step.state && !OrderState::transitions().iter().any(changes) {
            return Some("a step changes its state as no rule does");
        }
        let ends = matches!(step.kind, StepKind::Done | StepKind::Refunded | StepKind::Split);
        let is_end = last.state != step.state && !step.state.is_open();
        (ends != is_end || step.kind == StepKind::Opened)
            .then_some("a step says that it is over, and it is not")
    }

    /// What is wrong with the order as it stands after its last step, if anything.
    fn end(&self) -> Option<&'static str> {
        let order = self.order;
        let Some(last) = &self.last else {
            let is_of_before = order.seq == 0 && order.state == OrderState::Done;
            return (!is_of_before).then_some("it has no steps");
        };
        if (order.seq, order.newest, order.state) != (last.seq, last.at, last.state) {
            return Some("it does not stand as its newest step leaves it");
        }
        let counts = (order.tries_in_all, order.asked, order.buyer_evidence, order.seller_evidence);
        if counts != (self.wrong_codes, self.asked, self.evidence.0, self.evidence.1) {
            return Some("wrong codes, questions or evidence were counted otherwise than its steps say");
        }
        let times = (order.shipped_at, order.met_at, order.delivered_at, order.disputed_at);
        if times != (self.shipped_at, self.met_at, self.delivered_at, self.disputed_at) {
            return Some("it was sent, met about, delivered or disputed at another time than its steps say");
        }
        if order.ended_at != self.ended.map(|(at, _)| at) {
            return Some("it was over at another time than its steps say");
        }
        if !self.amount_is_right() {
            return Some("its last step of money names another amount than was divided");
        }
        let is_due = order.state.is_open() && !self.is_overdue;
        if order.due.is_some() != is_due {
            return Some("it is due and nothing is, or nothing is due where something is");
        }
        let may_wish = order.state == OrderState::ToHandOver;
        (order.wants_cancel.is_some() && !may_wish).then_some("a wish to cancel stands where none can")
    }

    /// Whether the step that ended it names what the seller was paid, or what the buyer was given back.
    fn amount_is_right(&self) -> bool {
        let order = self.order;
        let Some((_, told)) = self.ended else { return true };
        let rest = order.refund.and_then(|refund| order.price.minus(refund));
        let payout = rest.zip(order.fee).and_then(|(rest, fee)| rest.minus(fee));
        let amount = if order.state == OrderState::Done { payout } else { order.refund };
        told == amount.map(ledger::Money::won)
    }
}
