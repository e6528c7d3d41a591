//! Sweeping: what has outlived its time goes, a few hundred rows at a time.
//!
//! Each step looks on a little through notices and keys, in the order of their own tables, from where the last one
//! ended, and begins again after their end. Looking only reads; the write only removes what was found, again under its
//! condition. Where the looks stand is kept in memory: a new process loses nothing but the looking, and two nodes that
//! sweep at once look twice.

use auction::{Span, Time};

use crate::pool::Connection;
use crate::rows::Result;

/// How long a session is kept after its end, so that its owner hears that it has expired and not that there is none.
const SESSION_KEPT: Span = Span::days(7);

/// How long a notice is kept after it was read.
const NOTICE_KEPT: Span = Span::days(90);

/// How long a key is kept after the end of its auction, or after its own time if it has none (the contract with clients).
const KEY_KEPT: Span = Span::days(7);

/// How many rows of a table one step looks at: at one step a minute, fourteen million a day.
const LOOKS_MAX: usize = 10_000;

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
    pub(super) async fn look(store: &Connection, position: &Position, now: Time) -> Result<Step> {
        let mut step = Step {
            next: position.clone(),
            sessions: sessions(store, now).await?,
            notices: Vec::new(),
            keys: Vec::new(),
        };
        step.look_at_notices(store, now).await?;
        step.look_at_keys(store, now).await?;
        Ok(step)
    }

    async fn look_at_notices(&mut self, store: &Connection, now: Time) -> Result<()> {
        let (member, id) = self.next.notice;
        let found = store.query(NOTICES, &[&member, &id, &(LOOKS_MAX as i64)]).await?;
        for row in &found {
            self.next.notice = (row.try_get(0)?, row.try_get(1)?);
            let is_outlived = row.try_get::<_, i64>(2)? <= now.minus(NOTICE_KEPT).0;
            self.notices.extend(is_outlived.then_some(self.next.notice));
            if self.notices.len() == REMOVED_MAX {
                return Ok(());
            }
        }
        if found.len() < LOOKS_MAX {
            self.next.notice = Default::default();
        }
        Ok(())
    }

    async fn look_at_keys(&mut self, store: &Connection, now: Time) -> Result<()> {
        let until = now.minus(KEY_KEPT).0;
        let (key, member) = &self.next.key;
        let found = store.query(KEYS, &[key, member, &until, &(LOOKS_MAX as i64)]).await?;
        for row in &found {
            self.next.key = (row.try_get(0)?, row.try_get(1)?);
            if row.try_get(2)? {
                self.keys.push(self.next.key.clone());
            }
            if self.keys.len() == REMOVED_MAX {
                return Ok(());
            }
        }
        if found.len() < LOOKS_MAX {
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
    pub(super) async fn remove(&self, store: &Connection, now: Time) -> Result<()> {
        let sql = "DELETE FROM sessions WHERE token = ANY($1) AND expires_at <= $2";
        store.execute(sql, &[&self.sessions, &now.minus(SESSION_KEPT).0]).await?;

        let sql = "DELETE FROM read_notices n USING unnest($1::bigint[], $2::bigint[]) AS gone (member, id) \
                   WHERE n.member = gone.member AND n.id = gone.id";
        let (members, ids): (Vec<i64>, Vec<i64>) = self.notices.iter().copied().unzip();
        store.execute(sql, &[&members, &ids]).await?;

        let sql = "DELETE FROM keys k USING unnest($1::text[], $2::bigint[]) AS gone (key, member) \
                   WHERE k.key = gone.key AND k.member = gone.member AND k.at <= $3";
        let (keys, members): (Vec<&str>, Vec<i64>) =
            self.keys.iter().map(|(key, member)| (key.as_str(), *member)).unzip();
        store.execute(sql, &[&keys, &members, &now.minus(KEY_KEPT).0]).await.map(|_| ())
    }
}

/// The read notices, from a place on.
pub(super) const NOTICES: &str =
    "SELECT member, id, read_at FROM read_notices WHERE (member, id) > ($1, $2) ORDER BY member, id LIMIT $3";

/// The keys, from a place on, and whether each may go: it is old, and its auction was over by then, or there is none.
/// Nothing comes after an auction's end, so its newest event is it.
pub(super) const KEYS: &str = "SELECT k.key, k.member, k.at <= $3 AND coalesce( \
       (SELECT a.outcome IS NOT NULL AND a.newest <= $3 FROM auctions a WHERE a.id = k.auction), true) \
     FROM keys k WHERE (k.key, k.member) > ($1, $2) ORDER BY k.key, k.member LIMIT $4";

/// The sessions that ended first, if they may go.
async fn sessions(store: &Connection, now: Time) -> Result<Vec<Vec<u8>>> {
    let sql = "SELECT token FROM sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2";
    let found = store.query(sql, &[&now.minus(SESSION_KEPT).0, &(REMOVED_MAX as i64)]).await?;
    found.iter().map(|row| Ok(row.try_get(0)?)).collect()
}
