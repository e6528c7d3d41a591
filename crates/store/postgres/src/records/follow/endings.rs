//! Endings: those who watch an auction or have bid hear once that it ends soon.
//!
//! A look goes on a little through the listings by their end, from where the last one ended, and begins again behind the
//! last that ends soon: listings that are new, or whose end was moved, are met by the next round of looks. Where the looks
//! stand is kept in memory, and each node has looks of its own. Whom was told stands in a table of its own, which no bid
//! touches: up to which member, by their numbers. It is moved on only from where it was read, in turns, so that a look that
//! was made twice, or on two nodes at once, tells nothing twice.

use std::collections::HashSet;

use auction::{AuctionId, Status, Time};
use ledger::{MemberId, Money};
use store::records::{ENDING_SOON, Followed, NoticeKind};

use super::{NOTICES_TOGETHER_MAX, Notice, keep_notices, take_turn};
use crate::pool::{Connection, Value};
use crate::rows::{Result, money, number_of};

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
pub(in crate::records) async fn find(store: &Connection, position: Position) -> Result<Option<Found>> {
    let Some(row) = store.query_opt("SELECT at FROM heartbeat WHERE id = 1", &[]).await? else {
        return Ok(None);
    };
    let now = Time(row.try_get(0)?);
    let start = Position { ends_at: now.0, auction: i64::MAX };
    let from = if position.ends_at < now.0 { start } else { position };
    let seen = look(store, from, now).await?;
    let mut found = Found { next: from, endings: Vec::new(), now, more: seen.len() == LOOKS_MAX };
    let mut room = NOTICES_TOGETHER_MAX;
    for (place, before) in seen {
        if before < EVERYONE {
            let Some(ending) = ending(store, place.auction, before, now, room).await? else {
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
async fn look(store: &Connection, from: Position, now: Time) -> Result<Vec<(Position, i64)>> {
    let open = number_of(&Status::ALL, &Status::Open);
    let until = now.plus(ENDING_SOON).0;
    let values: [Value<'_>; 5] = [&open, &from.ends_at, &from.auction, &until, &(LOOKS_MAX as i64)];
    let mut seen = Vec::new();
    for row in store.query(LOOK, &values).await? {
        let place = Position { ends_at: row.try_get(0)?, auction: row.try_get(1)? };
        seen.push((place, row.try_get(2)?));
    }
    Ok(seen)
}

/// What is listed to end soon, from a place on.
pub(in crate::records) const LOOK: &str = "SELECT l.ends_at, l.auction, coalesce(t.member, 0) \
     FROM listings l LEFT JOIN endings_told t ON t.auction = l.auction \
     WHERE l.status = $1 AND (l.ends_at, l.auction) > ($2, $3) AND l.ends_at <= $4 \
     ORDER BY l.ends_at, l.auction LIMIT $5";

/// What is to be told of one auction, to so many at the most; nothing if it does not end soon as it stands.
async fn ending(
    store: &Connection,
    auction: i64,
    before: i64,
    now: Time,
    room: usize,
) -> Result<Option<Ending>> {
    let sql = "SELECT i.title, a.price, a.seller FROM auctions a JOIN items i ON i.id = a.item \
               WHERE a.id = $1 AND a.outcome IS NULL AND a.ends_at > $2 AND a.ends_at <= $3";
    let until = now.plus(ENDING_SOON).0;
    let Some(row) = store.query_opt(sql, &[&auction, &now.0, &until]).await? else { return Ok(None) };
    let (title, price, seller): (String, Money, i64) =
        (row.try_get(0)?, money(row.try_get(1)?, 1)?, row.try_get(2)?);
    let who = store.query(WHO, &[&auction, &before, &seller, &(room as i64 + 1)]).await?;
    let mut members = Vec::with_capacity(who.len());
    for row in &who {
        members.push(MemberId(row.try_get(0)?));
    }
    let has_more = members.len() > room;
    members.truncate(room);
    let after = match members.last() {
        Some(last) if has_more => last.0,
        _ => EVERYONE,
    };
    Ok(Some(Ending { auction: AuctionId(auction), title, price, members, before, after }))
}

/// Who watches an auction or has bid and may still win it, but for its seller, behind a member, by their numbers. Each half
/// asks for a range of pairs, which only the index by auction has in this order.
pub(in crate::records) const WHO: &str = "SELECT DISTINCT either.member FROM ( \
       (SELECT member FROM watching \
         WHERE (auction, member) > ($1, $2) AND (auction, member) <= ($1, 9223372036854775807) AND member <> $3 \
         ORDER BY auction, member LIMIT $4) \
       UNION ALL (SELECT member FROM bidders \
         WHERE (auction, member) > ($1, $2) AND (auction, member) <= ($1, 9223372036854775807) AND member <> $3 \
         AND NOT is_out ORDER BY auction, member LIMIT $4)) AS either \
     ORDER BY either.member LIMIT $4";

/// Up to whom auctions were told, for those that still stand where they were read and are not over.
const KEEP: &str = "INSERT INTO endings_told (auction, member) \
     SELECT c.auction, c.after FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS c (auction, before, after) \
     JOIN auctions a ON a.id = c.auction LEFT JOIN endings_told t ON t.auction = c.auction \
     WHERE a.outcome IS NULL AND coalesce(t.member, 0) = c.before \
     ON CONFLICT (auction) DO UPDATE SET member = excluded.member RETURNING auction";

/// Writes what was found, but for auctions where another call was first or that are over by now. Calls take turns.
pub(in crate::records) async fn keep(store: &Connection, found: Found) -> Result<Followed> {
    take_turn(store).await?;
    let column = |of: fn(&Ending) -> i64| found.endings.iter().map(of).collect::<Vec<i64>>();
    let (auctions, before) = (column(|one| one.auction.0), column(|one| one.before));
    let after = column(|one| one.after);
    let rows = store.query(KEEP, &[&auctions, &before, &after]).await?;
    let kept = rows.iter().map(|row| Ok(row.try_get(0)?)).collect::<Result<HashSet<i64>>>()?;
    let mut notices = Vec::new();
    for Ending { auction, title, price, members, .. } in found.endings {
        if !kept.contains(&auction.0) {
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
    Ok(Followed { notices: keep_notices(store, notices).await?, more: found.more })
}
