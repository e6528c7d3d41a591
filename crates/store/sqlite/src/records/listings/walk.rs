//! Walking an order's own index: the page of a search that most of what stands there answers.

use auction::Status;
use rusqlite::{Connection, Result};
use store::listings::{Seen, Wanted};
use store::records::Sort;

use super::{GLANCE_COLUMNS, WALKED_MAX, look};
use crate::rows::number_of;

/// What stands in the index of the search's order; each status has a range of its own there.
pub(super) fn look_all(connection: &Connection, wanted: &Wanted) -> Result<Seen<()>> {
    let mut all = Seen::default();
    for status in &wanted.sieve.statuses {
        let seen = walk(connection, wanted, number_of(&Status::ALL, status))?;
        all.rows.extend(seen.rows);
        all.stopped = wanted.first(all.stopped, seen.stopped);
    }
    Ok(all)
}

/// Looks at the listings of one status after the place wanted, in order. Those beyond the prices or the end wanted are
/// not read.
fn walk(connection: &Connection, wanted: &Wanted, status: i64) -> Result<Seen<()>> {
    let mut statement = connection.prepare_cached(&sql(wanted.sort))?;
    let (sieve, after) = (&wanted.sieve, wanted.after);
    let mut rows = match wanted.sort {
        Sort::PriceAscending => statement.query((status, after.value, after.auction, sieve.max_price))?,
        Sort::PriceDescending => statement.query((status, after.value, after.auction, sieve.min_price))?,
        // Of what is near or answers words best, only so much is read as is sorted; neither is walked.
        Sort::Newest | Sort::Best | Sort::Nearest => statement.query((status, after.auction))?,
        Sort::Ending => statement.query((status, after.value, after.auction, sieve.latest_end()))?,
        Sort::Bids => statement.query((status, after.value, after.auction))?,
    };
    look(wanted, &mut rows, wanted.limit + 1, WALKED_MAX)
}

/// Each order's statement; the index is named, so that no plan ever sorts a million rows. What has the same value as the
/// place the page begins behind is a range of its own, for a row id cannot be compared as part of a row value.
pub(crate) fn sql(sort: Sort) -> String {
    let (index, same, beyond, order) = match sort {
        Sort::Newest | Sort::Best | Sort::Nearest => {
            return format!(
                "SELECT {GLANCE_COLUMNS} FROM listings INDEXED BY listings_by_status \
                 WHERE status = ?1 AND auction < ?2 ORDER BY auction DESC"
            );
        }
        Sort::Ending => (
            "listings_by_end",
            "ends_at = ?2 AND auction > ?3 AND ?2 <= ?4",
            "ends_at > ?2 AND ends_at <= ?4",
            "ends_at, auction",
        ),
        Sort::PriceAscending => (
            "listings_by_price",
            "price = ?2 AND auction > ?3 AND ?2 <= ?4",
            "price > ?2 AND price <= ?4",
            "price, auction",
        ),
        Sort::PriceDescending => (
            "listings_by_price",
            "price = ?2 AND auction < ?3 AND ?2 >= ?4",
            "price < ?2 AND price >= ?4",
            "price DESC, auction DESC",
        ),
        Sort::Bids => (
            "listings_by_bids",
            "bid_count = ?2 AND auction < ?3",
            "bid_count < ?2",
            "bid_count DESC, auction DESC",
        ),
    };
    let range = |of: &str| {
        format!("SELECT {GLANCE_COLUMNS} FROM listings INDEXED BY {index} WHERE status = ?1 AND {of}")
    };
    format!("{} UNION ALL {} ORDER BY {order}", range(same), range(beyond))
}
