//! Sweeping: what has outlived its time goes, a few hundred rows at a time.
//!
//! Each step looks on a little through notices and keys, in the order of their own tables, from where the last one
//! ended, and begins again after their end. Looking is done beside the writer; the writer only removes what was found,
//! again under its condition. Where the looks stand is kept in memory: a new process loses nothing but the looking.

use auction::{Span, Time};
use rusqlite::{Connection, OptionalExtension, Result};

/// How long a session is kept after its end, so that its owner hears that it has expired and not that there is none.
const SESSION_KEPT: Span = Span::days(7);

/// How long a notice is kept after it was read.
const NOTICE_KEPT: Span = Span::days(90);

/// How long a key is kept after the end of its auction, or after its own time if it has none (the contract with clients).
const KEY_KEPT: Span = Span::days(7);

/// How many rows of a table one step looks at: at one step a minute, fourteen million a day.
pub(super) const LOOKS_MAX: usize = 10_000;

/// How many rows of a table one step removes.
const REMOVED_MAX: usize = 250;

/// Where the looks stand: after that member's notice, and after that key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Position {
    notice: (i64, i64),
    key: (String, i64),
}

/// What one step found to remove, and where the next one goes on.
pub(super) struct Step {
    pub(super) next: Position,
    sessions: Vec<Vec<u8>>,
    notices: Vec<(i64, i64)>,
    keys: Vec<(String, i64)>,
}

impl Step {
    /// Looks for what may go from that position on.
    pub(super) fn look(connection: &Connection, position: &Position, now: Time) -> Result<Step> {
        let mut step = Step {
            next: position.clone(),
            sessions: sessions(connection, now)?,
            notices: Vec::new(),
            keys: Vec::new(),
        };
        step.look_at_notices(connection, now)?;
        step.look_at_keys(connection, now)?;
        Ok(step)
    }

    fn look_at_notices(&mut self, connection: &Connection, now: Time) -> Result<()> {
        let sql = "SELECT member, id, read_at FROM read_notices WHERE (member, id) > (?1, ?2) ORDER BY member, id LIMIT ?3";
        let mut statement = connection.prepare_cached(sql)?;
        let (member, id) = self.next.notice;
        let mut found = statement.query((member, id, LOOKS_MAX as i64))?;
        let mut looks = 0;
        while self.notices.len() < REMOVED_MAX {
            let Some(row) = found.next()? else { break };
            looks += 1;
            self.next.notice = (row.get(0)?, row.get(1)?);
            let is_outlived = row.get::<_, i64>(2)? <= now.minus(NOTICE_KEPT).0;
            self.notices.extend(is_outlived.then_some(self.next.notice));
        }
        if looks < LOOKS_MAX && self.notices.len() < REMOVED_MAX {
            self.next.notice = Default::default();
        }
        Ok(())
    }

    fn look_at_keys(&mut self, connection: &Connection, now: Time) -> Result<()> {
        let sql = "SELECT key, member, auction, at FROM keys WHERE (key, member) > (?1, ?2) ORDER BY key, member LIMIT ?3";
        let mut statement = connection.prepare_cached(sql)?;
        let (key, member) = &self.next.key;
        let mut found = statement.query((key, member, LOOKS_MAX as i64))?;
        let mut looks = 0;
        let until = now.minus(KEY_KEPT).0;
        while self.keys.len() < REMOVED_MAX {
            let Some(row) = found.next()? else { break };
            looks += 1;
            self.next.key = (row.get(0)?, row.get(1)?);
            let (auction, at): (Option<i64>, i64) = (row.get(2)?, row.get(3)?);
            if at <= until && had_ended(connection, auction, until)? {
                self.keys.push(self.next.key.clone());
            }
        }
        if looks < LOOKS_MAX && self.keys.len() < REMOVED_MAX {
            self.next.key = Default::default();
        }
        Ok(())
    }

    /// Whether there is nothing to remove.
    pub(super) fn is_empty(&self) -> bool {
        self.sessions.is_empty() && self.notices.is_empty() && self.keys.is_empty()
    }

    /// Whether it found as much as a step removes, so that the next one will find more.
    pub(super) fn is_full(&self) -> bool {
        [self.sessions.len(), self.notices.len(), self.keys.len()].contains(&REMOVED_MAX)
    }

    /// Removes what was found, where it still may go.
    pub(super) fn remove(&self, connection: &Connection, now: Time) -> Result<()> {
        let mut statement =
            connection.prepare_cached("DELETE FROM sessions WHERE token = ?1 AND expires_at <= ?2")?;
        let until = now.minus(SESSION_KEPT).0;
        self.sessions.iter().try_for_each(|token| statement.execute((token, until)).map(|_| ()))?;

        let mut statement =
            connection.prepare_cached("DELETE FROM read_notices WHERE member = ?1 AND id = ?2")?;
        self.notices.iter().try_for_each(|notice| statement.execute(*notice).map(|_| ()))?;

        let mut statement =
            connection.prepare_cached("DELETE FROM keys WHERE key = ?1 AND member = ?2 AND at <= ?3")?;
        let until = now.minus(KEY_KEPT).0;
        self.keys.iter().try_for_each(|(key, member)| statement.execute((key, member, until)).map(|_| ()))
    }
}

/// The sessions that ended first, if they may go.
fn sessions(connection: &Connection, now: Time) -> Result<Vec<Vec<u8>>> {
    let sql = "SELECT token FROM sessions WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_map((now.minus(SESSION_KEPT).0, REMOVED_MAX as i64), |row| row.get(0))?.collect()
}

/// Whether the auction was over at that time, or there is none. Nothing comes after the end, so its newest event is it.
fn had_ended(connection: &Connection, auction: Option<i64>, until: i64) -> Result<bool> {
    let Some(auction) = auction else { return Ok(true) };
    let sql = "SELECT outcome IS NOT NULL AND newest <= ?2 FROM auctions WHERE id = ?1";
    let ended = connection.prepare_cached(sql)?.query_row((auction, until), |row| row.get(0));
    Ok(ended.optional()?.unwrap_or(true))
}
