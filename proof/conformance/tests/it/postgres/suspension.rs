//! A suspension or a block that comes upon a bid: it is seen by the bid, or it takes the bid back. No bid slips between.

use auction::{AuctionId, Span};
use conformance::journal::deed::Deed;
use engine::Answer;
use ledger::MemberId;

use super::hazards::{Meeting, broken};
use super::node::{bid, is_accepted, is_refused};
use super::store::{client, until_waiting};
use crate::journal::NOON;

/// Who bids, who sells, and what is for sale. The bidder's wallet is locked before the seller's.
struct Scene {
    market: Meeting,
    anna: MemberId,
    seller: MemberId,
    chair: AuctionId,
}

impl Scene {
    async fn new() -> Scene {
        let mut market = Meeting::within(store_postgres::Limits::default(), 2).await;
        let [anna, seller] = market.members[..] else { unreachable!("two were made") };
        for member in [anna, seller] {
            market.one.deposit(member, 100_000).await;
        }
        let chair = market.one.list(seller, None).await;
        Scene { market, anna, seller, chair }
    }

    fn deeds(&self) -> [Deed; 2] {
        let block = Deed::Block { seller: self.seller, member: self.anna, reason: Some("약속".to_owned()) };
        [Deed::Suspend(self.anna), block]
    }

    async fn number(&self, sql: &str) -> i64 {
        broken(&client(&self.market.address).await, sql).await
    }

    /// Anna bids while the deed is done; the row that is held is let go once both wait, the first of the two behind it.
    async fn race(&mut self, held: &str, deed: &Deed, deed_first: bool) -> Answer {
        let address = self.market.address.clone();
        let (holder, watcher) = (client(&address).await, client(&address).await);
        holder.batch_execute(&format!("BEGIN; SELECT 1 FROM {held} FOR UPDATE")).await.unwrap();
        let (bidder, call) = bid(self.chair, self.anna, 5_000);
        let (records, one) = (self.market.records.clone(), &mut self.market.one);
        let bids = async {
            if deed_first {
                until_waiting(&watcher, 1).await;
            }
            one.call(bidder, call).await
        };
        let does = async {
            if !deed_first {
                until_waiting(&watcher, 1).await;
            }
            assert!(deed.perform(&records, NOON).await.unwrap());
        };
        let release = async {
            until_waiting(&watcher, 2).await;
            holder.batch_execute("COMMIT").await.unwrap();
        };
        let (answer, (), ()) = tokio::join!(bids, does, release);
        answer
    }
}

#[tokio::test]
async fn a_bid_that_comes_before_it_is_taken_back() {
    for number in 0..2 {
        let mut scene = Scene::new().await;
        let deed = scene.deeds()[number].clone();
        let held = format!("wallets WHERE member = {}", scene.seller.0);
        let answer = scene.race(&held, &deed, false).await;
        assert!(is_accepted(&answer), "{deed:?}: {answer:?}");
        assert_eq!(scene.number("SELECT count(*) FROM chores").await, 1, "{deed:?}");
        scene.market.clock.pass(Span::seconds(1));
        scene.market.one.round(Vec::new()).await;
        for sql in [
            "SELECT count(*) FROM chores",
            "SELECT count(*) FROM auctions WHERE leader IS NOT NULL",
            "SELECT sum(held)::bigint FROM wallets",
        ] {
            assert_eq!(scene.number(sql).await, 0, "{deed:?}: {sql}");
        }
        scene.market.assert_sound().await;
    }
}

#[tokio::test]
async fn a_bid_that_comes_behind_it_is_refused() {
    for (number, code) in [(0, "suspended"), (1, "blocked")] {
        let mut scene = Scene::new().await;
        let deed = scene.deeds()[number].clone();
        // What it writes of the member waits, with his wallet held already.
        let held = format!("members WHERE id = {}", scene.anna.0);
        let answer = scene.race(&held, &deed, true).await;
        assert!(is_refused(&answer, code), "{deed:?}: {answer:?}");
        assert_eq!(scene.number("SELECT count(*) FROM chores").await, 0, "{deed:?}");
        scene.market.assert_sound().await;
    }
}
