//! Reviews and reputation: what the two sides of an order wrote, and what a member's past says of him.
//!
//! Double blind: what one side wrote is shown, and counts, when the other wrote too or the time to write is over.

use auction::{AuctionId, MarkKind, OrderId, OrderState, Side, Span, Time};
use ledger::MemberId;
use rusqlite::{Connection, OptionalExtension, Result, Row};
use store::pages;
use store::records::{
    NewReview, NoticeKind, Page, Paged, REVIEW_WITHIN, Reputation, ReviewRefused, ReviewRow,
};

use super::follow::{Notice, keep_notices};
use super::leaving::is_here;
use crate::rows::{HISTORY, TITLE, number_of, one_of, word};

/// How far back a reputation looks (rules §5).
const REPUTATION_OF: Span = Span::days(365);

/// A review's columns, in the order in which [`review`] reads them.
const REVIEW_COLUMNS: &str =
    concat!("r.order_id, r.side, r.author, m.nickname, r.about, ", word!("title"), ", r.stars, r.text, r.at");

/// What a review's columns come from, but for the review.
const REVIEW_JOINS: &str = "CROSS JOIN orders o ON o.id = r.order_id CROSS JOIN auctions a ON a.id = o.auction \
     CROSS JOIN items i ON i.id = a.item LEFT JOIN item_history h ON h.auction = a.id \
     CROSS JOIN members m ON m.id = r.author";

/// When an order was over: its step `done`, `refunded` or `split`. One from before there were steps was over at once.
const OVER_AT: &str = "coalesce((SELECT s.at FROM order_steps s WHERE s.order_id = o.id AND s.kind IN (7, 10, 14) \
     ORDER BY s.seq LIMIT 1), o.at)";

/// Whether the other side wrote too.
const BOTH_WROTE: &str =
    "EXISTS (SELECT 1 FROM reviews x WHERE x.order_id = r.order_id AND x.side <> r.side)";

fn review(row: &Row<'_>) -> Result<ReviewRow> {
    Ok(ReviewRow {
        order: OrderId(row.get(0)?),
        by: one_of(&Side::ALL, row.get(1)?, 1)?,
        author: MemberId(row.get(2)?),
        author_name: row.get(3)?,
        about: MemberId(row.get(4)?),
        title: row.get(5)?,
        stars: row.get(6)?,
        text: row.get(7)?,
        at: Time(row.get(8)?),
    })
}

/// What the two sides of an order wrote, shown or not.
pub(super) fn of_order(connection: &Connection, order: OrderId) -> Result<Vec<ReviewRow>> {
    let sql = format!(
        "SELECT {REVIEW_COLUMNS} FROM reviews r {REVIEW_JOINS} WHERE r.order_id = ?1 ORDER BY r.side"
    );
    connection.prepare_cached(&sql)?.query_map([order.0], review)?.collect()
}

/// The reviews about a member that are shown, newest first.
pub(super) fn about(
    connection: &Connection,
    about: MemberId,
    now: Time,
    page: &Page,
) -> Result<Paged<ReviewRow>> {
    let Some(before) = pages::place_of_two(page, (i64::MAX, i64::MAX)) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let sql = format!(
        "SELECT {REVIEW_COLUMNS} FROM reviews r INDEXED BY reviews_by_about {REVIEW_JOINS} \
         WHERE r.about = ?1 AND (r.at, r.order_id) < (?3, ?4) AND ({BOTH_WROTE} OR {OVER_AT} <= ?2) \
         ORDER BY r.at DESC, r.order_id DESC LIMIT ?5"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let values = (about.0, now.minus(REVIEW_WITHIN).0, before.0, before.1, pages::rows_to_read(limit));
    let rows: Vec<ReviewRow> = statement.query_map(values, review)?.collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |row| format!("{}.{}", row.at.0, row.order.0)))
}

/// The reviews that a member wrote, shown or not, newest first.
pub(super) fn by(connection: &Connection, author: MemberId, page: &Page) -> Result<Paged<ReviewRow>> {
    let Some(before) = pages::place_of_two(page, (i64::MAX, i64::MAX)) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let sql = format!(
        "SELECT {REVIEW_COLUMNS} FROM reviews r INDEXED BY reviews_by_author {REVIEW_JOINS} \
         WHERE r.author = ?1 AND (r.at, r.order_id) < (?2, ?3) ORDER BY r.at DESC, r.order_id DESC LIMIT ?4"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let values = (author.0, before.0, before.1, pages::rows_to_read(limit));
    let rows: Vec<ReviewRow> = statement.query_map(values, review)?.collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |row| format!("{}.{}", row.at.0, row.order.0)))
}

/// Writes a review, and tells the other side that there is one.
pub(super) fn write(
    connection: &Connection,
    new: &NewReview,
) -> Result<std::result::Result<(), ReviewRefused>> {
    let sql = format!(
        "SELECT o.buyer, o.seller, o.state, {OVER_AT}, o.auction, {TITLE} FROM orders o \
         CROSS JOIN auctions a ON a.id = o.auction CROSS JOIN items i ON i.id = a.item {HISTORY} WHERE o.id = ?1"
    );
    let order = |row: &Row<'_>| {
        let sides = (MemberId(row.get(0)?), MemberId(row.get(1)?));
        let state: OrderState = one_of(&OrderState::ALL, row.get(2)?, 2)?;
        Ok((sides, state, Time(row.get(3)?), AuctionId(row.get(4)?), row.get::<_, String>(5)?))
    };
    let found = connection.prepare_cached(&sql)?.query_row([new.order.0], order).optional()?;
    let Some(((buyer, seller), state, over_at, auction, title)) = found else {
        return Ok(Err(ReviewRefused::NotOver));
    };
    if state.is_open() {
        return Ok(Err(ReviewRefused::NotOver));
    }
    let side = number_of(&Side::ALL, &new.by);
    let sql = "SELECT 1 FROM reviews WHERE order_id = ?1 AND side = ?2";
    if connection.prepare_cached(sql)?.exists((new.order.0, side))? {
        return Ok(Err(ReviewRefused::Written));
    }
    if new.at >= over_at.plus(REVIEW_WITHIN) {
        return Ok(Err(ReviewRefused::TooLate));
    }
    let (author, about) = match new.by {
        Side::Buyer => (buyer, seller),
        Side::Seller => (seller, buyer),
    };
    if !is_here(connection, author)? {
        return Ok(Err(ReviewRefused::Left));
    }
    let sql = "INSERT INTO reviews (order_id, side, author, about, stars, text, at) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let values = (new.order.0, side, author.0, about.0, new.stars, &new.text, new.at.0);
    connection.prepare_cached(sql)?.execute(values)?;
    let kind = NoticeKind::Review;
    keep_notices(connection, vec![Notice { member: about, kind, auction, title, amount: None, at: new.at }])?;
    Ok(Ok(()))
}

/// What a member's past says of him.
pub(super) fn reputation(connection: &Connection, member: MemberId, now: Time) -> Result<Reputation> {
    let since = now.minus(REPUTATION_OF).0;
    let (reviews, stars) = stars(connection, member, now)?;
    let sql = "SELECT count(*) FROM orders INDEXED BY orders_by_seller WHERE seller = ?1 \
               AND (state = 2 OR (state = 5 AND price > coalesce(refund, 0) + coalesce(fee, 0)))";
    let sales = connection.prepare_cached(sql)?.query_row([member.0], |row| row.get(0))?;
    let sql = "SELECT kind, count(*) FROM marks WHERE member = ?1 AND at > ?2 GROUP BY kind ORDER BY kind";
    let mut statement = connection.prepare_cached(sql)?;
    let mark = |row: &Row<'_>| Ok((one_of(&MarkKind::ALL, row.get(0)?, 0)?, row.get(1)?));
    let marks = statement.query_map((member.0, since), mark)?.collect::<Result<_>>()?;
    Ok(Reputation { score: score(reviews, stars), reviews, sales, marks })
}

/// How many members' reviews count, and their stars in all: of each member the newest that is shown.
fn stars(connection: &Connection, member: MemberId, now: Time) -> Result<(i64, i64)> {
    let sql = format!(
        "SELECT count(*), coalesce(sum(stars), 0) FROM (SELECT stars, \
         row_number() OVER (PARTITION BY r.author ORDER BY r.at DESC, r.order_id DESC) AS place \
         FROM reviews r INDEXED BY reviews_by_about CROSS JOIN orders o ON o.id = r.order_id \
         WHERE r.about = ?1 AND r.at > ?3 AND ({BOTH_WROTE} OR {OVER_AT} <= ?2)) WHERE place = 1"
    );
    let values = (member.0, now.minus(REVIEW_WITHIN).0, now.minus(REPUTATION_OF).0);
    connection.prepare_cached(&sql)?.query_row(values, |row| Ok((row.get(0)?, row.get(1)?)))
}

/// (average − 1) × 25, rounded half up.
fn score(reviews: i64, stars: i64) -> Option<i64> {
    (reviews > 0).then(|| ((stars - reviews) * 50 + reviews) / (2 * reviews))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_rounded_half_up() {
        for (reviews, stars, expected) in [
            (0, 0, None),
            (1, 1, Some(0)),
            (1, 5, Some(100)),
            (2, 9, Some(88)),
            (3, 10, Some(58)),
            (2, 3, Some(13)),
            (8, 9, Some(3)),
        ] {
            assert_eq!(score(reviews, stars), expected, "{stars} stars of {reviews}");
        }
    }
}
