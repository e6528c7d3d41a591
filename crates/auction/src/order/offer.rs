//! Second chances: after an order fell through by the buyer, the thing is offered to the remaining bidders in turn
//! (rules §5).

use ledger::{Account, MemberId, Reason, Transfer};

use crate::auction::Status;
use crate::decide::{Effects, Standing};
use crate::order::change::Change;
use crate::order::{Offer, OfferState, Order, StepKind};
use crate::refusal::Refusal;
use crate::second_chance::second_chance;
use crate::time::{Span, Time};

/// For how long an order that fell through may be followed by an offer.
pub const OFFERED_WITHIN: Span = Span::days(14);

/// How long an offer is open.
pub const OFFER_LASTS: Span = Span::hours(24);

/// How many offers an auction may have.
pub const OFFERS_MAX: usize = 3;

/// The seller offers the thing to the next of the remaining bidders, at the price the rules make.
///
/// # Errors
/// The first reason in the published order.
pub(crate) fn offer(standing: &Standing<'_>, seller: MemberId, now: Time) -> Result<Effects, Refusal> {
    let auction = standing.auction;
    if auction.seller != seller {
        return Err(Refusal::NotSeller);
    }
    if standing.caller.suspended {
        return Err(Refusal::Suspended);
    }
    if auction.status != Status::Ended {
        return Err(Refusal::TooEarly);
    }
    let aftermath = standing.aftermath.ok_or(Refusal::OrderNotFound)?;
    let order = aftermath.order.as_ref();
    let fell = order.filter(|order| order.fell_through_by_buyer());
    if fell.and_then(|order| order.ended_at).is_some_and(|at| now >= at.plus(OFFERED_WITHIN)) {
        return Err(Refusal::TooLate);
    }
    if auction.followed_by.is_some() || !aftermath.is_over() {
        return Err(Refusal::ItemNotFree);
    }
    let order = order.ok_or(Refusal::OrderNotFound)?;
    let order = fell.ok_or(order.wrong_state())?;
    let next = second_chance(auction, standing.bidders).filter(|_| aftermath.offers.len() < OFFERS_MAX);
    let next = next.ok_or(Refusal::NoBidderLeft)?;
    let mut change = Change::of(standing, order, now);
    let number = i64::try_from(aftermath.offers.len()).unwrap_or(i64::MAX).saturating_add(1);
    let made = Offer {
        auction: auction.id,
        number,
        member: next.member,
        price: next.price,
        at: change.now,
        until: change.now.plus(OFFER_LASTS),
        state: OfferState::Open,
    };
    tell(&mut change, StepKind::Offered, made);
    Ok(change.finish())
}

/// The member to whom it is offered takes it and pays at once; a new order begins, the auction stays as it ended.
///
/// # Errors
/// The first reason in the published order.
pub(crate) fn accept_offer(standing: &Standing<'_>, member: MemberId, now: Time) -> Result<Effects, Refusal> {
    if standing.caller.suspended {
        return Err(Refusal::Suspended);
    }
    if standing.caller.blocked {
        return Err(Refusal::Blocked);
    }
    let (order, open) = offered_to(standing, member, now)?;
    let available = standing.book.wallet(member).available;
    if available < open.price {
        return Err(Refusal::InsufficientFunds { required: open.price, available });
    }
    let mut change = Change::of(standing, order, now);
    let mut draft = standing.book.draft();
    draft
        .post(Transfer {
            from: Account::Available(member),
            to: Account::Escrow,
            amount: open.price,
            reason: Reason::Purchase,
            auction: Some(open.auction),
        })
        .expect("funds were checked before");
    change.post(draft.finish());
    tell(&mut change, StepKind::OfferAccepted, Offer { state: OfferState::Accepted, ..open });
    let now = change.now;
    let mut effects = change.finish();
    Order::open_as(standing, member, open.price, true, now, &mut effects);
    Ok(effects)
}

/// The member to whom it is offered does not want it; the seller may offer it to the next.
///
/// # Errors
/// [`Refusal::NoOffer`] unless it is offered to him now.
pub(crate) fn decline_offer(
    standing: &Standing<'_>,
    member: MemberId,
    now: Time,
) -> Result<Effects, Refusal> {
    let (order, open) = offered_to(standing, member, now)?;
    let mut change = Change::of(standing, order, now);
    change.rule_out(member);
    tell(&mut change, StepKind::OfferDeclined, Offer { state: OfferState::Declined, ..open });
    Ok(change.finish())
}

/// Nobody answered in time.
///
/// # Errors
/// [`Refusal::NotDue`] before that.
pub(super) fn lapse(mut change: Change<'_>, open: Offer) -> Result<Effects, Refusal> {
    if change.now < open.until {
        return Err(Refusal::NotDue);
    }
    change.rule_out(open.member);
    tell(&mut change, StepKind::OfferLapsed, Offer { state: OfferState::Lapsed, ..open });
    Ok(change.finish())
}

/// A member was blocked or suspended after the hammer: his commitment counts no more, and what is offered to him is as if it
/// had lapsed, so that the seller may go on to the next. An order of his stays.
///
/// # Errors
/// [`Refusal::Closed`] where nothing can be offered any more, [`Refusal::NoBidderLeft`] if he does not count anyway.
pub(crate) fn withdraw_from(
    standing: &Standing<'_>,
    member: MemberId,
    now: Time,
) -> Result<Effects, Refusal> {
    let auction = standing.auction;
    let closed = Refusal::Closed { outcome: auction.outcome };
    let aftermath = standing.aftermath.filter(|aftermath| aftermath.may_offer(now)).ok_or(closed)?;
    let row = standing.bidder(member).filter(|row| row.counts_in(auction));
    let row = row.ok_or(Refusal::NoBidderLeft)?;
    let open = aftermath.open_offer().filter(|open| open.member == member);
    let Some((order, open)) = aftermath.order.as_ref().zip(open) else {
        return Ok(Effects::without(auction, row));
    };
    let mut change = Change::of(standing, order, now);
    change.rule_out(member);
    tell(&mut change, StepKind::OfferLapsed, Offer { state: OfferState::Lapsed, ..*open });
    Ok(change.finish())
}

/// The open offer to this member, with the order that fell through.
fn offered_to<'a>(
    standing: &Standing<'a>,
    member: MemberId,
    now: Time,
) -> Result<(&'a Order, Offer), Refusal> {
    let aftermath = standing.aftermath.ok_or(Refusal::NoOffer)?;
    let order = aftermath.order.as_ref().ok_or(Refusal::NoOffer)?;
    let open =
        aftermath.open_offer().filter(|open| open.member == member && now.max(order.newest) < open.until);
    Ok((order, *open.ok_or(Refusal::NoOffer)?))
}

/// Writes on the order that fell through what became of the offer.
fn tell(change: &mut Change<'_>, kind: StepKind, offer: Offer) {
    change.tell(kind, Some(offer.member), |step| {
        step.amount = Some(offer.price);
        step.due = (offer.state == OfferState::Open).then_some(offer.until);
    });
    change.put_offer(offer);
}
