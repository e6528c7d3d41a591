//! Orders as their sides and admins see them: one with all there is to it, and lists.

use std::collections::HashMap;

use auction::{Aftermath, AuctionId, Order, OrderId, OrderState, Time};
use ledger::MemberId;
use store::pages;
use store::records::{Member, OrderPage, OrderRow, PAGE_ROWS_MAX, Page, Paged, STEPS_MAX};
use tokio_postgres::Row;

use super::members::{MEMBER_COLUMNS, member};
use super::reviews;
use crate::failure::Fault;
use crate::pool::Connection;
use crate::rows::orders::{OFFER_COLUMNS, ORDER_COLUMNS, STEP_COLUMNS, offer, order, step};
use crate::rows::{self, Result, history, one_of, word};

/// An order with all there is to it.
pub(super) async fn page(store: &Connection, id: OrderId) -> Result<Option<OrderPage>> {
    let sql = format!("SELECT {ORDER_COLUMNS} FROM orders WHERE id = $1");
    let Some(row) = store.query_opt(&sql, &[&id.0]).await? else { return Ok(None) };
    let order = order(&row, 0)?;
    let sql = concat!(
        "SELECT ",
        word!("title"),
        " FROM auctions a JOIN items i ON i.id = a.item",
        history!(),
        "WHERE a.id = $1"
    );
    let title = store.query_one(sql, &[&order.auction.0]).await?.try_get(0)?;
    let sql = format!("SELECT {MEMBER_COLUMNS} FROM members m WHERE m.id = ANY($1)");
    let sides = store.query(&sql, &[&[order.buyer.0, order.seller.0].as_slice()]).await?;
    let sides = sides.iter().map(|row| member(row, 0).map(|side| (side.id, side)));
    let mut sides: HashMap<MemberId, Member> = sides.collect::<Result<_>>()?;
    let mut known = |id: MemberId| sides.remove(&id).ok_or_else(|| Fault::unlike("a member who is there"));
    let (buyer, seller) = (known(order.buyer)?, known(order.seller)?);
    // Each statement sees a moment of its own: no step beyond the order as it was read.
    let sql = format!(
        "SELECT {STEP_COLUMNS} FROM order_steps WHERE order_id = $1 AND seq <= $2 ORDER BY seq LIMIT $3"
    );
    let steps = store.query(&sql, &[&id.0, &order.seq, &(STEPS_MAX as i64)]).await?;
    let steps = steps.iter().map(|row| step(row, 0)).collect::<Result<_>>()?;
    let offers = offers(store, order.auction).await?;
    let reviews = reviews::of_order(store, id).await?;
    Ok(Some(OrderPage { order, title, buyer, seller, steps, offers, reviews }))
}

/// The newest order and the offers of an auction.
pub(super) async fn of_auction(store: &Connection, auction: AuctionId) -> Result<Aftermath> {
    let sql = format!("SELECT {ORDER_COLUMNS} FROM orders WHERE auction = $1 ORDER BY number DESC LIMIT 1");
    let newest = store.query_opt(&sql, &[&auction.0]).await?;
    Ok(Aftermath {
        order: newest.map(|row| order(&row, 0)).transpose()?,
        offers: offers(store, auction).await?,
    })
}

async fn offers(store: &Connection, auction: AuctionId) -> Result<Vec<auction::Offer>> {
    let sql = format!("SELECT {OFFER_COLUMNS} FROM offers WHERE auction = $1 ORDER BY number");
    store.query(&sql, &[&auction.0]).await?.iter().map(|row| offer(row, 0)).collect()
}

/// The newest order of each of these auctions that has one.
pub(super) async fn newest(store: &Connection, auctions: &[AuctionId]) -> Result<Vec<Order>> {
    let wanted: Vec<i64> = auctions.iter().take(PAGE_ROWS_MAX).map(|auction| auction.0).collect();
    store.query(&newest_sql(), &[&wanted]).await?.iter().map(|row| order(row, 0)).collect()
}

/// The newest order of each of some auctions, each found by its key.
pub(super) fn newest_sql() -> String {
    format!(
        "SELECT newest.* FROM unnest($1::bigint[]) AS wanted (one) CROSS JOIN LATERAL \
         (SELECT {ORDER_COLUMNS} FROM orders WHERE auction = wanted.one ORDER BY number DESC LIMIT 1) newest"
    )
}

/// A row's columns, in the order in which [`order_row`] reads them, and what they come from, but for the order.
macro_rules! row_of {
    ($orders:literal, $more:literal) => {
        concat!(
            "SELECT o.id, o.auction, ",
            word!("title"),
            ", o.buyer, o.seller, o.price, o.state, o.due, o.at, o.newest, coalesce(o.disputed_at, 0), ",
            word!("category"),
            " FROM ",
            $orders,
            " AS o JOIN auctions a ON a.id = o.auction JOIN items i ON i.id = a.item",
            history!(),
            $more
        )
    };
}

fn order_row(row: &Row) -> Result<OrderRow> {
    let opened_at = Time(row.try_get(8)?);
    Ok(OrderRow {
        id: OrderId(row.try_get(0)?),
        auction: AuctionId(row.try_get(1)?),
        title: row.try_get(2)?,
        category: row.try_get(11)?,
        buyer: MemberId(row.try_get(3)?),
        seller: MemberId(row.try_get(4)?),
        price: rows::money(row.try_get(5)?, 5)?,
        state: one_of(&OrderState::ALL, row.try_get(6)?, 6)?,
        due: row.try_get::<_, Option<i64>>(7)?.map(Time),
        opened_at,
        newest: Time(row.try_get(9)?).max(opened_at),
    })
}

/// A member's orders, as buyer and as seller, newest first. Nobody buys from himself, so none comes twice.
pub(super) async fn of_member(store: &Connection, member: MemberId, page: &Page) -> Result<Paged<OrderRow>> {
    let Some(before) = pages::place(page, i64::MAX) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let found = store.query(OF_MEMBER, &[&member.0, &before, &pages::rows_to_read(limit)]).await?;
    let rows: Vec<OrderRow> = found.iter().map(order_row).collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |row| row.id.0.to_string()))
}

/// A member's orders, of each side the newest.
pub(super) const OF_MEMBER: &str = row_of!(
    "((SELECT * FROM orders WHERE buyer = $1 AND id < $2 ORDER BY buyer DESC, id DESC LIMIT $3) \
     UNION ALL (SELECT * FROM orders WHERE seller = $1 AND id < $2 ORDER BY seller DESC, id DESC LIMIT $3))",
    "ORDER BY o.id DESC LIMIT $3"
);

/// The disputes that wait for an admin, oldest first.
pub(super) async fn disputes(store: &Connection, page: &Page) -> Result<Paged<OrderRow>> {
    let Some(after) = pages::place_of_two(page, (i64::MIN, 0)) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let found = store.query(DISPUTES, &[&after.0, &after.1, &pages::rows_to_read(limit)]).await?;
    let row = |row: &Row| Ok((order_row(row)?, row.try_get::<_, i64>(10)?));
    let rows: Vec<(OrderRow, i64)> = found.iter().map(row).collect::<Result<_>>()?;
    let page = pages::cut(rows, limit, |(row, at)| format!("{at}.{}", row.id.0));
    Ok(Paged { items: page.items.into_iter().map(|(row, _)| row).collect(), next: page.next })
}

/// What waits for an admin's decision.
pub(super) const DISPUTES: &str = row_of!(
    "(SELECT * FROM orders WHERE state = 4 AND (disputed_at, id) > ($1, $2) ORDER BY disputed_at, id LIMIT $3)",
    "ORDER BY o.disputed_at, o.id"
);
