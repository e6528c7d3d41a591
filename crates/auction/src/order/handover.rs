//! Handing over: the seller sends the thing or both meet, and it comes into the buyer's hand (rules §5).

use crate::business_days::after_business_days;
use crate::decide::Effects;
use crate::listing::FieldCode;
use crate::order::change::Change;
use crate::order::deadline::{ASKED_AFTER_SHIPPING, DELIVERED_BUSINESS_DAYS, HANDOVER_CODE_WITHIN};
use crate::order::{FREE_STEPS_MAX, OrderState, Side, StepKind, code, ending};
use crate::refusal::Refusal;
use crate::text::{Lines, text_fault};

/// The most characters in a carrier's name, which is one line.
pub const CARRIER_CHARS_MAX: usize = 40;

/// The most characters in a carrier's number, which is one line.
pub const TRACKING_CHARS_MAX: usize = 60;

/// What is wrong with carrier and number.
pub(super) fn faults(carrier: &str, tracking: &str) -> Vec<(&'static str, Option<FieldCode>)> {
    vec![
        ("carrier", text_fault(carrier, 1, CARRIER_CHARS_MAX, Lines::One)),
        ("tracking", text_fault(tracking, 1, TRACKING_CHARS_MAX, Lines::One)),
    ]
}

/// The seller has sent it. Saying it again corrects carrier and number; no deadline is moved by that.
pub(super) fn ship(mut change: Change<'_>, carrier: &str, tracking: &str) -> Result<Effects, Refusal> {
    let (now, order) = (change.now, &mut change.order);
    if order.shipped_at.is_some() && order.seq >= FREE_STEPS_MAX {
        return Err(Refusal::TooLate);
    }
    order.in_state(&[OrderState::ToHandOver])?;
    if order.shipped_at.is_none() {
        order.shipped_at = Some(now);
        let [first_question, ..] = ASKED_AFTER_SHIPPING;
        let within = if order.met_at.is_some() { HANDOVER_CODE_WITHIN } else { first_question };
        order.due = Some(now.plus(within));
    }
    order.carrier = Some(carrier.to_owned());
    order.tracking = Some(tracking.to_owned());
    let seller = order.seller;
    change.tell(StepKind::Shipped, Some(seller), |step| step.text = Some(format!("{carrier} {tracking}")));
    Ok(change.finish())
}

/// The buyer says that it has come: paid out after the third business day unless somebody disputes it.
pub(super) fn receive(mut change: Change<'_>) -> Result<Effects, Refusal> {
    let (now, order) = (change.now, &mut change.order);
    order.in_state(&[OrderState::ToHandOver])?;
    order.state = OrderState::Delivered;
    order.delivered_at = Some(now);
    order.due = Some(after_business_days(now, DELIVERED_BUSINESS_DAYS));
    order.wants_cancel = None;
    let buyer = order.buyer;
    change.tell(StepKind::Delivered, Some(buyer), |_| {});
    Ok(change.finish())
}

/// The seller types what the buyer told him with the thing in his hand: he is paid at once, also in the days after the
/// buyer's word.
pub(super) fn enter_receipt_code(mut change: Change<'_>, code: &str) -> Result<Effects, Refusal> {
    change.order.in_state(&[OrderState::ToHandOver, OrderState::Delivered])?;
    let expected = change.order.receipt_code;
    if code::is_right(&mut change, Side::Seller, code, expected)? {
        let seller = change.order.seller;
        return Ok(ending::pay_seller(change, Some(seller)));
    }
    Ok(change.finish())
}

/// The buyer types what the seller told him: both were there, once. It moves no money.
pub(super) fn enter_meeting_code(mut change: Change<'_>, code: &str) -> Result<Effects, Refusal> {
    change.order.in_state(&[OrderState::ToHandOver])?;
    if change.order.met_at.is_some() {
        return Err(change.order.wrong_state());
    }
    let expected = change.order.meeting_code;
    if code::is_right(&mut change, Side::Buyer, code, expected)? {
        let buyer = change.order.buyer;
        change.order.met_at = Some(change.now);
        change.order.due = Some(change.now.plus(HANDOVER_CODE_WITHIN));
        change.tell(StepKind::Met, Some(buyer), |_| {});
    }
    Ok(change.finish())
}
