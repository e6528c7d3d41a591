//! A picture is listed and removed at the same time: one of the two happens, never both.

use auction::{Item, Listing, Picture};
use conformance::journal::deed::{Deed, address};
use engine::{Answer, Call};
use ledger::MemberId;
use store::PictureRecords;
use store::records::Upload;

use super::hazards::Meeting;
use super::node::{is_accepted, is_refused, listing_at};
use super::store::{client, until_waiting};
use crate::journal::NOON;

const LATER: auction::Time = NOON.plus(auction::Span::days(2));

/// A chair of the seller's with the picture 1.
fn shown(seller: MemberId) -> Call {
    let Call::List(listing) = listing_at(seller, None, NOON) else { unreachable!("it is a listing") };
    let pictures = vec![Picture { address: address(1), alt: "앞모습".to_owned() }];
    Call::List(Box::new(Listing { item: Item { pictures, ..listing.item.clone() }, ..*listing }))
}

/// Lists the picture in a round and removes it, while somebody holds this lock until both wait.
async fn race(lock: &str, lists_first: bool) -> (Answer, bool, i64) {
    let mut market = Meeting::within(store_postgres::Limits::default(), 1).await;
    let seller = market.members[0];
    assert!(Deed::Upload(seller, 1).perform(&market.records, NOON).await.unwrap());
    let (holder, watcher) = (client(&market.address).await, client(&market.address).await);
    holder.batch_execute(&format!("BEGIN; {lock}")).await.unwrap();
    let (records, upload) = (market.records.clone(), Upload { address: address(1), member: seller });
    let round = async {
        if !lists_first {
            until_waiting(&watcher, 1).await;
        }
        market.one.round(vec![(seller, shown(seller))]).await.remove(0)
    };
    let removing = async {
        if lists_first {
            until_waiting(&watcher, 1).await;
        }
        records.remove_picture(upload, LATER).await.unwrap()
    };
    let release = async {
        until_waiting(&watcher, 2).await;
        holder.batch_execute("COMMIT").await.unwrap();
    };
    let (answer, removed, ()) = tokio::join!(round, removing, release);
    let sql = "SELECT count(*) FROM item_pictures p WHERE NOT EXISTS \
               (SELECT FROM uploads u WHERE u.address = p.address AND u.member = p.member)";
    let lost = watcher.query_one(sql, &[]).await.unwrap().get(0);
    (answer, removed, lost)
}

/// The round has the upload's row and is held up at its writes: the removal waits for its commit, and then sees the item.
#[tokio::test]
async fn what_a_round_lists_is_not_removed() {
    let (answer, removed, lost) = race("LOCK TABLE item_pictures IN SHARE ROW EXCLUSIVE MODE", true).await;
    assert!(is_accepted(&answer), "{answer:?}");
    assert_eq!((removed, lost), (false, 0));
}

/// The removal has the row and is held up at its delete: the round waits for its commit, and then finds no upload.
#[tokio::test]
async fn what_is_being_removed_is_not_listed() {
    let (answer, removed, lost) = race("LOCK TABLE uploads IN SHARE MODE", false).await;
    assert!(is_refused(&answer, "picture_not_found"), "{answer:?}");
    assert_eq!((removed, lost), (true, 0));
}

/// Two nodes claim what is going at the same time: each picture is one's alone.
#[tokio::test]
async fn a_picture_is_claimed_once() {
    let market = Meeting::within(store_postgres::Limits::default(), 1).await;
    let seller = market.members[0];
    for number in 0..20 {
        assert!(Deed::Upload(seller, number).perform(&market.records, NOON).await.unwrap());
        let upload = Upload { address: address(number), member: seller };
        assert!(market.records.remove_picture(upload, LATER).await.unwrap());
    }
    let other =
        store_postgres::open(&super::store::target(&market.address), super::store::still()).await.unwrap().1;
    let (one, two) = tokio::join!(market.records.claim_pictures(LATER, 20), other.claim_pictures(LATER, 20));
    let mut claimed = [one.unwrap(), two.unwrap()].concat();
    claimed.extend(market.records.claim_pictures(LATER, 20).await.unwrap());
    claimed.sort_unstable();
    assert_eq!(claimed, (0..20).map(address).collect::<Vec<_>>());
}
