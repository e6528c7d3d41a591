//! What stands between a member and the market: suspensions, blocks, admins, lifted marks; and what admins did.
//!
//! Bids already made are taken back auction by auction, each by a command of its own: what is written here says which
//! auctions these are (chores), in the same transaction as the word itself.
//!
//! No bid slips between the two. A round locks the wallet of whoever calls before it reads whether he is suspended or
//! blocked, and holds it until its commit; so does whoever suspends or blocks him, and looks for his bids in a later
//! statement, which sees all that was committed until the lock was granted. A round that comes first is seen, one that
//! comes later sees.

use auction::{OFFERED_WITHIN, Time};
use ledger::MemberId;
use store::records::{Left, Page, Paged};
use store::{Act, ActKind, pages};
use tokio_postgres::Row;

use super::leaving::is_here;
use crate::pool::Connection;
use crate::rows::people::{ACT_COLUMNS, ACT_WIDTH, act, act_columns};
use crate::rows::{Result, number_of};

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
     SELECT a.id, b.member, NULL, NULL FROM bidders b JOIN auctions a ON a.id = b.auction \
     WHERE b.member = $1 AND NOT b.is_out AND b.since > a.afresh AND (a.outcome IS NULL OR ",
    may_offer!("$2"),
    ") ORDER BY a.id"
);

/// A chore for each of the member's own auctions that is not over.
pub(super) const WHERE_HE_SELLS: &str = "INSERT INTO chores (auction, member, seller, reason) \
     SELECT id, NULL, NULL, NULL FROM auctions WHERE seller = $1 AND outcome IS NULL ORDER BY id";

/// A chore for each of the seller's auctions where the member's bids count, and that is not over or may still
/// be offered, unless one with a reason waits there already.
pub(super) const WHERE_HE_BID_HERE: &str = concat!(
    "INSERT INTO chores (auction, member, seller, reason) \
     SELECT a.id, b.member, a.seller, $3::text FROM bidders b JOIN auctions a ON a.id = b.auction \
     WHERE b.member = $2 AND a.seller = $1 AND NOT b.is_out AND b.since > a.afresh AND (a.outcome IS NULL OR ",
    may_offer!("$4"),
    ") AND NOT EXISTS (SELECT 1 FROM chores c WHERE c.auction = a.id AND c.member = b.member AND c.seller = a.seller \
     AND c.reason IS NOT NULL) ORDER BY a.id"
);

/// Waits until no round of the member's is under way, and lets none begin until the end of the transaction. A member
/// without a wallet gets one, as a round would make it for him.
pub(super) async fn hold_still(store: &Connection, member: MemberId) -> Result<()> {
    let sql = "INSERT INTO wallets (member, available, held, version, last_transfer) \
               SELECT id, 0, 0, 0, 0 FROM members WHERE id = $1 ON CONFLICT (member) DO NOTHING";
    store.execute(sql, &[&member.0]).await?;
    let sql = "SELECT member FROM wallets WHERE member = $1 FOR NO KEY UPDATE";
    store.query_opt(sql, &[&member.0]).await.map(drop)
}

/// Suspends a member, with the chores that follow; false if there is nobody to suspend. The reason of a suspension is between him and the
/// house: what follows in auctions is public, and says none.
pub(super) async fn suspend(store: &Connection, id: MemberId, act: &Act) -> Result<bool> {
    hold_still(store, id).await?;
    let sql = "UPDATE members SET suspended = true WHERE id = $1 AND NOT suspended";
    if !change(store, sql, id, act).await? {
        return Ok(false);
    }
    store.execute(WHERE_HE_BID, &[&id.0, &act.at.minus(OFFERED_WITHIN).0]).await?;
    store.execute(WHERE_HE_SELLS, &[&id.0]).await?;
    Ok(true)
}

/// Lifts a suspension; what was taken back stays so, and what is still to be taken back as well.
pub(super) async fn restore(store: &Connection, id: MemberId, act: &Act) -> Result<bool> {
    change(
        store,
        "UPDATE members SET suspended = false WHERE id = $1 AND suspended AND left_at IS NULL",
        id,
        act,
    )
    .await
}

/// Makes a member an admin, or none any more.
pub(super) async fn set_admin(store: &Connection, id: MemberId, is_admin: bool, act: &Act) -> Result<bool> {
    let sql = match is_admin {
        true => "UPDATE members SET is_admin = true WHERE id = $1 AND NOT is_admin AND left_at IS NULL",
        false => "UPDATE members SET is_admin = false WHERE id = $1 AND is_admin",
    };
    change(store, sql, id, act).await
}

/// Lifts a member's marks as of the act's time; false if there is no such member.
pub(super) async fn lift_marks(store: &Connection, id: MemberId, act: &Act) -> Result<bool> {
    let sql = "UPDATE members SET marks_lifted_at = greatest(marks_lifted_at, $2) WHERE id = $1 AND left_at IS NULL";
    let changed = store.execute(sql, &[&id.0, &act.at.0]).await? == 1;
    if changed {
        keep_act(store, act).await?;
    }
    Ok(changed)
}

async fn change(store: &Connection, sql: &str, id: MemberId, act: &Act) -> Result<bool> {
    let changed = store.execute(sql, &[&id.0]).await? == 1;
    if changed {
        keep_act(store, act).await?;
    }
    Ok(changed)
}

pub(super) async fn keep_act(store: &Connection, act: &Act) -> Result<()> {
    let sql = concat!("INSERT INTO acts (", act_columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
    let (admin, kind) = (act.admin.map(|admin| admin.0), number_of(&ActKind::ALL, &act.kind));
    let (member, auction) = (act.member.map(|member| member.0), act.auction.map(|auction| auction.0));
    let (order, withdrawal) = (act.order.map(|order| order.0), act.withdrawal.map(|one| one.0));
    store
        .execute(sql, &[&admin, &kind, &member, &auction, &order, &withdrawal, &act.reason, &act.at.0])
        .await
        .map(drop)
}

/// A seller blocks a member, with the chores that follow. A block that stands keeps its time; with a reason it is followed
/// again by what is still due, for without one no lead is taken back.
pub(super) async fn block(
    store: &Connection,
    seller: MemberId,
    member: MemberId,
    reason: Option<&str>,
    at: Time,
) -> Result<std::result::Result<(), Left>> {
    hold_still(store, member).await?;
    if !is_here(store, seller).await? {
        return Ok(Err(Left));
    }
    let sql =
        "INSERT INTO blocks (seller, member, at) VALUES ($1, $2, $3) ON CONFLICT (seller, member) DO NOTHING";
    let is_new = store.execute(sql, &[&seller.0, &member.0, &at.0]).await? == 1;
    if is_new || reason.is_some() {
        let ended_behind = at.minus(OFFERED_WITHIN).0;
        store.execute(WHERE_HE_BID_HERE, &[&seller.0, &member.0, &reason, &ended_behind]).await?;
    }
    Ok(Ok(()))
}

/// What admins did, newest first: all of it, or what concerns a member himself or an order in which he is a side.
pub(super) async fn acts(
    store: &Connection,
    concerning: Option<MemberId>,
    page: &Page,
) -> Result<Paged<Act>> {
    let Some(before) = pages::place(page, i64::MAX) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let most = pages::rows_to_read(limit);
    let found = match concerning {
        None => {
            let sql = format!("SELECT {ACT_COLUMNS}, id FROM acts WHERE id < $1 ORDER BY id DESC LIMIT $2");
            store.query(&sql, &[&before, &most]).await?
        }
        Some(member) => store.query(&acts_sql(), &[&before, &most, &member.0]).await?,
    };
    let found = found.iter().map(|row: &Row| Ok((act(row)?, row.try_get::<_, i64>(ACT_WIDTH)?)));
    let page = pages::cut(found.collect::<Result<Vec<_>>>()?, limit, |(_, id)| id.to_string());
    Ok(Paged { items: page.items.into_iter().map(|(act, _)| act).collect(), next: page.next })
}

/// What concerns a member. Each part is read from its own index; an admin acts on orders that were disputed, and these are
/// few among a member's.
pub(super) fn acts_sql() -> String {
    let of_order = |side: &str| {
        format!(
            "SELECT c.* FROM orders o CROSS JOIN LATERAL (SELECT {ACT_COLUMNS}, id FROM acts \
             WHERE order_id = o.id AND id < $1 ORDER BY id DESC LIMIT $2) AS c \
             WHERE o.{side} = $3 AND o.disputed_at IS NOT NULL"
        )
    };
    format!(
        "SELECT {ACT_COLUMNS}, id FROM ((SELECT {ACT_COLUMNS}, id FROM acts WHERE member = $3 AND id < $1 \
         ORDER BY member DESC, id DESC LIMIT $2) UNION {} UNION {}) AS found ORDER BY id DESC LIMIT $2",
        of_order("buyer"),
        of_order("seller")
    )
}
