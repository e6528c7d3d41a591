//! Reading keys: what each stands for, rebuilt from what was kept with it.

use std::collections::HashMap;

use auction::{AuctionId, Event, OrderId, Seq, Time};
use ledger::{Money, TransferId, WithdrawalId};
use rusqlite::{OptionalExtension, Result, Row};
use store::{AnswerKind, FirstAnswer, KeptDeposit, KeptFees, KeptKey, KeptReversal, KeptWithdrawal, Key};

use super::Reader;
use crate::rows;
use crate::rows::orders::{STEP_COLUMNS, step};

/// What a key's row says and points at.
struct Answer {
    kind: AnswerKind,
    event: Option<(AuctionId, Seq)>,
    order: Option<OrderId>,
    transfer: Option<TransferId>,
    step: Option<i64>,
    maximum: Option<Money>,
    withdrawal: Option<WithdrawalId>,
    taken: Option<Money>,
    missing: Option<Money>,
    at: Time,
}

impl Reader<'_> {
    /// The wanted keys that were kept before.
    pub(super) fn keys(&self) -> Result<HashMap<Key, KeptKey>> {
        let sql = "SELECT fingerprint, kind, auction, seq, order_id, transfer, step, maximum, withdrawal, taken, missing, at FROM keys \
                   WHERE key = ?1 AND member = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut keys = HashMap::new();
        for key in &self.wanted.keys {
            let columns = |row: &Row<'_>| Ok((row.get(0)?, Answer::read(row)?));
            let found = statement.query_row((&*key.text, key.member.0), columns).optional()?;
            if let Some((fingerprint, answer)) = found {
                keys.insert(key.clone(), KeptKey { fingerprint, first: self.first_answer(&answer)? });
            }
        }
        Ok(keys)
    }

    fn first_answer(&self, answer: &Answer) -> Result<FirstAnswer> {
        match answer.kind {
            AnswerKind::Auction => {
                Ok(FirstAnswer::Auction { event: self.event(answer)?, order: answer.order })
            }
            AnswerKind::Quiet => self.event(answer).map(FirstAnswer::Quiet),
            AnswerKind::Silent => {
                let maximum = answer.maximum.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
                Ok(FirstAnswer::Silent { event: self.event(answer)?, maximum })
            }
            AnswerKind::Order => {
                let sql = format!("SELECT {STEP_COLUMNS} FROM order_steps WHERE order_id = ?1 AND seq = ?2");
                let values = (answer.order.map(|order| order.0), answer.step);
                self.connection.prepare_cached(&sql)?.query_row(values, step).map(FirstAnswer::Order)
            }
            AnswerKind::Deposit => {
                let (id, amount, at) = self.transfer(answer)?;
                Ok(FirstAnswer::Deposit(KeptDeposit { id, amount, at }))
            }
            AnswerKind::Fees => {
                let (id, amount, at) = self.transfer(answer)?;
                Ok(FirstAnswer::Fees(KeptFees { id, amount, at }))
            }
            AnswerKind::Reversal => {
                let figures = answer.transfer.zip(answer.taken).zip(answer.missing);
                let ((deposit, taken), missing) = figures.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
                Ok(FirstAnswer::Reversal(KeptReversal { deposit, taken, missing, at: answer.at }))
            }
            AnswerKind::Withdrawal => {
                let id = answer.withdrawal.unwrap_or(WithdrawalId(0));
                let sql = "SELECT amount, at FROM withdrawals WHERE id = ?1";
                let withdrawal = |row: &Row<'_>| {
                    Ok(KeptWithdrawal { id, amount: rows::money(row.get(0)?, 0)?, at: Time(row.get(1)?) })
                };
                let mut statement = self.connection.prepare_cached(sql)?;
                statement.query_row([id.0], withdrawal).map(FirstAnswer::Withdrawal)
            }
        }
    }

    fn transfer(&self, answer: &Answer) -> Result<(TransferId, Money, Time)> {
        let id = answer.transfer.unwrap_or(TransferId(0));
        let moved = |row: &Row<'_>| Ok((id, rows::money(row.get(0)?, 0)?, Time(row.get(1)?)));
        let mut statement =
            self.connection.prepare_cached("SELECT amount, at FROM transfers WHERE id = ?1")?;
        statement.query_row([id.0], moved)
    }

    fn event(&self, answer: &Answer) -> Result<Event> {
        let sql = format!("SELECT {} FROM events WHERE auction = ?1 AND seq = ?2", rows::EVENT_COLUMNS);
        let event = answer.event.map(|(auction, seq)| (auction.0, seq.0)).unwrap_or_default();
        self.connection.prepare_cached(&sql)?.query_row(event, |row| rows::event(row, 0))
    }
}

impl Answer {
    fn read(row: &Row<'_>) -> Result<Answer> {
        let number = |at: usize| row.get::<_, Option<i64>>(at);
        let amount = |at: usize| number(at)?.map(|won| rows::money(won, at)).transpose();
        let transfer = number(5)?.map(TransferId);
        let kind = match rows::one_of(&AnswerKind::ALL, row.get(1)?, 1)? {
            // The release before says no kind: a transfer is only there for a deposit.
            AnswerKind::Auction if transfer.is_some() => AnswerKind::Deposit,
            kind => kind,
        };
        Ok(Answer {
            kind,
            event: number(2)?.map(AuctionId).zip(number(3)?.map(Seq)),
            order: number(4)?.map(OrderId),
            transfer,
            step: number(6)?,
            maximum: amount(7)?,
            withdrawal: number(8)?.map(WithdrawalId),
            taken: amount(9)?,
            missing: amount(10)?,
            at: Time(row.get(11)?),
        })
    }
}
