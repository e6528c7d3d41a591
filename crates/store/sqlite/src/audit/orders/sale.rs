//! A sale: what moved for one order pays its price in full, once, and goes to the right people.

use auction::{Order, OrderState, Outcome};
use ledger::{Money, PartsPerMillion, Reason};

use super::super::money::{AVAILABLE, ESCROW, HELD};
use super::super::notebook::Paid;
use crate::rows::number_of;

/// What the auction says of a sale.
pub(super) struct Sold {
    pub(super) seller: i64,
    pub(super) fee_rate: i64,
    pub(super) outcome: Option<i64>,
}

/// What moved for one reason.
#[derive(Default, PartialEq, Eq)]
struct Moved {
    transfers: u32,
    member: Option<i64>,
    amount: i128,
}

/// How the price was divided.
struct Divided {
    refund: Money,
    fee: Money,
    payout: Money,
}

/// What escrow holds by these transfers.
pub(super) fn escrow(paid: &[Paid]) -> i128 {
    let sign = |paid: &Paid| i128::from(paid.to == ESCROW) - i128::from(paid.from == ESCROW);
    paid.iter().map(|paid| sign(paid) * i128::from(paid.amount)).sum()
}

/// What is wrong with a sale, if anything.
pub(super) fn fault(order: &Order, sold: Option<&Sold>, paid: &[Paid]) -> Option<&'static str> {
    let Some(sold) = sold else { return Some("there is no such auction") };
    if order.seller.0 != sold.seller {
        return Some("its seller is not the auction's");
    }
    let auction = Some(order.auction.0);
    let known = [Reason::Purchase, Reason::Payout, Reason::Fee, Reason::Refund, Reason::BidRelease];
    let is_known = |paid: &Paid| known.iter().any(|reason| is_for(paid, *reason));
    if paid.iter().any(|paid| paid.auction != auction || !is_known(paid)) {
        return Some("its transfers are not all for its auction");
    }
    if moved(paid, Reason::Purchase) != Moved::of(Some(order.buyer.0), order.price) {
        return Some("its buyer did not pay its price, once");
    }
    if !is_paid_from_the_right_account(order, sold, paid) {
        return Some("it was not paid from where the money was");
    }
    let Some(rate) = rate(order, sold) else { return Some("its fee is not at the listed rate") };
    let Some(divided) = Divided::of(order, rate) else {
        return Some("what was given back and kept of its price is not what the listed rate makes of it");
    };
    if moved(paid, Reason::Fee) != Moved::of(None, divided.fee) {
        return Some("the fee is not what the listed rate makes of the price");
    }
    if moved(paid, Reason::Refund) != Moved::of(Some(order.buyer.0), divided.refund) {
        return Some("its buyer was not given back what he should, once");
    }
    (moved(paid, Reason::Payout) != Moved::of(Some(order.seller.0), divided.payout))
        .then_some("its seller was not paid the rest, once")
}

/// The rate of the fee; an order that the release before opened has its auction's.
fn rate(order: &Order, sold: &Sold) -> Option<PartsPerMillion> {
    let listed = PartsPerMillion::new(sold.fee_rate)?;
    let is_of_before = order.seq == 0;
    Some(if is_of_before { listed } else { order.fee_rate }).filter(|rate| *rate == listed)
}

/// A leader pays from what is held; whoever buys, or takes an offer, from what he has.
fn is_paid_from_the_right_account(order: &Order, sold: &Sold, paid: &[Paid]) -> bool {
    let is_won = !order.is_second_chance && sold.outcome == Some(number_of(&Outcome::ALL, &Outcome::Sold));
    let from = if is_won { HELD } else { AVAILABLE };
    paid.iter().filter(|paid| is_for(paid, Reason::Purchase)).all(|paid| paid.from == from)
}

fn is_for(paid: &Paid, reason: Reason) -> bool {
    paid.reason == number_of(&Reason::ALL, &reason)
}

fn moved(paid: &[Paid], reason: Reason) -> Moved {
    paid.iter().filter(|paid| is_for(paid, reason)).fold(Moved::default(), |sum, paid| Moved {
        transfers: sum.transfers + 1,
        member: paid.member,
        amount: sum.amount + i128::from(paid.amount),
    })
}

impl Moved {
    /// One transfer of this amount, or none at all of nothing.
    fn of(member: Option<i64>, amount: Money) -> Moved {
        match amount.won() {
            0 => Moved::default(),
            won => Moved { transfers: 1, member, amount: i128::from(won) },
        }
    }
}

impl Divided {
    /// How an order's price must have been divided; `None` if the order says something else.
    fn of(order: &Order, rate: PartsPerMillion) -> Option<Divided> {
        let nothing = Money::ZERO;
        if order.state.is_open() {
            let is_whole = order.refund.is_none() && order.fee.is_none();
            return is_whole.then_some(Divided { refund: nothing, fee: nothing, payout: nothing });
        }
        let refund = order.refund.or(Some(nothing).filter(|_| order.seq == 0))?;
        let is_right = match order.state {
            OrderState::Done => refund == nothing,
            OrderState::Refunded => refund == order.price,
            _ => true,
        };
        let rest = order.price.minus(refund).filter(|_| is_right)?;
        let fee = rate.of(rest);
        let says_so = order.fee == Some(fee) || (order.seq == 0 && order.fee.is_none());
        let payout = rest.minus(fee).filter(|_| says_so)?;
        Some(Divided { refund, fee, payout })
    }
}
