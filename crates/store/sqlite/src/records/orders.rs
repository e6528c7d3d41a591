//! Orders as their sides and admins see them: one with all there is to it, and lists.

use auction::{Aftermath, AuctionId, Order, OrderId, OrderState, OrderStep, Time};
use ledger::MemberId;
use rusqlite::{Connection, OptionalExtension, Result, Row};
use store::pages;
use store::records::{OrderPage, OrderRow, PAGE_ROWS_MAX, Page, Paged, STEPS_MAX};

use super::members::by_number;
use super::reviews;
use crate::journal::aftermath;
use crate::rows::orders::{ORDER_COLUMNS, STEP_COLUMNS, order, step};
use crate::rows::{self, HISTORY, TITLE, one_of, word};

/// An order with all there is to it.
pub(super) fn page(connection: &Connection, id: OrderId) -> Result<Option<OrderPage>> {
    let sql = format!("SELECT {ORDER_COLUMNS} FROM orders WHERE id = ?1");
    let Some(order) = connection.prepare_cached(&sql)?.query_row([id.0], order).optional()? else {
        return Ok(None);
    };
    let sql =
        format!("SELECT {TITLE} FROM auctions a JOIN items i ON i.id = a.item {HISTORY} WHERE a.id = ?1");
    let title = connection.prepare_cached(&sql)?.query_row([order.auction.0], |row| row.get(0))?;
    let known = |member: MemberId| by_number(connection, member)?.ok_or(rusqlite::Error::QueryReturnedNoRows);
    Ok(Some(OrderPage {
        title,
        buyer: known(order.buyer)?,
        seller: known(order.seller)?,
        steps: steps(connection, id)?,
        offers: of_auction(connection, order.auction)?.offers,
        reviews: reviews::of_order(connection, id)?,
        order,
    }))
}

fn steps(connection: &Connection, id: OrderId) -> Result<Vec<OrderStep>> {
    let sql = format!("SELECT {STEP_COLUMNS} FROM order_steps WHERE order_id = ?1 ORDER BY seq LIMIT ?2");
    connection.prepare_cached(&sql)?.query_map((id.0, STEPS_MAX as i64), step)?.collect()
}

/// The newest order and the offers of an auction.
pub(super) fn of_auction(connection: &Connection, auction: AuctionId) -> Result<Aftermath> {
    aftermath(connection, auction)
}

/// The newest order of each of these auctions that has one.
pub(super) fn newest(connection: &Connection, auctions: &[AuctionId]) -> Result<Vec<Order>> {
    let sql = format!("SELECT {ORDER_COLUMNS} FROM orders WHERE auction = ?1 ORDER BY number DESC LIMIT 1");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut orders = Vec::with_capacity(auctions.len().min(PAGE_ROWS_MAX));
    for auction in auctions.iter().take(PAGE_ROWS_MAX) {
        orders.extend(statement.query_row([auction.0], order).optional()?);
    }
    Ok(orders)
}

/// A row's columns, in the order in which [`order_row`] reads them.
const ROW_COLUMNS: &str = concat!(
    "o.id, o.auction, ",
    word!("title"),
    ", o.buyer, o.seller, o.price, o.state, o.due, o.at, o.newest, ",
    word!("category")
);

/// What a row's columns come from, but for the order.
const ROW_JOINS: &str = "CROSS JOIN auctions a ON a.id = o.auction CROSS JOIN items i ON i.id = a.item \
     LEFT JOIN item_history h ON h.auction = a.id";

fn order_row(row: &Row<'_>) -> Result<OrderRow> {
    Ok(OrderRow {
        id: OrderId(row.get(0)?),
        auction: AuctionId(row.get(1)?),
        title: row.get(2)?,
        buyer: MemberId(row.get(3)?),
        seller: MemberId(row.get(4)?),
        price: rows::money(row.get(5)?, 5)?,
        state: one_of(&OrderState::ALL, row.get(6)?, 6)?,
        due: row.get::<_, Option<i64>>(7)?.map(Time),
        opened_at: Time(row.get(8)?),
        newest: Time(row.get(9)?),
        category: row.get(10)?,
    })
}

/// A member's orders, as buyer and as seller, newest first. Nobody buys from himself, so none comes twice.
pub(super) fn of_member(connection: &Connection, member: MemberId, page: &Page) -> Result<Paged<OrderRow>> {
    let Some(before) = pages::place(page, i64::MAX) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let side = |side: &str| {
        format!(
            "SELECT * FROM (SELECT * FROM orders INDEXED BY orders_by_{side} \
             WHERE {side} = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3)"
        )
    };
    let sql = format!(
        "SELECT {ROW_COLUMNS} FROM ({} UNION ALL {}) o {ROW_JOINS} ORDER BY o.id DESC LIMIT ?3",
        side("buyer"),
        side("seller")
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_map((member.0, before, pages::rows_to_read(limit)), order_row)?;
    let rows: Vec<OrderRow> = found.collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |row| row.id.0.to_string()))
}

/// The disputes that wait for an admin, oldest first.
pub(super) fn disputes(connection: &Connection, page: &Page) -> Result<Paged<OrderRow>> {
    let Some(after) = pages::place_of_two(page, (i64::MIN, 0)) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let sql = format!(
        "SELECT {ROW_COLUMNS}, coalesce(o.disputed_at, 0) FROM orders o INDEXED BY orders_disputed {ROW_JOINS} \
         WHERE o.state = 4 AND (o.disputed_at, o.id) > (?1, ?2) ORDER BY o.disputed_at, o.id LIMIT ?3"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let found = |row: &Row<'_>| Ok((order_row(row)?, row.get::<_, i64>(11)?));
    let rows = statement.query_map((after.0, after.1, pages::rows_to_read(limit)), found)?;
    let rows: Vec<(OrderRow, i64)> = rows.collect::<Result<_>>()?;
    let page = pages::cut(rows, limit, |(row, at)| format!("{at}.{}", row.id.0));
    Ok(Paged { items: page.items.into_iter().map(|(row, _)| row).collect(), next: page.next })
}
