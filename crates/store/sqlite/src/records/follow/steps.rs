//! What the newest steps of orders mean for their two sides, and for those to whom something is offered.

use std::collections::BTreeMap;

use auction::{AuctionId, OrderId, OrderStep, StepKind};
use ledger::MemberId;
use rusqlite::{Connection, OptionalExtension, Result, Row};
use store::records::NoticeKind;

use super::Notice;
use crate::rows::orders::{STEP_COLUMNS, step};
use crate::rows::{HISTORY, TITLE};

/// What the sides of one order are to be told.
pub(super) struct Told {
    order: OrderId,
    /// Up to which step they were told.
    before: i64,
    /// Up to which step they are then.
    after: i64,
    pub(super) notices: Vec<Notice>,
}

/// An order as far as its notices depend on it.
struct Known {
    auction: AuctionId,
    buyer: MemberId,
    seller: MemberId,
    title: String,
    told: i64,
}

/// What is to be told of these orders up to the step beside each; of each kind the newest for each member.
pub(super) fn of(connection: &Connection, orders: &BTreeMap<OrderId, i64>) -> Result<Vec<Told>> {
    let mut all = Vec::new();
    for (id, after) in orders {
        let Some(order) = known(connection, *id)? else {
            tracing::error!(order = id.0, "a round names an order that does not exist");
            continue;
        };
        if order.told >= *after {
            continue;
        }
        let sql = format!(
            "SELECT {STEP_COLUMNS} FROM order_steps WHERE order_id = ?1 AND seq > ?2 AND seq <= ?3 ORDER BY seq"
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let mut newest = BTreeMap::new();
        for step in statement.query_map((id.0, order.told, *after), step)? {
            let step = step?;
            newest.extend(whom(&order, &step).into_iter().map(|told| (told, step.clone())));
        }
        let notice = |((member, kind), OrderStep { amount, at, .. })| {
            let (auction, title) = (order.auction, order.title.clone());
            Notice { member, kind, auction, title, amount, at }
        };
        let notices = newest.into_iter().map(notice).collect();
        all.push(Told { order: *id, before: order.told, after: *after, notices });
    }
    Ok(all)
}

/// Writes up to which step an order was told; false if another call was first.
pub(super) fn keep(connection: &Connection, told: &Told) -> Result<bool> {
    let sql = match told.before {
        0 => {
            "INSERT INTO orders_told (order_id, seq) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET seq = ?2 WHERE seq = ?3"
        }
        _ => "UPDATE orders_told SET seq = ?2 WHERE order_id = ?1 AND seq = ?3",
    };
    connection
        .prepare_cached(sql)?
        .execute((told.order.0, told.after, told.before))
        .map(|written| written > 0)
}

fn known(connection: &Connection, id: OrderId) -> Result<Option<Known>> {
    let sql = format!(
        "SELECT o.auction, o.buyer, o.seller, {TITLE}, \
         coalesce((SELECT t.seq FROM orders_told t WHERE t.order_id = o.id), 0) FROM orders o \
         CROSS JOIN auctions a ON a.id = o.auction CROSS JOIN items i ON i.id = a.item {HISTORY} WHERE o.id = ?1"
    );
    let found = |row: &Row<'_>| {
        Ok(Known {
            auction: AuctionId(row.get(0)?),
            buyer: MemberId(row.get(1)?),
            seller: MemberId(row.get(2)?),
            title: row.get(3)?,
            told: row.get(4)?,
        })
    };
    connection.prepare_cached(&sql)?.query_row([id.0], found).optional()
}

/// Who is told of a step, and as what.
fn whom(order: &Known, step: &OrderStep) -> Vec<(MemberId, NoticeKind)> {
    let both = |kind| vec![(order.buyer, kind), (order.seller, kind)];
    let other = |kind| {
        let other = if step.by == Some(order.buyer) { order.seller } else { order.buyer };
        vec![(other, kind)]
    };
    match step.kind {
        StepKind::Shipped => vec![(order.buyer, NoticeKind::Shipped)],
        StepKind::Met => both(NoticeKind::Met),
        StepKind::Locked => both(NoticeKind::CodeLocked),
        StepKind::Delivered => vec![(order.seller, NoticeKind::Delivered)],
        StepKind::Asked => vec![(order.buyer, NoticeKind::Asked)],
        StepKind::Done => both(NoticeKind::Done),
        StepKind::CancelWanted => other(NoticeKind::CancelWanted),
        StepKind::Refunded => both(NoticeKind::Refunded),
        StepKind::Disputed => both(NoticeKind::Disputed),
        StepKind::Evidence => other(NoticeKind::Evidence),
        StepKind::Split => both(NoticeKind::Decided),
        StepKind::Offered => step.by.map(|offeree| (offeree, NoticeKind::Offered)).into_iter().collect(),
        StepKind::OfferAccepted | StepKind::OfferDeclined | StepKind::OfferLapsed => {
            vec![(order.seller, NoticeKind::OfferAnswered)]
        }
        // A sale is told as `won` and `sold`; of the rest nobody has to hear, or only admins, who have a list.
        StepKind::Opened
        | StepKind::WrongCode
        | StepKind::CancelTakenBack
        | StepKind::Overdue
        | StepKind::Extended => Vec::new(),
    }
}
