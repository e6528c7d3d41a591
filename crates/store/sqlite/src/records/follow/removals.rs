//! Whose bids were taken back where no event tells it: told once, for what is told is deleted with the same write.

use auction::{AuctionId, Time};
use ledger::MemberId;
use rusqlite::{Connection, Result, Row};
use store::records::NoticeKind;

use super::Notice;
use crate::rows::{HISTORY, TITLE};

/// How many are told together.
pub(super) const TOGETHER_MAX: usize = 500;

/// Those who wait to be told.
pub(super) fn waiting(connection: &Connection) -> Result<Vec<Notice>> {
    let sql = format!(
        "SELECT r.auction, r.member, r.at, {TITLE} \
         FROM (SELECT auction, member, at FROM removals ORDER BY auction, member LIMIT ?1) r \
         CROSS JOIN auctions a ON a.id = r.auction CROSS JOIN items i ON i.id = a.item {HISTORY}"
    );
    let notice = |row: &Row<'_>| {
        let (auction, member) = (AuctionId(row.get(0)?), MemberId(row.get(1)?));
        let (kind, at) = (NoticeKind::TakenBack, Time(row.get(2)?));
        Ok(Notice { member, kind, auction, title: row.get(3)?, amount: None, at })
    };
    connection.prepare_cached(&sql)?.query_map([TOGETHER_MAX as i64], notice)?.collect()
}

/// Takes one off those who wait; false if another call was first.
pub(super) fn take(connection: &Connection, notice: &Notice) -> Result<bool> {
    let sql = "DELETE FROM removals WHERE auction = ?1 AND member = ?2 AND at = ?3";
    let values = (notice.auction.0, notice.member.0, notice.at.0);
    connection.prepare_cached(sql)?.execute(values).map(|taken| taken > 0)
}
