//! Cancelling before delivery: both together at any time, the buyer alone once the seller has not acted for three days
//! (rules §5).

use crate::decide::Effects;
use crate::order::change::Change;
use crate::order::deadline::SELLER_ACTS_WITHIN;
use crate::order::{FREE_STEPS_MAX, Order, OrderState, Side, StepKind, ending};
use crate::refusal::Refusal;
use crate::time::{Span, Time};

/// After so long without the seller acting the buyer may cancel alone.
pub const BUYER_MAY_CANCEL_AFTER: Span = Span::days(3);

/// A side wants to cancel, or agrees. Whoever wanted it first is the one by whom it fell through: a buyer who wanted out
/// leaves the seller free to offer the thing to the next. Nothing is written on a record.
pub(super) fn cancel(mut change: Change<'_>, side: Side) -> Result<Effects, Refusal> {
    let order = &mut change.order;
    let is_alone = side == Side::Buyer && order.buyer_may_cancel_at().is_some_and(|at| change.now >= at);
    let is_agreed = order.wants_cancel.is_some_and(|first| first != side);
    if !is_alone && !is_agreed && order.seq >= FREE_STEPS_MAX {
        return Err(Refusal::TooLate);
    }
    order.in_state(&[OrderState::ToHandOver])?;
    let by = Some(order.member(side));
    if is_alone {
        return Ok(ending::give_back(change, by, Side::Seller));
    }
    match order.wants_cancel {
        Some(first) if first == side => Err(order.wrong_state()),
        Some(first) => Ok(ending::give_back(change, by, first)),
        None => {
            order.wants_cancel = Some(side);
            change.tell(StepKind::CancelWanted, by, |_| {});
            Ok(change.finish())
        }
    }
}

/// A side takes its own wish to cancel back; there must be one.
pub(super) fn keep_on(mut change: Change<'_>, side: Side) -> Result<Effects, Refusal> {
    let order = &mut change.order;
    if order.seq >= FREE_STEPS_MAX {
        return Err(Refusal::TooLate);
    }
    order.in_state(&[OrderState::ToHandOver])?;
    if order.wants_cancel != Some(side) {
        return Err(order.wrong_state());
    }
    order.wants_cancel = None;
    let by = order.member(side);
    change.tell(StepKind::CancelTakenBack, Some(by), |_| {});
    Ok(change.finish())
}

impl Order {
    /// From when on the buyer may cancel alone: three days after it was opened, moved along by outages, while the seller
    /// has not acted.
    pub fn buyer_may_cancel_at(&self) -> Option<Time> {
        let before_due = Span(SELLER_ACTS_WITHIN.0.saturating_sub(BUYER_MAY_CANCEL_AFTER.0));
        let is_waiting = self.state == OrderState::ToHandOver && !self.is_acted_on();
        self.due.filter(|_| is_waiting).map(|due| due.minus(before_due))
    }
}
