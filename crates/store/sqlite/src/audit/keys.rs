//! Keys: each points at one event, or at one deposit, of the member who sent it.

use auction::EventKind;
use ledger::Reason;
use rusqlite::{Connection, Result, Row};

use super::checks::{Check, Findings};
use super::{Reading, Steps};
use crate::rows::number_of;

/// A key with what it points at.
struct Kept {
    key: String,
    member: i64,
    event: Option<(i64, i64)>,
    order: Option<i64>,
    transfer: Option<i64>,
    /// Kind, actor and the auction's seller.
    kind: Option<i64>,
    actor: Option<i64>,
    seller: Option<i64>,
    /// Of the order it names.
    order_auction: Option<i64>,
    /// Of the transfer it names.
    owner: Option<i64>,
    reason: Option<i64>,
}

/// Looks at every key, in their order.
pub(super) fn check(reading: &Reading<'_>, steps: &Steps, findings: &mut Findings) -> Result<()> {
    let mut after = Some((String::new(), i64::MIN));
    while let Some(from) = after {
        after = reading.once(|connection| some(connection, from, steps.keys_per_read, findings))?;
    }
    Ok(())
}

/// Looks at the next keys; where to go on, if there are more.
fn some(
    connection: &Connection,
    after: (String, i64),
    limit: usize,
    findings: &mut Findings,
) -> Result<Option<(String, i64)>> {
    let sql = "SELECT k.key, k.member, k.auction, k.seq, k.order_id, k.transfer, e.kind, e.actor, a.seller, o.auction, \
               t.member, t.reason FROM keys k \
               LEFT JOIN events e ON e.auction = k.auction AND e.seq = k.seq \
               LEFT JOIN auctions a ON a.id = k.auction \
               LEFT JOIN orders o ON o.id = k.order_id \
               LEFT JOIN transfers t ON t.id = k.transfer \
               WHERE (k.key, k.member) > (?1, ?2) ORDER BY k.key, k.member LIMIT ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((after.0, after.1, limit as i64))?;
    let (mut looked, mut last) = (0, None);
    while let Some(row) = rows.next()? {
        let kept = Kept::read(row)?;
        let fault = kept.fault();
        findings.expect(Check::Keys, fault.is_none(), || {
            format!("key {} of member {}: {}", kept.key, kept.member, fault.unwrap_or_default())
        });
        looked += 1;
        last = Some((kept.key, kept.member));
    }
    Ok(last.filter(|_| looked == limit))
}

impl Kept {
    fn read(row: &Row<'_>) -> Result<Kept> {
        let (auction, seq) = (row.get::<_, Option<i64>>(2)?, row.get(3)?);
        Ok(Kept {
            key: row.get(0)?,
            member: row.get(1)?,
            event: auction.zip(seq),
            order: row.get(4)?,
            transfer: row.get(5)?,
            kind: row.get(6)?,
            actor: row.get(7)?,
            seller: row.get(8)?,
            order_auction: row.get(9)?,
            owner: row.get(10)?,
            reason: row.get(11)?,
        })
    }

    /// What is wrong with it, if anything.
    fn fault(&self) -> Option<&'static str> {
        match (self.event, self.transfer) {
            (Some((auction, _)), None) => self.fault_of_event(auction),
            (None, Some(_)) => self.fault_of_transfer(),
            _ => Some("it must point at either an event or a transfer"),
        }
    }

    fn fault_of_event(&self, auction: i64) -> Option<&'static str> {
        let Some(kind) = self.kind else { return Some("there is no such event") };
        let is = |one: EventKind| kind == number_of(&EventKind::ALL, &one);
        let doer = if is(EventKind::Bid) || is(EventKind::BuyNow) {
            self.actor
        } else if is(EventKind::Listed) || is(EventKind::Closed) || is(EventKind::Cancelled) {
            self.seller
        } else {
            return Some("no member's command makes such an event");
        };
        if doer != Some(self.member) {
            return Some("the event is another member's doing");
        }
        let makes_order = is(EventKind::BuyNow) || is(EventKind::Closed);
        let has_order = self.order.is_some() && self.order_auction == Some(auction);
        let is_right = if makes_order { has_order } else { self.order.is_none() };
        (!is_right).then_some("it does not name the order that the command made")
    }

    fn fault_of_transfer(&self) -> Option<&'static str> {
        if self.owner != Some(self.member) {
            return Some("there is no such transfer of his");
        }
        let is_deposit = self.reason == Some(number_of(&Reason::ALL, &Reason::Deposit));
        (!is_deposit || self.order.is_some()).then_some("the transfer is no deposit")
    }
}
