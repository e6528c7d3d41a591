//! Endings: those who watch an auction or have bid hear once that it ends soon.
//!
//! A look goes on a little through the listings by their end, from where the last one ended, and begins again behind the
//! last that ends soon: listings that are new, or whose end was moved, are met by the next round of looks. Where the looks
//! stand is kept in memory. Whom was told stands in a table of its own, which no bid touches: up to which member, by their
//! numbers. It is moved on only from where it was read, so that a look that was made twice tells nothing twice.

use auction::{AuctionId, Status, Time};
use ledger::{MemberId, Money};
use rusqlite::{Connection, OptionalExtension, Result};
use store::records::{ENDING_SOON, Followed, NoticeKind};

use super::{NOTICES_TOGETHER_MAX, Notice, keep_notices};
use crate::rows::{money, number_of};

/// How many auctions one look looks at.
const LOOKS_MAX: usize = 1_000;

/// Up to which member an auction was told that has told everyone.
const EVERYONE: i64 = i64::MAX;

/// Where the looks stand: behind that end and auction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::records) struct Position {
    ends_at: i64,
    auction: i64,
}

/// What one look found to tell, and where the next one goes on.
pub(in crate::records) struct Found {
    pub(in crate::records) next: Position,
    endings: Vec<Ending>,
    now: Time,
    more: bool,
}

/// An auction that ends soon.
struct Ending {
    auction: AuctionId,
    title: String,
    price: Money,
    members: Vec<MemberId>,
    /// Up to which member it was told.
    before: i64,
    /// Up to which member it is told then.
    after: i64,
}

impl Found {
    /// Whether there is nothing to write.
    pub(in crate::records) fn is_empty(&self) -> bool {
        self.endings.is_empty()
    }

    /// Whether the next look would find more right away.
    pub(in crate::records) fn has_more(&self) -> bool {
        self.more
    }
}

/// Looks for what ends soon from that position on; `None` while no heartbeat was ever kept.
pub(in crate::records) fn find(connection: &Connection, position: Position) -> Result<Option<Found>> {
    let sql = "SELECT at FROM heartbeat WHERE id = 1";
    let Some(now) = connection.prepare_cached(sql)?.query_row([], |row| row.get(0).map(Time)).optional()?
    else {
        return Ok(None);
    };
    let start = Position { ends_at: now.0, auction: i64::MAX };
    let from = if position.ends_at < now.0 { start } else { position };
    let seen = look(connection, from, now)?;
    let mut found = Found { next: from, endings: Vec::new(), now, more: seen.len() == LOOKS_MAX };
    let mut room = NOTICES_TOGETHER_MAX;
    for (place, before) in seen {
        if before < EVERYONE {
            let Some(ending) = ending(connection, place.auction, before, now, room)? else {
                found.next = place;
                continue;
            };
            room -= ending.members.len();
            let is_whole = ending.after == EVERYONE;
            found.endings.push(ending);
            if !is_whole || room == 0 {
                // An auction of which some were told is met again.
                found.next = if is_whole { place } else { found.next };
                found.more = true;
                return Ok(Some(found));
            }
        }
        found.next = place;
    }
    if !found.more {
        found.next = Position::default();
    }
    Ok(Some(found))
}

/// The next open auctions that are listed to end soon, each with up to whom it was told.
fn look(connection: &Connection, from: Position, now: Time) -> Result<Vec<(Position, i64)>> {
    let open = number_of(&Status::ALL, &Status::Open);
    let until = now.plus(ENDING_SOON).0;
    let values = (open, from.ends_at, from.auction, until, LOOKS_MAX as i64);
    let mut statement = connection.prepare_cached(LOOK)?;
    let found = statement.query_map(values, |row| {
        Ok((Position { ends_at: row.get(0)?, auction: row.get(1)? }, row.get(2)?))
    })?;
    found.collect()
}

/// What is listed to end soon, from a place on; what ends at the place itself is a range of its own, for a row id cannot be
/// compared as part of a row value.
pub(in crate::records) const LOOK: &str = "SELECT l.ends_at, l.auction, coalesce(t.member, 0) \
       FROM listings l INDEXED BY listings_by_end LEFT JOIN endings_told t ON t.auction = l.auction \
       WHERE l.status = ?1 AND l.ends_at = ?2 AND l.auction > ?3 AND ?2 <= ?4 \
     UNION ALL SELECT l.ends_at, l.auction, coalesce(t.member, 0) \
       FROM listings l INDEXED BY listings_by_end LEFT JOIN endings_told t ON t.auction = l.auction \
       WHERE l.status = ?1 AND l.ends_at > ?2 AND l.ends_at <= ?4 \
     ORDER BY 1, 2 LIMIT ?5";

/// What is to be told of one auction, to so many at the most; nothing if it does not end soon as it stands.
fn ending(
    connection: &Connection,
    auction: i64,
    before: i64,
    now: Time,
    room: usize,
) -> Result<Option<Ending>> {
    let sql = "SELECT i.title, a.price, a.seller FROM auctions a JOIN items i ON i.id = a.item \
               WHERE a.id = ?1 AND a.outcome IS NULL AND a.ends_at > ?2 AND a.ends_at <= ?3";
    let values = (auction, now.0, now.plus(ENDING_SOON).0);
    let found = |row: &rusqlite::Row<'_>| {
        Ok((row.get::<_, String>(0)?, money(row.get(1)?, 1)?, row.get::<_, i64>(2)?))
    };
    let found = connection.prepare_cached(sql)?.query_row(values, found).optional()?;
    let Some((title, price, seller)) = found else { return Ok(None) };
    let mut statement = connection.prepare_cached(WHO)?;
    let who = statement.query_map((auction, before, seller, room as i64 + 1), |row| row.get(0))?;
    let mut members = who.map(|member| member.map(MemberId)).collect::<Result<Vec<_>>>()?;
    let has_more = members.len() > room;
    members.truncate(room);
    let after = match members.last() {
        Some(last) if has_more => last.0,
        _ => EVERYONE,
    };
    Ok(Some(Ending { auction: AuctionId(auction), title, price, members, before, after }))
}

/// Who watches an auction or has bid and may still win it, but for its seller, behind a member, by their numbers.
pub(in crate::records) const WHO: &str = "SELECT member FROM watching INDEXED BY watching_by_auction \
       WHERE auction = ?1 AND member > ?2 AND member <> ?3 \
     UNION SELECT member FROM bidders WHERE auction = ?1 AND member > ?2 AND member <> ?3 AND is_out = 0 \
     ORDER BY member LIMIT ?4";

/// Writes what was found, but for auctions where another call was first or that are over by now.
pub(in crate::records) fn keep(connection: &Connection, found: Found) -> Result<Followed> {
    let sql = "INSERT INTO endings_told (auction, member) \
               SELECT id, ?3 FROM auctions WHERE id = ?1 AND outcome IS NULL \
               ON CONFLICT DO UPDATE SET member = excluded.member WHERE member = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let mut notices = Vec::new();
    for Ending { auction, title, price, members, before, after } in found.endings {
        if statement.execute((auction.0, before, after))? == 0 {
            continue;
        }
        let notice = |member| Notice {
            member,
            kind: NoticeKind::EndingSoon,
            auction,
            title: title.clone(),
            amount: Some(price),
            at: found.now,
        };
        notices.extend(members.into_iter().map(notice));
    }
    Ok(Followed { notices: keep_notices(connection, notices)?, more: found.more })
}
