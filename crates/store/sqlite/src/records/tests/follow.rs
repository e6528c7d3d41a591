//! Following rounds into listings and notices.

use auction::{AuctionId, EventKind, Outcome, Status, Time};
use ledger::MemberId;
use store::records::NoticeKind::{Extended, NewBid, Outbid, Sold, Unsold, Won};
use store::records::{NoticeKind, NoticeRow, Search};
use store::{AUCTIONS_TOGETHER_MAX, Pace, Records};

use super::{Bid, House, after, bid, first};
use crate::records::follow::{self, EVENTS_READ_MAX, ROUNDS_TOGETHER_MAX};

/// Who hears what, with which amount.
fn told(notices: &[(MemberId, NoticeRow)]) -> Vec<(i64, NoticeKind, Option<i64>)> {
    let mut told: Vec<_> = notices
        .iter()
        .map(|(member, row)| (member.0, row.kind, row.amount.map(ledger::Money::won)))
        .collect();
    told.sort();
    told
}

#[test]
fn a_round_becomes_listing_and_notices() {
    let house = House::open();
    let (mina, joon, sora) = (house.member("mina"), house.member("joon"), house.member("sora"));
    let auction = house.list(mina, "원목 의자", 50);
    assert_eq!(told(&house.follow()), []);
    house.bid_round(auction, &[bid(joon, 2_000)]);
    assert_eq!(told(&house.follow()), [(mina.0, NewBid, Some(2_000))]);
    house.bid_round(auction, &[bid(sora, 3_000), bid(sora, 4_000)]);
    let notices = house.follow();
    assert_eq!(told(&notices), [(mina.0, NewBid, Some(4_000)), (joon.0, Outbid, Some(4_000))]);
    assert!(
        notices.iter().all(|(_, row)| row.title == "원목 의자" && row.at == Time(4_000_000) && !row.read)
    );

    let page = house.ask(house.records.listings(Search::default(), first(5)));
    let row = &page.items[0];
    assert_eq!((row.auction, row.seq.0, row.price.won(), row.bid_count), (auction, 4, 4_000, 3));
    let before = house.number("SELECT seq FROM auctions WHERE id = ?1", [auction.0]);
    house.close(auction, Outcome::Sold);
    house.round(&[(auction, before, before + 1)]);
    assert_eq!(told(&house.follow()), [(mina.0, Sold, Some(4_000)), (sora.0, Won, Some(4_000))]);
    let page = house.ask(house.records.listings(Search::default(), first(5)));
    assert_eq!((page.items[0].status, page.items[0].outcome), (Status::Ended, Some(Outcome::Sold)));
}

#[test]
fn everyone_who_led_and_leads_no_more_hears_it() {
    let house = House::open();
    let mina = house.member("mina");
    let bidders: Vec<MemberId> = (0..5).map(|at| house.member(&format!("bidder_{at}"))).collect();
    let auction = house.list(mina, "의자", 50);
    house.bid_round(auction, &[bid(bidders[0], 2_000)]);
    house.follow();
    // Several rounds, folded into one span: all but the last leader were beaten, whenever they led.
    let rows =
        |from: i64| -> Vec<Bid> { (0..5).map(|at| bid(bidders[at as usize], from + at * 1_000)).collect() };
    house.bid_round(auction, &rows(3_000));
    house.bid_round(auction, &rows(8_000));
    let expected: Vec<_> = (0..4).map(|at| (bidders[at].0, Outbid, Some(12_000))).collect();
    let mut all = vec![(mina.0, NewBid, Some(12_000))];
    all.extend(expected);
    assert_eq!(told(&house.follow()), all);
}

#[test]
fn ends_without_a_bid_and_outages_are_told() {
    let house = House::open();
    let (mina, joon) = (house.member("mina"), house.member("joon"));
    let (chair, desk) = (house.list(mina, "의자", 50), house.list(mina, "책상", 50));
    house.bids(desk, &[bid(joon, 2_000)]);
    house.round(&[(desk, 1, 2)]);
    house.follow();
    house.close(chair, Outcome::Unsold);
    house.event(desk, EventKind::Extended, None);
    house.round(&[(chair, 1, 2), (desk, 2, 3)]);
    let notices = house.follow();
    assert_eq!(told(&notices), [(mina.0, Unsold, None), (mina.0, Extended, None), (joon.0, Extended, None)]);
}

#[test]
fn there_is_one_unread_notice_of_a_kind() {
    let house = House::open();
    let (mina, joon, sora) = (house.member("mina"), house.member("joon"), house.member("sora"));
    let auction = house.list(mina, "의자", 50);
    house.bid_round(auction, &[bid(joon, 2_000)]);
    let seen = house.follow()[0].1.id;
    house.bid_round(auction, &[bid(sora, 3_000)]);
    house.follow();
    let page = house.ask(house.records.notices(mina, first(5)));
    assert_eq!(page.items.len(), 1);
    assert_eq!(page.items[0].amount.map(ledger::Money::won), Some(3_000));
    // What came after he looked stays unread.
    house.ask(house.records.read_notices(mina, seen, Time(9)));
    assert_eq!(house.ask(house.records.unread(mina)), 1);
    house.ask(house.records.read_notices(mina, page.items[0].id, Time(9)));
    assert_eq!(house.ask(house.records.unread(mina)), 0);
    // One that was read stays as it is, and a new one stands beside it.
    house.bid_round(auction, &[bid(joon, 4_000)]);
    house.follow();
    let page = house.ask(house.records.notices(mina, first(1)));
    assert_eq!((page.items[0].read, page.items[0].amount.map(ledger::Money::won)), (false, Some(4_000)));
    let page = house.ask(house.records.notices(mina, after(page.next, 1)));
    assert_eq!((page.items[0].read, page.next), (true, None));
    assert_eq!(house.ask(house.records.unread(sora)), 1);
}

#[test]
fn many_notices_are_marked_as_read_in_small_writes() {
    let house = House::open();
    let mina = house.member("mina");
    let sql = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1201) \
               INSERT INTO unread_notices (member, auction, kind, id, at) SELECT ?1, n, 0, n, 0 FROM n";
    house.write(sql, [mina.0]);
    house.ask(house.records.read_notices(mina, 1_200, Time(1)));
    assert_eq!(house.ask(house.records.unread(mina)), 1);
}

#[test]
fn a_round_is_followed_once_whoever_follows() {
    let house = House::open();
    let (mina, joon) = (house.member("mina"), house.member("joon"));
    let auction = house.list(mina, "의자", 50);
    // Two calls read the same rounds, first of a new listing and then of one that is there.
    for amount in [2_000, 3_000] {
        house.bid_round(auction, &[bid(joon, amount)]);
        let connection = &house.writer.borrow().0;
        let [first_found, second_found] =
            [(), ()].map(|()| follow::find(connection, Pace::default()).unwrap().unwrap());
        let kept = follow::keep(connection, first_found).unwrap();
        assert_eq!((kept.notices.len(), kept.more), (1, false));
        let kept = follow::keep(connection, second_found).unwrap();
        assert_eq!((kept.notices.len(), kept.more), (0, true), "the other's write is looked at again");
        let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(count("SELECT count(*) FROM unread_notices"), 1);
        assert_eq!(
            count("SELECT count(*) FROM rounds"),
            1,
            "the newest stays, so that numbers never start over"
        );
        assert!(follow::find(connection, Pace::default()).unwrap().is_none());
    }
}

#[test]
fn one_call_takes_a_bounded_number_of_rounds() {
    let house = House::open();
    let (mina, joon) = (house.member("mina"), house.member("joon"));
    let auction = house.list(mina, "의자", 9);
    (1..ROUNDS_TOGETHER_MAX).for_each(|_| house.round(&[(auction, 1, 1)]));
    assert!(!house.ask(house.records.follow()).more);
    (0..ROUNDS_TOGETHER_MAX).for_each(|_| house.round(&[(auction, 1, 1)]));
    house.bid_round(auction, &[bid(joon, 2_000)]);
    // The auction is told as it stands; the round that says so is still to be passed.
    let followed = house.ask(house.records.follow());
    assert_eq!((followed.notices.len(), followed.more), (0, true));
    assert_eq!(house.ask(house.records.health()).rounds_behind, 1);
    let followed = house.ask(house.records.follow());
    assert_eq!((followed.notices.len(), followed.more), (1, false));
    assert_eq!(house.number("SELECT count(*) FROM rounds", []), 1);
}

#[test]
fn many_auctions_are_taken_in_turn_and_none_twice() {
    let house = House::open();
    let mina = house.member("mina");
    let sql = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 900) \
               INSERT INTO items (seller, title, description, nationwide, created_at) SELECT ?1, n, '', 0, 0 FROM n";
    house.write(sql, [mina.0]);
    let sql = "INSERT INTO auctions (item, seller, seq, terms, status, start_price, bid_unit, fee_rate, minimum_duration, \
               soft_close, starts_at, listed_end, ends_at, latest, extensions, price, bid_count, bidders, newest) \
               SELECT id, seller, 1, 1, 1, 1000, 1000, 0, 0, 0, 0, 1, 1, 1, 0, 1000, 0, 0, 0 FROM items";
    house.write(sql, []);
    for from in [0, 300, 600] {
        let heads: Vec<_> = (from + 1..=from + 300).map(|id| (AuctionId(id), 0, 1)).collect();
        house.round(&heads);
    }
    let listed = || house.number("SELECT count(*) FROM listings", []);
    assert!(house.ask(house.records.follow()).more);
    assert_eq!(listed(), AUCTIONS_TOGETHER_MAX as i64);
    assert_eq!(house.number("SELECT round FROM followers", []), 0, "its rounds are not done yet");
    assert!(!house.ask(house.records.follow()).more);
    assert_eq!((listed(), house.number("SELECT round FROM followers", [])), (900, 3));
}

/// However often the first auctions change between two calls, the others have their turn.
#[test]
fn no_auction_waits_for_busier_ones() {
    let house = House::open();
    let (mina, joon) = (house.member("mina"), house.member("joon"));
    let auctions: Vec<AuctionId> = (0..3).map(|_| house.list(mina, "의자", 50)).collect();
    house.follow();
    let seq = |auction: AuctionId| house.number("SELECT seq FROM listings WHERE auction = ?1", [auction.0]);
    auctions.iter().for_each(|auction| house.bid_round(*auction, &[bid(joon, 2_000)]));
    let mut pace = Pace { auctions_max: 1, from: AuctionId(0) };
    for amount in [3_000, 4_000, 5_000] {
        let found = follow::find(&house.writer.borrow().0, pace).unwrap().unwrap();
        let rest = found.rest;
        pace = Pace { auctions_max: 1, ..pace.after(&Ok::<_, ()>(rest)) };
        follow::keep(&house.writer.borrow().0, found).unwrap();
        house.bid_round(auctions[0], &[bid(joon, amount)]);
    }
    assert_eq!(seq(auctions[2]), 2);
}

#[test]
fn a_long_story_is_told_in_parts() {
    let house = House::open();
    let (mina, joon, sora) = (house.member("mina"), house.member("joon"), house.member("sora"));
    let auction = house.list(mina, "의자", 9);
    house.bids(auction, &[bid(joon, 2_000), bid(sora, 3_000)]);
    // As many events as are read together, and one bid behind them.
    let before = house.number("SELECT seq FROM auctions WHERE id = ?1", [auction.0]);
    let sql = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?2) \
               INSERT INTO events (auction, seq, kind, at, actor, amount, price, minimum, bid_count, leader, ends_at) \
               SELECT auction, seq + n.n, kind, at, actor, amount, price, minimum, bid_count, leader, ends_at \
               FROM events, n WHERE auction = ?1 AND seq = ?3";
    house.write(sql, (auction.0, EVENTS_READ_MAX as i64, before));
    house.write("UPDATE auctions SET seq = seq + ?2 WHERE id = ?1", (auction.0, EVENTS_READ_MAX as i64));
    house.bid_round(auction, &[bid(joon, 4_000)]);
    let followed = house.ask(house.records.follow());
    assert_eq!(
        (told(&followed.notices).contains(&(joon.0, Outbid, Some(3_000))), followed.more),
        (true, true)
    );
    let followed = house.ask(house.records.follow());
    assert_eq!(
        (told(&followed.notices).contains(&(sora.0, Outbid, Some(4_000))), followed.more),
        (true, false)
    );
}
