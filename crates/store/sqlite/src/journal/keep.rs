//! Keeping a round: every row of it, with prepared statements, each change counted.

use std::collections::HashMap;

use auction::{
    Auction, Condition, EventKind, ExtensionCause, Increments, Item, ItemId, Outcome, Seq, ShippingPayer,
    Status, Time,
};
use ledger::{MemberId, Reason};
use rusqlite::{Connection, OptionalExtension, Result, params};
use store::{Next, Round};

use super::{expect_one, refuse_real_money};
use crate::failure::before_commit;
use crate::rows::{account_number, number_of};

/// Writes one round.
pub(super) struct Writer<'a> {
    pub(super) connection: &'a Connection,
    pub(super) last_transfers: &'a mut HashMap<MemberId, i64>,
}

/// The first free numbers once this round is kept.
pub(super) fn after(next: Next, round: &Round) -> Next {
    Next {
        auction: next.auction + round.listed.len() as i64,
        item: next.item + round.listed.len() as i64,
        order: next.order + round.orders.len() as i64,
        transfer: next.transfer + round.transfers.len() as i64,
    }
}

/// Writes the heartbeat.
pub(super) fn beat(connection: &Connection, at: Time) -> Result<()> {
    let sql = "INSERT INTO heartbeat (id, at) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET at = excluded.at";
    connection.prepare_cached(sql)?.execute([at.0]).map(|_| ())
}

/// Play money binds a store for ever; one that holds real money takes none.
pub(super) fn bind_to_demo_money(connection: &Connection) -> store::Result<()> {
    let bind = || -> Result<Option<String>> {
        let sql = "INSERT INTO nature (name, value) VALUES ('money', 'demo') ON CONFLICT (name) DO NOTHING";
        connection.execute(sql, [])?;
        connection.query_row("SELECT value FROM nature WHERE name = 'money'", [], |row| row.get(0)).optional()
    };
    match bind().map_err(before_commit("binding the store to demo money"))? {
        Some(money) if money != "demo" => Err(refuse_real_money()),
        _ => Ok(()),
    }
}

impl Writer<'_> {
    /// Everything in the round, in the order of the locks.
    pub(super) fn all(mut self, round: &Round) -> Result<()> {
        for (item, what, auction) in &round.listed {
            self.item(*item, what, round.now)?;
            self.listed(auction)?;
        }
        self.auctions(round)?;
        self.orders(round)?;
        self.transfers(round)?;
        self.wallets(round)?;
        self.bidders(round)?;
        self.events(round)?;
        self.keys(round)?;
        self.deadlines(round)?;
        self.heads(round)
    }

    fn item(&self, id: ItemId, item: &Item, at: Time) -> Result<()> {
        let sql = "INSERT INTO items (id, seller, title, description, category, condition, shipping_payer, region, \
                   nationwide, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        let condition = item.condition.map(|condition| number_of(&Condition::ALL, &condition));
        let payer = item.shipping_payer.map(|payer| number_of(&ShippingPayer::ALL, &payer));
        let values = params![
            id.0,
            item.seller.0,
            item.title,
            item.description,
            item.category,
            condition,
            payer,
            item.region,
            item.nationwide,
            at.0
        ];
        expect_one(self.connection.prepare_cached(sql)?.execute(values)?, "a new item")
    }

    fn listed(&self, auction: &Auction) -> Result<()> {
        let sql = "INSERT INTO auctions (id, item, seller, seq, terms, status, outcome, start_price, bid_unit, ladder, \
                   buy_now, fee_rate, minimum_duration, soft_close, starts_at, listed_end, ends_at, latest, extensions, \
                   outage, price, leader, leader_number, commitment, bid_count, bidders, newest) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, 0, NULL, \
                   ?18, NULL, NULL, NULL, 0, 0, ?19)";
        let (unit, ladder) = match &auction.increments {
            Increments::Unit(unit) => (Some(unit.won()), None),
            Increments::Ladder(ladder) => (None, Some(ladder.to_string())),
        };
        let values = params![
            auction.id.0,
            auction.item.0,
            auction.seller.0,
            auction.seq.0,
            auction.terms,
            number_of(&Status::ALL, &auction.status),
            auction.start.won(),
            unit,
            ladder,
            auction.buy_now.map(ledger::Money::won),
            auction.fee_rate.parts(),
            auction.minimum_duration.0,
            auction.soft_close.0,
            auction.starts_at.0,
            auction.listed_end.0,
            auction.ends_at.0,
            auction.latest.0,
            auction.price.won(),
            auction.newest.0
        ];
        expect_one(self.connection.prepare_cached(sql)?.execute(values)?, "a new auction")
    }

    fn auctions(&self, round: &Round) -> Result<()> {
        let sql = "UPDATE auctions SET seq = ?3, status = ?4, outcome = ?5, ends_at = ?6, latest = ?7, \
                   extensions = ?8, outage = ?9, price = ?10, leader = ?11, leader_number = ?12, commitment = ?13, \
                   bid_count = ?14, bidders = ?15, newest = ?16 WHERE id = ?1 AND seq = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        for (Seq(before), auction) in &round.auctions {
            let leader = auction.leader;
            let changed = statement.execute(params![
                auction.id.0,
                before,
                auction.seq.0,
                number_of(&Status::ALL, &auction.status),
                auction.outcome.map(|outcome| number_of(&Outcome::ALL, &outcome)),
                auction.ends_at.0,
                auction.latest.0,
                auction.extensions,
                auction.outage.map(|at| at.0),
                auction.price.won(),
                leader.map(|leader| leader.member.0),
                leader.map(|leader| leader.number),
                leader.map(|leader| leader.commitment.won()),
                auction.bid_count,
                auction.bidders,
                auction.newest.0
            ])?;
            expect_one(changed, "an auction as it was locked")?;
        }
        Ok(())
    }

    fn orders(&self, round: &Round) -> Result<()> {
        let sql =
            "INSERT INTO orders (id, auction, buyer, seller, price, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let mut statement = self.connection.prepare_cached(sql)?;
        for new in &round.orders {
            let (id, buyer, price) = (new.order.id.0, new.order.buyer.0, new.order.price.won());
            let changed = statement.execute((id, new.auction.0, buyer, new.seller.0, price, new.at.0))?;
            expect_one(changed, "a new order")?;
        }
        Ok(())
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
        let sql = "INSERT INTO bidders (auction, member, number, commitment, hold) VALUES (?1, ?2, ?3, ?4, ?5) \
                   ON CONFLICT (auction, member) DO UPDATE SET commitment = excluded.commitment, hold = excluded.hold";
        let mut statement = self.connection.prepare_cached(sql)?;
        for bidder in &round.bidders {
            let (commitment, hold) = (bidder.commitment.won(), bidder.hold.won());
            let changed =
                statement.execute((bidder.auction.0, bidder.member.0, bidder.number, commitment, hold))?;
            expect_one(changed, "a bidder's row")?;
        }
        Ok(())
    }

    fn events(&self, round: &Round) -> Result<()> {
        let sql = "INSERT INTO events (auction, seq, kind, at, actor, actor_number, amount, price, minimum, bid_count, \
                   leader, leader_number, ends_at, outcome, reason, cause) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
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
                event.amount.map(ledger::Money::won),
                event.price.won(),
                event.minimum.map(ledger::Money::won),
                event.bid_count,
                event.leader.map(|leader| leader.member.0),
                event.leader.map(|leader| leader.number),
                event.ends_at.0,
                outcome,
                event.reason,
                event.cause.map(cause_number)
            ])?;
            expect_one(changed, "a new event")?;
        }
        Ok(())
    }

    fn keys(&self, round: &Round) -> Result<()> {
        let sql = "INSERT INTO keys (key, member, fingerprint, auction, seq, order_id, transfer, at) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
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
                new.at.0
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

    /// The row that followers go by: (auction, seq before, seq after), little-endian.
    fn heads(&self, round: &Round) -> Result<()> {
        let listed = round.listed.iter().map(|(_, _, auction)| (auction.id, Seq(0), auction.seq));
        let changed = round.auctions.iter().map(|(before, auction)| (auction.id, *before, auction.seq));
        let heads: Vec<u8> = listed
            .chain(changed)
            .flat_map(|(auction, before, after)| [auction.0, before.0, after.0])
            .flat_map(i64::to_le_bytes)
            .collect();
        if heads.is_empty() {
            return Ok(());
        }
        let mut statement =
            self.connection.prepare_cached("INSERT INTO rounds (at, heads) VALUES (?1, ?2)")?;
        expect_one(statement.execute((round.now.0, heads))?, "a round")
    }
}

fn cause_number(cause: ExtensionCause) -> i64 {
    match cause {
        ExtensionCause::Outage => 0,
    }
}
