//! A member who leaves beside something that is written for him, each in a transaction of its own: whichever comes first, nothing
//! is left of it; and what was bid by him is taken back.

use auction::{AuctionId, Span};
use ledger::MemberId;
use store::Records;
use store::records::{
    DeliveryRecords, NewPicture, PictureRecords, PictureRefused, ProfileRecords, ReachChange, Removal,
    WatchRecords, WatchRefused,
};
use store_postgres::{Limits, PostgresRecords};

use super::hazards::{Meeting, broken};
use super::node::{bid, is_accepted};
use super::store::{add_member, client, until_waiting};
use crate::journal::NOON;
use conformance::journal::deed::picture;

/// What is written, and what of it would be left.
const WRITES: [(Write, &str); 4] = [
    (Write::Wishes, "SELECT count(*) FROM reach"),
    (Write::Watchlist, "SELECT count(*) FROM watching"),
    (Write::Picture, "SELECT count(*) FROM uploads"),
    (Write::Block, "SELECT count(*) FROM blocks"),
];

#[derive(Clone, Copy, Debug)]
enum Write {
    Wishes,
    Watchlist,
    Picture,
    Block,
}

struct Scene {
    market: Meeting,
    anna: MemberId,
    seller: MemberId,
    chair: AuctionId,
}

impl Scene {
    async fn new() -> Scene {
        let mut market = Meeting::within(Limits::default(), 2).await;
        let [anna, seller] = market.members[..] else { unreachable!("two were made") };
        let chair = market.one.list(seller, None).await;
        Scene { market, anna, seller, chair }
    }

    async fn number(&self, sql: &str) -> i64 {
        broken(&client(&self.market.address).await, sql).await
    }

    /// Writes it for Anna; whether it was kept.
    async fn write(&self, records: &PostgresRecords, write: Write) -> bool {
        match write {
            Write::Wishes => records.change_reach(self.anna, ReachChange::default()).await.unwrap().is_ok(),
            Write::Watchlist => match records.watch(self.anna, self.chair, NOON).await.unwrap() {
                Ok(()) => true,
                Err(WatchRefused::Left) => false,
                Err(refused) => panic!("{refused:?}"),
            },
            Write::Picture => {
                let new = NewPicture { picture: picture(1), member: self.anna, at: NOON };
                match records.keep_picture(new).await.unwrap() {
                    Ok(()) => true,
                    Err(PictureRefused::Left) => false,
                    Err(refused) => panic!("{refused:?}"),
                }
            }
            Write::Block => records.block(self.anna, self.seller, None, NOON).await.unwrap().is_ok(),
        }
    }

    async fn leave(&self, records: &PostgresRecords) {
        let nickname = "탈퇴한 이웃".to_owned();
        let removal = Removal { member: self.anna, known: "none".to_owned(), nickname, at: NOON };
        assert_eq!(records.remove_member(removal).await.unwrap(), Ok(()));
    }
}

/// Whoever leaves stands before his row is let go; what is written meanwhile waits for him and is refused.
#[tokio::test]
async fn what_comes_while_he_leaves_is_refused() {
    for (write, left) in WRITES {
        let scene = Scene::new().await;
        let (holder, watcher) = (client(&scene.market.address).await, client(&scene.market.address).await);
        // The last thing that leaving locks before it erases.
        holder.batch_execute("BEGIN; SELECT 1 FROM followers FOR UPDATE").await.unwrap();
        let records = scene.market.records.clone();
        let writes = async {
            until_waiting(&watcher, 1).await;
            scene.write(&records, write).await
        };
        let release = async {
            let watcher = client(&scene.market.address).await;
            until_waiting(&watcher, 2).await;
            holder.batch_execute("COMMIT").await.unwrap();
        };
        let ((), is_kept, ()) = tokio::join!(scene.leave(&records), writes, release);
        assert!(!is_kept, "{write:?}");
        assert_eq!(scene.number(left).await, 0, "{write:?}");
    }
}

/// Something is just being written for him, and is not kept yet; leaving waits for it and erases it.
#[tokio::test]
async fn what_came_before_he_leaves_goes_with_him() {
    let scene = Scene::new().await;
    let (writer, watcher) = (client(&scene.market.address).await, client(&scene.market.address).await);
    let (anna, chair) = (scene.anna.0, scene.chair.0);
    let written = format!(
        "BEGIN; SELECT FROM members WHERE id = {anna} AND left_at IS NULL FOR KEY SHARE; \
         INSERT INTO reach (member) VALUES ({anna}); INSERT INTO watching VALUES ({anna}, {chair}, 1)"
    );
    writer.batch_execute(&written).await.unwrap();
    let records = scene.market.records.clone();
    let release = async {
        until_waiting(&watcher, 1).await;
        writer.batch_execute("COMMIT").await.unwrap();
    };
    let ((), ()) = tokio::join!(scene.leave(&records), release);
    for left in ["SELECT count(*) FROM reach", "SELECT count(*) FROM watching"] {
        assert_eq!(scene.number(left).await, 0, "{left}");
    }
}

/// As with whoever is suspended: his bids are taken back where something could still be offered to him.
#[tokio::test]
async fn nothing_is_offered_to_whoever_has_left() {
    let mut scene = Scene::new().await;
    let bert = add_member(&scene.market.records, 9, NOON).await;
    for (member, amount) in [(scene.anna, 5_000), (bert, 6_000)] {
        scene.market.one.deposit(member, 100_000).await;
        let (bidder, call) = bid(scene.chair, member, amount);
        let answer = scene.market.one.call(bidder, call).await;
        assert!(is_accepted(&answer), "{answer:?}");
    }
    let records = scene.market.records.clone();
    scene.leave(&records).await;
    assert_eq!(scene.number("SELECT count(*) FROM chores").await, 1);
    scene.market.clock.pass(Span::seconds(1));
    scene.market.one.round(Vec::new()).await;
    assert_eq!(scene.number("SELECT count(*) FROM chores").await, 0);
    let out = format!("SELECT count(*) FROM bidders WHERE member = {} AND is_out", scene.anna.0);
    assert_eq!(scene.number(&out).await, 1);
    scene.market.assert_sound().await;
}
