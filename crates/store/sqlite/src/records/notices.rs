//! Notices as their member reads them; they are written by following, never inside a round.

use auction::{AuctionId, Time};
use ledger::MemberId;
use rusqlite::{Connection, Result, Row};
use store::records::{NoticeKind, NoticeRow, Page, Paged};

use super::saved::{self, TOLD_OF};
use crate::rows::{self, HISTORY, TITLE};
use store::pages;

/// How many notices one write marks as read.
const READ_TOGETHER_MAX: usize = 500;

/// A member's notices, newest first.
pub(super) fn notices(connection: &Connection, member: MemberId, page: &Page) -> Result<Paged<NoticeRow>> {
    let Some(before) = pages::place(page, i64::MAX) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let sql = format!(
        "SELECT n.id, n.kind, n.auction, coalesce(s.name, {TITLE}), n.amount, n.at, n.is_read, s.id, s.told_count FROM \
         (SELECT * FROM (SELECT member, id, kind, auction, amount, at, 0 AS is_read FROM unread_notices \
          WHERE member = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3) \
          UNION ALL SELECT * FROM (SELECT member, id, kind, auction, amount, at, 1 FROM read_notices \
          WHERE member = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3)) n \
         CROSS JOIN auctions a ON a.id = n.auction CROSS JOIN items i ON i.id = a.item {HISTORY} {TOLD_OF} \
         ORDER BY n.id DESC LIMIT ?3"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_map((member.0, before, pages::rows_to_read(limit)), notice)?;
    let rows: Vec<NoticeRow> = found.collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |row| row.id.to_string()))
}

fn notice(row: &Row<'_>) -> Result<NoticeRow> {
    Ok(NoticeRow {
        id: row.get(0)?,
        kind: rows::one_of(&NoticeKind::ALL, row.get(1)?, 1)?,
        auction: AuctionId(row.get(2)?),
        title: row.get(3)?,
        amount: row.get::<_, Option<i64>>(4)?.map(|amount| rows::money(amount, 4)).transpose()?,
        at: Time(row.get(5)?),
        read: row.get(6)?,
        search: saved::told(row, 7)?,
    })
}

/// How many of a member's notices are unread.
pub(super) fn unread(connection: &Connection, member: MemberId) -> Result<i64> {
    let sql = "SELECT count(*) FROM unread_notices WHERE member = ?1";
    connection.prepare_cached(sql)?.query_row([member.0], |row| row.get(0))
}

/// Marks some of a member's notices as read, up to and with that number; true if there may be more.
pub(super) fn read(connection: &Connection, member: MemberId, up_to: i64, at: Time) -> Result<bool> {
    let most = READ_TOGETHER_MAX as i64;
    let sql = "INSERT INTO read_notices (member, id, auction, kind, amount, at, read_at) \
               SELECT member, id, auction, kind, amount, at, ?3 FROM unread_notices \
               WHERE member = ?1 AND id <= ?2 ORDER BY auction, kind LIMIT ?4";
    let changed = connection.prepare_cached(sql)?.execute((member.0, up_to, at.0, most))?;
    let sql = "DELETE FROM unread_notices WHERE (member, auction, kind) IN \
               (SELECT member, auction, kind FROM unread_notices \
                WHERE member = ?1 AND id <= ?2 ORDER BY auction, kind LIMIT ?3)";
    connection.prepare_cached(sql)?.execute((member.0, up_to, most))?;
    Ok(changed == READ_TOGETHER_MAX)
}
