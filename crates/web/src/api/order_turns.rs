//! Turns of an order: what each side may do where it stands, and what the house does when nobody does anything. Only what
//! is shown: the rules judge every command themselves.

use auction::{
    ASKED_AFTER_SHIPPING, EVIDENCE_PER_SIDE_MAX, FREE_STEPS_MAX, OFFERED_WITHIN, OFFERS_MAX, Offer,
    OfferState, Order, OrderState, Side, StepKind, Time,
};
use store::records::{OrderPage, REVIEW_WITHIN};

/// What the house does at `due` if nobody does anything before.
pub fn next(order: &Order) -> Option<StepKind> {
    order.due?;
    let was_asked = usize::try_from(order.asked).is_ok_and(|asked| asked >= ASKED_AFTER_SHIPPING.len());
    match order.state {
        OrderState::ToHandOver if !order.is_acted_on() => Some(StepKind::Refunded),
        OrderState::ToHandOver if order.met_at.is_some() => Some(StepKind::Disputed),
        OrderState::ToHandOver if was_asked => Some(StepKind::Done),
        OrderState::ToHandOver => Some(StepKind::Asked),
        OrderState::Delivered => Some(StepKind::Done),
        OrderState::Disputed => Some(StepKind::Overdue),
        OrderState::Done | OrderState::Refunded | OrderState::Split => None,
    }
}

/// What a side may do now, by the names of the calls.
pub fn may(page: &OrderPage, side: Side, now: Time) -> Vec<&'static str> {
    let order = &page.order;
    let mut may = Vec::new();
    let mut when = |is_so: bool, what| may.extend(is_so.then_some(what));
    let (is_waiting, is_delivered) =
        (order.state == OrderState::ToHandOver, order.state == OrderState::Delivered);
    let takes_codes = order.locked_until.is_none_or(|until| now >= until);
    let is_free = order.seq < FREE_STEPS_MAX;
    match side {
        Side::Seller => {
            when(is_waiting && (order.shipped_at.is_none() || is_free), "ship");
            when((is_waiting || is_delivered) && takes_codes, "receipt_code");
        }
        Side::Buyer => {
            when(is_waiting, "receive");
            when(is_waiting && order.met_at.is_none() && takes_codes, "meeting_code");
        }
    }
    when(is_waiting && may_cancel(order, side, now), "cancel");
    when(is_waiting && is_free && order.wants_cancel == Some(side), "keep_on");
    when(is_waiting || is_delivered, "dispute");
    when(may_add_evidence(order, side, now), "evidence");
    when(side == Side::Seller && may_offer(order, &page.offers, now), "offer");
    when(may_review(page, side, now), "review");
    may
}

fn may_cancel(order: &Order, side: Side, now: Time) -> bool {
    let is_alone = side == Side::Buyer && order.buyer_may_cancel_at().is_some_and(|at| now >= at);
    match order.wants_cancel {
        Some(first) => is_alone || first != side,
        None => is_alone || order.seq < FREE_STEPS_MAX,
    }
}

fn may_add_evidence(order: &Order, side: Side, now: Time) -> bool {
    let written = match side {
        Side::Buyer => order.buyer_evidence,
        Side::Seller => order.seller_evidence,
    };
    order.evidence_until().is_some_and(|until| now < until) && written < EVIDENCE_PER_SIDE_MAX
}

/// Whether the thing may be offered to the next bidder; whether one is left the rules find out.
fn may_offer(order: &Order, offers: &[Offer], now: Time) -> bool {
    let is_in_time = order.ended_at.is_some_and(|at| now < at.plus(OFFERED_WITHIN));
    let is_free = offers.iter().all(|offer| match offer.state {
        OfferState::Open => false,
        // What was taken goes on in an order of its own.
        OfferState::Accepted => order.is_second_chance,
        OfferState::Declined | OfferState::Lapsed => true,
    });
    order.fell_through_by_buyer() && is_in_time && is_free && offers.len() < OFFERS_MAX
}

/// Until when the sides may write what they think of each other.
pub fn review_until(order: &Order) -> Option<Time> {
    order.ended_at.map(|at| at.plus(REVIEW_WITHIN))
}

fn may_review(page: &OrderPage, side: Side, now: Time) -> bool {
    let is_in_time = review_until(&page.order).is_some_and(|until| now < until);
    is_in_time && page.reviews.iter().all(|review| review.by != side)
}

/// Whether what one side wrote is shown to the other: once both wrote, or the time is over.
pub fn reviews_are_shown(page: &OrderPage, now: Time) -> bool {
    page.reviews.len() >= Side::ALL.len() || review_until(&page.order).is_some_and(|until| now >= until)
}

#[cfg(test)]
mod tests {
    use auction::{AuctionId, OrderId, Span};
    use ledger::{MemberId, Money, PartsPerMillion};
    use store::records::Member;

    use super::*;

    const OPENED: Time = Time(1_800_000_000_000_000);

    fn member(id: i64) -> Member {
        Member {
            id: MemberId(id),
            username: String::new(),
            nickname: String::new(),
            region: None,
            suspended: false,
            is_admin: false,
            created_at: OPENED,
        }
    }

    fn page(change: impl FnOnce(&mut Order)) -> OrderPage {
        let mut order = Order {
            id: OrderId(1),
            auction: AuctionId(1),
            seller: MemberId(1),
            buyer: MemberId(2),
            price: Money::WON,
            fee_rate: PartsPerMillion::default(),
            number: 1,
            is_second_chance: false,
            state: OrderState::ToHandOver,
            seq: 1,
            opened_at: OPENED,
            newest: OPENED,
            due: Some(OPENED.plus(Span::days(7))),
            receipt_code: 1,
            meeting_code: 2,
            tries: 0,
            tries_in_all: 0,
            locked_until: None,
            carrier: None,
            tracking: None,
            shipped_at: None,
            met_at: None,
            delivered_at: None,
            asked: 0,
            wants_cancel: None,
            disputed_at: None,
            disputed_by: None,
            buyer_evidence: 0,
            seller_evidence: 0,
            ended_at: None,
            refund: None,
            fee: None,
            fault: None,
            outage: None,
        };
        change(&mut order);
        let (title, buyer, seller) = (String::new(), member(2), member(1));
        OrderPage { order, title, buyer, seller, steps: Vec::new(), offers: Vec::new(), reviews: Vec::new() }
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut Order), buyer: &str, seller: &str, then: Option<StepKind>) {
        let page = page(change);
        let now = OPENED.plus(Span::hours(1));
        let words = |side| may(&page, side, now).join(" ");
        assert_eq!((words(Side::Buyer).as_str(), words(Side::Seller).as_str()), (buyer, seller));
        assert_eq!(next(&page.order), then);
    }

    #[test]
    fn what_each_side_may_do_where_it_stands() {
        let waiting = "receive meeting_code cancel dispute";
        check(|_| {}, waiting, "ship receipt_code cancel dispute", Some(StepKind::Refunded));
        check(
            |order| order.shipped_at = Some(OPENED),
            waiting,
            "ship receipt_code cancel dispute",
            Some(StepKind::Asked),
        );
        check(
            |order| (order.shipped_at, order.asked) = (Some(OPENED), 3),
            waiting,
            "ship receipt_code cancel dispute",
            Some(StepKind::Done),
        );
        check(
            |order| order.met_at = Some(OPENED),
            "receive cancel dispute",
            "ship receipt_code cancel dispute",
            Some(StepKind::Disputed),
        );
        check(
            |order| order.locked_until = Some(OPENED.plus(Span::hours(2))),
            "receive cancel dispute",
            "ship cancel dispute",
            Some(StepKind::Refunded),
        );
        check(
            |order| order.wants_cancel = Some(Side::Buyer),
            "receive meeting_code keep_on dispute",
            "ship receipt_code cancel dispute",
            Some(StepKind::Refunded),
        );
    }

    #[test]
    fn what_each_side_may_do_later() {
        check(
            |order| order.seq = FREE_STEPS_MAX,
            "receive meeting_code dispute",
            "ship receipt_code dispute",
            Some(StepKind::Refunded),
        );
        check(
            |order| order.state = OrderState::Delivered,
            "dispute",
            "receipt_code dispute",
            Some(StepKind::Done),
        );
        check(
            |order| {
                order.state = OrderState::Disputed;
                order.due = Some(OPENED.plus(Span::days(14)));
                order.seller_evidence = EVIDENCE_PER_SIDE_MAX;
            },
            "evidence",
            "",
            Some(StepKind::Overdue),
        );
        check(|order| (order.state, order.due) = (OrderState::Disputed, None), "", "", None);
        check(
            |order| {
                (order.state, order.due) = (OrderState::Done, None);
                order.ended_at = Some(OPENED);
            },
            "review",
            "review",
            None,
        );
        check(
            |order| {
                (order.state, order.due) = (OrderState::Refunded, None);
                (order.fault, order.ended_at) = (Some(Side::Buyer), Some(OPENED));
            },
            "review",
            "offer review",
            None,
        );
    }

    #[test]
    fn the_buyer_cancels_alone_after_three_days_without_an_act() {
        let page = page(|order| order.seq = FREE_STEPS_MAX);
        for (after, may_he) in [(Span(Span::days(3).0 - 1), false), (Span::days(3), true)] {
            let has = may(&page, Side::Buyer, OPENED.plus(after)).contains(&"cancel");
            assert_eq!(has, may_he, "{after:?}");
        }
    }
}
