//! Turns of an order: what each side may do where it stands, and what the house does when nobody does anything. Pages and
//! the API foretell it from here alone, so that they never differ; the rules judge every command themselves.

use auction::{
    ASKED_AFTER_SHIPPING, CODE_DIGITS, EVIDENCE_PER_SIDE_MAX, FREE_STEPS_MAX, OFFERED_WITHIN, OFFERS_MAX,
    Offer, OfferState, Order, OrderState, Side, StepKind, Time,
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

/// What whoever reads an order may do about it now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turns {
    /// Say that it was sent, or correct carrier and number.
    pub ship: bool,
    /// Say that it has come.
    pub receive: bool,
    /// Type the receipt code, unless [`Turns::locked_until`].
    pub receipt_code: bool,
    /// Type the meeting code, unless [`Turns::locked_until`].
    pub meeting_code: bool,
    /// Until when no code is taken, for whoever could type one.
    pub locked_until: Option<Time>,
    /// Ask for cancelling, and what that brings.
    pub cancel: Option<Cancel>,
    /// Take the own wish to cancel back.
    pub keep_on: bool,
    /// Ask for a person to decide.
    pub dispute: bool,
    /// How many pieces of evidence may still be added.
    pub evidence_left: Option<i64>,
    /// Offer the thing to the next bidder; whether one is left the rules find out.
    pub offer: bool,
    /// Write what one thinks of the other.
    pub review: bool,
    /// Decide a dispute.
    pub decide: bool,
}

/// What asking for cancelling brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancel {
    /// The other side is asked.
    Wish,
    /// The other side wanted it: it is cancelled.
    Agree,
    /// The seller has not acted for too long: the buyer cancels without him.
    Alone,
}

impl Turns {
    /// By the names of the calls.
    pub fn names(&self) -> Vec<&'static str> {
        let takes_codes = self.locked_until.is_none();
        let named = [
            (self.ship, "ship"),
            (self.receipt_code && takes_codes, "receipt_code"),
            (self.receive, "receive"),
            (self.meeting_code && takes_codes, "meeting_code"),
            (self.cancel.is_some(), "cancel"),
            (self.keep_on, "keep_on"),
            (self.dispute, "dispute"),
            (self.evidence_left.is_some(), "evidence"),
            (self.offer, "offer"),
            (self.review, "review"),
            (self.decide, "decide"),
        ];
        named.into_iter().filter_map(|(may, name)| may.then_some(name)).collect()
    }
}

/// What a side may do now, or an admin, who is neither. `is_item_free` says that the thing is in no later auction; it only
/// matters to the seller of an order that fell through by its buyer.
pub fn turns(page: &OrderPage, reader: Option<Side>, is_item_free: bool, now: Time) -> Turns {
    let order = &page.order;
    let Some(side) = reader else {
        return Turns { decide: order.state == OrderState::Disputed, ..Turns::default() };
    };
    let after = Turns {
        offer: side == Side::Seller && is_item_free && may_offer(order, &page.offers, now),
        review: may_review(page, side, now),
        ..Turns::default()
    };
    if ends_now(order, now) {
        return after;
    }
    let (is_waiting, is_delivered) =
        (order.state == OrderState::ToHandOver, order.state == OrderState::Delivered);
    let (is_buyer, is_seller) = (side == Side::Buyer, side == Side::Seller);
    let is_free = order.seq < FREE_STEPS_MAX;
    let receipt_code = is_seller && (is_waiting || is_delivered);
    let meeting_code = is_buyer && is_waiting && order.met_at.is_none();
    Turns {
        ship: is_seller && is_waiting && (order.shipped_at.is_none() || is_free),
        receive: is_buyer && is_waiting,
        receipt_code,
        meeting_code,
        locked_until: order.locked_until.filter(|until| now < *until && (receipt_code || meeting_code)),
        cancel: cancel(order, side, now).filter(|_| is_waiting),
        keep_on: is_waiting && is_free && order.wants_cancel == Some(side),
        dispute: is_waiting || is_delivered,
        evidence_left: evidence_left(order, side, now),
        ..after
    }
}

/// Whether its deadline has come and the house is about to act: what is sent now comes too late.
pub fn ends_now(order: &Order, now: Time) -> bool {
    let was_asked = usize::try_from(order.asked).is_ok_and(|asked| asked >= ASKED_AFTER_SHIPPING.len());
    let ends = match order.state {
        OrderState::ToHandOver => order.shipped_at.is_none() || order.met_at.is_some() || was_asked,
        OrderState::Delivered => true,
        OrderState::Done | OrderState::Refunded | OrderState::Disputed | OrderState::Split => false,
    };
    ends && order.due.is_some_and(|due| now >= due)
}

/// The receipt code, for the buyer alone and as long as it may be typed.
pub fn receipt_code(order: &Order, reader: Option<Side>, now: Time) -> Option<String> {
    let is_of_use = matches!(order.state, OrderState::ToHandOver | OrderState::Delivered);
    (reader == Some(Side::Buyer) && is_of_use && !ends_now(order, now)).then(|| digits(order.receipt_code))
}

/// The meeting code, for the seller alone and as long as it may be typed.
pub fn meeting_code(order: &Order, reader: Option<Side>, now: Time) -> Option<String> {
    let is_of_use = order.state == OrderState::ToHandOver && order.met_at.is_none();
    (reader == Some(Side::Seller) && is_of_use && !ends_now(order, now)).then(|| digits(order.meeting_code))
}

fn digits(code: i64) -> String {
    format!("{code:0CODE_DIGITS$}")
}

fn cancel(order: &Order, side: Side, now: Time) -> Option<Cancel> {
    if side == Side::Buyer && order.buyer_may_cancel_at().is_some_and(|at| now >= at) {
        return Some(Cancel::Alone);
    }
    match order.wants_cancel {
        Some(first) => (first != side).then_some(Cancel::Agree),
        None => (order.seq < FREE_STEPS_MAX).then_some(Cancel::Wish),
    }
}

fn evidence_left(order: &Order, side: Side, now: Time) -> Option<i64> {
    let written = match side {
        Side::Buyer => order.buyer_evidence,
        Side::Seller => order.seller_evidence,
    };
    let left = EVIDENCE_PER_SIDE_MAX.saturating_sub(written);
    order.evidence_until().filter(|until| now < *until && left > 0).map(|_| left)
}

fn may_offer(order: &Order, offers: &[Offer], now: Time) -> bool {
    let is_in_time = order.ended_at.is_some_and(|at| now < at.plus(OFFERED_WITHIN));
    // The offer that this order came of, if it came of one.
    let own = offers.iter().filter(|offer| order.is_second_chance && offer.member == order.buyer);
    let own = own.filter(|offer| offer.state == OfferState::Accepted).map(|offer| offer.number).max();
    let is_free = offers.iter().all(|offer| match offer.state {
        OfferState::Open => false,
        // What was taken later goes on in an order of its own.
        OfferState::Accepted => own.is_some_and(|own| offer.number <= own),
        OfferState::Declined | OfferState::Lapsed => true,
    });
    order.fell_through_by_buyer() && is_in_time && is_free && offers.len() < OFFERS_MAX
}

/// Until when the sides may write what they think of each other.
pub fn review_until(order: &Order) -> Option<Time> {
    order.ended_at.map(|at| at.plus(REVIEW_WITHIN))
}

/// Whether that side may write its review now.
pub fn may_review(page: &OrderPage, side: Side, now: Time) -> bool {
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

    fn may(page: &OrderPage, side: Side, now: Time) -> Vec<&'static str> {
        turns(page, Some(side), true, now).names()
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut Order), buyer: &str, seller: &str, then: Option<StepKind>) {
        let page = page(change);
        let now = OPENED.plus(Span::hours(1));
        let words = |side| may(&page, side, now).join(" ");
        assert_eq!((words(Side::Buyer).as_str(), words(Side::Seller).as_str()), (buyer, seller));
        assert_eq!(next(&page.order), then);
    }

    /// The deadline of [`page`] and a little more.
    fn late() -> Time {
        OPENED.plus(Span::days(8))
    }

    #[test]
    fn when_the_deadline_has_come_nothing_is_foretold_that_would_be_too_late() {
        let shipped = |asked| page(move |order| (order.shipped_at, order.asked) = (Some(OPENED), asked));
        for (page, buyer, seller, has_codes) in [
            (page(|_| {}), "", "", false),
            (page(|order| order.wants_cancel = Some(Side::Buyer)), "", "", false),
            (page(|order| order.state = OrderState::Delivered), "", "", false),
            (page(|order| order.met_at = Some(OPENED)), "", "", false),
            (shipped(3), "", "", false),
            // A question to the buyer ends nothing.
            (shipped(0), "receive meeting_code cancel dispute", "ship receipt_code cancel dispute", true),
        ] {
            let words = |side| may(&page, side, late()).join(" ");
            assert_eq!((words(Side::Buyer).as_str(), words(Side::Seller).as_str()), (buyer, seller));
            assert_eq!(receipt_code(&page.order, Some(Side::Buyer), late()).is_some(), has_codes);
            assert_eq!(meeting_code(&page.order, Some(Side::Seller), late()).is_some(), has_codes);
        }
    }

    /// An order of the auction, fallen through by its buyer (2, or 3 by an offer), and what was offered in the auction.
    #[track_caller]
    fn check_offer(is_second_chance: bool, offers: &[(i64, OfferState)], is_item_free: bool, expected: bool) {
        let mut page = page(|order| {
            (order.state, order.due, order.is_second_chance) = (OrderState::Refunded, None, is_second_chance);
            (order.fault, order.ended_at) = (Some(Side::Buyer), Some(OPENED));
            order.buyer = MemberId(if is_second_chance { 3 } else { 2 });
        });
        let offer = |(number, (member, state)): (i64, &(i64, OfferState))| Offer {
            auction: AuctionId(1),
            number,
            member: MemberId(*member),
            price: Money::WON,
            at: OPENED,
            until: OPENED.plus(Span::days(1)),
            state: *state,
        };
        page.offers = (1..).zip(offers).map(offer).collect();
        let seller = turns(&page, Some(Side::Seller), is_item_free, late());
        assert_eq!(seller.offer, expected, "{is_second_chance} {offers:?}");
        assert!(!turns(&page, Some(Side::Buyer), is_item_free, late()).offer);
        assert!(!turns(&page, None, is_item_free, late()).offer);
    }

    #[test]
    fn the_thing_is_offered_on_only_from_the_auctions_last_order() {
        use OfferState::{Accepted, Declined, Lapsed, Open};
        check_offer(false, &[], true, true);
        check_offer(false, &[], false, false);
        check_offer(false, &[(3, Open)], true, false);
        check_offer(false, &[(3, Declined), (4, Lapsed)], true, true);
        check_offer(false, &[(3, Declined), (4, Lapsed), (5, Lapsed)], true, false);
        check_offer(false, &[(3, Accepted)], true, false);
        check_offer(true, &[(3, Accepted)], true, true);
        check_offer(true, &[(4, Declined), (3, Accepted)], true, true);
        check_offer(true, &[(3, Accepted), (4, Accepted)], true, false);
        check_offer(true, &[(3, Accepted), (4, Open)], true, false);
    }

    #[test]
    fn an_admin_decides_what_is_disputed_and_nothing_else() {
        let named = |change: fn(&mut Order)| turns(&page(change), None, true, late()).names();
        assert_eq!(named(|order| order.state = OrderState::Disputed), ["decide"]);
        assert!(named(|_| {}).is_empty());
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
