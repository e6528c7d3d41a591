//! The bidders' parts in an auction as they stand: numbers, commitments, what is held of them, and the price between
//! them.

use auction::{Auction, Status};
use rusqlite::{Connection, Result, Row};

use super::super::checks::{Check, Findings};
use super::super::replay::{Part, Replay};

/// A bidder's part as it stands in its row.
struct Stored {
    member: i64,
    number: i64,
    commitment: i64,
    since: i64,
    named: i64,
    hold: i64,
    is_out: bool,
}

/// Compares all of them; how many there are.
pub(super) fn compare(
    connection: &Connection,
    auction: &Auction,
    replay: Option<&Replay>,
    findings: &mut Findings,
) -> Result<usize> {
    let sql = "SELECT member, number, commitment, since, named, hold, is_out FROM bidders WHERE auction = ?1";
    let part = |row: &Row<'_>| {
        Ok(Stored {
            member: row.get(0)?,
            number: row.get(1)?,
            commitment: row.get(2)?,
            since: row.get(3)?,
            named: row.get(4)?,
            hold: row.get(5)?,
            is_out: row.get(6)?,
        })
    };
    let mut statement = connection.prepare_cached(sql)?;
    let parts: Vec<Stored> = statement.query_map([auction.id.0], part)?.collect::<Result<_>>()?;
    numbers(auction, &parts, findings);
    if let Some(replay) = replay {
        replayed(auction, &parts, replay, findings);
    }
    holds(auction, &parts, findings);
    prices(auction, &parts, findings);
    suspended(connection, auction, findings)?;
    Ok(parts.len())
}

/// Numbers 1, 2, … each once.
fn numbers(auction: &Auction, parts: &[Stored], findings: &mut Findings) {
    let mut numbers: Vec<i64> = parts.iter().map(|part| part.number).collect();
    numbers.sort_unstable();
    let are_whole = numbers.iter().copied().eq(1..=auction.bidders);
    findings.expect(Check::BidderNumbers, are_whole, || {
        let (id, bidders) = (auction.id.0, auction.bidders);
        format!("auction {id}: {bidders} bidders by its own count, {} numbered parts", numbers.len())
    });
}

/// Each member's part as the rules leave it. Without an event a commitment may only have been taken back, and that of
/// whoever leads may not.
fn replayed(auction: &Auction, parts: &[Stored], replay: &Replay, findings: &mut Findings) {
    let is_running = auction.status != Status::Ended;
    for stored in parts {
        let Stored { member, number, commitment, since, named, is_out, .. } = stored;
        let leads = is_running && auction.is_led_by(ledger::MemberId(*member));
        let is_known = |part: &Part| {
            let is_his = part.member.0 == *member && part.commitment.won() == *commitment;
            let is_since = (part.since.0.0..=part.since.1.0).contains(since) || replay.is_of_before;
            let out_is_right = *is_out == part.is_out || (*is_out && !leads);
            is_his && is_since && *named <= part.named.1.won() && out_is_right
        };
        findings.expect(Check::BidderNumbers, replay.part(*number).is_some_and(is_known), || {
            let id = auction.id.0;
            format!("auction {id}, bidder {number}: member {member} with {commitment} since event {since}, named {named}, \
                     out {is_out}, not as he bid")
        });
    }
}

fn holds(auction: &Auction, parts: &[Stored], findings: &mut Findings) {
    let id = auction.id.0;
    let held = || parts.iter().filter(|part| part.hold != 0).map(|part| (part.member, part.hold));
    if auction.status == Status::Ended {
        return findings.expect(Check::EndedHoldsNothing, held().next().is_none(), || {
            format!("auction {id}: is over and holds {:?}", held().collect::<Vec<_>>())
        });
    }
    let leaders = auction.leader.map(|leader| (leader.member.0, leader.commitment.won()));
    findings.expect(Check::LeaderHasTheOnlyHold, held().eq(leaders), || {
        format!("auction {id}: holds {:?}, its leader's is {leaders:?}", held().collect::<Vec<_>>())
    });
}

/// What beaten bidders committed themselves to ≤ price ≤ what the leader did; and he pays for no one who is out.
fn prices(auction: &Auction, parts: &[Stored], findings: &mut Findings) {
    let Some(leader) = auction.leader else { return };
    let counts =
        |part: &&Stored| part.member != leader.member.0 && !part.is_out && part.since > auction.afresh.0;
    let beaten = parts.iter().filter(counts).map(|part| part.commitment).max();
    let price = auction.price.won();
    let is_between = beaten.is_none_or(|beaten| beaten <= price) && price <= leader.commitment.won();
    findings.expect(Check::PriceBetweenCommitments, is_between, || {
        let (id, most) = (auction.id.0, leader.commitment);
        format!("auction {id}: price {price}, beaten {beaten:?}, the leader goes to {most}")
    });
}

/// Whoever is suspended leads nothing and sells nothing, as soon as the house has come to it. Past its end an auction is
/// settled as it stands.
fn suspended(connection: &Connection, auction: &Auction, findings: &mut Findings) -> Result<()> {
    if auction.status == Status::Ended {
        return Ok(());
    }
    let leader = auction.leader.map(|leader| leader.member.0);
    for (member, chore) in [(leader, leader), (Some(auction.seller.0), None)] {
        let Some(member) = member else { continue };
        let sql = "SELECT m.suspended FROM members m WHERE m.id = ?1 AND m.suspended AND NOT EXISTS \
                   (SELECT 1 FROM chores c WHERE c.auction = ?2 AND c.member IS ?3) \
                   AND EXISTS (SELECT 1 FROM heartbeat h WHERE h.at < ?4)";
        let values = (member, auction.id.0, chore, auction.ends_at.0);
        let is_left = connection.prepare_cached(sql)?.exists(values)?;
        findings.expect(Check::SuspendedLeadNothing, !is_left, || {
            format!(
                "auction {}: member {member} is suspended, and nothing is to be done about it",
                auction.id.0
            )
        });
    }
    Ok(())
}
