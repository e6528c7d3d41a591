//! Keys: each points at what the command of the member who sent it made: an event, a step of an order, a deposit, a
//! withdrawal, a deposit that was taken back, fees that were taken out.

use auction::EventKind;
use ledger::Reason;
use rusqlite::{Connection, Result, Row};
use store::AnswerKind;

use super::checks::{Check, Findings};
use super::{Reading, Steps};
use crate::rows::number_of;

/// A key with what it points at.
struct Kept {
    key: String,
    member: i64,
    kind: i64,
    event: Option<(i64, i64)>,
    order: Option<i64>,
    step: Option<i64>,
    transfer: Option<i64>,
    withdrawal: Option<i64>,
    maximum: Option<i64>,
    taken: Option<i64>,
    missing: Option<i64>,
    /// Kind, actor and the auction's seller.
    event_kind: Option<i64>,
    actor: Option<i64>,
    seller: Option<i64>,
    /// Of the order it names.
    order_auction: Option<i64>,
    /// Whether the order has that step.
    has_step: bool,
    /// Of the transfer and of the withdrawal it names.
    owner: Option<i64>,
    reason: Option<i64>,
    withdraws: Option<i64>,
    /// How much the transfer it names moved.
    moved: Option<i64>,
    /// Whether its member is an admin, or was one.
    is_admin: bool,
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
    let sql = "SELECT k.key, k.member, k.kind, k.auction, k.seq, k.order_id, k.step, k.transfer, k.withdrawal, k.maximum, \
               e.kind, e.actor, a.seller, o.auction, s.seq IS NOT NULL, t.member, t.reason, w.member, \
               coalesce(m.is_admin, 0) OR EXISTS (SELECT 1 FROM acts c INDEXED BY acts_by_member \
               WHERE c.member = k.member AND c.kind = 9), k.taken, k.missing, t.amount FROM keys k \
               LEFT JOIN events e ON e.auction = k.auction AND e.seq = k.seq \
               LEFT JOIN auctions a ON a.id = k.auction \
               LEFT JOIN orders o ON o.id = k.order_id \
               LEFT JOIN order_steps s ON s.order_id = k.order_id AND s.seq = k.step \
               LEFT JOIN transfers t ON t.id = k.transfer \
               LEFT JOIN withdrawals w ON w.id = k.withdrawal \
               LEFT JOIN members m ON m.id = k.member \
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
        let (auction, seq) = (row.get::<_, Option<i64>>(3)?, row.get(4)?);
        Ok(Kept {
            key: row.get(0)?,
            member: row.get(1)?,
            kind: row.get(2)?,
            event: auction.zip(seq),
            order: row.get(5)?,
            step: row.get(6)?,
            transfer: row.get(7)?,
            withdrawal: row.get(8)?,
            maximum: row.get(9)?,
            event_kind: row.get(10)?,
            actor: row.get(11)?,
            seller: row.get(12)?,
            order_auction: row.get(13)?,
            has_step: row.get(14)?,
            owner: row.get(15)?,
            reason: row.get(16)?,
            withdraws: row.get(17)?,
            is_admin: row.get(18)?,
            taken: row.get(19)?,
            missing: row.get(20)?,
            moved: row.get(21)?,
        })
    }

    /// What is wrong with it, if anything. A deposit that the release before kept says so only by its transfer.
    fn fault(&self) -> Option<&'static str> {
        let kind = usize::try_from(self.kind).ok().and_then(|kind| AnswerKind::ALL.get(kind)).copied();
        let is_unsaid = kind == Some(AnswerKind::Auction) && self.transfer.is_some();
        let kind = if is_unsaid { Some(AnswerKind::Deposit) } else { kind };
        let is_reversal = kind == Some(AnswerKind::Reversal);
        if [self.taken.is_some(), self.missing.is_some()] != [is_reversal; 2] {
            return Some("it says what was taken back where nothing was");
        }
        let points = (self.event.is_some(), self.order.is_some() && self.step.is_some());
        let others = (self.transfer.is_some(), self.withdrawal.is_some());
        match (kind, points, others) {
            (Some(AnswerKind::Auction), (true, false), (false, false)) => self.fault_of_event(),
            (Some(AnswerKind::Silent | AnswerKind::Quiet), (true, false), (false, false)) => {
                self.fault_of_quiet(kind == Some(AnswerKind::Silent))
            }
            (Some(AnswerKind::Order), (false, true), (false, false)) => {
                (!self.has_step).then_some("there is no such step")
            }
            (Some(AnswerKind::Deposit), (false, false), (true, false)) => self.fault_of_transfer(),
            (Some(AnswerKind::Reversal), (false, false), (true, false)) => self.fault_of_reversal(),
            (Some(AnswerKind::Fees), (false, false), (true, false)) => {
                let are_fees = self.reason == Some(number_of(&Reason::ALL, &Reason::FeeWithdrawal));
                (!(are_fees && self.is_admin)).then_some("no fees were taken out by it")
            }
            (Some(AnswerKind::Withdrawal), (false, false), (false, true)) => {
                let is_his = self.withdraws == Some(self.member);
                let may = is_his || (self.withdraws.is_some() && self.is_admin);
                (!may).then_some("there is no such withdrawal of his")
            }
            _ => Some("it must point at what a command makes, and at nothing else"),
        }
    }

    fn fault_of_event(&self) -> Option<&'static str> {
        let kind = self.event_kind.and_then(|kind| usize::try_from(kind).ok());
        let Some(kind) = kind.and_then(|kind| EventKind::ALL.get(kind)) else {
            return Some("there is no such event");
        };
        let is_admins = matches!(kind, EventKind::Cancelled | EventKind::Reset) && self.is_admin;
        let doer = match kind {
            EventKind::Bid | EventKind::BuyNow | EventKind::Auto => self.actor,
            EventKind::Listed
            | EventKind::Closed
            | EventKind::Cancelled
            | EventKind::Extended
            | EventKind::Reset
            | EventKind::Edited
            | EventKind::ReserveLowered => self.seller,
            EventKind::Opened => return Some("no member's command makes such an event"),
        };
        if doer != Some(self.member) && !is_admins {
            return Some("the event is another member's doing");
        }
        let has_order = self.order.is_some() && self.order_auction == self.event.map(|(auction, _)| auction);
        let is_right = match kind {
            EventKind::BuyNow | EventKind::Closed => has_order,
            // A challenger may lift the price so far that the leader buys.
            EventKind::Bid => has_order || self.order.is_none(),
            _ => self.order.is_none(),
        };
        (!is_right).then_some("it does not name the order that the command made")
    }

    /// What others cannot see: a maximum that was raised, or bids that were taken back without moving the price.
    fn fault_of_quiet(&self, is_silent: bool) -> Option<&'static str> {
        if self.event_kind.is_none() {
            return Some("there is no such event");
        }
        (self.maximum.is_some() != is_silent || self.order.is_some())
            .then_some("it names a maximum that was not raised, or none that was")
    }

    fn fault_of_reversal(&self) -> Option<&'static str> {
        let is_deposit = self.reason == Some(number_of(&Reason::ALL, &Reason::Deposit));
        if !is_deposit || !self.is_admin || self.owner == Some(self.member) {
            return Some("it is no deposit of another that an admin took back");
        }
        let said = self.taken.unwrap_or_default().checked_add(self.missing.unwrap_or_default());
        let is_within = said.zip(self.moved).is_some_and(|(said, moved)| said <= moved);
        (!is_within).then_some("more was taken back than came in")
    }

    fn fault_of_transfer(&self) -> Option<&'static str> {
        let is_his = self.owner == Some(self.member);
        if !(is_his || (self.owner.is_some() && self.is_admin)) {
            return Some("there is no such transfer of his");
        }
        let is_deposit = self.reason == Some(number_of(&Reason::ALL, &Reason::Deposit));
        (!is_deposit || self.order.is_some()).then_some("the transfer is no deposit")
    }
}
