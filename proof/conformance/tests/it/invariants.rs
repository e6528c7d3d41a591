//! The invariants over the memory model: nothing is found in what an engine made, and every violation that is planted is.

use auction::{Offer, OfferState, Order, OrderId, OrderState, Span, Status};
use conformance::journal::HandClock;
use conformance::journal::invariants::violations;
use conformance::journal::memory::Memory;
use conformance::journal::story::same_story;
use ledger::{Money, TransferId};
use store::WithdrawalState;
use store::memory::Market;

use crate::journal::NOON;

/// Markets after stories with real money.
async fn lived_in() -> Vec<Market> {
    let mut markets = Vec::new();
    for seed in [3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 33, 36] {
        let clock = HandClock::at(NOON);
        let (mut memory, mut other) = (Memory::new(&clock), Memory::new(&clock));
        same_story(seed, 100, &clock, &mut memory, &mut other).await;
        markets.push(memory.kept().clone());
    }
    markets
}

fn won(won: i64) -> Money {
    Money::new(won).unwrap()
}

/// What is planted, and which invariant must name it.
type Plant = (&'static str, fn(&mut Market) -> Option<()>);

const PLANTS: [Plant; 26] = [
    ("suspended_are_offered_nothing", |market| {
        let (auction, member) = *market.bidders.keys().next()?;
        let (at, until) = (NOON, NOON.plus(Span::days(1)));
        let offer =
            Offer { auction, number: 1, member, price: won(1_000), at, until, state: OfferState::Open };
        market.offers.insert((auction, 1), offer);
        market.members.get_mut(&member)?.suspended = true;
        market.chores.clear();
        Some(())
    }),
    ("wallet_is_its_transfers", |market| {
        market.members.values_mut().next()?.wallet.available = won(1);
        Some(())
    }),
    ("money_sums_to_zero", |market| {
        let standing = market.members.values_mut().last()?;
        standing.wallet.available = standing.wallet.available.plus(won(1))?;
        Some(())
    }),
    ("transfers_without_hole", |market| market.transfers.remove(&TransferId(2)).map(drop)),
    ("held_is_open_holds", |market| {
        market.bidders.values_mut().next()?.hold = won(7);
        Some(())
    }),
    ("leader_has_the_only_hold", |market| {
        market.bidders.values_mut().last()?.hold = won(7);
        Some(())
    }),
    ("escrow_is_open_orders", |market| {
        market.orders.values_mut().find(|order| !order.state.is_open())?.state = OrderState::Disputed;
        Some(())
    }),
    ("payable_is_requested", |market| {
        let done = |one: &&mut store::Withdrawal| one.state != WithdrawalState::Requested;
        market.withdrawals.values_mut().find(done)?.state = WithdrawalState::Requested;
        Some(())
    }),
    ("debts_are_what_lacks", |market| {
        let debt = market.debts.values_mut().find(|debt| debt.missing < debt.amount)?;
        debt.missing = debt.amount;
        Some(())
    }),
    ("seller_never_bids", |market| {
        let (id, _) = *market.bidders.keys().next()?;
        market.auctions.get_mut(&id)?.seller = market.bidders.values().find(|one| one.auction == id)?.member;
        Some(())
    }),
    ("bidder_numbers", |market| {
        market.bidders.values_mut().next()?.number += 1;
        Some(())
    }),
    ("beaten_below_price", |market| {
        let beaten = |one: &&mut auction::Bidder| {
            let auction = market.auctions.get(&one.auction);
            auction.is_some_and(|auction| {
                one.counts_in(auction) && !auction.is_led_by(one.member) && auction.leader.is_some()
            })
        };
        market.bidders.values_mut().find(beaten)?.commitment = won(900_000_000);
        Some(())
    }),
    ("price_within_maximum", |market| {
        led(market)?.price = won(900_000_000);
        Some(())
    }),
    ("price_below_buy_now", |market| {
        let auction = led(market)?;
        auction.buy_now = Some(auction.price);
        Some(())
    }),
    ("reserve_shows_in_price", |market| {
        let auction = led(market)?;
        let leader = auction.leader.as_mut()?;
        leader.commitment = auction.price.plus(won(5))?;
        auction.reserve = Some(leader.commitment);
        Some(())
    }),
    ("leader_has_his_row", |market| {
        let leader = led(market)?.leader.as_mut()?;
        leader.commitment = leader.commitment.plus(won(1))?;
        Some(())
    }),
    ("events_without_hole", |market| {
        let (key, _) = market.events.iter().rfind(|(key, _)| key.1.0 == 2)?;
        let key = *key;
        market.events.remove(&key).map(drop)
    }),
    ("time_never_falls", |market| {
        market.events.values_mut().find(|event| event.seq.0 == 2)?.at = auction::Time(0);
        Some(())
    }),
    ("bid_count", |market| {
        market.auctions.values_mut().next()?.bid_count += 1;
        Some(())
    }),
    ("price_is_latest_row", |market| {
        market.events.values_mut().rfind(|event| event.kind.is_row())?.amount = Some(won(3));
        market
            .events
            .values_mut()
            .filter(|event| event.kind.is_row())
            .for_each(|event| event.amount = Some(won(3)));
        Some(())
    }),
    ("one_ending", |market| {
        let auction = market.auctions.values_mut().find(|one| one.status == Status::Ended)?;
        auction.outcome = None;
        Some(())
    }),
    ("one_settlement", |market| {
        let sale = market.orders.values().find(|order| !order.is_second_chance)?.clone();
        let id = OrderId(market.orders.len() as i64 + 1);
        market.orders.insert(id, Order { id, ..sale });
        Some(())
    }),
    ("steps_without_hole", |market| {
        let (key, _) = market.steps.iter().find(|(key, _)| key.1 == 1)?;
        let key = *key;
        market.steps.remove(&key).map(drop)
    }),
    ("payout_and_fee_and_refund_are_price", |market| {
        let refund = |new: &&mut store::NewTransfer| new.transfer.reason == ledger::Reason::Refund;
        market.transfers.values_mut().find(refund)?.transfer.reason = ledger::Reason::Deposit;
        Some(())
    }),
    ("order_says_what_was_paid", |market| {
        market.orders.values_mut().find(|order| !order.state.is_open())?.fee = Some(won(77_777));
        Some(())
    }),
    ("deadline_is_armed", |market| {
        market.deadlines.clear();
        Some(())
    }),
];

/// A running auction that somebody leads.
fn led(market: &mut Market) -> Option<&mut auction::Auction> {
    market.auctions.values_mut().find(|one| one.outcome.is_none() && one.leader.is_some())
}

#[tokio::test]
async fn every_invariant_finds_what_is_planted() {
    let markets = lived_in().await;
    assert!(markets.iter().all(|market| violations(market).is_empty()));
    for (name, plant) in PLANTS {
        let broken = markets.iter().cloned().find_map(|mut market| plant(&mut market).map(|()| market));
        let broken = broken.unwrap_or_else(|| panic!("there is nowhere to plant {name}"));
        let found = violations(&broken);
        assert!(
            found.iter().any(|one| one.starts_with(&format!("{name}:")) || one == name),
            "{name}: {found:?}"
        );
    }
}
