//! Writing rows as the two doors write them, but many at a time.

use std::collections::HashMap;

use auction::{Auction, Condition, Event, EventKind, Increments, Item, ItemId, ShippingPayer, Status, Time};
use ledger::{MemberId, Reason};
use rusqlite::{Connection, Result, Row, params};

use crate::rows::number_of;

/// Where things are, and of what kind they are, as far as the store says.
pub(super) struct Places {
    /// Neighbourhoods.
    pub(super) regions: Vec<i64>,
    categories: HashMap<String, i64>,
}

impl Places {
    pub(super) fn read(connection: &Connection) -> Result<Places> {
        let mut regions = connection.prepare("SELECT id FROM regions WHERE level = 3 ORDER BY id")?;
        let regions = regions.query_map([], |row| row.get(0))?.collect::<Result<_>>()?;
        let mut categories = connection.prepare("SELECT slug, id FROM categories")?;
        let category = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let categories = categories.query_map([], category)?.collect::<Result<_>>()?;
        Ok(Places { regions, categories })
    }

    /// The category of that slug.
    pub(super) fn category(&self, slug: &str) -> Option<i64> {
        self.categories.get(slug).copied()
    }
}

/// Whether nobody has ever used the store.
pub(super) fn is_empty(connection: &Connection) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM members) OR EXISTS (SELECT 1 FROM auctions) OR \
               EXISTS (SELECT 1 FROM items) OR EXISTS (SELECT 1 FROM transfers) OR EXISTS (SELECT 1 FROM events)";
    connection.query_row(sql, [], |row| row.get::<_, bool>(0)).map(|is_used| !is_used)
}

/// Writes within one transaction.
pub(super) struct Writing<'a> {
    pub(super) connection: &'a Connection,
}

impl Writing<'_> {
    pub(super) fn member(&self, id: MemberId, hash: &str, region: Option<i64>, at: Time) -> Result<()> {
        let sql = "INSERT INTO members (id, username, nickname, skeleton, password_hash, region, created_at) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let (username, nickname) = (format!("member{}", id.0), format!("이웃 {}", id.0));
        let skeleton = format!("seeded {}", id.0);
        let values = params![id.0, username, nickname, skeleton, hash, region, at.0];
        self.connection.prepare_cached(sql)?.execute(values).map(|_| ())
    }

    /// A demo deposit; the first binds the store to play money.
    pub(super) fn deposit(
        &self,
        id: i64,
        member: MemberId,
        amount: i64,
        at: Time,
        previous: Option<i64>,
    ) -> Result<()> {
        if id == 1 {
            let sql = "INSERT INTO nature (name, value) VALUES ('money', 'demo')";
            self.connection.execute(sql, [])?;
        }
        let sql = "INSERT INTO transfers (id, from_account, to_account, member, amount, reason, at, previous) \
                   VALUES (?1, 1, 5, ?2, ?3, ?4, ?5, ?6)";
        let values = params![id, member.0, amount, number_of(&Reason::ALL, &Reason::Deposit), at.0, previous];
        self.connection.prepare_cached(sql)?.execute(values).map(|_| ())
    }

    pub(super) fn wallet(&self, member: MemberId, available: i64, version: i64, last: i64) -> Result<()> {
        let sql = "INSERT INTO wallets (member, available, held, version, last_transfer) VALUES (?1, ?2, 0, ?3, ?4)";
        self.connection.prepare_cached(sql)?.execute((member.0, available, version, last)).map(|_| ())
    }

    pub(super) fn item(&self, id: ItemId, item: &Item, at: Time) -> Result<()> {
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
        self.connection.prepare_cached(sql)?.execute(values).map(|_| ())
    }

    /// An auction without bids.
    pub(super) fn auction(&self, auction: &Auction) -> Result<()> {
        let sql = "INSERT INTO auctions (id, item, seller, seq, terms, status, start_price, bid_unit, ladder, buy_now, \
                   fee_rate, minimum_duration, soft_close, starts_at, listed_end, ends_at, latest, extensions, price, \
                   bid_count, bidders, newest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, \
                   ?16, ?17, ?18, ?19, 0, 0, ?20)";
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
            auction.extensions,
            auction.price.won(),
            auction.newest.0
        ];
        self.connection.prepare_cached(sql)?.execute(values).map(|_| ())
    }

    /// An event of an auction that nobody has bid on.
    pub(super) fn event(&self, event: &Event) -> Result<()> {
        let sql = "INSERT INTO events (auction, seq, kind, at, price, minimum, bid_count, ends_at) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let kind = number_of(&EventKind::ALL, &event.kind);
        let minimum = event.minimum.map(ledger::Money::won);
        let (auction, price) = (event.auction.0, event.price.won());
        let values =
            (auction, event.seq.0, kind, event.at.0, price, minimum, event.bid_count, event.ends_at.0);
        self.connection.prepare_cached(sql)?.execute(values).map(|_| ())
    }

    pub(super) fn deadline(&self, auction: &Auction) -> Result<()> {
        let sql = "INSERT INTO deadlines (auction, at) VALUES (?1, ?2)";
        let at = auction.deadline().map(|at| at.0);
        self.connection.prepare_cached(sql)?.execute((auction.id.0, at)).map(|_| ())
    }

    pub(super) fn listing(&self, auction: &Auction, item: &Item) -> Result<()> {
        let sql = "INSERT INTO listings (auction, seq, title, seller, category, region, nationwide, condition, status, \
                   price, buy_now, bid_count, starts_at, ends_at, told) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?2)";
        let condition = item.condition.map(|condition| number_of(&Condition::ALL, &condition));
        let values = params![
            auction.id.0,
            auction.seq.0,
            item.title,
            item.seller.0,
            item.category,
            item.region,
            item.nationwide,
            condition,
            number_of(&Status::ALL, &auction.status),
            auction.price.won(),
            auction.buy_now.map(ledger::Money::won),
            auction.bid_count,
            auction.starts_at.0,
            auction.ends_at.0
        ];
        self.connection.prepare_cached(sql)?.execute(values)?;
        let words = store::words::kept(&item.title, &item.description).join(" ");
        let sql = "INSERT INTO listing_words (rowid, words) VALUES (?1, ?2)";
        self.connection.prepare_cached(sql)?.execute((auction.id.0, words)).map(|_| ())
    }
}
