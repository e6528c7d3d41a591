//! Reading keys: what each stands for, rebuilt from what was kept with it.

use std::collections::HashMap;

use auction::{AuctionId, Event, OrderId, Seq, Time};
use ledger::{Money, TransferId, WithdrawalId};
use rusqlite::{OptionalExtension, Result, Row};
use store::{AnswerKind, FirstAnswer, KeptDeposit, KeptKey, KeptWithdrawal, Key};

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
}

impl Reader<'_> {
    /// The wanted keys that were kept before.
    pub(super) fn keys(&self) -> Result<HashMap<Key, KeptKey>> {
        let sql = "SELECT fingerprint, kind, auction, seq, order_id, transfer, step, maximum, withdrawal FROM keys \
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
                let id = answer.transfer.unwrap_or(TransferId(0));
                let sql = "SELECT amount, at FROM transfers WHERE id = ?1";
                let deposit = |row: &Row<'_>| {
                    Ok(KeptDeposit { id, amount: rows::money(row.get(0)?, 0)?, at: Time(row.get(1)?) })
                };
                self.connection.prepare_cached(sql)?.query_row([id.0], deposit).map(FirstAnswer::Deposit)
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

    fn event(&self, answer: &Answer) -> Result<Event> {
        let sql = format!("SELECT {} FROM events WHERE auction = ?1 AND seq = ?2", rows::EVENT_COLUMNS);
        let event = answer.event.map(|(auction, seq)| (auction.0, seq.0)).unwrap_or_default();
        self.connection.prepare_cached(&sql)?.query_row(event, |row| rows::event(row, 0))
    }
}

impl Answer {
    fn read(row: &Row<'_>) -> Result<Answer> {
        let number = |at: usize| row.get::<_, Option<i64>>(at);
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
            maximum: number(7)?.map(|won| rows::money(won, 7)).transpose()?,
            withdrawal: number(8)?.map(WithdrawalId),
        })
    }
}
