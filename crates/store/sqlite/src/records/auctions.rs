//! Auctions as they stand, their events, and who takes part; never behind, unlike the listings.

use auction::{AuctionId, Bidder, Event, EventKind, ItemId, Picture, Seq, Span, Time};
use ledger::MemberId;
use rusqlite::{Connection, OptionalExtension, Result, Row};
use store::close::{Minute, minutes};
use store::records::{
    AuctionRow, BiddingRow, CLOSE_EVENTS_MAX, CLOSE_MINUTES, EDITS_MAX, EVENTS_MAX, ListingRow, Member, Page,
    Paged,
};

use super::listings::listing;
use super::members::{MEMBER_COLUMNS, MEMBER_WIDTH, member};
use crate::rows::{
    self, AUCTION_COLUMNS, AUCTION_WIDTH, BIDDER_COLUMNS, EVENT_COLUMNS, HISTORY, ITEM_WIDTH, WORDS,
    pictures::{self, CARD_WIDTH, FIRST},
    word,
};
use store::pages;

/// The most bidders of one auction that its seller is told, lowest numbers first.
const BIDDERS_MAX: i64 = 10_000;

/// An auction as it stands, with the columns of its listing, in the order in which [`listing`] reads them.
pub(super) const AS_LISTED: &str = concat!(
    "a.id, a.seq, ",
    word!("title"),
    ", a.seller, ",
    word!("category"),
    ", ",
    word!("region"),
    ", ",
    word!("nationwide"),
    ", ",
    word!("condition"),
    ", a.status, a.outcome, a.price, a.buy_now, a.bid_count, a.starts_at, a.ends_at, ",
    pictures::card_columns!(),
    ", a.reserve IS NOT NULL AND coalesce(a.commitment, 0) < a.reserve"
);

/// What a bidder is shown of an auction's item.
const SHOWN: &str = concat!(
    word!("title"),
    ", ",
    word!("category"),
    ", ",
    word!("region"),
    ", ",
    word!("nationwide"),
    ", ",
    pictures::card_columns!()
);

/// How many columns these are.
const SHOWN_WIDTH: usize = 4 + CARD_WIDTH;

/// An auction with its item, its pictures and who sells it.
pub(super) fn by_number(connection: &Connection, id: AuctionId) -> Result<Option<AuctionRow>> {
    let auction_columns = of_table("a", AUCTION_COLUMNS);
    let sql = format!(
        "SELECT {auction_columns}, {WORDS}, {MEMBER_COLUMNS} FROM auctions a JOIN items i ON i.id = a.item {HISTORY} \
         JOIN members m ON m.id = a.seller WHERE a.id = ?1"
    );
    let found = |row: &Row<'_>| {
        let (auction, item) = (rows::auction(row, 0)?, rows::item(row, AUCTION_WIDTH)?);
        let seller = member(row, AUCTION_WIDTH + ITEM_WIDTH)?;
        Ok(AuctionRow { auction, item, pictures: Vec::new(), seller })
    };
    let Some(mut row) = connection.prepare_cached(&sql)?.query_row([id.0], found).optional()? else {
        return Ok(None);
    };
    // What is known of a picture never changes, so it may be read by itself.
    let known = |picture: &Picture| super::pictures::by_address(connection, &picture.address).transpose();
    row.pictures = row.item.pictures.iter().filter_map(known).collect::<Result<_>>()?;
    Ok(Some(row))
}

/// The columns, each said to be of `table`.
fn of_table(table: &str, columns: &str) -> String {
    let named: Vec<String> = columns.split(", ").map(|column| format!("{table}.{}", column.trim())).collect();
    named.join(", ")
}

/// A member's part in an auction.
pub(super) fn part(connection: &Connection, auction: AuctionId, member: MemberId) -> Result<Option<Bidder>> {
    let sql = format!("SELECT {BIDDER_COLUMNS} FROM bidders WHERE auction = ?1 AND member = ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_row((auction.0, member.0), |row| rows::bidder(row, 0)).optional()
}

/// The newest event number of each of these auctions that exists.
pub(super) fn heads(connection: &Connection, auctions: &[AuctionId]) -> Result<Vec<(AuctionId, Seq)>> {
    let mut statement = connection.prepare_cached("SELECT seq FROM auctions WHERE id = ?1")?;
    let mut heads = Vec::with_capacity(auctions.len());
    for id in auctions {
        let seq = statement.query_row([id.0], |row| row.get(0).map(Seq)).optional()?;
        heads.extend(seq.map(|seq| (*id, seq)));
    }
    Ok(heads)
}

/// Events after `since`, oldest first.
pub(super) fn events(
    connection: &Connection,
    auction: AuctionId,
    since: Seq,
    limit: usize,
) -> Result<Vec<Event>> {
    let sql =
        format!("SELECT {EVENT_COLUMNS} FROM events WHERE auction = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3");
    let mut statement = connection.prepare_cached(&sql)?;
    let limit = limit.min(EVENTS_MAX) as i64;
    statement.query_map((auction.0, since.0, limit), |row| rows::event(row, 0))?.collect()
}

/// The rows of the bid history, newest first; the cursor is the last `seq` seen.
pub(super) fn bids(connection: &Connection, auction: AuctionId, page: &Page) -> Result<Paged<Event>> {
    let Some(before) = pages::place(page, i64::MAX) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let sql = format!("SELECT {EVENT_COLUMNS} FROM events WHERE auction = ?1 AND seq < ?2 ORDER BY seq DESC");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut found = statement.query((auction.0, before))?;
    let mut bids = Vec::with_capacity(limit + 1);
    // What is no bid is rare: an auction is listed, opened, extended a few times, and closed once.
    while bids.len() <= limit
        && let Some(row) = found.next()?
    {
        let kind = rows::one_of(&EventKind::ALL, row.get(2)?, 2)?;
        if kind.is_row() {
            bids.push(rows::event(row, 0)?);
        }
    }
    Ok(pages::cut(bids, limit, |event| event.seq.0.to_string()))
}

/// How many bids came in each minute before the end; what took bids back is none.
pub(super) fn bids_each_minute(connection: &Connection, auction: AuctionId, end: Time) -> Result<Vec<i64>> {
    let sql = "SELECT at, kind FROM events WHERE auction = ?1 ORDER BY seq DESC LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let mut found = statement.query((auction.0, CLOSE_EVENTS_MAX))?;
    let mut counted: Vec<Minute> = Vec::new();
    while let Some(row) = found.next()? {
        let (at, kind) = (Time(row.get(0)?), rows::one_of(&EventKind::ALL, row.get(1)?, 1)?);
        let before = end.since(at).0.max(0) / Span::minutes(1).0;
        if before >= CLOSE_MINUTES {
            break;
        }
        // Events are read from the newest to the oldest, so a minute's stand together.
        if counted.last().is_none_or(|minute| minute.before != before) {
            counted.push(Minute { before, bids: 0, events: 0 });
        }
        let is_bid = kind.is_row() && kind != EventKind::Reset;
        if let Some(minute) = counted.last_mut() {
            minute.bids += i64::from(is_bid);
            minute.events += 1;
        }
    }
    Ok(minutes(&counted))
}

/// The events that raised the number of the terms, newest first. They are few, and have an index of their own.
pub(super) fn edits(connection: &Connection, auction: AuctionId) -> Result<Vec<Event>> {
    let sql = format!(
        "SELECT {EVENT_COLUMNS} FROM events INDEXED BY events_edited WHERE auction = ?1 AND kind = 9 \
         ORDER BY seq DESC LIMIT ?2"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_map((auction.0, EDITS_MAX as i64), |row| rows::event(row, 0))?.collect()
}

/// Who the numbers of an auction are, lowest first.
pub(super) fn bidders(connection: &Connection, auction: AuctionId) -> Result<Vec<(i64, Member)>> {
    let sql = format!(
        "SELECT {MEMBER_COLUMNS}, b.number FROM bidders b JOIN members m ON m.id = b.member \
         WHERE b.auction = ?1 ORDER BY b.number LIMIT ?2"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let found = |row: &Row<'_>| Ok((row.get(MEMBER_WIDTH)?, member(row, 0)?));
    statement.query_map((auction.0, BIDDERS_MAX), found)?.collect()
}

/// A member's own auctions, newest first, as they stand and not as listed: he just made the first of them.
pub(super) fn selling(connection: &Connection, member: MemberId, page: &Page) -> Result<Paged<ListingRow>> {
    as_listed(connection, "auctions_by_seller", "a.seller", member.0, page)
}

/// The auctions of an item, newest first, as they stand.
pub(super) fn of_item(connection: &Connection, item: ItemId, page: &Page) -> Result<Paged<ListingRow>> {
    as_listed(connection, "auctions_by_item", "a.item", item.0, page)
}

/// Auctions as they stand, in the shape of a list, newest first: those whose `column` is `of`, by that index.
fn as_listed(
    connection: &Connection,
    index: &str,
    column: &str,
    of: i64,
    page: &Page,
) -> Result<Paged<ListingRow>> {
    let Some(before) = pages::place(page, i64::MAX) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let sql = format!(
        "SELECT {AS_LISTED} FROM auctions a INDEXED BY {index} CROSS JOIN items i ON i.id = a.item {HISTORY} {FIRST} \
         WHERE {column} = ?1 AND a.id < ?2 ORDER BY a.id DESC LIMIT ?3"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_map((of, before, pages::rows_to_read(limit)), listing)?;
    let rows: Vec<ListingRow> = found.collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |row| row.auction.0.to_string()))
}

/// The auctions a member has bid on, newest first, with his part in each.
pub(super) fn bidding(connection: &Connection, member: MemberId, page: &Page) -> Result<Paged<BiddingRow>> {
    let Some(before) = pages::place(page, i64::MAX) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let (auction_columns, part_columns) = (of_table("a", AUCTION_COLUMNS), of_table("b", BIDDER_COLUMNS));
    let sql = format!(
        "SELECT {auction_columns}, {SHOWN}, {part_columns} \
         FROM bidders b INDEXED BY bidders_by_member CROSS JOIN auctions a ON a.id = b.auction \
         CROSS JOIN items i ON i.id = a.item {HISTORY} {FIRST} \
         WHERE b.member = ?1 AND b.auction < ?2 ORDER BY b.auction DESC LIMIT ?3"
    );
    let found = |row: &Row<'_>| {
        Ok(BiddingRow {
            auction: rows::auction(row, 0)?,
            title: row.get(AUCTION_WIDTH)?,
            category: row.get(AUCTION_WIDTH + 1)?,
            region: row.get(AUCTION_WIDTH + 2)?,
            nationwide: row.get(AUCTION_WIDTH + 3)?,
            picture: pictures::card(row, AUCTION_WIDTH + 4)?,
            part: rows::bidder(row, AUCTION_WIDTH + SHOWN_WIDTH)?,
        })
    };
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map((member.0, before, pages::rows_to_read(limit)), found)?;
    let rows: Vec<BiddingRow> = rows.collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |row| row.auction.id.0.to_string()))
}
