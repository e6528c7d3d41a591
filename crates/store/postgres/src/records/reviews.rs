//! Reviews and reputation: what the two sides of an order wrote, and what a member's past says of him.
//!
//! Double blind: what one side wrote is shown, and counts, when the other wrote too or the time to write is over.

use auction::{AuctionId, MarkKind, OrderId, OrderState, Side, Span, Time};
use ledger::MemberId;
use store::pages;
use store::records::{
    NewReview, NoticeKind, Page, Paged, REVIEW_WITHIN, Reputation, ReviewRefused, ReviewRow,
};
use tokio_postgres::Row;

use super::follow::{Notice, keep_notices};
use super::leaving::is_here;
use crate::pool::{Connection, Value};
use crate::rows::{Result, history, number_of, one_of, word};

/// How far back a reputation looks (rules §5).
const REPUTATION_OF: Span = Span::days(365);

/// A review with its columns in the order in which [`review`] reads them.
macro_rules! review_of {
    ($which:expr) => {
        concat!(
            "SELECT r.order_id, r.side, r.author, m.nickname, r.about, ",
            word!("title"),
            ", r.stars, r.text, r.at FROM reviews r JOIN orders o ON o.id = r.order_id \
             JOIN auctions a ON a.id = o.auction JOIN items i ON i.id = a.item",
            history!(),
            "JOIN members m ON m.id = r.author ",
            $which
        )
    };
}

/// When the order `o` was over: its step `done`, `refunded` or `split`. One from before there were steps was over at once.
macro_rules! over_at {
    () => {
        "coalesce((SELECT s.at FROM order_steps s WHERE s.order_id = o.id AND s.kind IN (7, 10, 14) \
         ORDER BY s.seq LIMIT 1), o.at)"
    };
}

/// Whether the review `r` of the order `o` is shown, if its time to write was over by `$2`.
macro_rules! is_shown {
    () => {
        concat!(
            "(EXISTS (SELECT FROM reviews x WHERE x.order_id = r.order_id AND x.side <> r.side) OR ",
            over_at!(),
            " <= $2)"
        )
    };
}

fn review(row: &Row) -> Result<ReviewRow> {
    Ok(ReviewRow {
        order: OrderId(row.try_get(0)?),
        by: one_of(&Side::ALL, row.try_get(1)?, 1)?,
        author: MemberId(row.try_get(2)?),
        author_name: row.try_get(3)?,
        about: MemberId(row.try_get(4)?),
        title: row.try_get(5)?,
        stars: row.try_get(6)?,
        text: row.try_get(7)?,
        at: Time(row.try_get(8)?),
    })
}

/// What the two sides of an order wrote, shown or not.
pub(super) async fn of_order(store: &Connection, order: OrderId) -> Result<Vec<ReviewRow>> {
    let sql = review_of!("WHERE r.order_id = $1 ORDER BY r.side");
    store.query(sql, &[&order.0]).await?.iter().map(review).collect()
}

/// The reviews about a member that are shown, newest first.
pub(super) async fn about(
    store: &Connection,
    about: MemberId,
    now: Time,
    page: &Page,
) -> Result<Paged<ReviewRow>> {
    let Some(before) = pages::place_of_two(page, (i64::MAX, i64::MAX)) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let (over_by, most) = (now.minus(REVIEW_WITHIN).0, pages::rows_to_read(limit));
    let found = store.query(ABOUT, &[&about.0, &over_by, &before.0, &before.1, &most]).await?;
    let rows: Vec<ReviewRow> = found.iter().map(review).collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |row| format!("{}.{}", row.at.0, row.order.0)))
}

/// The newest about a member.
pub(super) const ABOUT: &str = review_of!(concat!(
    "WHERE r.about = $1 AND (r.at, r.order_id) < ($3, $4) AND ",
    is_shown!(),
    " ORDER BY r.about DESC, r.at DESC, r.order_id DESC LIMIT $5"
));

/// The reviews that a member wrote, shown or not, newest first.
pub(super) async fn by(store: &Connection, author: MemberId, page: &Page) -> Result<Paged<ReviewRow>> {
    let Some(before) = pages::place_of_two(page, (i64::MAX, i64::MAX)) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let values: [Value<'_>; 4] = [&author.0, &before.0, &before.1, &pages::rows_to_read(limit)];
    let rows: Vec<ReviewRow> = store.query(BY, &values).await?.iter().map(review).collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |row| format!("{}.{}", row.at.0, row.order.0)))
}

/// The newest of an author.
pub(super) const BY: &str = review_of!(
    "WHERE r.author = $1 AND (r.at, r.order_id) < ($2, $3) ORDER BY r.author DESC, r.at DESC, r.order_id DESC LIMIT $4"
);

/// Writes a review, and tells the other side that there is one.
pub(super) async fn write(
    store: &Connection,
    new: &NewReview,
) -> Result<std::result::Result<(), ReviewRefused>> {
    let sql = concat!(
        "SELECT o.buyer, o.seller, o.state, ",
        over_at!(),
        ", o.auction, ",
        word!("title"),
        " FROM orders o JOIN auctions a ON a.id = o.auction JOIN items i ON i.id = a.item",
        history!(),
        "WHERE o.id = $1"
    );
    let Some(row) = store.query_opt(sql, &[&new.order.0]).await? else {
        return Ok(Err(ReviewRefused::NotOver));
    };
    let (buyer, seller) = (MemberId(row.try_get(0)?), MemberId(row.try_get(1)?));
    let state: OrderState = one_of(&OrderState::ALL, row.try_get(2)?, 2)?;
    if state.is_open() {
        return Ok(Err(ReviewRefused::NotOver));
    }
    let side = number_of(&Side::ALL, &new.by);
    let sql = "SELECT FROM reviews WHERE order_id = $1 AND side = $2";
    if store.query_opt(sql, &[&new.order.0, &side]).await?.is_some() {
        return Ok(Err(ReviewRefused::Written));
    }
    if new.at >= Time(row.try_get(3)?).plus(REVIEW_WITHIN) {
        return Ok(Err(ReviewRefused::TooLate));
    }
    let (author, about) = match new.by {
        Side::Buyer => (buyer, seller),
        Side::Seller => (seller, buyer),
    };
    if !is_here(store, author).await? {
        return Ok(Err(ReviewRefused::Left));
    }
    let sql = "INSERT INTO reviews (order_id, side, author, about, stars, text, at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (order_id, side) DO NOTHING";
    let values: [Value<'_>; 7] = [&new.order.0, &side, &author.0, &about.0, &new.stars, &new.text, &new.at.0];
    if store.execute(sql, &values).await? == 0 {
        return Ok(Err(ReviewRefused::Written));
    }
    let (auction, title) = (AuctionId(row.try_get(4)?), row.try_get(5)?);
    let notice = Notice { member: about, kind: NoticeKind::Review, auction, title, amount: None, at: new.at };
    keep_notices(store, vec![notice]).await?;
    Ok(Ok(()))
}

/// What a member's past says of him.
pub(super) async fn reputation(store: &Connection, member: MemberId, now: Time) -> Result<Reputation> {
    let since = now.minus(REPUTATION_OF).0;
    let row = store.query_one(STARS, &[&member.0, &now.minus(REVIEW_WITHIN).0, &since]).await?;
    let (reviews, stars) = (row.try_get(0)?, row.try_get(1)?);
    let sales = store.query_one(SALES, &[&member.0]).await?.try_get(0)?;
    let mark = |row: &Row| Ok((one_of(&MarkKind::ALL, row.try_get(0)?, 0)?, row.try_get(1)?));
    let marks = store.query(MARKS, &[&member.0, &since]).await?.iter().map(mark).collect::<Result<_>>()?;
    Ok(Reputation { score: score(reviews, stars), reviews, sales, marks })
}

/// How many members' reviews count, and their stars in all: of each member the newest that is shown.
pub(super) const STARS: &str = concat!(
    "SELECT count(*), coalesce(sum(stars), 0)::bigint FROM (SELECT DISTINCT ON (r.author) r.stars \
     FROM reviews r JOIN orders o ON o.id = r.order_id WHERE r.about = $1 AND r.at > $3 AND ",
    is_shown!(),
    " ORDER BY r.author, r.at DESC, r.order_id DESC) AS newest"
);

/// Orders as a seller that brought him money.
pub(super) const SALES: &str = "SELECT count(*) FROM orders WHERE seller = $1 \
     AND (state = 2 OR (state = 5 AND price > coalesce(refund, 0) + coalesce(fee, 0)))";

pub(super) const MARKS: &str =
    "SELECT kind, count(*) FROM marks WHERE member = $1 AND at > $2 GROUP BY kind ORDER BY kind";

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
