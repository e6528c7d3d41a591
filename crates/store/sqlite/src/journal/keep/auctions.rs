//! Keeping auctions and items: new ones, those that changed, and the words of old ones.
//!
//! A bid changes few columns, and only these are written; an edit, which is told by its terms, writes all of them.

use super::pictures;
use auction::{
    Auction, AuctionId, Condition, Increments, Item, ItemId, Outcome, Seq, ShippingPayer, Status, Time,
};
use ledger::Money;
use rusqlite::types::ToSql;
use rusqlite::{Result, params};
use store::Round;

use super::super::expect_one;
use super::Writer;
use crate::rows::number_of;

impl Writer<'_> {
    /// New items with their auctions, auctions of items that are there, descriptions that changed, and those that stay.
    pub(super) fn listed(&self, round: &Round) -> Result<()> {
        for (item, what, auction) in &round.listed {
            self.new_item(*item, what, round.now)?;
            self.new_auction(auction)?;
        }
        round.relisted.iter().try_for_each(|auction| self.new_auction(auction))?;
        round.items.iter().try_for_each(|(id, item)| self.item(*id, item))?;
        round.history.iter().try_for_each(|(auction, words)| self.history(*auction, words))
    }

    fn new_item(&self, id: ItemId, item: &Item, at: Time) -> Result<()> {
        let sql = "INSERT INTO items (id, seller, title, description, category, condition, shipping_payer, region, \
                   nationwide, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        let (condition, payer) = numbers(item);
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
        expect_one(self.connection.prepare_cached(sql)?.execute(values)?, "a new item")?;
        pictures::keep(self.connection, pictures::NEW, id.0, item)
    }

    fn item(&self, id: ItemId, item: &Item) -> Result<()> {
        let sql = "UPDATE items SET title = ?3, description = ?4, category = ?5, condition = ?6, shipping_payer = ?7, \
                   region = ?8, nationwide = ?9 WHERE id = ?1 AND seller = ?2";
        let (condition, payer) = numbers(item);
        let values = params![
            id.0,
            item.seller.0,
            item.title,
            item.description,
            item.category,
            condition,
            payer,
            item.region,
            item.nationwide
        ];
        expect_one(self.connection.prepare_cached(sql)?.execute(values)?, "an item as it was read")?;
        pictures::replace(self.connection, id.0, item)
    }

    /// The words that an auction keeps whose item is auctioned again.
    fn history(&self, auction: AuctionId, words: &Item) -> Result<()> {
        let sql = "INSERT INTO item_history (auction, title, description, category, condition, shipping_payer, region, \
                   nationwide) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let (condition, payer) = numbers(words);
        let Item { title, description, category, region, nationwide, .. } = words;
        let values = params![auction.0, title, description, category, condition, payer, region, nationwide];
        expect_one(self.connection.prepare_cached(sql)?.execute(values)?, "the words of an auction")?;
        pictures::keep(self.connection, pictures::OLD, auction.0, words)
    }

    fn new_auction(&self, auction: &Auction) -> Result<()> {
        let sql = "INSERT INTO auctions (id, item, seller, seq, terms, status, outcome, start_price, bid_unit, ladder, \
                   buy_now, fee_rate, minimum_duration, soft_close, starts_at, listed_end, ends_at, latest, extensions, \
                   outage, price, leader, leader_number, commitment, bid_count, bidders, newest, reserve) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, 0, NULL, \
                   ?18, NULL, NULL, NULL, 0, 0, ?19, ?20)";
        let (unit, ladder) = increments(auction);
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
            auction.buy_now.map(Money::won),
            auction.fee_rate.parts(),
            auction.minimum_duration.0,
            auction.soft_close.0,
            auction.starts_at.0,
            auction.listed_end.0,
            auction.ends_at.0,
            auction.latest.0,
            auction.price.won(),
            auction.newest.0,
            auction.reserve.map(Money::won)
        ];
        expect_one(self.connection.prepare_cached(sql)?.execute(values)?, "a new auction")
    }

    /// Auctions that changed, each where it still stands as it was locked.
    pub(super) fn auctions(&self, round: &Round) -> Result<()> {
        let sql = "UPDATE auctions SET seq = ?3, status = ?4, outcome = ?5, ends_at = ?6, latest = ?7, \
                   extensions = ?8, outage = ?9, price = ?10, leader = ?11, leader_number = ?12, commitment = ?13, \
                   leader_since = ?14, bid_count = ?15, bidders = ?16, newest = ?17, reserve = ?18, \
                   seller_extensions = ?19, afresh = ?20, seller_took_back = ?21, followed_by = ?22 \
                   WHERE id = ?1 AND seq = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        for (before, auction) in &round.auctions {
            let is_edited = self.terms.get(&auction.id) != Some(&auction.terms);
            let changed = match is_edited {
                true => self.edited(*before, auction)?,
                false => with_life(*before, auction, |values| statement.execute(values))?,
            };
            expect_one(changed, "an auction as it was locked")?;
        }
        Ok(())
    }

    /// All columns in one statement: what they are compared with, as the price with the start, changes with them.
    fn edited(&self, before: Seq, auction: &Auction) -> Result<usize> {
        let sql = "UPDATE auctions SET seq = ?3, status = ?4, outcome = ?5, ends_at = ?6, latest = ?7, \
                   extensions = ?8, outage = ?9, price = ?10, leader = ?11, leader_number = ?12, commitment = ?13, \
                   leader_since = ?14, bid_count = ?15, bidders = ?16, newest = ?17, reserve = ?18, \
                   seller_extensions = ?19, afresh = ?20, seller_took_back = ?21, followed_by = ?22, \
                   terms = ?23, start_price = ?24, bid_unit = ?25, ladder = ?26, buy_now = ?27, fee_rate = ?28, \
                   minimum_duration = ?29, soft_close = ?30, starts_at = ?31, listed_end = ?32, notes = ?33 \
                   WHERE id = ?1 AND seq = ?2";
        let (unit, ladder) = increments(auction);
        let (start, buy_now) = (auction.start.won(), auction.buy_now.map(Money::won));
        let (fee_rate, minimum_duration) = (auction.fee_rate.parts(), auction.minimum_duration.0);
        let (soft_close, starts_at) = (auction.soft_close.0, auction.starts_at.0);
        let terms: [&dyn ToSql; 11] = [
            &auction.terms,
            &start,
            &unit,
            &ladder,
            &buy_now,
            &fee_rate,
            &minimum_duration,
            &soft_close,
            &starts_at,
            &auction.listed_end.0,
            &auction.notes,
        ];
        with_life(before, auction, |life| {
            let values: Vec<&dyn ToSql> = life.iter().copied().chain(terms).collect();
            self.connection.prepare_cached(sql)?.execute(&*values)
        })
    }
}

/// Hands over what changes in an auction's life, with which both statements begin.
fn with_life(
    Seq(before): Seq,
    auction: &Auction,
    write: impl FnOnce(&[&dyn ToSql]) -> Result<usize>,
) -> Result<usize> {
    let leader = auction.leader;
    write(params![
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
        leader.map_or(0, |leader| leader.since.0),
        auction.bid_count,
        auction.bidders,
        auction.newest.0,
        auction.reserve.map(Money::won),
        auction.seller_extensions,
        auction.afresh.0,
        auction.seller_took_back,
        auction.followed_by.map(|auction| auction.0)
    ])
}

fn increments(auction: &Auction) -> (Option<i64>, Option<String>) {
    match &auction.increments {
        Increments::Unit(unit) => (Some(unit.won()), None),
        Increments::Ladder(ladder) => (None, Some(ladder.to_string())),
    }
}

/// Condition and payer, as they stand in their columns.
fn numbers(item: &Item) -> (Option<i64>, Option<i64>) {
    let condition = item.condition.map(|condition| number_of(&Condition::ALL, &condition));
    (condition, item.shipping_payer.map(|payer| number_of(&ShippingPayer::ALL, &payer)))
}
