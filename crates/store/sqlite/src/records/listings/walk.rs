//! Walking an order's own index: the page of a search that most of what stands there answers.

use auction::Status;
use rusqlite::{Connection, Result};
use store::listings::{Seen, Wanted};
use store::records::{ListingRow, Paged, Sort};

use super::{LISTING_COLUMNS, WALKED_MAX, look};
use crate::rows::number_of;

/// The page, read from the index of the search's order; each status has a range of its own there.
pub(super) fn page(connection: &Connection, wanted: &Wanted) -> Result<Paged<ListingRow>> {
    let mut all = Seen::default();
    for status in &wanted.sieve.statuses {
        let seen = walk(connection, wanted, number_of(&Status::ALL, status))?;
        all.rows.extend(seen.rows);
        all.stopped = wanted.first(all.stopped, seen.stopped);
    }
    Ok(wanted.page_of_seen(all))
}

/// Looks at the listings of one status after the place wanted, in order. Those beyond the prices or the end wanted are
/// not read.
fn walk(connection: &Connection, wanted: &Wanted, status: i64) -> Result<Seen> {
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

/// Each order's statement; the index is named, so that no plan ever sorts a million rows.
pub(crate) fn sql(sort: Sort) -> String {
    let range = match sort {
        Sort::Newest | Sort::Best | Sort::Nearest => {
            "listings_by_status WHERE status = ?1 AND auction < ?2 ORDER BY auction DESC"
        }
        Sort::Ending => {
            "listings_by_end WHERE status = ?1 AND (ends_at, auction) > (?2, ?3) AND ends_at <= ?4 \
             ORDER BY ends_at, auction"
        }
        Sort::PriceAscending => {
            "listings_by_price WHERE status = ?1 AND (price, auction) > (?2, ?3) AND price <= ?4 \
             ORDER BY price, auction"
        }
        Sort::PriceDescending => {
            "listings_by_price WHERE status = ?1 AND (price, auction) < (?2, ?3) AND price >= ?4 \
             ORDER BY price DESC, auction DESC"
        }
        Sort::Bids => {
            "listings_by_bids WHERE status = ?1 AND (bid_count, auction) < (?2, ?3) \
             ORDER BY bid_count DESC, auction DESC"
        }
    };
    format!("SELECT {LISTING_COLUMNS} FROM listings INDEXED BY {range}")
}
