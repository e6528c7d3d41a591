//! Saved searches: kept, looked at for what has arrived, and told of. A look costs a row for each arrival behind the last
//! one, however many auctions there are; when nothing has arrived, it costs a look at two indexes. Each node looks; what
//! looks have found is kept in turns, and counts only where a search still stands where it was read.

use std::collections::HashSet;

use async_trait::async_trait;
use auction::{AuctionId, Time};
use ledger::MemberId;
use store::listings::Wanted;
use store::records::{
    ARRIVALS_KEPT, ARRIVALS_LOOKED_AT_MAX, Followed, Look, NewSearch, NoticeKind, NoticeRow, Page,
    SAVED_SEARCHES_MAX, SEARCHES_TOGETHER_MAX, SaveRefused, SavedRecords, SavedSearch, Search, SearchTold,
    TOLD_AGAIN_AFTER,
};
use tokio_postgres::Row;

use super::PostgresRecords;
use super::follow::{Notice, keep_notices, take_turn};
use super::listings::{self, GLANCE_COLUMNS, glance, matches};
use crate::pool::{Connection, Value};
use crate::rows::{Result, number_of};

#[async_trait]
impl SavedRecords for PostgresRecords {
    async fn save_search(
        &self,
        new: NewSearch,
    ) -> store::Result<std::result::Result<SavedSearch, SaveRefused>> {
        let store = self.writes.lend("keeping a search").await?;
        store.write_together(save(&store, &new)).await
    }

    async fn saved_searches(&self, member: MemberId) -> store::Result<Vec<SavedSearch>> {
        let store = self.searches.lend("reading saved searches").await?;
        store.read(of_member(&store, member)).await
    }

    async fn remove_search(&self, member: MemberId, id: i64) -> store::Result<bool> {
        let store = self.writes.lend("forgetting a search").await?;
        store.write(remove(&store, member, id)).await
    }

    async fn open_search(&self, member: MemberId, id: i64) -> store::Result<Option<SavedSearch>> {
        let store = self.writes.lend("opening a search").await?;
        store.write_together(open(&store, member, id)).await
    }

    async fn searches_behind(&self, now: Time) -> store::Result<Vec<SavedSearch>> {
        let store = self.followers.lend("looking for searches left behind").await?;
        store.read(behind(&store, now)).await
    }

    async fn look(&self, saved: SavedSearch, search: Search) -> store::Result<Look> {
        let store = self.followers.lend("looking for what fits a search").await?;
        store.read(look(&store, &saved, &search)).await
    }

    async fn keep_looks(&self, looks: Vec<Look>, now: Time) -> store::Result<Followed> {
        let store = self.writes.lend("telling what fits searches").await?;
        store.write_together(keep_looks(&store, &looks, now)).await
    }
}

/// A search's columns, in the order in which [`saved`] reads them.
macro_rules! columns {
    () => {
        "id, member, name, query, created_at, fresh, seen"
    };
}

fn saved(row: &Row) -> Result<SavedSearch> {
    Ok(SavedSearch {
        id: row.try_get(0)?,
        member: MemberId(row.try_get(1)?),
        name: row.try_get(2)?,
        query: row.try_get(3)?,
        created_at: Time(row.try_get(4)?),
        fresh: row.try_get(5)?,
        seen: row.try_get(6)?,
    })
}

/// Only what arrives from now on is new. A member's calls take turns by his own row.
async fn save(store: &Connection, new: &NewSearch) -> Result<std::result::Result<SavedSearch, SaveRefused>> {
    let turn = "SELECT id FROM members WHERE id = $1 AND left_at IS NULL FOR NO KEY UPDATE";
    if store.query_opt(turn, &[&new.member.0]).await?.is_none() {
        return Ok(Err(SaveRefused::Left));
    }
    let sql = "INSERT INTO saved_searches (member, name, query, created_at, seen) \
               SELECT $1::bigint, $2::text, $3::text, $4::bigint, coalesce((SELECT max(number) FROM arrivals), 0) \
               WHERE (SELECT count(*) FROM saved_searches WHERE member = $1) < $5 ON CONFLICT DO NOTHING";
    let values: [Value<'_>; 5] =
        [&new.member.0, &new.name, &new.query, &new.at.0, &(SAVED_SEARCHES_MAX as i64)];
    store.execute(sql, &values).await?;
    let sql = concat!("SELECT ", columns!(), " FROM saved_searches WHERE member = $1 AND query = $2");
    let kept = store.query_opt(sql, &[&new.member.0, &new.query]).await?.as_ref().map(saved).transpose()?;
    Ok(kept.ok_or(SaveRefused::Full))
}

async fn of_member(store: &Connection, member: MemberId) -> Result<Vec<SavedSearch>> {
    let found = store.query(OF_MEMBER, &[&member.0]).await?;
    let mut searches = found.iter().map(saved).collect::<Result<Vec<_>>>()?;
    searches.sort_unstable_by_key(|search| std::cmp::Reverse(search.id));
    Ok(searches)
}

/// A member's searches, of which there are few, in any order.
pub(super) const OF_MEMBER: &str = concat!("SELECT ", columns!(), " FROM saved_searches WHERE member = $1");

async fn remove(store: &Connection, member: MemberId, id: i64) -> Result<bool> {
    let sql = "DELETE FROM saved_searches WHERE id = $1 AND member = $2";
    Ok(store.execute(sql, &[&id, &member.0]).await? > 0)
}

async fn open(store: &Connection, member: MemberId, id: i64) -> Result<Option<SavedSearch>> {
    let sql = concat!("SELECT ", columns!(), " FROM saved_searches WHERE id = $1 AND member = $2 FOR UPDATE");
    let found = store.query_opt(sql, &[&id, &member.0]).await?.as_ref().map(saved).transpose()?;
    if found.as_ref().is_some_and(|search| search.fresh > 0) {
        store.execute("UPDATE saved_searches SET fresh = 0, unsent = 0 WHERE id = $1", &[&id]).await?;
    }
    Ok(found)
}

async fn behind(store: &Connection, now: Time) -> Result<Vec<SavedSearch>> {
    let most = SEARCHES_TOGETHER_MAX as i64;
    let found = store.query(BEHIND, &[&most]).await?;
    let mut found = found.iter().map(saved).collect::<Result<Vec<_>>>()?;
    for row in store.query(UNTOLD, &[&now.minus(TOLD_AGAIN_AFTER).0, &most]).await? {
        let search = saved(&row)?;
        if found.iter().all(|one| one.id != search.id) {
            found.push(search);
        }
    }
    Ok(found)
}

/// Those behind the newest arrival.
pub(super) const BEHIND: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM saved_searches WHERE seen < (SELECT number FROM arrivals ORDER BY number DESC LIMIT 1) \
     ORDER BY seen, id LIMIT $1"
);

/// Those of which something was kept back that may be told by now.
pub(super) const UNTOLD: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM saved_searches WHERE unsent > 0 AND told_at <= $1 ORDER BY told_at, id LIMIT $2"
);

/// The next arrivals.
pub(super) const ARRIVALS: &str =
    "SELECT number, auction FROM arrivals WHERE number > $1 ORDER BY number LIMIT $2";

/// Those that arrived, as listed, unless their seller is the member or blocks him.
pub(super) fn arrived_sql() -> String {
    format!(
        "SELECT {GLANCE_COLUMNS} FROM unnest($1::bigint[]) AS wanted (number) \
         CROSS JOIN LATERAL (SELECT * FROM listings WHERE listings.auction = wanted.number LIMIT 1) AS l \
         WHERE seller <> $2 \
         AND (SELECT b.member FROM blocks b WHERE b.seller = l.seller AND b.member = $2 LIMIT 1) IS NULL"
    )
}

/// Which of some auctions hold all of some words.
pub(super) const HOLD: &str = "SELECT w.auction FROM unnest($2::bigint[]) AS wanted (number) \
     CROSS JOIN LATERAL (SELECT auction, words FROM listing_words WHERE auction = wanted.number LIMIT 1) AS w \
     WHERE w.words @@ $1::text::tsquery";

async fn look(store: &Connection, of: &SavedSearch, search: &Search) -> Result<Look> {
    let mut look = Look::of(of);
    let mut arrivals: Vec<i64> = Vec::new();
    for row in store.query(ARRIVALS, &[&of.seen, &(ARRIVALS_LOOKED_AT_MAX as i64)]).await? {
        look.after = row.try_get(0)?;
        arrivals.push(row.try_get(1)?);
    }
    if arrivals.is_empty() {
        return Ok(look);
    }
    let (region, kinds) = listings::places_of(store, search).await?;
    let Some(wanted) = Wanted::of(search, &Page { cursor: None, limit: 1 }, region, kinds) else {
        return Ok(look);
    };
    let rows = store.query(&arrived_sql(), &[&arrivals, &of.member.0]).await?;
    let mut fit: HashSet<i64> = HashSet::new();
    for row in &rows {
        let listing = glance(row)?;
        fit.extend(wanted.sieve.lets_through(&listing).then_some(listing.auction));
    }
    if !search.words.trim().is_empty() {
        let Some(expression) = matches::expression(&search.words) else { return Ok(look) };
        let asked: Vec<i64> = fit.iter().copied().collect();
        let hold = store.query(HOLD, &[&expression, &asked]).await?;
        fit = hold.iter().map(|row| Ok(row.try_get(0)?)).collect::<Result<_>>()?;
    }
    look.found = fit.len() as i64;
    look.newest = arrivals.into_iter().rev().find(|auction| fit.contains(auction)).map(AuctionId);
    Ok(look)
}

/// Notes that auctions have arrived, and forgets what arrived long ago. Callers take turns, so that no number is seen
/// before a smaller one.
pub(super) async fn arrive(store: &Connection, auctions: &[i64]) -> Result<()> {
    if auctions.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO arrivals (number, auction) \
               SELECT coalesce((SELECT number FROM arrivals ORDER BY number DESC LIMIT 1), 0) + o.place, o.auction \
               FROM unnest($1::bigint[]) WITH ORDINALITY AS o (auction, place) ON CONFLICT (auction) DO NOTHING";
    store.execute(sql, &[&auctions]).await?;
    store.execute(FORGET, &[&ARRIVALS_KEPT]).await.map(|_| ())
}

/// Forgets what arrived long ago.
pub(super) const FORGET: &str = "DELETE FROM arrivals \
     WHERE number <= (SELECT number FROM arrivals ORDER BY number DESC LIMIT 1) - $1";

/// Only what is told takes the followers' turn: a search for which nothing has come is moved on beside them.
async fn keep_looks(store: &Connection, looks: &[Look], now: Time) -> Result<Followed> {
    let searches: Vec<i64> = looks.iter().map(|look| look.search).collect();
    let until = now.minus(TOLD_AGAIN_AFTER).0;
    let has_found = looks.iter().any(|look| look.found > 0);
    if has_found || store.query_opt(IS_DUE, &[&searches, &until]).await?.is_some() {
        take_turn(store).await?;
    }
    move_on(store, looks).await?;
    // Old notices that give way, and what takes their place: locked in the order in which a member marks them as read.
    store
        .execute(LOCK_TOLD, &[&searches, &until, &number_of(&NoticeKind::ALL, &NoticeKind::SearchMatch)])
        .await?;
    let (mut notices, mut told) = (Vec::new(), Vec::new());
    for row in store.query(DUE, &[&searches, &until]).await? {
        if let Some((notice, search)) = tell(store, row.try_get(0)?, now).await? {
            notices.push(notice);
            told.push(search);
        }
    }
    let kept = keep_notices(store, notices).await?.into_iter().zip(told);
    let notices =
        kept.map(|((member, row), told)| (member, NoticeRow { search: Some(told), ..row })).collect();
    Ok(Followed { notices, more: looks.len() >= SEARCHES_TOGETHER_MAX })
}

/// Whether something is to be told of any of these searches, as it stands before they are moved on.
const IS_DUE: &str = "SELECT FROM saved_searches WHERE id = ANY($1) AND unsent > 0 AND told_at <= $2 AND newest IS NOT NULL LIMIT 1";

/// Of which of these searches something is to be told.
const DUE: &str = "SELECT id FROM saved_searches WHERE id = ANY($1) AND unsent > 0 AND told_at <= $2 AND newest IS NOT NULL ORDER BY id";

/// Locks the unread notices of searches that their members have who are to be told.
const LOCK_TOLD: &str = "SELECT FROM unread_notices n WHERE n.kind = $3 AND n.member IN \
     (SELECT member FROM saved_searches WHERE id = ANY($1) AND unsent > 0 AND told_at <= $2) \
     ORDER BY n.member, n.auction, n.kind FOR UPDATE OF n";

/// Moves searches on to where they were looked at and counts what was found; one that was moved meanwhile stays.
async fn move_on(store: &Connection, looks: &[Look]) -> Result<()> {
    let column = |of: fn(&Look) -> i64| looks.iter().map(of).collect::<Vec<i64>>();
    let newest: Vec<Option<i64>> = looks.iter().map(|look| look.newest.map(|auction| auction.0)).collect();
    let (searches, before) = (column(|look| look.search), column(|look| look.before));
    let (after, found) = (column(|look| look.after), column(|look| look.found));
    let values: [Value<'_>; 5] = [&searches, &before, &after, &found, &newest];
    store.execute(MOVE_ON, &values).await.map(|_| ())
}

/// Rows are locked in the order of their numbers, as every node does.
const MOVE_ON: &str = "WITH held AS MATERIALIZED \
       (SELECT id FROM saved_searches WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE), \
     looks AS (SELECT DISTINCT ON (search) * FROM \
       unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[]) \
       AS l (search, before, after, found, newest) ORDER BY search) \
     UPDATE saved_searches s SET seen = l.after, fresh = s.fresh + l.found, unsent = s.unsent + l.found, \
       newest = coalesce(l.newest, s.newest) \
     FROM looks l, held h WHERE h.id = l.search AND s.id = l.search AND s.seen = l.before";

/// What is to be told of a search by now. Its last notice gives way to the new one, if it is unread. While another search of
/// the member speaks of the same auction, unread or within [`TOLD_AGAIN_AFTER`], this one waits as long once more: one notice
/// cannot say both, and he is led to that auction already.
async fn tell(store: &Connection, search: i64, now: Time) -> Result<Option<(Notice, SearchTold)>> {
    let sql = "SELECT member, name, unsent, newest, told FROM saved_searches \
               WHERE id = $1 AND unsent > 0 AND told_at <= $2 AND newest IS NOT NULL";
    let until = now.minus(TOLD_AGAIN_AFTER).0;
    let Some(row) = store.query_opt(sql, &[&search, &until]).await? else { return Ok(None) };
    let (member, title): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
    let (count, auction): (i64, i64) = (row.try_get(2)?, row.try_get(3)?);
    let kind = NoticeKind::SearchMatch;
    let number = number_of(&NoticeKind::ALL, &kind);
    let values: [Value<'_>; 5] = [&member, &auction, &search, &until, &number];
    if store.query_opt(IS_TOLD, &values).await?.is_some() {
        let sql = "UPDATE saved_searches SET told_at = $2 WHERE id = $1";
        store.execute(sql, &[&search, &now.0]).await?;
        return Ok(None);
    }
    if let Some(before) = row.try_get::<_, Option<i64>>(4)? {
        let sql = "DELETE FROM unread_notices WHERE member = $1 AND auction = $2 AND kind = $3";
        store.execute(sql, &[&member, &before, &number]).await?;
    }
    let sql = "UPDATE saved_searches SET told = NULL WHERE member = $1 AND told = $2";
    store.execute(sql, &[&member, &auction]).await?;
    let sql =
        "UPDATE saved_searches SET told = $2, told_at = $3, told_count = unsent, unsent = 0 WHERE id = $1";
    store.execute(sql, &[&search, &auction, &now.0]).await?;
    let (member, auction) = (MemberId(member), AuctionId(auction));
    let notice = Notice { member, kind, auction, title, amount: None, at: now };
    Ok(Some((notice, SearchTold { id: search, count })))
}

/// Whether another search of the member speaks of the auction.
const IS_TOLD: &str = "SELECT FROM saved_searches o WHERE o.member = $1 AND o.told = $2 AND o.id <> $3 \
     AND (o.told_at > $4 OR EXISTS (SELECT FROM unread_notices n \
       WHERE n.member = $1 AND n.auction = $2 AND n.kind = $5))";

/// What a notice tells of, beside a row `n` of notices: the search that is kept, or nothing.
macro_rules! told_of {
    ($member:literal) => {
        concat!(
            " LEFT JOIN LATERAL (SELECT name, id, told_count FROM saved_searches \
             WHERE n.kind = 29 AND member = ",
            $member,
            " AND told = n.auction LIMIT 1) s ON true "
        )
    };
}
pub(super) use told_of;

/// Reads the search's number and count from two columns.
pub(super) fn told(row: &Row, at: usize) -> Result<Option<SearchTold>> {
    let (id, count) = (row.try_get::<_, Option<i64>>(at)?, row.try_get::<_, Option<i64>>(at + 1)?);
    Ok(id.zip(count).map(|(id, count)| SearchTold { id, count }))
}
