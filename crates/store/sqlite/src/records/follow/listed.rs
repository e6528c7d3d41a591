//! Writing listings: each write names as few columns as it may, for it dirties a page of each index on them.

use auction::{Condition, Outcome, Status};
use ledger::Money;
use rusqlite::{Connection, Result, params};
use store::records::ListingRow;

use super::{Change, Changed, wording};
use crate::rows::number_of;

/// Writes a listing; false if another call was first.
pub(super) fn keep(connection: &Connection, changed: &Changed) -> Result<bool> {
    let Changed { row, change, told, news, .. } = changed;
    let status = number_of(&Status::ALL, &row.status);
    let outcome = row.outcome.map(|outcome| number_of(&Outcome::ALL, &outcome));
    let (auction, seq, price) = (row.auction.0, row.seq.0, row.price.won());
    let written = match change {
        Change::New => return keep_new(connection, changed, status, outcome),
        Change::Bids => {
            let sql = "UPDATE listings SET seq = ?3, price = ?4, bid_count = ?5, told = ?6, below_reserve = ?7 \
                       WHERE auction = ?1 AND told = ?2";
            let values = (auction, told.0, seq, price, row.bid_count, news.told.0, row.is_below_reserve);
            connection.prepare_cached(sql)?.execute(values)?
        }
        Change::Life => {
            let sql = "UPDATE listings SET seq = ?3, price = ?4, bid_count = ?5, told = ?6, status = ?7, outcome = ?8, \
                       ends_at = ?9, below_reserve = ?10 WHERE auction = ?1 AND told = ?2";
            let life = (status, outcome, row.ends_at.0);
            let below = row.is_below_reserve;
            let values = params![
                auction,
                told.0,
                seq,
                price,
                row.bid_count,
                news.told.0,
                life.0,
                life.1,
                life.2,
                below
            ];
            connection.prepare_cached(sql)?.execute(values)?
        }
        Change::Terms => return keep_terms(connection, changed, status, outcome),
    };
    Ok(written > 0)
}

/// Writes all of a listing anew after an edit, and its words.
fn keep_terms(
    connection: &Connection,
    Changed { row, told, news, .. }: &Changed,
    status: i64,
    outcome: Option<i64>,
) -> Result<bool> {
    let sql = "UPDATE listings SET seq = ?3, price = ?4, bid_count = ?5, told = ?6, status = ?7, outcome = ?8, \
               ends_at = ?9, title = ?10, category = ?11, region = ?12, nationwide = ?13, condition = ?14, buy_now = ?15, \
               starts_at = ?16, picture = ?17, picture_alt = ?18, picture_width = ?19, picture_height = ?20, \
               picture_colour = ?21, below_reserve = ?22 WHERE auction = ?1 AND told = ?2";
    let picture = row.picture.as_ref();
    let written = connection.prepare_cached(sql)?.execute(params![
        row.auction.0,
        told.0,
        row.seq.0,
        row.price.won(),
        row.bid_count,
        news.told.0,
        status,
        outcome,
        row.ends_at.0,
        row.title,
        row.category,
        row.region,
        row.nationwide,
        condition(row),
        row.buy_now.map(Money::won),
        row.starts_at.0,
        picture.map(|picture| picture.address),
        picture.map(|picture| &picture.alt),
        picture.map(|picture| picture.width),
        picture.map(|picture| picture.height),
        picture.map(|picture| picture.colour),
        row.is_below_reserve
    ])?;
    if written > 0 {
        wording::word(connection, row.auction.0)?;
    }
    Ok(written > 0)
}

/// Writes a listing that is new, and its words; false if another call was first.
fn keep_new(
    connection: &Connection,
    Changed { row, news, .. }: &Changed,
    status: i64,
    outcome: Option<i64>,
) -> Result<bool> {
    let sql = "INSERT INTO listings (auction, seq, title, seller, category, region, nationwide, condition, status, outcome, \
               price, buy_now, bid_count, starts_at, ends_at, told, picture, picture_alt, picture_width, picture_height, \
               picture_colour, below_reserve) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, \
               ?19, ?20, ?21, ?22) ON CONFLICT DO NOTHING";
    let picture = row.picture.as_ref();
    let written = connection.prepare_cached(sql)?.execute(params![
        row.auction.0,
        row.seq.0,
        row.title,
        row.seller.0,
        row.category,
        row.region,
        row.nationwide,
        condition(row),
        status,
        outcome,
        row.price.won(),
        row.buy_now.map(Money::won),
        row.bid_count,
        row.starts_at.0,
        row.ends_at.0,
        news.told.0,
        picture.map(|picture| picture.address),
        picture.map(|picture| &picture.alt),
        picture.map(|picture| picture.width),
        picture.map(|picture| picture.height),
        picture.map(|picture| picture.colour),
        row.is_below_reserve
    ])?;
    if written > 0 {
        wording::word(connection, row.auction.0)?;
    }
    Ok(written > 0)
}

fn condition(row: &ListingRow) -> Option<i64> {
    row.condition.map(|condition| number_of(&Condition::ALL, &condition))
}
