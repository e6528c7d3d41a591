//! Reading a sieve's own index whole, where it holds little: a neighbourhood's chairs are few, whatever the market holds.

use rusqlite::{Connection, Result, params_from_iter};
use store::records::{ListingRow, Sort};

use super::{LISTING_COLUMNS, NARROW_MAX, Sieve, Wanted};

/// A range of one index, within a status.
pub(crate) enum Slice {
    Kind(i64),
    KindNationwide(i64),
    KindWithin(i64, (i64, i64)),
    Nationwide,
    Within((i64, i64)),
    Priced(i64, i64),
}

/// All that the sieve lets through, if one of its indexes holds at most [`NARROW_MAX`] rows to look at.
pub(super) fn all(connection: &Connection, wanted: &Wanted) -> Result<Option<Vec<ListingRow>>> {
    let by_place_and_kind = slices(&wanted.sieve);
    if !by_place_and_kind.is_empty()
        && let Some(rows) = gather(connection, wanted, &by_place_and_kind)?
    {
        return Ok(Some(rows));
    }
    // In the order of prices the walk itself begins and ends at the prices wanted.
    let walks_by_price = matches!(wanted.sort, Sort::PriceAscending | Sort::PriceDescending);
    if !wanted.sieve.is_by_price() || walks_by_price {
        return Ok(None);
    }
    gather(connection, wanted, &[Slice::Priced(wanted.sieve.min_price, wanted.sieve.max_price)])
}

/// The slices of place and kind that together hold all that the sieve lets through, none if it asks for neither.
fn slices(sieve: &Sieve) -> Vec<Slice> {
    match (&sieve.categories, sieve.region) {
        (None, None) => Vec::new(),
        (None, Some(region)) => vec![Slice::Nationwide, Slice::Within(region)],
        (Some(kinds), None) => kinds.iter().map(|kind| Slice::Kind(*kind)).collect(),
        (Some(kinds), Some(region)) => {
            let both = |kind: &i64| [Slice::KindNationwide(*kind), Slice::KindWithin(*kind, region)];
            kinds.iter().flat_map(both).collect()
        }
    }
}

/// What the sieve lets through of these slices, unless they hold too much. The index alone tells that.
fn gather(connection: &Connection, wanted: &Wanted, slices: &[Slice]) -> Result<Option<Vec<ListingRow>>> {
    let mut auctions = Vec::new();
    for status in &wanted.sieve.statuses {
        for slice in slices {
            let values = [*status].into_iter().chain(slice.values());
            let mut statement = connection.prepare_cached(slice.sql())?;
            let mut rows = statement.query(params_from_iter(values))?;
            while let Some(row) = rows.next()? {
                if auctions.len() == NARROW_MAX {
                    return Ok(None);
                }
                auctions.push(row.get::<_, i64>(0)?);
            }
        }
    }
    let sql = format!("SELECT {LISTING_COLUMNS} FROM listings WHERE auction = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = Vec::with_capacity(auctions.len());
    for auction in auctions {
        let row = statement.query_row([auction], super::listing)?;
        rows.extend(wanted.sieve.lets_through(&row).then_some(row));
    }
    Ok(Some(rows))
}

impl Slice {
    /// The slice's statement, after the status.
    pub(crate) fn sql(&self) -> &'static str {
        match self {
            Slice::Kind(_) => {
                "SELECT auction FROM listings INDEXED BY listings_by_category WHERE status = ?1 AND category = ?2"
            }
            Slice::KindNationwide(_) => {
                "SELECT auction FROM listings INDEXED BY listings_by_category \
                 WHERE status = ?1 AND category = ?2 AND nationwide = 1"
            }
            Slice::KindWithin(..) => {
                "SELECT auction FROM listings INDEXED BY listings_by_category \
                 WHERE status = ?1 AND category = ?2 AND nationwide = 0 AND region BETWEEN ?3 AND ?4"
            }
            Slice::Nationwide => {
                "SELECT auction FROM listings INDEXED BY listings_by_region WHERE status = ?1 AND nationwide = 1"
            }
            Slice::Within(_) => {
                "SELECT auction FROM listings INDEXED BY listings_by_region \
                 WHERE status = ?1 AND nationwide = 0 AND region BETWEEN ?2 AND ?3"
            }
            Slice::Priced(..) => {
                "SELECT auction FROM listings INDEXED BY listings_by_price WHERE status = ?1 AND price BETWEEN ?2 AND ?3"
            }
        }
    }

    /// The values it asks for, after the status.
    fn values(&self) -> Vec<i64> {
        match *self {
            Slice::Kind(kind) | Slice::KindNationwide(kind) => vec![kind],
            Slice::KindWithin(kind, (first, last)) => vec![kind, first, last],
            Slice::Nationwide => Vec::new(),
            Slice::Within((first, last)) | Slice::Priced(first, last) => vec![first, last],
        }
    }
}
