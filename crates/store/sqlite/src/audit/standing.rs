//! An auction as it stands, against its events, its bidders' parts, what followed it, its transfers, and where it is
//! listed.

mod parts;

use auction::{Auction, AuctionId, Outcome, ReserveStatus, Status};
use rusqlite::{Connection, OptionalExtension, Result, Row};

use super::aftermath;
use super::auctions::Life;
use super::checks::{Check, Findings};
use super::fact::Fact;
use super::money::Money;
use super::pictures;
use super::replay::{Fault, Sources};
use crate::rows::{self, number_of};

/// Compares an auction whose events were all taken; how many parts there were.
pub(super) fn compare(
    connection: &Connection,
    life: &mut Life,
    money: &mut Money,
    findings: &mut Findings,
) -> Result<usize> {
    let id = life.auction.id;
    let Some(auction) = read(connection, id, findings)? else { return Ok(0) };
    newest(&auction, life, findings);
    let marks = marks(connection, &auction)?;
    findings.expect(Check::Marks, marks == i64::from(auction.seller_took_back), || {
        format!("auction {}: its seller took back {marks} leads by his record", id.0)
    });
    finish(&auction, life, Sources { connection, notebook: &money.notebook }, findings)?;
    history(&auction, life, findings);
    let parts = parts::compare(connection, &auction, life.replay.as_ref(), findings)?;
    aftermath::compare(connection, &auction, findings)?;
    listing(connection, &auction, findings)?;
    if let (Some(replay), Some(moved)) = (&life.replay, money.auctions.get_mut(id.0)) {
        findings.expect(Check::MoneyFollowsEvents, replay.moved == *moved, || {
            let (kept, asked) = (moved.transfers, replay.moved.transfers);
            format!("auction {}: {kept} transfers, not the {asked} that its events ask for", id.0)
        });
    }
    Ok(parts)
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
    let sql = "SELECT 1 FROM item_history WHERE auction = ?1";
    let has_words = connection.prepare_cached(sql)?.exists([id.0])?;
    findings.expect(Check::OldWords, has_words == auction.followed_by.is_some(), || {
        let words = if has_words { "words of its own" } else { "no words of its own" };
        format!("auction {}: {words}, followed by {:?}", id.0, auction.followed_by.map(|one| one.0))
    });
    pictures::of_auction(connection, &auction, findings)?;
    if let Some(follower) = auction.followed_by {
        let sql = "SELECT 1 FROM auctions WHERE id = ?1 AND item = ?2 AND id <> ?3";
        let exists = connection.prepare_cached(sql)?.exists((follower.0, auction.item.0, id.0))?;
        let is_right = exists && auction.status == Status::Ended;
        findings.expect(Check::NoStrays, is_right, || {
            format!("auction {}: auction {} does not sell its item again", id.0, follower.0)
        });
    }
    Ok(Some(auction))
}

/// How often the seller's record says that he took back a lead here.
fn marks(connection: &Connection, auction: &Auction) -> Result<i64> {
    let sql = "SELECT count(*) FROM marks INDEXED BY marks_by_member WHERE member = ?1 AND auction = ?2 AND kind = 3";
    connection.prepare_cached(sql)?.query_row((auction.seller.0, auction.id.0), |row| row.get(0))
}

/// Ends its replay: the leader's last raises in silence, and where the reserve lies.
fn finish(auction: &Auction, life: &mut Life, sources: Sources<'_>, findings: &mut Findings) -> Result<()> {
    let id = auction.id.0;
    let Some(replay) = &mut life.replay else { return Ok(()) };
    if let Some((check, words)) = replay.finish(sources).err().map(Fault::told).transpose()? {
        findings.wrong(check, || format!("auction {id}, behind its newest event: {words}"));
        life.replay = None;
        return Ok(());
    }
    let is_right = replay.take_reserve(auction.reserve);
    let range = replay.range;
    findings.expect(Check::Reserve, is_right, || {
        let reserve = auction.reserve.map_or_else(|| "none".to_owned(), |reserve| reserve.to_string());
        format!("auction {id}: its reserve is {reserve}, by its events within {range:?}")
    });
    if !is_right {
        life.replay = None;
    }
    Ok(())
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
        reserve: number_of(&ReserveStatus::ALL, &auction.reserve_status()),
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
    let moved = auction.outage.is_some() == replay.had_outage;
    let mut history = Auction {
        outage: auction.outage,
        seller_took_back: auction.seller_took_back,
        followed_by: auction.followed_by,
        ..replay.state.clone()
    };
    if let (Some(now), Some(then)) = (auction.leader, &mut history.leader) {
        // The release before does not say since when somebody leads.
        if replay.is_of_before {
            then.since = now.since;
        }
    }
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
            ("terms", auction.terms.to_string()),
            ("start", auction.start.to_string()),
            ("afresh", auction.afresh.0.to_string()),
            ("seller_extensions", auction.seller_extensions.to_string()),
        ]
    };
    let pairs = fields(auction).into_iter().zip(fields(history));
    let differing = pairs.filter(|(own, other)| own != other);
    let words: Vec<String> =
        differing.map(|((name, own), (_, other))| format!("{name} {own} instead of {other}")).collect();
    if words.is_empty() { "outage and extensions do not agree".to_owned() } else { words.join("; ") }
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
