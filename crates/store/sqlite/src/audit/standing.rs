//! An auction as it stands, against its events, its bidders' parts, its order, its transfers, and where it is listed.

use auction::{Auction, AuctionId, Outcome, Status};
use rusqlite::{Connection, OptionalExtension, Result, Row};

use super::auctions::Life;
use super::checks::{Check, Findings};
use super::fact::Fact;
use super::money::Money;
use super::replay::{Part, Replay};
use crate::rows::{self, number_of};

/// A bidder's part as it stands in its row.
struct Stored {
    member: i64,
    number: i64,
    commitment: i64,
    hold: i64,
}

/// Compares an auction whose events were all taken; how many parts there were.
pub(super) fn compare(
    connection: &Connection,
    life: &Life,
    money: &mut Money,
    findings: &mut Findings,
) -> Result<usize> {
    let id = life.auction.id;
    let Some(auction) = read(connection, id, findings)? else { return Ok(0) };
    newest(&auction, life, findings);
    history(&auction, life, findings);
    let parts = parts(connection, id)?;
    numbers(&auction, &parts, life.replay.as_ref(), findings);
    holds(&auction, &parts, findings);
    order(connection, &auction, findings)?;
    deadline(connection, &auction, findings)?;
    listing(connection, &auction, findings)?;
    if let (Some(replay), Some(moved)) = (&life.replay, money.auctions.get_mut(id.0)) {
        findings.expect(Check::MoneyFollowsEvents, replay.moved == *moved, || {
            let (kept, asked) = (moved.transfers, replay.moved.transfers);
            format!("auction {}: {kept} transfers, not the {asked} that its events ask for", id.0)
        });
    }
    Ok(parts.len())
}

/// The auction as it stands now, with its item.
fn read(connection: &Connection, id: AuctionId, findings: &mut Findings) -> Result<Option<Auction>> {
    let sql = format!("SELECT {} FROM auctions WHERE id = ?1", rows::AUCTION_COLUMNS);
    let found =
        connection.prepare_cached(&sql)?.query_row([id.0], |row| Ok(rows::auction(row, 0))).optional()?;
    let Some(Ok(auction)) = found else {
        findings.wrong(Check::Readable, || format!("auction {}: it cannot be read any more", id.0));
        return Ok(None);
    };
    let sql = "SELECT seller FROM items WHERE id = ?1";
    let seller =
        connection.prepare_cached(sql)?.query_row([auction.item.0], |row| row.get::<_, i64>(0)).optional()?;
    findings.expect(Check::NoStrays, seller == Some(auction.seller.0), || {
        format!("auction {}: item {} is not member {}'s", id.0, auction.item.0, auction.seller.0)
    });
    Ok(Some(auction))
}

/// What its newest event says, it is.
fn newest(auction: &Auction, life: &Life, findings: &mut Findings) {
    let id = auction.id.0;
    let Some(last) = &life.last else {
        return findings.expect(Check::AuctionsAreTheirEvents, false, || format!("auction {id}: no events"));
    };
    let leader = auction.leader;
    let stands = Fact {
        seq: auction.seq.0,
        at: auction.newest.0,
        price: auction.price.won(),
        minimum: auction.minimum().map(ledger::Money::won),
        bid_count: auction.bid_count,
        leader: leader.map(|leader| leader.member.0),
        leader_number: leader.map(|leader| leader.number),
        ends_at: auction.ends_at.0,
        outcome: auction.outcome.map(|outcome| number_of(&Outcome::ALL, &outcome)),
        ..last.clone()
    };
    findings.expect(Check::AuctionsAreTheirEvents, stands == *last, || {
        format!("auction {id}, against its newest event: {}", stands.differences(last))
    });
}

/// What its history makes of it, it is, also where no event tells.
fn history(auction: &Auction, life: &Life, findings: &mut Findings) {
    let Some(replay) = &life.replay else { return };
    let id = auction.id.0;
    findings.expect(Check::RulesExplainRows, replay.is_between_commands(), || {
        format!("auction {id}: its last command has not had all its events")
    });
    let moved = auction.outage.is_some() == (auction.extensions > 0);
    let history = Auction { outage: auction.outage, ..replay.state.clone() };
    findings.expect(Check::AuctionsAreTheirEvents, moved && *auction == history, || {
        format!("auction {id}, against its history: {}", differences(auction, &history))
    });
}

/// In what the auction differs from what its history makes of it.
fn differences(auction: &Auction, history: &Auction) -> String {
    let fields = |auction: &Auction| {
        [
            ("seq", format!("{:?}", auction.seq.0)),
            ("status", auction.status.name().to_owned()),
            ("outcome", auction.outcome.map_or("none", Outcome::name).to_owned()),
            ("ends_at", auction.ends_at.0.to_string()),
            ("latest", auction.latest.0.to_string()),
            ("extensions", auction.extensions.to_string()),
            ("price", auction.price.to_string()),
            ("leader", format!("{:?}", auction.leader)),
            ("bid_count", auction.bid_count.to_string()),
            ("bidders", auction.bidders.to_string()),
            ("newest", auction.newest.0.to_string()),
        ]
    };
    let pairs = fields(auction).into_iter().zip(fields(history));
    let differing = pairs.filter(|(own, other)| own != other);
    let words: Vec<String> =
        differing.map(|((name, own), (_, other))| format!("{name} {own} instead of {other}")).collect();
    if words.is_empty() { "outage and extensions do not agree".to_owned() } else { words.join("; ") }
}

fn parts(connection: &Connection, id: AuctionId) -> Result<Vec<Stored>> {
    let sql = "SELECT member, number, commitment, hold FROM bidders WHERE auction = ?1";
    let part = |row: &Row<'_>| {
        Ok(Stored { member: row.get(0)?, number: row.get(1)?, commitment: row.get(2)?, hold: row.get(3)? })
    };
    connection.prepare_cached(sql)?.query_map([id.0], part)?.collect()
}

/// Numbers 1, 2, … each once, and each member's part as the rules leave it.
fn numbers(auction: &Auction, parts: &[Stored], replay: Option<&Replay>, findings: &mut Findings) {
    let id = auction.id.0;
    let mut numbers: Vec<i64> = parts.iter().map(|part| part.number).collect();
    numbers.sort_unstable();
    let are_whole = numbers.iter().copied().eq(1..=auction.bidders);
    findings.expect(Check::BidderNumbers, are_whole, || {
        format!(
            "auction {id}: {} bidders by its own count, {} numbered parts",
            auction.bidders,
            numbers.len()
        )
    });
    let Some(replay) = replay else { return };
    for Stored { member, number, commitment, .. } in parts {
        let known = replay.part(*number);
        let is_known = |part: &Part| part.member.0 == *member && part.commitment.won() == *commitment;
        findings.expect(Check::BidderNumbers, known.is_some_and(is_known), || {
            format!("auction {id}, bidder {number}: member {member} with {commitment}, not as he bid")
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

fn order(connection: &Connection, auction: &Auction, findings: &mut Findings) -> Result<()> {
    let sql = "SELECT buyer, seller, price, at FROM orders WHERE auction = ?1";
    let order = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
    let mut statement = connection.prepare_cached(sql)?;
    let orders = statement.query_map([auction.id.0], order)?;
    let orders: Vec<(i64, i64, i64, i64)> = orders.collect::<Result<_>>()?;
    let buyer = match auction.outcome {
        Some(Outcome::Sold | Outcome::Bought) => auction.leader,
        Some(Outcome::Unsold | Outcome::Cancelled | Outcome::ReserveNotMet) | None => None,
    };
    let asked = buyer.map(|buyer| {
        let (seller, price) = (auction.seller.0, auction.price.won());
        (buyer.member.0, seller, price, auction.newest.0)
    });
    let is_sold = matches!(auction.outcome, Some(Outcome::Sold | Outcome::Bought));
    let is_right = orders.iter().copied().eq(asked) && is_sold == asked.is_some();
    findings.expect(Check::OneOutcomeOneOrder, is_right, || {
        let outcome = auction.outcome.map_or("not over", Outcome::name);
        format!("auction {}: {outcome}, orders (buyer, seller, price, at): {orders:?}", auction.id.0)
    });
    Ok(())
}

fn deadline(connection: &Connection, auction: &Auction, findings: &mut Findings) -> Result<()> {
    let sql = "SELECT at FROM deadlines WHERE auction = ?1";
    let armed =
        connection.prepare_cached(sql)?.query_row([auction.id.0], |row| row.get::<_, i64>(0)).optional()?;
    let asked = auction.deadline().map(|at| at.0);
    let is_right = match (armed, asked) {
        (Some(armed), Some(asked)) => armed <= asked,
        (armed, asked) => armed == asked,
    };
    findings.expect(Check::Deadlines, is_right, || {
        format!("auction {}: looked at {armed:?}, due {asked:?}", auction.id.0)
    });
    Ok(())
}

/// Listings are written a little later, so one that is behind may say anything it once said.
fn listing(connection: &Connection, auction: &Auction, findings: &mut Findings) -> Result<()> {
    let sql =
        "SELECT seq, status, outcome, price, bid_count, starts_at, ends_at FROM listings WHERE auction = ?1";
    let listed = |row: &Row<'_>| {
        let figures = (row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?);
        Ok((row.get(0)?, figures))
    };
    type Figures = (i64, Option<i64>, i64, i64, i64, i64);
    let listed: Option<(i64, Figures)> =
        connection.prepare_cached(sql)?.query_row([auction.id.0], listed).optional()?;
    let Some((seq, figures)) = listed else { return Ok(()) };
    let stands = (
        number_of(&Status::ALL, &auction.status),
        auction.outcome.map(|outcome| number_of(&Outcome::ALL, &outcome)),
        auction.price.won(),
        auction.bid_count,
        auction.starts_at.0,
        auction.ends_at.0,
    );
    let is_right = seq < auction.seq.0 || (seq == auction.seq.0 && figures == stands);
    findings.expect(Check::Listings, is_right, || {
        let now = auction.seq.0;
        format!(
            "listing of auction {}: event {seq} of {now}, {figures:?} instead of {stands:?}",
            auction.id.0
        )
    });
    Ok(())
}
