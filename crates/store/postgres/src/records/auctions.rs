//! Auctions as they stand, their events, and who takes part; never behind, unlike the listings.

use std::collections::HashMap;

use auction::{AuctionId, Bidder, Event, EventKind, ItemId, PictureAddress, Seq, Span, Time};
use ledger::MemberId;
use store::close::{Minute, minutes};
use store::records::{
    AuctionRow, BiddingRow, CLOSE_EVENTS_MAX, CLOSE_MINUTES, EDITS_MAX, EVENTS_MAX, ListingRow, Member, Page,
    Paged,
};
use tokio_postgres::Row;

use super::listings::listing;
use super::members::{MEMBER_COLUMNS, MEMBER_WIDTH, member};
use crate::pool::{Connection, Value};
use crate::rows::{
    self, AUCTION_COLUMNS, AUCTION_WIDTH, BIDDER_COLUMNS, EVENT_COLUMNS, ITEM_WIDTH, Result, history,
    number_of,
    pictures::{self, CARD_WIDTH},
    word, words,
};
use store::pages;

/// The most bidders of one auction that its seller is told, lowest numbers first.
const BIDDERS_MAX: i64 = 10_000;

/// How many columns a bidder is shown of an auction's item: four words and the first picture.
const SHOWN_WIDTH: usize = 4 + CARD_WIDTH;

/// An auction as it stands, with the columns of its listing, in the order in which [`listing`] reads them.
macro_rules! standing_columns {
    () => {
        concat!(
            "a.id, a.seq, ",
            $crate::rows::word!("title"),
            ", a.seller, ",
            $crate::rows::word!("category"),
            ", ",
            $crate::rows::word!("region"),
            ", ",
            $crate::rows::word!("nationwide"),
            ", ",
            $crate::rows::word!("condition"),
            ", a.status, a.outcome, a.price, a.buy_now, a.bid_count, a.starts_at, a.ends_at, ",
            $crate::rows::pictures::card_columns!(),
            ", a.reserve IS NOT NULL AND coalesce(a.commitment, 0) < a.reserve AS below_reserve"
        )
    };
}
pub(super) use standing_columns;

/// An auction with its item, its pictures and who sells it.
pub(super) async fn by_number(store: &Connection, id: AuctionId) -> Result<Option<AuctionRow>> {
    let (auction_columns, words, history) = (of_table("a", AUCTION_COLUMNS), words!(), history!());
    let sql = format!(
        "SELECT {auction_columns}, {words}, {MEMBER_COLUMNS} FROM auctions a JOIN items i ON i.id = a.item {history} \
         JOIN members m ON m.id = a.seller WHERE a.id = $1"
    );
    let found = |row: Row| -> Result<AuctionRow> {
        let (auction, item) = (rows::auction(&row, 0)?, rows::item(&row, AUCTION_WIDTH)?);
        let seller = member(&row, AUCTION_WIDTH + ITEM_WIDTH)?;
        Ok(AuctionRow { auction, item, pictures: Vec::new(), seller })
    };
    let Some(mut row) = store.query_opt(&sql, &[&id.0]).await?.map(found).transpose()? else {
        return Ok(None);
    };
    // What is known of a picture never changes, so it may be read by itself.
    if !row.item.pictures.is_empty() {
        let addresses: Vec<PictureAddress> =
            row.item.pictures.iter().map(|picture| picture.address).collect();
        let known = super::pictures::by_addresses(store, &addresses).await?;
        let of = |address: &PictureAddress| known.iter().find(|picture| picture.address == *address).copied();
        row.pictures = addresses.iter().filter_map(of).collect();
    }
    Ok(Some(row))
}

/// The columns, each said to be of `table`.
fn of_table(table: &str, columns: &str) -> String {
    let named: Vec<String> = columns.split(", ").map(|column| format!("{table}.{}", column.trim())).collect();
    named.join(", ")
}

/// A member's part in an auction.
pub(super) async fn part(store: &Connection, auction: AuctionId, member: MemberId) -> Result<Option<Bidder>> {
    let sql = format!("SELECT {BIDDER_COLUMNS} FROM bidders WHERE auction = $1 AND member = $2");
    let found = store.query_opt(&sql, &[&auction.0, &member.0]).await?;
    found.map(|row| rows::bidder(&row, 0, auction, member)).transpose()
}

/// The newest event number of each of these auctions that exists.
pub(super) async fn heads(store: &Connection, auctions: &[AuctionId]) -> Result<Vec<(AuctionId, Seq)>> {
    let sql = "SELECT id, seq FROM auctions WHERE id = ANY($1)";
    let ids: Vec<i64> = auctions.iter().map(|auction| auction.0).collect();
    let head = |row: &Row| -> Result<(i64, i64)> { Ok((row.try_get(0)?, row.try_get(1)?)) };
    let known: HashMap<i64, i64> =
        store.query(sql, &[&ids]).await?.iter().map(head).collect::<Result<_>>()?;
    Ok(auctions.iter().filter_map(|auction| Some((*auction, Seq(*known.get(&auction.0)?)))).collect())
}

/// Events after `since`, oldest first.
pub(super) async fn events(
    store: &Connection,
    auction: AuctionId,
    since: Seq,
    limit: usize,
) -> Result<Vec<Event>> {
    let sql =
        format!("SELECT {EVENT_COLUMNS} FROM events WHERE auction = $1 AND seq > $2 ORDER BY seq LIMIT $3");
    let limit = limit.min(EVENTS_MAX) as i64;
    let found = store.query(&sql, &[&auction.0, &since.0, &limit]).await?;
    found.iter().map(|row| rows::event(row, 0)).collect()
}

/// The rows of the bid history, newest first; the cursor is the last `seq` seen.
pub(super) async fn bids(store: &Connection, auction: AuctionId, page: &Page) -> Result<Paged<Event>> {
    let Some(before) = pages::place(page, i64::MAX) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    // What is no bid is rare: an auction is listed, opened, extended a few times, and closed once.
    let sql = format!(
        "SELECT {EVENT_COLUMNS} FROM events WHERE auction = $1 AND seq < $2 AND kind = ANY($3) \
         ORDER BY seq DESC LIMIT $4"
    );
    let kinds: Vec<i64> = EventKind::ALL
        .iter()
        .filter(|kind| kind.is_row())
        .map(|kind| number_of(&EventKind::ALL, kind))
        .collect();
    let found = store.query(&sql, &[&auction.0, &before, &kinds, &pages::rows_to_read(limit)]).await?;
    let bids: Vec<Event> = found.iter().map(|row| rows::event(row, 0)).collect::<Result<_>>()?;
    Ok(pages::cut(bids, limit, |event| event.seq.0.to_string()))
}

/// How many bids came in each minute before the end; what took bids back is none.
pub(super) async fn bids_each_minute(store: &Connection, auction: AuctionId, end: Time) -> Result<Vec<i64>> {
    let is_bid = |kind: &&EventKind| kind.is_row() && **kind != EventKind::Reset;
    let kinds: Vec<i64> =
        EventKind::ALL.iter().filter(is_bid).map(|kind| number_of(&EventKind::ALL, kind)).collect();
    let values: [Value<'_>; 5] =
        [&auction.0, &CLOSE_EVENTS_MAX, &end.0, &(CLOSE_MINUTES * Span::minutes(1).0), &kinds];
    let found = store.query(BIDS_EACH_MINUTE, &values).await?;
    let minute =
        |row: &Row| Ok(Minute { before: row.try_get(0)?, bids: row.try_get(1)?, events: row.try_get(2)? });
    Ok(minutes(&found.iter().map(minute).collect::<Result<Vec<_>>>()?))
}

/// The newest events of an auction by the minute.
pub(super) const BIDS_EACH_MINUTE: &str = "SELECT greatest($3::bigint - at, 0) / 60000000 AS before, \
       count(*) FILTER (WHERE kind = ANY($5::bigint[])), count(*) \
     FROM (SELECT at, kind FROM events WHERE auction = $1 ORDER BY seq DESC LIMIT $2) newest \
     WHERE at > $3::bigint - $4::bigint GROUP BY 1";

/// What raised the number of an auction's terms, newest first.
pub(super) async fn edits(store: &Connection, auction: AuctionId) -> Result<Vec<Event>> {
    let limit = EDITS_MAX as i64;
    store.query(&edits_sql(), &[&auction.0, &limit]).await?.iter().map(|row| rows::event(row, 0)).collect()
}

pub(super) fn edits_sql() -> String {
    format!(
        "SELECT {EVENT_COLUMNS} FROM events WHERE auction = $1 AND kind = 9 ORDER BY auction DESC, seq DESC LIMIT $2"
    )
}

/// Who the numbers of an auction are, lowest first.
pub(super) async fn bidders(store: &Connection, auction: AuctionId) -> Result<Vec<(i64, Member)>> {
    let sql = format!(
        "SELECT {MEMBER_COLUMNS}, b.number FROM bidders b JOIN members m ON m.id = b.member \
         WHERE b.auction = $1 ORDER BY b.number LIMIT $2"
    );
    let found = |row: &Row| -> Result<(i64, Member)> { Ok((row.try_get(MEMBER_WIDTH)?, member(row, 0)?)) };
    store.query(&sql, &[&auction.0, &BIDDERS_MAX]).await?.iter().map(found).collect()
}

/// A member's own auctions, newest first, as they stand and not as listed: he just made the first of them.
pub(super) async fn selling(store: &Connection, member: MemberId, page: &Page) -> Result<Paged<ListingRow>> {
    as_listed(store, SELLING, member.0, page).await
}

/// The auctions of an item, newest first, as they stand.
pub(super) async fn of_item(store: &Connection, item: ItemId, page: &Page) -> Result<Paged<ListingRow>> {
    as_listed(store, OF_ITEM, item.0, page).await
}

async fn as_listed(store: &Connection, sql: &str, of: i64, page: &Page) -> Result<Paged<ListingRow>> {
    let Some(before) = pages::place(page, i64::MAX) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let found = store.query(sql, &[&of, &before, &pages::rows_to_read(limit)]).await?;
    let rows: Vec<ListingRow> = found.iter().map(listing).collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |row| row.auction.0.to_string()))
}

/// The auctions of an item.
pub(super) const OF_ITEM: &str = concat!(
    "SELECT ",
    standing_columns!(),
    " FROM auctions a JOIN items i ON i.id = a.item",
    history!(),
    pictures::first!(),
    "WHERE a.item = $1 AND a.id < $2 ORDER BY a.item DESC, a.id DESC LIMIT $3"
);

/// What a member sells.
pub(super) const SELLING: &str = concat!(
    "SELECT ",
    standing_columns!(),
    " FROM auctions a JOIN items i ON i.id = a.item",
    history!(),
    pictures::first!(),
    "WHERE a.seller = $1 AND a.id < $2 ORDER BY a.id DESC LIMIT $3"
);

/// The auctions a member has bid on, newest first, with his part in each.
pub(super) async fn bidding(store: &Connection, member: MemberId, page: &Page) -> Result<Paged<BiddingRow>> {
    let Some(before) = pages::place(page, i64::MAX) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let found = |row: &Row| -> Result<BiddingRow> {
        let auction = rows::auction(row, 0)?;
        let part = rows::bidder(row, AUCTION_WIDTH + SHOWN_WIDTH, auction.id, member)?;
        Ok(BiddingRow {
            auction,
            title: row.try_get(AUCTION_WIDTH)?,
            category: row.try_get(AUCTION_WIDTH + 1)?,
            region: row.try_get(AUCTION_WIDTH + 2)?,
            nationwide: row.try_get(AUCTION_WIDTH + 3)?,
            picture: pictures::card(row, AUCTION_WIDTH + 4)?,
            part,
        })
    };
    let rows = store.query(&bidding_sql(), &[&member.0, &before, &pages::rows_to_read(limit)]).await?;
    let rows: Vec<BiddingRow> = rows.iter().map(found).collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |row| row.auction.id.0.to_string()))
}

/// What a member bids on.
pub(super) fn bidding_sql() -> String {
    let (auction_columns, part_columns) = (of_table("a", AUCTION_COLUMNS), of_table("b", BIDDER_COLUMNS));
    let words = [word!("title"), word!("category"), word!("region"), word!("nationwide")].join(", ");
    let (card, history, first) = (pictures::card_columns!(), history!(), pictures::first!());
    format!(
        "SELECT {auction_columns}, {words}, {card}, {part_columns} \
         FROM bidders b JOIN auctions a ON a.id = b.auction JOIN items i ON i.id = a.item {history} {first} \
         WHERE b.member = $1 AND b.auction < $2 ORDER BY b.auction DESC LIMIT $3"
    )
}
