//! Reading for a round: auctions, then wallets, by id; then bidders' rows, blocks and keys.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use auction::{Auction, AuctionId, Bidder, OrderId, Seq, Time};
use ledger::{MemberId, TransferId, Wallet};
use rusqlite::{CachedStatement, Connection, OptionalExtension, Result, Row};
use store::{FirstAnswer, KeptDeposit, KeptKey, Key, Loaded, MemberStanding, Next, Wanted};

use crate::rows;

/// The first free numbers, read from the tables.
pub(super) fn next(connection: &Connection) -> Result<Next> {
    let first_free = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, Option<i64>>(0)).map(after);
    Ok(Next {
        auction: first_free("SELECT max(id) FROM auctions")?,
        item: first_free("SELECT max(id) FROM items")?,
        order: first_free("SELECT max(id) FROM orders")?,
        transfer: first_free("SELECT max(id) FROM transfers")?,
    })
}

fn after(highest: Option<i64>) -> i64 {
    highest.unwrap_or_default() + 1
}

/// What a key's row points at: fingerprint, auction, seq, order, transfer.
type KeyRow = (i64, Option<i64>, Option<i64>, Option<i64>, Option<i64>);

/// Reads what one round wants.
pub(super) struct Reader<'a> {
    pub(super) connection: &'a Connection,
    pub(super) wanted: &'a Wanted,
}

impl Reader<'_> {
    /// Everything, and the newest transfer of each wallet.
    pub(super) fn all(&self, next: Next) -> Result<(Loaded, HashMap<MemberId, i64>)> {
        let auctions = self.auctions()?;
        let (members, last_transfers) = self.members(&auctions)?;
        let loaded = Loaded {
            bidders: self.bidders(&auctions)?,
            blocked: self.blocked(&auctions)?,
            keys: self.keys()?,
            auctions,
            members,
            next,
            ..Loaded::default()
        };
        Ok((loaded, last_transfers))
    }

    fn auctions(&self) -> Result<BTreeMap<AuctionId, Auction>> {
        let sql = format!("SELECT {} FROM auctions WHERE id = ?1", rows::AUCTION_COLUMNS);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut auctions = BTreeMap::new();
        for id in &self.wanted.auctions {
            if let Some(found) = statement.query_row([id.0], |row| rows::auction(row, 0)).optional()? {
                auctions.insert(*id, found);
            }
        }
        Ok(auctions)
    }

    fn members(
        &self,
        auctions: &BTreeMap<AuctionId, Auction>,
    ) -> Result<(BTreeMap<MemberId, MemberStanding>, HashMap<MemberId, i64>)> {
        let sellers = auctions.values().map(|auction| auction.seller);
        let leaders = auctions.values().filter_map(|auction| auction.leader).map(|leader| leader.member);
        let ids: BTreeSet<MemberId> =
            self.wanted.members.iter().copied().chain(sellers).chain(leaders).collect();
        let sql = "SELECT m.suspended, w.available, w.held, w.version, w.last_transfer \
                   FROM members m LEFT JOIN wallets w ON w.member = m.id WHERE m.id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut standings = BTreeMap::new();
        let mut last_transfers = HashMap::with_capacity(ids.len());
        for id in ids {
            let Some((standing, last)) = statement.query_row([id.0], member).optional()? else { continue };
            standings.insert(id, standing);
            last_transfers.extend(last.map(|last| (id, last)));
        }
        Ok((standings, last_transfers))
    }

    fn bidders(
        &self,
        auctions: &BTreeMap<AuctionId, Auction>,
    ) -> Result<HashMap<(AuctionId, MemberId), Bidder>> {
        let leaders = auctions.values().filter_map(|auction| Some((auction.id, auction.leader?.member)));
        let parts: BTreeSet<(AuctionId, MemberId)> =
            self.wanted.callers.iter().copied().chain(leaders).collect();
        let sql = "SELECT number, commitment, hold FROM bidders WHERE auction = ?1 AND member = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut bidders = HashMap::with_capacity(parts.len());
        for (auction, member) in parts {
            let bidder = |row: &Row<'_>| {
                let (commitment, hold) = (rows::money(row.get(1)?, 1)?, rows::money(row.get(2)?, 2)?);
                Ok(Bidder { auction, member, number: row.get(0)?, commitment, hold })
            };
            if let Some(found) = statement.query_row((auction.0, member.0), bidder).optional()? {
                bidders.insert((auction, member), found);
            }
        }
        Ok(bidders)
    }

    fn blocked(&self, auctions: &BTreeMap<AuctionId, Auction>) -> Result<Vec<(AuctionId, MemberId)>> {
        let mut statement =
            self.connection.prepare_cached("SELECT 1 FROM blocks WHERE seller = ?1 AND member = ?2")?;
        let mut blocked = Vec::new();
        for (id, member) in &self.wanted.callers {
            let Some(auction) = auctions.get(id) else { continue };
            if statement.exists((auction.seller.0, member.0))? {
                blocked.push((*id, *member));
            }
        }
        Ok(blocked)
    }

    fn keys(&self) -> Result<HashMap<Key, KeptKey>> {
        let sql =
            "SELECT fingerprint, auction, seq, order_id, transfer FROM keys WHERE key = ?1 AND member = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut keys = HashMap::new();
        for key in &self.wanted.keys {
            let columns =
                |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?));
            let found: Option<KeyRow> =
                statement.query_row((&*key.text, key.member.0), columns).optional()?;
            if let Some(row) = found {
                keys.insert(key.clone(), KeptKey { fingerprint: row.0, first: self.first_answer(row)? });
            }
        }
        Ok(keys)
    }

    fn first_answer(&self, (_, auction, seq, order, transfer): KeyRow) -> Result<FirstAnswer> {
        if let Some(transfer) = transfer {
            let mut statement: CachedStatement<'_> =
                self.connection.prepare_cached("SELECT amount, at FROM transfers WHERE id = ?1")?;
            let deposit = |row: &Row<'_>| {
                let (id, at) = (TransferId(transfer), Time(row.get(1)?));
                Ok(KeptDeposit { id, amount: rows::money(row.get(0)?, 0)?, at })
            };
            return statement.query_row([transfer], deposit).map(FirstAnswer::Deposit);
        }
        let (auction, seq) = (auction.unwrap_or_default(), seq.map_or(Seq::default(), Seq));
        let sql = format!("SELECT {} FROM events WHERE auction = ?1 AND seq = ?2", rows::EVENT_COLUMNS);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let event = statement.query_row((auction, seq.0), |row| rows::event(row, 0))?;
        Ok(FirstAnswer::Auction { event, order: order.map(OrderId) })
    }
}

fn member(row: &Row<'_>) -> Result<(MemberStanding, Option<i64>)> {
    let amount = |at: usize| rows::money(row.get::<_, Option<i64>>(at)?.unwrap_or_default(), at);
    let version = row.get::<_, Option<i64>>(3)?.unwrap_or_default();
    let wallet = Wallet { available: amount(1)?, held: amount(2)?, version };
    Ok((MemberStanding { wallet, suspended: row.get(0)? }, row.get(4)?))
}
