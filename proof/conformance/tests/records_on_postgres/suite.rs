//! The same list of checks as on SQLite.

use std::sync::Arc;

use auction::{DEFAULT_LADDER, Ladder, ListingLimits, Span};
use conformance::records::{House, NOW, market, members, notices};
use engine::{Deposits, Lane, Settings};
use ledger::PartsPerMillion;
use live::{Hub, LocalBus};
use store::Clock;
use store_postgres::Target;

/// Runs a check beside the engine that fills its store.
async fn check(check: impl AsyncFnOnce(&House<'_>)) {
    let target = Target::parse(&private_postgres::server().database()).unwrap();
    let clock: Clock = Arc::new(|| NOW);
    let (journal, records) = store_postgres::open(&target, Arc::clone(&clock)).await.unwrap();
    let limits = ListingLimits {
        minimum_duration: Span::minutes(10),
        ladder: Ladder::parse(DEFAULT_LADDER).unwrap(),
        fee_rate: PartsPerMillion::default(),
    };
    let settings = Settings {
        deposits: Deposits::Demo,
        listing: limits,
        clock: Arc::clone(&clock),
        steady: Arc::new(Span::default),
        chance: Arc::new(|| 0),
    };
    let hub = Arc::new(Hub::new(live::Settings::default(), clock));
    let (engine, lane) = Lane::new(journal, settings, LocalBus::new(hub));
    let house = House::new(&records, &engine);
    tokio::select! {
        ended = lane.run() => panic!("the engine ended during the check: {ended:?}"),
        () = check(&house) => {}
    }
}

#[tokio::test]
async fn names() {
    check(members::names).await;
}

#[tokio::test]
async fn sessions() {
    check(members::sessions).await;
}

#[tokio::test]
async fn passwords() {
    check(members::passwords).await;
}

#[tokio::test]
async fn blocks() {
    check(members::blocks).await;
}

#[tokio::test]
async fn places() {
    check(members::places).await;
}

#[tokio::test]
async fn auctions() {
    check(market::auctions).await;
}

#[tokio::test]
async fn money() {
    check(market::money).await;
}

#[tokio::test]
async fn listings() {
    check(market::listings).await;
}

#[tokio::test]
async fn who_hears_what() {
    check(notices::who_hears_what).await;
}

#[tokio::test]
async fn unread() {
    check(notices::unread).await;
}

#[tokio::test]
async fn noticed() {
    check(notices::noticed).await;
}

#[tokio::test]
async fn many_noticed() {
    check(notices::many_noticed).await;
}

#[tokio::test]
async fn standings() {
    check(market::standings).await;
}
