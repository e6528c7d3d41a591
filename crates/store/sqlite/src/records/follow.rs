//! Following: what rounds have changed becomes listings and notices, each round once.
//!
//! One call reads, beside the writer, the next rounds after the cursor, the events they kept and the auctions as they
//! now stand; then it asks the writer for one short write of all that follows from them, together with the moved
//! cursor. The write does nothing if the cursor is no longer where it was read, so that a call that was repeated, or
//! made twice at once, changes nothing. How much one call takes is bounded by rounds, auctions and notices.

mod news;
mod window;

use auction::{AuctionId, Condition, Outcome, Status, Time};
use ledger::{MemberId, Money};
use rusqlite::{Connection, OptionalExtension, Result, Row, params};
use store::records::{Followed, ListingRow, NoticeKind, NoticeRow};

use self::window::Window;
use super::listings::listing;
use crate::rows::number_of;

/// How many rounds one call takes at most. A round holds a bounded number of commands, so this bounds the events too.
pub(super) const ROUNDS_TOGETHER_MAX: usize = 256;

/// How many notices one call writes at most, but for those of a single round.
const NOTICES_TOGETHER_MAX: usize = 2_000;

/// What one call is going to write.
pub(super) struct Found {
    window: Window,
    listings: Vec<Changed>,
    notices: Vec<Notice>,
}

/// A listing as it shall be.
struct Changed {
    row: ListingRow,
    change: Change,
}

/// What has to be written of a listing; a write dirties a page of each index on a column that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    /// It is not listed yet.
    New,
    /// Bids, and nothing else that an index knows.
    Bids,
    /// Its status or its end.
    Life,
}

/// A notice before it has a number.
struct Notice {
    member: MemberId,
    kind: NoticeKind,
    auction: AuctionId,
    title: String,
    amount: Option<Money>,
    at: Time,
}

/// Reads the next rounds and what follows from them; `None` if no round waits.
pub(super) fn find(connection: &Connection) -> Result<Option<Found>> {
    let mut rounds = ROUNDS_TOGETHER_MAX;
    loop {
        let Some(window) = window::next(connection, rounds)? else { return Ok(None) };
        let (listings, notices) = changes(connection, &window)?;
        if notices.len() > NOTICES_TOGETHER_MAX && window.rounds > 1 {
            rounds = window.rounds / 2;
            continue;
        }
        return Ok(Some(Found { window, listings, notices }));
    }
}

/// What follows from a window: the listings that changed, and the notices, oldest first.
fn changes(connection: &Connection, window: &Window) -> Result<(Vec<Changed>, Vec<Notice>)> {
    let mut listings = Vec::with_capacity(window.heads.len());
    let mut notices = Vec::new();
    for (auction, span) in &window.heads {
        let Some((row, change)) = present(connection, *auction)? else {
            tracing::error!(auction = auction.0, "a round names an auction that does not exist");
            continue;
        };
        notices.extend(news::of(connection, &row, *span)?);
        listings.extend(change.map(|change| Changed { row, change }));
    }
    notices.sort_by_key(|notice: &Notice| notice.at);
    Ok((listings, notices))
}

/// The auction as it stands, and what has to be written of it, if anything.
fn present(connection: &Connection, auction: AuctionId) -> Result<Option<(ListingRow, Option<Change>)>> {
    let sql = "SELECT a.id, a.seq, i.title, a.seller, i.category, i.region, i.nationwide, i.condition, a.status, \
               a.outcome, a.price, a.buy_now, a.bid_count, a.starts_at, a.ends_at, \
               l.seq, l.status <> a.status OR l.ends_at <> a.ends_at \
               FROM auctions a JOIN items i ON i.id = a.item LEFT JOIN listings l ON l.auction = a.id WHERE a.id = ?1";
    let found = |row: &Row<'_>| {
        let listing = listing(row)?;
        let change = match row.get::<_, Option<i64>>(15)? {
            None => Some(Change::New),
            Some(seq) if seq >= listing.seq.0 => None,
            Some(_) if row.get(16)? => Some(Change::Life),
            Some(_) => Some(Change::Bids),
        };
        Ok((listing, change))
    };
    connection.prepare_cached(sql)?.query_row([auction.0], found).optional()
}

/// Writes what was found and moves the cursor; nothing if another call was there first.
pub(super) fn keep(connection: &Connection, found: Found) -> Result<Followed> {
    let sql = "UPDATE followers SET round = ?2 WHERE name = 'market' AND round = ?1";
    if connection.prepare_cached(sql)?.execute((found.window.after, found.window.last))? == 0 {
        return Ok(Followed { notices: Vec::new(), more: true });
    }
    for changed in &found.listings {
        keep_listing(connection, changed)?;
    }
    let notices = found.notices.into_iter().map(|notice| keep_notice(connection, notice));
    let notices = notices.collect::<Result<_>>()?;
    // The newest stays: without it the next round would get a number that has been followed already.
    connection.prepare_cached("DELETE FROM rounds WHERE id < ?1")?.execute([found.window.last])?;
    Ok(Followed { notices, more: found.window.has_more })
}

/// Writes a listing.
fn keep_listing(connection: &Connection, Changed { row, change }: &Changed) -> Result<()> {
    let status = number_of(&Status::ALL, &row.status);
    let outcome = row.outcome.map(|outcome| number_of(&Outcome::ALL, &outcome));
    let (auction, seq, price) = (row.auction.0, row.seq.0, row.price.won());
    match change {
        Change::New => keep_new_listing(connection, row, status, outcome),
        Change::Bids => {
            let sql = "UPDATE listings SET seq = ?2, price = ?3, bid_count = ?4 WHERE auction = ?1";
            let values = (auction, seq, price, row.bid_count);
            connection.prepare_cached(sql)?.execute(values).map(|_| ())
        }
        Change::Life => {
            let sql = "UPDATE listings SET seq = ?2, price = ?3, bid_count = ?4, status = ?5, outcome = ?6, ends_at = ?7 \
                       WHERE auction = ?1";
            let values = (auction, seq, price, row.bid_count, status, outcome, row.ends_at.0);
            connection.prepare_cached(sql)?.execute(values).map(|_| ())
        }
    }
}

/// Writes a listing that is new, and its words: a title does not change.
fn keep_new_listing(
    connection: &Connection,
    row: &ListingRow,
    status: i64,
    outcome: Option<i64>,
) -> Result<()> {
    let sql = "INSERT INTO listings (auction, seq, title, seller, category, region, nationwide, condition, status, outcome, \
               price, buy_now, bid_count, starts_at, ends_at) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
    let condition = row.condition.map(|condition| number_of(&Condition::ALL, &condition));
    connection.prepare_cached(sql)?.execute(params![
        row.auction.0,
        row.seq.0,
        row.title,
        row.seller.0,
        row.category,
        row.region,
        row.nationwide,
        condition,
        status,
        outcome,
        row.price.won(),
        row.buy_now.map(Money::won),
        row.bid_count,
        row.starts_at.0,
        row.ends_at.0
    ])?;
    let words = store::words::tokens(&row.title).join(" ");
    let sql = "INSERT INTO listing_words (rowid, words) VALUES (?1, ?2)";
    connection.prepare_cached(sql)?.execute((row.auction.0, words)).map(|_| ())
}

/// Writes a notice over the unread one of its kind, if there is one. It gets a fresh number all the same: it is the
/// newest now, and whoever marks as read what he saw before must not mark this.
fn keep_notice(connection: &Connection, notice: Notice) -> Result<(MemberId, NoticeRow)> {
    let sql = "INSERT INTO notices (id, member, auction, kind, amount, at) \
               VALUES ((SELECT coalesce(max(id), 0) + 1 FROM notices), ?1, ?2, ?3, ?4, ?5) \
               ON CONFLICT (member, auction, kind) WHERE read_at IS NULL \
               DO UPDATE SET id = excluded.id, amount = excluded.amount, at = excluded.at RETURNING id";
    let Notice { member, kind, auction, title, amount, at } = notice;
    let number = number_of(&NoticeKind::ALL, &kind);
    let values = (member.0, auction.0, number, amount.map(Money::won), at.0);
    let id = connection.prepare_cached(sql)?.query_row(values, |row| row.get(0))?;
    Ok((member, NoticeRow { id, kind, auction, title, amount, at, read: false }))
}
