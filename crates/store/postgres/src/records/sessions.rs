//! Sessions: sign-ins, found by the hash of their token.

use auction::Time;
use ledger::MemberId;
use store::records::{Member, Session, TokenHash};
use tokio_postgres::Row;

use super::members::{MEMBER_COLUMNS, MEMBER_WIDTH, member};
use crate::pool::Connection;
use crate::rows::Result;

/// Begins a session, if `known` still is the hash of the member's password; whether it did. His row is shared until the
/// session stands, so that whoever changes the password finds the session and ends it.
pub(super) async fn create(store: &Connection, session: &Session, known: &str) -> Result<bool> {
    let sql = "INSERT INTO sessions (token, member, created_at, seen_at, expires_at) \
               SELECT $1::bytea, id, $3::bigint, $4::bigint, $5::bigint FROM members \
               WHERE id = $2 AND password_hash = $6 FOR SHARE";
    let (began, seen, ends) = (session.created_at.0, session.seen_at.0, session.expires_at.0);
    let token = &session.token[..];
    let begun = store.execute(sql, &[&token, &session.member.0, &began, &seen, &ends, &known]).await?;
    Ok(begun == 1)
}

/// The session of that token, also one that has expired, with its member.
pub(super) async fn by_token(store: &Connection, token: TokenHash) -> Result<Option<(Session, Member)>> {
    let sql = format!(
        "SELECT {MEMBER_COLUMNS}, s.created_at, s.seen_at, s.expires_at \
         FROM sessions s JOIN members m ON m.id = s.member WHERE s.token = $1"
    );
    let found = |row: Row| -> Result<(Session, Member)> {
        let member = member(&row, 0)?;
        let time = |at: usize| row.try_get(MEMBER_WIDTH + at).map(Time);
        let (created_at, seen_at, expires_at) = (time(0)?, time(1)?, time(2)?);
        Ok((Session { token, member: member.id, created_at, seen_at, expires_at }, member))
    };
    store.query_opt(&sql, &[&&token[..]]).await?.map(found).transpose()
}

/// Notes that a session was used; a note that comes late takes nothing back.
pub(super) async fn touch(store: &Connection, token: TokenHash, seen_at: Time) -> Result<()> {
    let sql = "UPDATE sessions SET seen_at = $2 WHERE token = $1 AND seen_at < $2";
    store.execute(sql, &[&&token[..], &seen_at.0]).await.map(|_| ())
}

/// Ends one session.
pub(super) async fn end(store: &Connection, token: TokenHash) -> Result<()> {
    store.execute("DELETE FROM sessions WHERE token = $1", &[&&token[..]]).await.map(|_| ())
}

/// Ends every session of a member.
pub(super) async fn end_all(store: &Connection, member: MemberId) -> Result<()> {
    let sql = "WITH forgotten AS (DELETE FROM subscriptions WHERE member = $1) DELETE FROM sessions WHERE member = $1";
    store.execute(sql, &[&member.0]).await.map(|_| ())
}
