//! Hazards of money that leaves by admins' hands, where two nodes take it at once: the house's fees have no row of their own
//! to be locked, and a deposit is taken back under its member's wallet.

use auction::{Command, OrderCommand};
use conformance::journal::deed::Deed;
use engine::{Accepted, Answer, Call};
use ledger::{MemberId, TransferId};
use store::Records;

use super::audit::{assert_clean, report};
use super::hazards::{Meeting, broken};
use super::node::{is_accepted, is_refused};
use super::store::client;
use crate::journal::NOON;

/// How often two lanes meet in a test.
const MEETINGS: usize = 12;

/// Two admins, a seller and a buyer with real money.
async fn market() -> (Meeting, [MemberId; 4]) {
    let mut market = Meeting::real(4).await;
    let [chief, deputy, seller, buyer] = market.members[..] else { unreachable!("four were made") };
    for admin in [chief, deputy] {
        assert!(Deed::SetAdmin(admin, true).perform(&market.records, NOON).await.unwrap());
    }
    enter(&mut market, chief, buyer, 5_000_000).await;
    (market, [chief, deputy, seller, buyer])
}

async fn enter(market: &mut Meeting, admin: MemberId, member: MemberId, amount: i64) -> TransferId {
    let known = broken(&client(&market.address).await, "SELECT count(*) FROM acts").await;
    let reference = format!("bank {known}");
    match market.one.call(admin, Call::EnterDeposit { admin, member, amount, reference }).await {
        Answer::Accepted(Accepted::Deposit(kept)) => kept.id,
        other => panic!("{other:?}"),
    }
}

fn fees(admin: MemberId, amount: i64, reference: &str) -> Vec<(MemberId, Call)> {
    vec![(admin, Call::WithdrawFees { admin, amount, reference: reference.to_owned() })]
}

fn reversal(admin: MemberId, deposit: TransferId) -> Vec<(MemberId, Call)> {
    vec![(admin, Call::ReverseDeposit { admin, deposit, reason: "called back".to_owned() })]
}

/// Something is sold for 40,000 and handed over, which earns the house 1,400.
async fn earn(market: &mut Meeting, seller: MemberId, buyer: MemberId) {
    let auction = market.one.list(seller, Some(40_000)).await;
    let buy = Command::BuyNow { buyer, terms: None };
    let bought = market.one.call(buyer, Call::Auction { auction, command: buy }).await;
    let Answer::Accepted(Accepted::Auction { order: Some(order), .. }) = bought else { panic!("{bought:?}") };
    let enter = OrderCommand::EnterReceiptCode { member: seller, code: "000000".to_owned() };
    let command = Command::Order { order, command: Box::new(enter) };
    let paid = market.one.call(seller, Call::Auction { auction, command }).await;
    assert!(is_accepted(&paid), "{paid:?}");
}

/// The same fees, asked for by two admins at once: they go out once.
#[tokio::test]
async fn fees_taken_out_twice() {
    let (mut market, [chief, deputy, seller, buyer]) = market().await;
    for number in 0..MEETINGS {
        earn(&mut market, seller, buyer).await;
        assert_eq!(market.records.fees().await.unwrap().won(), 1_400);
        let names = ["a", "b", "c"].map(|name| format!("bank {number}{name}"));
        let (some, all) = (fees(chief, 1_000, &names[0]), fees(deputy, 1_400, &names[1]));
        let answers = market.meet_half_way("nature", some, all).await.concat();
        assert_eq!(answers.iter().filter(|answer| is_accepted(answer)).count(), 1, "{answers:?}");
        assert!(answers.iter().any(|answer| is_refused(answer, "insufficient_fees")), "{answers:?}");
        let rest = market.records.fees().await.unwrap().won();
        if rest > 0 {
            assert!(is_accepted(&market.one.round(fees(chief, rest, &names[2])).await[0]));
        }
    }
    market.assert_sound().await;
    market.assert_no_circle();
    assert_clean(&market.address).await;
}

/// The same payment, noted by two admins at once: however much the house earned, it is taken out once.
#[tokio::test]
async fn one_payment_noted_twice() {
    let (mut market, [chief, deputy, seller, buyer]) = market().await;
    for number in 0..MEETINGS {
        earn(&mut market, seller, buyer).await;
        let before = market.records.fees().await.unwrap().won();
        let name = format!("bank {number}");
        let (one, other) = (fees(chief, 500, &name), fees(deputy, 500, &name));
        let answers = market.meet_half_way("nature", one, other).await.concat();
        assert_eq!(answers.iter().filter(|answer| is_accepted(answer)).count(), 1, "{answers:?}");
        assert!(answers.iter().any(|answer| is_refused(answer, "reference_used")), "{answers:?}");
        assert_eq!(market.records.fees().await.unwrap().won(), before - 500);
    }
    market.assert_sound().await;
    market.assert_no_circle();
    assert_clean(&market.address).await;
}

/// One deposit, taken back by two admins at once, while its member wants it out: no won leaves twice.
#[tokio::test]
async fn a_deposit_taken_back_twice() {
    let (mut market, [chief, deputy, _, buyer]) = market().await;
    let middle = format!("wallets WHERE member = {}", buyer.0);
    for number in 0..MEETINGS {
        let deposit = enter(&mut market, chief, buyer, 10_000).await;
        let mut contrary = reversal(deputy, deposit);
        if number % 2 == 1 {
            let (member, destination) = (buyer, "the bank".to_owned());
            contrary = vec![(buyer, Call::Withdraw { member, amount: 1, destination })];
        }
        let answers = market.meet_half_way(&middle, reversal(chief, deposit), contrary).await;
        let again = answers.concat().iter().filter(|answer| is_refused(answer, "nothing_missing")).count();
        assert_eq!(again, usize::from(number % 2 == 0), "{answers:?}");
        assert!(answers.concat().iter().any(is_accepted), "{answers:?}");
    }
    market.assert_sound().await;
    market.assert_no_circle();
    let found = report(&market.address).await;
    let wrong: Vec<_> = found.values().flat_map(|check| check.examples.clone()).collect();
    assert!(wrong.is_empty() && found["debts"].rows > 0, "{wrong:#?}");
}
