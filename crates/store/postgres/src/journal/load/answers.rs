//! What kept keys were first answered, rebuilt from what was kept with them.

use std::collections::HashMap;

use auction::{OrderId, Time};
use ledger::{MemberId, TransferId, WithdrawalId};
use store::{AnswerKind, FirstAnswer, KeptDeposit, KeptFees, KeptKey, KeptReversal, KeptWithdrawal, Key};
use tokio_postgres::Row;

use super::{Reader, Result};
use crate::failure::Fault;
use crate::rows::{self, orders};

/// Keys with what they were first answered.
pub(in crate::journal) const KEYS: &str = concat!(
    "SELECT w.key, w.member, k.fingerprint, k.kind, k.order_id, k.maximum, k.transfer, t.amount, t.at, \
     k.withdrawal, m.amount, m.at, k.taken, k.missing, k.at, s.*, e.* \
     FROM unnest($1::text[], $2::bigint[]) AS w (key, member) CROSS JOIN LATERAL \
     (SELECT fingerprint, auction, seq, order_id, transfer, kind, step, maximum, withdrawal, taken, missing, at FROM keys \
     WHERE key = w.key AND member = w.member LIMIT 1) AS k \
     LEFT JOIN LATERAL (SELECT amount, at FROM transfers WHERE id = k.transfer LIMIT 1) AS t ON true \
     LEFT JOIN LATERAL (SELECT amount, at FROM withdrawals WHERE id = k.withdrawal LIMIT 1) AS m ON true \
     LEFT JOIN LATERAL (SELECT ",
    orders::step_columns!(),
    " FROM order_steps WHERE order_id = k.order_id AND seq = k.step LIMIT 1) AS s ON true LEFT JOIN LATERAL (SELECT ",
    rows::event_columns!(),
    " FROM events WHERE auction = k.auction AND seq = k.seq LIMIT 1) AS e ON true"
);

/// In which column the step begins, behind which the event does.
const STEP_AT: usize = 15;

impl Reader<'_> {
    /// The wanted keys that were kept before.
    pub(super) async fn keys(&self) -> Result<HashMap<Key, KeptKey>> {
        if self.wanted.keys.is_empty() {
            return Ok(HashMap::new());
        }
        let texts: Vec<&str> = self.wanted.keys.iter().map(|key| &*key.text).collect();
        let members: Vec<i64> = self.wanted.keys.iter().map(|key| key.member.0).collect();
        let rows = self.line.rows(KEYS, &[&texts, &members]).await?;
        rows.iter().map(kept_key).collect()
    }
}

fn kept_key(row: &Row) -> Result<(Key, KeptKey)> {
    let key = Key { text: row.try_get::<_, String>(0)?.into(), member: MemberId(row.try_get(1)?) };
    let event = || rows::event(row, STEP_AT + orders::STEP_WIDTH);
    let first = match kind(row)? {
        AnswerKind::Auction => {
            let order = row.try_get::<_, Option<i64>>(4)?.map(OrderId);
            FirstAnswer::Auction { event: event()?, order }
        }
        AnswerKind::Deposit => FirstAnswer::Deposit(KeptDeposit {
            id: TransferId(row.try_get(6)?),
            amount: rows::money(row.try_get(7)?, 7)?,
            at: Time(row.try_get(8)?),
        }),
        AnswerKind::Silent => {
            FirstAnswer::Silent { event: event()?, maximum: rows::money(row.try_get(5)?, 5)? }
        }
        AnswerKind::Order => FirstAnswer::Order(orders::step(row, STEP_AT)?),
        AnswerKind::Quiet => FirstAnswer::Quiet(event()?),
        AnswerKind::Withdrawal => FirstAnswer::Withdrawal(KeptWithdrawal {
            id: WithdrawalId(row.try_get(9)?),
            amount: rows::money(row.try_get(10)?, 10)?,
            at: Time(row.try_get(11)?),
        }),
        AnswerKind::Reversal => FirstAnswer::Reversal(KeptReversal {
            deposit: TransferId(row.try_get(6)?),
            taken: rows::money(row.try_get(12)?, 12)?,
            missing: rows::money(row.try_get(13)?, 13)?,
            at: Time(row.try_get(14)?),
        }),
        AnswerKind::Fees => FirstAnswer::Fees(KeptFees {
            id: TransferId(row.try_get(6)?),
            amount: rows::money(row.try_get(7)?, 7)?,
            at: Time(row.try_get(8)?),
        }),
    };
    Ok((key, KeptKey { fingerprint: row.try_get(2)?, first }))
}

/// The release before says no kind: what it kept with a transfer is a deposit.
fn kind(row: &Row) -> std::result::Result<AnswerKind, Fault> {
    let kind = rows::one_of(&AnswerKind::ALL, row.try_get(3)?, 3)?;
    let is_unsaid = kind == AnswerKind::Auction && row.try_get::<_, Option<i64>>(6)?.is_some();
    Ok(if is_unsaid { AnswerKind::Deposit } else { kind })
}
