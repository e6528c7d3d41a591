//! What the house gives on one lane of what came to it on another: nobody's chain says what came first, and neither do
//! numbers. The audit finds nothing wrong with it, in the database and in the folder to which it moves.

use auction::{Command, OrderCommand, Span};
use conformance::journal::deed::Deed;
use engine::{Accepted, Answer, Call};
use ledger::MemberId;
use store::Records;
use tempfile::TempDir;

use super::{export_postgres, into_sqlite};
use crate::audit::assert_clean;
use crate::journal::NOON;
use crate::postgres::audit::report;
use crate::postgres::hazards::{Meeting, broken};
use crate::postgres::node::is_accepted;
use crate::postgres::store::client;

/// What moves the clock between the two lanes.
#[derive(Clone, Copy, Debug)]
enum Clock {
    Goes,
    Stands,
    IsSetBack,
}

const CLOCKS: [Clock; 3] = [Clock::Goes, Clock::Stands, Clock::IsSetBack];

/// An admin, a seller and a buyer, whose money came in on the first lane.
async fn market() -> (Meeting, [MemberId; 3]) {
    let mut market = Meeting::real(3).await;
    let [admin, seller, buyer] = market.members[..] else { unreachable!("three were made") };
    assert!(Deed::SetAdmin(admin, true).perform(&market.records, NOON).await.unwrap());
    let reference = "bank".to_owned();
    let call = Call::EnterDeposit { admin, member: buyer, amount: 1_000_000, reference };
    let answer = market.one.call(admin, call).await;
    assert!(is_accepted(&answer), "{answer:?}");
    market.clock.pass(Span::hours(1));
    (market, [admin, seller, buyer])
}

fn moves(market: &Meeting, clock: Clock) {
    match clock {
        Clock::Goes => market.clock.pass(Span::minutes(1)),
        Clock::Stands => {}
        Clock::IsSetBack => market.clock.jump(Span(-Span::minutes(1).0)),
    }
}

/// The numbers say the contrary, of nobody's chain; and yet nothing is wrong, here and where it moves.
async fn assert_sound(market: &Meeting, clock: Clock) {
    let database = client(&market.address).await;
    assert_eq!(broken(&database, "SELECT count(*) FROM transfers WHERE previous > id").await, 0);
    let falls = "SELECT count(*) FROM (SELECT \
                 sum(CASE 3 WHEN to_account THEN amount WHEN from_account THEN -amount END) OVER (ORDER BY id) AS fees, \
                 sum(CASE 4 WHEN to_account THEN amount WHEN from_account THEN -amount END) OVER (ORDER BY id) AS payable \
                 FROM transfers) AS house WHERE fees < 0 OR payable < 0";
    assert!(broken(&database, falls).await > 0, "numbers say what came first");
    let found = report(&market.address).await;
    let wrong: Vec<_> = found.values().flat_map(|check| check.examples.clone()).collect();
    assert!(wrong.is_empty(), "in the database, the clock {clock:?}: {wrong:#?}");
    let folder = TempDir::new().unwrap();
    assert!(into_sqlite(&folder).take_some(&export_postgres(&market.address).await, usize::MAX).await);
    assert_clean(&folder.path().join(store_sqlite::FILE_NAME));
}

#[tokio::test]
async fn what_one_lane_pays_out_was_asked_for_on_another() {
    for clock in CLOCKS {
        let (mut market, [admin, _, member]) = market().await;
        let withdraw = Call::Withdraw { member, amount: 4_000, destination: "the bank".to_owned() };
        let withdrawal = match market.other.call(member, withdraw).await {
            Answer::Accepted(Accepted::Withdrawal(kept)) => kept.id,
            other => panic!("{other:?}"),
        };
        moves(&market, clock);
        let done = Call::SettleWithdrawal { admin, withdrawal, is_done: true, reason: String::new() };
        let answer = market.one.call(admin, done).await;
        assert!(is_accepted(&answer), "{answer:?}");
        assert_sound(&market, clock).await;
    }
}

#[tokio::test]
async fn the_fees_that_one_lane_takes_out_were_earned_on_another() {
    for clock in CLOCKS {
        let (mut market, [admin, seller, buyer]) = market().await;
        let auction = market.other.list(seller, Some(40_000)).await;
        let buy = Command::BuyNow { buyer, terms: None };
        let bought = market.other.call(buyer, Call::Auction { auction, command: buy }).await;
        let Answer::Accepted(Accepted::Auction { order: Some(order), .. }) = bought else {
            panic!("{bought:?}")
        };
        let enter = OrderCommand::EnterReceiptCode { member: seller, code: "000000".to_owned() };
        let command = Command::Order { order, command: Box::new(enter) };
        let paid = market.other.call(seller, Call::Auction { auction, command }).await;
        assert!(is_accepted(&paid), "{paid:?}");
        assert_eq!(market.records.fees().await.unwrap().won(), 1_400);
        moves(&market, clock);
        let out = Call::WithdrawFees { admin, amount: 1_400, reference: "bank".to_owned() };
        let answer = market.one.call(admin, out).await;
        assert!(is_accepted(&answer), "{answer:?}");
        assert_sound(&market, clock).await;
    }
}
