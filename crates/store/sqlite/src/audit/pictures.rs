//! Pictures: what auctions show, and what was uploaded.

use auction::Auction;
use rusqlite::{Connection, OptionalExtension, Result, Row};

use super::checks::{Check, Findings};
use super::{Reading, Steps};

/// What an auction that was followed by another shows, and what an item shows.
const OLD: &str = "old_pictures s WHERE s.auction = ?1";
const NEW: &str = "item_pictures s WHERE s.item = ?1";

/// Looks at the pictures that an auction shows.
pub(super) fn of_auction(connection: &Connection, auction: &Auction, findings: &mut Findings) -> Result<()> {
    let (from, of) = match auction.followed_by {
        Some(_) => (OLD, auction.id.0),
        None => (NEW, auction.item.0),
    };
    let sql = format!(
        "SELECT count(*), count(DISTINCT address), coalesce(max(place), 0), count(*) FILTER (WHERE member <> ?2), \
         count(*) FILTER (WHERE NOT is_kept) FROM (SELECT s.place, s.address, s.member, EXISTS (SELECT 1 FROM uploads u \
         JOIN pictures p ON p.address = u.address WHERE u.address = s.address AND u.member = s.member \
         AND p.going IS NULL) AS is_kept FROM {from})"
    );
    let number = |row: &Row<'_>| -> Result<[i64; 5]> {
        Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?])
    };
    let [count, addresses, last, of_others, missing] =
        connection.prepare_cached(&sql)?.query_row((of, auction.seller.0), number)?;
    let holds = count == last && count == addresses && of_others == 0 && missing == 0;
    findings.expect(Check::Pictures, holds, || {
        format!(
            "auction {}: {count} pictures, {addresses} different, up to place {last}; {of_others} of others, \
             {missing} not uploaded",
            auction.id.0
        )
    });
    added(connection, auction, count, findings)?;
    let sql = "SELECT 1 FROM old_pictures WHERE auction = ?1";
    let has_old = auction.followed_by.is_none() && connection.prepare_cached(sql)?.exists([auction.id.0])?;
    findings.expect(Check::Pictures, !has_old, || {
        format!("auction {}: pictures of its own, and nothing follows it", auction.id.0)
    });
    listed(connection, auction, (from, of), findings)
}

/// Once there are bids, an edit without a note adds a picture at the least, and none is ever taken away: so there are as many
/// pictures as there were such edits, or more.
fn added(connection: &Connection, auction: &Auction, pictures: i64, findings: &mut Findings) -> Result<()> {
    // Each edit raises the number of the terms; most have none without a note, and nothing to look for.
    if auction.terms.saturating_sub(1) <= auction.notes {
        return Ok(());
    }
    // Kinds: 2 bid, 3 bought, 7 raised by the house, 9 edited.
    let sql = "SELECT count(*) FROM events WHERE auction = ?1 AND kind = 9 AND reason IS NULL AND seq > \
               (SELECT seq FROM events WHERE auction = ?1 AND kind IN (2, 3, 7) ORDER BY seq LIMIT 1)";
    let edits: i64 = connection.prepare_cached(sql)?.query_row([auction.id.0], |row| row.get(0))?;
    findings.expect(Check::Pictures, edits <= pictures, || {
        format!(
            "auction {}: {edits} edits without a note after its first bid, and {pictures} pictures",
            auction.id.0
        )
    });
    Ok(())
}

/// Looks whether a listing that is not behind shows the first of them.
fn listed(
    connection: &Connection,
    auction: &Auction,
    (from, of): (&str, i64),
    findings: &mut Findings,
) -> Result<()> {
    let sql = format!(
        "SELECT l.picture IS (SELECT s.address FROM {from} AND s.place = 1) FROM listings l \
         WHERE l.auction = ?2 AND l.seq = ?3"
    );
    let values = (of, auction.id.0, auction.seq.0);
    let is_first: Option<bool> =
        connection.prepare_cached(&sql)?.query_row(values, |row| row.get(0)).optional()?;
    findings.expect(Check::Listings, is_first != Some(false), || {
        format!("listing of auction {}: another picture than the first", auction.id.0)
    });
    Ok(())
}

/// Looks at every picture and upload, and for pictures of items that do not exist.
pub(super) fn check(reading: &Reading<'_>, steps: &Steps, findings: &mut Findings) -> Result<()> {
    let limit = steps.orders_per_read;
    let mut after = Some(Vec::new());
    while let Some(from) = after {
        after = reading.once(|connection| some_pictures(connection, &from, limit, findings))?;
    }
    let mut after = Some((Vec::new(), i64::MIN));
    while let Some(from) = after {
        after = reading.once(|connection| some_uploads(connection, &from, limit, findings))?;
    }
    let mut after = Some(i64::MIN);
    while let Some(from) = after {
        after = reading.once(|connection| some_items(connection, from, limit, findings))?;
    }
    Ok(())
}

fn some_pictures(
    connection: &Connection,
    after: &[u8],
    limit: usize,
    findings: &mut Findings,
) -> Result<Option<Vec<u8>>> {
    let sql = "SELECT p.address, hex(p.address), p.going IS NULL, \
               EXISTS (SELECT 1 FROM uploads u WHERE u.address = p.address) \
               FROM pictures p WHERE p.address > ?1 ORDER BY p.address LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((after, limit as i64))?;
    let (mut looked, mut last) = (0, None);
    while let Some(row) = rows.next()? {
        let (name, stays, is_uploaded): (String, bool, bool) = (row.get(1)?, row.get(2)?, row.get(3)?);
        findings.expect(Check::Uploads, stays == is_uploaded, || {
            let who = if is_uploaded { "somebody" } else { "nobody" };
            format!("picture {name}: {who} has it, and it {}", if stays { "stays" } else { "is going" })
        });
        looked += 1;
        last = Some(row.get(0)?);
    }
    Ok(last.filter(|_| looked == limit))
}

fn some_uploads(
    connection: &Connection,
    (address, member): &(Vec<u8>, i64),
    limit: usize,
    findings: &mut Findings,
) -> Result<Option<(Vec<u8>, i64)>> {
    let sql = "SELECT u.address, u.member, hex(u.address), EXISTS (SELECT 1 FROM members m WHERE m.id = u.member), \
               EXISTS (SELECT 1 FROM pictures p WHERE p.address = u.address) \
               FROM uploads u WHERE (u.address, u.member) > (?1, ?2) ORDER BY u.address, u.member LIMIT ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((address, member, limit as i64))?;
    let (mut looked, mut last) = (0, None);
    while let Some(row) = rows.next()? {
        let (member, name): (i64, String) = (row.get(1)?, row.get(2)?);
        let (is_members, is_known): (bool, bool) = (row.get(3)?, row.get(4)?);
        findings.expect(Check::NoStrays, is_members, || format!("upload of member {member}: there is none"));
        findings.expect(Check::Uploads, is_known, || {
            format!("upload of member {member}: nothing is known of picture {name}")
        });
        looked += 1;
        last = Some((row.get(0)?, member));
    }
    Ok(last.filter(|_| looked == limit))
}

fn some_items(
    connection: &Connection,
    after: i64,
    limit: usize,
    findings: &mut Findings,
) -> Result<Option<i64>> {
    let sql = "SELECT s.item, EXISTS (SELECT 1 FROM items i WHERE i.id = s.item) FROM item_pictures s \
               WHERE s.item > ?1 GROUP BY s.item ORDER BY s.item LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((after, limit as i64))?;
    let (mut looked, mut last) = (0, None);
    while let Some(row) = rows.next()? {
        let (item, exists): (i64, bool) = (row.get(0)?, row.get(1)?);
        findings.expect(Check::NoStrays, exists, || format!("pictures of item {item}: there is none"));
        looked += 1;
        last = Some(item);
    }
    Ok(last.filter(|_| looked == limit))
}
