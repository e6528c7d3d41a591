//! Leaving: a member is erased, and what he left in the books of the market stays under a name that says nothing of him.
//!
//! No bid or deposit of his is lost or slips by. A round locks the wallet of whoever calls, sells or leads before it reads
//! whether he has left, and holds it until its commit; so does whoever lets him leave, and looks at what ties him in later
//! statements, which see all that was committed until the lock was granted. A round that comes first is seen, one that comes
//! later sees.
//!
//! What else is written for him outside of rounds asks first whether he is here ([`is_here`]); notices are written, and erased,
//! under the followers' row. So locks are taken in one order: wallets, members, the followers' row, what is a member's.
//!
//! His username and nickname are free again: nobody else ever saw the one, and with the other goes nothing that stood to it.
//! To keep them taken, something of them would have to be kept.

use auction::OFFERED_WITHIN;
use ledger::{MemberId, Money};
use store::records::{Removal, RemovalRefused, Ties};

use super::admin::{WHERE_HE_BID, hold_still};
use super::follow::{Notice, take_turn};
use super::money;
use crate::pool::Connection;
use crate::rows::{self, Result};

/// Whether a member is there and has not left, and keeps him from leaving until the end of the transaction: asked by whatever is
/// written for a member, before it locks what is his. Whoever is just leaving is waited for. Wallets are locked before.
pub(super) async fn is_here(store: &Connection, member: MemberId) -> Result<bool> {
    let sql = "SELECT FROM members WHERE id = $1 AND left_at IS NULL FOR KEY SHARE";
    Ok(store.query_opt(sql, &[&member.0]).await?.is_some())
}

/// These notices without those for members who have left: nobody would ever read them. Whoever leaves holds the followers'
/// row until he has left, and so does whoever asks this.
pub(super) async fn without_left(store: &Connection, notices: Vec<Notice>) -> Result<Vec<Notice>> {
    let mut members: Vec<i64> = notices.iter().map(|notice| notice.member.0).collect();
    members.sort_unstable();
    members.dedup();
    let left = store.query(LEFT, &[&members]).await?;
    let left: Vec<i64> = left.iter().map(|row| Ok(row.try_get(0)?)).collect::<Result<_>>()?;
    Ok(notices.into_iter().filter(|notice| !left.contains(&notice.member.0)).collect())
}

/// Those of some members who have left.
pub(super) const LEFT: &str = "SELECT id FROM members WHERE id = ANY($1) AND left_at IS NOT NULL";

/// What goes with him, row by row.
const ERASED: [&str; 11] = [
    "DELETE FROM sessions WHERE member = $1",
    "DELETE FROM watching WHERE member = $1",
    "DELETE FROM blocks WHERE seller = $1",
    // In the order in which he marks them as read.
    "DELETE FROM unread_notices u USING (SELECT auction, kind FROM unread_notices WHERE member = $1 \
       ORDER BY auction, kind FOR UPDATE) AS his \
     WHERE u.member = $1 AND u.auction = his.auction AND u.kind = his.kind",
    "DELETE FROM saved_searches WHERE member = $1",
    "DELETE FROM read_notices WHERE member = $1",
    "DELETE FROM removals WHERE member = $1",
    "DELETE FROM confirmations WHERE member = $1",
    "DELETE FROM reach WHERE member = $1",
    "DELETE FROM subscriptions WHERE member = $1",
    "DELETE FROM deliveries WHERE member = $1",
];

/// What still ties a member to the market, each a number. Of orders 0, 1 and 4 are under way, of offers and withdrawals 0 waits.
pub(super) const TIES: &str = "SELECT \
     (SELECT count(*) FROM withdrawals WHERE state = 0 AND member = $1), \
     (SELECT count(*) FROM auctions WHERE seller = $1 AND outcome IS NULL), \
     (SELECT count(*) FROM offers o CROSS JOIN LATERAL (SELECT seller FROM auctions WHERE id = o.auction LIMIT 1) AS a \
       WHERE o.state = 0 AND a.seller = $1), \
     (SELECT count(*) FROM orders WHERE buyer = $1 AND state IN (0, 1, 4)) + \
     (SELECT count(*) FROM orders WHERE seller = $1 AND state IN (0, 1, 4))";

/// Whether a member is suspended, and whether he is the only admin who can do something; only admins have all members looked
/// through for that.
async fn standing(store: &Connection, member: MemberId) -> Result<(bool, bool)> {
    let sql = "SELECT suspended AND left_at IS NULL, is_admin FROM members WHERE id = $1";
    let Some(row) = store.query_opt(sql, &[&member.0]).await? else { return Ok((false, false)) };
    let (is_suspended, is_admin): (bool, bool) = (row.try_get(0)?, row.try_get(1)?);
    let sql = "SELECT FROM members WHERE is_admin AND NOT suspended AND id <> $1 LIMIT 1";
    Ok((is_suspended, is_admin && store.query_opt(sql, &[&member.0]).await?.is_none()))
}

/// What still ties a member to the market.
pub(super) async fn ties(store: &Connection, member: MemberId) -> Result<Ties> {
    let sql = "SELECT available, held FROM wallets WHERE member = $1";
    let (available, held) = match store.query_opt(sql, &[&member.0]).await? {
        Some(row) => (rows::money(row.try_get(0)?, 0)?, rows::money(row.try_get(1)?, 1)?),
        None => (Money::ZERO, Money::ZERO),
    };
    let sql = "SELECT FROM nature WHERE name = 'money' AND value = 'demo'";
    let is_play_money = store.query_opt(sql, &[]).await?.is_some();
    let (is_suspended, is_last_admin) = standing(store, member).await?;
    let row = store.query_one(TIES, &[&member.0]).await?;
    Ok(Ties {
        is_suspended,
        is_last_admin,
        available: if is_play_money { Money::ZERO } else { available },
        held,
        withdrawals: row.try_get(0)?,
        owed: money::missing(store, member).await?,
        auctions: row.try_get(1)?,
        offers: row.try_get(2)?,
        orders: row.try_get(3)?,
    })
}

/// Lets a member leave, unless something ties him.
pub(super) async fn remove(
    store: &Connection,
    removal: &Removal,
) -> Result<std::result::Result<(), RemovalRefused>> {
    let id = removal.member.0;
    hold_still(store, removal.member).await?;
    // Whoever is just writing something for him, such as a session, shares this row until it stands, and it is erased below.
    let sql = "SELECT FROM members WHERE id = $1 AND password_hash = $2 AND left_at IS NULL FOR UPDATE";
    if store.query_opt(sql, &[&id, &removal.known]).await?.is_none() {
        return Ok(Err(RemovalRefused::Password));
    }
    // Who is tied is told before the followers are waited for: a leader's wallet must not stand still meanwhile.
    let early = ties(store, removal.member).await?;
    if !early.are_none() {
        return Ok(Err(RemovalRefused::Tied(early)));
    }
    // Two last admins at once do not both go, and no notice is written that would not be erased.
    take_turn(store).await?;
    let ties = ties(store, removal.member).await?;
    if !ties.are_none() {
        return Ok(Err(RemovalRefused::Tied(ties)));
    }
    // No username has a colon, and no nickname looks like a control character: nobody can ever have either.
    let sql = "UPDATE members SET username = 'left:' || id, nickname = $2, skeleton = chr(1) || id, password_hash = '', \
               region = NULL, about = NULL, picture = NULL, suspended = true, is_admin = false, left_at = $3 \
               WHERE id = $1";
    store.execute(sql, &[&id, &removal.nickname, &removal.at.0]).await?;
    // As with whoever is suspended: nothing is offered any more to somebody who is not here.
    store.execute(WHERE_HE_BID, &[&id, &removal.at.minus(OFFERED_WITHIN).0]).await?;
    for sql in ERASED {
        store.execute(sql, &[&id]).await?;
    }
    Ok(Ok(()))
}
