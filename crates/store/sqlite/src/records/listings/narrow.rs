//! Reading a sieve's own index whole, where it holds little: a neighbourhood's chairs are few, whatever the market holds.

use auction::Status;
use rusqlite::{Connection, Result, params_from_iter};
use store::listings::{Area, Nearby, Seen, Sieve, Wanted};
use store::records::Sort;

use super::{GLANCE_COLUMNS, NARROW_MAX, glance};
use crate::rows::number_of;

/// A range of one index, within a status.
pub(crate) enum Slice {
    Kind(i64),
    KindNationwide(i64),
    KindWithin(i64, bool, (i64, i64)),
    Nationwide,
    Within(bool, (i64, i64)),
    Priced(i64, i64),
    Ending(i64),
}

/// What a sieve's own index holds.
pub(super) enum Held {
    /// All that the sieve lets through.
    All(Seen<()>),
    /// Of the nearest, as much as is looked at.
    Nearest(Seen<()>),
    /// More rows than are read to be sorted.
    TooMuch,
}

/// All that the sieve lets through, if one of its indexes holds at most [`NARROW_MAX`] rows to look at.
pub(super) fn all(connection: &Connection, wanted: &Wanted) -> Result<Held> {
    let sieve = &wanted.sieve;
    let by_place_and_kind = slices(sieve);
    if !by_place_and_kind.is_empty()
        && let Some(seen) = gather(connection, wanted, &by_place_and_kind)?
    {
        return Ok(Held::All(seen));
    }
    if let (Sort::Nearest, Some(Area::Near(near))) = (wanted.sort, &sieve.area) {
        return nearest(connection, wanted, near).map(Held::Nearest);
    }
    // In its own order the walk itself begins and ends at the prices or the end wanted.
    let walks_by_price = matches!(wanted.sort, Sort::PriceAscending | Sort::PriceDescending);
    if sieve.is_by_price()
        && !walks_by_price
        && let Some(seen) = gather(connection, wanted, &[Slice::Priced(sieve.min_price, sieve.max_price)])?
    {
        return Ok(Held::All(seen));
    }
    if sieve.ends_by.is_some()
        && wanted.sort != Sort::Ending
        && let Some(seen) = gather(connection, wanted, &[Slice::Ending(sieve.latest_end())])?
    {
        return Ok(Held::All(seen));
    }
    Ok(Held::TooMuch)
}

/// The slices of place and kind that together hold all that the sieve lets through, none if it asks for neither.
fn slices(sieve: &Sieve) -> Vec<Slice> {
    let either = [false, true];
    match (&sieve.categories, &sieve.area) {
        (None, None) => Vec::new(),
        (None, Some(Area::Within(region))) => vec![Slice::Nationwide, Slice::Within(false, *region)],
        (None, Some(Area::Near(near))) => {
            let both = |range: &(i64, i64)| either.map(|nationwide| Slice::Within(nationwide, *range));
            near.ranges.iter().flat_map(both).collect()
        }
        (Some(kinds), None) => kinds.iter().map(|kind| Slice::Kind(*kind)).collect(),
        (Some(kinds), Some(Area::Within(region))) => {
            let both = |kind: &i64| [Slice::KindNationwide(*kind), Slice::KindWithin(*kind, false, *region)];
            kinds.iter().flat_map(both).collect()
        }
        (Some(kinds), Some(Area::Near(near))) => {
            let of_kind = |kind: &i64| {
                let kind = *kind;
                let both = move |range: &(i64, i64)| {
                    either.map(|nationwide| Slice::KindWithin(kind, nationwide, *range))
                };
                near.ranges.iter().flat_map(both)
            };
            kinds.iter().flat_map(of_kind).collect()
        }
    }
}

/// What the sieve lets through of these slices, unless they hold too much. The index alone tells that.
fn gather(connection: &Connection, wanted: &Wanted, slices: &[Slice]) -> Result<Option<Seen<()>>> {
    let mut auctions = Vec::new();
    for status in &wanted.sieve.statuses {
        let status = number_of(&Status::ALL, status);
        for slice in slices {
            let values = [status].into_iter().chain(slice.values());
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
    let_through(connection, wanted, auctions).map(Some)
}

/// What the sieve lets through of the nearest listings, of as many as are looked at: region by region, in each those that
/// are not nationwide first, the newest first.
fn nearest(connection: &Connection, wanted: &Wanted, near: &Nearby) -> Result<Seen<()>> {
    let mut statement = connection.prepare_cached(IN_REGION)?;
    let mut auctions = Vec::new();
    for region in &near.nearest {
        for status in &wanted.sieve.statuses {
            for nationwide in [false, true] {
                let room = (NARROW_MAX - auctions.len()) as i64;
                let values = (number_of(&Status::ALL, status), nationwide, region, room);
                for auction in statement.query_map(values, |row| row.get::<_, i64>(0))? {
                    auctions.push(auction?);
                }
            }
        }
        if auctions.len() == NARROW_MAX {
            break;
        }
    }
    let_through(connection, wanted, auctions)
}

/// The newest listings of one region.
pub(crate) const IN_REGION: &str = "SELECT auction FROM listings INDEXED BY listings_by_region \
     WHERE status = ?1 AND nationwide = ?2 AND region = ?3 ORDER BY auction DESC LIMIT ?4";

fn let_through(connection: &Connection, wanted: &Wanted, auctions: Vec<i64>) -> Result<Seen<()>> {
    let sql = format!("SELECT {GLANCE_COLUMNS} FROM listings WHERE auction = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut seen = Seen::default();
    for auction in auctions {
        let mut rows = statement.query([auction])?;
        let Some(row) = rows.next()? else { continue };
        let listing = glance(row)?;
        if wanted.sieve.lets_through(&listing) {
            seen.rows.push((wanted.place(&listing), ()));
        }
    }
    Ok(seen)
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
                 WHERE status = ?1 AND category = ?2 AND nationwide = ?3 AND region BETWEEN ?4 AND ?5"
            }
            Slice::Nationwide => {
                "SELECT auction FROM listings INDEXED BY listings_by_region WHERE status = ?1 AND nationwide = 1"
            }
            Slice::Within(..) => {
                "SELECT auction FROM listings INDEXED BY listings_by_region \
                 WHERE status = ?1 AND nationwide = ?2 AND region BETWEEN ?3 AND ?4"
            }
            Slice::Priced(..) => {
                "SELECT auction FROM listings INDEXED BY listings_by_price WHERE status = ?1 AND price BETWEEN ?2 AND ?3"
            }
            Slice::Ending(_) => {
                "SELECT auction FROM listings INDEXED BY listings_by_end WHERE status = ?1 AND ends_at <= ?2"
            }
        }
    }

    /// The values it asks for, after the status.
    fn values(&self) -> Vec<i64> {
        match *self {
            Slice::Kind(kind) | Slice::KindNationwide(kind) => vec![kind],
            Slice::KindWithin(kind, nationwide, (first, last)) => {
                vec![kind, i64::from(nationwide), first, last]
            }
            Slice::Nationwide => Vec::new(),
            Slice::Within(nationwide, (first, last)) => vec![i64::from(nationwide), first, last],
            Slice::Priced(first, last) => vec![first, last],
            Slice::Ending(last) => vec![last],
        }
    }
}
