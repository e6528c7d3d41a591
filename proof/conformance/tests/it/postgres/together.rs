//! Nodes that come upon the same auctions: one that stops in the middle of a round, and two that close what is due at once.

use auction::{AuctionId, Span};
use ledger::MemberId;
use store::records::{NoticeKind, NoticeRow};
use store::{Failure, Journal, Records, Round, Wanted};
use store_postgres::{Limits, PostgresJournal, PostgresRecords};

use super::hazards::{Meeting, broken};
use super::node::{bid, is_accepted};
use super::store::{client, still, target};

/// How many auctions come due at once.
const AUCTIONS: i64 = 6;

/// A node stands still in the middle of a round, with the auction and a wallet locked. The others wait until the server ends
/// its transaction, and no longer; then it can keep nothing any more.
#[tokio::test]
async fn frozen_node() {
    // All tries for a lock are together longer than a frozen transaction stands, as they are by default.
    let limits = Limits { lock_wait_ms_max: 500, idle_in_transaction_ms_max: 1_000, ..Limits::default() };
    let mut market = Meeting::within(limits, 3).await;
    let [seller, anna, bert] = market.members[..] else { unreachable!("three were made") };
    for member in [anna, bert] {
        market.one.deposit(member, 100_000).await;
    }
    let chair = market.one.list(seller, None).await;

    let mut frozen = PostgresJournal::new(target(&market.address).limited(limits), still());
    let wanted = Wanted {
        auctions: vec![chair],
        members: vec![anna],
        callers: vec![(chair, anna)],
        ..Wanted::default()
    };
    let loaded = frozen.begin(&wanted).await.unwrap();
    assert!(loaded.auctions.contains_key(&chair));
    let (bidder, call) = bid(chair, bert, 5_000);
    let answer = market.other.call(bidder, call).await;
    assert!(is_accepted(&answer), "{answer:?}");

    let thaws = Round { now: loaded.now, deadlines: vec![(chair, None)], ..Round::default() };
    let kept = frozen.keep(&thaws).await;
    assert!(matches!(kept, Err(Failure::Unavailable { .. })), "{kept:?}");
    let client = client(&market.address).await;
    assert_eq!(broken(&client, "SELECT count(*) FROM deadlines").await, 1, "nothing of it was kept");
    let again = frozen.begin(&wanted).await.unwrap();
    assert_eq!(
        again.auctions[&chair].leader.map(|leader| leader.member),
        Some(bert),
        "it goes on as it stands"
    );
    frozen.abandon().await;
    market.assert_sound().await;
}

/// Both nodes close what is due at once, and are stopped half-way through their locks: each auction closes once.
#[tokio::test]
async fn two_closers() {
    let mut market = Meeting::within(Limits::default(), 3).await;
    let [seller, anna, bert] = market.members[..] else { unreachable!("three were made") };
    for member in [anna, bert] {
        market.one.deposit(member, 1_000_000).await;
    }
    let mut auctions = Vec::new();
    for _ in 0..AUCTIONS {
        auctions.push(market.one.list(seller, None).await);
    }
    let (sold, unsold) = auctions.split_at(4);
    let bids = |bidder, amount| sold.iter().map(|auction| bid(*auction, bidder, amount)).collect();
    let answers = market.meet(bids(anna, 5_000), bids(bert, 7_000)).await.concat();
    assert!(answers.iter().filter(|answer| is_accepted(answer)).count() >= sold.len(), "{answers:?}");
    market.one.round(bids(anna, 20_000)).await;
    // Somebody kept the heartbeat, so that nobody takes the day for an outage.
    market.clock.pass(Span::days(1));
    let client = client(&market.address).await;
    client.execute("UPDATE heartbeat SET at = $1", &[&market.clock.now().0]).await.unwrap();
    let other = store_postgres::open(&target(&market.address), still()).await.unwrap().1;
    follow(&market.records, &other).await;

    let middle = format!("auctions WHERE id = {}", auctions[2].0);
    market.meet_half_way(&middle, Vec::new(), Vec::new()).await;
    market.meet(Vec::new(), Vec::new()).await;
    for (name, sql, expected) in [
        ("closed", "SELECT count(*) FROM events WHERE outcome IS NOT NULL", AUCTIONS),
        (
            "closed once each",
            "SELECT count(DISTINCT auction) FROM events WHERE outcome IS NOT NULL",
            AUCTIONS,
        ),
        ("settled", "SELECT count(*) FROM orders", 4),
        ("in escrow", "SELECT sum(amount)::bigint FROM transfers WHERE to_account = 2", 4 * 20_000),
        ("still held", "SELECT sum(held)::bigint FROM wallets", 0),
        ("still due, for their orders", "SELECT count(*) FROM deadlines", 4),
    ] {
        assert_eq!(broken(&client, sql).await, expected, "{name}");
    }
    market.assert_sound().await;

    let notices = follow(&market.records, &other).await;
    let mut told: Vec<_> = notices.iter().map(|(member, row)| (row.auction, row.kind, *member)).collect();
    let mut must: Vec<(AuctionId, NoticeKind, MemberId)> = Vec::new();
    must.extend(
        sold.iter()
            .flat_map(|auction| [(*auction, NoticeKind::Won, anna), (*auction, NoticeKind::Sold, seller)]),
    );
    must.extend(unsold.iter().map(|auction| (*auction, NoticeKind::Unsold, seller)));
    let order = |one: &(AuctionId, NoticeKind, MemberId)| (one.0, one.2);
    told.sort_by_key(order);
    must.sort_by_key(order);
    assert_eq!(told, must);
}

/// Follows at once by both doors until nothing waits.
async fn follow(one: &PostgresRecords, other: &PostgresRecords) -> Vec<(MemberId, NoticeRow)> {
    let mut notices = Vec::new();
    loop {
        let (of_one, of_other) = tokio::join!(one.follow(), other.follow());
        let (of_one, of_other) = (of_one.unwrap(), of_other.unwrap());
        let more = of_one.more || of_other.more;
        notices.extend(of_one.notices.into_iter().chain(of_other.notices));
        if !more {
            return notices;
        }
    }
}
