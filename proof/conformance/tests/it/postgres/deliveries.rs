//! Several nodes send what waits: each delivery is one's alone, however they meet.

use std::collections::BTreeSet;

use ledger::MemberId;
use store::DeliveryRecords;
use store::records::{Channel, Delivery, LEASE, Secret, Subscription};

use super::hazards::Meeting;
use super::node::{is_accepted, listing_at};
use super::store::client;
use crate::journal::NOON;

/// More than two nodes claim at once.
const WAITING: i64 = 100;

#[tokio::test]
async fn a_delivery_is_claimed_by_one_node() {
    let mut market = Meeting::within(store_postgres::Limits::default(), 1).await;
    let seller = market.members[0];
    let listed = market.one.round(vec![(seller, listing_at(seller, None, NOON))]).await.remove(0);
    assert!(is_accepted(&listed), "{listed:?}");
    let sql = format!(
        "INSERT INTO deliveries (member, auction, kind, channel, notice, at, state, next_try, tries) \
         SELECT n, (SELECT min(id) FROM auctions), 0, n % 2, n, 0, 0, 0, 0 FROM generate_series(1, {WAITING}) AS n"
    );
    client(&market.address).await.batch_execute(&sql).await.unwrap();
    let other =
        store_postgres::open(&super::store::target(&market.address), super::store::still()).await.unwrap().1;
    let mut claimed: Vec<Delivery> = Vec::new();
    loop {
        let before = claimed.len();
        let (one, two) =
            tokio::join!(market.records.claim_deliveries(NOON, 20), other.claim_deliveries(NOON, 20));
        claimed.extend([one.unwrap(), two.unwrap()].concat());
        if claimed.len() == before {
            break;
        }
    }
    let notices: BTreeSet<i64> = claimed.iter().map(|delivery| delivery.notice).collect();
    assert_eq!((claimed.len() as i64, notices.len() as i64), (WAITING, WAITING), "each once");
    assert!(claimed.iter().all(|delivery| delivery.tries == 1));
    let again = other.claim_deliveries(NOON.plus(LEASE), 5).await.unwrap();
    assert!(again.len() == 5 && again.iter().all(|delivery| delivery.tries == 2));
    assert!(again.iter().any(|delivery| delivery.channel == Channel::Email));
}

#[tokio::test]
async fn two_nodes_make_one_secret_and_ten_subscriptions() {
    let market = Meeting::within(store_postgres::Limits::default(), 1).await;
    let other =
        store_postgres::open(&super::store::target(&market.address), super::store::still()).await.unwrap().1;
    let (one, two) =
        tokio::join!(market.records.secret(Secret::Vapid, [1; 32]), other.secret(Secret::Vapid, [2; 32]));
    assert_eq!(one.unwrap(), two.unwrap());

    let member: MemberId = market.members[0];
    let browser = |number: u8| Subscription {
        address: [number; 32],
        endpoint: format!("https://push.example/{number}"),
        key: vec![number; 65],
        secret: vec![number; 16],
    };
    let mut kept = 0;
    for pair in 0..10_u8 {
        let (one, two) = tokio::join!(
            market.records.subscribe(member, browser(pair * 2), NOON),
            other.subscribe(member, browser(pair * 2 + 1), NOON)
        );
        kept += [one.unwrap(), two.unwrap()].iter().filter(|answer| answer.is_ok()).count();
    }
    assert_eq!((kept, market.records.reach(member).await.unwrap().browsers), (10, 10));
}
