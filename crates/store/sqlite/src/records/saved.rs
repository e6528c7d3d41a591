//! Saved searches: kept, looked at for what has arrived, and told of. A look costs a row for each arrival behind the last
//! one, however many auctions there are; when nothing has arrived, it costs a look at two indexes.

use std::collections::HashSet;

use async_trait::async_trait;
use auction::{AuctionId, Time};
use ledger::MemberId;
use rusqlite::{Connection, OptionalExtension, Result, Row};
use store::listings::Wanted;
use store::records::{
    ARRIVALS_KEPT, ARRIVALS_LOOKED_AT_MAX, Followed, Look, NewSearch, NoticeKind, NoticeRow, Page,
    SAVED_SEARCHES_MAX, SEARCHES_TOGETHER_MAX, SaveRefused, SavedRecords, SavedSearch, Search, SearchTold,
    TOLD_AGAIN_AFTER,
};

use super::SqliteRecords;
use super::follow::{Notice, keep_notices};
use super::leaving::is_here;
use super::listings::{self, GLANCE_COLUMNS, glance, matches};
use crate::rows::number_of;

#[async_trait]
impl SavedRecords for SqliteRecords {
    async fn save_search(
        &self,
        new: NewSearch,
    ) -> store::Result<std::result::Result<SavedSearch, SaveRefused>> {
        self.writes.run("keeping a search", move |store| save(store, &new)).await
    }

    async fn saved_searches(&self, member: MemberId) -> store::Result<Vec<SavedSearch>> {
        self.searches.run("reading saved searches", move |store| of_member(store, member)).await
    }

    async fn remove_search(&self, member: MemberId, id: i64) -> store::Result<bool> {
        let remove = move |store: &Connection| {
            let sql = "DELETE FROM saved_searches WHERE id = ?1 AND member = ?2";
            Ok(store.prepare_cached(sql)?.execute((id, member.0))? > 0)
        };
        self.writes.run("forgetting a search", remove).await
    }

    async fn open_search(&self, member: MemberId, id: i64) -> store::Result<Option<SavedSearch>> {
        self.writes.run("opening a search", move |store| open(store, member, id)).await
    }

    async fn searches_behind(&self, now: Time) -> store::Result<Vec<SavedSearch>> {
        self.followers.run("looking for searches left behind", move |store| behind(store, now)).await
    }

    async fn look(&self, saved: SavedSearch, search: Search) -> store::Result<Look> {
        self.followers.run("looking for what fits a search", move |store| look(store, &saved, &search)).await
    }

    async fn keep_looks(&self, looks: Vec<Look>, now: Time) -> store::Result<Followed> {
        self.writes.run("telling what fits searches", move |store| keep_looks(store, &looks, now)).await
    }
}

/// A search's columns, in the order in which [`saved`] reads them.
const COLUMNS: &str = "id, member, name, query, created_at, fresh, seen";

fn saved(row: &Row<'_>) -> Result<SavedSearch> {
    Ok(SavedSearch {
        id: row.get(0)?,
        member: MemberId(row.get(1)?),
        name: row.get(2)?,
        query: row.get(3)?,
        created_at: Time(row.get(4)?),
        fresh: row.get(5)?,
        seen: row.get(6)?,
    })
}

/// Only what arrives from now on is new.
fn save(connection: &Connection, new: &NewSearch) -> Result<std::result::Result<SavedSearch, SaveRefused>> {
    if !is_here(connection, new.member)? {
        return Ok(Err(SaveRefused::Left));
    }
    let sql = "INSERT INTO saved_searches (member, name, query, created_at, seen) \
               SELECT ?1, ?2, ?3, ?4, coalesce((SELECT max(number) FROM arrivals), 0) \
               WHERE (SELECT count(*) FROM saved_searches WHERE member = ?1) < ?5 ON CONFLICT DO NOTHING";
    let values = (new.member.0, &new.name, &new.query, new.at.0, SAVED_SEARCHES_MAX as i64);
    connection.prepare_cached(sql)?.execute(values)?;
    let sql = format!("SELECT {COLUMNS} FROM saved_searches WHERE member = ?1 AND query = ?2");
    let kept = connection.prepare_cached(&sql)?.query_row((new.member.0, &new.query), saved).optional()?;
    Ok(kept.ok_or(SaveRefused::Full))
}

fn of_member(connection: &Connection, member: MemberId) -> Result<Vec<SavedSearch>> {
    connection.prepare_cached(&of_member_sql())?.query_map([member.0], saved)?.collect()
}

/// A member's searches, of which there are few.
pub(super) fn of_member_sql() -> String {
    format!("SELECT {COLUMNS} FROM saved_searches WHERE member = ?1 ORDER BY id DESC")
}

fn open(connection: &Connection, member: MemberId, id: i64) -> Result<Option<SavedSearch>> {
    let sql = format!("SELECT {COLUMNS} FROM saved_searches WHERE id = ?1 AND member = ?2");
    let found = connection.prepare_cached(&sql)?.query_row((id, member.0), saved).optional()?;
    if found.as_ref().is_some_and(|search| search.fresh > 0) {
        let sql = "UPDATE saved_searches SET fresh = 0, unsent = 0 WHERE id = ?1";
        connection.prepare_cached(sql)?.execute([id])?;
    }
    Ok(found)
}

fn behind(connection: &Connection, now: Time) -> Result<Vec<SavedSearch>> {
    let most = SEARCHES_TOGETHER_MAX as i64;
    let mut statement = connection.prepare_cached(&behind_sql())?;
    let mut found: Vec<SavedSearch> = statement.query_map([most], saved)?.collect::<Result<_>>()?;
    let mut statement = connection.prepare_cached(&untold_sql())?;
    for search in statement.query_map((now.minus(TOLD_AGAIN_AFTER).0, most), saved)? {
        let search = search?;
        if found.iter().all(|one| one.id != search.id) {
            found.push(search);
        }
    }
    Ok(found)
}

/// Those behind the newest arrival.
pub(super) fn behind_sql() -> String {
    format!(
        "SELECT {COLUMNS} FROM saved_searches INDEXED BY saved_searches_by_seen \
         WHERE seen < (SELECT max(number) FROM arrivals) ORDER BY seen, id LIMIT ?1"
    )
}

/// Those of which something was kept back that may be told by now.
pub(super) fn untold_sql() -> String {
    format!(
        "SELECT {COLUMNS} FROM saved_searches INDEXED BY saved_searches_untold \
         WHERE unsent > 0 AND told_at <= ?1 ORDER BY told_at, id LIMIT ?2"
    )
}

/// The next arrivals.
pub(super) const ARRIVALS: &str =
    "SELECT number, auction FROM arrivals WHERE number > ?1 ORDER BY number LIMIT ?2";

/// One that arrived, as listed, unless its seller is the member or blocks him.
pub(super) fn arrived_sql() -> String {
    format!(
        "SELECT {GLANCE_COLUMNS} FROM listings WHERE auction = ?1 AND seller <> ?2 \
         AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.seller = listings.seller AND b.member = ?2)"
    )
}

/// Which of the auctions between two numbers hold all of some words.
pub(super) const HOLD: &str =
    "SELECT rowid FROM listing_words WHERE listing_words MATCH ?1 AND rowid BETWEEN ?2 AND ?3";

/// How far apart the numbers of two auctions may be that are asked about together: finding where a word's auctions stand costs
/// far more than reading on.
const APART_MAX: i64 = 64;

/// Which auctions hold all of the words, of those near these.
fn holding(connection: &Connection, expression: &str, auctions: &[i64]) -> Result<HashSet<i64>> {
    let mut sorted = auctions.to_vec();
    sorted.sort_unstable();
    let mut statement = connection.prepare_cached(HOLD)?;
    let mut holding = HashSet::new();
    for run in sorted.chunk_by(|one, next| next - one <= APART_MAX) {
        let (first, last) = (run.first().copied(), run.last().copied());
        for auction in statement.query_map((expression, first, last), |row| row.get(0))? {
            holding.insert(auction?);
        }
    }
    Ok(holding)
}

fn look(connection: &Connection, of: &SavedSearch, search: &Search) -> Result<Look> {
    let mut look = Look::of(of);
    let mut statement = connection.prepare_cached(ARRIVALS)?;
    let read = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
    let arrivals = statement.query_map((of.seen, ARRIVALS_LOOKED_AT_MAX as i64), read)?;
    let arrivals: Vec<(i64, i64)> = arrivals.collect::<Result<_>>()?;
    let Some((last, _)) = arrivals.last() else { return Ok(look) };
    look.after = *last;
    let has_words = !search.words.trim().is_empty();
    let expression = matches::expression(&search.words);
    let (region, kinds) = listings::places_of(connection, search)?;
    let Some(wanted) = Wanted::of(search, &Page { cursor: None, limit: 1 }, region, kinds) else {
        return Ok(look);
    };
    if has_words && expression.is_none() {
        return Ok(look);
    }
    let mut arrived = connection.prepare_cached(&arrived_sql())?;
    let mut fit: Vec<i64> = Vec::new();
    for (_, auction) in arrivals {
        let mut found = arrived.query((auction, of.member.0))?;
        let Some(row) = found.next()? else { continue };
        fit.extend(wanted.sieve.lets_through(&glance(row)?).then_some(auction));
    }
    if let Some(expression) = &expression {
        let holding = holding(connection, expression, &fit)?;
        fit.retain(|auction| holding.contains(auction));
    }
    look.found = fit.len() as i64;
    look.newest = fit.last().map(|auction| AuctionId(*auction));
    Ok(look)
}

/// Notes that an auction has arrived, and forgets what arrived long ago.
pub(super) fn arrive(connection: &Connection, auction: AuctionId) -> Result<()> {
    let sql = "INSERT INTO arrivals (number, auction) \
               SELECT coalesce((SELECT max(number) FROM arrivals), 0) + 1, ?1 WHERE true ON CONFLICT DO NOTHING";
    connection.prepare_cached(sql)?.execute([auction.0])?;
    let sql = "DELETE FROM arrivals WHERE number <= (SELECT max(number) FROM arrivals) - ?1";
    connection.prepare_cached(sql)?.execute([ARRIVALS_KEPT]).map(|_| ())
}

fn keep_looks(connection: &Connection, looks: &[Look], now: Time) -> Result<Followed> {
    let (mut notices, mut told) = (Vec::new(), Vec::new());
    for look in looks {
        let sql = "UPDATE saved_searches SET seen = ?3, fresh = fresh + ?4, unsent = unsent + ?4, \
                   newest = coalesce(?5, newest) WHERE id = ?1 AND seen = ?2";
        let newest = look.newest.map(|auction| auction.0);
        let values = (look.search, look.before, look.after, look.found, newest);
        if connection.prepare_cached(sql)?.execute(values)? == 0 {
            continue;
        }
        if let Some((notice, search)) = tell(connection, look.search, now)? {
            notices.push(notice);
            told.push(search);
        }
    }
    let kept = keep_notices(connection, notices)?.into_iter().zip(told);
    let notices =
        kept.map(|((member, row), told)| (member, NoticeRow { search: Some(told), ..row })).collect();
    Ok(Followed { notices, more: looks.len() >= SEARCHES_TOGETHER_MAX })
}

/// What is to be told of a search by now. Its last notice gives way to the new one, if it is unread. While another search of
/// the member speaks of the same auction, unread or within [`TOLD_AGAIN_AFTER`], this one waits as long once more: one notice
/// cannot say both, and he is led to that auction already.
fn tell(connection: &Connection, search: i64, now: Time) -> Result<Option<(Notice, SearchTold)>> {
    let sql = "SELECT member, name, unsent, newest, told FROM saved_searches \
               WHERE id = ?1 AND unsent > 0 AND told_at <= ?2 AND newest IS NOT NULL";
    let read = |row: &Row<'_>| {
        let (member, newest) = (MemberId(row.get(0)?), AuctionId(row.get(3)?));
        Ok((member, row.get::<_, String>(1)?, row.get::<_, i64>(2)?, newest, row.get::<_, Option<i64>>(4)?))
    };
    let found = connection.prepare_cached(sql)?.query_row((search, now.minus(TOLD_AGAIN_AFTER).0), read);
    let Some((member, title, count, auction, before)) = found.optional()? else { return Ok(None) };
    let kind = NoticeKind::SearchMatch;
    let number = number_of(&NoticeKind::ALL, &kind);
    let values = (member.0, auction.0, search, now.minus(TOLD_AGAIN_AFTER).0, number);
    if connection.prepare_cached(IS_TOLD)?.exists(values)? {
        let sql = "UPDATE saved_searches SET told_at = ?2 WHERE id = ?1";
        connection.prepare_cached(sql)?.execute((search, now.0))?;
        return Ok(None);
    }
    if let Some(before) = before {
        let sql = "DELETE FROM unread_notices WHERE member = ?1 AND auction = ?2 AND kind = ?3";
        connection.prepare_cached(sql)?.execute((member.0, before, number))?;
    }
    let sql = "UPDATE saved_searches SET told = NULL WHERE member = ?1 AND told = ?2";
    connection.prepare_cached(sql)?.execute((member.0, auction.0))?;
    let sql =
        "UPDATE saved_searches SET told = ?2, told_at = ?3, told_count = unsent, unsent = 0 WHERE id = ?1";
    connection.prepare_cached(sql)?.execute((search, auction.0, now.0))?;
    let notice = Notice { member, kind, auction, title, amount: None, at: now };
    Ok(Some((notice, SearchTold { id: search, count })))
}

/// Whether another search of the member speaks of the auction.
const IS_TOLD: &str = "SELECT 1 FROM saved_searches o WHERE o.member = ?1 AND o.told = ?2 AND o.id <> ?3 \
     AND (o.told_at > ?4 OR EXISTS (SELECT 1 FROM unread_notices n \
       WHERE n.member = ?1 AND n.auction = ?2 AND n.kind = ?5))";

/// What a notice tells of, beside a row `n` of notices: the search that is kept, or nothing.
pub(super) const TOLD_OF: &str =
    "LEFT JOIN saved_searches s ON n.kind = 29 AND s.member = n.member AND s.told = n.auction";

/// Reads the search's number and count from two columns.
pub(super) fn told(row: &Row<'_>, at: usize) -> Result<Option<SearchTold>> {
    let (id, count) = (row.get::<_, Option<i64>>(at)?, row.get::<_, Option<i64>>(at + 1)?);
    Ok(id.zip(count).map(|(id, count)| SearchTold { id, count }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_that_statements_name_is_that_of_searches() {
        assert_eq!(number_of(&NoticeKind::ALL, &NoticeKind::SearchMatch), 29);
    }
}
