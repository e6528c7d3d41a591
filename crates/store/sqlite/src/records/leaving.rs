//! Leaving: a member is erased, and what he left in the books of the market stays under a name that says nothing of him.
//!
//! No bid or deposit of his is lost or slips by: rounds are kept by the same writer, before or after it. One that comes
//! before leaves money, which is seen; one that comes after reads that he has left.
//!
//! His username and nickname are free again: nobody else ever saw the one, and with the other goes nothing that stood to it.
//! To keep them taken, something of them would have to be kept.

use auction::OFFERED_WITHIN;
use ledger::{MemberId, Money};
use rusqlite::{Connection, OptionalExtension, Result, Row};
use store::records::{Removal, RemovalRefused, Ties};

use super::admin::WHERE_HE_BID;
use super::follow::Notice;
use crate::journal::missing_of;
use crate::rows;

/// Whether a member is there and has not left: asked by whatever is written for a member, in the same transaction.
pub(super) fn is_here(connection: &Connection, member: MemberId) -> Result<bool> {
    connection.prepare_cached("SELECT 1 FROM members WHERE id = ?1 AND left_at IS NULL")?.exists([member.0])
}

/// These notices without those for members who have left: nobody would ever read them.
pub(super) fn without_left(connection: &Connection, notices: Vec<Notice>) -> Result<Vec<Notice>> {
    let sql = "SELECT 1 FROM members WHERE id = ?1 AND left_at IS NOT NULL";
    let mut has_left = connection.prepare_cached(sql)?;
    let mut kept = Vec::with_capacity(notices.len());
    for notice in notices {
        if !has_left.exists([notice.member.0])? {
            kept.push(notice);
        }
    }
    Ok(kept)
}

/// What goes with him, row by row.
const ERASED: [&str; 11] = [
    "DELETE FROM sessions WHERE member = ?1",
    "DELETE FROM watching WHERE member = ?1",
    "DELETE FROM blocks WHERE seller = ?1",
    "DELETE FROM saved_searches WHERE member = ?1",
    "DELETE FROM unread_notices WHERE member = ?1",
    "DELETE FROM read_notices WHERE member = ?1",
    "DELETE FROM removals WHERE member = ?1",
    "DELETE FROM reach WHERE member = ?1",
    "DELETE FROM confirmations WHERE member = ?1",
    "DELETE FROM subscriptions WHERE member = ?1",
    "DELETE FROM deliveries WHERE member = ?1",
];

/// Whether a member is an admin.
const IS_ADMIN: &str = "SELECT 1 FROM members WHERE id = ?1 AND is_admin = 1";

/// Whether there is another who can do something; only admins have all members looked through for that.
const HAS_OTHER_ADMINS: &str =
    "SELECT 1 FROM members WHERE is_admin = 1 AND suspended = 0 AND id <> ?1 LIMIT 1";

/// What still ties a member to the market. Of orders 0, 1 and 4 are under way, of offers and withdrawals 0 waits.
pub(super) fn ties(connection: &Connection, member: MemberId) -> Result<Ties> {
    let sql = "SELECT available, held FROM wallets WHERE member = ?1";
    let wallet = |row: &Row<'_>| Ok((rows::money(row.get(0)?, 0)?, rows::money(row.get(1)?, 1)?));
    let wallet = connection.prepare_cached(sql)?.query_row([member.0], wallet).optional()?;
    let (available, held) = wallet.unwrap_or_default();
    let is_play_money = connection
        .prepare_cached("SELECT 1 FROM nature WHERE name = 'money' AND value = 'demo'")?
        .exists([])?;
    let count = |sql: &str| connection.prepare_cached(sql)?.query_row([member.0], |row| row.get::<_, i64>(0));
    let is = |sql: &str| connection.prepare_cached(sql)?.exists([member.0]);
    Ok(Ties {
        is_suspended: is("SELECT 1 FROM members WHERE id = ?1 AND suspended = 1 AND left_at IS NULL")?,
        is_last_admin: is(IS_ADMIN)? && !is(HAS_OTHER_ADMINS)?,
        available: if is_play_money { Money::ZERO } else { available },
        held,
        withdrawals: count(
            "SELECT count(*) FROM withdrawals INDEXED BY withdrawals_waiting WHERE state = 0 AND member = ?1",
        )?,
        owed: missing_of(connection, member)?,
        auctions: count(
            "SELECT count(*) FROM auctions INDEXED BY auctions_live WHERE seller = ?1 AND outcome IS NULL",
        )?,
        offers: count(
            "SELECT count(*) FROM offers o INDEXED BY offers_one_open CROSS JOIN auctions a ON a.id = o.auction \
             WHERE o.state = 0 AND a.seller = ?1",
        )?,
        orders: count(
            "SELECT count(*) FROM orders INDEXED BY orders_by_buyer WHERE buyer = ?1 AND state IN (0, 1, 4)",
        )? + count(
            "SELECT count(*) FROM orders INDEXED BY orders_by_seller WHERE seller = ?1 AND state IN (0, 1, 4)",
        )?,
    })
}

/// Lets a member leave, unless something ties him.
pub(super) fn remove(
    connection: &Connection,
    removal: &Removal,
) -> Result<std::result::Result<(), RemovalRefused>> {
    let id = removal.member.0;
    let sql = "SELECT 1 FROM members WHERE id = ?1 AND password_hash = ?2 AND left_at IS NULL";
    if !connection.prepare_cached(sql)?.exists((id, &removal.known))? {
        return Ok(Err(RemovalRefused::Password));
    }
    let ties = ties(connection, removal.member)?;
    if !ties.are_none() {
        return Ok(Err(RemovalRefused::Tied(ties)));
    }
    // No username has a colon, and no nickname looks like a control character: nobody can ever have either.
    let sql = "UPDATE members SET username = 'left:' || id, nickname = ?2, skeleton = char(1) || id, password_hash = '', \
               region = NULL, about = NULL, picture = NULL, suspended = 1, is_admin = 0, left_at = ?3 WHERE id = ?1";
    connection.prepare_cached(sql)?.execute((id, &removal.nickname, removal.at.0))?;
    // As with whoever is suspended: nothing is offered any more to somebody who is not here.
    let ended_behind = removal.at.minus(OFFERED_WITHIN).0;
    connection.prepare_cached(WHERE_HE_BID)?.execute((id, ended_behind))?;
    for sql in ERASED {
        connection.prepare_cached(sql)?.execute([id])?;
    }
    Ok(Ok(()))
}
