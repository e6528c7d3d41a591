//! An auction for the tests: event number 1 lists it, number 2 opens it, and each one after that is a bid of two members
//! in turn.

use auction::{
    Auction, AuctionId, Event, EventKind, Increments, ItemId, Leader, Participant, Seq, Span, Status, Time,
};
use ledger::{MemberId, Money, PartsPerMillion};

use crate::bus::{Told, ToldAuction};
use crate::frame::Frame;

pub(crate) const START: Time = Time(1_793_620_800_000_000);

fn won(amount: i64) -> Money {
    Money::new(amount).expect("a test amount is not negative")
}

/// Who bids with event `seq`.
pub(crate) fn bidder(seq: i64) -> MemberId {
    MemberId(100 + seq % 2)
}

/// The auction as it stands after event `seq`.
pub(crate) fn state(id: i64, seq: i64) -> Auction {
    let leader =
        Leader { member: bidder(seq), number: 1 + seq % 2, commitment: won(seq * 1_000), since: Seq(seq) };
    Auction {
        id: AuctionId(id),
        item: ItemId(1),
        seller: MemberId(7),
        seq: Seq(seq),
        terms: 1,
        status: if seq < 2 { Status::Scheduled } else { Status::Open },
        outcome: None,
        start: won(1_000),
        reserve: None,
        increments: Increments::Unit(won(1_000)),
        buy_now: None,
        fee_rate: PartsPerMillion::default(),
        minimum_duration: Span::minutes(10),
        soft_close: Span::minutes(3),
        starts_at: START,
        listed_end: START.plus(Span::hours(1)),
        ends_at: START.plus(Span::hours(1)),
        latest: START.plus(Span::hours(2)),
        extensions: 0,
        seller_extensions: 0,
        outage: None,
        price: won(if seq < 3 { 1_000 } else { seq * 1_000 }),
        leader: (seq >= 3).then_some(leader),
        bid_count: (seq - 2).max(0),
        afresh: Seq(0),
        seller_took_back: false,
        notes: 0,
        followed_by: None,
        bidders: (seq - 2).clamp(0, 2),
        newest: START.plus(Span(seq)),
    }
}

/// Event `seq` of the auction.
pub(crate) fn event(id: i64, seq: i64) -> Event {
    let after = state(id, seq);
    let leader = after.leader.map(|leader| Participant { member: leader.member, number: leader.number });
    Event {
        auction: after.id,
        seq: Seq(seq),
        kind: match seq {
            1 => EventKind::Listed,
            2 => EventKind::Opened,
            _ => EventKind::Bid,
        },
        at: after.newest,
        actor: leader,
        amount: leader.map(|_| after.price),
        price: after.price,
        minimum: after.minimum(),
        bid_count: after.bid_count,
        leader,
        ends_at: after.ends_at,
        outcome: None,
        reason: None,
        cause: None,
        reserve: after.reserve_status(),
        rule: None,
        terms: None,
        aside: None,
    }
}

/// Events `first` to `last` of the auction, in order.
pub(crate) fn events(id: i64, first: i64, last: i64) -> Vec<Event> {
    (first..=last).map(|seq| event(id, seq)).collect()
}

/// What a round tells that made events `first` to `last` of the auction.
pub(crate) fn told_auction(id: i64, first: i64, last: i64) -> ToldAuction {
    ToldAuction { auction: state(id, last), events: events(id, first, last) }
}

/// The same as a whole round.
pub(crate) fn told(id: i64, first: i64, last: i64) -> Told {
    Told { at: START.plus(Span(last)), auctions: vec![told_auction(id, first, last)], wallets: Vec::new() }
}

/// A number in a frame, or -1.
pub(crate) fn figure(frame: &Frame, name: &str) -> i64 {
    let text = frame.as_str();
    let Some(at) = text.find(&format!("\"{name}\":")) else {
        return -1;
    };
    let digits = text[at + name.len() + 3..].chars().take_while(char::is_ascii_digit);
    digits.collect::<String>().parse().expect("a figure")
}

/// What a frame says in short: `=41` for a snapshot as of event 41, `42` for event 42, the type for anything else.
pub(crate) fn short(frame: &Frame) -> String {
    let kind = frame.as_str().split('"').nth(3).expect("every frame has a type");
    match (kind, figure(frame, "seq")) {
        ("auction", seq) => format!("={seq}"),
        (_, -1) => kind.to_owned(),
        (_, seq) => seq.to_string(),
    }
}

/// What several frames say in short.
pub(crate) fn shorts(frames: &[Frame]) -> String {
    frames.iter().map(short).collect::<Vec<_>>().join(" ")
}

/// A number from 0 to `below` - 1, by a story that the seed alone decides.
pub(crate) fn dice(seed: &mut u64, below: u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) % below
}
