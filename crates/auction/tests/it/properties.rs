//! What holds for every auction, asserted after each command of 100,000 random sequences with fixed seeds. What holds
//! whatever the command was stands in `world.rs`; a refusal changes nothing because judging takes nothing by `&mut`.

use auction::{Auction, Bid, Command, Event, EventKind, PriceRule, Refusal, ReserveStatus};
use ledger::{MemberId, Money};

use crate::chance::Chance;
use crate::world::{World, limits};

/// How many sequences one test walks; there are four of them.
const SEQUENCES: u64 = 25_000;

/// How many commands a sequence has.
const COMMANDS: usize = 10;

/// What came up, so that no test is about nothing.
#[derive(Default)]
struct Counted {
    kinds: [u64; EventKind::ALL.len()],
    rules: [u64; PriceRule::ALL.len()],
    silent_raises: u64,
    silent_removals: u64,
    refusals: std::collections::BTreeMap<&'static str, u64>,
}

/// Which rule everyone could work out for a row, from what everyone knew before it and what he knows after it. The
/// commitment of a leader who is beaten is public.
fn public_rule(before: &Auction, after: &Auction, row: &Event) -> PriceRule {
    let price = row.price;
    let leads = |auction: &Auction| auction.leader.map(|leader| leader.member);
    let actor = row.actor.map(|actor| actor.member);
    let met_now = before.reserve_status() == ReserveStatus::NotMet && row.reserve == ReserveStatus::Met;
    match row.kind {
        EventKind::BuyNow => PriceRule::BuyNow,
        EventKind::Reset if leads(after).is_none() => PriceRule::Afresh,
        EventKind::Reset => PriceRule::TakenBack,
        EventKind::Auto if met_now => PriceRule::Reserve,
        EventKind::Auto => PriceRule::Matched,
        EventKind::Bid if actor != leads(after) => PriceRule::Matched,
        EventKind::Bid if actor == leads(before) => PriceRule::Named,
        EventKind::Bid => {
            let (plain, rule) = before.leader.map_or((before.start, PriceRule::Start), |beaten| {
                let above = beaten.commitment.plus(before.increments.at(beaten.commitment)).unwrap();
                (above, PriceRule::Overtaken)
            });
            if price <= plain {
                rule
            } else if met_now {
                PriceRule::Reserve
            } else {
                PriceRule::Named
            }
        }
        EventKind::Listed
        | EventKind::Opened
        | EventKind::Extended
        | EventKind::Closed
        | EventKind::Cancelled
        | EventKind::Edited
        | EventKind::ReserveLowered => panic!("{:?} is no row", row.kind),
    }
}

/// The price after a beaten bidder's bids are taken back, by the rule's own words.
fn price_without(world: &World, member: MemberId) -> i64 {
    let auction = &world.auction;
    let leader = auction.leader.unwrap();
    let most = leader.commitment.won();
    let mut price = auction.start.won().max(world.row(leader.member).named.won());
    for row in &world.bidders {
        let counts = !row.is_out && row.since > auction.afresh;
        if counts && row.member != member && row.member != leader.member {
            let bid = row.commitment.won();
            let step = auction.increments.at(row.commitment).won();
            let over = if leader.since < row.since { bid } else { most.min(bid + step) };
            price = price.max(over);
        }
    }
    let reserve = auction.reserve.map_or(0, Money::won);
    if most >= reserve {
        price = price.max(reserve);
    }
    price.min(auction.price.won())
}

fn one(world: &mut World, command: &Command, counted: &mut Counted) {
    let before = world.auction.clone();
    let removed = taken_back(world, command);
    let events = match world.ask(command) {
        Ok(events) => events,
        Err(refusal) => {
            *counted.refusals.entry(refusal.code()).or_default() += 1;
            assert_eq!(world.auction, before);
            assert!(!matches!(refusal, Refusal::OrderNotFound));
            return;
        }
    };
    if let Some(price) = removed {
        assert_eq!(world.auction.price.won(), price, "{command:?} on {before:?}");
    }
    if events.is_empty() {
        if let Command::TakeBack { member, .. } = command {
            assert!(!before.is_led_by(*member));
            counted.silent_removals += 1;
        } else {
            let Command::Bid(Bid { bidder, maximum: Some(_), .. }) = command else {
                panic!("nothing was told of {command:?}")
            };
            assert!(before.is_led_by(*bidder));
            counted.silent_raises += 1;
        }
    }
    for event in &events {
        counted.kinds[EventKind::ALL.iter().position(|kind| *kind == event.kind).unwrap()] += 1;
        let Some(rule) = event.rule else { continue };
        counted.rules[PriceRule::ALL.iter().position(|known| *known == rule).unwrap()] += 1;
        assert_eq!(rule, public_rule(&before, &world.auction, event), "{command:?} on {before:?}");
    }
}

/// The price that must follow, if a beaten bidder's bids are to be taken back.
fn taken_back(world: &World, command: &Command) -> Option<i64> {
    let Command::TakeBack { member, .. } = command else { return None };
    let is_beaten = world.auction.leader.is_some_and(|leader| leader.member != *member);
    is_beaten.then(|| price_without(world, *member))
}

fn walk(seed: u64) {
    let limits = limits();
    let mut counted = Counted::default();
    for sequence in 0..SEQUENCES {
        let mut chance = Chance::of(seed + sequence);
        let mut world = chance.world(&limits);
        for _ in 0..COMMANDS {
            let command = chance.command(&world);
            one(&mut world, &command, &mut counted);
            if world.auction.outcome.is_some() {
                break;
            }
            chance.pass_time(&mut world);
        }
    }
    let told = EventKind::ALL
        .iter()
        .zip(counted.kinds)
        .filter(|(kind, _)| !matches!(kind, EventKind::Listed | EventKind::Opened));
    for (kind, times) in told {
        assert!(times > 100, "{kind:?} came up {times} times only");
    }
    for (rule, times) in PriceRule::ALL.iter().zip(counted.rules) {
        assert!(times > 100, "{rule:?} came up {times} times only");
    }
    assert!(counted.silent_raises > 100 && counted.silent_removals > 100);
    for code in ["maximum_not_higher", "below_minimum", "off_step", "insufficient_funds", "reserve_invalid"] {
        assert!(counted.refusals.get(code).is_some_and(|times| *times > 100), "{code} hardly came up");
    }
}

#[test]
fn what_always_holds_holds_in_the_first_quarter() {
    walk(0);
}

#[test]
fn what_always_holds_holds_in_the_second_quarter() {
    walk(SEQUENCES);
}

#[test]
fn what_always_holds_holds_in_the_third_quarter() {
    walk(2 * SEQUENCES);
}

#[test]
fn what_always_holds_holds_in_the_fourth_quarter() {
    walk(3 * SEQUENCES);
}
