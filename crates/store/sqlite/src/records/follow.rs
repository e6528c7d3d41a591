//! Following: what rounds have changed becomes listings and notices, each event once.
//!
//! One call reads, beside the writer, which auctions the next rounds touched, how each now stands and the events that its
//! members were not told of; then it asks the writer for one short write of what follows from them. How far an auction's
//! members were told stands in its listing, and a listing is written only if it still stands where it was read: a call
//! that was repeated, or made twice at once, changes nothing. The cursor moves when all auctions of its rounds are done;
//! until then each call goes on behind the auction at which the last one stopped, so that none waits for busier ones.
//! An auction's many rounds since the last call are thereby one write; this is what makes following cheap.
//!
//! Who left an auction without an event is told beside the rounds, and deleted from those who wait with the same write.
//!
//! The steps of orders are told with the write that moves the cursor past their rounds; up to which its sides were told
//! stands beside each order, and is moved on in the same way.

pub(super) mod endings;
mod listed;
mod news;
mod removals;
mod steps;
mod window;
pub(super) mod wording;

use auction::{AuctionId, Seq, Status, Time};
use ledger::{MemberId, Money};
use rusqlite::{Connection, OptionalExtension, Result, Row};
use store::Pace;
use store::records::{Followed, ListingRow, NoticeKind, NoticeRow};

pub(super) use self::news::EVENTS_READ_MAX;
use self::news::News;
#[cfg(test)]
pub(super) use self::window::ROUNDS_TOGETHER_MAX;
use self::window::Window;
use super::auctions::AS_LISTED;
use super::listings::{LISTING_WIDTH, listing};
use super::{delivery, leaving, saved};
use crate::rows::pictures::FIRST;
use crate::rows::{HISTORY, number_of, word};

/// How many notices one call writes at most, but for those of a single auction.
const NOTICES_TOGETHER_MAX: usize = 1_000;

/// What one call is going to write.
pub(super) struct Found {
    /// None if no round waits.
    window: Option<Window>,
    changes: Vec<Changed>,
    /// What the window's steps of orders mean, if nothing but them is left of it.
    steps: Vec<steps::Told>,
    /// Whose bids were taken back where no event tells it.
    removals: Vec<Notice>,
    /// Where the next call begins, if something else follows from the window.
    pub(super) rest: Option<AuctionId>,
}

/// An auction of which something has to be written.
struct Changed {
    /// The listing as it shall be.
    row: ListingRow,
    change: Change,
    /// Up to where its members were told; nothing if it is not listed yet.
    told: Seq,
    /// Whether it is open now, and was not listed as that.
    has_opened: bool,
    news: News,
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
    /// What is sold and how.
    Terms,
}

/// A notice before it has a number.
pub(super) struct Notice {
    pub(super) member: MemberId,
    pub(super) kind: NoticeKind,
    pub(super) auction: AuctionId,
    pub(super) title: String,
    pub(super) amount: Option<Money>,
    pub(super) at: Time,
}

/// Reads the next rounds and what follows from them, for as many auctions as the pace takes, from its place on and then
/// from the first; `None` if nothing waits.
pub(super) fn find(connection: &Connection, pace: Pace) -> Result<Option<Found>> {
    let Pace { auctions_max, from } = pace;
    let removals = removals::waiting(connection)?;
    let Some(window) = window::next(connection)? else {
        let (changes, steps) = (Vec::new(), Vec::new());
        return Ok((!removals.is_empty()).then_some(Found {
            window: None,
            changes,
            steps,
            removals,
            rest: None,
        }));
    };
    let (mut changes, mut notices, mut events, mut rest) = (Vec::new(), 0, 0, None);
    for (auction, seq) in window.heads.range(from..).chain(window.heads.range(..from)) {
        if changes.len() >= auctions_max || notices >= NOTICES_TOGETHER_MAX || events >= EVENTS_READ_MAX {
            rest = Some(*auction);
            break;
        }
        let Some((row, change, told, has_opened)) = present(connection, *auction)? else {
            tracing::error!(auction = auction.0, "a round names an auction that does not exist");
            continue;
        };
        if told >= *seq {
            continue;
        }
        let news = news::of(connection, &row, told)?;
        // An edit may have changed words that are not listed, but found.
        let change = if news.is_edited && change != Change::New { Change::Terms } else { change };
        notices += news.notices.len();
        events += news.events;
        if news.told < *seq {
            rest = rest.or(Some(*auction));
        }
        changes.push(Changed { row, change, told, has_opened, news });
    }
    let steps = match rest {
        None => steps::of(connection, &window.orders)?,
        Some(_) => Vec::new(),
    };
    Ok(Some(Found { window: Some(window), changes, steps, removals, rest }))
}

/// Whether what is listed of an auction has another word or figure than the auction.
const IS_EDITED: &str = concat!(
    "l.title <> ",
    word!("title"),
    " OR l.category IS NOT ",
    word!("category"),
    " OR l.region IS NOT ",
    word!("region"),
    " OR l.nationwide <> ",
    word!("nationwide"),
    " OR l.condition IS NOT ",
    word!("condition"),
    " OR l.buy_now IS NOT a.buy_now OR l.starts_at <> a.starts_at OR l.picture IS NOT p.address \
     OR (p.address IS NOT NULL AND l.picture_alt IS NOT CASE WHEN h.auction IS NULL THEN ip.alt ELSE op.alt END)"
);

/// The auction as it stands, what has to be written of it, up to where its members were told, and whether it has opened.
fn present(connection: &Connection, auction: AuctionId) -> Result<Option<(ListingRow, Change, Seq, bool)>> {
    let sql = format!(
        "SELECT {AS_LISTED}, l.told, l.status <> a.status OR l.ends_at <> a.ends_at, {IS_EDITED}, l.status \
         FROM auctions a JOIN items i ON i.id = a.item {HISTORY} {FIRST} LEFT JOIN listings l ON l.auction = a.id WHERE a.id = ?1"
    );
    let found = |row: &Row<'_>| {
        let told = row.get::<_, Option<i64>>(LISTING_WIDTH)?;
        let change = match told {
            None => Change::New,
            Some(_) if row.get(LISTING_WIDTH + 2)? => Change::Terms,
            Some(_) if row.get(LISTING_WIDTH + 1)? => Change::Life,
            Some(_) => Change::Bids,
        };
        let row_now = listing(row)?;
        let open = number_of(&Status::ALL, &Status::Open);
        let was_open = row.get::<_, Option<i64>>(LISTING_WIDTH + 3)? == Some(open);
        let has_opened = row_now.status == Status::Open && !was_open;
        Ok((row_now, change, Seq(told.unwrap_or_default()), has_opened))
    };
    connection.prepare_cached(&sql)?.query_row([auction.0], found).optional()
}

/// Writes what was found, but for auctions where another call was first, and moves the cursor if all is done.
pub(super) fn keep(connection: &Connection, found: Found) -> Result<Followed> {
    let (mut notices, mut is_whole) = (Vec::new(), found.rest.is_none());
    for changed in found.changes {
        if listed::keep(connection, &changed)? {
            if changed.has_opened {
                saved::arrive(connection, changed.row.auction)?;
            }
            notices.extend(changed.news.notices);
        } else {
            is_whole = false;
        }
    }
    for told in found.steps {
        if steps::keep(connection, &told)? {
            notices.extend(told.notices);
        } else {
            is_whole = false;
        }
    }
    let may_wait = found.removals.len() >= removals::TOGETHER_MAX;
    for notice in found.removals {
        if removals::take(connection, &notice)? {
            notices.push(notice);
        }
    }
    notices.sort_by_key(|notice: &Notice| notice.at);
    let notices = keep_notices(connection, notices)?;
    let has_more = may_wait || found.window.as_ref().is_some_and(|window| window.has_more);
    if let Some(window) = found.window.filter(|_| is_whole) {
        let sql = "UPDATE followers SET round = max(round, ?1) WHERE name = 'market'";
        connection.prepare_cached(sql)?.execute([window.last])?;
        // The newest stays: without it the next round would get a number that has been followed already.
        connection.prepare_cached("DELETE FROM rounds WHERE id < ?1")?.execute([window.last])?;
    }
    Ok(Followed { notices, more: has_more || !is_whole })
}

/// Writes each notice over the unread one of its kind, if there is one. It gets a fresh number all the same: it is the
/// newest now, and whoever marks as read what he saw before must not mark this.
pub(super) fn keep_notices(
    connection: &Connection,
    notices: Vec<Notice>,
) -> Result<Vec<(MemberId, NoticeRow)>> {
    let notices = leaving::without_left(connection, notices)?;
    if notices.is_empty() {
        return Ok(Vec::new());
    }
    let sql = "UPDATE followers SET notice = notice + ?1 WHERE name = 'market' RETURNING notice - ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let newest: i64 = statement.query_row([notices.len() as i64], |row| row.get(0))?;
    let sql = "INSERT INTO unread_notices (member, auction, kind, id, amount, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
               ON CONFLICT DO UPDATE SET id = excluded.id, amount = excluded.amount, at = excluded.at";
    let mut statement = connection.prepare_cached(sql)?;
    let numbered = (newest + 1..).zip(notices);
    let keep = |(id, Notice { member, kind, auction, title, amount, at })| {
        let number = number_of(&NoticeKind::ALL, &kind);
        statement.execute((member.0, auction.0, number, id, amount.map(Money::won), at.0))?;
        Ok((member, NoticeRow { id, kind, auction, title, amount, at, read: false, search: None }))
    };
    let kept: Vec<(MemberId, NoticeRow)> = numbered.map(keep).collect::<Result<_>>()?;
    delivery::enqueue(connection, &kept)?;
    Ok(kept)
}
