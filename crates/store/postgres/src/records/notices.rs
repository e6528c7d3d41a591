//! Notices as their member reads them; they are written by following, never inside a round.

use auction::{AuctionId, Time};
use ledger::MemberId;
use store::records::{NOTICED_OF_A_MEMBER_MAX, NoticeKind, NoticeRow, Noticed, Page, Paged};
use tokio_postgres::Row;

use super::saved::{self, told_of};
use crate::pool::Connection;
use crate::rows::{self, Result, history, word};
use store::pages;

/// How many notices one write marks as read.
const READ_TOGETHER_MAX: usize = 500;

/// Of how many members one statement looks for new notices.
const MEMBERS_TOGETHER_MAX: usize = 1_000;

/// A member's notices, newest first.
pub(super) async fn notices(store: &Connection, member: MemberId, page: &Page) -> Result<Paged<NoticeRow>> {
    let Some(before) = pages::place(page, i64::MAX) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let found = store.query(NOTICES, &[&member.0, &before, &pages::rows_to_read(limit)]).await?;
    let rows: Vec<NoticeRow> = found.iter().map(notice).collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |row| row.id.to_string()))
}

/// A member's notices, of each table the newest.
pub(super) const NOTICES: &str = concat!(
    "SELECT n.id, n.kind, n.auction, coalesce(s.name, ",
    word!("title"),
    "), n.amount, n.at, n.is_read, s.id, s.told_count FROM \
     ((SELECT id, kind, auction, amount, at, false AS is_read FROM unread_notices \
       WHERE member = $1 AND id < $2 ORDER BY id DESC LIMIT $3) \
     UNION ALL (SELECT id, kind, auction, amount, at, true FROM read_notices \
       WHERE member = $1 AND id < $2 ORDER BY id DESC LIMIT $3)) n \
     JOIN auctions a ON a.id = n.auction JOIN items i ON i.id = a.item",
    history!(),
    told_of!("$1"),
    "ORDER BY n.id DESC LIMIT $3"
);

fn notice(row: &Row) -> Result<NoticeRow> {
    Ok(NoticeRow {
        id: row.try_get(0)?,
        kind: rows::one_of(&NoticeKind::ALL, row.try_get(1)?, 1)?,
        auction: AuctionId(row.try_get(2)?),
        title: row.try_get(3)?,
        amount: row.try_get::<_, Option<i64>>(4)?.map(|amount| rows::money(amount, 4)).transpose()?,
        at: Time(row.try_get(5)?),
        read: row.try_get(6)?,
        search: saved::told(row, 7)?,
    })
}

/// What was written for these members since the notice of that number, and the newest number. Numbers are given out under
/// the lock of the followers' row, which is held until they are committed: all up to the newest that is seen are there.
pub(super) async fn noticed(store: &Connection, since: Option<i64>, members: &[MemberId]) -> Result<Noticed> {
    let sql = "SELECT notice FROM followers WHERE name = 'market'";
    let newest: i64 = store.query_one(sql, &[]).await?.try_get(0)?;
    let mut notices = Vec::new();
    // A number behind the one that was asked for is of a store that was put back: the next question goes on from there.
    if let Some(since) = since.filter(|since| *since < newest) {
        for members in members.chunks(MEMBERS_TOGETHER_MAX) {
            let ids: Vec<i64> = members.iter().map(|member| member.0).collect();
            let most = NOTICED_OF_A_MEMBER_MAX as i64;
            for row in store.query(NOTICED, &[&ids, &since, &newest, &most]).await? {
                notices.push((MemberId(row.try_get(9)?), notice(&row)?));
            }
        }
        notices.sort_unstable_by_key(|(_, notice): &(MemberId, NoticeRow)| notice.id);
    }
    Ok(Noticed { newest: Some(newest), notices })
}

/// The unread notices of some members after one number and up to another, of each the newest.
pub(super) const NOTICED: &str = concat!(
    "SELECT n.id, n.kind, n.auction, coalesce(s.name, ",
    word!("title"),
    "), n.amount, n.at, false, s.id, s.told_count, wanted.member \
     FROM unnest($1::bigint[]) AS wanted (member) \
     CROSS JOIN LATERAL (SELECT id, kind, auction, amount, at FROM unread_notices \
       WHERE member = wanted.member AND id > $2 AND id <= $3 ORDER BY id DESC LIMIT $4) n \
     JOIN auctions a ON a.id = n.auction JOIN items i ON i.id = a.item",
    history!(),
    told_of!("wanted.member")
);

/// How many of a member's notices are unread.
pub(super) async fn unread(store: &Connection, member: MemberId) -> Result<i64> {
    let sql = "SELECT count(*) FROM unread_notices WHERE member = $1";
    Ok(store.query_one(sql, &[&member.0]).await?.try_get(0)?)
}

/// Marks some of a member's notices as read, up to and with that number; true if there may be more. They are locked in
/// the order in which following writes them, so that the two never wait for each other.
pub(super) async fn read(store: &Connection, member: MemberId, up_to: i64, at: Time) -> Result<bool> {
    let sql = "WITH seen AS ( \
                 SELECT auction, kind FROM unread_notices WHERE member = $1 AND id <= $2 \
                 ORDER BY auction, kind LIMIT $4 FOR UPDATE), \
               gone AS ( \
                 DELETE FROM unread_notices u USING seen \
                 WHERE u.member = $1 AND u.auction = seen.auction AND u.kind = seen.kind RETURNING u.*) \
               INSERT INTO read_notices (member, id, auction, kind, amount, at, read_at) \
               SELECT member, id, auction, kind, amount, at, $3::bigint FROM gone";
    let most = READ_TOGETHER_MAX as i64;
    let changed = store.execute(sql, &[&member.0, &up_to, &at.0, &most]).await?;
    Ok(changed == READ_TOGETHER_MAX as u64)
}
