//! Rounds that PostgreSQL ends: locks that do not come, deadlocks, serialization failures, connections that are cut. Each
//! is a try of the whole round, and the tries are counted.

use auction::AuctionId;
use engine::{Answer, Call};
use ledger::MemberId;
use store_postgres::Limits;
use tokio_postgres::Client;

use super::hazards::{Meeting, broken};
use super::node::{bid, is_accepted};
use super::store::{QUICK, client, until_waiting};

/// How often a lane tries a round before everyone in it hears busy.
const TRIES_MAX: usize = 5;

/// How many bid in one round.
const BIDDERS: i64 = 40;

/// How often a test looks for something that must come.
const LOOKS_MAX: usize = 20_000;

/// A market with a chair, so many bidders with money, and a connection behind its back.
async fn market(limits: Limits, bidders: i64) -> (Meeting, AuctionId, Client) {
    let mut market = Meeting::within(limits, bidders + 1).await;
    let deposit = |member: &MemberId| (*member, Call::Deposit { member: *member, amount: 1_000_000 });
    let deposits = market.members[1..].iter().map(deposit).collect();
    assert!(market.one.round(deposits).await.iter().all(is_accepted));
    let chair = market.one.list(market.members[0], None).await;
    let outside = client(&market.address).await;
    (market, chair, outside)
}

/// How many lines of the server's log say this of the market's database.
fn said(market: &Meeting, words: &str) -> usize {
    let lines = private_postgres::server().said_of(&market.address);
    lines.iter().filter(|line| line.contains(words)).count()
}

/// Everyone bids at the deadline on two nodes while somebody holds the auction's row: each node tries its round so many times
/// and not once more, however many bids are in it, and they hear busy. Then the row is let go, and bids are taken again.
#[tokio::test]
async fn retry_storm() {
    let limits = Limits { lock_wait_ms_max: 100, ..Limits::default() };
    let (mut market, chair, outside) = market(limits, BIDDERS).await;
    let bids = |market: &Meeting| -> Vec<(MemberId, Call)> {
        let amounts = (1..).map(|step| step * 1_000);
        market.members[1..].iter().zip(amounts).map(|(member, amount)| bid(chair, *member, amount)).collect()
    };
    outside.batch_execute("BEGIN; SELECT 1 FROM auctions FOR UPDATE").await.unwrap();
    let (one, other) = (bids(&market), bids(&market));
    let answers = market.meet(one, other).await.concat();
    assert!(answers.iter().all(|answer| *answer == Answer::Busy), "{answers:?}");
    assert_eq!(said(&market, "due to lock timeout"), 2 * TRIES_MAX, "tries, for {} bids", 2 * BIDDERS);
    assert_eq!([market.one.figures().busy, market.other.figures().busy], [BIDDERS as u64; 2]);
    outside.batch_execute("COMMIT").await.unwrap();

    let one = bids(&market);
    let answers = market.one.round(one).await;
    assert!(answers.iter().all(is_accepted), "{answers:?}");
    assert_eq!(said(&market, "due to lock timeout"), 2 * TRIES_MAX);
    market.assert_sound().await;
}

/// The same where connections are cut whenever a round waits.
#[tokio::test]
async fn retry_storm_of_cut_connections() {
    let (mut market, chair, outside) = market(Limits::default(), BIDDERS).await;
    let holder = client(&market.address).await;
    holder.batch_execute("BEGIN; SELECT 1 FROM auctions FOR UPDATE").await.unwrap();
    let bids = market.members[1..].iter().map(|member| bid(chair, *member, 1_000)).collect();
    let sql = "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE wait_event_type = 'Lock' \
               AND datname = current_database()";
    let cut = async {
        let mut cut = 0;
        for _ in 0..LOOKS_MAX {
            cut += outside.query_one(sql, &[]).await.unwrap().get::<_, i64>(0);
            if cut >= TRIES_MAX as i64 {
                return;
            }
        }
        panic!("only {cut} rounds waited");
    };
    let (answers, ()) = tokio::join!(market.one.round(bids), cut);
    assert!(answers.iter().all(|answer| *answer == Answer::Busy), "{answers:?}");
    assert_eq!(said(&market, "terminating connection due to administrator command"), TRIES_MAX);
    holder.batch_execute("COMMIT").await.unwrap();
    let (bidder, call) = bid(chair, market.members[1], 1_000);
    assert!(is_accepted(&market.one.call(bidder, call).await));
    market.assert_sound().await;
}

/// Makes the first `tries` rounds that write an event fail with this code, at once or at COMMIT; sequences do not roll back.
async fn plant(outside: &Client, code: &str, tries: usize, is_at_commit: bool) {
    let trigger = if is_at_commit {
        "CREATE CONSTRAINT TRIGGER planted AFTER INSERT ON events DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
    } else {
        "CREATE TRIGGER planted BEFORE INSERT ON events FOR EACH ROW"
    };
    let sql = format!(
        "DROP TRIGGER IF EXISTS planted ON events; DROP SEQUENCE IF EXISTS tries; CREATE SEQUENCE tries; \
         CREATE OR REPLACE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         IF nextval('tries') <= {tries} THEN RAISE EXCEPTION 'planted' USING ERRCODE = '{code}'; END IF; \
         RETURN NEW; END $$; {trigger} EXECUTE FUNCTION planted()"
    );
    outside.batch_execute(&sql).await.unwrap();
}

async fn tries(outside: &Client) -> i64 {
    broken(outside, "SELECT last_value FROM tries").await
}

/// A serialization failure, a deadlock and a lock that did not come are tries of the whole round, whether a statement says so
/// or COMMIT; a round that has no more of them hears busy, and left nothing.
#[tokio::test]
async fn conflicts_are_tried_again_whole_and_not_without_end() {
    let (mut market, chair, outside) = market(Limits::default(), 1).await;
    let bidder = market.members[1];
    let mut amount = 0;
    for code in ["40001", "40P01", "55P03"] {
        for is_at_commit in [false, true] {
            plant(&outside, code, 2, is_at_commit).await;
            amount += 1_000;
            let (member, call) = bid(chair, bidder, amount);
            let answer = market.one.call(member, call).await;
            assert!(is_accepted(&answer), "{code}, at commit {is_at_commit}: {answer:?}");
            assert_eq!(tries(&outside).await, 3, "{code}, at commit {is_at_commit}");

            plant(&outside, code, TRIES_MAX, is_at_commit).await;
            let (member, call) = bid(chair, bidder, amount + 1_000);
            let answer = market.one.call(member, call).await;
            assert_eq!(answer, Answer::Busy, "{code}, at commit {is_at_commit}");
            assert_eq!(tries(&outside).await, TRIES_MAX as i64, "{code}, at commit {is_at_commit}");
        }
    }
    let bids = broken(&outside, "SELECT bid_count FROM auctions").await;
    assert_eq!(
        (bids, market.one.figures().rounds_again),
        (6, 0),
        "each was kept once, and nothing was unknown"
    );
    market.assert_sound().await;
}

/// A deadlock as it comes about: somebody holds a wallet, the round has locked the auction and waits for the wallet, and he
/// asks for the auction.
#[tokio::test]
async fn a_round_that_is_chosen_to_end_a_deadlock_is_tried_again() {
    let limits = Limits { lock_wait_ms_max: 8_000, ..Limits::default() };
    let (mut market, chair, outside) = market(limits, 1).await;
    // The round looks for a circle once, when it has waited this long, and ends it; he never looks.
    let name: String = outside.query_one("SELECT current_database()::text", &[]).await.unwrap().get(0);
    let sql = format!("ALTER DATABASE {name} SET deadlock_timeout = '2s'");
    outside.batch_execute(&sql).await.unwrap();
    let end = "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity \
               WHERE application_name = 'neighborbid lane' AND datname = current_database()";
    assert_eq!(broken(&outside, end).await, 2, "both lanes connect anew");
    let bidder = market.members[1];
    let holder = client(&market.address).await;
    holder.batch_execute("SET deadlock_timeout = '1h'; SET lock_timeout = 0; BEGIN").await.unwrap();
    holder.execute("SELECT 1 FROM wallets WHERE member = $1 FOR UPDATE", &[&bidder.0]).await.unwrap();
    let circle = async {
        until_waiting(&outside, 1).await;
        holder.execute("SELECT 1 FROM auctions WHERE id = $1 FOR UPDATE", &[&chair.0]).await.unwrap();
        holder.batch_execute("COMMIT").await.unwrap();
    };
    let (member, call) = bid(chair, bidder, 1_000);
    let (answer, ()) = tokio::join!(market.one.call(member, call), circle);
    assert!(is_accepted(&answer), "{answer:?}");
    assert_eq!(said(&market, "deadlock detected"), 1);
    market.assert_sound().await;
}

/// A lock that comes with the third try.
#[tokio::test]
async fn a_lock_that_comes_late_is_had_in_the_end() {
    let (mut market, chair, outside) = market(QUICK, 1).await;
    outside.batch_execute("BEGIN; SELECT 1 FROM auctions FOR UPDATE").await.unwrap();
    let (member, call) = bid(chair, market.members[1], 1_000);
    let address = market.address.clone();
    let release = async {
        let server = private_postgres::server();
        let refused =
            || server.said_of(&address).iter().filter(|line| line.contains("due to lock timeout")).count();
        while refused() < 2 {
            tokio::task::yield_now().await;
        }
        outside.batch_execute("COMMIT").await.unwrap();
    };
    let (answer, ()) = tokio::join!(market.one.call(member, call), release);
    assert!(is_accepted(&answer), "{answer:?}");
    market.assert_sound().await;
}
