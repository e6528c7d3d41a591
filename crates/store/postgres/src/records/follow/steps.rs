//! What the newest steps of orders mean for their two sides, and for those to whom something is offered.

use std::collections::{BTreeMap, HashSet};

use auction::{AuctionId, OrderId, StepKind, Time};
use ledger::MemberId;
use store::records::NoticeKind;
use tokio_postgres::Row;

use super::Notice;
use crate::pool::Connection;
use crate::rows::{Result, history, money, one_of, word};

/// What the sides of one order are to be told.
pub(super) struct Told {
    order: i64,
    /// Up to which step they were told.
    before: i64,
    /// Up to which step they are then.
    after: i64,
    notices: Vec<Notice>,
}

/// What is to be told of these orders up to the step beside each.
pub(super) async fn of(store: &Connection, orders: &BTreeMap<OrderId, i64>) -> Result<Vec<Told>> {
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    let (ids, up_to): (Vec<i64>, Vec<i64>) = orders.iter().map(|(order, step)| (order.0, *step)).unzip();
    let found = store.query(STEPS, &[&ids, &up_to]).await?;
    let mut steps = found.iter().map(step).collect::<Result<Vec<Step>>>()?;
    steps.sort_by_key(|step| (step.order, step.seq));
    let mut all = BTreeMap::new();
    for step in &steps {
        let (order, before) = (step.order, step.before);
        let told = all.entry(order).or_insert(Told { order, before, after: 0, notices: Vec::new() });
        told.after = step.seq;
        for (member, kind) in step.told() {
            told.notices.push(step.notice(member, kind)?);
        }
    }
    Ok(all.into_values().collect())
}

/// The steps of some orders that were not told, each up to a number.
pub(crate) const STEPS: &str = concat!(
    "SELECT wanted.id, s.seq, o.auction, o.buyer, o.seller, ",
    word!("title"),
    ", s.kind, s.by_member, s.amount, s.at, coalesce(t.seq, 0) \
     FROM unnest($1::bigint[], $2::bigint[]) AS wanted (id, up_to) \
     JOIN orders o ON o.id = wanted.id JOIN auctions a ON a.id = o.auction JOIN items i ON i.id = a.item",
    history!(),
    "LEFT JOIN orders_told t ON t.order_id = wanted.id \
     CROSS JOIN LATERAL (SELECT seq, kind, by_member, amount, at FROM order_steps \
       WHERE order_id = wanted.id AND seq > coalesce(t.seq, 0) AND seq <= wanted.up_to ORDER BY seq) s"
);

/// Writes up to which steps orders were told, but for those where another call was first; what is then to be told, of each
/// member, auction and kind the newest. Calls take turns, so nobody writes between the look and the write.
pub(super) async fn keep(store: &Connection, told: Vec<Told>) -> Result<Vec<Notice>> {
    if told.is_empty() {
        return Ok(Vec::new());
    }
    let number = |number: fn(&Told) -> i64| told.iter().map(number).collect::<Vec<i64>>();
    let (orders, before, after) =
        (number(|told| told.order), number(|told| told.before), number(|told| told.after));
    let written = store.query(KEEP, &[&orders, &before, &after]).await?;
    let written: HashSet<i64> = written.iter().map(|row| Ok(row.try_get(0)?)).collect::<Result<_>>()?;
    let told = told.into_iter().filter(|told| written.contains(&told.order));
    let notices = told.flat_map(|told| told.notices);
    let newest = notices.map(|notice| ((notice.member, notice.auction, notice.kind), notice));
    Ok(newest.collect::<BTreeMap<_, _>>().into_values().collect())
}

/// Orders that still stand where they were read.
const KEEP: &str = "INSERT INTO orders_told (order_id, seq) \
     SELECT c.id, c.after FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS c (id, before, after) \
     LEFT JOIN orders_told t ON t.order_id = c.id WHERE coalesce(t.seq, 0) = c.before \
     ON CONFLICT (order_id) DO UPDATE SET seq = excluded.seq RETURNING order_id";

/// One step, as far as anyone is told of it.
struct Step {
    order: i64,
    seq: i64,
    /// Up to which step its order was told.
    before: i64,
    auction: AuctionId,
    buyer: MemberId,
    seller: MemberId,
    title: String,
    kind: StepKind,
    by: Option<MemberId>,
    amount: Option<i64>,
    at: Time,
}

fn step(row: &Row) -> Result<Step> {
    Ok(Step {
        order: row.try_get(0)?,
        seq: row.try_get(1)?,
        before: row.try_get(10)?,
        auction: AuctionId(row.try_get(2)?),
        buyer: MemberId(row.try_get(3)?),
        seller: MemberId(row.try_get(4)?),
        title: row.try_get(5)?,
        kind: one_of(&StepKind::ALL, row.try_get(6)?, 6)?,
        by: row.try_get::<_, Option<i64>>(7)?.map(MemberId),
        amount: row.try_get(8)?,
        at: Time(row.try_get(9)?),
    })
}

impl Step {
    fn notice(&self, member: MemberId, kind: NoticeKind) -> Result<Notice> {
        let amount = self.amount.map(|amount| money(amount, 8)).transpose()?;
        Ok(Notice { member, kind, auction: self.auction, title: self.title.clone(), amount, at: self.at })
    }

    /// Who is told of it, and as what.
    fn told(&self) -> Vec<(MemberId, NoticeKind)> {
        let both = |kind| vec![(self.buyer, kind), (self.seller, kind)];
        let other = |kind| {
            let other = if self.by == Some(self.buyer) { self.seller } else { self.buyer };
            vec![(other, kind)]
        };
        match self.kind {
            StepKind::Shipped => vec![(self.buyer, NoticeKind::Shipped)],
            StepKind::Met => both(NoticeKind::Met),
            StepKind::Locked => both(NoticeKind::CodeLocked),
            StepKind::Delivered => vec![(self.seller, NoticeKind::Delivered)],
            StepKind::Asked => vec![(self.buyer, NoticeKind::Asked)],
            StepKind::Done => both(NoticeKind::Done),
            StepKind::CancelWanted => other(NoticeKind::CancelWanted),
            StepKind::Refunded => both(NoticeKind::Refunded),
            StepKind::Disputed => both(NoticeKind::Disputed),
            StepKind::Evidence => other(NoticeKind::Evidence),
            StepKind::Split => both(NoticeKind::Decided),
            StepKind::Offered => self.by.map(|offeree| (offeree, NoticeKind::Offered)).into_iter().collect(),
            StepKind::OfferAccepted | StepKind::OfferDeclined | StepKind::OfferLapsed => {
                vec![(self.seller, NoticeKind::OfferAnswered)]
            }
            // A sale is told as `won` and `sold`; of the rest nobody has to hear, or only admins, who have a list.
            StepKind::Opened
            | StepKind::WrongCode
            | StepKind::CancelTakenBack
            | StepKind::Overdue
            | StepKind::Extended => Vec::new(),
        }
    }
}
