//! Keeping what follows a sale, and what people decided: orders, steps, offers, marks, withdrawals, debts, acts, chores. A round
//! of bids has none of it and pays for no statement.

use auction::{MarkKind, OfferState, Order, OrderState, OrderStep, Side, StepKind};
use ledger::Money;
use rusqlite::types::ToSql;
use rusqlite::{Result, params};
use store::{Debt, Round, Withdrawal, WithdrawalState};

use super::super::expect_one;
use super::Writer;
use crate::rows::number_of;
use crate::rows::people::keep_act;

impl Writer<'_> {
    /// Orders, their steps, and offers. One that is over makes room for another of its auction, so changed ones come first.
    pub(super) fn orders(&self, round: &Round) -> Result<()> {
        for (before, order) in &round.orders {
            if let Some(before) = before {
                self.order(*before, order)?;
            }
        }
        for (before, order) in &round.orders {
            if before.is_none() {
                self.new_order(order)?;
            }
        }
        round.steps.iter().try_for_each(|step| self.step(step))?;
        self.offers(round)
    }

    fn new_order(&self, order: &Order) -> Result<()> {
        let sql = "INSERT INTO orders (id, state, seq, newest, due, receipt_code, meeting_code, tries, tries_in_all, \
                   locked_until, carrier, tracking, shipped_at, met_at, delivered_at, asked, wants_cancel, disputed_at, \
                   disputed_by, refund, fee, fault, outage, buyer_evidence, seller_evidence, ended_at, auction, seller, buyer, \
                   price, at, fee_rate, is_second_chance, number) \
                   VALUES (?1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, \
                   ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35)";
        let sides = (order.auction.0, order.seller.0, order.buyer.0);
        let (price, at, fee_rate) = (order.price.won(), order.opened_at.0, order.fee_rate.parts());
        let fixed: [&dyn ToSql; 8] =
            [&sides.0, &sides.1, &sides.2, &price, &at, &fee_rate, &order.is_second_chance, &order.number];
        let changed = with_life(0, order, |life| {
            let values: Vec<&dyn ToSql> = life.iter().copied().chain(fixed).collect();
            self.connection.prepare_cached(sql)?.execute(&*values)
        })?;
        expect_one(changed, "a new order")
    }

    fn order(&self, before: i64, order: &Order) -> Result<()> {
        let sql = "UPDATE orders SET state = ?3, seq = ?4, newest = ?5, due = ?6, receipt_code = ?7, meeting_code = ?8, \
                   tries = ?9, tries_in_all = ?10, locked_until = ?11, carrier = ?12, tracking = ?13, shipped_at = ?14, \
                   met_at = ?15, delivered_at = ?16, asked = ?17, wants_cancel = ?18, disputed_at = ?19, \
                   disputed_by = ?20, refund = ?21, fee = ?22, fault = ?23, outage = ?24, buyer_evidence = ?25, \
                   seller_evidence = ?26, ended_at = ?27 WHERE id = ?1 AND seq = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let changed = with_life(before, order, |life| statement.execute(life))?;
        expect_one(changed, "an order as it was read")
    }

    fn step(&self, step: &OrderStep) -> Result<()> {
        let sql = "INSERT INTO order_steps (order_id, seq, kind, at, by_member, state, due, text, amount) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        let values = params![
            step.order.0,
            step.seq,
            number_of(&StepKind::ALL, &step.kind),
            step.at.0,
            step.by.map(|member| member.0),
            number_of(&OrderState::ALL, &step.state),
            step.due.map(|at| at.0),
            step.text,
            step.amount.map(Money::won)
        ];
        expect_one(self.connection.prepare_cached(sql)?.execute(values)?, "a new step of an order")
    }

    fn offers(&self, round: &Round) -> Result<()> {
        let sql = "INSERT INTO offers (auction, number, member, price, at, until, state) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
                   ON CONFLICT (auction, number) DO UPDATE SET until = excluded.until, state = excluded.state \
                   WHERE state = 0 AND member = excluded.member AND price = excluded.price";
        // An offer that is answered makes room for the next.
        let is_answered = |offer: &&auction::Offer| offer.state != OfferState::Open;
        let answered = round.offers.iter().filter(is_answered);
        let open = round.offers.iter().filter(|offer| !is_answered(offer));
        for offer in answered.chain(open) {
            let state = number_of(&OfferState::ALL, &offer.state);
            let (member, price) = (offer.member.0, offer.price.won());
            let values = (offer.auction.0, offer.number, member, price, offer.at.0, offer.until.0, state);
            expect_one(self.connection.prepare_cached(sql)?.execute(values)?, "an offer as it was read")?;
        }
        Ok(())
    }

    /// Marks, withdrawals, what admins did, who left unseen, and what is no longer to be done.
    pub(super) fn people(&self, round: &Round) -> Result<()> {
        for mark in &round.marks {
            let sql = "INSERT INTO marks (member, kind, auction, order_id, at) VALUES (?1, ?2, ?3, ?4, ?5)";
            let (kind, order) = (number_of(&MarkKind::ALL, &mark.kind), mark.order.map(|order| order.0));
            let values = (mark.member.0, kind, mark.auction.0, order, mark.at.0);
            self.connection.prepare_cached(sql)?.execute(values)?;
        }
        round.withdrawals.iter().try_for_each(|withdrawal| self.withdrawal(withdrawal))?;
        round.debts.iter().try_for_each(|debt| self.debt(debt))?;
        round.acts.iter().try_for_each(|act| keep_act(self.connection, act))?;
        for (auction, member) in &round.removals {
            let sql = "INSERT INTO removals (auction, member, at) VALUES (?1, ?2, ?3) \
                       ON CONFLICT DO UPDATE SET at = excluded.at";
            self.connection.prepare_cached(sql)?.execute((auction.0, member.0, round.now.0))?;
        }
        for chore in &round.chores_done {
            let sql = "DELETE FROM chores WHERE id = ?1";
            let changed = self.connection.prepare_cached(sql)?.execute([chore.0])?;
            expect_one(changed, "a chore that is still to be done")?;
        }
        Ok(())
    }

    /// A deposit that is taken back for the first time, or of which more is.
    fn debt(&self, debt: &Debt) -> Result<()> {
        let sql = "INSERT INTO debts (deposit, member, amount, missing, admin, at, reason) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
                   ON CONFLICT (deposit) DO UPDATE SET missing = excluded.missing, admin = excluded.admin, \
                   at = excluded.at, reason = excluded.reason \
                   WHERE missing > excluded.missing AND member = excluded.member AND amount = excluded.amount";
        let values = params![
            debt.deposit.0,
            debt.member.0,
            debt.amount.won(),
            debt.missing.won(),
            debt.admin.0,
            debt.at.0,
            debt.reason
        ];
        expect_one(self.connection.prepare_cached(sql)?.execute(values)?, "a debt as it was read")
    }

    /// A new withdrawal, or what became of one that was only requested.
    fn withdrawal(&self, withdrawal: &Withdrawal) -> Result<()> {
        let sql = "INSERT INTO withdrawals (id, member, amount, destination, at, state, decided_by, decided_at, reason) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) \
                   ON CONFLICT (id) DO UPDATE SET state = excluded.state, decided_by = excluded.decided_by, \
                   decided_at = excluded.decided_at, reason = excluded.reason \
                   WHERE state = 0 AND excluded.state <> 0 AND member = excluded.member AND amount = excluded.amount";
        let values = params![
            withdrawal.id.0,
            withdrawal.member.0,
            withdrawal.amount.won(),
            withdrawal.destination,
            withdrawal.at.0,
            number_of(&WithdrawalState::ALL, &withdrawal.state),
            withdrawal.decided_by.map(|member| member.0),
            withdrawal.decided_at.map(|at| at.0),
            withdrawal.reason
        ];
        let changed = self.connection.prepare_cached(sql)?.execute(values)?;
        expect_one(changed, "a withdrawal that waits")
    }
}

/// Hands over what changes in an order's life, with which both statements begin.
fn with_life(
    before: i64,
    order: &Order,
    write: impl FnOnce(&[&dyn ToSql]) -> Result<usize>,
) -> Result<usize> {
    let side = |side: Option<Side>| side.map(|side| number_of(&Side::ALL, &side));
    write(params![
        order.id.0,
        before,
        number_of(&OrderState::ALL, &order.state),
        order.seq,
        order.newest.0,
        order.due.map(|at| at.0),
        order.receipt_code,
        order.meeting_code,
        order.tries,
        order.tries_in_all,
        order.locked_until.map(|at| at.0),
        order.carrier,
        order.tracking,
        order.shipped_at.map(|at| at.0),
        order.met_at.map(|at| at.0),
        order.delivered_at.map(|at| at.0),
        order.asked,
        side(order.wants_cancel),
        order.disputed_at.map(|at| at.0),
        side(order.disputed_by),
        order.refund.map(Money::won),
        order.fee.map(Money::won),
        side(order.fault),
        order.outage.map(|at| at.0),
        order.buyer_evidence,
        order.seller_evidence,
        order.ended_at.map(|at| at.0)
    ])
}
