//! The history of an auction and its chart: who bid what, and why the price is what it is, by what everyone can see.

use auction::{Event, EventKind, PriceRule};
use ledger::{MemberId, Money};

use super::auction::Found;
use crate::pages::reader::moment;
use crate::pages::{Chart, HistoryLine, Trace, TracePoint};

/// How many bids the history shows; scripts keep as many.
pub const LINES: usize = 30;

/// The newest rows, newest first.
pub fn history(found: &Found, member: Option<MemberId>) -> Vec<HistoryLine> {
    let line = |event: &Event| {
        let actor = event.actor?;
        let name = found.names.iter().find(|(number, _)| *number == actor.number);
        Some(HistoryLine {
            seq: event.seq.0,
            kind: event.kind.name().to_owned(),
            number: actor.number,
            name: name.map(|(_, member)| member.nickname.clone()),
            mine: member == Some(actor.member),
            amount: event.amount?.won(),
            why: why(event),
            reason: event.reason.clone(),
            at: moment(event.at),
        })
    };
    found.bids.items.iter().take(LINES).filter_map(line).collect()
}

/// The word of why the price is what it is. Of two equal commitments the challenger is told that he was beaten, and the
/// leader that he had it first.
fn why(event: &Event) -> Option<&'static str> {
    Some(match (event.rule?, event.kind) {
        (PriceRule::Matched, EventKind::Bid) => "beaten",
        (rule, _) => rule.name(),
    })
}

/// The start price, unless older bids than are charted lie between, and then each price that was reached.
pub fn chart(found: &Found) -> Chart {
    let start = found.bids.next.is_none().then(|| found.row.auction.start.won());
    let reached = found.bids.items.iter().rev().map(|event| Money::won(event.price));
    let mut prices: Vec<i64> = start.into_iter().chain(reached).collect();
    // A row that moves nothing, as an answer at the same price, is no step.
    prices.dedup();
    Chart { prices }
}

/// The bids over time, oldest first; what took bids back is none of anybody's.
pub fn trace(found: &Found, member: Option<MemberId>) -> Trace {
    let point = |event: &Event| {
        let actor = event.actor.filter(|_| event.kind != EventKind::Reset)?;
        let name = found.names.iter().find(|(number, _)| *number == actor.number);
        Some(TracePoint {
            at: moment(event.at),
            price: event.price.won(),
            number: actor.number,
            name: name.map(|(_, member)| member.nickname.clone()),
            mine: member == Some(actor.member),
        })
    };
    Trace {
        points: found.bids.items.iter().rev().filter_map(point).collect(),
        end: Some(moment(found.row.auction.ends_at)),
        each_minute: found.each_minute.clone(),
    }
}
