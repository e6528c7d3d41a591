//! Endings: the money leaves escrow, once and whole: payout + fee + refund = price (rules §5).

use ledger::{Account, MemberId, Money, Reason, Transfer};

use crate::decide::Effects;
use crate::order::change::Change;
use crate::order::{OrderState, Side, StepKind};

/// The seller is paid the price less the fee.
pub(super) fn pay_seller(mut change: Change<'_>, by: Option<MemberId>) -> Effects {
    let payout = divide(&mut change, OrderState::Done, Money::ZERO);
    change.tell(StepKind::Done, by, |step| step.amount = Some(payout));
    change.finish()
}

/// The buyer has all of his money back; `fault` says by whom it fell through.
pub(super) fn give_back(mut change: Change<'_>, by: Option<MemberId>, fault: Side) -> Effects {
    change.order.fault = Some(fault);
    let price = change.order.price;
    divide(&mut change, OrderState::Refunded, price);
    change.tell(StepKind::Refunded, by, |step| step.amount = Some(price));
    rule_out_defaulter(&mut change);
    change.finish()
}

/// An admin has divided the money; whoever it fell through by has it on his record.
pub(super) fn split(
    mut change: Change<'_>,
    admin: MemberId,
    refund: Money,
    fault: Option<Side>,
    reason: &str,
) -> Effects {
    change.order.fault = fault;
    divide(&mut change, OrderState::Split, refund);
    change.tell(StepKind::Split, Some(admin), |step| {
        step.amount = Some(refund);
        step.text = Some(reason.to_owned());
    });
    if let Some(side) = fault {
        change.mark(side);
    }
    rule_out_defaulter(&mut change);
    change.finish()
}

/// Empties the order's escrow: the refund to the buyer, of the rest the fee to the house, what is left to the seller.
/// Returns the payout.
fn divide(change: &mut Change<'_>, state: OrderState, refund: Money) -> Money {
    let order = &mut change.order;
    let rest = order.price.minus(refund).expect("a refund is at most the price");
    let fee = order.fee_rate.of(rest);
    let payout = rest.minus(fee).expect("a fee is at most what it is taken of");
    order.state = state;
    order.due = None;
    order.wants_cancel = None;
    order.ended_at = Some(change.now);
    order.refund = Some(refund);
    order.fee = Some(fee);
    let mut draft = change.standing.book.draft();
    for (to, amount, reason) in [
        (Account::Available(order.seller), payout, Reason::Payout),
        (Account::Fees, fee, Reason::Fee),
        (Account::Available(order.buyer), refund, Reason::Refund),
    ] {
        let transfer = Transfer { from: Account::Escrow, to, amount, reason, auction: Some(order.auction) };
        draft.post(transfer).expect("escrow has what was paid for the order");
    }
    let posted = draft.finish();
    change.post(posted);
    payout
}

/// Nothing more is offered to a buyer by whom it fell through, and his commitment counts in no price.
fn rule_out_defaulter(change: &mut Change<'_>) {
    if change.order.fell_through_by_buyer() {
        let buyer = change.order.buyer;
        change.rule_out(buyer);
    }
}
