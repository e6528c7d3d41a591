//! Several nodes and several lanes: what becomes visible late is followed too, and two who follow at once tell nobody
//! twice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use auction::{AuctionId, Seq};
use ledger::{MemberId, Money};
use store::Records;
use store::records::{NoticeKind, NoticeRow};

use crate::house::{Bid, House, bid, connect, follow, keep_bid, keep_round};

/// A serial cursor would have passed the round that began first and committed last.
#[tokio::test]
async fn event_cursor_skips() {
    let house = House::open().await;
    let (mina, joon) = (house.member("mina").await, house.member("joon").await);
    let (late, soon) = (house.list(mina, "의자", 9).await, house.list(mina, "책상", 9).await);
    house.follow().await;

    let other = connect(&house.target).await;
    other.batch_execute("BEGIN").await.unwrap();
    keep_bid(&other, late, &bid(joon, 2_000)).await;
    keep_round(&other, &[(late, 1, 2)]).await;
    house.bid_round(soon, &[bid(joon, 3_000)]).await;
    let auctions = |notices: Vec<(MemberId, NoticeRow)>| -> Vec<AuctionId> {
        notices.iter().map(|(_, row)| row.auction).collect()
    };
    assert_eq!(auctions(house.follow().await), [soon]);
    assert_eq!(house.records.health().await.unwrap().rounds_behind, 0, "what is not committed is not behind");
    house.bid_round(soon, &[bid(joon, 4_000)]).await;
    assert_eq!(auctions(house.follow().await), [soon]);
    other.batch_execute("COMMIT").await.unwrap();
    assert_eq!(house.records.health().await.unwrap().rounds_behind, 1);
    assert_eq!(auctions(house.follow().await), [late]);
    assert_eq!(auctions(house.follow().await), []);
}

/// The same, while more rounds wait than are followed together.
#[tokio::test]
async fn event_cursor_skips_behind_a_full_window() {
    let house = House::open().await;
    let (mina, joon) = (house.member("mina").await, house.member("joon").await);
    let (late, soon) = (house.list(mina, "의자", 9).await, house.list(mina, "책상", 9).await);
    house.follow().await;
    let other = connect(&house.target).await;
    other.batch_execute("BEGIN").await.unwrap();
    keep_bid(&other, late, &bid(joon, 2_000)).await;
    keep_round(&other, &[(late, 1, 2)]).await;
    for _ in 0..2_100 {
        house.round(&[(soon, 1, 1)]).await;
    }
    assert!(house.records.follow().await.unwrap().more);
    assert_eq!(house.records.health().await.unwrap().rounds_behind, 2_100 - 1_024);
    other.batch_execute("COMMIT").await.unwrap();
    let notices = house.follow().await;
    assert_eq!(notices.len(), 1);
    assert_eq!((notices[0].0, notices[0].1.auction), (mina, late));
    assert_eq!(house.records.health().await.unwrap().rounds_behind, 0);
}

/// A node hears each round once, in the order in which they become visible, and nothing from before its first question.
#[tokio::test]
async fn what_others_kept_is_heard_once_and_late_commits_too() {
    let house = House::open().await;
    let (mina, joon) = (house.member("mina").await, house.member("joon").await);
    let (late, soon) = (house.list(mina, "의자", 9).await, house.list(mina, "책상", 9).await);
    let first = house.records.heard(None).await.unwrap();
    assert_eq!((first.heads.len(), first.wallets.len()), (0, 0));
    let other = connect(&house.target).await;
    other.batch_execute("BEGIN").await.unwrap();
    keep_bid(&other, late, &bid(joon, 2_000)).await;
    keep_round(&other, &[(late, 1, 2)]).await;
    let wallet: Vec<u8> = [joon.0, 700, 300, 5].into_iter().flat_map(i64::to_le_bytes).collect();
    house.write("INSERT INTO rounds (wallets, at, heads) VALUES ($1, 0, '')", &[&wallet]).await;
    house.bid_round(soon, &[bid(joon, 3_000)]).await;
    let second = house.records.heard(first.moment).await.unwrap();
    assert_eq!(second.heads, [(soon, Seq(2))]);
    let [(member, wallet)] = second.wallets[..] else { panic!("{:?}", second.wallets) };
    assert_eq!((member, wallet.available.won(), wallet.held.won(), wallet.version), (joon, 700, 300, 5));
    other.batch_execute("COMMIT").await.unwrap();
    let third = house.records.heard(second.moment).await.unwrap();
    assert_eq!((third.heads, third.wallets), (vec![(late, Seq(2))], vec![]));
    let fourth = house.records.heard(third.moment.clone()).await.unwrap();
    assert_eq!((fourth.heads, fourth.moment), (vec![], third.moment));
}

/// A dump restored into another server, whose numbers of transactions are far lower.
#[tokio::test]
async fn a_restored_store_is_followed_again() {
    let house = House::open().await;
    let (mina, joon) = (house.member("mina").await, house.member("joon").await);
    let auction = house.list(mina, "의자", 9).await;
    house.bid_round(auction, &[bid(joon, 2_000)]).await;
    house.follow().await;
    house.bid_round(auction, &[bid(joon, 3_000)]).await;
    house.write("UPDATE followers SET snapshot = '900000000:900000000:'", &[]).await;
    house.write("UPDATE rounds SET xid = '890000000'", &[]).await;
    assert_eq!(house.follow().await, []);
    store_postgres::migrate(&house.target).await.unwrap();
    house.bid_round(auction, &[bid(joon, 4_000)]).await;
    let told: Vec<_> = house.follow().await.into_iter().map(|(member, row)| (member, row.amount)).collect();
    assert_eq!(told, [(mina, Money::new(4_000))]);
    assert_eq!(house.records.health().await.unwrap().rounds_behind, 0);
}

/// How many rounds each lane keeps in the test of two nodes.
const ROUNDS: i64 = 60;

/// One lane: it bids on its own auctions, a round each time, and leaves its transaction open a little.
async fn lane(house: &House, auctions: &[AuctionId], bidders: [MemberId; 2], pause: u32) {
    let store = connect(&house.target).await;
    for round in 1..=ROUNDS {
        let auction = auctions[usize::try_from(round).unwrap() % auctions.len()];
        let bidder = bidders[usize::try_from(round / 4).unwrap() % 2];
        store.batch_execute("BEGIN").await.unwrap();
        // The number of its transaction is given out first, as others are meanwhile.
        store.query("SELECT pg_current_xact_id()::text", &[]).await.unwrap();
        for _ in 0..pause {
            tokio::task::yield_now().await;
            store.query("SELECT 1", &[]).await.unwrap();
        }
        let sql = "SELECT seq FROM auctions WHERE id = $1 FOR UPDATE";
        let before: i64 = store.query_one(sql, &[&auction.0]).await.unwrap().get(0);
        keep_bid(&store, auction, &Bid { member: bidder, amount: 1_000 + round * 1_000 }).await;
        keep_round(&store, &[(auction, before, before + 1)]).await;
        store.batch_execute("COMMIT").await.unwrap();
    }
}

#[tokio::test]
async fn two_nodes_that_follow_at_once_tell_each_thing_once() {
    let house = House::open().await;
    let (mina, joon, sora) =
        (house.member("mina").await, house.member("joon").await, house.member("sora").await);
    let mut auctions = Vec::new();
    for at in 0..6 {
        auctions.push(house.list(mina, &format!("물건 {at}"), 9).await);
    }
    let (one, other) = (House::node(&house.target).await, House::node(&house.target).await);
    let is_over = AtomicBool::new(false);
    let following = async |records| {
        let mut notices = Vec::new();
        while !is_over.load(Ordering::Relaxed) {
            notices.extend(follow(records).await);
        }
        notices
    };
    let lanes = async {
        let run =
            |which: usize, pause| lane(&house, &auctions[which * 2..which * 2 + 2], [joon, sora], pause);
        tokio::join!(run(0, 0), run(1, 3), run(2, 11));
        is_over.store(true, Ordering::Relaxed);
    };
    let ((), of_one, of_other) = tokio::join!(lanes, following(&one), following(&other));
    let rest = house.follow().await;

    let all: Vec<_> = of_one.iter().chain(&of_other).chain(&rest).collect();
    let numbers: BTreeSet<i64> = all.iter().map(|(_, row)| row.id).collect();
    assert_eq!(numbers.len(), all.len(), "no number is given twice");
    let things: BTreeSet<_> =
        all.iter().map(|(member, row)| (*member, row.auction, row.kind, row.at)).collect();
    assert_eq!(things.len(), all.len(), "nothing is told twice");
    let mut newest = BTreeMap::new();
    let bids = all.iter().filter(|(_, row)| row.kind == NoticeKind::NewBid);
    bids.for_each(|(_, row)| {
        let known: &mut Money = newest.entry(row.auction).or_default();
        *known = (*known).max(row.amount.unwrap());
    });
    for auction in &auctions {
        let row = house.records.auction(*auction).await.unwrap().unwrap();
        assert_eq!(newest.get(auction), Some(&row.auction.price), "the last bid was told");
    }
    let sql = "SELECT count(*) FROM auctions a JOIN listings l ON l.auction = a.id AND l.told = a.seq AND l.seq = a.seq";
    assert_eq!(house.number(sql, &[]).await, 6);
    assert_eq!(house.records.health().await.unwrap().rounds_behind, 0);
}

/// How many auctions end soon in the test of two nodes, and how many members watch each.
const ENDINGS: i64 = 40;
const WATCHERS: i64 = 60;

/// Two nodes look for what ends soon at once, and one of them starts anew in the middle: everyone hears of each once.
#[tokio::test]
async fn two_nodes_that_tell_endings_at_once_tell_each_once() {
    let house = House::open().await;
    let mina = house.member("mina").await;
    let now = store::records::ENDING_SOON.0;
    house.write("INSERT INTO heartbeat (id, at) VALUES (1, $1)", &[&now]).await;
    for at in 0..ENDINGS {
        house.list(mina, &format!("물건 {at}"), now + 1 + at).await;
    }
    let sql = "INSERT INTO watching (member, auction, at) SELECT m, a.id, 0 FROM auctions a, \
               generate_series(100, 99 + $1::bigint) AS m";
    house.write(sql, &[&WATCHERS]).await;
    house.follow().await;
    let (one, other) = (House::node(&house.target).await, House::node(&house.target).await);
    let telling = async |records: &store_postgres::PostgresRecords| {
        let mut notices = Vec::new();
        for _ in 0..8 {
            notices.extend(records.tell_endings().await.unwrap().notices);
        }
        notices
    };
    let anew = async {
        let mut notices = other.tell_endings().await.unwrap().notices;
        notices.extend(telling(&House::node(&house.target).await).await);
        notices
    };
    let (of_one, of_other) = tokio::join!(telling(&one), anew);
    let rest = telling(&house.records).await;
    assert_eq!(rest, [], "all is told");
    let all: Vec<_> = of_one.iter().chain(&of_other).collect();
    let things: BTreeSet<_> = all.iter().map(|(member, row)| (*member, row.auction)).collect();
    assert_eq!((things.len(), all.len()), (2_400, 2_400), "each once");
    let kept = house.number("SELECT count(*) FROM unread_notices", &[]).await;
    assert_eq!(kept, ENDINGS * WATCHERS);
    assert_eq!(
        house.number("SELECT notice FROM followers", &[]).await,
        kept,
        "no number is given for nothing"
    );
}
