//! Keeping what follows a sale and what people decide: orders with their steps, offers, marks, withdrawals, debts, acts, and the
//! chores that were done. Most rounds have nothing of it and send nothing.

use auction::{MarkKind, OfferState, Order, OrderState, Side, StepKind};
use ledger::Money;
use store::{ActKind, WithdrawalState};
use tokio_postgres::types::ToSql;

use super::{Result, Values, Writer, column};
use crate::rows::{number_of, orders, people};

impl Writer<'_> {
    /// Everything of it that the round has.
    pub(super) async fn after(&self) -> Result<()> {
        let round = self.round;
        let has_orders = !(round.orders.is_empty() && round.steps.is_empty() && round.offers.is_empty());
        let has_others = !(round.marks.is_empty()
            && round.withdrawals.is_empty()
            && round.debts.is_empty()
            && round.acts.is_empty()
            && round.removals.is_empty()
            && round.chores_done.is_empty());
        let orders = async { if has_orders { Box::pin(self.orders_and_offers()).await } else { Ok(()) } };
        let others = async { if has_others { Box::pin(self.others()).await } else { Ok(()) } };
        let (of_orders, others) = tokio::join!(biased; orders, others);
        of_orders.and(others)
    }

    /// An order that ends comes before one that is opened: of an auction only one may be open.
    async fn orders_and_offers(&self) -> Result<()> {
        let (changed, opened, steps, offers) = tokio::join!(
            biased;
            self.changed_orders(),
            self.opened_orders(),
            self.steps(),
            self.offers()
        );
        changed.and(opened).and(steps).and(offers)
    }

    async fn others(&self) -> Result<()> {
        let (marks, withdrawals, debts, acts, removals, chores) = tokio::join!(
            biased;
            self.marks(),
            self.withdrawals(),
            self.debts(),
            self.acts(),
            self.removals(),
            self.chores()
        );
        marks.and(withdrawals).and(debts).and(acts).and(removals).and(chores)
    }

    async fn opened_orders(&self) -> Result<()> {
        let opened = self.round.orders.iter().filter(|(before, _)| before.is_none());
        let opened: Vec<&Order> = opened.map(|(_, order)| order).collect();
        if opened.is_empty() {
            return Ok(());
        }
        let standing = Standings::of(&opened);
        let values: Values<'_> = &[
            &column(&opened, |order| order.id.0),
            &column(&opened, |order| order.auction.0),
            &column(&opened, |order| order.buyer.0),
            &column(&opened, |order| order.seller.0),
            &column(&opened, |order| order.price.won()),
            &column(&opened, |order| order.opened_at.0),
            &column(&opened, |order| order.fee_rate.parts()),
            &column(&opened, |order| order.is_second_chance),
            &column(&opened, |order| order.number),
        ];
        let values: Vec<_> = values.iter().copied().chain(standing.values()).collect();
        self.line.change(ORDERS, &values, opened.len(), "a new order").await
    }

    async fn changed_orders(&self) -> Result<()> {
        let changed = self.round.orders.iter().filter_map(|(before, order)| Some(((*before)?, order)));
        let (before, changed): (Vec<i64>, Vec<&Order>) = changed.unzip();
        if changed.is_empty() {
            return Ok(());
        }
        let standing = Standings::of(&changed);
        let values: Values<'_> = &[&column(&changed, |order| order.id.0), &before];
        let values: Vec<_> = values.iter().copied().chain(standing.values()).collect();
        self.line.change(CHANGED_ORDERS, &values, changed.len(), "an order as it was read").await
    }

    async fn steps(&self) -> Result<()> {
        let new = &self.round.steps;
        if new.is_empty() {
            return Ok(());
        }
        let values: Values<'_> = &[
            &column(new, |step| step.order.0),
            &column(new, |step| step.seq),
            &column(new, |step| number_of(&StepKind::ALL, &step.kind)),
            &column(new, |step| step.at.0),
            &column(new, |step| step.by.map(|member| member.0)),
            &column(new, |step| number_of(&OrderState::ALL, &step.state)),
            &column(new, |step| step.due.map(|at| at.0)),
            &column(new, |step| step.text.as_deref()),
            &column(new, |step| step.amount.map(Money::won)),
        ];
        self.line.change(STEPS, values, new.len(), "a new step").await
    }

    async fn offers(&self) -> Result<()> {
        let offers = &self.round.offers;
        if offers.is_empty() {
            return Ok(());
        }
        let values: Values<'_> = &[
            &column(offers, |offer| offer.auction.0),
            &column(offers, |offer| offer.number),
            &column(offers, |offer| offer.member.0),
            &column(offers, |offer| offer.price.won()),
            &column(offers, |offer| offer.at.0),
            &column(offers, |offer| offer.until.0),
            &column(offers, |offer| number_of(&OfferState::ALL, &offer.state)),
        ];
        self.line.change(OFFERS, values, offers.len(), "an offer").await
    }

    async fn marks(&self) -> Result<()> {
        let marks = &self.round.marks;
        if marks.is_empty() {
            return Ok(());
        }
        let values: Values<'_> = &[
            &column(marks, |mark| mark.member.0),
            &column(marks, |mark| number_of(&MarkKind::ALL, &mark.kind)),
            &column(marks, |mark| mark.auction.0),
            &column(marks, |mark| mark.order.map(|order| order.0)),
            &column(marks, |mark| mark.at.0),
        ];
        self.line.change(MARKS, values, marks.len(), "a mark").await
    }

    async fn withdrawals(&self) -> Result<()> {
        let changed = &self.round.withdrawals;
        if changed.is_empty() {
            return Ok(());
        }
        let values: Values<'_> = &[
            &column(changed, |one| one.id.0),
            &column(changed, |one| one.member.0),
            &column(changed, |one| one.amount.won()),
            &column(changed, |one| one.destination.as_str()),
            &column(changed, |one| one.at.0),
            &column(changed, |one| number_of(&WithdrawalState::ALL, &one.state)),
            &column(changed, |one| one.decided_by.map(|member| member.0)),
            &column(changed, |one| one.decided_at.map(|at| at.0)),
            &column(changed, |one| one.reason.as_deref()),
        ];
        self.line.change(WITHDRAWALS, values, changed.len(), "a withdrawal that nobody has decided").await
    }

    async fn debts(&self) -> Result<()> {
        let changed = &self.round.debts;
        if changed.is_empty() {
            return Ok(());
        }
        let values: Values<'_> = &[
            &column(changed, |debt| debt.deposit.0),
            &column(changed, |debt| debt.member.0),
            &column(changed, |debt| debt.amount.won()),
            &column(changed, |debt| debt.missing.won()),
            &column(changed, |debt| debt.admin.0),
            &column(changed, |debt| debt.at.0),
            &column(changed, |debt| debt.reason.as_str()),
        ];
        self.line.change(DEBTS, values, changed.len(), "a debt as it was read").await
    }

    async fn acts(&self) -> Result<()> {
        let acts = &self.round.acts;
        if acts.is_empty() {
            return Ok(());
        }
        let values: Values<'_> = &[
            &column(acts, |act| act.admin.map(|admin| admin.0)),
            &column(acts, |act| number_of(&ActKind::ALL, &act.kind)),
            &column(acts, |act| act.member.map(|member| member.0)),
            &column(acts, |act| act.auction.map(|auction| auction.0)),
            &column(acts, |act| act.order.map(|order| order.0)),
            &column(acts, |act| act.withdrawal.map(|withdrawal| withdrawal.0)),
            &column(acts, |act| act.reason.as_str()),
            &column(acts, |act| act.at.0),
        ];
        self.line.change(ACTS, values, acts.len(), "an act").await
    }

    async fn removals(&self) -> Result<()> {
        let (auctions, members): (Vec<i64>, Vec<i64>) =
            self.round.removals.iter().map(|(auction, member)| (auction.0, member.0)).unzip();
        let values: Values<'_> = &[&auctions, &members, &self.round.now.0];
        match auctions.len() {
            0 => Ok(()),
            count => self.line.change(REMOVALS, values, count, "who left unseen").await,
        }
    }

    async fn chores(&self) -> Result<()> {
        let done = column(&self.round.chores_done, |chore| chore.0);
        match done.len() {
            0 => Ok(()),
            count => self.line.change(CHORES, &[&done], count, "a chore that is still to be done").await,
        }
    }
}

/// What changes of orders, as the columns in which both statements take it.
struct Standings {
    numbers: [Vec<i64>; 10],
    optional: [Vec<Option<i64>>; 13],
    carriers: Vec<Option<String>>,
    trackings: Vec<Option<String>>,
}

impl Standings {
    fn of(changed: &[&Order]) -> Standings {
        let numbers = |of: fn(&Order) -> i64| column(changed, |order| of(order));
        let optional = |of: fn(&Order) -> Option<i64>| column(changed, |order| of(order));
        Standings {
            numbers: [
                numbers(|order| number_of(&OrderState::ALL, &order.state)),
                numbers(|order| order.seq),
                numbers(|order| order.newest.0),
                numbers(|order| order.receipt_code),
                numbers(|order| order.meeting_code),
                numbers(|order| order.tries),
                numbers(|order| order.tries_in_all),
                numbers(|order| order.asked),
                numbers(|order| order.buyer_evidence),
                numbers(|order| order.seller_evidence),
            ],
            optional: [
                optional(|order| order.due.map(|at| at.0)),
                optional(|order| order.locked_until.map(|at| at.0)),
                optional(|order| order.shipped_at.map(|at| at.0)),
                optional(|order| order.met_at.map(|at| at.0)),
                optional(|order| order.delivered_at.map(|at| at.0)),
                optional(|order| side(order.wants_cancel)),
                optional(|order| order.disputed_at.map(|at| at.0)),
                optional(|order| side(order.disputed_by)),
                optional(|order| order.refund.map(Money::won)),
                optional(|order| order.fee.map(Money::won)),
                optional(|order| side(order.fault)),
                optional(|order| order.outage.map(|at| at.0)),
                optional(|order| order.ended_at.map(|at| at.0)),
            ],
            carriers: column(changed, |order| order.carrier.clone()),
            trackings: column(changed, |order| order.tracking.clone()),
        }
    }

    /// In the order of `standing_columns`.
    fn values(&self) -> impl Iterator<Item = &(dyn ToSql + Sync)> {
        let numbers = self.numbers.iter().map(|column| column as &(dyn ToSql + Sync));
        let optional = self.optional.iter().map(|column| column as &(dyn ToSql + Sync));
        let texts = [&self.carriers, &self.trackings].into_iter().map(|column| column as &(dyn ToSql + Sync));
        numbers.chain(optional).chain(texts)
    }
}

fn side(side: Option<Side>) -> Option<i64> {
    side.map(|side| number_of(&Side::ALL, &side))
}

/// What changes of an order.
macro_rules! standing_columns {
    () => {
        "state, seq, newest, receipt_code, meeting_code, tries, tries_in_all, asked, buyer_evidence, \
         seller_evidence, due, locked_until, shipped_at, met_at, delivered_at, wants_cancel, disputed_at, disputed_by, \
         refund, fee, fault, outage, ended_at, carrier, tracking"
    };
}

pub(in crate::journal) const ORDERS: &str = concat!(
    "INSERT INTO orders (id, auction, buyer, seller, price, at, fee_rate, is_second_chance, number, ",
    standing_columns!(),
    ") SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], \
     $7::bigint[], $8::boolean[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], \
     $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[], $18::bigint[], $19::bigint[], $20::bigint[], \
     $21::bigint[], $22::bigint[], $23::bigint[], $24::bigint[], $25::bigint[], $26::bigint[], $27::bigint[], \
     $28::bigint[], $29::bigint[], $30::bigint[], $31::bigint[], $32::bigint[], $33::text[], $34::text[])"
);

/// Orders as they were read under their auctions' locks.
pub(in crate::journal) const CHANGED_ORDERS: &str = concat!(
    "UPDATE orders AS o SET state = new.state, seq = new.seq, newest = new.newest, receipt_code = new.receipt_code, \
     meeting_code = new.meeting_code, tries = new.tries, tries_in_all = new.tries_in_all, asked = new.asked, \
     buyer_evidence = new.buyer_evidence, seller_evidence = new.seller_evidence, ended_at = new.ended_at, \
     due = new.due, locked_until = new.locked_until, shipped_at = new.shipped_at, met_at = new.met_at, \
     delivered_at = new.delivered_at, wants_cancel = new.wants_cancel, disputed_at = new.disputed_at, \
     disputed_by = new.disputed_by, refund = new.refund, fee = new.fee, fault = new.fault, outage = new.outage, \
     carrier = new.carrier, tracking = new.tracking \
     FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], \
     $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], \
     $15::bigint[], $16::bigint[], $17::bigint[], $18::bigint[], $19::bigint[], $20::bigint[], $21::bigint[], \
     $22::bigint[], $23::bigint[], $24::bigint[], $25::bigint[], $26::text[], $27::text[]) AS new (id, before, ",
    standing_columns!(),
    ") WHERE o.id = new.id AND o.seq = new.before"
);

pub(in crate::journal) const STEPS: &str = concat!(
    "INSERT INTO order_steps (",
    orders::step_columns!(),
    ") SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], \
     $7::bigint[], $8::text[], $9::bigint[])"
);

/// New ones, and such as were open and are now answered or moved.
pub(in crate::journal) const OFFERS: &str = concat!(
    "INSERT INTO offers (",
    orders::offer_columns!(),
    ") SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], \
     $7::bigint[]) ON CONFLICT (auction, number) DO UPDATE SET until = excluded.until, state = excluded.state \
     WHERE offers.state = 0 AND offers.member = excluded.member AND offers.price = excluded.price"
);

pub(in crate::journal) const MARKS: &str = "INSERT INTO marks (member, kind, auction, order_id, at) \
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])";

/// New ones, and such as were requested and are now decided.
pub(in crate::journal) const WITHDRAWALS: &str = concat!(
    "INSERT INTO withdrawals (",
    people::withdrawal_columns!(),
    ") SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], \
     $7::bigint[], $8::bigint[], $9::text[]) ON CONFLICT (id) DO UPDATE SET state = excluded.state, \
     decided_by = excluded.decided_by, decided_at = excluded.decided_at, reason = excluded.reason \
     WHERE withdrawals.state = 0"
);

/// Deposits that are taken back for the first time, and such as more is taken of.
pub(in crate::journal) const DEBTS: &str = concat!(
    "INSERT INTO debts (",
    people::debt_columns!(),
    ") SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], \
     $7::text[]) ON CONFLICT (deposit) DO UPDATE SET missing = excluded.missing, admin = excluded.admin, \
     at = excluded.at, reason = excluded.reason WHERE debts.missing > excluded.missing \
     AND debts.member = excluded.member AND debts.amount = excluded.amount"
);

pub(in crate::journal) const ACTS: &str = concat!(
    "INSERT INTO acts (",
    people::act_columns!(),
    ") SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], \
     $7::text[], $8::bigint[])"
);

pub(in crate::journal) const REMOVALS: &str = "INSERT INTO removals (auction, member, at) \
     SELECT new.auction, new.member, $3::bigint FROM unnest($1::bigint[], $2::bigint[]) AS new (auction, member) \
     ON CONFLICT (auction, member) DO UPDATE SET at = excluded.at";

pub(in crate::journal) const CHORES: &str = "DELETE FROM chores WHERE id = ANY($1)";
