//! The order in which transfers came: that of their numbers, or where several lanes gave those out, places.

use rusqlite::{Connection, Result};

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
}
