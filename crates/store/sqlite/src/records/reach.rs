//! How members are reached: their wishes, their addresses and their browsers.

use auction::Time;
use ledger::MemberId;
use rusqlite::{Connection, OptionalExtension, Result, Row};
use store::records::{
    CONFIRMATION_VALID, CONFIRMATIONS_MAX, Left, NewAddress, QuietHours, Reach, ReachChange,
    SUBSCRIPTIONS_MAX, SubscribeRefused, Subscription, TokenHash, Wishes,
};

use super::leaving::is_here;

/// Nothing more to say, unless the member has left.
type Stays = std::result::Result<(), Left>;

/// How a member is reached.
pub(super) fn of(connection: &Connection, member: MemberId) -> Result<Reach> {
    let sql = "SELECT r.wishes, r.quiet_from, r.quiet_until, r.language, r.email, c.email, \
               (SELECT count(*) FROM subscriptions s WHERE s.member = r.member) \
               FROM reach r LEFT JOIN confirmations c ON c.member = r.member WHERE r.member = ?1";
    let read = connection.prepare_cached(sql)?.query_row([member.0], reach).optional()?;
    Ok(read.unwrap_or_default())
}

fn reach(row: &Row<'_>) -> Result<Reach> {
    let (from, until): (Option<i64>, Option<i64>) = (row.get(1)?, row.get(2)?);
    Ok(Reach {
        wishes: Wishes(row.get(0)?),
        quiet: from.zip(until).and_then(|(from, until)| QuietHours::new(from, until)),
        language: row.get(3)?,
        email: row.get(4)?,
        unconfirmed: row.get(5)?,
        browsers: row.get(6)?,
    })
}

/// The browsers that a member has subscribed with, oldest first.
pub(super) fn browsers(connection: &Connection, member: MemberId) -> Result<Vec<Subscription>> {
    let sql =
        "SELECT address, endpoint, key, secret FROM subscriptions WHERE member = ?1 ORDER BY at LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let row = |row: &Row<'_>| {
        Ok(Subscription {
            address: row.get(0)?,
            endpoint: row.get(1)?,
            key: row.get(2)?,
            secret: row.get(3)?,
        })
    };
    statement.query_map((member.0, SUBSCRIPTIONS_MAX as i64), row)?.collect()
}

/// Changes what a member wants.
pub(super) fn change(connection: &Connection, member: MemberId, change: &ReachChange) -> Result<Stays> {
    if !known(connection, member)? {
        return Ok(Err(Left));
    }
    let sql =
        "UPDATE reach SET wishes = coalesce(?2, wishes), language = coalesce(?3, language) WHERE member = ?1";
    let wishes = change.wishes.map(|wishes| wishes.0);
    connection.prepare_cached(sql)?.execute((member.0, wishes, &change.language))?;
    if let Some(quiet) = change.quiet {
        let sql = "UPDATE reach SET quiet_from = ?2, quiet_until = ?3 WHERE member = ?1";
        let (from, until) = (quiet.map(QuietHours::from), quiet.map(QuietHours::until));
        connection.prepare_cached(sql)?.execute((member.0, from, until))?;
    }
    Ok(Ok(()))
}

/// Has a row for the member from now on, unless he has left; whether he is there.
fn known(connection: &Connection, member: MemberId) -> Result<bool> {
    if !is_here(connection, member)? {
        return Ok(false);
    }
    let sql = "INSERT INTO reach (member) VALUES (?1) ON CONFLICT DO NOTHING";
    connection.prepare_cached(sql)?.execute([member.0])?;
    Ok(true)
}

/// Notes an address to be confirmed, if the member has not asked too often; whether it did.
pub(super) fn ask_confirmation(
    connection: &Connection,
    new: &NewAddress,
) -> Result<std::result::Result<bool, Left>> {
    if !known(connection, new.member)? {
        return Ok(Err(Left));
    }
    let sql = "INSERT INTO confirmations AS c (member, email, token, at, since, asked) VALUES (?1, ?2, ?3, ?4, ?4, 1) \
               ON CONFLICT (member) DO UPDATE SET email = excluded.email, token = excluded.token, at = excluded.at, \
               since = CASE WHEN c.since <= ?5 THEN excluded.since ELSE c.since END, \
               asked = CASE WHEN c.since <= ?5 THEN 1 ELSE c.asked + 1 END \
               WHERE c.since <= ?5 OR c.asked < ?6";
    let NewAddress { member, email, token, at } = new;
    let outlived = at.minus(CONFIRMATION_VALID).0;
    let values = (member.0, email, token, at.0, outlived, CONFIRMATIONS_MAX);
    Ok(Ok(connection.prepare_cached(sql)?.execute(values)? > 0))
}

/// Confirms the address that this token was sent to.
pub(super) fn confirm(
    connection: &Connection,
    token: TokenHash,
    now: Time,
) -> Result<Option<(MemberId, String)>> {
    let sql = "SELECT member, email FROM confirmations WHERE token = ?1 AND at > ?2 AND email IS NOT NULL";
    let values = (token, now.minus(CONFIRMATION_VALID).0);
    let found = connection.prepare_cached(sql)?.query_row(values, |row| Ok((row.get(0)?, row.get(1)?)));
    let Some((member, email)): Option<(i64, String)> = found.optional()? else { return Ok(None) };
    // How often he has asked stays known.
    let sql = "UPDATE confirmations SET email = NULL, token = NULL WHERE member = ?1";
    connection.prepare_cached(sql)?.execute([member])?;
    let sql = "UPDATE reach SET email = ?2, email_at = ?3 WHERE member = ?1";
    connection.prepare_cached(sql)?.execute((member, &email, now.0))?;
    Ok(Some((MemberId(member), email)))
}

/// Forgets a member's address, confirmed or not.
pub(super) fn remove_address(connection: &Connection, member: MemberId) -> Result<()> {
    let sql = "UPDATE confirmations SET email = NULL, token = NULL WHERE member = ?1";
    connection.prepare_cached(sql)?.execute([member.0])?;
    let sql = "UPDATE reach SET email = NULL, email_at = NULL WHERE member = ?1";
    connection.prepare_cached(sql)?.execute([member.0])?;
    Ok(())
}

/// Subscribes a browser.
pub(super) fn subscribe(
    connection: &Connection,
    member: MemberId,
    new: &Subscription,
    at: Time,
) -> Result<std::result::Result<(), SubscribeRefused>> {
    if !known(connection, member)? {
        return Ok(Err(SubscribeRefused::Left));
    }
    let sql = "SELECT count(*) FROM subscriptions WHERE member = ?1 AND address <> ?2";
    let others: i64 = connection.prepare_cached(sql)?.query_row((member.0, new.address), |row| row.get(0))?;
    if others >= SUBSCRIPTIONS_MAX as i64 {
        return Ok(Err(SubscribeRefused::TooMany));
    }
    let sql = "INSERT INTO subscriptions (address, member, endpoint, key, secret, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
               ON CONFLICT (address) DO UPDATE SET member = excluded.member, key = excluded.key, \
               secret = excluded.secret, at = excluded.at";
    let Subscription { address, endpoint, key, secret } = new;
    connection.prepare_cached(sql)?.execute((address, member.0, endpoint, key, secret, at.0))?;
    Ok(Ok(()))
}
