//! Writing listings: most change with bids and time alone, and an edit changes all that is listed.

use std::collections::HashSet;

use auction::{Condition, Outcome, Status};
use ledger::Money;
use store::records::CardPicture;

use super::{Changed, wording};
use crate::pool::{Connection, Value};
use crate::rows::{Result, number_of};

/// Writes the listings, but for those where another call was first; which were written.
pub(super) async fn keep(store: &Connection, changes: &[Changed]) -> Result<HashSet<i64>> {
    let (mut new, mut edited, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for changed in changes {
        match changed.told {
            None => new.push(changed),
            Some(_) if changed.is_edited => edited.push(changed),
            Some(_) => others.push(changed),
        }
    }
    let mut written = keep_whole(store, NEW, &new).await?;
    written.extend(keep_whole(store, EDITED, &edited).await?);
    let worded: Vec<i64> = written.iter().copied().collect();
    wording::word(store, &worded).await?;
    written.extend(keep_others(store, &others).await?);
    Ok(written)
}

/// Writes what bids and time change.
async fn keep_others(store: &Connection, listed: &[&Changed]) -> Result<Vec<i64>> {
    if listed.is_empty() {
        return Ok(Vec::new());
    }
    let sql = "UPDATE listings l SET seq = c.seq, price = c.price, bid_count = c.bid_count, status = c.status, \
               outcome = c.outcome, ends_at = c.ends_at, told = c.told, below_reserve = c.below_reserve \
               FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], \
               $7::bigint[], $8::bigint[], $9::bigint[], $10::boolean[]) \
               AS c (auction, known, seq, price, bid_count, status, outcome, ends_at, told, below_reserve) \
               WHERE l.auction = c.auction AND l.told = c.known RETURNING l.auction";
    let columns = Columns(listed);
    let below: Vec<bool> = listed.iter().map(|one| one.row.is_below_reserve).collect();
    let values: [Value<'_>; 10] = [
        &columns.numbers(|one| one.row.auction.0),
        &columns.numbers(|one| one.told.unwrap_or_default().0),
        &columns.numbers(|one| one.row.seq.0),
        &columns.numbers(|one| one.row.price.won()),
        &columns.numbers(|one| one.row.bid_count),
        &columns.numbers(|one| number_of(&Status::ALL, &one.row.status)),
        &columns.optional(outcome),
        &columns.numbers(|one| one.row.ends_at.0),
        &columns.numbers(|one| one.news.told.0),
        &below,
    ];
    store.query(sql, &values).await?.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// What both statements take: a listing whole, and up to where its members were told.
macro_rules! whole {
    () => {
        "whole AS (SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], \
         $6::bigint[], $7::boolean[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], \
         $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], $17::boolean[], $18::bigint[], $19::bytea[], \
         $20::text[], $21::bigint[], $22::bigint[], $23::bigint[]) \
         AS w (auction, seq, title, seller, category, region, nationwide, condition, status, outcome, price, buy_now, \
         bid_count, starts_at, ends_at, told, below_reserve, known, picture, picture_alt, picture_width, picture_height, \
         picture_colour))"
    };
}

/// Listings that are new.
const NEW: &str = concat!(
    "WITH ",
    whole!(),
    " INSERT INTO listings (auction, seq, title, seller, category, region, nationwide, condition, status, \
       outcome, price, buy_now, bid_count, starts_at, ends_at, told, picture, picture_alt, picture_width, \
       picture_height, picture_colour, below_reserve) \
       SELECT auction, seq, title, seller, category, region, nationwide, condition, status, outcome, price, buy_now, \
       bid_count, starts_at, ends_at, told, picture, picture_alt, picture_width, picture_height, picture_colour, \
       below_reserve FROM whole ON CONFLICT DO NOTHING RETURNING auction"
);

/// Listings of which anything may have changed.
const EDITED: &str = concat!(
    "WITH ",
    whole!(),
    " UPDATE listings l SET seq = w.seq, title = w.title, category = w.category, region = w.region, \
       nationwide = w.nationwide, condition = w.condition, status = w.status, outcome = w.outcome, price = w.price, \
       buy_now = w.buy_now, bid_count = w.bid_count, starts_at = w.starts_at, ends_at = w.ends_at, told = w.told, \
       picture = w.picture, picture_alt = w.picture_alt, picture_width = w.picture_width, \
       picture_height = w.picture_height, picture_colour = w.picture_colour, below_reserve = w.below_reserve \
       FROM whole w WHERE l.auction = w.auction AND l.told = w.known RETURNING l.auction"
);

/// Writes listings whole; which were written.
async fn keep_whole(store: &Connection, sql: &str, changes: &[&Changed]) -> Result<HashSet<i64>> {
    if changes.is_empty() {
        return Ok(HashSet::new());
    }
    let columns = Columns(changes);
    let titles: Vec<&str> = changes.iter().map(|one| one.row.title.as_str()).collect();
    let nationwide: Vec<bool> = changes.iter().map(|one| one.row.nationwide).collect();
    let below: Vec<bool> = changes.iter().map(|one| one.row.is_below_reserve).collect();
    let condition = |one: &Changed| one.row.condition.map(|one| number_of(&Condition::ALL, &one));
    let pictures: Vec<Option<&CardPicture>> = changes.iter().map(|one| one.row.picture.as_ref()).collect();
    let addresses: Vec<Option<&[u8]>> =
        pictures.iter().map(|one| one.map(|picture| picture.address.as_slice())).collect();
    let alts: Vec<Option<&str>> =
        pictures.iter().map(|one| one.map(|picture| picture.alt.as_str())).collect();
    let values: [Value<'_>; 23] = [
        &columns.numbers(|one| one.row.auction.0),
        &columns.numbers(|one| one.row.seq.0),
        &titles,
        &columns.numbers(|one| one.row.seller.0),
        &columns.optional(|one| one.row.category),
        &columns.optional(|one| one.row.region),
        &nationwide,
        &columns.optional(condition),
        &columns.numbers(|one| number_of(&Status::ALL, &one.row.status)),
        &columns.optional(outcome),
        &columns.numbers(|one| one.row.price.won()),
        &columns.optional(|one| one.row.buy_now.map(Money::won)),
        &columns.numbers(|one| one.row.bid_count),
        &columns.numbers(|one| one.row.starts_at.0),
        &columns.numbers(|one| one.row.ends_at.0),
        &columns.numbers(|one| one.news.told.0),
        &below,
        &columns.numbers(|one| one.told.unwrap_or_default().0),
        &addresses,
        &alts,
        &columns.optional(|one| one.row.picture.as_ref().map(|picture| picture.width)),
        &columns.optional(|one| one.row.picture.as_ref().map(|picture| picture.height)),
        &columns.optional(|one| one.row.picture.as_ref().map(|picture| picture.colour)),
    ];
    store.query(sql, &values).await?.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

fn outcome(changed: &Changed) -> Option<i64> {
    changed.row.outcome.map(|outcome| number_of(&Outcome::ALL, &outcome))
}

/// Rows as the columns in which a statement takes them.
struct Columns<'a>(&'a [&'a Changed]);

impl Columns<'_> {
    fn numbers(&self, column: impl Fn(&Changed) -> i64) -> Vec<i64> {
        self.0.iter().map(|one| column(one)).collect()
    }

    fn optional(&self, column: impl Fn(&Changed) -> Option<i64>) -> Vec<Option<i64>> {
        self.0.iter().map(|one| column(one)).collect()
    }
}
