//! Reading a sieve's own index whole, where it holds little: a neighbourhood's chairs are few, whatever the market holds.

use store::records::{ListingRow, Sort};

use super::{NARROW_MAX, Sieve, Wanted, of_auctions};
use crate::pool::{Connection, Value};
use crate::rows::Result;

/// A range of one index, within some statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slice {
    /// Some kinds, wherever they are.
    Kinds,
    /// Some kinds within a region, or nationwide.
    KindsWithin,
    /// All within a region, or nationwide.
    Within,
    /// Between two prices.
    Priced,
}

impl Slice {
    /// Each of them.
    pub(crate) const ALL: [Slice; 4] = [Slice::Kinds, Slice::KindsWithin, Slice::Within, Slice::Priced];
}

/// All that the sieve lets through, if one of its indexes holds at most [`NARROW_MAX`] rows to look at.
pub(super) async fn all(store: &Connection, wanted: &Wanted) -> Result<Option<Vec<ListingRow>>> {
    if let Some(slice) = slice(&wanted.sieve)
        && let Some(rows) = gather(store, &wanted.sieve, slice).await?
    {
        return Ok(Some(rows));
    }
    // In the order of prices the walk itself begins and ends at the prices wanted.
    let walks_by_price = matches!(wanted.sort, Sort::PriceAscending | Sort::PriceDescending);
    if !wanted.sieve.is_by_price() || walks_by_price {
        return Ok(None);
    }
    gather(store, &wanted.sieve, Slice::Priced).await
}

/// The slice of place and kind that holds all that the sieve lets through, none if it asks for neither.
fn slice(sieve: &Sieve) -> Option<Slice> {
    match (&sieve.categories, sieve.region) {
        (None, None) => None,
        (None, Some(_)) => Some(Slice::Within),
        (Some(_), None) => Some(Slice::Kinds),
        (Some(_), Some(_)) => Some(Slice::KindsWithin),
    }
}

/// What the sieve lets through of this slice, unless it holds too much. The index alone tells that.
async fn gather(store: &Connection, sieve: &Sieve, slice: Slice) -> Result<Option<Vec<ListingRow>>> {
    let most = NARROW_MAX as i64 + 1;
    let kinds = sieve.categories.as_deref().unwrap_or_default();
    let (first, last) = sieve.region.unwrap_or_default();
    let values: &[Value<'_>] = match slice {
        Slice::Kinds => &[&sieve.statuses, &most, &kinds],
        Slice::KindsWithin => &[&sieve.statuses, &most, &kinds, &first, &last],
        Slice::Within => &[&sieve.statuses, &most, &first, &last],
        Slice::Priced => &[&sieve.statuses, &most, &sieve.min_price, &sieve.max_price],
    };
    let found = store.query(slice.sql(), values).await?;
    if found.len() > NARROW_MAX {
        return Ok(None);
    }
    let auctions = found.iter().map(|row| Ok(row.try_get(0)?)).collect::<Result<Vec<i64>>>()?;
    of_auctions(store, sieve, &auctions).await.map(Some)
}

impl Slice {
    /// The slice's statement, after the statuses and how many auctions it says at most. The order asked for is that of
    /// the one index that the slice lies in.
    pub(crate) fn sql(self) -> &'static str {
        match self {
            Slice::Kinds => {
                "SELECT l.auction FROM unnest($1::bigint[]) AS s (status), unnest($3::bigint[]) AS k (kind), \
                 LATERAL (SELECT auction FROM listings WHERE status = s.status AND category = k.kind \
                   ORDER BY nationwide, region, auction LIMIT $2) l LIMIT $2"
            }
            Slice::KindsWithin => {
                "SELECT l.auction FROM unnest($1::bigint[]) AS s (status), unnest($3::bigint[]) AS k (kind), \
                 LATERAL ((SELECT auction FROM listings WHERE status = s.status AND category = k.kind AND nationwide \
                   ORDER BY region, auction LIMIT $2) \
                 UNION ALL (SELECT auction FROM listings WHERE status = s.status AND category = k.kind \
                   AND NOT nationwide AND region BETWEEN $4 AND $5 ORDER BY region, auction LIMIT $2)) l LIMIT $2"
            }
            Slice::Within => {
                "SELECT l.auction FROM unnest($1::bigint[]) AS s (status), \
                 LATERAL ((SELECT auction FROM listings WHERE status = s.status AND nationwide ORDER BY region LIMIT $2) \
                 UNION ALL (SELECT auction FROM listings WHERE status = s.status \
                   AND NOT nationwide AND region BETWEEN $3 AND $4 ORDER BY region LIMIT $2)) l LIMIT $2"
            }
            Slice::Priced => {
                "SELECT l.auction FROM unnest($1::bigint[]) AS s (status), \
                 LATERAL (SELECT auction FROM listings WHERE status = s.status AND price BETWEEN $3 AND $4 \
                   ORDER BY price, auction LIMIT $2) l LIMIT $2"
            }
        }
    }
}
