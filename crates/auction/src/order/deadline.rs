//! Deadlines after the hammer: what the house does by itself when nobody else does, each once; and how an outage moves
//! them (rules §4 and §5).

use crate::command::Outage;
use crate::decide::{Effects, Standing};
use crate::order::change::Change;
use crate::order::{Aftermath, Offer, Order, OrderState, Side, StepKind, dispute, ending, offer};
use crate::refusal::Refusal;
use crate::soft_close::{OUTAGE_GAP_MAX, OUTAGE_GAP_MIN};
use crate::time::{Span, Time};

/// A seller who has not acted for so long has defaulted: the buyer has his money back.
pub const SELLER_ACTS_WITHIN: Span = Span::days(7);

/// When the buyer is asked whether it has come, counted from shipping.
pub const ASKED_AFTER_SHIPPING: [Span; 3] = [Span::days(3), Span::days(7), Span::days(10)];

/// The seller is paid so long after shipping if the buyer says nothing.
pub const DONE_AFTER_SHIPPING: Span = Span::days(14);

/// A meeting not followed by the receipt code within so long becomes a dispute: silence pays nobody there.
pub const HANDOVER_CODE_WITHIN: Span = Span::days(14);

/// The seller is paid after so many business days from the buyer's word.
pub const DELIVERED_BUSINESS_DAYS: u32 = 3;

/// When the house must look at what follows a sale: the order's deadline, or that of the offer that is open.
pub fn aftermath_deadline(aftermath: &Aftermath) -> Option<Time> {
    let order = aftermath.order.as_ref().and_then(|order| order.due);
    let offer = aftermath.open_offer().map(|offer| offer.until);
    order.or(offer)
}

/// Does what the deadline of the order, or of the open offer, asks; once, because it then has another or none.
///
/// # Errors
/// [`Refusal::NotDue`] if nothing is due.
pub(crate) fn due(standing: &Standing<'_>, now: Time) -> Result<Effects, Refusal> {
    let aftermath = standing.aftermath.ok_or(Refusal::NotDue)?;
    let order = aftermath.order.as_ref().ok_or(Refusal::NotDue)?;
    let change = Change::of(standing, order, now);
    if let Some(open) = aftermath.open_offer() {
        return offer::lapse(change, *open);
    }
    if order.due.is_none_or(|due| change.now < due) {
        return Err(Refusal::NotDue);
    }
    match order.state {
        OrderState::ToHandOver if !order.is_acted_on() => Ok(seller_defaults(change)),
        OrderState::ToHandOver if order.met_at.is_some() => {
            let mut change = change;
            dispute::begin(&mut change, None, None);
            Ok(change.finish())
        }
        OrderState::ToHandOver => Ok(ask_or_pay(change)),
        OrderState::Delivered => Ok(ending::pay_seller(change, None)),
        OrderState::Disputed => Ok(overdue(change)),
        OrderState::Done | OrderState::Refunded | OrderState::Split => Err(Refusal::NotDue),
    }
}

impl Order {
    /// Whether its deadline has come and will end where it stands: whoever is later than that is too late, also if the
    /// house has not come to it yet. Questions to the buyer end nothing, and neither does a dispute grown old.
    pub(super) fn is_past_due(&self, now: Time) -> bool {
        let was_asked = usize::try_from(self.asked).is_ok_and(|asked| asked >= ASKED_AFTER_SHIPPING.len());
        let ends = match self.state {
            OrderState::ToHandOver => self.shipped_at.is_none() || self.met_at.is_some() || was_asked,
            OrderState::Delivered => true,
            OrderState::Done | OrderState::Refunded | OrderState::Disputed | OrderState::Split => false,
        };
        ends && self.due.is_some_and(|due| now >= due)
    }
}

fn seller_defaults(mut change: Change<'_>) -> Effects {
    change.mark(Side::Seller);
    ending::give_back(change, None, Side::Seller)
}

/// Shipped and no answer: the buyer is asked, and asked again; then the seller is paid. Each deadline is counted from the
/// one before, not from when the house came to it, so that they keep their distance also after an outage moved one.
fn ask_or_pay(mut change: Change<'_>) -> Effects {
    let asked = usize::try_from(change.order.asked).unwrap_or(usize::MAX);
    let Some(this) = ASKED_AFTER_SHIPPING.get(asked) else {
        return ending::pay_seller(change, None);
    };
    let next = asked.checked_add(1).and_then(|next| ASKED_AFTER_SHIPPING.get(next));
    let distance = Span(next.unwrap_or(&DONE_AFTER_SHIPPING).0.saturating_sub(this.0));
    let order = &mut change.order;
    order.asked = order.asked.saturating_add(1);
    order.due = order.due.map(|due| due.plus(distance));
    change.tell(StepKind::Asked, None, |_| {});
    change.finish()
}

/// Nobody has decided for so long that every admin is shown it; the house does nothing more by itself.
fn overdue(mut change: Change<'_>) -> Effects {
    change.order.due = None;
    change.tell(StepKind::Overdue, None, |_| {});
    change.finish()
}

/// Moves the deadline of the order or of the open offer by the time that the outage took, once for each outage.
///
/// # Errors
/// [`Refusal::NotDue`] if there was no gap, if it was made good before, or if no deadline is left that it touched.
pub(crate) fn outage(standing: &Standing<'_>, outage: Outage, now: Time) -> Result<Effects, Refusal> {
    let aftermath = standing.aftermath.ok_or(Refusal::NotDue)?;
    let order = aftermath.order.as_ref().ok_or(Refusal::NotDue)?;
    let lost = lost_by(order, outage).ok_or(Refusal::NotDue)?;
    let mut change = Change::of(standing, order, now);
    let due = order.due.and_then(|due| moved(due, lost));
    let offered =
        aftermath.open_offer().and_then(|open| Some(Offer { until: moved(open.until, lost)?, ..*open }));
    if due.is_none() && offered.is_none() {
        return Err(Refusal::NotDue);
    }
    change.order.due = due;
    let locked_until = order.locked_until;
    change.order.locked_until = locked_until.map(|until| moved(until, lost).unwrap_or(until));
    change.order.outage = Some(lost.back);
    change.tell(StepKind::Extended, None, |step| step.due = due.or(offered.map(|offer| offer.until)));
    if let Some(offered) = offered {
        change.put_offer(offered);
    }
    Ok(change.finish())
}

/// The part of an outage that took time from the order: what was made good before is not given twice, and what came
/// after its newest step only was lost. Nothing if no more than [`OUTAGE_GAP_MIN`] is left.
fn lost_by(order: &Order, outage: Outage) -> Option<Outage> {
    let known = order.outage.map_or(order.newest, |back| order.newest.max(back));
    let lost = Outage { heartbeat: outage.heartbeat.max(known), ..outage };
    (lost.back.since(lost.heartbeat) > OUTAGE_GAP_MIN).then_some(lost)
}

/// A deadline that had not come at the last heartbeat moves by the gap, [`OUTAGE_GAP_MAX`] at most; and after a longer one
/// there is again as much time as was left, at most as much as that. One that had come stays: nobody lost time for it.
fn moved(deadline: Time, lost: Outage) -> Option<Time> {
    let left = deadline.since(lost.heartbeat);
    if left < Span(0) {
        return None;
    }
    let gap = lost.back.since(lost.heartbeat).min(OUTAGE_GAP_MAX);
    Some(deadline.plus(gap).max(lost.back.plus(left.min(OUTAGE_GAP_MAX))))
}
