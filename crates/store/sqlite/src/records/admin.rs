//! What stands between a member and the market: suspensions, blocks, admins, lifted marks; and what admins did.
//!
//! Bids already made are taken back auction by auction, each by a command of its own: what is written here says which
//! auctions these are (chores), in the same transaction as the word itself.

use auction::{OFFERED_WITHIN, Time};
use ledger::MemberId;
use rusqlite::{Connection, Result};
use store::records::{Left, Page, Paged};
use store::{Act, pages};

use super::leaving::is_here;
use crate::rows::people::{ACT_COLUMNS, act, keep_act};

/// Whether an auction that is over may still be offered to another bidder: its newest order is under way, or fell through by the
/// buyer (states 3 refunded, 5 split; fault 0) behind that time; or its newest offer is open.
macro_rules! may_offer {
    ($ended_behind:literal) => {
        concat!(
            "(SELECT o.state IN (0, 1, 4) OR o.fault = 0 AND o.ended_at > ",
            $ended_behind,
            " AND (o.state = 3 OR o.state = 5 AND o.refund = o.price) \
             FROM orders o WHERE o.auction = a.id ORDER BY o.number DESC LIMIT 1) \
             OR (SELECT f.state = 0 FROM offers f WHERE f.auction = a.id ORDER BY f.number DESC LIMIT 1)"
        )
    };
}

/// A chore for each auction where the member's bids count, and that is not over or may still be offered.
pub(super) const WHERE_HE_BID: &str = concat!(
    "INSERT INTO chores (auction, member, seller, reason) \
     SELECT a.id, b.member, NULL, NULL FROM bidders b INDEXED BY bidders_by_member CROSS JOIN auctions a ON a.id = b.auction \
     WHERE b.member = ?1 AND b.is_out = 0 AND b.since > a.afresh AND (a.outcome IS NULL OR ",
    may_offer!("?2"),
    ") ORDER BY a.id"
);

/// A chore for each of the member's own auctions that is not over.
const WHERE_HE_SELLS: &str = "INSERT INTO chores (auction, member, seller, reason) \
    SELECT id, NULL, NULL, NULL FROM auctions INDEXED BY auctions_by_seller \
    WHERE seller = ?1 AND outcome IS NULL ORDER BY id";

/// A chore for each of the seller's auctions where the member's bids count, and that is not over or may still
/// be offered, unless one with a reason waits there already.
pub(super) const WHERE_HE_BID_HERE: &str = concat!(
    "INSERT INTO chores (auction, member, seller, reason) \
     SELECT a.id, b.member, a.seller, ?3 FROM bidders b INDEXED BY bidders_by_member CROSS JOIN auctions a ON a.id = b.auction \
     WHERE b.member = ?2 AND a.seller = ?1 AND b.is_out = 0 AND b.since > a.afresh AND (a.outcome IS NULL OR ",
    may_offer!("?4"),
    ") AND NOT EXISTS (SELECT 1 FROM chores c WHERE c.auction = a.id AND c.member = b.member AND c.seller = a.seller \
     AND c.reason IS NOT NULL) ORDER BY a.id"
);

/// Suspends a member, with the chores that follow; false if there is nobody to suspend. The reason of a suspension is between him and the
/// house: what follows in auctions is public, and says none.
pub(super) fn suspend(connection: &Connection, id: MemberId, act: &Act) -> Result<bool> {
    let sql = "UPDATE members SET suspended = 1 WHERE id = ?1 AND suspended = 0";
    if !change(connection, sql, id, act)? {
        return Ok(false);
    }
    connection.prepare_cached(WHERE_HE_BID)?.execute((id.0, act.at.minus(OFFERED_WITHIN).0))?;
    connection.prepare_cached(WHERE_HE_SELLS)?.execute([id.0])?;
    Ok(true)
}

/// Lifts a suspension; what was taken back stays so, and what is still to be taken back as well.
pub(super) fn restore(connection: &Connection, id: MemberId, act: &Act) -> Result<bool> {
    change(
        connection,
        "UPDATE members SET suspended = 0 WHERE id = ?1 AND suspended = 1 AND left_at IS NULL",
        id,
        act,
    )
}

/// Makes a member an admin, or none any more.
pub(super) fn set_admin(connection: &Connection, id: MemberId, is_admin: bool, act: &Act) -> Result<bool> {
    let sql = match is_admin {
        true => "UPDATE members SET is_admin = 1 WHERE id = ?1 AND is_admin = 0 AND left_at IS NULL",
        false => "UPDATE members SET is_admin = 0 WHERE id = ?1 AND is_admin = 1",
    };
    change(connection, sql, id, act)
}

/// Lifts a member's marks as of the act's time; false if there is no such member.
pub(super) fn lift_marks(connection: &Connection, id: MemberId, act: &Act) -> Result<bool> {
    let sql = "UPDATE members SET marks_lifted_at = max(coalesce(marks_lifted_at, ?2), ?2) \
               WHERE id = ?1 AND left_at IS NULL";
    let changed = connection.prepare_cached(sql)?.execute((id.0, act.at.0))? == 1;
    if changed {
        keep_act(connection, act)?;
    }
    Ok(changed)
}

fn change(connection: &Connection, sql: &str, id: MemberId, act: &Act) -> Result<bool> {
    let changed = connection.prepare_cached(sql)?.execute([id.0])? == 1;
    if changed {
        keep_act(connection, act)?;
    }
    Ok(changed)
}

/// A seller blocks a member, with the chores that follow. A block that stands keeps its time; with a reason it is followed
/// again by what is still due, for without one no lead is taken back.
pub(super) fn block(
    connection: &Connection,
    seller: MemberId,
    member: MemberId,
    reason: Option<&str>,
    at: Time,
) -> Result<std::result::Result<(), Left>> {
    if !is_here(connection, seller)? {
        return Ok(Err(Left));
    }
    let sql =
        "INSERT INTO blocks (seller, member, at) VALUES (?1, ?2, ?3) ON CONFLICT (seller, member) DO NOTHING";
    let is_new = connection.prepare_cached(sql)?.execute((seller.0, member.0, at.0))? == 1;
    if is_new || reason.is_some() {
        let ended_behind = at.minus(OFFERED_WITHIN).0;
        connection.prepare_cached(WHERE_HE_BID_HERE)?.execute((seller.0, member.0, reason, ended_behind))?;
    }
    Ok(Ok(()))
}

/// What admins did, newest first: all of it, or what concerns a member himself or an order in which he is a side.
pub(super) fn acts(connection: &Connection, concerning: Option<MemberId>, page: &Page) -> Result<Paged<Act>> {
    let Some(before) = pages::place(page, i64::MAX) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let most = pages::rows_to_read(limit);
    let found = |row: &rusqlite::Row<'_>| Ok((act(row)?, row.get::<_, i64>(8)?));
    let rows: Vec<(Act, i64)> = match concerning {
        None => {
            let sql = format!("SELECT {ACT_COLUMNS}, id FROM acts WHERE id < ?1 ORDER BY id DESC LIMIT ?2");
            connection.prepare_cached(&sql)?.query_map((before, most), found)?.collect::<Result<_>>()?
        }
        Some(member) => {
            let sql = concerning_sql();
            let mut statement = connection.prepare_cached(&sql)?;
            statement.query_map((before, most, member.0), found)?.collect::<Result<_>>()?
        }
    };
    let page = pages::cut(rows, limit, |(_, id)| id.to_string());
    Ok(Paged { items: page.items.into_iter().map(|(act, _)| act).collect(), next: page.next })
}

/// Each half is read from its own index: acts about orders are few, and there is none about most orders.
fn concerning_sql() -> String {
    let of_order = |side: &str| {
        format!(
            "SELECT * FROM (SELECT c.* FROM acts c JOIN orders o ON o.id = c.order_id \
             WHERE c.order_id IS NOT NULL AND o.{side} = ?3 AND c.id < ?1 ORDER BY c.id DESC LIMIT ?2)"
        )
    };
    format!(
        "SELECT {ACT_COLUMNS}, id FROM \
         (SELECT * FROM (SELECT * FROM acts INDEXED BY acts_by_member WHERE member = ?3 AND id < ?1 \
          ORDER BY id DESC LIMIT ?2) UNION {} UNION {}) ORDER BY id DESC LIMIT ?2",
        of_order("buyer"),
        of_order("seller")
    )
}
