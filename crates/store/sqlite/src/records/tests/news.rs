//! What members hear of reserves, edits, what was taken back, and of the steps of orders.

use auction::{AuctionId, EventKind, OrderState, Outcome, PriceRule, StepKind};
use ledger::MemberId;
use store::Records;
use store::records::NoticeKind::{self, *};
use store::records::{NoticeRow, Search};

use super::{Bid, House, bid, first};
use crate::rows::number_of;

/// Who hears what, in the order of their numbers.
fn told(notices: &[(MemberId, NoticeRow)]) -> Vec<(i64, NoticeKind)> {
    let mut told: Vec<_> = notices.iter().map(|(member, row)| (member.0, row.kind)).collect();
    told.sort();
    told
}

/// Mina sells; Joon was beaten by Sora, who leads; all of it is told.
fn market() -> (House, [MemberId; 3], AuctionId) {
    let house = House::open();
    let [mina, joon, sora] = ["mina", "joon", "sora"].map(|name| house.member(name));
    let auction = house.list(mina, "의자", 50);
    house.bid_round(auction, &[bid(joon, 2_000), bid(sora, 3_000)]);
    house.follow();
    (house, [mina, joon, sora], auction)
}

/// Appends an event told to one member alone, with the rule that made its price.
fn aside(
    house: &House,
    auction: AuctionId,
    kind: EventKind,
    member: Option<MemberId>,
    rule: Option<PriceRule>,
) {
    house.event(auction, kind, None);
    let sql = "UPDATE events SET aside = ?2, rule = ?3 WHERE auction = ?1 AND seq = (SELECT seq FROM auctions WHERE id = ?1)";
    let rule = rule.map(|rule| number_of(&PriceRule::ALL, &rule));
    house.write(sql, (auction.0, member.map(|member| member.0), rule));
}

/// A round of all that happened to an auction since it was last followed.
fn round(house: &House, auction: AuctionId) {
    let before = house.number("SELECT told FROM listings WHERE auction = ?1", [auction.0]);
    let after = house.number("SELECT seq FROM auctions WHERE id = ?1", [auction.0]);
    house.round(&[(auction, before, after)]);
}

/// Joon's bid is beaten at once by Sora's maximum, which raises hers to the same amount.
fn beaten_at_once(house: &House, auction: AuctionId, challenger: MemberId, leader: MemberId, amount: i64) {
    house.write(
        "UPDATE auctions SET price = ?2, commitment = max(commitment, ?2) WHERE id = ?1",
        (auction.0, amount),
    );
    for (kind, member) in [(EventKind::Bid, challenger), (EventKind::Auto, leader)] {
        house.event(auction, kind, Some(&Bid { member, amount }));
    }
}

#[test]
fn a_challenger_who_is_beaten_at_once_hears_it_once() {
    let (house, [mina, joon, sora], auction) = market();
    beaten_at_once(&house, auction, joon, sora, 4_000);
    round(&house, auction);
    let notices = house.follow();
    assert_eq!(told(&notices), [(mina.0, NewBid), (joon.0, Outbid)]);
    assert!(notices.iter().all(|(_, row)| row.amount.map(ledger::Money::won) == Some(4_000)));
    // What others do afterwards does not concern him.
    house.bid_round(auction, &[bid(sora, 5_000)]);
    assert_eq!(told(&house.follow()), [(mina.0, NewBid)]);
    // Beaten twice before anybody is told, he hears it once.
    beaten_at_once(&house, auction, joon, sora, 6_000);
    beaten_at_once(&house, auction, joon, sora, 7_000);
    round(&house, auction);
    assert_eq!(told(&house.follow()), [(mina.0, NewBid), (joon.0, Outbid)]);
    // Who is beaten at once and then leads was not outbid.
    beaten_at_once(&house, auction, joon, sora, 8_000);
    house.bids(auction, &[bid(joon, 9_000)]);
    round(&house, auction);
    assert_eq!(told(&house.follow()), [(mina.0, NewBid), (sora.0, Outbid)]);
}

#[test]
fn whose_bids_are_taken_back_alone_hears_that() {
    let (house, [mina, joon, sora], auction) = market();
    aside(&house, auction, EventKind::Reset, Some(joon), Some(PriceRule::TakenBack));
    round(&house, auction);
    assert_eq!(told(&house.follow()), [(joon.0, TakenBack)]);
    // The leader's: all who took part start afresh, and nobody is outbid by what counts no more.
    house.bids(auction, &[bid(joon, 4_000), bid(sora, 5_000)]);
    let sql = "UPDATE auctions SET leader = NULL, leader_number = NULL, commitment = NULL WHERE id = ?1";
    house.write(sql, [auction.0]);
    aside(&house, auction, EventKind::Reset, Some(sora), Some(PriceRule::Afresh));
    let hana = house.member("hana");
    house.bids(auction, &[bid(hana, 1_000)]);
    round(&house, auction);
    let expected = [(mina.0, NewBid), (joon.0, Afresh), (sora.0, TakenBack)];
    assert_eq!(told(&house.follow()), expected);
    house.bid_round(auction, &[bid(joon, 2_000)]);
    assert_eq!(told(&house.follow()), [(mina.0, NewBid), (hana.0, Outbid)]);
}

#[test]
fn a_lowered_reserve_is_told_to_him_alone_whose_maximum_was_cut() {
    let (house, [_, _, sora], auction) = market();
    aside(&house, auction, EventKind::ReserveLowered, None, None);
    round(&house, auction);
    assert_eq!(told(&house.follow()), []);
    aside(&house, auction, EventKind::ReserveLowered, Some(sora), None);
    round(&house, auction);
    assert_eq!(told(&house.follow()), [(sora.0, MaximumCut)]);
}

#[test]
fn an_end_below_the_reserve_and_one_that_the_seller_moved() {
    let (house, [mina, _, sora], auction) = market();
    house.event(auction, EventKind::Extended, None);
    house.write("UPDATE events SET cause = 1 WHERE kind = 4", []);
    round(&house, auction);
    assert_eq!(told(&house.follow()), [(sora.0, Extended)], "the seller knows");
    house.close(auction, Outcome::ReserveNotMet);
    round(&house, auction);
    assert_eq!(told(&house.follow()), [(mina.0, ReserveNotMet), (sora.0, ReserveNotMet)]);
}

#[test]
fn an_edit_is_told_and_found_by_its_new_words() {
    let (house, [_, joon, sora], auction) = market();
    house.write("UPDATE items SET title = '책상', nationwide = 1, condition = 2", []);
    house.write("UPDATE auctions SET buy_now = 9000, starts_at = 1 WHERE id = ?1", [auction.0]);
    house.event(auction, EventKind::Edited, None);
    round(&house, auction);
    assert_eq!(told(&house.follow()), [(joon.0, Edited), (sora.0, Edited)]);
    let found = |words: &str| {
        let search = Search { words: words.to_owned(), ..Search::default() };
        house.ask(house.records.listings(search, first(9))).items
    };
    assert_eq!(found("의자"), []);
    let row = &found("책상")[0];
    assert_eq!(
        (row.title.as_str(), row.nationwide, row.condition),
        ("책상", true, Some(auction::Condition::A))
    );
    assert_eq!((row.buy_now.map(ledger::Money::won), row.starts_at.0), (Some(9_000), 1));
}

/// What happened, by whom, and who hears what.
type Case<'a> = (StepKind, Option<MemberId>, &'a [(i64, NoticeKind)]);

#[test]
fn each_step_of_an_order_is_told_to_whom_it_concerns() {
    let (house, [mina, joon, sora], auction) = market();
    let (seller, buyer) = (mina.0, sora.0);
    let order = house.order(auction, sora, mina);
    let open = OrderState::ToHandOver;
    let cases: [Case<'_>; 24] = [
        (StepKind::Shipped, Some(mina), &[(buyer, Shipped)]),
        (StepKind::Met, Some(sora), &[(seller, Met), (buyer, Met)]),
        (StepKind::WrongCode, Some(sora), &[]),
        (StepKind::Locked, None, &[(seller, CodeLocked), (buyer, CodeLocked)]),
        (StepKind::Delivered, Some(sora), &[(seller, Delivered)]),
        (StepKind::Asked, None, &[(buyer, Asked)]),
        (StepKind::Done, None, &[(seller, Done), (buyer, Done)]),
        (StepKind::CancelWanted, Some(sora), &[(seller, CancelWanted)]),
        (StepKind::CancelWanted, Some(mina), &[(buyer, CancelWanted)]),
        (StepKind::CancelTakenBack, Some(mina), &[]),
        (StepKind::Refunded, None, &[(seller, Refunded), (buyer, Refunded)]),
        (StepKind::Disputed, Some(sora), &[(seller, Disputed), (buyer, Disputed)]),
        (StepKind::Disputed, None, &[(seller, Disputed), (buyer, Disputed)]),
        (StepKind::Evidence, Some(mina), &[(buyer, Evidence)]),
        (StepKind::Evidence, Some(sora), &[(seller, Evidence)]),
        (StepKind::Overdue, None, &[]),
        (StepKind::Split, Some(joon), &[(seller, Decided), (buyer, Decided)]),
        (StepKind::Offered, Some(joon), &[(joon.0, Offered)]),
        (StepKind::OfferAccepted, Some(joon), &[(seller, OfferAnswered)]),
        (StepKind::OfferDeclined, Some(joon), &[(seller, OfferAnswered)]),
        (StepKind::OfferLapsed, None, &[(seller, OfferAnswered)]),
        (StepKind::Extended, None, &[]),
        (StepKind::Opened, None, &[]),
        (StepKind::Offered, None, &[]),
    ];
    house.order_round(&[(order, 0, 1)]);
    assert_eq!(told(&house.follow()), [], "it was won and sold");
    for (at, (kind, by, expected)) in (1..).zip(cases) {
        house.step(order, kind, open, by);
        house.order_round(&[(order, at, at + 1)]);
        let mut expected = expected.to_vec();
        expected.sort();
        assert_eq!(told(&house.follow()), expected, "{kind:?} by {by:?}");
    }
    assert_eq!(told(&house.follow()), []);
}

#[test]
fn a_step_is_told_once_whoever_follows() {
    use crate::records::follow;
    use store::Pace;

    let (house, [mina, _, sora], auction) = market();
    let order = house.order(auction, sora, mina);
    let connection = &house.writer.borrow().0;
    let steps =
        [(StepKind::Shipped, mina, (sora.0, Shipped)), (StepKind::Delivered, sora, (mina.0, Delivered))];
    for (before, (kind, by, expected)) in (1..).zip(steps) {
        house.step(order, kind, OrderState::ToHandOver, Some(by));
        house.order_round(&[(order, before, before + 1)]);
        // Of two calls that read the same, one writes.
        let found = [(), ()].map(|()| follow::find(connection, Pace::default()).unwrap());
        let kept = found.into_iter().flatten().map(|found| follow::keep(connection, found).unwrap());
        let notices: Vec<_> = kept.flat_map(|kept| kept.notices).collect();
        assert_eq!(told(&notices), [expected]);
    }
    // Rounds that come again, as after a move, tell nothing twice, in however many parts.
    for after in [2, 3] {
        house.order_round(&[(order, 0, after)]);
        let found = follow::find(connection, Pace::default()).unwrap().unwrap();
        assert_eq!(told(&follow::keep(connection, found).unwrap().notices), []);
    }
}

#[test]
fn many_orders_are_told_in_several_windows() {
    let (house, [mina, _, sora], _) = market();
    let orders: Vec<_> = (0..600)
        .map(|_| {
            let order = house.order(house.list(mina, "책", 50), sora, mina);
            house.step(order, StepKind::Asked, OrderState::ToHandOver, None);
            order
        })
        .collect();
    house.follow();
    orders.iter().for_each(|order| house.order_round(&[(*order, 0, 2)]));
    let followed = house.ask(house.records.follow());
    assert_eq!((followed.notices.len(), followed.more), (512, true));
    let followed = house.ask(house.records.follow());
    assert_eq!((followed.notices.len(), followed.more), (88, false));
}
