//! What a round reads of deposits that are taken back, of what members lack, and of the fees. Only a round that wants them
//! asks for them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ledger::{MemberId, Money, TransferId};
use store::{Debt, Deposited};

use super::{Reader, Result};
use crate::rows::{self, people};

/// The deposits among some transfers, which never change: their members' wallets are locked before what was taken back of
/// them is read.
pub(in crate::journal) const DEPOSITS: &str =
    "SELECT id, member, amount FROM transfers WHERE id = ANY($1) AND reason = 0";

/// What was taken back of some deposits. The wallets of their members are locked before, so no other lane takes meanwhile.
pub(in crate::journal) const DEBTS: &str =
    concat!("SELECT ", people::debt_columns!(), " FROM debts WHERE deposit = ANY($1)");

/// What some members lack, as their wallets' locks keep it.
pub(in crate::journal) const OWED: &str = "SELECT w.member, d.missing FROM unnest($1::bigint[]) AS w (member) \
     CROSS JOIN LATERAL (SELECT sum(missing)::bigint AS missing FROM debts WHERE member = w.member) AS d \
     WHERE d.missing > 0";

/// Locks the fees. The house's accounts have no rows, so whoever takes from one locks the row that says what kind of money
/// the store holds, which is there once there is any, and which no bid comes near.
pub(in crate::journal) const FEES_LOCK: &str =
    "SELECT value FROM nature WHERE name = 'money' FOR NO KEY UPDATE";

/// What the house earned and has not taken out. Others may add to it meanwhile; nobody takes.
pub(crate) const FEES: &str = "SELECT \
     coalesce(sum(CASE reason WHEN 5 THEN amount ELSE -amount END), 0)::bigint FROM transfers WHERE reason IN (5, 10)";

/// Deposits, by their transfers: whose each is, and how much came in.
pub(super) type CameIn = HashMap<TransferId, (MemberId, Money)>;

impl Reader<'_> {
    /// The wanted transfers that are deposits.
    pub(super) async fn came_in(&self) -> Result<CameIn> {
        let ids: Vec<i64> = self.wanted.deposits.iter().map(|id| id.0).collect();
        if ids.is_empty() {
            return Ok(CameIn::new());
        }
        let rows = self.line.rows(DEPOSITS, &[&ids]).await?;
        let deposit = |row: &tokio_postgres::Row| {
            let amount = rows::money(row.try_get(2)?, 2)?;
            Ok((TransferId(row.try_get(0)?), (MemberId(row.try_get(1)?), amount)))
        };
        rows.iter().map(deposit).collect()
    }

    /// What was taken back of the wanted deposits.
    async fn debts(&self) -> Result<Vec<Debt>> {
        let ids: Vec<i64> = self.wanted.deposits.iter().map(|id| id.0).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.line.rows(DEBTS, &[&ids]).await?.iter().map(people::debt).collect()
    }

    /// What those of the wanted debtors, and of these, lack who lack anything.
    async fn owed(&self, withdrawers: &BTreeSet<MemberId>) -> Result<BTreeMap<MemberId, Money>> {
        let ids: BTreeSet<i64> = self.wanted.debtors.iter().chain(withdrawers).map(|id| id.0).collect();
        let ids: Vec<i64> = ids.into_iter().collect();
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows = self.line.rows(OWED, &[&ids]).await?;
        rows.iter().map(|row| Ok((MemberId(row.try_get(0)?), rows::money(row.try_get(1)?, 1)?))).collect()
    }

    /// The fees, which are locked behind the withdrawals, then what was taken back of deposits, and what members lack.
    pub(super) async fn owing(
        &self,
        withdrawers: &BTreeSet<MemberId>,
    ) -> Result<(Money, Vec<Debt>, BTreeMap<MemberId, Money>)> {
        let (fees, debts, owed) = tokio::join!(biased; self.fees(), self.debts(), self.owed(withdrawers));
        Ok((fees?, debts?, owed?))
    }

    /// What the house's account of fees holds, locked, if it is wanted.
    async fn fees(&self) -> Result<Money> {
        if !self.wanted.fees {
            return Ok(Money::ZERO);
        }
        // Both are on their way at once, in this order: what is summed is seen after the lock was granted.
        let (locked, sum) = tokio::join!(biased; self.line.rows(FEES_LOCK, &[]), self.line.rows(FEES, &[]));
        locked?;
        sum?.first().map_or(Ok(Money::ZERO), |row| rows::money(row.try_get(0)?, 0))
    }
}

/// Deposits with what was taken back of them.
pub(super) fn deposits(came_in: CameIn, debts: Vec<Debt>) -> BTreeMap<TransferId, Deposited> {
    let mut debts: HashMap<TransferId, Debt> = debts.into_iter().map(|debt| (debt.deposit, debt)).collect();
    let whole = |(id, (member, amount))| (id, Deposited { member, amount, debt: debts.remove(&id) });
    came_in.into_iter().map(whole).collect()
}
