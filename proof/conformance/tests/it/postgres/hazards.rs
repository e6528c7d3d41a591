//! Hazards of the trade where two nodes write at once, each with an engine and a lane of its own: each test bears its
//! hazard's name.

use auction::{AuctionId, Command};
use conformance::journal::HandClock;
use conformance::journal::deed::Deed;
use engine::{Answer, Call};
use ledger::MemberId;
use store::Records;
use store_postgres::{Limits, PostgresRecords};
use tokio_postgres::Client;

use super::node::{Node, bid, is_accepted, is_refused, listing};
use super::store::{add_member, client, still, target, until_waiting};
use crate::journal::NOON;

/// How often two lanes meet in a test.
const MEETINGS: i64 = 25;

/// Two nodes on one database with so many members.
pub struct Meeting {
    pub address: String,
    pub records: PostgresRecords,
    pub one: Node,
    pub other: Node,
    pub members: Vec<MemberId>,
    pub clock: HandClock,
}

impl Meeting {
    async fn of(members: i64) -> Meeting {
        Meeting::within(Limits::default(), members).await
    }

    /// The same with other limits.
    pub async fn within(limits: Limits, members: i64) -> Meeting {
        let address = private_postgres::server().database();
        let (_, records) = store_postgres::open(&target(&address), still()).await.unwrap();
        let clock = HandClock::at(NOON);
        let target = target(&address).limited(limits);
        let one = Node::by(target.clone(), &clock, "one").await;
        let other = Node::by(target, &clock, "other").await;
        Meeting::made(address, records, (one, other), (members, clock)).await
    }

    /// The same with real money.
    pub async fn real(members: i64) -> Meeting {
        let address = private_postgres::server().database();
        let (_, records) = store_postgres::open(&target(&address), still()).await.unwrap();
        let clock = HandClock::at(NOON);
        let one = Node::real(target(&address), &clock, "one").await;
        let other = Node::real(target(&address), &clock, "other").await;
        Meeting::made(address, records, (one, other), (members, clock)).await
    }

    async fn made(
        address: String,
        records: PostgresRecords,
        (one, other): (Node, Node),
        (members, clock): (i64, HandClock),
    ) -> Meeting {
        let mut ids = Vec::new();
        for number in 1..=members {
            ids.push(add_member(&records, number, NOON).await);
        }
        Meeting { address, records, one, other, members: ids, clock }
    }

    /// Both nodes run a round at once.
    pub async fn meet(
        &mut self,
        one: Vec<(MemberId, Call)>,
        other: Vec<(MemberId, Call)>,
    ) -> [Vec<Answer>; 2] {
        let (one, other) = tokio::join!(self.one.round(one), self.other.round(other));
        [one, other]
    }

    /// Both nodes run a round at once, and both are stopped half-way through their locks: a row in the middle is let go
    /// only when both wait, so that what one holds is what the other still needs, if their orders differ.
    pub async fn meet_half_way(
        &mut self,
        middle: &str,
        one: Vec<(MemberId, Call)>,
        other: Vec<(MemberId, Call)>,
    ) -> [Vec<Answer>; 2] {
        let (holder, watcher) = (client(&self.address).await, client(&self.address).await);
        holder.batch_execute(&format!("BEGIN; SELECT 1 FROM {middle} FOR UPDATE")).await.unwrap();
        let release = async {
            until_waiting(&watcher, 2).await;
            holder.batch_execute("COMMIT").await.unwrap();
        };
        let (answers, ()) = tokio::join!(self.meet(one, other), release);
        answers
    }

    /// Nobody was refused by the house itself, and PostgreSQL had to break no circle of waiting rounds.
    pub fn assert_no_circle(&self) {
        let said = private_postgres::server().said_of(&self.address);
        let circles: Vec<_> = said.iter().filter(|line| line.contains("deadlock")).collect();
        assert!(circles.is_empty(), "{circles:#?}");
    }

    /// What came in is what stands in wallets and in what was sold; every wallet's chain ends at its newest transfer.
    pub async fn assert_sound(&self) {
        let client = client(&self.address).await;
        for (name, sql) in [
            (
                "a wallet is the sum of its transfers",
                "SELECT count(*) FROM wallets w CROSS JOIN LATERAL (SELECT \
                 coalesce(sum(amount) FILTER (WHERE to_account = 5), 0) - coalesce(sum(amount) FILTER (WHERE from_account = 5), 0), \
                 coalesce(sum(amount) FILTER (WHERE to_account = 6), 0) - coalesce(sum(amount) FILTER (WHERE from_account = 6), 0) \
                 FROM transfers t WHERE t.member = w.member) AS t (available, held) \
                 WHERE w.available <> t.available OR w.held <> t.held",
            ),
            (
                "a chain names every transfer once",
                "SELECT count(*) FROM (SELECT member, previous FROM transfers WHERE member IS NOT NULL \
                 GROUP BY member, previous HAVING count(*) > 1) AS twice",
            ),
            (
                "a wallet names its newest transfer",
                "SELECT count(*) FROM wallets w WHERE last_transfer <> 0 AND EXISTS \
                 (SELECT 1 FROM transfers t WHERE t.member = w.member AND t.previous = w.last_transfer)",
            ),
            (
                "an auction's events have no gap",
                "SELECT count(*) FROM auctions a WHERE seq <> (SELECT count(*) FROM events e WHERE e.auction = a.id) \
                 OR seq <> (SELECT max(seq) FROM events e WHERE e.auction = a.id)",
            ),
            (
                "what is held is what leaders hold",
                "SELECT count(*) FROM wallets w WHERE held <> \
                 (SELECT coalesce(sum(hold), 0) FROM bidders b WHERE b.member = w.member)",
            ),
        ] {
            assert_eq!(broken(&client, sql).await, 0, "broken: {name}");
        }
    }
}

pub async fn broken(client: &Client, sql: &str) -> i64 {
    client.query_one(sql, &[]).await.unwrap().get(0)
}

/// One balance, two nodes, two auctions: it is held once.
#[tokio::test]
async fn double_spend() {
    let mut market = Meeting::of(2 + MEETINGS).await;
    let (seller, second) = (market.members[0], market.members[1]);
    for buyer in market.members.split_off(2) {
        let (chair, table) = (market.one.list(seller, None).await, market.other.list(second, None).await);
        market.one.deposit(buyer, 10_000).await;
        let answers = market.meet(vec![bid(chair, buyer, 10_000)], vec![bid(table, buyer, 10_000)]).await;
        let answers = answers.concat();
        assert_eq!(answers.iter().filter(|answer| is_accepted(answer)).count(), 1, "{answers:?}");
        assert!(answers.iter().any(|answer| is_refused(answer, "insufficient_funds")), "{answers:?}");
    }
    market.assert_sound().await;
    market.assert_no_circle();
}

/// One auction, two nodes, the same amount: one leads, and the other hears so.
#[tokio::test]
async fn lost_update() {
    let mut market = Meeting::of(3).await;
    let [seller, anna, bert] = market.members[..] else { unreachable!("three were made") };
    for member in [anna, bert] {
        market.one.deposit(member, 1_000_000).await;
    }
    let chair = market.one.list(seller, None).await;
    for step in 1..=MEETINGS {
        let amount = step * 1_000;
        let answers = market.meet(vec![bid(chair, anna, amount)], vec![bid(chair, bert, amount)]).await;
        let answers = answers.concat();
        assert_eq!(answers.iter().filter(|answer| is_accepted(answer)).count(), 1, "{answers:?}");
        assert!(answers.iter().any(|answer| is_refused(answer, "below_minimum")), "{answers:?}");
    }
    let client = client(&market.address).await;
    let counted = broken(&client, "SELECT bid_count FROM auctions").await;
    assert_eq!(counted, MEETINGS);
    market.assert_sound().await;
    market.assert_no_circle();
}

/// Everyone sells to everyone, each lane by auctions of its own: only wallets meet, all of them in every round.
#[tokio::test]
async fn wallet_order_deadlock() {
    let mut market = Meeting::of(6).await;
    let mut auctions = Vec::new();
    for member in market.members.clone() {
        market.one.deposit(member, 9_000_000).await;
        auctions.push([market.one.list(member, None).await, market.other.list(member, None).await]);
    }
    let members = market.members.clone();
    let middle = format!("wallets WHERE member = {}", members[2].0);
    // In each step everyone bids on the auction of whoever stands so many places behind him.
    let calls = |lane: usize, step: i64, behind: usize| -> Vec<(MemberId, Call)> {
        let bidders = members.iter().cycle().skip(behind);
        let parts = auctions.iter().zip(bidders);
        parts.map(|(auctions, bidder)| bid(auctions[lane], *bidder, step * 1_000)).collect()
    };
    for step in 1..=MEETINGS {
        let behind = usize::try_from(step % 5).unwrap() + 1;
        let mut contrary = calls(1, step, 6 - behind);
        contrary.reverse();
        let answers = market.meet_half_way(&middle, calls(0, step, behind), contrary).await.concat();
        assert!(answers.iter().all(is_accepted), "{answers:?}");
    }
    market.assert_sound().await;
    market.assert_no_circle();
}

/// The same auctions in both lanes, in contrary orders of arrival.
#[tokio::test]
async fn auction_order_deadlock() {
    let mut market = Meeting::of(3).await;
    let [seller, anna, bert] = market.members[..] else { unreachable!("three were made") };
    for member in [anna, bert] {
        market.one.deposit(member, 9_000_000).await;
    }
    let mut auctions = Vec::new();
    for _ in 0..6 {
        auctions.push(market.one.list(seller, None).await);
    }
    let middle = format!("auctions WHERE id = {}", auctions[2].0);
    for step in 1..=MEETINGS {
        let calls = |bidder| auctions.iter().map(move |auction| bid(*auction, bidder, step * 1_000));
        let answers = market.meet_half_way(&middle, calls(anna).collect(), calls(bert).rev().collect()).await;
        let answers = answers.concat();
        let accepted = answers.iter().filter(|answer| is_accepted(answer)).count();
        let late = answers.iter().filter(|answer| is_refused(answer, "below_minimum")).count();
        assert_eq!((accepted, late), (6, 6), "{answers:?}");
    }
    market.assert_sound().await;
    market.assert_no_circle();
}

/// Rows that name a member, written from all sides: a foreign key would lock his row in whatever order they come.
#[tokio::test]
async fn foreign_key_deadlock() {
    let mut market = Meeting::of(4).await;
    for member in market.members.clone() {
        market.one.deposit(member, 9_000_000).await;
    }
    let members = market.members.clone();
    let [anna, bert, carl, dora] = members[..] else { unreachable!("four were made") };
    let records = market.records.clone();
    for _ in 1..=MEETINGS {
        let sold = |auction: AuctionId, buyer| {
            (buyer, Call::Auction { auction, command: Command::BuyNow { buyer, terms: None } })
        };
        let one = market.one.list(anna, Some(5_000)).await;
        let other = market.other.list(bert, Some(5_000)).await;
        let beside = async {
            for pair in [[anna, bert], [bert, anna], [carl, dora], [dora, carl]] {
                records.block(pair[0], pair[1], None, NOON).await.unwrap().unwrap();
                records.unblock(pair[0], pair[1]).await.unwrap();
                for deed in [Deed::Suspend(pair[1]), Deed::Restore(pair[1])] {
                    assert!(deed.perform(&records, NOON).await.unwrap());
                }
            }
        };
        let calls = vec![sold(one, carl), (dora, listing(dora, None)), sold(other, dora)];
        let contrary = vec![sold(other, carl), (carl, listing(carl, None)), sold(one, dora)];
        let (answers, ()) = tokio::join!(market.meet(calls, contrary), beside);
        let answers = answers.concat();
        // Two auctions are bought once each and two listed, but for whoever is suspended just then.
        let accepted = answers.iter().filter(|answer| is_accepted(answer)).count();
        let suspended = answers.iter().filter(|answer| is_refused(answer, "suspended")).count();
        let late = answers.iter().filter(|answer| is_refused(answer, "closed")).count();
        assert_eq!(accepted + suspended + late, answers.len(), "{answers:?}");
        assert!(accepted <= 4 && accepted + suspended >= 4, "{answers:?}");
    }
    let client = client(&market.address).await;
    let sql = "SELECT DISTINCT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f' ORDER BY 1";
    let tied: Vec<String> = client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(
        tied,
        ["blocks", "categories", "members", "regions", "sessions"],
        "rounds write none of these"
    );
    market.assert_sound().await;
    market.assert_no_circle();
}
