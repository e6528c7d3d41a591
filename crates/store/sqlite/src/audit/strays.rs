//! Strays: rows that belong to an auction which does not exist.

use rusqlite::{Connection, OptionalExtension, Result};

use super::checks::{Check, Findings};

/// How many numbers between two auctions are looked up at most; beyond them lie only auctions listed since.
const LOOKED_UP_MAX: usize = 10_000;

/// The next number behind one and before another that events, parts, deadlines, listings, old words and pictures, removals, watchlists, arrivals, orders or questions speak of.
const SPOKEN_OF: [(&str, &str); 12] = [
    ("event", "SELECT min(auction) FROM events WHERE auction > ?1 AND auction < ?2"),
    ("part", "SELECT min(auction) FROM bidders WHERE auction > ?1 AND auction < ?2"),
    ("deadline", "SELECT min(auction) FROM deadlines WHERE auction > ?1 AND auction < ?2"),
    ("listing", "SELECT min(auction) FROM listings WHERE auction > ?1 AND auction < ?2"),
    ("words", "SELECT min(auction) FROM item_history WHERE auction > ?1 AND auction < ?2"),
    ("picture", "SELECT min(auction) FROM old_pictures WHERE auction > ?1 AND auction < ?2"),
    ("removal", "SELECT min(auction) FROM removals WHERE auction > ?1 AND auction < ?2"),
    (
        "watchlist entry",
        "SELECT min(auction) FROM watching INDEXED BY watching_by_auction WHERE auction > ?1 AND auction < ?2",
    ),
    ("ending told", "SELECT min(auction) FROM endings_told WHERE auction > ?1 AND auction < ?2"),
    ("arrival", "SELECT min(auction) FROM arrivals WHERE auction > ?1 AND auction < ?2"),
    ("order", "SELECT min(auction) FROM orders WHERE auction > ?1 AND auction < ?2"),
    ("question", "SELECT min(auction) FROM questions WHERE auction > ?1 AND auction < ?2"),
];

/// Looks for rows of auctions behind `after` and before `before`, between which no auction was there when the audit
/// began.
pub(super) fn between(
    connection: &Connection,
    after: i64,
    before: i64,
    findings: &mut Findings,
) -> Result<()> {
    if after.checked_add(1) == Some(before) {
        return Ok(());
    }
    for (row, sql) in SPOKEN_OF {
        let mut from = after;
        for _ in 0..LOOKED_UP_MAX {
            let mut statement = connection.prepare_cached(sql)?;
            let next: Option<i64> =
                statement.query_row((from, before), |row| row.get(0)).optional()?.flatten();
            let Some(auction) = next else { break };
            let exists =
                connection.prepare_cached("SELECT 1 FROM auctions WHERE id = ?1")?.exists([auction])?;
            findings.expect(Check::NoStrays, exists, || format!("{row} of auction {auction}: there is none"));
            from = auction;
        }
    }
    Ok(())
}
