//! Twenty thousand orders led by chance, with jumps in time: whatever members, admins and the house do in whatever order,
//! the money is where the rules say, and nothing happens that the table of transitions does not have.

use std::collections::BTreeSet;

use crate::order_world::{
    ADMIN, BIDDERS, MEETING, NEXT, OrderWorld, RECEIPT, SELLER, STRANGER, WRONG, cancel, dispute, divide,
    evidence, keep_on, meeting, receipt, receive, ship,
};
use auction::{Command, EventKind, Hand, OrderCommand, OrderState, Outage, Side, Span, Status, StepKind};

const ORDERS: u64 = 20_000;

/// Numbers that look like chance and are the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, count: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % count
    }

    fn of<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.below(from.len() as u64)).unwrap()]
    }
}

/// Whoever guesses a code types it again and again, and waits while it is locked.
fn guess(world: &mut OrderWorld, chance: &mut Chance, refusals: &mut BTreeSet<&'static str>) {
    let buyer = world.order().buyer;
    for _ in 0..chance.below(40) {
        let wrong = if chance.below(4) == 0 { meeting(buyer, WRONG) } else { receipt(SELLER, WRONG) };
        if let Err(refusal) = world.order_command(wrong) {
            refusals.insert(refusal.code());
            world.now = world.order().locked_until.unwrap_or(world.now).max(world.now);
        }
    }
}

/// Some time passes: none, a little, up to the deadline or just before it, days; or the house was away.
fn jump(world: &mut OrderWorld, chance: &mut Chance) {
    let deadline = world.deadline().unwrap_or(world.now);
    world.now = match chance.below(10) {
        0..=4 => world.now.plus(Span::minutes(1)),
        5 => world.now.plus(Span::hours(5)),
        6 => world.now.plus(Span::days(1)),
        7 => deadline.minus(Span(1)).max(world.now),
        8 => deadline.max(world.now),
        _ => {
            let heartbeat = world.now;
            world.now = heartbeat.plus(Span::seconds(chance.of(&[30, 31, 3_600, 200_000])));
            let _ = world.ask(&Command::ExtendForOutage(Outage { heartbeat, back: world.now }));
            world.now
        }
    };
}

fn order_command(world: &OrderWorld, chance: &mut Chance) -> OrderCommand {
    let buyer = world.order().buyer;
    let member =
        chance.of(&[buyer, SELLER, buyer, SELLER, buyer, SELLER, buyer, SELLER, NEXT, STRANGER, ADMIN]);
    let code = chance.of(&[RECEIPT, MEETING, WRONG, WRONG, "x"]);
    match chance.below(20) {
        0 | 1 => ship(SELLER),
        2 => receive(member),
        3..=5 => receipt(SELLER, if chance.below(3) == 0 { code } else { WRONG }),
        6 | 7 => meeting(buyer, if chance.below(3) == 0 { code } else { WRONG }),
        8 => meeting(member, code),
        9 => receipt(member, code),
        10..=12 => cancel(member),
        13 => keep_on(member),
        14 => dispute(member),
        15 | 16 => evidence(member),
        _ => {
            let fault = chance.of(&[None, Some(Side::Buyer), Some(Side::Buyer), Some(Side::Seller)]);
            let price = world.order().price.won();
            divide(chance.of(&[ADMIN, ADMIN, member]), chance.of(&[0, 1, price, price, price + 1]), fault)
        }
    }
}

fn command(world: &OrderWorld, chance: &mut Chance) -> Command {
    let offered = world.aftermath.open_offer().map_or(NEXT, |offer| offer.member);
    match chance.below(if world.order().ended_at.is_some() { 6 } else { 14 }) {
        0 => Command::Close,
        1 => Command::Offer { seller: chance.of(&[SELLER, SELLER, SELLER, STRANGER]) },
        2 => Command::AcceptOffer { member: chance.of(&[offered, NEXT]) },
        3 => Command::DeclineOffer { member: chance.of(&[offered, NEXT]) },
        4 => {
            let by = chance.of(&[Hand::House, Hand::House, Hand::Seller(SELLER), Hand::Admin(ADMIN)]);
            let bidder = chance.of(&BIDDERS);
            let member = chance.of(&[offered, world.order().buyer, bidder, bidder]);
            Command::TakeBack { member, by, reason: None }
        }
        _ => Command::Order { order: world.order().id, command: Box::new(order_command(world, chance)) },
    }
}

/// Walks one order to where it is over, or open in a dispute grown old. The world checks itself after every command.
fn walk(world: &mut OrderWorld, chance: &mut Chance, refusals: &mut BTreeSet<&'static str>) {
    for _ in 0..chance.below(60) {
        if chance.below(3) == 0 {
            jump(world, chance);
        }
        if chance.below(100) == 0 {
            guess(world, chance, refusals);
        }
        let command = command(world, chance);
        if let Err(refusal) = world.ask(&command) {
            refusals.insert(refusal.code());
        }
    }
    while let Some(deadline) = world.deadline() {
        world.now = world.now.max(deadline);
        world.ask(&Command::Close).unwrap();
        assert!(world.ask(&Command::Close).is_err() || world.deadline() != Some(deadline), "each once");
    }
    let is_open = world.order().state == OrderState::Disputed;
    assert_eq!(world.escrow == 0, !is_open, "escrow is empty, or a person still has to decide");
}

#[test]
fn however_orders_go_the_money_is_where_the_rules_say() {
    let sold = OrderWorld::sold();
    let (mut seen, mut kinds, mut refusals) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for seed in 0..ORDERS {
        let mut world = sold.clone();
        walk(&mut world, &mut Chance(seed), &mut refusals);
        kinds.extend(world.steps.iter().map(|step| step.kind));
        seen.append(&mut world.seen);
    }
    let table: BTreeSet<_> = OrderState::transitions().iter().copied().collect();
    assert_eq!(seen, table, "all of the table happens, and nothing else");
    assert_eq!(table.len(), OrderState::transitions().len(), "each line once");
    assert_eq!(kinds, StepKind::ALL.into_iter().collect(), "every kind of step happens");
    let expected = [
        "closed",
        "code_locked",
        "invalid",
        "item_not_free",
        "no_bidder_left",
        "no_offer",
        "not_admin",
        "not_buyer",
        "not_due",
        "not_seller",
        "order_not_found",
        "order_state",
        "refund_invalid",
        "too_late",
    ];
    assert_eq!(refusals, expected.into_iter().collect());
}

/// From, by which event, to: every line of the table of an auction's life happens, and nothing else does.
#[test]
fn an_auctions_life_is_the_table() {
    let mut seen = BTreeSet::new();
    let cancel = || Command::Cancel { by: Hand::Seller(SELLER), reason: Some("사정".to_owned()) };
    for (bidders, before_start, command) in [
        (0, true, cancel()),
        (0, false, cancel()),
        (0, false, Command::Close),
        (2, false, Command::Close),
        (2, false, Command::SellNow { seller: SELLER }),
    ] {
        let mut world = OrderWorld::listed(bidders);
        if before_start {
            world.auction.status = Status::Scheduled;
            let opened = auction::open_if_due(&world.auction, world.now).unwrap();
            seen.insert((world.auction.status, opened.events[0].kind.name(), opened.auction.status));
        }
        let before = world.auction.status;
        world.now =
            if command == Command::Close { world.auction.ends_at } else { world.now.plus(Span::hours(1)) };
        world.ask(&command).unwrap();
        let by = if world.auction.outcome == Some(auction::Outcome::Cancelled) {
            EventKind::Cancelled
        } else {
            EventKind::Closed
        };
        seen.insert((before, by.name(), world.auction.status));
    }
    assert_eq!(seen, Status::transitions().iter().copied().collect());
}
