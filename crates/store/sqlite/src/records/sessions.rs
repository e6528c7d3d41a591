//! Sessions: sign-ins, found by the hash of their token.

use auction::Time;
use ledger::MemberId;
use rusqlite::{Connection, OptionalExtension, Result, Row};
use store::records::{Member, Session, TokenHash};

use super::members::{MEMBER_COLUMNS, MEMBER_WIDTH, member};

/// Begins a session, if `known` still is the hash of the member's password; whether it did.
pub(super) fn create(connection: &Connection, session: &Session, known: &str) -> Result<bool> {
    let sql = "INSERT INTO sessions (token, member, created_at, seen_at, expires_at) \
               SELECT ?1, id, ?3, ?4, ?5 FROM members WHERE id = ?2 AND password_hash = ?6";
    let (began, seen, ends) = (session.created_at.0, session.seen_at.0, session.expires_at.0);
    let values = (session.token, session.member.0, began, seen, ends, known);
    connection.prepare_cached(sql)?.execute(values).map(|begun| begun == 1)
}

/// The session of that token, also one that has expired, with its member.
pub(super) fn by_token(connection: &Connection, token: TokenHash) -> Result<Option<(Session, Member)>> {
    let sql = format!(
        "SELECT {MEMBER_COLUMNS}, s.created_at, s.seen_at, s.expires_at \
         FROM sessions s JOIN members m ON m.id = s.member WHERE s.token = ?1"
    );
    let found = |row: &Row<'_>| {
        let member = member(row, 0)?;
        let time = |at: usize| row.get(MEMBER_WIDTH + at).map(Time);
        let (created_at, seen_at, expires_at) = (time(0)?, time(1)?, time(2)?);
        Ok((Session { token, member: member.id, created_at, seen_at, expires_at }, member))
    };
    connection.prepare_cached(&sql)?.query_row([token], found).optional()
}

/// Notes that a session was used; a note that comes late takes nothing back.
pub(super) fn touch(connection: &Connection, token: TokenHash, seen_at: Time) -> Result<()> {
    let sql = "UPDATE sessions SET seen_at = ?2 WHERE token = ?1 AND seen_at < ?2";
    connection.prepare_cached(sql)?.execute((token, seen_at.0)).map(|_| ())
}

/// Ends one session.
pub(super) fn end(connection: &Connection, token: TokenHash) -> Result<()> {
    connection.prepare_cached("DELETE FROM sessions WHERE token = ?1")?.execute([token]).map(|_| ())
}

/// With all of a member's sessions goes every browser that notices are pushed to: one of them may be a stranger's.
pub(super) const FORGET_BROWSERS: &str = "DELETE FROM subscriptions WHERE member = ?1";

/// Ends every session of a member.
pub(super) fn end_all(connection: &Connection, member: MemberId) -> Result<()> {
    connection.prepare_cached(FORGET_BROWSERS)?.execute([member.0])?;
    connection.prepare_cached("DELETE FROM sessions WHERE member = ?1")?.execute([member.0]).map(|_| ())
}
