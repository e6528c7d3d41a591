//! The worked cases of the price rules, step by step.

use auction::{Command, Ladder, ListingLimits, Offer, OfferState, Order, OrderCommand, Refusal, Span};
use ledger::{MemberId, PartsPerMillion};
use serde_json::{Value, json};

use crate::world::{ADMIN, ANNA, BORA, CHUL, DAON, HANA, NOON, SELLER, World, limits, listing};

const CASES: &str = include_str!("../data/price_vectors.json");

/// What a step asks of orders and offers.
const AFTER_THE_SALE: [&str; 3] = ["refund", "offer", "split"];

fn member(name: &str) -> MemberId {
    match name {
        "A" => ANNA,
        "B" => BORA,
        "C" => CHUL,
        "D" => DAON,
        "X" => HANA,
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
    listing.reserve_price = case["reserve"].as_i64();
    listing.buy_now_price = case["buy_now"].as_i64();
    listing.ends_at = NOON.plus(Span::days(1));
    let fee = PartsPerMillion::new(case["fee"].as_i64().unwrap_or_default()).unwrap();
    let ladder = case["rule"].as_str().map_or(limits().ladder, |name| ladder(&increments[name]));
    let limits = ListingLimits { ladder, fee_rate: fee, ..limits() };
    let mut world = World::of(&listing, &limits, case["money"].as_i64().unwrap_or(9_000_000_000_000));
    world.now = NOON.plus(Span::hours(1));
    world
}

fn step(world: &mut World, step: &Value, what: &str) {
    let doing = &step["do"];
    let caller = || member(doing[1].as_str().unwrap());
    let result = match doing[0].as_str().unwrap() {
        "bid" => world.offer(caller(), doing[2].as_i64(), doing[3].as_i64()),
        "buy" => world.buy_now(caller()),
        "close" => world.close(),
        "early" => world.ask(&Command::SellNow { seller: SELLER }),
        "reserve" => world.lower(doing[1].as_i64().unwrap()),
        "remove" => {
            world.blocked.push(caller());
            world.take_back(caller())
        }
        other => panic!("{what}: no step {other}"),
    };
    let said = match &result {
        Ok(_) if world.auction.outcome.is_some() => world.auction.outcome.unwrap().name().to_owned(),
        Ok(events) if events.is_empty() && doing[0] == "remove" => "nothing".to_owned(),
        Ok(events) if events.is_empty() => "silent".to_owned(),
        Ok(_) => "public".to_owned(),
        Err(refusal) => format!("refused {}", refusal.code()),
    };
    assert_eq!(said, step["result"].as_str().unwrap(), "{what}");
    let figures = result.as_ref().err().and_then(figures).unwrap_or(Value::Null);
    assert_eq!(figures, step["figures"], "{what}: figures");
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

/// What a refusal of the cases carries.
fn figures(refusal: &Refusal) -> Option<Value> {
    if let Refusal::BelowMinimum { minimum } = refusal {
        return Some(json!({ "minimum": minimum.map(ledger::Money::won) }));
    }
    if let Refusal::MaximumNotHigher { maximum } = refusal {
        return Some(json!({ "maximum": maximum.won() }));
    }
    if let Refusal::AmountInvalid { limit } = refusal {
        return Some(json!({ "limit": limit.won() }));
    }
    if let Refusal::OffStep { field, below, above } = refusal {
        let above = above.map(ledger::Money::won);
        return Some(json!({ "field": field.name(), "below": below.won(), "above": above }));
    }
    if let Refusal::InsufficientFunds { required, available } = refusal {
        return Some(json!({ "required": required.won(), "available": available.won() }));
    }
    None
}

fn state(world: &World, step: &Value, what: &str) {
    let auction = &world.auction;
    assert_eq!(Some(auction.price.won()), step["price"].as_i64(), "{what}: price");
    let leader = auction.leader.map(|leader| leader.member);
    assert_eq!(leader, step["leader"].as_str().map(member), "{what}: leader");
    let commitment = auction.leader.map(|leader| leader.commitment.won());
    assert_eq!(commitment, step["leader_maximum"].as_i64(), "{what}: commitment");
    assert_eq!(auction.minimum().map(ledger::Money::won), step["minimum"].as_i64(), "{what}: minimum");
    assert_eq!(Some(auction.reserve_status().name()), step["reserve"].as_str(), "{what}: reserve");
    assert_eq!(Some(auction.bid_count), step["bid_count"].as_i64(), "{what}: bid count");
    assert_eq!(Some(world.escrow()), step["escrow"].as_i64(), "{what}: what is in escrow");
    let holds = step["holds"].as_object().unwrap().iter();
    let holds: Vec<(MemberId, i64)> =
        holds.map(|(name, held)| (member(name), held.as_i64().unwrap())).collect();
    assert_eq!(world.holds(), holds, "{what}: holds");
}

/// What follows a sale: it falls through by the buyer, is offered on, or is divided by an admin.
fn step_after(world: &mut World, step: &Value, what: &str) {
    let doing = &step["do"];
    let order = world.orders.last().cloned().unwrap();
    let result = match doing[0].as_str().unwrap() {
        "refund" => {
            of_order(world, &order, OrderCommand::Cancel { member: order.buyer });
            of_order(world, &order, OrderCommand::Cancel { member: SELLER });
            "refunded"
        }
        "offer" => {
            // Whoever is out and did not default had his chance before.
            if let Some(open) = open_offer(world) {
                world.ask(&Command::DeclineOffer { member: open.member }).unwrap();
            }
            world.ask(&Command::Offer { seller: SELLER }).unwrap();
            let offer = open_offer(world).unwrap();
            assert_eq!(offer.member, member(step["figures"]["to"].as_str().unwrap()), "{what}: to whom");
            assert_eq!(Some(offer.price.won()), step["figures"]["price"].as_i64(), "{what}: for how much");
            "offer"
        }
        "split" => {
            let text = "금이 가 있어요".to_owned();
            of_order(world, &order, OrderCommand::Dispute { member: order.buyer, text });
            let (refund, reason) = (doing[1].as_i64().unwrap(), "반씩 잘못이 있어요".to_owned());
            of_order(world, &order, OrderCommand::Decide { admin: ADMIN, refund, fault: None, reason });
            let split = world.orders.last().cloned().unwrap();
            let (refund, fee) = (split.refund.unwrap().won(), split.fee.unwrap().won());
            let payout = world.book.wallet(SELLER).available.won();
            assert_eq!(json!({ "refund": refund, "fee": fee, "payout": payout }), step["figures"], "{what}");
            split.state.name()
        }
        other => panic!("{what}: no step {other}"),
    };
    assert_eq!(result, step["result"].as_str().unwrap(), "{what}");
    state(world, step, what);
}

fn open_offer(world: &World) -> Option<Offer> {
    world.offers.iter().find(|offer| offer.state == OfferState::Open).copied()
}

fn of_order(world: &mut World, order: &Order, command: OrderCommand) {
    world.ask(&Command::Order { order: order.id, command: Box::new(command) }).unwrap();
}

#[test]
fn the_worked_cases_hold() {
    let cases: Value = serde_json::from_str(CASES).unwrap();
    let cases_list = cases["cases"].as_array().unwrap();
    assert_eq!(cases_list.len(), 32);
    for case in cases_list {
        let mut world = world(case, &cases["increments"]);
        for (at, each) in case["steps"].as_array().unwrap().iter().enumerate() {
            let what = format!("case {}, step {}", case["case"], at + 1);
            if AFTER_THE_SALE.contains(&each["do"][0].as_str().unwrap()) {
                step_after(&mut world, each, &what);
            } else {
                step(&mut world, each, &what);
            }
        }
    }
}
