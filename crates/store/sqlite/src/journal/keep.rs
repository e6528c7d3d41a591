//! Keeping a round: every row of it, with prepared statements, each change counted.

mod auctions;
mod orders;
mod pictures;

use std::collections::HashMap;

use auction::{AuctionId, EventKind, ExtensionCause, Outcome, PriceRule, ReserveStatus, Seq, Time};
use ledger::{MemberId, Money, Reason};
use rusqlite::{Connection, OptionalExtension, Result, params};
use store::{AnswerKind, Nature, Next, Round};

use super::{expect_one, refuse_other_money};
use crate::failure::before_commit;
use crate::rows::{account_number, number_of, vain};

/// Writes one round.
pub(super) struct Writer<'a> {
    pub(super) connection: &'a Connection,
    pub(super) last_transfers: &'a mut HashMap<MemberId, i64>,
    /// Under which terms the round's auctions were read.
    pub(super) terms: &'a HashMap<AuctionId, i64>,
}

/// The first free numbers once this round is kept.
pub(super) fn after(next: Next, round: &Round) -> Next {
    let new_orders = round.orders.iter().filter(|(before, _)| before.is_none()).count();
    let behind = round.withdrawals.iter().map(|withdrawal| withdrawal.id.0 + 1);
    Next {
        auction: next.auction + (round.listed.len() + round.relisted.len()) as i64,
        item: next.item + round.listed.len() as i64,
        order: next.order + new_orders as i64,
        transfer: next.transfer + round.transfers.len() as i64,
        withdrawal: behind.fold(next.withdrawal, i64::max),
    }
}

/// Writes the heartbeat.
pub(super) fn beat(connection: &Connection, at: Time) -> Result<()> {
    let sql = "INSERT INTO heartbeat (id, at) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET at = excluded.at";
    connection.prepare_cached(sql)?.execute([at.0]).map(|_| ())
}

/// The first deposit binds a store to its kind of money for ever; it takes no other.
pub(super) fn bind_to(connection: &Connection, money: Nature) -> store::Result<()> {
    let bind = || -> Result<Option<String>> {
        let sql = "INSERT INTO nature (name, value) VALUES ('money', ?1) ON CONFLICT (name) DO NOTHING";
        connection.execute(sql, [money.name()])?;
        connection.query_row("SELECT value FROM nature WHERE name = 'money'", [], |row| row.get(0)).optional()
    };
    match bind().map_err(before_commit("binding the store to a kind of money"))? {
        Some(held) if held != money.name() => Err(refuse_other_money()),
        _ => Ok(()),
    }
}

impl Writer<'_> {
    /// Everything in the round, in the order of the locks.
    pub(super) fn all(mut self, round: &Round) -> Result<()> {
        self.listed(round)?;
        self.auctions(round)?;
        self.orders(round)?;
        self.transfers(round)?;
        self.wallets(round)?;
        self.people(round)?;
        self.bidders(round)?;
        self.events(round)?;
        self.keys(round)?;
        self.deadlines(round)?;
        self.heads(round)
    }

    fn transfers(&mut self, round: &Round) -> Result<()> {
        let sql = "INSERT INTO transfers (id, from_account, to_account, member, amount, reason, auction, order_id, at, \
                   previous) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        let mut statement = self.connection.prepare_cached(sql)?;
        for new in &round.transfers {
            let transfer = &new.transfer;
            let member = transfer.from.member().or(transfer.to.member());
            let previous = member.and_then(|member| self.last_transfers.insert(member, new.id.0));
            let changed = statement.execute(params![
                new.id.0,
                account_number(transfer.from),
                account_number(transfer.to),
                member.map(|member| member.0),
                transfer.amount.won(),
                number_of(&Reason::ALL, &transfer.reason),
                transfer.auction.map(|auction| auction.0),
                new.order.map(|order| order.0),
                new.at.0,
                previous
            ])?;
            expect_one(changed, "a new transfer")?;
        }
        Ok(())
    }

    fn wallets(&self, round: &Round) -> Result<()> {
        let sql = "INSERT INTO wallets (member, available, held, version, last_transfer) VALUES (?1, ?2, ?3, ?4, ?5) \
                   ON CONFLICT (member) DO UPDATE SET available = excluded.available, held = excluded.held, \
                   version = excluded.version, last_transfer = excluded.last_transfer \
                   WHERE version < excluded.version";
        let mut statement = self.connection.prepare_cached(sql)?;
        for (member, wallet) in &round.wallets {
            let last = self.last_transfers.get(member);
            let (available, held) = (wallet.available.won(), wallet.held.won());
            let changed = statement.execute((member.0, available, held, wallet.version, last))?;
            expect_one(changed, "a wallet as it was locked")?;
        }
        Ok(())
    }

    fn bidders(&self, round: &Round) -> Result<()> {
        let sql = "INSERT INTO bidders (auction, member, number, commitment, since, named, hold, is_out, vain) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) \
                   ON CONFLICT (auction, member) DO UPDATE SET commitment = excluded.commitment, since = excluded.since, \
                   named = excluded.named, hold = excluded.hold, is_out = excluded.is_out, vain = excluded.vain";
        let mut statement = self.connection.prepare_cached(sql)?;
        for bidder in &round.bidders {
            let changed = statement.execute(params![
                bidder.auction.0,
                bidder.member.0,
                bidder.number,
                bidder.commitment.won(),
                bidder.since.0,
                bidder.named.won(),
                bidder.hold.won(),
                bidder.is_out,
                vain(&bidder.vain)
            ])?;
            expect_one(changed, "a bidder's row")?;
        }
        Ok(())
    }

    fn events(&self, round: &Round) -> Result<()> {
        let sql = "INSERT INTO events (auction, seq, kind, at, actor, actor_number, amount, price, minimum, bid_count, \
                   leader, leader_number, ends_at, outcome, reason, cause, reserve, rule, terms, aside) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)";
        let mut statement = self.connection.prepare_cached(sql)?;
        for event in &round.events {
            let outcome = event.outcome.map(|outcome| number_of(&Outcome::ALL, &outcome));
            let changed = statement.execute(params![
                event.auction.0,
                event.seq.0,
                number_of(&EventKind::ALL, &event.kind),
                event.at.0,
                event.actor.map(|actor| actor.member.0),
                event.actor.map(|actor| actor.number),
                event.amount.map(Money::won),
                event.price.won(),
                event.minimum.map(Money::won),
                event.bid_count,
                event.leader.map(|leader| leader.member.0),
                event.leader.map(|leader| leader.number),
                event.ends_at.0,
                outcome,
                event.reason,
                event.cause.map(|cause| number_of(&ExtensionCause::ALL, &cause)),
                number_of(&ReserveStatus::ALL, &event.reserve),
                event.rule.map(|rule| number_of(&PriceRule::ALL, &rule)),
                event.terms,
                event.aside.map(|member| member.0)
            ])?;
            expect_one(changed, "a new event")?;
        }
        Ok(())
    }

    fn keys(&self, round: &Round) -> Result<()> {
        let sql = "INSERT INTO keys (key, member, fingerprint, auction, seq, order_id, transfer, at, kind, step, maximum, \
                   withdrawal, taken, missing) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
        let mut statement = self.connection.prepare_cached(sql)?;
        for new in &round.keys {
            let changed = statement.execute(params![
                &*new.key.text,
                new.key.member.0,
                new.fingerprint,
                new.event.map(|(auction, _)| auction.0),
                new.event.map(|(_, seq)| seq.0),
                new.order.map(|order| order.0),
                new.transfer.map(|transfer| transfer.0),
                new.at.0,
                number_of(&AnswerKind::ALL, &new.kind),
                new.step,
                new.maximum.map(Money::won),
                new.withdrawal.map(|withdrawal| withdrawal.0),
                new.taken.map(Money::won),
                new.missing.map(Money::won)
            ])?;
            expect_one(changed, "a new key")?;
        }
        Ok(())
    }

    fn deadlines(&self, round: &Round) -> Result<()> {
        let arm = "INSERT INTO deadlines (auction, at) VALUES (?1, ?2) ON CONFLICT (auction) DO UPDATE SET at = excluded.at";
        for (auction, deadline) in &round.deadlines {
            match deadline {
                Some(at) => self.connection.prepare_cached(arm)?.execute((auction.0, at.0))?,
                None => {
                    let disarm = "DELETE FROM deadlines WHERE auction = ?1";
                    self.connection.prepare_cached(disarm)?.execute([auction.0])?
                }
            };
        }
        Ok(())
    }

    /// The row that followers go by: of auctions and of orders number, step before and step after, little-endian. What
    /// changed silently is not in it.
    fn heads(&self, round: &Round) -> Result<()> {
        let new = round.listed.iter().map(|(_, _, auction)| auction).chain(&round.relisted);
        let new = new.map(|auction| (auction.id.0, 0, auction.seq.0));
        let changed = round.auctions.iter().filter(|(before, auction)| *before != auction.seq);
        let changed = changed.map(|(Seq(before), auction)| (auction.id.0, *before, auction.seq.0));
        let heads = little_endian(new.chain(changed));
        let orders = round.orders.iter().map(|(before, order)| (order.id.0, before.unwrap_or(0), order.seq));
        let orders = little_endian(orders.filter(|(_, before, after)| before != after));
        if heads.is_empty() && orders.is_empty() {
            return Ok(());
        }
        let sql = "INSERT INTO rounds (at, heads, orders) VALUES (?1, ?2, ?3)";
        expect_one(self.connection.prepare_cached(sql)?.execute((round.now.0, heads, orders))?, "a round")
    }
}

fn little_endian(heads: impl Iterator<Item = (i64, i64, i64)>) -> Vec<u8> {
    heads.flat_map(|(of, before, after)| [of, before, after]).flat_map(i64::to_le_bytes).collect()
}
