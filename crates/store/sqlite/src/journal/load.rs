//! Reading for a round: auctions, then wallets and withdrawals, by id; then bidders' rows, blocks and keys.
//!
//! What plain bids never want (items, rivals, what follows a sale, marks) costs no statement unless it is wanted.

mod keys;
mod seldom;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use auction::{Aftermath, Auction, AuctionId, Bidder};
use ledger::{MemberId, Wallet};
use rusqlite::{Connection, OptionalExtension, Result, Row};
use store::{Loaded, MemberStanding, Next, Wanted};

use crate::rows;

pub(super) use self::seldom::barred;
pub(crate) use self::seldom::{aftermath, fees, missing_of};

/// The first free numbers, read from the tables.
pub(super) fn next(connection: &Connection) -> Result<Next> {
    let first_free = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, Option<i64>>(0)).map(after);
    Ok(Next {
        auction: first_free("SELECT max(id) FROM auctions")?,
        item: first_free("SELECT max(id) FROM items")?,
        order: first_free("SELECT max(id) FROM orders")?,
        transfer: first_free("SELECT max(id) FROM transfers")?,
        withdrawal: first_free("SELECT max(id) FROM withdrawals")?,
    })
}

fn after(highest: Option<i64>) -> i64 {
    highest.unwrap_or_default() + 1
}

/// Reads what one round wants.
pub(super) struct Reader<'a> {
    pub(super) connection: &'a Connection,
    pub(super) wanted: &'a Wanted,
}

impl Reader<'_> {
    /// Everything, and the newest transfer of each wallet.
    pub(super) fn all(&self, next: Next) -> Result<(Loaded, HashMap<MemberId, i64>)> {
        let auctions = self.auctions()?;
        let aftermaths = self.aftermaths(&auctions)?;
        let withdrawals = self.withdrawals()?;
        let deposits = self.deposits()?;
        let concerned = withdrawals.values().map(|withdrawal| withdrawal.member);
        let concerned = concerned.chain(deposits.values().map(|deposit| deposit.member));
        let (members, last_transfers) = self.members(&auctions, &aftermaths, concerned)?;
        let loaded = Loaded {
            bidders: self.bidders(&auctions, &aftermaths)?,
            blocked: self.blocked(&auctions)?,
            items: self.items(&auctions)?,
            pictures: self.pictures()?,
            keys: self.keys()?,
            owed: self.owed(&withdrawals)?,
            fees: self.fees()?,
            references: self.references()?,
            chores: self.chores()?,
            auctions,
            members,
            aftermaths,
            withdrawals,
            deposits,
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
        aftermaths: &BTreeMap<AuctionId, Aftermath>,
        concerned: impl Iterator<Item = MemberId>,
    ) -> Result<(BTreeMap<MemberId, MemberStanding>, HashMap<MemberId, i64>)> {
        let sellers = auctions.values().map(|auction| auction.seller);
        let leaders = auctions.values().filter_map(|auction| auction.leader).map(|leader| leader.member);
        let sides = aftermaths.values().flat_map(Aftermath::members);
        let wanted = self.wanted.members.iter().copied().chain(sellers).chain(leaders);
        let ids: BTreeSet<MemberId> = wanted.chain(sides).chain(concerned).collect();
        let sql = "SELECT m.suspended, w.available, w.held, w.version, w.last_transfer, m.is_admin, m.left_at IS NOT NULL \
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
        aftermaths: &BTreeMap<AuctionId, Aftermath>,
    ) -> Result<HashMap<(AuctionId, MemberId), Bidder>> {
        let leaders = auctions.values().filter_map(|auction| Some((auction.id, auction.leader?.member)));
        let bought = aftermaths.iter().flat_map(|(id, after)| after.members().map(|member| (*id, member)));
        let parts: BTreeSet<(AuctionId, MemberId)> =
            self.wanted.callers.iter().copied().chain(leaders).chain(bought).collect();
        let sql = format!("SELECT {} FROM bidders WHERE auction = ?1 AND member = ?2", rows::BIDDER_COLUMNS);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut bidders = HashMap::with_capacity(parts.len());
        for (auction, member) in parts {
            let found = statement.query_row((auction.0, member.0), |row| rows::bidder(row, 0)).optional()?;
            bidders.extend(found.map(|bidder| ((auction, member), bidder)));
        }
        self.rivals(auctions, &mut bidders)?;
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
}

fn member(row: &Row<'_>) -> Result<(MemberStanding, Option<i64>)> {
    let amount = |at: usize| rows::money(row.get::<_, Option<i64>>(at)?.unwrap_or_default(), at);
    let version = row.get::<_, Option<i64>>(3)?.unwrap_or_default();
    let wallet = Wallet { available: amount(1)?, held: amount(2)?, version };
    let (suspended, is_admin, has_left) = (row.get(0)?, row.get(5)?, row.get(6)?);
    Ok((MemberStanding { wallet, suspended, is_admin, has_left }, row.get(4)?))
}
