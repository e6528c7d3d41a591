//! Deliveries: how members are reached, what waits to be sent, and what became of it.

use async_trait::async_trait;
use auction::{AuctionId, Time};
use ledger::MemberId;
use rusqlite::{Connection, OptionalExtension, Result, Row};
use store::pages;
use store::records::{
    CLAIMED_TOGETHER_MAX, Channel, DELIVERIES_COUNTED_MAX, Delivery, DeliveryCounts, DeliveryRecords,
    DeliveryState, EMAIL_GAP, FAILED_KEPT, FailedDelivery, LEASE, Left, NewAddress, NoticeKind, NoticeRow,
    Page, Paged, Reach, ReachChange, SETTLED_KEPT, Secret, Settled, SettledAs, SubscribeRefused,
    Subscription, TROUBLED_LOOKED_AT_MAX, TROUBLED_SHOWN_MAX, TokenHash, Wishes,
};

use super::{SqliteRecords, reach, saved};
use crate::rows::{self, HISTORY, TITLE, number_of};

/// How many settled deliveries one step removes.
const SWEPT_TOGETHER_MAX: i64 = 250;

#[async_trait]
impl DeliveryRecords for SqliteRecords {
    async fn reach(&self, member: MemberId) -> store::Result<Reach> {
        self.points.run("reading how a member is reached", move |store| reach::of(store, member)).await
    }

    async fn change_reach(
        &self,
        member: MemberId,
        change: ReachChange,
    ) -> store::Result<std::result::Result<(), Left>> {
        self.writes.run("changing wishes", move |store| reach::change(store, member, &change)).await
    }

    async fn ask_confirmation(&self, new: NewAddress) -> store::Result<std::result::Result<bool, Left>> {
        self.writes.run("noting an address", move |store| reach::ask_confirmation(store, &new)).await
    }

    async fn confirm_address(
        &self,
        token: TokenHash,
        now: Time,
    ) -> store::Result<Option<(MemberId, String)>> {
        self.writes.run("confirming an address", move |store| reach::confirm(store, token, now)).await
    }

    async fn remove_address(&self, member: MemberId) -> store::Result<()> {
        self.writes.run("forgetting an address", move |store| reach::remove_address(store, member)).await
    }

    async fn subscribe(
        &self,
        member: MemberId,
        new: Subscription,
        at: Time,
    ) -> store::Result<std::result::Result<(), SubscribeRefused>> {
        self.writes.run("subscribing", move |store| reach::subscribe(store, member, &new, at)).await
    }

    async fn end_subscription(&self, address: [u8; 32], of: Option<MemberId>) -> store::Result<bool> {
        let end = move |store: &Connection| {
            let sql = "DELETE FROM subscriptions WHERE address = ?1 AND member = coalesce(?2, member)";
            Ok(store.prepare_cached(sql)?.execute((address, of.map(|member| member.0)))? > 0)
        };
        self.writes.run("ending a subscription", end).await
    }

    async fn secret(&self, secret: Secret, fresh: [u8; 32]) -> store::Result<[u8; 32]> {
        let kept = move |store: &Connection| {
            let sql = "INSERT INTO secrets (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = value \
                       RETURNING value";
            store.prepare_cached(sql)?.query_row((secret.name(), fresh), |row| row.get(0))
        };
        self.writes.run("keeping a secret", kept).await
    }

    async fn claim_deliveries(&self, now: Time, limit: usize) -> store::Result<Vec<Delivery>> {
        // Who has nothing to send does not trouble the writer.
        let is_due = move |store: &Connection| is_due(store, now);
        if !self.followers.run("looking for deliveries", is_due).await? {
            return Ok(Vec::new());
        }
        self.writes.run("claiming deliveries", move |store| claim(store, now, limit)).await
    }

    async fn settle_delivery(&self, settled: Settled) -> store::Result<bool> {
        self.writes.run("settling a delivery", move |store| settle(store, &settled)).await
    }

    async fn failed_deliveries(&self, page: Page) -> store::Result<Paged<FailedDelivery>> {
        self.searches.run("reading failed deliveries", move |store| failed(store, &page)).await
    }

    async fn troubled_deliveries(&self) -> store::Result<Vec<FailedDelivery>> {
        self.searches.run("reading deliveries that are tried again", troubled).await
    }

    async fn retry_delivery(&self, notice: i64, channel: Channel, now: Time) -> store::Result<bool> {
        let retry = move |store: &Connection| {
            let sql = "UPDATE deliveries SET state = 0, next_try = ?3, tries = 0, settled_at = NULL, reason = NULL \
                       WHERE notice = ?1 AND channel = ?2 AND state = 2";
            Ok(store.prepare_cached(sql)?.execute((notice, number_of(&Channel::ALL, &channel), now.0))? > 0)
        };
        self.writes.run("trying a delivery again", retry).await
    }

    async fn sweep_deliveries(&self, now: Time) -> store::Result<bool> {
        let outlived = (now.minus(SETTLED_KEPT).0, now.minus(FAILED_KEPT).0);
        let look =
            move |store: &Connection| store.prepare_cached(OUTLIVED)?.exists((outlived.0, outlived.1, 1));
        if !self.followers.run("looking for old deliveries", look).await? {
            return Ok(false);
        }
        let sweep = move |store: &Connection| {
            let sql =
                format!("DELETE FROM deliveries WHERE (member, auction, kind, channel) IN ({OUTLIVED})");
            let values = (outlived.0, outlived.1, SWEPT_TOGETHER_MAX);
            Ok(store.prepare_cached(&sql)?.execute(values)? as i64 == SWEPT_TOGETHER_MAX)
        };
        self.writes.run("removing old deliveries", sweep).await
    }

    async fn delivery_counts(&self) -> store::Result<DeliveryCounts> {
        self.followers.run("counting deliveries", counts).await
    }
}

/// What was settled so long ago that it may go; what has failed stays longer, so each is asked for by itself.
const OUTLIVED: &str = "SELECT member, auction, kind, channel FROM deliveries INDEXED BY deliveries_settled \
    WHERE state <> 0 AND settled_at <= ?1 AND (state <> 2 OR settled_at <= ?2) LIMIT ?3";

/// A letter that is claimed, or was tried before, may have arrived: it counts as sent since then.
const KEEP: &str = "INSERT INTO deliveries AS d (member, auction, kind, channel, notice, amount, at, state, next_try, tries) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?7, 0) ON CONFLICT DO UPDATE SET notice = excluded.notice, \
     amount = excluded.amount, at = excluded.at, state = 0, tries = 0, settled_at = NULL, reason = NULL, \
     sent_at = CASE WHEN d.state = 0 AND d.tries > 0 THEN min(d.next_try - ?9, excluded.at) ELSE d.sent_at END, \
     next_try = max(excluded.next_try, coalesce(?8 + \
       CASE WHEN d.state = 0 AND d.tries > 0 THEN min(d.next_try - ?9, excluded.at) ELSE d.sent_at END, 0))";

/// Writes down what is to be sent of these notices, in their transaction: to whom can be reached, as he wants. What waited of
/// the same auction and kind is replaced.
pub(super) fn enqueue(connection: &Connection, notices: &[(MemberId, NoticeRow)]) -> Result<()> {
    let mut reached = connection.prepare_cached(
        "SELECT wishes, email IS NOT NULL, EXISTS (SELECT 1 FROM subscriptions s WHERE s.member = r.member) \
         FROM reach r WHERE member = ?1",
    )?;
    let mut keep = connection.prepare_cached(KEEP)?;
    for (member, notice) in notices {
        let who = reached.query_row([member.0], |row| Ok((Wishes(row.get(0)?), row.get(1)?, row.get(2)?)));
        let Some((wishes, has_email, has_push)) = who.optional()? else { continue };
        let kind = number_of(&NoticeKind::ALL, &notice.kind);
        let amount = notice.amount.map(ledger::Money::won);
        for channel in wishes.channels(notice.kind, has_push, has_email) {
            let number = number_of(&Channel::ALL, &channel);
            let gap = if channel == Channel::Email { EMAIL_GAP.0 } else { 0 };
            let values =
                (member.0, notice.auction.0, kind, number, notice.id, amount, notice.at.0, gap, LEASE.0);
            keep.execute(values)?;
        }
    }
    Ok(())
}

fn is_due(connection: &Connection, now: Time) -> Result<bool> {
    let sql = "SELECT 1 FROM deliveries INDEXED BY deliveries_due WHERE state = 0 AND next_try <= ?1";
    connection.prepare_cached(sql)?.exists([now.0])
}

fn claim(connection: &Connection, now: Time, limit: usize) -> Result<Vec<Delivery>> {
    let sql = "UPDATE deliveries SET next_try = ?1, tries = tries + 1 WHERE (member, auction, kind, channel) IN \
               (SELECT member, auction, kind, channel FROM deliveries INDEXED BY deliveries_due \
                WHERE state = 0 AND next_try <= ?2 ORDER BY next_try LIMIT ?3) RETURNING notice, channel";
    let values = (now.plus(LEASE).0, now.0, limit.min(CLAIMED_TOGETHER_MAX) as i64);
    let mut statement = connection.prepare_cached(sql)?;
    let claimed = statement.query_map(values, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let claimed: Vec<(i64, i64)> = claimed.collect::<Result<_>>()?;
    let sql = format!(
        "SELECT d.notice, d.channel, d.member, d.kind, d.auction, coalesce(s.name, {TITLE}), d.amount, d.at, d.next_try, d.tries, \
         NOT EXISTS (SELECT 1 FROM unread_notices n WHERE n.member = d.member AND n.auction = d.auction \
           AND n.kind = d.kind AND n.id = d.notice), \
         a.outcome IS NOT NULL OR a.ends_at <= ?3, s.id, s.told_count \
         FROM deliveries d CROSS JOIN auctions a ON a.id = d.auction CROSS JOIN items i ON i.id = a.item {HISTORY} \
         LEFT JOIN saved_searches s ON d.kind = 29 AND s.member = d.member AND s.told = d.auction \
         WHERE d.notice = ?1 AND d.channel = ?2"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut deliveries = Vec::with_capacity(claimed.len());
    for (notice, channel) in claimed {
        let found = statement.query_row((notice, channel, now.0), delivery).optional()?;
        let Some(mut delivery) = found else { continue };
        delivery.reach = reach::of(connection, delivery.member)?;
        if delivery.channel == Channel::Push {
            delivery.browsers = reach::browsers(connection, delivery.member)?;
        }
        deliveries.push(delivery);
    }
    deliveries.sort_by_key(|delivery| delivery.notice);
    Ok(deliveries)
}

fn delivery(row: &Row<'_>) -> Result<Delivery> {
    Ok(Delivery {
        notice: row.get(0)?,
        channel: rows::one_of(&Channel::ALL, row.get(1)?, 1)?,
        member: MemberId(row.get(2)?),
        kind: rows::one_of(&NoticeKind::ALL, row.get(3)?, 3)?,
        auction: AuctionId(row.get(4)?),
        title: row.get(5)?,
        amount: row.get::<_, Option<i64>>(6)?.map(|amount| rows::money(amount, 6)).transpose()?,
        at: Time(row.get(7)?),
        claimed_until: Time(row.get(8)?),
        tries: row.get(9)?,
        is_seen: row.get(10)?,
        is_over: row.get(11)?,
        search: saved::told(row, 12)?,
        reach: Reach::default(),
        browsers: Vec::new(),
    })
}

fn settle(connection: &Connection, settled: &Settled) -> Result<bool> {
    use DeliveryState::{Dropped, Failed, Sent, Waiting};
    let Settled { notice, channel, claimed_until, end, at, by_email } = settled;
    let (state, next_try, untried, reason) = match end {
        SettledAs::Sent => (Sent, *claimed_until, 0, None),
        SettledAs::Failed(reason) => (Failed, *claimed_until, 0, Some(reason)),
        SettledAs::Dropped(reason) => (Dropped, *claimed_until, 0, Some(reason)),
        SettledAs::Put(until) => (Waiting, *until, 1, None),
        SettledAs::Again(then, reason) => (Waiting, *then, 0, Some(reason)),
    };
    let settled_at = (state != Waiting).then_some(at.0);
    let sent_at = (state == Sent).then_some(at.0);
    let sql = "UPDATE deliveries SET state = ?4, next_try = ?5, tries = max(tries - ?6, 0), settled_at = ?7, \
               sent_at = coalesce(?8, sent_at), reason = ?9 \
               WHERE notice = ?1 AND channel = ?2 AND next_try = ?3 AND state = 0";
    let channel = number_of(&Channel::ALL, channel);
    let state = number_of(&DeliveryState::ALL, &state);
    let values = (notice, channel, claimed_until.0, state, next_try.0, untried, settled_at, sent_at, reason);
    let is_settled = connection.prepare_cached(sql)?.execute(values)? > 0;
    if is_settled && *by_email {
        stand_in(connection, *notice, *at)?;
    }
    Ok(is_settled)
}

/// An e-mail takes the place of the push of a notice, unless there is one of it already.
fn stand_in(connection: &Connection, notice: i64, now: Time) -> Result<()> {
    let sql = "INSERT INTO deliveries AS d (member, auction, kind, channel, notice, amount, at, state, next_try, tries) \
               SELECT member, auction, kind, ?2, notice, amount, at, 0, ?4, 0 FROM deliveries \
               WHERE notice = ?1 AND channel = ?3 ON CONFLICT DO UPDATE SET notice = excluded.notice, \
               amount = excluded.amount, at = excluded.at, state = 0, tries = 0, settled_at = NULL, reason = NULL, \
               sent_at = CASE WHEN d.state = 0 AND d.tries > 0 THEN min(d.next_try - ?6, excluded.at) ELSE d.sent_at END, \
               next_try = max(excluded.next_try, coalesce(?5 + \
                 CASE WHEN d.state = 0 AND d.tries > 0 THEN min(d.next_try - ?6, excluded.at) ELSE d.sent_at END, 0)) \
               WHERE d.notice < excluded.notice";
    let [push, email] = [Channel::Push, Channel::Email].map(|channel| number_of(&Channel::ALL, &channel));
    connection.prepare_cached(sql)?.execute((notice, email, push, now.0, EMAIL_GAP.0, LEASE.0))?;
    Ok(())
}

/// Those that were tried in vain among the first that wait.
fn troubled(connection: &Connection) -> Result<Vec<FailedDelivery>> {
    let sql = "SELECT notice, channel, member, kind, auction, tries, next_try, reason FROM \
               (SELECT * FROM deliveries INDEXED BY deliveries_due WHERE state = 0 ORDER BY next_try LIMIT ?1) \
               WHERE reason IS NOT NULL ORDER BY next_try, notice, channel LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_map((TROUBLED_LOOKED_AT_MAX, TROUBLED_SHOWN_MAX as i64), failure)?.collect()
}

fn failure(row: &Row<'_>) -> Result<FailedDelivery> {
    Ok(FailedDelivery {
        notice: row.get(0)?,
        channel: rows::one_of(&Channel::ALL, row.get(1)?, 1)?,
        member: MemberId(row.get(2)?),
        kind: rows::one_of(&NoticeKind::ALL, row.get(3)?, 3)?,
        auction: AuctionId(row.get(4)?),
        tries: row.get(5)?,
        failed_at: Time(row.get(6)?),
        reason: row.get(7)?,
    })
}

fn failed(connection: &Connection, page: &Page) -> Result<Paged<FailedDelivery>> {
    let Some(before) = pages::place_of_two(page, (i64::MAX, 0)) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let sql = "SELECT notice, channel, member, kind, auction, tries, settled_at, coalesce(reason, '') FROM deliveries \
               INDEXED BY deliveries_failed WHERE state = 2 AND (notice, channel) < (?1, ?2) \
               ORDER BY notice DESC, channel DESC LIMIT ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_map((before.0, before.1, pages::rows_to_read(limit)), failure)?;
    let rows: Vec<FailedDelivery> = found.collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |row| format!("{}.{}", row.notice, number_of(&Channel::ALL, &row.channel))))
}

fn counts(connection: &Connection) -> Result<DeliveryCounts> {
    let count = |sql: &str| -> Result<i64> {
        connection.prepare_cached(sql)?.query_row([DELIVERIES_COUNTED_MAX], |row| row.get(0))
    };
    let waiting =
        "SELECT count(*) FROM (SELECT 1 FROM deliveries INDEXED BY deliveries_due WHERE state = 0 LIMIT ?1)";
    let failed = "SELECT count(*) FROM (SELECT 1 FROM deliveries INDEXED BY deliveries_failed WHERE state = 2 LIMIT ?1)";
    Ok(DeliveryCounts { waiting: count(waiting)?, failed: count(failed)? })
}
