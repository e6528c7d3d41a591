//! Reading what few rounds want: items, rivals, what follows a sale, withdrawals, deposits that are taken back, fees, and who
//! may not list.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use auction::{Aftermath, Auction, AuctionId, Bidder, Item, MarkKind, PictureAddress, Time};
use ledger::{MemberId, Money, TransferId, WithdrawalId};
use rusqlite::{Connection, OptionalExtension, Result, Row};
use store::{ChoreId, Deposited, MARKS_COUNT_FOR, MARKS_TO_BAR, Reference, Withdrawal};

use super::Reader;
use crate::rows::orders::{OFFER_COLUMNS, ORDER_COLUMNS, offer, order};
use crate::rows::people::{DEBT_COLUMNS, WITHDRAWAL_COLUMNS, debt, withdrawal};
use crate::rows::{self, number_of};

impl Reader<'_> {
    /// Adds the wanted number of bidders with the highest commitments that count, of equal ones the earlier first. No index
    /// leads to them, as every bid would dirty it: all who have bid there are looked at.
    pub(super) fn rivals(
        &self,
        auctions: &BTreeMap<AuctionId, Auction>,
        bidders: &mut HashMap<(AuctionId, MemberId), Bidder>,
    ) -> Result<()> {
        for (id, count) in &self.wanted.rivals {
            let Some(auction) = auctions.get(id) else { continue };
            let sql = format!(
                "SELECT {} FROM bidders WHERE auction = ?1 AND is_out = 0 AND since > ?2 \
                 ORDER BY commitment DESC, since, member LIMIT ?3",
                rows::BIDDER_COLUMNS
            );
            let mut statement = self.connection.prepare_cached(&sql)?;
            let values = (id.0, auction.afresh.0, *count as i64);
            for found in statement.query_map(values, |row| rows::bidder(row, 0))? {
                let bidder = found?;
                bidders.insert((bidder.auction, bidder.member), bidder);
            }
        }
        Ok(())
    }

    /// The items of the auctions for which they are wanted, as these show them.
    pub(super) fn items(&self, auctions: &BTreeMap<AuctionId, Auction>) -> Result<BTreeMap<AuctionId, Item>> {
        let mut items = BTreeMap::new();
        for id in &self.wanted.items {
            let Some(auction) = auctions.get(id) else { continue };
            let sql = format!(
                "SELECT {} FROM items i LEFT JOIN item_history h ON h.auction = ?2 WHERE i.id = ?1",
                rows::WORDS
            );
            let mut statement = self.connection.prepare_cached(&sql)?;
            let values = (auction.item.0, auction.id.0);
            let found = statement.query_row(values, |row| rows::item(row, 0)).optional()?;
            items.extend(found.map(|item| (*id, item)));
        }
        Ok(items)
    }

    /// Those of the wanted pictures that their sellers have uploaded. None is removed meanwhile: this is the one connection that
    /// writes.
    pub(super) fn pictures(&self) -> Result<Vec<(MemberId, PictureAddress)>> {
        let mut found = Vec::new();
        for (member, address) in &self.wanted.pictures {
            let sql = "SELECT 1 FROM uploads WHERE address = ?1 AND member = ?2";
            if self.connection.prepare_cached(sql)?.exists((address, member.0))? {
                found.push((*member, *address));
            }
        }
        Ok(found)
    }

    /// The newest order and the offers of each auction that is over.
    pub(super) fn aftermaths(
        &self,
        auctions: &BTreeMap<AuctionId, Auction>,
    ) -> Result<BTreeMap<AuctionId, Aftermath>> {
        let ended = auctions.values().filter(|auction| auction.outcome.is_some());
        ended.map(|auction| Ok((auction.id, aftermath(self.connection, auction.id)?))).collect()
    }

    /// Those of the wanted references that were used before; each kind has an index of its own.
    pub(super) fn references(&self) -> Result<BTreeSet<Reference>> {
        let mut found = BTreeSet::new();
        for reference in &self.wanted.references {
            let (sql, words) = match reference {
                Reference::Deposit(words) => ("SELECT 1 FROM acts WHERE kind = 8 AND reason = ?1", words),
                Reference::Fees(words) => ("SELECT 1 FROM acts WHERE kind = 12 AND reason = ?1", words),
            };
            if self.connection.prepare_cached(sql)?.exists([words])? {
                found.insert(reference.clone());
            }
        }
        Ok(found)
    }

    /// Those of the wanted chores that are still to be done.
    pub(super) fn chores(&self) -> Result<BTreeSet<ChoreId>> {
        let mut found = BTreeSet::new();
        for chore in &self.wanted.chores {
            if self.connection.prepare_cached("SELECT 1 FROM chores WHERE id = ?1")?.exists([chore.0])? {
                found.insert(*chore);
            }
        }
        Ok(found)
    }

    /// The wanted transfers that are deposits, with what was taken back of them.
    pub(super) fn deposits(&self) -> Result<BTreeMap<TransferId, Deposited>> {
        let mut deposits = BTreeMap::new();
        for id in &self.wanted.deposits {
            let sql = "SELECT member, amount FROM transfers WHERE id = ?1 AND reason = 0";
            let came_in = |row: &Row<'_>| Ok((MemberId(row.get(0)?), rows::money(row.get(1)?, 1)?));
            let found = self.connection.prepare_cached(sql)?.query_row([id.0], came_in).optional()?;
            let Some((member, amount)) = found else { continue };
            let sql = format!("SELECT {DEBT_COLUMNS} FROM debts WHERE deposit = ?1");
            let debt = self.connection.prepare_cached(&sql)?.query_row([id.0], debt).optional()?;
            deposits.insert(*id, Deposited { member, amount, debt });
        }
        Ok(deposits)
    }

    /// What those of the wanted debtors lack who lack anything.
    pub(super) fn owed(
        &self,
        withdrawals: &BTreeMap<WithdrawalId, Withdrawal>,
    ) -> Result<BTreeMap<MemberId, Money>> {
        let mut owed = BTreeMap::new();
        let withdrawers = withdrawals.values().map(|withdrawal| withdrawal.member);
        for member in self.wanted.debtors.iter().copied().chain(withdrawers) {
            let missing = missing_of(self.connection, member)?;
            owed.extend((!missing.is_zero()).then_some((member, missing)));
        }
        Ok(owed)
    }

    /// What the house's account of fees holds, if it is wanted.
    pub(super) fn fees(&self) -> Result<Money> {
        if self.wanted.fees { fees(self.connection) } else { Ok(Money::ZERO) }
    }

    /// The wanted withdrawals that exist.
    pub(super) fn withdrawals(&self) -> Result<BTreeMap<WithdrawalId, Withdrawal>> {
        let mut withdrawals = BTreeMap::new();
        for id in &self.wanted.withdrawals {
            let sql = format!("SELECT {WITHDRAWAL_COLUMNS} FROM withdrawals WHERE id = ?1");
            let found = self.connection.prepare_cached(&sql)?.query_row([id.0], withdrawal).optional()?;
            withdrawals.extend(found.map(|withdrawal| (*id, withdrawal)));
        }
        Ok(withdrawals)
    }
}

/// What a member lacks in all.
pub(crate) fn missing_of(connection: &Connection, member: MemberId) -> Result<Money> {
    let sql = "SELECT coalesce(sum(missing), 0) FROM debts INDEXED BY debts_by_member WHERE member = ?1";
    connection.prepare_cached(sql)?.query_row([member.0], |row| rows::money(row.get(0)?, 0))
}

/// What the house earned and has not taken out: the sum of these transfers alone.
pub(crate) fn fees(connection: &Connection) -> Result<Money> {
    let sql = "SELECT coalesce(sum(CASE reason WHEN 5 THEN amount ELSE -amount END), 0) \
               FROM transfers INDEXED BY transfers_of_fees WHERE reason IN (5, 10)";
    connection.prepare_cached(sql)?.query_row([], |row| rows::money(row.get(0)?, 0))
}

/// The newest order and the offers of an auction.
pub(crate) fn aftermath(connection: &Connection, auction: AuctionId) -> Result<Aftermath> {
    let sql = format!("SELECT {ORDER_COLUMNS} FROM orders WHERE auction = ?1 ORDER BY number DESC LIMIT 1");
    let order = connection.prepare_cached(&sql)?.query_row([auction.0], order).optional()?;
    let sql = format!("SELECT {OFFER_COLUMNS} FROM offers WHERE auction = ?1 ORDER BY number");
    let offers = connection.prepare_cached(&sql)?.query_map([auction.0], offer)?.collect::<Result<_>>()?;
    Ok(Aftermath { order, offers })
}

/// Those of the listers on whose record stands too much at that time.
pub(crate) fn barred(connection: &Connection, listers: &[MemberId], now: Time) -> Result<BTreeSet<MemberId>> {
    let mut barred = BTreeSet::new();
    for member in listers {
        let sql = "SELECT count(*) FROM marks WHERE member = ?1 AND kind <> ?2 \
                   AND at > max(?3, coalesce((SELECT marks_lifted_at FROM members WHERE id = ?1), ?3))";
        let (own, since) = (number_of(&MarkKind::ALL, &MarkKind::BuyerDefault), now.minus(MARKS_COUNT_FOR).0);
        let values = (member.0, own, since);
        let count: i64 = connection.prepare_cached(sql)?.query_row(values, |row| row.get(0))?;
        if count >= MARKS_TO_BAR as i64 {
            barred.insert(*member);
        }
    }
    Ok(barred)
}
