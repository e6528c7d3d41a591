//! Money that leaves by an admin's hand: deposits that are taken back, and the house's fees.

use auction::{Command, OrderCommand, Span};
use ledger::{Money, TransferId};
use store::{FirstAnswer, Journal, Wanted};

use super::super::acts::RECEIPT_CODE;
use super::{ANNA, Act, BERT, CHAIR, HandClock, SELLER, UnderTest, bid, key, market};

/// A deposit is taken back as far as its member's money reaches, and again until nothing is missing; never more than came in,
/// and what bids hold is not touched. What is missing is known wherever it is asked for.
pub async fn deposits_are_taken_back_once<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    let annas = TransferId(2);
    house.act(bid(ANNA, 30_000), None).await;
    let reverse = Act::Reverse { admin: SELLER, deposit: annas };
    let wanted = Wanted { deposits: vec![annas, TransferId(4), TransferId(99)], ..Wanted::default() };
    let loaded = house.journal().begin(&wanted).await.expect("a round begins");
    house.journal().abandon().await;
    assert!(loaded.deposits.keys().eq([&annas]), "a hold is no deposit: {:?}", loaded.deposits);
    assert_eq!(loaded.members.keys().copied().collect::<Vec<_>>(), [ANNA], "whose money it is");
    let stale = house.begin(&reverse, None).await;
    house.journal().abandon().await;
    let first = house.act(reverse.clone(), Some(key("back", SELLER))).await;
    assert_eq!(first.transfers[0].transfer.amount.won(), 70_000);
    assert_eq!(house.must.owed[&ANNA].won(), 30_000);
    house.stands_for_good().await;
    // Decided on what stood before, it would be taken twice.
    let new = house.begin(&reverse, None).await;
    let mut round = reverse.round(&stale, None);
    round.transfers.iter_mut().zip(new.next.transfer..).for_each(|(new, id)| new.id.0 = id);
    house.keep_rejected(&round).await;
    clock.pass(Span::seconds(1));
    let again = house.act(Act::Deposit(ANNA, 50_000), None).await;
    let rest = house.act(reverse.clone(), Some(key("rest", SELLER))).await;
    assert_eq!(rest.transfers[0].transfer.amount.won(), 30_000, "no more than was missing");
    assert_eq!((house.must.owed.len(), rest.debts[0].missing), (0, Money::ZERO));
    let before = house.must.keys[&key("back", SELLER)].first.clone();
    assert!(
        matches!(before, FirstAnswer::Reversal(kept) if (kept.taken.won(), kept.missing.won()) == (70_000, 30_000)),
        "as it was answered then: {before:?}"
    );
    house.stands_for_good().await;
    let act = Act::Reverse { admin: SELLER, deposit: again.transfers[0].id };
    assert_eq!(house.act(act, None).await.debts[0].missing.won(), 30_000, "one debt for each deposit");
    house.stands_for_good().await;
}

/// What the house earned is the sum of its fees without what was taken out, and is read where it is asked for alone.
pub async fn fees_are_taken_out<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    let buy = Command::BuyNow { buyer: BERT, terms: None };
    let bought = house.act(Act::Command(CHAIR, buy), None).await;
    let order = bought.orders[0].1.id;
    assert_eq!(house.must.fees, Money::ZERO);
    // The receipt code pays the seller at once.
    let code = format!("{RECEIPT_CODE:06}");
    let command = Box::new(OrderCommand::EnterReceiptCode { member: SELLER, code });
    house.act(Act::Command(CHAIR, Command::Order { order, command }), None).await;
    assert_eq!(house.must.fees.won(), 1_750, "35,000 parts of a million of 50,000");
    house.stands_for_good().await;
    let unasked = house.journal().begin(&Wanted::default()).await.expect("a round begins");
    house.journal().abandon().await;
    assert_eq!(unasked.fees, Money::ZERO, "nobody asked");
    let take = |amount| Act::TakeFees { admin: ANNA, amount };
    let taken = house.act(take(750), Some(key("fees", ANNA))).await;
    assert_eq!(taken.wallets, [], "no member's money moves");
    assert_eq!(house.must.fees.won(), 1_000);
    house.stands_for_good().await;
    house.act(take(1_000), None).await;
    assert_eq!(house.must.fees, Money::ZERO);
    house.stands_for_good().await;
}
