//! How members are reached: their wishes, their addresses and their browsers.

use auction::Time;
use ledger::MemberId;
use store::records::{
    CONFIRMATION_VALID, CONFIRMATIONS_MAX, Left, NewAddress, QuietHours, Reach, ReachChange,
    SUBSCRIPTIONS_MAX, SubscribeRefused, Subscription, TokenHash, Wishes,
};
use tokio_postgres::Row;

use super::leaving::is_here;
use crate::pool::{Connection, Value};
use crate::rows::Result;
use crate::rows::pictures::address;

/// How a member is reached.
pub(super) const OF: &str = "SELECT r.wishes, r.quiet_from, r.quiet_until, r.language, r.email, \
     (SELECT c.email FROM confirmations c WHERE c.member = $1), \
     (SELECT count(*) FROM subscriptions s WHERE s.member = $1) FROM reach r WHERE r.member = $1";

pub(super) async fn of(store: &Connection, member: MemberId) -> Result<Reach> {
    let found = store.query_opt(OF, &[&member.0]).await?;
    Ok(found.as_ref().map(reach).transpose()?.unwrap_or_default())
}

fn reach(row: &Row) -> Result<Reach> {
    let (from, until): (Option<i64>, Option<i64>) = (row.try_get(1)?, row.try_get(2)?);
    Ok(Reach {
        wishes: Wishes(row.try_get(0)?),
        quiet: from.zip(until).and_then(|(from, until)| QuietHours::new(from, until)),
        language: row.try_get(3)?,
        email: row.try_get(4)?,
        unconfirmed: row.try_get(5)?,
        browsers: row.try_get(6)?,
    })
}

/// The browsers that a member has subscribed with, oldest first.
pub(super) const BROWSERS: &str =
    "SELECT address, endpoint, key, secret FROM subscriptions WHERE member = $1 ORDER BY at LIMIT $2";

pub(super) async fn browsers(store: &Connection, member: MemberId) -> Result<Vec<Subscription>> {
    let row = |row: &Row| -> Result<Subscription> {
        Ok(Subscription {
            address: address(row, 0)?,
            endpoint: row.try_get(1)?,
            key: row.try_get(2)?,
            secret: row.try_get(3)?,
        })
    };
    let found = store.query(BROWSERS, &[&member.0, &(SUBSCRIPTIONS_MAX as i64)]).await?;
    found.iter().map(row).collect()
}

/// Changes what a member wants.
pub(super) async fn change(
    store: &Connection,
    member: MemberId,
    change: &ReachChange,
) -> Result<std::result::Result<(), Left>> {
    if !is_here(store, member).await? {
        return Ok(Err(Left));
    }
    let sql = "INSERT INTO reach AS r (member, wishes, language, quiet_from, quiet_until) \
               VALUES ($1, coalesce($2, 0::bigint), coalesce($3, ''), $5, $6) ON CONFLICT (member) DO UPDATE SET \
               wishes = coalesce($2, r.wishes), language = coalesce($3, r.language), \
               quiet_from = CASE WHEN $4 THEN $5 ELSE r.quiet_from END, \
               quiet_until = CASE WHEN $4 THEN $6 ELSE r.quiet_until END";
    let quiet = change.quiet.flatten();
    let values: [Value<'_>; 6] = [
        &member.0,
        &change.wishes.map(|wishes| wishes.0),
        &change.language,
        &change.quiet.is_some(),
        &quiet.map(QuietHours::from),
        &quiet.map(QuietHours::until),
    ];
    store.execute(sql, &values).await.map(|_| Ok(()))
}

/// Has a row for the member from now on. Whoever locks his confirmation too has locked that first.
const KNOWN: &str = "INSERT INTO reach (member) VALUES ($1) ON CONFLICT DO NOTHING";

/// Has a row for the member from now on, and holds it.
async fn hold(store: &Connection, member: MemberId) -> Result<()> {
    store.execute(KNOWN, &[&member.0]).await?;
    store.query("SELECT FROM reach WHERE member = $1 FOR UPDATE", &[&member.0]).await.map(|_| ())
}

/// Notes an address to be confirmed, if the member has not asked too often; whether it did.
pub(super) async fn ask_confirmation(
    store: &Connection,
    new: &NewAddress,
) -> Result<std::result::Result<bool, Left>> {
    if !is_here(store, new.member).await? {
        return Ok(Err(Left));
    }
    let sql = "INSERT INTO confirmations AS c (member, email, token, at, since, asked) VALUES ($1, $2, $3, $4, $4, 1) \
               ON CONFLICT (member) DO UPDATE SET email = excluded.email, token = excluded.token, at = excluded.at, \
               since = CASE WHEN c.since <= $5 THEN excluded.since ELSE c.since END, \
               asked = CASE WHEN c.since <= $5 THEN 1 ELSE c.asked + 1 END \
               WHERE c.since <= $5 OR c.asked < $6";
    let NewAddress { member, email, token, at } = new;
    let values: [Value<'_>; 6] =
        [&member.0, email, &token.as_slice(), &at.0, &at.minus(CONFIRMATION_VALID).0, &CONFIRMATIONS_MAX];
    if store.execute(sql, &values).await? == 0 {
        return Ok(Ok(false));
    }
    store.execute(KNOWN, &[&member.0]).await?;
    Ok(Ok(true))
}

/// Confirms the address that this token was sent to. How often the member has asked stays known.
pub(super) async fn confirm(
    store: &Connection,
    token: TokenHash,
    now: Time,
) -> Result<Option<(MemberId, String)>> {
    let sql = "UPDATE confirmations c SET email = NULL, token = NULL FROM (SELECT member, email FROM confirmations \
               WHERE token = $1 AND at > $2 AND email IS NOT NULL FOR UPDATE) AS old WHERE c.member = old.member \
               RETURNING old.member, old.email";
    let values: [Value<'_>; 2] = [&token.as_slice(), &now.minus(CONFIRMATION_VALID).0];
    let Some(row) = store.query_opt(sql, &values).await? else { return Ok(None) };
    let (member, email): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
    let sql = "UPDATE reach SET email = $2, email_at = $3 WHERE member = $1";
    store.execute(sql, &[&member, &email, &now.0]).await?;
    Ok(Some((MemberId(member), email)))
}

/// Forgets a member's address, confirmed or not.
pub(super) async fn remove_address(store: &Connection, member: MemberId) -> Result<()> {
    let sql = "UPDATE confirmations SET email = NULL, token = NULL WHERE member = $1";
    store.execute(sql, &[&member.0]).await?;
    let sql = "UPDATE reach SET email = NULL, email_at = NULL WHERE member = $1";
    store.execute(sql, &[&member.0]).await.map(|_| ())
}

/// Subscribes a browser; the member's row is held, so that no two of his count at once.
pub(super) async fn subscribe(
    store: &Connection,
    member: MemberId,
    new: &Subscription,
    at: Time,
) -> Result<std::result::Result<(), SubscribeRefused>> {
    if !is_here(store, member).await? {
        return Ok(Err(SubscribeRefused::Left));
    }
    hold(store, member).await?;
    let Subscription { address, endpoint, key, secret } = new;
    let sql = "SELECT count(*) FROM subscriptions WHERE member = $1 AND address <> $2";
    let others: i64 = store.query_one(sql, &[&member.0, &address.as_slice()]).await?.try_get(0)?;
    if others >= SUBSCRIPTIONS_MAX as i64 {
        return Ok(Err(SubscribeRefused::TooMany));
    }
    let sql = "INSERT INTO subscriptions (address, member, endpoint, key, secret, at) VALUES ($1, $2, $3, $4, $5, $6) \
               ON CONFLICT (address) DO UPDATE SET member = excluded.member, key = excluded.key, \
               secret = excluded.secret, at = excluded.at";
    let values: [Value<'_>; 6] = [&address.as_slice(), &member.0, endpoint, key, secret, &at.0];
    store.execute(sql, &values).await?;
    Ok(Ok(()))
}

/// Ends the subscription of a browser.
pub(super) async fn end_subscription(
    store: &Connection,
    address: [u8; 32],
    of: Option<MemberId>,
) -> Result<bool> {
    let sql = "DELETE FROM subscriptions WHERE address = $1 AND member = coalesce($2, member)";
    Ok(store.execute(sql, &[&address.as_slice(), &of.map(|member| member.0)]).await? > 0)
}
