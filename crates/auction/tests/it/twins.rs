//! Twin worlds: what is hidden shows nowhere. Two worlds that differ in one hidden number alone, the leader's maximum or
//! the reserve, are asked the same; all that anyone but its owner sees is the same in both, up to the command by which the
//! rule makes the outcome depend on the number.

use auction::{Auction, Bid, Bidder, Command, Event, Refusal};
use ledger::{MemberId, Money, Wallet};

use crate::chance::Chance;
use crate::world::{ADMIN, BIDDERS, SELLER, World, limits};

/// Pairs of worlds for each hidden number.
const PAIRS: u64 = 10_000;

/// How often both are asked at most.
const COMMANDS: usize = 10;

/// What everyone sees of an auction.
fn public(auction: &Auction) -> impl PartialEq + std::fmt::Debug {
    let leader = auction.leader.map(|leader| leader.number);
    let figures = (auction.price, auction.minimum(), auction.bid_count, leader, auction.reserve_status());
    let times = (auction.starts_at, auction.listed_end, auction.ends_at, auction.latest, auction.extensions);
    (figures, times, auction.seq, auction.terms, auction.status, auction.outcome)
}

/// What everyone reads of an answer: the events, without what one member alone is told.
fn told(answer: &Result<Vec<Event>, Refusal>) -> Vec<Event> {
    let events = answer.as_ref().map_or(&[][..], Vec::as_slice);
    events.iter().map(|event| Event { aside: None, ..event.clone() }).collect()
}

/// What a member sees of himself: his wallet and his row.
fn own(world: &World, member: MemberId) -> (Wallet, Option<Bidder>) {
    let row = world.bidders.iter().find(|row| row.member == member);
    (world.book.wallet(member), row.cloned())
}

/// Asks both worlds the same and compares all that anyone but the owner of the number sees; says whether anything was
/// told.
fn ask_both(one: &mut World, other: &mut World, command: &Command, owner: MemberId) -> bool {
    let answers = (one.ask(command), other.ask(command));
    assert_eq!(told(&answers.0), told(&answers.1), "{command:?} on {:?}", one.auction);
    if command.caller() != Some(owner) {
        assert_eq!(answers.0.as_ref().err(), answers.1.as_ref().err(), "{command:?} on {:?}", one.auction);
    }
    assert_eq!(public(&one.auction), public(&other.auction), "{command:?} on {:?}", one.auction);
    for member in BIDDERS.into_iter().chain([SELLER, ADMIN]).filter(|member| *member != owner) {
        assert_eq!(own(one, member), own(other, member), "{command:?} on {:?}", one.auction);
    }
    answers.0.is_ok_and(|events| !events.is_empty())
}

/// The commitment of a bid that does not buy at once.
fn commitment_of(auction: &Auction, bid: &Bid) -> Option<Money> {
    let capped = |figure: i64| auction.buy_now.map_or(figure, |buy_now| figure.min(buy_now.won()));
    let buys =
        auction.buy_now.is_some_and(|buy_now| bid.amount.is_some_and(|amount| amount >= buy_now.won()));
    bid.maximum.or(bid.amount).filter(|_| !buys).and_then(|most| Money::new(capped(most)))
}

/// Where the rule makes the outcome depend on the leader's maximum, which is `less` in one world and more in the other:
/// a rival commits himself to more than `less`, so that one leader at least is beaten or answers beyond it; or a beaten
/// rival goes, and one who remains, was there before the leader, and forces a step beyond `less`. Nothing else does.
fn tells_maximum(world: &World, less: Money, command: &Command) -> bool {
    let auction = &world.auction;
    let Some(leader) = auction.leader else { return false };
    if let Command::Bid(bid) = command {
        return bid.bidder != leader.member && commitment_of(auction, bid).is_some_and(|most| most > less);
    }
    let Command::TakeBack { member, .. } = command else { return false };
    let mut remaining = world
        .bidders
        .iter()
        .filter(|row| row.member != *member && row.member != leader.member && row.counts_in(auction));
    *member != leader.member
        && remaining.any(|row| {
            let above = row.commitment.plus(auction.increments.at(row.commitment)).unwrap();
            row.since < leader.since && above > less
        })
}

/// Where the rule makes the outcome depend on the reserve, which is `less` in one world and more in the other: a bid
/// other than buying reaches `less`; or the seller, who knows it, lowers it to an amount from `less` up to the other.
fn tells_reserve(world: &World, less: Money, more: Money, command: &Command) -> bool {
    if let Command::Bid(bid) = command {
        return commitment_of(&world.auction, bid).is_some_and(|most| most >= less);
    }
    let Command::LowerReserve { reserve, .. } = command else { return false };
    less.won() <= *reserve && *reserve < more.won()
}

/// A bid that leads, and another that shows the same and has a higher maximum behind it, on the same side of the reserve.
fn twin_bids(chance: &mut Chance, world: &World, bidder: MemberId) -> Option<(Command, Command)> {
    let auction = &world.auction;
    let own = auction.leader.filter(|leader| leader.member == bidder);
    let minimum = auction.minimum()?.won();
    let unit = match &auction.increments {
        auction::Increments::Unit(unit) => unit.won(),
        auction::Increments::Ladder(_) => chance.pick(&[1, 100, 730]),
    };
    let named = chance.one_in(2).then(|| minimum + chance.below(6) * unit);
    let least = match (own, auction.leader) {
        (Some(leader), _) => leader.commitment.won() + unit,
        (None, Some(leader)) => {
            let beaten = leader.commitment;
            (beaten.won() + auction.increments.at(beaten).won()).max(named.unwrap_or(0))
        }
        (None, None) => minimum.max(named.unwrap_or(0)),
    };
    let less = least + chance.below(4) * unit;
    let more = less + (1 + chance.below(10)) * unit;
    let same_side = auction.reserve.is_none_or(|reserve| (less >= reserve.won()) == (more >= reserve.won()));
    let in_reach = auction.buy_now.is_none_or(|buy_now| less < buy_now.won());
    let bid = |maximum| Bid { bidder, amount: named, maximum, terms: None };
    // Beside a raise an amount shows nothing; else an amount alone may be the lower of the two.
    let is_plain = own.is_none() && named == Some(less);
    let pair = (bid((!is_plain).then_some(less)), bid(Some(more)));
    (same_side && in_reach).then_some((Command::Bid(pair.0), Command::Bid(pair.1)))
}

/// The later worlds, asked the same until the number tells; how often something was told.
fn follow(
    chance: &mut Chance,
    one: &mut World,
    other: &mut World,
    owner: MemberId,
    tells: impl Fn(&World, &World, &Command) -> bool,
) -> usize {
    let mut compared = 0;
    for _ in 0..COMMANDS {
        chance.pass_time(one);
        other.now = one.now;
        let near = if chance.one_in(2) { &*one } else { &*other };
        let command = chance.command(near);
        if one.auction.outcome.is_some() || tells(one, other, &command) {
            break;
        }
        compared += usize::from(ask_both(one, other, &command, owner));
    }
    compared
}

#[test]
fn the_leaders_maximum_shows_nowhere() {
    let (limits, mut compared, mut pairs) = (limits(), 0, 0);
    for seed in 0..PAIRS {
        let mut chance = Chance::of(seed.wrapping_mul(7_919));
        let listing = chance.listing();
        let mut one = World::of(&listing, &limits, 1_000_000);
        for _ in 0..chance.below(4) {
            let bidder = chance.pick(&BIDDERS);
            let _ = one.ask(&chance.bid(&one, bidder));
        }
        let owner = chance.pick(&BIDDERS);
        let Some((less, more)) =
            twin_bids(&mut chance, &one, owner).filter(|_| one.auction.outcome.is_none())
        else {
            continue;
        };
        let mut other = one.clone();
        let (first, second) = (one.ask(&less), other.ask(&more));
        if first.is_err() || second.is_err() {
            continue;
        }
        assert_eq!(told(&first), told(&second), "{less:?} {more:?} {:?}", one.auction);
        pairs += 1;
        compared += follow(&mut chance, &mut one, &mut other, owner, |one, other, command| {
            let maximum = |world: &World| world.auction.leader.map(|leader| leader.commitment);
            let (one_has, other_has) = (maximum(one), maximum(other));
            one_has != other_has && tells_maximum(one, one_has.min(other_has).unwrap(), command)
        });
    }
    assert!(pairs > PAIRS / 3 && compared > 5_000, "{pairs} pairs, {compared} compared");
}

#[test]
fn the_reserve_shows_nowhere() {
    let (limits, mut compared) = (limits(), 0);
    for seed in 0..PAIRS {
        let mut chance = Chance::of(seed.wrapping_mul(104_729));
        let mut listing = chance.listing();
        let unit = listing.bid_unit.unwrap_or(730);
        let less = listing.start_price + (1 + chance.below(20)) * unit;
        let more = less + (1 + chance.below(10)) * unit;
        listing.buy_now_price = listing.buy_now_price.map(|buy_now| buy_now.max(more));
        listing.reserve_price = Some(less);
        let mut one = World::of(&listing, &limits, 1_000_000);
        listing.reserve_price = Some(more);
        let mut other = World::of(&listing, &limits, 1_000_000);
        compared += follow(&mut chance, &mut one, &mut other, SELLER, |one, other, command| {
            let (less, more) = (one.auction.reserve, other.auction.reserve);
            less != more && tells_reserve(one, less.unwrap(), more.unwrap(), command)
        });
    }
    assert!(compared > 5_000, "{compared} compared");
}
