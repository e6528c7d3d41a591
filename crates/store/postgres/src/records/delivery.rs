//! Deliveries: what waits to be sent, who sends it, and what became of it.
//!
//! Several nodes claim at once: each passes over what another is just claiming. Whoever writes notices holds the
//! followers' row, so no two write deliveries at once; all else that locks one locks no other, but for a push that an e-mail
//! stands in for, which is locked first, as whoever writes notices does.

use std::collections::HashMap;

use async_trait::async_trait;
use auction::{AuctionId, Time};
use ledger::{MemberId, Money};
use store::pages;
use store::records::{
    CLAIMED_TOGETHER_MAX, Channel, DELIVERIES_COUNTED_MAX, Delivery, DeliveryCounts, DeliveryRecords,
    DeliveryState, EMAIL_GAP, FAILED_KEPT, FailedDelivery, LEASE, Left, NewAddress, NoticeKind, NoticeRow,
    Page, Paged, Reach, ReachChange, SETTLED_KEPT, Secret, Settled, SettledAs, SubscribeRefused,
    Subscription, TROUBLED_LOOKED_AT_MAX, TROUBLED_SHOWN_MAX, TokenHash, Wishes,
};
use tokio_postgres::Row;

use super::{PostgresRecords, leaving, reach, saved};
use crate::pool::{Connection, Value};
use crate::rows::{self, Result, history, number_of, word};

/// How many settled deliveries one step removes.
const SWEPT_TOGETHER_MAX: i64 = 250;

#[async_trait]
impl DeliveryRecords for PostgresRecords {
    async fn reach(&self, member: MemberId) -> store::Result<Reach> {
        let store = self.points.lend("reading how a member is reached").await?;
        store.read(reach::of(&store, member)).await
    }

    async fn change_reach(
        &self,
        member: MemberId,
        change: ReachChange,
    ) -> store::Result<std::result::Result<(), Left>> {
        let store = self.writes.lend("changing wishes").await?;
        store.write_together(reach::change(&store, member, &change)).await
    }

    async fn ask_confirmation(&self, new: NewAddress) -> store::Result<std::result::Result<bool, Left>> {
        let store = self.writes.lend("noting an address").await?;
        store.write_together(reach::ask_confirmation(&store, &new)).await
    }

    async fn confirm_address(
        &self,
        token: TokenHash,
        now: Time,
    ) -> store::Result<Option<(MemberId, String)>> {
        let store = self.writes.lend("confirming an address").await?;
        store.write_together(reach::confirm(&store, token, now)).await
    }

    async fn remove_address(&self, member: MemberId) -> store::Result<()> {
        let store = self.writes.lend("forgetting an address").await?;
        store.write_together(reach::remove_address(&store, member)).await
    }

    async fn subscribe(
        &self,
        member: MemberId,
        new: Subscription,
        at: Time,
    ) -> store::Result<std::result::Result<(), SubscribeRefused>> {
        let store = self.writes.lend("subscribing").await?;
        store.write_together(reach::subscribe(&store, member, &new, at)).await
    }

    async fn end_subscription(&self, address: [u8; 32], of: Option<MemberId>) -> store::Result<bool> {
        let store = self.writes.lend("ending a subscription").await?;
        store.write(reach::end_subscription(&store, address, of)).await
    }

    async fn secret(&self, secret: Secret, fresh: [u8; 32]) -> store::Result<[u8; 32]> {
        let store = self.writes.lend("keeping a secret").await?;
        store.write(kept_secret(&store, secret, fresh)).await
    }

    async fn claim_deliveries(&self, now: Time, limit: usize) -> store::Result<Vec<Delivery>> {
        let store = self.writes.lend("claiming deliveries").await?;
        store.write_together(claim(&store, now, limit)).await
    }

    async fn settle_delivery(&self, settled: Settled) -> store::Result<bool> {
        let store = self.writes.lend("settling a delivery").await?;
        if settled.by_email {
            return store.write_together(settle_by_email(&store, &settled)).await;
        }
        store.write(settle(&store, &settled)).await
    }

    async fn failed_deliveries(&self, page: Page) -> store::Result<Paged<FailedDelivery>> {
        let store = self.searches.lend("reading failed deliveries").await?;
        store.read(failed(&store, &page)).await
    }

    async fn troubled_deliveries(&self) -> store::Result<Vec<FailedDelivery>> {
        let store = self.searches.lend("reading deliveries that are tried again").await?;
        store.read(troubled(&store)).await
    }

    async fn retry_delivery(&self, notice: i64, channel: Channel, now: Time) -> store::Result<bool> {
        let store = self.writes.lend("trying a delivery again").await?;
        store.write(retry(&store, notice, channel, now)).await
    }

    async fn sweep_deliveries(&self, now: Time) -> store::Result<bool> {
        let store = self.writes.lend("removing old deliveries").await?;
        store.write(sweep(&store, now)).await
    }

    async fn delivery_counts(&self) -> store::Result<DeliveryCounts> {
        let store = self.followers.lend("counting deliveries").await?;
        store.read(counts(&store)).await
    }
}

async fn kept_secret(store: &Connection, secret: Secret, fresh: [u8; 32]) -> Result<[u8; 32]> {
    let sql = "INSERT INTO secrets AS s (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = s.value \
               RETURNING value";
    rows::pictures::address(&store.query_one(sql, &[&secret.name(), &fresh.as_slice()]).await?, 0)
}

/// Who of some members can be reached, and how.
pub(super) const REACHED: &str = "SELECT r.member, r.wishes, r.email IS NOT NULL, \
     EXISTS (SELECT FROM subscriptions s WHERE s.member = r.member) FROM reach r WHERE r.member = ANY($1)";

/// Writes down what is to be sent of these notices, in their transaction: to whom can be reached, as he wants. What waited of
/// the same auction and kind is replaced; of what happened twice in one step the newest is sent.
pub(super) async fn enqueue(store: &Connection, notices: &[(MemberId, NoticeRow)]) -> Result<()> {
    let mut members: Vec<i64> = notices.iter().map(|(member, _)| member.0).collect();
    members.sort_unstable();
    members.dedup();
    let mut reached: HashMap<MemberId, (Wishes, bool, bool)> = HashMap::new();
    for row in store.query(REACHED, &[&members]).await? {
        let how = (Wishes(row.try_get(1)?), row.try_get(2)?, row.try_get(3)?);
        reached.insert(MemberId(row.try_get(0)?), how);
    }
    let mut waiting: HashMap<[i64; 4], &NoticeRow> = HashMap::new();
    for (member, notice) in notices {
        let Some((wishes, has_email, has_push)) = reached.get(member) else { continue };
        let kind = number_of(&NoticeKind::ALL, &notice.kind);
        for channel in wishes.channels(notice.kind, *has_push, *has_email) {
            let place = [member.0, notice.auction.0, kind, number_of(&Channel::ALL, &channel)];
            waiting.insert(place, notice);
        }
    }
    if waiting.is_empty() {
        return Ok(());
    }
    let mut waiting: Vec<([i64; 4], &NoticeRow)> = waiting.into_iter().collect();
    waiting.sort_unstable_by_key(|(place, _)| *place);
    let column = |at: usize| waiting.iter().map(|(place, _)| place[at]).collect::<Vec<i64>>();
    let of_notice =
        |of: fn(&NoticeRow) -> i64| waiting.iter().map(|(_, notice)| of(notice)).collect::<Vec<i64>>();
    let amounts: Vec<Option<i64>> = waiting.iter().map(|(_, notice)| notice.amount.map(Money::won)).collect();
    let values: [Value<'_>; 9] = [
        &column(0),
        &column(1),
        &column(2),
        &column(3),
        &of_notice(|notice| notice.id),
        &amounts,
        &of_notice(|notice| notice.at.0),
        &EMAIL_GAP.0,
        &LEASE.0,
    ];
    store.execute(ENQUEUE, &values).await.map(|_| ())
}

/// Channel 1 is e-mail, of which not too many come: one that is claimed, or was tried before, may have arrived, and counts
/// as sent since then.
const ENQUEUE: &str = "INSERT INTO deliveries AS d (member, auction, kind, channel, notice, amount, at, state, next_try, tries) \
     SELECT n.*, 0, n.at, 0 FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], \
       $7::bigint[]) AS n (member, auction, kind, channel, notice, amount, at) \
     ON CONFLICT (member, auction, kind, channel) DO UPDATE SET notice = excluded.notice, amount = excluded.amount, \
       at = excluded.at, state = 0, tries = 0, settled_at = NULL, reason = NULL, \
       sent_at = CASE WHEN d.state = 0 AND d.tries > 0 THEN least(d.next_try - $9, excluded.at) ELSE d.sent_at END, \
       next_try = greatest(excluded.next_try, CASE WHEN d.channel <> 1 THEN NULL \
         WHEN d.state = 0 AND d.tries > 0 THEN least(d.next_try - $9, excluded.at) ELSE d.sent_at END + $8)";

/// Those that another node claims at the same time are passed over.
pub(super) const CLAIM: &str = "UPDATE deliveries d SET next_try = $1, tries = d.tries + 1 FROM \
     (SELECT notice, channel FROM deliveries WHERE state = 0 AND next_try <= $2 ORDER BY next_try LIMIT $3 \
      FOR UPDATE SKIP LOCKED) AS due WHERE d.notice = due.notice AND d.channel = due.channel \
     RETURNING d.notice, d.channel";

/// Some claimed deliveries with what there is to know for sending them.
pub(super) const CLAIMED: &str = concat!(
    "SELECT d.notice, d.channel, d.member, d.kind, d.auction, coalesce(s.name, ",
    word!("title"),
    "), d.amount, d.at, d.next_try, d.tries, \
     NOT EXISTS (SELECT FROM unread_notices n WHERE n.member = d.member AND n.auction = d.auction \
       AND n.kind = d.kind AND n.id = d.notice), \
     a.outcome IS NOT NULL OR a.ends_at <= $3, s.id, s.told_count \
     FROM unnest($1::bigint[], $2::bigint[]) AS claimed (notice, channel) \
     CROSS JOIN LATERAL (SELECT * FROM deliveries WHERE notice = claimed.notice AND channel = claimed.channel LIMIT 1) AS d \
     CROSS JOIN LATERAL (SELECT * FROM auctions WHERE id = d.auction LIMIT 1) AS a \
     CROSS JOIN LATERAL (SELECT * FROM items WHERE id = a.item LIMIT 1) AS i",
    history!(),
    " LEFT JOIN LATERAL (SELECT name, id, told_count FROM saved_searches \
       WHERE d.kind = 29 AND member = d.member AND told = d.auction LIMIT 1) s ON true \
     ORDER BY d.notice, d.channel"
);

async fn claim(store: &Connection, now: Time, limit: usize) -> Result<Vec<Delivery>> {
    let most = limit.min(CLAIMED_TOGETHER_MAX) as i64;
    let claimed = store.query(CLAIM, &[&now.plus(LEASE).0, &now.0, &most]).await?;
    if claimed.is_empty() {
        return Ok(Vec::new());
    }
    let column = |at: usize| claimed.iter().map(|row| Ok(row.try_get(at)?)).collect::<Result<Vec<i64>>>();
    let found = store.query(CLAIMED, &[&column(0)?, &column(1)?, &now.0]).await?;
    let mut deliveries: Vec<Delivery> = found.iter().map(delivery).collect::<Result<_>>()?;
    for delivery in &mut deliveries {
        delivery.reach = reach::of(store, delivery.member).await?;
        if delivery.channel == Channel::Push {
            delivery.browsers = reach::browsers(store, delivery.member).await?;
        }
    }
    Ok(deliveries)
}

fn delivery(row: &Row) -> Result<Delivery> {
    Ok(Delivery {
        notice: row.try_get(0)?,
        channel: rows::one_of(&Channel::ALL, row.try_get(1)?, 1)?,
        member: MemberId(row.try_get(2)?),
        kind: rows::one_of(&NoticeKind::ALL, row.try_get(3)?, 3)?,
        auction: AuctionId(row.try_get(4)?),
        title: row.try_get(5)?,
        amount: row.try_get::<_, Option<i64>>(6)?.map(|amount| rows::money(amount, 6)).transpose()?,
        at: Time(row.try_get(7)?),
        claimed_until: Time(row.try_get(8)?),
        tries: row.try_get(9)?,
        is_seen: row.try_get(10)?,
        is_over: row.try_get(11)?,
        search: saved::told(row, 12)?,
        reach: Reach::default(),
        browsers: Vec::new(),
    })
}

async fn settle(store: &Connection, settled: &Settled) -> Result<bool> {
    use DeliveryState::{Dropped, Failed, Sent, Waiting};
    let Settled { notice, channel, claimed_until, end, at, by_email: _ } = settled;
    let (state, next_try, untried, reason) = match end {
        SettledAs::Sent => (Sent, *claimed_until, 0_i64, None),
        SettledAs::Failed(reason) => (Failed, *claimed_until, 0, Some(reason)),
        SettledAs::Dropped(reason) => (Dropped, *claimed_until, 0, Some(reason)),
        SettledAs::Put(until) => (Waiting, *until, 1, None),
        SettledAs::Again(then, reason) => (Waiting, *then, 0, Some(reason)),
    };
    let sql = "UPDATE deliveries SET state = $4, next_try = $5, tries = greatest(tries - $6, 0), settled_at = $7, \
               sent_at = coalesce($8, sent_at), reason = $9 \
               WHERE notice = $1 AND channel = $2 AND next_try = $3 AND state = 0";
    let values: [Value<'_>; 9] = [
        notice,
        &number_of(&Channel::ALL, channel),
        &claimed_until.0,
        &number_of(&DeliveryState::ALL, &state),
        &next_try.0,
        &untried,
        &(state != Waiting).then_some(at.0),
        &(state == Sent).then_some(at.0),
        &reason,
    ];
    Ok(store.execute(sql, &values).await? > 0)
}

/// Settles a push, and has an e-mail take its place, unless there is one of its notice already.
async fn settle_by_email(store: &Connection, settled: &Settled) -> Result<bool> {
    let [push, email] = [Channel::Push, Channel::Email].map(|channel| number_of(&Channel::ALL, &channel));
    // The member before what is his, as whoever leaves locks it: no letter outlives him.
    let sql = "SELECT member FROM deliveries WHERE notice = $1 AND channel = $2";
    let Some(row) = store.query_opt(sql, &[&settled.notice, &push]).await? else { return Ok(false) };
    let is_here = leaving::is_here(store, MemberId(row.try_get(0)?)).await?;
    let is_settled = settle(store, settled).await?;
    if !is_settled || !is_here {
        return Ok(is_settled);
    }
    let sql = "INSERT INTO deliveries AS d (member, auction, kind, channel, notice, amount, at, state, next_try, tries) \
               SELECT member, auction, kind, $2, notice, amount, at, 0, $4, 0 FROM deliveries \
               WHERE notice = $1 AND channel = $3 ON CONFLICT (member, auction, kind, channel) DO UPDATE SET \
               notice = excluded.notice, amount = excluded.amount, at = excluded.at, state = 0, tries = 0, \
               settled_at = NULL, reason = NULL, \
               sent_at = CASE WHEN d.state = 0 AND d.tries > 0 THEN least(d.next_try - $6, excluded.at) ELSE d.sent_at END, \
               next_try = greatest(excluded.next_try, CASE WHEN d.state = 0 AND d.tries > 0 \
                 THEN least(d.next_try - $6, excluded.at) ELSE d.sent_at END + $5) \
               WHERE d.notice < excluded.notice";
    let values: [Value<'_>; 6] = [&settled.notice, &email, &push, &settled.at.0, &EMAIL_GAP.0, &LEASE.0];
    store.execute(sql, &values).await?;
    Ok(true)
}

/// Those that were tried in vain among the first that wait.
pub(super) const TROUBLED: &str = "SELECT notice, channel, member, kind, auction, tries, next_try, reason FROM \
     (SELECT * FROM deliveries WHERE state = 0 ORDER BY next_try LIMIT $1) AS first \
     WHERE reason IS NOT NULL ORDER BY next_try, notice, channel LIMIT $2";

async fn troubled(store: &Connection) -> Result<Vec<FailedDelivery>> {
    let values: [Value<'_>; 2] = [&TROUBLED_LOOKED_AT_MAX, &(TROUBLED_SHOWN_MAX as i64)];
    store.query(TROUBLED, &values).await?.iter().map(failure).collect()
}

fn failure(row: &Row) -> Result<FailedDelivery> {
    Ok(FailedDelivery {
        notice: row.try_get(0)?,
        channel: rows::one_of(&Channel::ALL, row.try_get(1)?, 1)?,
        member: MemberId(row.try_get(2)?),
        kind: rows::one_of(&NoticeKind::ALL, row.try_get(3)?, 3)?,
        auction: AuctionId(row.try_get(4)?),
        tries: row.try_get(5)?,
        failed_at: Time(row.try_get(6)?),
        reason: row.try_get(7)?,
    })
}

/// What has failed, newest first.
pub(super) const FAILED: &str = "SELECT notice, channel, member, kind, auction, tries, settled_at, coalesce(reason, '') \
     FROM deliveries WHERE state = 2 AND (notice, channel) < ($1, $2) ORDER BY notice DESC, channel DESC LIMIT $3";

async fn failed(store: &Connection, page: &Page) -> Result<Paged<FailedDelivery>> {
    let Some(before) = pages::place_of_two(page, (i64::MAX, 0)) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let found = store.query(FAILED, &[&before.0, &before.1, &pages::rows_to_read(limit)]).await?;
    let rows = found.iter().map(failure).collect::<Result<Vec<_>>>()?;
    Ok(pages::cut(rows, limit, |row| format!("{}.{}", row.notice, number_of(&Channel::ALL, &row.channel))))
}

async fn retry(store: &Connection, notice: i64, channel: Channel, now: Time) -> Result<bool> {
    let sql = "UPDATE deliveries SET state = 0, next_try = $3, tries = 0, settled_at = NULL, reason = NULL \
               WHERE notice = $1 AND channel = $2 AND state = 2";
    let channel = number_of(&Channel::ALL, &channel);
    Ok(store.execute(sql, &[&notice, &channel, &now.0]).await? > 0)
}

/// What was settled so long ago that it may go; what has failed stays longer.
pub(super) const SWEEP: &str = "DELETE FROM deliveries d USING (SELECT notice, channel FROM deliveries \
     WHERE state <> 0 AND settled_at <= $1 AND (state <> 2 OR settled_at <= $2) ORDER BY settled_at LIMIT $3 \
     FOR UPDATE SKIP LOCKED) AS old WHERE d.notice = old.notice AND d.channel = old.channel";

async fn sweep(store: &Connection, now: Time) -> Result<bool> {
    let (settled, failed) = (now.minus(SETTLED_KEPT).0, now.minus(FAILED_KEPT).0);
    let removed = store.execute(SWEEP, &[&settled, &failed, &SWEPT_TOGETHER_MAX]).await?;
    Ok(removed as i64 == SWEPT_TOGETHER_MAX)
}

pub(super) const WAITING: &str = "SELECT count(*) FROM (SELECT next_try FROM deliveries WHERE state = 0 ORDER BY next_try LIMIT $1) AS counted";

async fn counts(store: &Connection) -> Result<DeliveryCounts> {
    let failed = "SELECT count(*) FROM (SELECT notice FROM deliveries WHERE state = 2 ORDER BY notice, channel LIMIT $1) AS counted";
    Ok(DeliveryCounts {
        waiting: store.query_one(WAITING, &[&DELIVERIES_COUNTED_MAX]).await?.try_get(0)?,
        failed: store.query_one(failed, &[&DELIVERIES_COUNTED_MAX]).await?.try_get(0)?,
    })
}
