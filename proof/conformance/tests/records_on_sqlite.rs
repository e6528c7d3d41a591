//! The checks of the web's door on SQLite, each with a store and an engine of its own.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

use std::sync::Arc;

use auction::{DEFAULT_LADDER, Ladder, ListingLimits, Span};
use conformance::records::{
    House, NOW, delivery, leaving, market, members, notices, owing, people, pictures, profiles, sales, saved,
    search, talk, watching,
};
use engine::{Deposits, Lane, Settings};
use ledger::PartsPerMillion;
use live::{Hub, LocalBus};
use store::Clock;

/// Runs a check on play money.
async fn check(check: impl AsyncFnOnce(&House<'_>)) {
    check_with(Deposits::Demo, 0, check).await;
}

/// Runs a check beside the engine that fills its store, with this fee in parts per million.
async fn check_with(deposits: Deposits, fee_rate: i64, check: impl AsyncFnOnce(&House<'_>)) {
    let folder = tempfile::tempdir().unwrap();
    let clock: Clock = Arc::new(|| NOW);
    let (journal, records, _checkpointer) = store_sqlite::open(folder.path(), Arc::clone(&clock)).unwrap();
    let limits = ListingLimits {
        minimum_duration: Span::minutes(10),
        ladder: Ladder::parse(DEFAULT_LADDER).unwrap(),
        fee_rate: PartsPerMillion::new(fee_rate).unwrap(),
    };
    let settings = Settings {
        deposits,
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
async fn many() {
    check(members::many).await;
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

#[tokio::test]
async fn an_item_auctioned_again() {
    check(market::auctioned_again).await;
}

#[tokio::test]
async fn suspensions() {
    check(people::suspensions).await;
}

#[tokio::test]
async fn marks() {
    check(people::marks).await;
}

#[tokio::test]
async fn blocked_bids() {
    check(people::blocked_bids).await;
}

#[tokio::test]
async fn withdrawals() {
    check_with(Deposits::Manual, 0, people::withdrawals).await;
}

#[tokio::test]
async fn debts() {
    check_with(Deposits::Manual, 0, owing::debts).await;
}

#[tokio::test]
async fn fees() {
    check_with(Deposits::Manual, 35_000, owing::fees).await;
}

#[tokio::test]
async fn play_fees() {
    check(owing::play_fees).await;
}

#[tokio::test]
async fn orders() {
    check(sales::orders).await;
}

#[tokio::test]
async fn disputes() {
    check(sales::disputes).await;
}

#[tokio::test]
async fn offers() {
    check(sales::offers).await;
}

#[tokio::test]
async fn reviews() {
    check(sales::reviews).await;
}

#[tokio::test]
async fn reputation() {
    check(sales::reputation).await;
}

#[tokio::test]
async fn told_of_bids_taken_back() {
    check(notices::of_bids_taken_back).await;
}

#[tokio::test]
async fn told_of_bids_taken_back_in_silence() {
    check(notices::of_bids_taken_back_in_silence).await;
}

#[tokio::test]
async fn told_of_reserves_and_terms() {
    check(notices::of_reserves_and_terms).await;
}

#[tokio::test]
async fn told_of_orders() {
    check(notices::of_orders).await;
}

#[tokio::test]
async fn told_of_offers() {
    check(notices::of_offers).await;
}

#[tokio::test]
async fn told_of_codes_and_disputes() {
    check(notices::of_codes_and_disputes).await;
}

#[tokio::test]
async fn questions() {
    check(talk::questions).await;
}

#[tokio::test]
async fn questions_refused() {
    check(talk::refusals).await;
}

#[tokio::test]
async fn questions_counted() {
    check(talk::limits).await;
}

#[tokio::test]
async fn questions_reported() {
    check(talk::reports).await;
}

#[tokio::test]
async fn kept_searches() {
    check(saved::kept_searches).await;
}

#[tokio::test]
async fn told_searches() {
    check(saved::told_searches).await;
}

#[tokio::test]
async fn searches_told_seldom() {
    check(saved::searches_told_seldom).await;
}

#[tokio::test]
async fn searches_that_find_the_same() {
    check(saved::searches_that_find_the_same).await;
}

#[tokio::test]
async fn arrivals() {
    check(saved::arrivals).await;
}

#[tokio::test]
async fn watchlists() {
    check(watching::watchlists).await;
}

#[tokio::test]
async fn full_watchlists() {
    check(watching::full_watchlists).await;
}

#[tokio::test]
async fn ending_soon() {
    check(watching::ending_soon).await;
}

#[tokio::test]
async fn many_endings() {
    check(watching::many_endings).await;
}

#[tokio::test]
async fn uploads() {
    check(pictures::uploads).await;
}

#[tokio::test]
async fn pictures_shown() {
    check(pictures::shown).await;
}

#[tokio::test]
async fn pictures_swept() {
    check(pictures::sweeping).await;
}

#[tokio::test]
async fn wishes_and_addresses() {
    check(delivery::wishes_and_addresses).await;
}

#[tokio::test]
async fn browsers() {
    check(delivery::browsers).await;
}

#[tokio::test]
async fn house_secrets() {
    check(delivery::house_secrets).await;
}

#[tokio::test]
async fn deliveries() {
    check(delivery::deliveries).await;
}

#[tokio::test]
async fn claims_run_out() {
    check(delivery::claims_run_out).await;
}

#[tokio::test]
async fn renewed_deliveries() {
    check(delivery::renewed_deliveries).await;
}

#[tokio::test]
async fn deliveries_by_another_way() {
    check(delivery::deliveries_by_another_way).await;
}

#[tokio::test]
async fn failed_deliveries() {
    check(delivery::failed_deliveries).await;
}

#[tokio::test]
async fn searched_words() {
    check(search::words).await;
}

#[tokio::test]
async fn ranked_matches() {
    check(search::ranking).await;
}

#[tokio::test]
async fn sieves_of_searches() {
    check(search::sieves).await;
}

#[tokio::test]
async fn what_is_near() {
    check(search::near).await;
}

#[tokio::test]
async fn words_after_an_edit() {
    check(search::edited).await;
}

#[tokio::test]
async fn presenting() {
    check(profiles::presenting).await;
}

#[tokio::test]
async fn shelves() {
    check(profiles::shelves).await;
}

#[tokio::test]
async fn months() {
    check(profiles::months).await;
}

#[tokio::test]
async fn answering() {
    check(profiles::answering).await;
}

#[tokio::test]
async fn belongings() {
    check(profiles::belongings).await;
}

#[tokio::test]
async fn ties() {
    check_with(Deposits::Manual, 0, profiles::ties).await;
}

#[tokio::test]
async fn leaving() {
    check(profiles::leaving).await;
}

#[tokio::test]
async fn leaving_beside_bids() {
    check(profiles::leaving_beside_bids).await;
}

#[tokio::test]
async fn leaving_beside_deposits() {
    check_with(Deposits::Manual, 0, profiles::leaving_beside_deposits).await;
}

#[tokio::test]
async fn nothing_is_written_afterwards() {
    check(leaving::nothing_is_written_afterwards).await;
}

#[tokio::test]
async fn nothing_is_told_afterwards() {
    check(leaving::nothing_is_told_afterwards).await;
}

#[tokio::test]
async fn leaving_beside_writes() {
    check(leaving::leaving_beside_writes).await;
}

#[tokio::test]
async fn leaving_beside_notices() {
    check(leaving::leaving_beside_notices).await;
}

#[tokio::test]
async fn browsers_end_with_sessions() {
    check(leaving::browsers_end_with_sessions).await;
}

#[tokio::test]
async fn admins_and_suspended_stay() {
    check(leaving::admins_and_suspended_stay).await;
}
