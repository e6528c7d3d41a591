//! Walking an order's own index: the page of a search that most of what stands there answers.

use auction::Condition;
use store::listings::{Area, Glance, Seen, Wanted};
use store::records::{ListingRow, Paged, Sort};

use super::{LISTING_COLUMNS, LISTING_WIDTH, WALKED_MAX, listing, statuses};
use crate::pool::{Connection, Value};
use crate::rows::{Result, number_of};

/// The page, read from the index of the search's order; each status has a range of its own there.
pub(super) async fn page(store: &Connection, wanted: &Wanted) -> Result<Paged<ListingRow>> {
    let mut all = Seen::default();
    for status in statuses(&wanted.sieve) {
        let seen = walk(store, wanted, status).await?;
        all.rows.extend(seen.rows);
        all.stopped = wanted.first(all.stopped, seen.stopped);
    }
    let page = wanted.page_of(all);
    Ok(Paged { items: page.items.into_iter().map(|(_, row)| row).collect(), next: page.next })
}

/// Looks at the listings of one status after the place wanted, in order, until the page is full or [`WALKED_MAX`] were
/// looked at. Those beyond the prices wanted are not read.
async fn walk(store: &Connection, wanted: &Wanted, status: i64) -> Result<Seen<ListingRow>> {
    let (sieve, after) = (&wanted.sieve, wanted.after);
    let (region, near) = match &sieve.area {
        Some(Area::Within(region)) => (Some(*region), None),
        Some(Area::Near(near)) => (None, Some(ranges(&near.ranges))),
        None => (None, None),
    };
    let (first_region, last_region) = region.unzip();
    let condition = sieve.condition.map(|condition| number_of(&Condition::ALL, &condition));
    let latest = sieve.latest_end();
    let enough = wanted.limit + 1;
    let (looks, rows) = (WALKED_MAX as i64, enough as i64);
    let values: [Value<'_>; 16] = [
        &status,
        &after.value,
        &after.auction,
        &sieve.min_price,
        &sieve.max_price,
        &first_region,
        &last_region,
        &sieve.categories,
        &looks,
        &rows,
        &near,
        &condition,
        &latest,
        &sieve.reserve_met,
        &sieve.buy_now,
        &sieve.pictured,
    ];
    let mut seen = Seen::default();
    let found = store.query(&sql(wanted.sort), &values).await?;
    for row in &found {
        let is_last_look = row.try_get::<_, i64>(LISTING_WIDTH)? == looks;
        let row = listing(row)?;
        let glance = Glance::from(&row);
        let (place, is_let_through) = (wanted.place(&glance), sieve.lets_through(&glance));
        if is_let_through {
            seen.rows.push((place, row));
        }
        if seen.rows.len() == enough || is_last_look {
            seen.stopped = Some(place);
        }
    }
    Ok(seen)
}

/// Ranges of numbers as PostgreSQL reads them.
fn ranges(ranges: &[(i64, i64)]) -> String {
    let ranges: Vec<String> = ranges.iter().map(|(first, last)| format!("[{first},{last}]")).collect();
    format!("{{{}}}", ranges.join(","))
}

/// Each order's statement. The rows looked at are counted as they come from the index, and the last look is told even
/// where the sieve lets nothing through; whatever the sieve, rows are read only until enough were found.
pub(crate) fn sql(sort: Sort) -> String {
    let (range, order) = match sort {
        // Of what is near or answers words best, only so much is read as is sorted; neither is walked.
        Sort::Newest | Sort::Best | Sort::Nearest => {
            ("$2::bigint IS NOT NULL AND auction < $3", "auction DESC")
        }
        Sort::Ending => ("(ends_at, auction) > ($2, $3) AND ends_at <= $13", "ends_at, auction"),
        Sort::PriceAscending => ("(price, auction) > ($2, $3) AND price <= $5", "price, auction"),
        Sort::PriceDescending => ("(price, auction) < ($2, $3) AND price >= $4", "price DESC, auction DESC"),
        Sort::Bids => ("(bid_count, auction) < ($2, $3)", "bid_count DESC, auction DESC"),
    };
    format!(
        "SELECT {LISTING_COLUMNS}, look FROM ( \
           SELECT {LISTING_COLUMNS}, row_number() OVER (ORDER BY {order}) AS look FROM listings \
           WHERE status = $1 AND {range} ORDER BY {order} LIMIT $9) walked \
         WHERE look = $9 OR (price BETWEEN $4 AND $5 \
           AND ($6::bigint IS NULL OR nationwide OR region BETWEEN $6 AND $7::bigint) \
           AND ($8::bigint[] IS NULL OR category = ANY($8)) \
           AND ($11::text IS NULL OR region <@ $11::int8multirange) \
           AND ($12::bigint IS NULL OR condition = $12) AND ends_at <= $13 AND NOT ($14 AND below_reserve) \
           AND NOT ($15 AND buy_now IS NULL) AND NOT ($16 AND picture IS NULL)) LIMIT $10"
    )
}
