//! What a round reads of orders, offers, withdrawals and records. Only a round that wants them asks for them.

use std::collections::{BTreeMap, BTreeSet};

use auction::{Aftermath, Auction, AuctionId, MarkKind, Time};
use ledger::{MemberId, WithdrawalId};
use store::{ActKind, ChoreId, MARKS_COUNT_FOR, MARKS_TO_BAR, Reference, Withdrawal};
use tokio_postgres::Row;

use super::{Reader, Result};
use crate::journal::line::Values;
use crate::rows::{self, orders, people};

/// The newest order of each auction. Its auction's lock keeps it as it is.
pub(in crate::journal) const NEWEST_ORDERS: &str = concat!(
    "SELECT o.* FROM unnest($1::bigint[]) AS w (auction) CROSS JOIN LATERAL (SELECT ",
    orders::order_columns!(),
    " FROM orders WHERE auction = w.auction ORDER BY auction DESC, number DESC LIMIT 1) AS o"
);

/// The offers of some auctions, by number.
pub(in crate::journal) const OFFERS: &str = concat!(
    "SELECT o.* FROM unnest($1::bigint[]) AS w (auction) CROSS JOIN LATERAL (SELECT ",
    orders::offer_columns!(),
    " FROM offers WHERE auction = w.auction ORDER BY number LIMIT 3) AS o"
);

/// Whose the withdrawals are, which never changes: their wallets are locked before them.
pub(in crate::journal) const WITHDRAWERS: &str = "SELECT member FROM withdrawals WHERE id = ANY($1)";

/// Locks the withdrawals, in the order in which they are asked for.
pub(in crate::journal) const WITHDRAWALS: &str = concat!(
    "SELECT a.* FROM unnest($1::bigint[]) AS w (wanted) CROSS JOIN LATERAL (SELECT ",
    people::withdrawal_columns!(),
    " FROM withdrawals WHERE id = w.wanted LIMIT 1 FOR NO KEY UPDATE) AS a"
);

/// Of each lister, when the last of those marks was made that together keep him from listing, if there are so many since
/// an admin last lifted them. Whether it is recent enough, the clock says, which is read later.
pub(in crate::journal) const MARKS: &str = "SELECT w.member, m.at FROM unnest($1::bigint[]) AS w (member) \
     CROSS JOIN LATERAL (SELECT coalesce(marks_lifted_at, -9223372036854775808) AS lifted FROM members \
     WHERE id = w.member LIMIT 1) AS l \
     CROSS JOIN LATERAL (SELECT at FROM marks WHERE member = w.member AND at > l.lifted AND kind <> $2 \
     ORDER BY member DESC, at DESC LIMIT 1 OFFSET $3) AS m";

/// References that were used before: of money that came in (8), and of fees that went out (12).
pub(in crate::journal) const REFERENCES: &str = "SELECT kind, reason FROM acts WHERE kind = 8 AND reason = ANY($1) \
     UNION ALL SELECT kind, reason FROM acts WHERE kind = 12 AND reason = ANY($2)";

/// Chores that are still to be done. Their auctions are locked before, so no other lane does them meanwhile.
pub(in crate::journal) const CHORES: &str = "SELECT id FROM chores WHERE id = ANY($1)";

impl Reader<'_> {
    /// Those of the wanted references that were used before.
    pub(super) async fn references(&self) -> Result<BTreeSet<Reference>> {
        if self.wanted.references.is_empty() {
            return Ok(BTreeSet::new());
        }
        let (mut entered, mut taken_out) = (Vec::new(), Vec::new());
        for reference in &self.wanted.references {
            match reference {
                Reference::Deposit(words) => entered.push(words),
                Reference::Fees(words) => taken_out.push(words),
            }
        }
        let rows = self.line.rows(REFERENCES, &[&entered, &taken_out]).await?;
        let used = |row: &Row| {
            let (kind, words) = (row.try_get::<_, i64>(0)?, row.try_get(1)?);
            let is_deposit = kind == rows::number_of(&ActKind::ALL, &ActKind::Deposited);
            Ok(if is_deposit { Reference::Deposit(words) } else { Reference::Fees(words) })
        };
        rows.iter().map(used).collect()
    }

    /// Those of the wanted chores that are still to be done.
    pub(super) async fn chores(&self) -> Result<BTreeSet<ChoreId>> {
        if self.wanted.chores.is_empty() {
            return Ok(BTreeSet::new());
        }
        let ids: Vec<i64> = self.wanted.chores.iter().map(|chore| chore.0).collect();
        let rows = self.line.rows(CHORES, &[&ids]).await?;
        rows.iter().map(|row| Ok(ChoreId(row.try_get(0)?))).collect()
    }

    /// For each auction that is over: its newest order and its offers.
    pub(super) async fn aftermaths(
        &self,
        auctions: &BTreeMap<AuctionId, Auction>,
    ) -> Result<BTreeMap<AuctionId, Aftermath>> {
        let over = auctions.values().filter(|auction| auction.outcome.is_some());
        let mut aftermaths: BTreeMap<AuctionId, Aftermath> =
            over.map(|auction| (auction.id, Aftermath::default())).collect();
        if aftermaths.is_empty() {
            return Ok(aftermaths);
        }
        let ids: Vec<i64> = aftermaths.keys().map(|id| id.0).collect();
        let ids: Values<'_> = &[&ids];
        let (newest, offers) =
            tokio::join!(biased; self.line.rows(NEWEST_ORDERS, ids), self.line.rows(OFFERS, ids));
        for row in newest? {
            let order = orders::order(&row, 0)?;
            let auction = order.auction;
            aftermaths.entry(auction).or_default().order = Some(order);
        }
        for row in offers? {
            let offer = orders::offer(&row, 0)?;
            aftermaths.entry(offer.auction).or_default().offers.push(offer);
        }
        Ok(aftermaths)
    }

    /// Whose the wanted withdrawals are.
    pub(super) async fn withdrawers(&self) -> Result<BTreeSet<MemberId>> {
        let ids: Vec<i64> = self.wanted.withdrawals.iter().map(|id| id.0).collect();
        if ids.is_empty() {
            return Ok(BTreeSet::new());
        }
        let rows = self.line.rows(WITHDRAWERS, &[&ids]).await?;
        rows.iter().map(|row| Ok(MemberId(row.try_get(0)?))).collect()
    }

    /// The wanted withdrawals, locked.
    pub(super) async fn withdrawals(&self) -> Result<BTreeMap<WithdrawalId, Withdrawal>> {
        let ids: Vec<i64> = self.wanted.withdrawals.iter().map(|id| id.0).collect();
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows = self.line.rows(WITHDRAWALS, &[&ids]).await?;
        let withdrawals = rows.iter().map(|row| people::withdrawal(row).map(|found| (found.id, found)));
        withdrawals.collect()
    }

    /// Of the wanted listers on whose record there are enough marks to bar them: when the last of so many was made.
    pub(super) async fn marks(&self) -> Result<Vec<(MemberId, Time)>> {
        let ids: Vec<i64> = self.wanted.listers.iter().map(|id| id.0).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let as_buyer = rows::number_of(&MarkKind::ALL, &MarkKind::BuyerDefault);
        let newer = MARKS_TO_BAR as i64 - 1;
        let rows = self.line.rows(MARKS, &[&ids, &as_buyer, &newer]).await?;
        rows.iter().map(|row| Ok((MemberId(row.try_get(0)?), Time(row.try_get(1)?)))).collect()
    }
}

/// Those whose marks are recent enough to bar them.
pub(super) fn barred(marks: Vec<(MemberId, Time)>, now: Time) -> BTreeSet<MemberId> {
    let since = now.minus(MARKS_COUNT_FOR);
    marks.into_iter().filter(|(_, at)| *at > since).map(|(member, _)| member).collect()
}
