//! Where an order stands for whoever reads it: what happens next and until when, the stages of its way, and what may be
//! done, as [`mod@crate::order_turns`] foretells it, so that no form leads nowhere.

use auction::{
    ASKED_AFTER_SHIPPING, DONE_AFTER_SHIPPING, Order, OrderState, OrderStep, Span, StepKind,
    TRIES_BEFORE_LOCK, Time,
};
use store::records;

use crate::order_turns::{Cancel, Turns, ends_now, meeting_code, receipt_code, turns};
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

/// What the reader may do now; the key of the forms is still to come.
pub fn actions(page: &records::OrderPage, role: Role, is_item_free: bool, now: Time) -> Actions {
    let (order, reader) = (&page.order, role.side());
    let turns = turns(page, reader, is_item_free, now);
    let types_codes = turns.receipt_code || turns.meeting_code;
    Actions {
        key: String::new(),
        receipt_code: receipt_code(order, reader, now),
        meeting_code: meeting_code(order, reader, now),
        can_ship: turns.ship,
        can_type_receipt: turns.receipt_code,
        can_type_meeting: turns.meeting_code,
        locked_until: turns.locked_until.map(moment),
        tries_left: (types_codes && order.tries > 0).then(|| TRIES_BEFORE_LOCK.saturating_sub(order.tries)),
        can_receive: turns.receive,
        cancel: cancelling(&turns),
        can_dispute: turns.dispute,
        evidence_left: turns.evidence_left,
        can_decide: turns.decide,
        can_offer: turns.offer,
    }
}

fn cancelling(turns: &Turns) -> Option<Cancelling> {
    let keep_on = turns.keep_on.then_some(Cancelling::KeepOn);
    let cancel = turns.cancel.map(|cancel| match cancel {
        Cancel::Wish => Cancelling::Wish,
        Cancel::Agree => Cancelling::Agree,
        Cancel::Alone => Cancelling::Alone,
    });
    cancel.or(keep_on)
}

#[cfg(test)]
mod tests;
