//! Reading a sieve's own index whole, where it holds little: a neighbourhood's chairs are few, whatever the market holds.

use store::listings::{Area, Nearby, Seen, Sieve, Wanted};
use store::records::Sort;

use super::{NARROW_MAX, of_auctions, statuses};
use crate::pool::{Connection, Value};
use crate::rows::Result;

/// A range of one index, within some statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slice {
    /// Some kinds, wherever they are.
    Kinds,
    /// Some kinds within a region, or nationwide.
    KindsWithin,
    /// Some kinds within ranges of regions.
    KindsNear,
    /// All within a region, or nationwide.
    Within,
    /// All within ranges of regions.
    Near,
    /// Between two prices.
    Priced,
    /// What ends by some time.
    Ending,
}

impl Slice {
    /// Each of them, with a name.
    pub(crate) const ALL: [(&str, Slice); 7] = [
        ("slice kinds", Slice::Kinds),
        ("slice kinds within", Slice::KindsWithin),
        ("slice kinds near", Slice::KindsNear),
        ("slice within", Slice::Within),
        ("slice near", Slice::Near),
        ("slice priced", Slice::Priced),
        ("slice ending", Slice::Ending),
    ];
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
pub(super) async fn all(store: &Connection, wanted: &Wanted) -> Result<Held> {
    let sieve = &wanted.sieve;
    if let Some(slice) = slice(sieve)
        && let Some(seen) = gather(store, wanted, slice).await?
    {
        return Ok(Held::All(seen));
    }
    if let (Sort::Nearest, Some(Area::Near(near))) = (wanted.sort, &sieve.area) {
        return nearest(store, wanted, near).await.map(Held::Nearest);
    }
    // In its own order the walk itself begins and ends at the prices or the end wanted.
    let walks_by_price = matches!(wanted.sort, Sort::PriceAscending | Sort::PriceDescending);
    if sieve.is_by_price()
        && !walks_by_price
        && let Some(seen) = gather(store, wanted, Slice::Priced).await?
    {
        return Ok(Held::All(seen));
    }
    if sieve.ends_by.is_some()
        && wanted.sort != Sort::Ending
        && let Some(seen) = gather(store, wanted, Slice::Ending).await?
    {
        return Ok(Held::All(seen));
    }
    Ok(Held::TooMuch)
}

/// The slice of place and kind that holds all that the sieve lets through, none if it asks for neither.
fn slice(sieve: &Sieve) -> Option<Slice> {
    match (&sieve.categories, &sieve.area) {
        (None, None) => None,
        (None, Some(Area::Within(_))) => Some(Slice::Within),
        (None, Some(Area::Near(_))) => Some(Slice::Near),
        (Some(_), None) => Some(Slice::Kinds),
        (Some(_), Some(Area::Within(_))) => Some(Slice::KindsWithin),
        (Some(_), Some(Area::Near(_))) => Some(Slice::KindsNear),
    }
}

/// What the sieve lets through of this slice, unless it holds too much. The index alone tells that.
async fn gather(store: &Connection, wanted: &Wanted, slice: Slice) -> Result<Option<Seen<()>>> {
    let sieve = &wanted.sieve;
    let (statuses, most) = (statuses(sieve), NARROW_MAX as i64 + 1);
    let kinds = sieve.categories.as_deref().unwrap_or_default();
    let ((first, last), (firsts, lasts)) = match &sieve.area {
        Some(Area::Within(region)) => (*region, Default::default()),
        Some(Area::Near(near)) => ((0, 0), near.ranges.iter().copied().unzip::<_, _, Vec<i64>, Vec<i64>>()),
        None => Default::default(),
    };
    let latest = sieve.latest_end();
    let values: &[Value<'_>] = match slice {
        Slice::Kinds => &[&statuses, &most, &kinds],
        Slice::KindsWithin => &[&statuses, &most, &kinds, &first, &last],
        Slice::KindsNear => &[&statuses, &most, &kinds, &firsts, &lasts],
        Slice::Within => &[&statuses, &most, &first, &last],
        Slice::Near => &[&statuses, &most, &firsts, &lasts],
        Slice::Priced => &[&statuses, &most, &sieve.min_price, &sieve.max_price],
        Slice::Ending => &[&statuses, &most, &latest],
    };
    let found = store.query(slice.sql(), values).await?;
    if found.len() > NARROW_MAX {
        return Ok(None);
    }
    let auctions = found.iter().map(|row| Ok(row.try_get(0)?)).collect::<Result<Vec<i64>>>()?;
    of_auctions(store, wanted, &auctions).await.map(Some)
}

/// How many regions are read at first, when the nearest are asked for; then twice as many, and so on.
const REGIONS_AT_FIRST: usize = 8;

/// What the sieve lets through of the nearest listings, of as many as are looked at: region by region, in each those that
/// are not nationwide first, the newest first.
async fn nearest(store: &Connection, wanted: &Wanted, near: &Nearby) -> Result<Seen<()>> {
    let (statuses, most) = (statuses(&wanted.sieve), NARROW_MAX as i64);
    let mut auctions: Vec<i64> = Vec::new();
    let (mut rest, mut together) = (&near.nearest[..], REGIONS_AT_FIRST);
    while !rest.is_empty() && auctions.len() < NARROW_MAX {
        let (regions, others) = rest.split_at(together.min(rest.len()));
        (rest, together) = (others, together * 2);
        let mut found: Vec<([i64; 3], i64)> = Vec::new();
        for row in store.query(IN_REGIONS, &[&statuses, &most, &regions]).await? {
            found.push(([row.try_get(1)?, row.try_get(2)?, row.try_get(3)?], row.try_get(0)?));
        }
        found.sort_by_key(|(place, auction)| (*place, std::cmp::Reverse(*auction)));
        auctions.extend(found.into_iter().map(|(_, auction)| auction));
    }
    auctions.truncate(NARROW_MAX);
    of_auctions(store, wanted, &auctions).await
}

/// The newest listings of each of some regions, with where each stands: the region, the status, whether nationwide.
pub(crate) const IN_REGIONS: &str = "SELECT l.auction, r.place, s.place, l.nationwide \
     FROM unnest($3::bigint[]) WITH ORDINALITY AS r (region, place), \
       unnest($1::bigint[]) WITH ORDINALITY AS s (status, place), \
     LATERAL ((SELECT auction, 0::bigint AS nationwide FROM listings WHERE status = s.status AND NOT nationwide \
       AND region BETWEEN r.region AND r.region ORDER BY region, auction DESC LIMIT $2) \
     UNION ALL (SELECT auction, 1::bigint FROM listings WHERE status = s.status AND nationwide \
       AND region BETWEEN r.region AND r.region ORDER BY region, auction DESC LIMIT $2)) l";

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
            Slice::KindsNear => {
                "SELECT l.auction FROM unnest($1::bigint[]) AS s (status), unnest($3::bigint[]) AS k (kind), \
                 unnest($4::bigint[], $5::bigint[]) AS r (first, last), \
                 LATERAL ((SELECT auction FROM listings WHERE status = s.status AND category = k.kind AND nationwide \
                   AND region BETWEEN r.first AND r.last ORDER BY region, auction LIMIT $2) \
                 UNION ALL (SELECT auction FROM listings WHERE status = s.status AND category = k.kind \
                   AND NOT nationwide AND region BETWEEN r.first AND r.last ORDER BY region, auction LIMIT $2)) l LIMIT $2"
            }
            Slice::Near => {
                "SELECT l.auction FROM unnest($1::bigint[]) AS s (status), \
                 unnest($3::bigint[], $4::bigint[]) AS r (first, last), \
                 LATERAL ((SELECT auction FROM listings WHERE status = s.status AND nationwide \
                   AND region BETWEEN r.first AND r.last ORDER BY region, auction DESC LIMIT $2) \
                 UNION ALL (SELECT auction FROM listings WHERE status = s.status AND NOT nationwide \
                   AND region BETWEEN r.first AND r.last ORDER BY region, auction DESC LIMIT $2)) l LIMIT $2"
            }
            Slice::Ending => {
                "SELECT l.auction FROM unnest($1::bigint[]) AS s (status), \
                 LATERAL (SELECT auction FROM listings WHERE status = s.status AND ends_at <= $3 \
                   ORDER BY ends_at, auction LIMIT $2) l LIMIT $2"
            }
            Slice::Within => {
                "SELECT l.auction FROM unnest($1::bigint[]) AS s (status), \
                 LATERAL ((SELECT auction FROM listings WHERE status = s.status AND nationwide ORDER BY region, auction DESC LIMIT $2) \
                 UNION ALL (SELECT auction FROM listings WHERE status = s.status \
                   AND NOT nationwide AND region BETWEEN $3 AND $4 ORDER BY region, auction DESC LIMIT $2)) l LIMIT $2"
            }
            Slice::Priced => {
                "SELECT l.auction FROM unnest($1::bigint[]) AS s (status), \
                 LATERAL (SELECT auction FROM listings WHERE status = s.status AND price BETWEEN $3 AND $4 \
                   ORDER BY price, auction LIMIT $2) l LIMIT $2"
            }
        }
    }
}
