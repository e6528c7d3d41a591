//! Where an order stands for whoever reads it: what happens next and until when, the stages of its way, and what may be
//! done. The rules decide; this only foretells what they would say, so that no form leads nowhere.

use auction::{
    ASKED_AFTER_SHIPPING, DONE_AFTER_SHIPPING, EVIDENCE_PER_SIDE_MAX, Order, OrderState, OrderStep, Side,
    Span, StepKind, TRIES_BEFORE_LOCK, Time,
};

use crate::pages::reader::moment;
use crate::pages::{Actions, Cancelling, Next, Role, Stage, StageState};

/// What happens next, and whether it is the reader's turn.
pub fn next(order: &Order, role: Role, now: Time) -> Next {
    let (situation, turn, until) = situation(order, now);
    let is_mine = match role {
        Role::Buyer => turn == Turn::Buyer || turn == Turn::Both,
        Role::Seller => turn == Turn::Seller || turn == Turn::Both,
        Role::Admin => turn == Turn::Admin,
    };
    Next { situation, is_mine, until: until.map(moment) }
}

/// Whose turn it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Nobody,
    Buyer,
    Seller,
    Both,
    Admin,
}

fn situation(order: &Order, now: Time) -> (&'static str, Turn, Option<Time>) {
    match order.state {
        _ if ends_now(order, now) => ("closing", Turn::Nobody, None),
        OrderState::ToHandOver if order.met_at.is_some() => ("met", Turn::Both, order.due),
        OrderState::ToHandOver if order.shipped_at.is_some() => ("shipped", Turn::Buyer, paid_at(order)),
        OrderState::ToHandOver if order.buyer_may_cancel_at().is_some_and(|at| now >= at) => {
            ("late", Turn::Both, order.due)
        }
        OrderState::ToHandOver => ("start", Turn::Seller, order.due),
        OrderState::Delivered => ("delivered", Turn::Nobody, order.due),
        OrderState::Disputed => match (order.evidence_until().filter(|until| now < *until), order.due) {
            (Some(until), _) => ("evidence", Turn::Both, Some(until)),
            (None, Some(due)) => ("judging", Turn::Admin, Some(due)),
            (None, None) => ("overdue", Turn::Admin, None),
        },
        OrderState::Done => ("done", Turn::Nobody, None),
        OrderState::Refunded => ("refunded", Turn::Nobody, None),
        OrderState::Split => ("split", Turn::Nobody, None),
    }
}

/// Whether its deadline has come and the house is about to act: what is sent now comes too late.
fn ends_now(order: &Order, now: Time) -> bool {
    let was_asked = usize::try_from(order.asked).is_ok_and(|asked| asked >= ASKED_AFTER_SHIPPING.len());
    let ends = match order.state {
        OrderState::ToHandOver => order.shipped_at.is_none() || order.met_at.is_some() || was_asked,
        OrderState::Delivered => true,
        OrderState::Done | OrderState::Refunded | OrderState::Disputed | OrderState::Split => false,
    };
    ends && order.due.is_some_and(|due| now >= due)
}

/// When the seller is paid if the buyer says nothing: the questions still to come lie before it.
fn paid_at(order: &Order) -> Option<Time> {
    let asked = usize::try_from(order.asked).unwrap_or(usize::MAX);
    let this = ASKED_AFTER_SHIPPING.get(asked).unwrap_or(&DONE_AFTER_SHIPPING);
    let rest = Span(DONE_AFTER_SHIPPING.0.saturating_sub(this.0));
    order.due.map(|due| due.plus(rest))
}

/// The stages of the way from paid to paid out, or to wherever it went instead.
pub fn stages(order: &Order, steps: &[OrderStep]) -> Vec<Stage> {
    let mut stages = vec![past("paid", Some(order.opened_at))];
    let handed = order.shipped_at.into_iter().chain(order.met_at).min();
    let received = order.delivered_at.or(by_receipt_code(order, steps));
    let is_over = !order.state.is_open();
    let has_end_elsewhere = order.disputed_at.is_some() || order.state == OrderState::Refunded;
    if handed.is_some() || received.is_some() || !has_end_elsewhere {
        stages.push(reached("handed", handed.or(received), order.due.filter(|_| !is_over)));
    }
    if received.is_some() || !has_end_elsewhere {
        stages.push(reached("received", received, None));
    }
    if order.disputed_at.is_some() {
        stages.push(past("disputed", order.disputed_at));
        stages.push(reached("decided", order.ended_at, order.due));
    } else if order.state == OrderState::Refunded {
        stages.push(past("refunded", order.ended_at));
    } else {
        stages.push(reached("paid-out", order.ended_at, order.due));
    }
    // A buyer who said nothing was not asked for ever: what was not said is passed over once the seller is paid.
    if is_over {
        stages.iter_mut().for_each(|stage| stage.state = StageState::Past);
    }
    let mut has_now = false;
    for stage in &mut stages {
        if stage.state == StageState::Now && has_now {
            (stage.state, stage.at) = (StageState::Ahead, None);
        }
        has_now = has_now || stage.state == StageState::Now;
    }
    stages
}

fn by_receipt_code(order: &Order, steps: &[OrderStep]) -> Option<Time> {
    let done = steps.iter().find(|step| step.kind == StepKind::Done);
    order.ended_at.filter(|_| done.is_some_and(|step| step.by.is_some()))
}

fn past(name: &'static str, at: Option<Time>) -> Stage {
    Stage { name, state: StageState::Past, at: at.map(moment) }
}

fn reached(name: &'static str, at: Option<Time>, due: Option<Time>) -> Stage {
    match at {
        Some(_) => past(name, at),
        None => Stage { name, state: StageState::Now, at: due.map(moment) },
    }
}

/// What the reader may do now.
pub fn actions(order: &Order, role: Role, now: Time) -> Actions {
    let mut actions = Actions::default();
    if ends_now(order, now) {
        return actions;
    }
    match role {
        Role::Buyer => buyer(order, now, &mut actions),
        Role::Seller => seller(order, &mut actions),
        Role::Admin => actions.can_decide = order.state == OrderState::Disputed,
    }
    if role != Role::Admin {
        both(order, role, now, &mut actions);
    }
    actions
}

fn buyer(order: &Order, now: Time, actions: &mut Actions) {
    let is_to_hand_over = order.state == OrderState::ToHandOver;
    let takes_codes = is_to_hand_over || order.state == OrderState::Delivered;
    actions.receipt_code = takes_codes.then(|| six_digits(order.receipt_code));
    actions.can_type_meeting = is_to_hand_over && order.met_at.is_none();
    actions.can_receive = is_to_hand_over;
    let may_cancel_alone = order.buyer_may_cancel_at().is_some_and(|at| now >= at);
    if may_cancel_alone {
        actions.cancel = Some(Cancelling::Alone);
    }
}

fn seller(order: &Order, actions: &mut Actions) {
    let is_to_hand_over = order.state == OrderState::ToHandOver;
    let is_before_meeting = is_to_hand_over && order.met_at.is_none();
    actions.meeting_code = is_before_meeting.then(|| six_digits(order.meeting_code));
    actions.can_ship = is_to_hand_over;
    actions.can_type_receipt = is_to_hand_over || order.state == OrderState::Delivered;
}

fn both(order: &Order, role: Role, now: Time, actions: &mut Actions) {
    let own = if role == Role::Buyer { Side::Buyer } else { Side::Seller };
    if order.state == OrderState::ToHandOver && actions.cancel.is_none() {
        actions.cancel = Some(match order.wants_cancel {
            None => Cancelling::Wish,
            Some(side) if side == own => Cancelling::KeepOn,
            Some(_) => Cancelling::Agree,
        });
    }
    actions.can_dispute = matches!(order.state, OrderState::ToHandOver | OrderState::Delivered);
    let given = if own == Side::Buyer { order.buyer_evidence } else { order.seller_evidence };
    let left = EVIDENCE_PER_SIDE_MAX.saturating_sub(given);
    let is_open = order.evidence_until().is_some_and(|until| now < until);
    actions.evidence_left = Some(left).filter(|left| is_open && *left > 0);
    if actions.can_type_receipt || actions.can_type_meeting {
        actions.locked_until = order.locked_until.filter(|until| now < *until).map(moment);
        actions.tries_left = (order.tries > 0).then(|| TRIES_BEFORE_LOCK.saturating_sub(order.tries));
    }
}

fn six_digits(code: i64) -> String {
    format!("{code:06}")
}

#[cfg(test)]
mod tests;
