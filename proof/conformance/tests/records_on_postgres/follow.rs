//! Following rounds into listings and notices.

use auction::{AuctionId, EventKind, Outcome, Status, Time};
use ledger::{MemberId, Money};
use store::Records;
use store::records::NoticeKind::{Extended, NewBid, Outbid, Sold, Unsold, Won};
use store::records::{NoticeKind, NoticeRow, Search};

use crate::house::{Bid, House, after, bid, first};

/// How many auctions one call of the store writes.
const AUCTIONS_TOGETHER_MAX: i64 = 512;

/// How many rounds make a window of the store.
const ROUNDS_TOGETHER_MAX: usize = 1_024;

/// How many events of one auction the store reads together.
const EVENTS_READ_MAX: i64 = 20_000;

/// Who hears what, with which amount.
fn told(notices: &[(MemberId, NoticeRow)]) -> Vec<(i64, NoticeKind, Option<i64>)> {
    let mut told: Vec<_> =
        notices.iter().map(|(member, row)| (member.0, row.kind, row.amount.map(Money::won))).collect();
    told.sort();
    told
}

async fn three(house: &House) -> (MemberId, MemberId, MemberId) {
    (house.member("mina").await, house.member("joon").await, house.member("sora").await)
}

#[tokio::test]
async fn a_round_becomes_listing_and_notices() {
    let house = House::open().await;
    let (mina, joon, sora) = three(&house).await;
    let auction = house.list(mina, "원목 의자", 50).await;
    assert_eq!(told(&house.follow().await), []);
    house.bid_round(auction, &[bid(joon, 2_000)]).await;
    assert_eq!(told(&house.follow().await), [(mina.0, NewBid, Some(2_000))]);
    house.bid_round(auction, &[bid(sora, 3_000), bid(sora, 4_000)]).await;
    let notices = house.follow().await;
    assert_eq!(told(&notices), [(mina.0, NewBid, Some(4_000)), (joon.0, Outbid, Some(4_000))]);
    assert!(
        notices.iter().all(|(_, row)| row.title == "원목 의자" && row.at == Time(4_000_000) && !row.read)
    );

    let page = house.records.listings(Search::default(), first(5)).await.unwrap();
    let row = &page.items[0];
    assert_eq!((row.auction, row.seq.0, row.price.won(), row.bid_count), (auction, 4, 4_000, 3));
    let before = house.head(auction).await;
    house.close(auction, Outcome::Sold).await;
    house.round(&[(auction, before, before + 1)]).await;
    assert_eq!(told(&house.follow().await), [(mina.0, Sold, Some(4_000)), (sora.0, Won, Some(4_000))]);
    let page = house.records.listings(Search::default(), first(5)).await.unwrap();
    assert_eq!((page.items[0].status, page.items[0].outcome), (Status::Ended, Some(Outcome::Sold)));
}

#[tokio::test]
async fn everyone_who_led_and_leads_no_more_hears_it() {
    let house = House::open().await;
    let mina = house.member("mina").await;
    let mut bidders = Vec::new();
    for at in 0..5 {
        bidders.push(house.member(&format!("bidder_{at}")).await);
    }
    let auction = house.list(mina, "의자", 50).await;
    house.bid_round(auction, &[bid(bidders[0], 2_000)]).await;
    house.follow().await;
    // Several rounds, folded into one span: all but the last leader were beaten, whenever they led.
    let rows =
        |from: i64| -> Vec<Bid> { (0..5).map(|at| bid(bidders[at as usize], from + at * 1_000)).collect() };
    house.bid_round(auction, &rows(3_000)).await;
    house.bid_round(auction, &rows(8_000)).await;
    let expected: Vec<_> = (0..4).map(|at| (bidders[at].0, Outbid, Some(12_000))).collect();
    let mut all = vec![(mina.0, NewBid, Some(12_000))];
    all.extend(expected);
    assert_eq!(told(&house.follow().await), all);
}

#[tokio::test]
async fn ends_without_a_bid_outages_and_withdrawals_are_told() {
    let house = House::open().await;
    let (mina, joon, sora) = three(&house).await;
    let (chair, desk) = (house.list(mina, "의자", 50).await, house.list(mina, "책상", 50).await);
    house.bids(desk, &[bid(sora, 1_000), bid(joon, 2_000)]).await;
    house.round(&[(desk, 1, 3)]).await;
    house.follow().await;
    house.close(chair, Outcome::Unsold).await;
    house.event(desk, EventKind::Extended).await;
    house.round(&[(chair, 1, 2), (desk, 3, 4)]).await;
    let notices = house.follow().await;
    assert_eq!(told(&notices), [(mina.0, Unsold, None), (mina.0, Extended, None), (joon.0, Extended, None)]);
    house.event(desk, EventKind::Cancelled).await;
    house.round(&[(desk, 4, 5)]).await;
    let notices = house.follow().await;
    assert_eq!(
        told(&notices),
        [(joon.0, NoticeKind::Cancelled, None), (sora.0, NoticeKind::Cancelled, None)]
    );
}

#[tokio::test]
async fn there_is_one_unread_notice_of_a_kind() {
    let house = House::open().await;
    let (mina, joon, sora) = three(&house).await;
    let auction = house.list(mina, "의자", 50).await;
    house.bid_round(auction, &[bid(joon, 2_000)]).await;
    let seen = house.follow().await[0].1.id;
    house.bid_round(auction, &[bid(sora, 3_000)]).await;
    house.follow().await;
    let page = house.records.notices(mina, first(5)).await.unwrap();
    assert_eq!(page.items.len(), 1);
    assert_eq!(page.items[0].amount.map(Money::won), Some(3_000));
    // What came after he looked stays unread.
    house.records.read_notices(mina, seen, Time(9)).await.unwrap();
    assert_eq!(house.records.unread(mina).await.unwrap(), 1);
    house.records.read_notices(mina, page.items[0].id, Time(9)).await.unwrap();
    assert_eq!(house.records.unread(mina).await.unwrap(), 0);
    // One that was read stays as it is, and a new one stands beside it.
    house.bid_round(auction, &[bid(joon, 4_000)]).await;
    house.follow().await;
    let page = house.records.notices(mina, first(1)).await.unwrap();
    assert_eq!((page.items[0].read, page.items[0].amount.map(Money::won)), (false, Some(4_000)));
    let page = house.records.notices(mina, after(page.next, 1)).await.unwrap();
    assert_eq!((page.items[0].read, page.next), (true, None));
    assert_eq!(house.records.unread(sora).await.unwrap(), 1);
}

#[tokio::test]
async fn many_notices_are_marked_as_read_in_small_writes() {
    let house = House::open().await;
    let mina = house.member("mina").await;
    let sql = "INSERT INTO unread_notices (member, auction, kind, id, at) \
               SELECT $1, n, 0, n, 0 FROM generate_series(1, 1201) AS n";
    house.write(sql, &[&mina.0]).await;
    house.records.read_notices(mina, 1_200, Time(1)).await.unwrap();
    assert_eq!(house.records.unread(mina).await.unwrap(), 1);
    assert_eq!(house.number("SELECT count(*) FROM read_notices WHERE read_at = 1", &[]).await, 1_200);
}

#[tokio::test]
async fn one_call_takes_a_bounded_number_of_rounds() {
    let house = House::open().await;
    let (mina, joon) = (house.member("mina").await, house.member("joon").await);
    let auction = house.list(mina, "의자", 9).await;
    for _ in 1..ROUNDS_TOGETHER_MAX {
        house.round(&[(auction, 1, 1)]).await;
    }
    assert!(!house.records.follow().await.unwrap().more);
    for _ in 0..ROUNDS_TOGETHER_MAX {
        house.round(&[(auction, 1, 1)]).await;
    }
    house.bid_round(auction, &[bid(joon, 2_000)]).await;
    // The auction is told as it stands; the round that says so is still to be passed.
    let followed = house.records.follow().await.unwrap();
    assert_eq!((followed.notices.len(), followed.more), (0, true));
    assert_eq!(house.records.health().await.unwrap().rounds_behind, 1);
    let followed = house.records.follow().await.unwrap();
    assert_eq!((followed.notices.len(), followed.more), (1, false));
    assert_eq!(house.records.health().await.unwrap().rounds_behind, 0);
}

#[tokio::test]
async fn rounds_of_one_transaction_stay_together() {
    let house = House::open().await;
    let mina = house.member("mina").await;
    let auction = house.list(mina, "의자", 9).await;
    let sql = "INSERT INTO rounds (wallets, at, heads) SELECT '', 0, heads FROM rounds, generate_series(1, $1::bigint)";
    house.write(sql, &[&(ROUNDS_TOGETHER_MAX as i64 * 2)]).await;
    house.round(&[(auction, 1, 1)]).await;
    assert!(house.records.follow().await.unwrap().more, "the first round, before those that would not fit");
    assert!(house.records.follow().await.unwrap().more, "more than a window, but of one transaction");
    assert_eq!(house.records.health().await.unwrap().rounds_behind, 1);
    assert!(!house.records.follow().await.unwrap().more);
    assert_eq!(house.records.health().await.unwrap().rounds_behind, 0);
}

#[tokio::test]
async fn many_auctions_are_taken_in_turn_and_none_twice() {
    let house = House::open().await;
    let mina = house.member("mina").await;
    let sql = "INSERT INTO items (id, seller, title, description, nationwide, created_at) \
               SELECT n, $1, n::text, '', false, 0 FROM generate_series(1, 900) AS n";
    house.write(sql, &[&mina.0]).await;
    let sql = "INSERT INTO auctions (id, item, seller, seq, terms, status, start_price, bid_unit, fee_rate, \
               minimum_duration, soft_close, starts_at, listed_end, ends_at, latest, extensions, price, bid_count, bidders, \
               newest) SELECT id, id, seller, 1, 1, 1, 1000, 1000, 0, 0, 0, 0, 1, 1, 1, 0, 1000, 0, 0, 0 FROM items";
    house.write(sql, &[]).await;
    for from in [0, 300, 600] {
        let heads: Vec<_> = (from + 1..=from + 300).map(|id| (AuctionId(id), 0, 1)).collect();
        house.round(&heads).await;
    }
    let listed = async || house.number("SELECT count(*) FROM listings", &[]).await;
    assert!(house.records.follow().await.unwrap().more);
    assert_eq!(listed().await, AUCTIONS_TOGETHER_MAX);
    assert_eq!(house.records.health().await.unwrap().rounds_behind, 3, "its rounds are not done yet");
    assert!(!house.records.follow().await.unwrap().more);
    assert_eq!((listed().await, house.records.health().await.unwrap().rounds_behind), (900, 0));
    assert_eq!(house.number("SELECT count(*) FROM listing_words", &[]).await, 900);
}

#[tokio::test]
async fn a_long_story_is_told_in_parts() {
    let house = House::open().await;
    let (mina, joon, sora) = three(&house).await;
    let auction = house.list(mina, "의자", 9).await;
    house.bids(auction, &[bid(joon, 2_000), bid(sora, 3_000)]).await;
    // As many events as are read together, and one bid behind them.
    let before = house.head(auction).await;
    let sql = "INSERT INTO events (auction, seq, kind, at, actor, amount, price, minimum, bid_count, leader, ends_at) \
               SELECT auction, seq + n, kind, at, actor, amount, price, minimum, bid_count, leader, ends_at \
               FROM events, generate_series(1, $2::bigint) AS n WHERE auction = $1 AND seq = $3";
    house.write(sql, &[&auction.0, &EVENTS_READ_MAX, &before]).await;
    house.write("UPDATE auctions SET seq = seq + $2 WHERE id = $1", &[&auction.0, &EVENTS_READ_MAX]).await;
    house.bid_round(auction, &[bid(joon, 4_000)]).await;
    for (outbid, amount, more) in [(joon, 3_000, true), (sora, 4_000, false)] {
        let followed = house.records.follow().await.unwrap();
        assert!(told(&followed.notices).contains(&(outbid.0, Outbid, Some(amount))), "{outbid:?}");
        assert_eq!(followed.more, more);
    }
}

#[tokio::test]
async fn old_rounds_that_were_seen_go() {
    let house = House::open().await;
    let mina = house.member("mina").await;
    let auction = house.list(mina, "의자", 9).await;
    let hour = auction::Span::minutes(60).0;
    let round = async |at: i64| {
        house.round(&[(auction, 1, 1)]).await;
        house.write("UPDATE rounds SET at = $1 WHERE id = (SELECT max(id) FROM rounds)", &[&at]).await;
    };
    round(1).await;
    round(hour).await;
    round(hour + 1).await;
    let left = async || house.number("SELECT count(*) FROM rounds", &[]).await;
    house.follow().await;
    assert_eq!(left().await, 3, "the first, at 0, is older than an hour");
    round(3 * hour).await;
    house.follow().await;
    assert_eq!(left().await, 1);
    assert_eq!(house.records.health().await.unwrap().rounds_behind, 0);
}
