//! The order in which transfers and orders came: that of their numbers, or where several lanes gave those out, places.

use rusqlite::{Connection, OptionalExtension, Result};

/// What says in which order they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Their own numbers: one writer gave them out.
    Numbers,
    /// The places that a copy of a store with several lanes gives them, and an import from one: see [`crate::copy`].
    /// What came behind the last place has its place by its number.
    Places,
}

impl Order {
    /// The one that holds in this file.
    pub(super) fn of(connection: &Connection) -> Result<Order> {
        let sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'transfer_places'";
        Ok(if connection.prepare(sql)?.exists([])? { Order::Places } else { Order::Numbers })
    }

    /// The transfers behind a place, at most so many; the last column is each one's own place.
    pub(super) fn transfers(self) -> &'static str {
        match self {
            Order::Numbers => {
                "SELECT id, from_account, to_account, member, amount, reason, auction, order_id, previous, id \
                 FROM transfers WHERE id > ?1 ORDER BY id LIMIT ?2"
            }
            Order::Places => {
                "SELECT * FROM (SELECT t.id, t.from_account, t.to_account, t.member, t.amount, t.reason, t.auction, \
                 t.order_id, t.previous, p.place FROM transfer_places p CROSS JOIN transfers t ON t.id = p.id \
                 WHERE p.place > ?1 ORDER BY p.place LIMIT ?2) \
                 UNION ALL \
                 SELECT * FROM (SELECT id, from_account, to_account, member, amount, reason, auction, order_id, previous, \
                 id FROM transfers WHERE id > max(?1, (SELECT max(place) FROM transfer_places)) ORDER BY id LIMIT ?2) \
                 ORDER BY 10 LIMIT ?2"
            }
        }
    }

    /// The orders between two places: place and number.
    pub(super) fn orders(self) -> &'static str {
        match self {
            Order::Numbers => "SELECT id, id FROM orders WHERE id > ?1 AND id < ?2 ORDER BY id",
            Order::Places => {
                "SELECT p.place, o.id FROM order_places p CROSS JOIN orders o ON o.id = p.id \
                 WHERE p.place > ?1 AND p.place < ?2 \
                 UNION ALL \
                 SELECT id, id FROM orders WHERE id > max(?1, (SELECT max(place) FROM order_places)) AND id < ?2 \
                 ORDER BY 1"
            }
        }
    }

    /// Where the order with this number stands, be there such an order or not: a transfer names it.
    pub(super) fn place_of_order(self, connection: &Connection, id: i64) -> Result<i64> {
        if self == Order::Numbers {
            return Ok(id);
        }
        let sql = "SELECT place FROM order_places WHERE id = ?1";
        let place = connection.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?;
        Ok(place.unwrap_or(id))
    }
}
