//! Disputes: a side says what is wrong, both bring what they have, and an admin who is neither divides the escrow
//! (rules §5).

use ledger::Money;

use crate::decide::Effects;
use crate::listing::{FieldCode, FieldInvalid};
use crate::order::change::Change;
use crate::order::{Order, OrderCommand, OrderState, Side, StepKind, ending};
use crate::refusal::Refusal;
use crate::text::{self, Lines};
use crate::time::{Span, Time};

/// How long both sides may bring evidence.
pub const EVIDENCE_WITHIN: Span = Span::days(3);

/// How often each side may.
pub const EVIDENCE_PER_SIDE_MAX: i64 = 10;

/// A dispute undecided for so long is shown to every admin.
pub const DECIDED_WITHIN: Span = Span::days(14);

/// The most characters in what a side writes.
pub const DISPUTE_CHARS_MAX: usize = 2_000;

/// The most characters in an admin's reason.
pub const DECISION_CHARS_MAX: usize = 500;

/// What is wrong with what a side wrote.
pub(super) fn text_fault(written: &str) -> Option<FieldCode> {
    text::text_fault(written, 1, DISPUTE_CHARS_MAX, Lines::Any)
}

/// Judges an admin's reason by itself: it must be there, for both sides to read.
pub(super) fn judge_reason(reason: &str) -> Result<(), Refusal> {
    match text::text_fault(reason, 1, DECISION_CHARS_MAX, Lines::Any) {
        None => Ok(()),
        Some(FieldCode::Required) => Err(Refusal::ReasonMissing),
        Some(code) => Err(Refusal::Invalid { errors: vec![FieldInvalid { field: "reason", code }] }),
    }
}

/// A side wants a person to decide.
pub(super) fn open(mut change: Change<'_>, side: Side, written: &str) -> Result<Effects, Refusal> {
    change.order.in_state(&[OrderState::ToHandOver, OrderState::Delivered])?;
    begin(&mut change, Some(side), Some(written));
    Ok(change.finish())
}

/// From now on a person has to decide; by neither side if the house says so.
pub(super) fn begin(change: &mut Change<'_>, side: Option<Side>, written: Option<&str>) {
    let (now, order) = (change.now, &mut change.order);
    order.state = OrderState::Disputed;
    order.disputed_at = Some(now);
    order.disputed_by = side;
    order.due = Some(now.plus(DECIDED_WITHIN));
    order.wants_cancel = None;
    let by = side.map(|side| order.member(side));
    change.tell(StepKind::Disputed, by, |step| step.text = written.map(str::to_owned));
}

/// A side brings evidence.
pub(super) fn add(mut change: Change<'_>, side: Side, written: &str) -> Result<Effects, Refusal> {
    let (now, order) = (change.now, &mut change.order);
    order.in_state(&[OrderState::Disputed])?;
    let is_over = order.evidence_until().is_none_or(|until| now >= until);
    let count = match side {
        Side::Buyer => &mut order.buyer_evidence,
        Side::Seller => &mut order.seller_evidence,
    };
    if is_over || *count >= EVIDENCE_PER_SIDE_MAX {
        return Err(Refusal::TooLate);
    }
    *count = count.saturating_add(1);
    let by = order.member(side);
    change.tell(StepKind::Evidence, Some(by), |step| step.text = Some(written.to_owned()));
    Ok(change.finish())
}

/// An admin, who is neither side, divides the escrow; also once it is overdue. Nobody else from outside learns that there
/// is such an order.
pub(super) fn decide(change: Change<'_>, command: &OrderCommand) -> Result<Effects, Refusal> {
    let OrderCommand::Decide { admin, refund, fault, reason } = command else {
        return Err(Refusal::OrderNotFound);
    };
    if !change.standing.caller.is_admin {
        return Err(Refusal::OrderNotFound);
    }
    change.order.in_state(&[OrderState::Disputed])?;
    let limit = change.order.price;
    let refund = Money::new(*refund).filter(|refund| *refund <= limit);
    let refund = refund.ok_or(Refusal::RefundInvalid { limit })?;
    Ok(ending::split(change, *admin, refund, *fault, reason))
}

impl Order {
    /// Until when both sides may bring evidence, moved along by outages; `None` if it is not disputed or long overdue.
    pub fn evidence_until(&self) -> Option<Time> {
        let before_due = Span(DECIDED_WITHIN.0.saturating_sub(EVIDENCE_WITHIN.0));
        self.due.filter(|_| self.state == OrderState::Disputed).map(|due| due.minus(before_due))
    }
}
