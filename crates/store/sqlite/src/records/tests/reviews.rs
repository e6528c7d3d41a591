//! Reviews are double blind, and what they say of a member counts for a year.

use auction::{MarkKind, OrderId, OrderState, Side, Span, StepKind, Time};
use ledger::MemberId;
use store::Records;
use store::records::{NewReview, NoticeKind, REVIEW_WITHIN, Reputation, ReviewRefused};

use super::{House, after, first};

/// When the orders of these tests are over: their second step.
const OVER: Time = Time(42_000_000);

fn review(order: OrderId, by: Side, stars: i64, at: Time) -> NewReview {
    NewReview { order, by, stars, text: format!("{stars} stars"), at }
}

/// An order that is done.
fn done(house: &House, buyer: MemberId, seller: MemberId) -> OrderId {
    let order = house.order(house.list(seller, "의자", 1), buyer, seller);
    house.step(order, StepKind::Done, OrderState::Done, None);
    order
}

#[test]
fn each_side_writes_once_and_in_time() {
    let house = House::open();
    let (mina, joon) = (house.member("mina"), house.member("joon"));
    let over = done(&house, joon, mina);
    // Something happens afterwards, and moves the time to write not.
    house.step(over, StepKind::OfferLapsed, OrderState::Done, None);
    let open = house.order(house.list(mina, "책상", 1), joon, mina);
    let old = house.order(house.list(mina, "책", 1), joon, mina);
    house.write("UPDATE orders SET state = 2 WHERE id = ?1", [old.0]);
    house.write("DELETE FROM order_steps WHERE order_id = ?1", [old.0]);
    let write = |order, by, at| house.ask(house.records.write_review(review(order, by, 5, at)));
    let last = |over: Time| over.plus(REVIEW_WITHIN).minus(Span(1));
    assert_eq!(write(OrderId(99), Side::Buyer, OVER), Err(ReviewRefused::NotOver));
    assert_eq!(write(open, Side::Buyer, OVER), Err(ReviewRefused::NotOver));
    assert_eq!(write(over, Side::Buyer, OVER.plus(REVIEW_WITHIN)), Err(ReviewRefused::TooLate));
    assert_eq!(write(over, Side::Buyer, last(OVER)), Ok(()));
    assert_eq!(write(over, Side::Buyer, OVER.plus(REVIEW_WITHIN)), Err(ReviewRefused::Written));
    assert_eq!(write(over, Side::Seller, OVER), Ok(()));
    // One from before there were steps was over as it was opened.
    let opened = Time(40_000_000);
    assert_eq!(write(old, Side::Seller, opened.plus(REVIEW_WITHIN)), Err(ReviewRefused::TooLate));
    assert_eq!(write(old, Side::Seller, last(opened)), Ok(()));

    let page = house.ask(house.records.notices(mina, first(9)));
    let told: Vec<_> = page.items.iter().map(|row| (row.kind, row.title.as_str(), row.read)).collect();
    assert_eq!(told, [(NoticeKind::Review, "의자", false)]);
    assert_eq!(house.ask(house.records.unread(joon)), 2);
}

#[test]
fn what_one_wrote_is_shown_when_both_wrote_or_the_time_is_over() {
    let house = House::open();
    let (mina, joon) = (house.member("mina"), house.member("joon"));
    let [both, alone, another] = [(); 3].map(|()| done(&house, joon, mina));
    let writes =
        [(both, Side::Buyer, 1), (both, Side::Seller, 2), (alone, Side::Buyer, 3), (another, Side::Buyer, 3)];
    for (order, by, second) in writes {
        let written = review(order, by, second, OVER.plus(Span(second)));
        house.ask(house.records.write_review(written)).unwrap();
    }
    let orders = |now: Time| -> Vec<_> {
        let page = house.ask(house.records.reviews(mina, now, first(9)));
        page.items.iter().map(|row| (row.order, row.by, row.stars)).collect()
    };
    let shown = OVER.plus(REVIEW_WITHIN);
    assert_eq!(orders(shown.minus(Span(1))), [(both, Side::Buyer, 1)]);
    assert_eq!(orders(shown), [(another, Side::Buyer, 3), (alone, Side::Buyer, 3), (both, Side::Buyer, 1)]);
    let page = house.ask(house.records.reviews(mina, shown, first(1)));
    let page = house.ask(house.records.reviews(mina, shown, after(page.next, 1)));
    let row = &page.items[0];
    assert_eq!((row.order, row.author, row.author_name.as_str()), (alone, joon, "JOON"));
    assert_eq!((row.about, row.title.as_str(), row.text.as_str()), (mina, "의자", "3 stars"));
    let about_joon = house.ask(house.records.reviews(joon, OVER, first(9)));
    assert_eq!(about_joon.items.len(), 1);
}

#[test]
fn a_reputation_is_what_the_newest_of_each_pair_says() {
    let house = House::open();
    let (mina, joon, sora) = (house.member("mina"), house.member("joon"), house.member("sora"));
    assert_eq!(house.ask(house.records.reputation(mina, OVER)), Reputation::default());
    let [first_order, second_order] = [(); 2].map(|()| done(&house, joon, mina));
    let third = done(&house, sora, mina);
    let hidden = done(&house, house.member("hana"), mina);
    let year = Span::days(365);
    let writes = [
        (first_order, Side::Buyer, 1, 1),
        (second_order, Side::Buyer, 5, 2),
        (third, Side::Buyer, 4, 3),
        (hidden, Side::Buyer, 1, 1_000),
    ];
    for (order, by, stars, at) in writes {
        house.ask(house.records.write_review(review(order, by, stars, OVER.plus(Span(at))))).unwrap();
    }
    for order in [first_order, second_order, third] {
        house.ask(house.records.write_review(review(order, Side::Seller, 2, OVER.plus(Span(9))))).unwrap();
    }
    // Refunded, divided without anything for the seller, divided with something.
    let sql = "UPDATE orders SET state = ?2, refund = ?3, fee = 0 WHERE id = ?1";
    for (state, refund) in [(3, 10_000), (5, 10_000), (5, 9_999)] {
        let order = house.order(house.list(mina, "의자", 1), joon, mina);
        house.write(sql, (order.0, state, refund));
    }
    let mark = |kind: i64, at: Time| {
        let sql = "INSERT INTO marks (member, kind, auction, at) VALUES (?1, ?2, 1, ?3)";
        house.write(sql, (mina.0, kind, at.0));
    };
    [(0, OVER.minus(year)), (0, OVER), (3, OVER), (0, OVER)]
        .into_iter()
        .for_each(|(kind, at)| mark(kind, at));
    let reputation = house.ask(house.records.reputation(mina, OVER.plus(Span(10))));
    let marks = vec![(MarkKind::SellerDefault, 2), (MarkKind::TookLeadBack, 1)];
    assert_eq!(reputation, Reputation { score: Some(88), reviews: 2, sales: 5, marks });
    // The hidden one counts when it is shown, and all are forgotten after a year.
    let later = |now: Time| house.ask(house.records.reputation(mina, now));
    assert_eq!(later(OVER.plus(REVIEW_WITHIN)).reviews, 3);
    assert_eq!(later(OVER.plus(REVIEW_WITHIN)).score, Some(58));
    let forgotten = later(OVER.plus(year).plus(Span(1_000)));
    assert_eq!((forgotten.score, forgotten.reviews, forgotten.sales, forgotten.marks), (None, 0, 5, vec![]));
    assert_eq!(later(OVER.plus(year)).reviews, 3);
}
