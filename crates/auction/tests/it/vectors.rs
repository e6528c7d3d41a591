//! The worked cases of the price rules that need only plain bids, buying and closing.

use auction::{Ladder, ListingLimits, Refusal, Span};
use ledger::{MemberId, PartsPerMillion};
use serde_json::Value;

use crate::world::{ANNA, BORA, CHUL, NOON, World, limits, listing};

const CASES: &str = include_str!("../data/price_vectors.json");

/// Cases that need nothing but what exists, and how many of their steps.
const RUN: [(i64, usize); 5] = [(2, 3), (3, 2), (24, 3), (31, 2), (32, 2)];

fn member(name: &str) -> MemberId {
    match name {
        "A" => ANNA,
        "B" => BORA,
        "C" => CHUL,
        other => panic!("no member {other}"),
    }
}

/// `[[10000, 500], …, [null, 2500]]` as the ladder's own text.
fn ladder(steps: &Value) -> Ladder {
    let step = |step: &Value| {
        let below = step[0].as_i64().map_or("*".to_owned(), |below| below.to_string());
        format!("{below}:{}", step[1])
    };
    let text: Vec<String> = steps.as_array().unwrap().iter().map(step).collect();
    Ladder::parse(&text.join(",")).unwrap()
}

fn world(case: &Value, increments: &Value) -> World {
    let mut listing = listing();
    listing.start_price = case["start"].as_i64().unwrap();
    listing.bid_unit = case["rule"].as_i64();
    listing.buy_now_price = case["buy_now"].as_i64();
    listing.ends_at = NOON.plus(Span::days(1));
    let fee = PartsPerMillion::new(case["fee"].as_i64().unwrap_or_default()).unwrap();
    let ladder = case["rule"].as_str().map_or(limits().ladder, |name| ladder(&increments[name]));
    let limits = ListingLimits { ladder, fee_rate: fee, ..limits() };
    World::of(&listing, &limits, case["money"].as_i64().unwrap_or(9_000_000_000_000))
}

fn step(world: &mut World, step: &Value, what: &str) {
    let doing = &step["do"];
    let caller = || member(doing[1].as_str().unwrap());
    let result = match doing[0].as_str().unwrap() {
        "bid" => world.bid(caller(), doing[2].as_i64().unwrap()),
        "buy" => world.buy_now(caller()),
        "close" => world.close(),
        other => panic!("{what}: no step {other}"),
    };
    let said = match &result {
        Ok(_) => world.auction.outcome.map_or("public".to_owned(), |outcome| outcome.name().to_owned()),
        Err(refusal) => format!("refused {}", refusal.code()),
    };
    assert_eq!(said, step["result"].as_str().unwrap(), "{what}");
    if let Err(Refusal::BelowMinimum { minimum }) = result {
        assert_eq!(minimum.map(ledger::Money::won), step["figures"]["minimum"].as_i64(), "{what}: minimum");
    }
    let events = result.unwrap_or_default();
    assert_eq!(events.len() as u64, step["events"].as_u64().unwrap(), "{what}: events");
    let rows: Vec<(String, MemberId, i64)> = events
        .iter()
        .filter(|event| event.kind.is_row())
        .map(|event| (event.kind.name().to_owned(), event.actor.unwrap().member, event.amount.unwrap().won()))
        .collect();
    let expected = step["rows"].as_array().unwrap().iter();
    let expected: Vec<(String, MemberId, i64)> = expected
        .map(|row| {
            (row[0].as_str().unwrap().to_owned(), member(row[1].as_str().unwrap()), row[2].as_i64().unwrap())
        })
        .collect();
    assert_eq!(rows, expected, "{what}: rows");
    state(world, step, what);
}

fn state(world: &World, step: &Value, what: &str) {
    let auction = &world.auction;
    assert_eq!(Some(auction.price.won()), step["price"].as_i64(), "{what}: price");
    let leader = auction.leader.map(|leader| leader.member);
    assert_eq!(leader, step["leader"].as_str().map(member), "{what}: leader");
    let commitment = auction.leader.map(|leader| leader.commitment.won());
    assert_eq!(commitment, step["leader_maximum"].as_i64(), "{what}: commitment");
    assert_eq!(auction.minimum().map(ledger::Money::won), step["minimum"].as_i64(), "{what}: minimum");
    assert_eq!(Some(auction.bid_count), step["bid_count"].as_i64(), "{what}: bid count");
    assert_eq!(Some(world.paid()), step["escrow"].as_i64(), "{what}: what passed through escrow");
    let holds = step["holds"].as_object().unwrap().iter();
    let holds = holds.map(|(name, held)| (member(name), held.as_i64().unwrap())).collect();
    assert_eq!(world.holds(), holds, "{what}: holds");
}

#[test]
fn the_worked_cases_of_plain_bids_hold() {
    let cases: Value = serde_json::from_str(CASES).unwrap();
    for (number, steps) in RUN {
        let case = cases["cases"].as_array().unwrap().iter().find(|case| case["case"] == number).unwrap();
        let mut world = world(case, &cases["increments"]);
        for (at, each) in case["steps"].as_array().unwrap().iter().take(steps).enumerate() {
            step(&mut world, each, &format!("case {number}, step {}", at + 1));
        }
    }
}
