//! What the newest steps of orders mean for their two sides, and for those to whom something is offered.

use std::collections::BTreeMap;

use auction::{AuctionId, StepKind, Time};
use ledger::MemberId;
use store::records::NoticeKind;
use tokio_postgres::Row;

use super::Notice;
use super::window::Span;
use crate::pool::Connection;
use crate::rows::{Result, money, one_of};

/// The notices of these spans of orders' steps; of each member, auction and kind the newest.
pub(super) async fn of(store: &Connection, spans: &[Span]) -> Result<Vec<Notice>> {
    if spans.is_empty() {
        return Ok(Vec::new());
    }
    let number = |number: fn(&Span) -> i64| spans.iter().map(number).collect::<Vec<i64>>();
    let (orders, before, after) =
        (number(|span| span.order.0), number(|span| span.before), number(|span| span.after));
    let found = store.query(STEPS, &[&orders, &before, &after]).await?;
    let mut steps = found.iter().map(step).collect::<Result<Vec<Step>>>()?;
    steps.sort_by_key(|step| step.place);
    let mut newest = BTreeMap::new();
    for step in &steps {
        for (member, kind) in step.told() {
            newest.insert((member, step.auction, kind), step.notice(member, kind)?);
        }
    }
    Ok(newest.into_values().collect())
}

/// The steps of some orders, each behind one number and up to another.
pub(crate) const STEPS: &str = "SELECT wanted.id, s.seq, o.auction, o.buyer, o.seller, i.title, s.kind, s.by_member, s.amount, \
     s.at FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS wanted (id, before, up_to) \
     JOIN orders o ON o.id = wanted.id JOIN auctions a ON a.id = o.auction JOIN items i ON i.id = a.item \
     CROSS JOIN LATERAL (SELECT seq, kind, by_member, amount, at FROM order_steps \
       WHERE order_id = wanted.id AND seq > wanted.before AND seq <= wanted.up_to ORDER BY seq) s";

/// One step, as far as anyone is told of it.
struct Step {
    /// Its order and number.
    place: (i64, i64),
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
        place: (row.try_get(0)?, row.try_get(1)?),
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
