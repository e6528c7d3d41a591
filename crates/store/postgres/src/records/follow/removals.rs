//! Whose bids were taken back where no event tells it: told once, for what is told is deleted with the same write.

use std::collections::HashSet;

use auction::{AuctionId, Time};
use ledger::MemberId;
use store::records::NoticeKind;
use tokio_postgres::Row;

use super::Notice;
use crate::pool::Connection;
use crate::rows::{Result, history, word};

/// How many are told together.
pub(super) const TOGETHER_MAX: usize = 500;

/// Those who wait to be told.
pub(super) async fn waiting(store: &Connection) -> Result<Vec<Notice>> {
    let found = store.query(WAITING, &[&(TOGETHER_MAX as i64)]).await?;
    let notice = |row: &Row| -> Result<Notice> {
        let (auction, member) = (AuctionId(row.try_get(0)?), MemberId(row.try_get(1)?));
        let (kind, at) = (NoticeKind::TakenBack, Time(row.try_get(2)?));
        Ok(Notice { member, kind, auction, title: row.try_get(3)?, amount: None, at })
    };
    found.iter().map(notice).collect()
}

/// The first of them.
pub(crate) const WAITING: &str = concat!(
    "SELECT r.auction, r.member, r.at, ",
    word!("title"),
    " FROM (SELECT auction, member, at FROM removals ORDER BY auction, member LIMIT $1) r \
     JOIN auctions a ON a.id = r.auction JOIN items i ON i.id = a.item",
    history!()
);

/// Takes them off those who wait; which of them no other call took first.
pub(super) async fn take(store: &Connection, notices: Vec<Notice>) -> Result<Vec<Notice>> {
    if notices.is_empty() {
        return Ok(notices);
    }
    let column = |column: fn(&Notice) -> i64| notices.iter().map(column).collect::<Vec<i64>>();
    let (auctions, members, times) =
        (column(|one| one.auction.0), column(|one| one.member.0), column(|one| one.at.0));
    let taken = store.query(TAKE, &[&auctions, &members, &times]).await?;
    let part = |row: &Row| Ok((AuctionId(row.try_get(0)?), MemberId(row.try_get(1)?)));
    let taken: HashSet<(AuctionId, MemberId)> = taken.iter().map(part).collect::<Result<_>>()?;
    Ok(notices.into_iter().filter(|one| taken.contains(&(one.auction, one.member))).collect())
}

/// Those that still wait as they were read.
pub(crate) const TAKE: &str = "DELETE FROM removals r \
     USING unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS c (auction, member, at) \
     WHERE r.auction = c.auction AND r.member = c.member AND r.at = c.at RETURNING r.auction, r.member";
