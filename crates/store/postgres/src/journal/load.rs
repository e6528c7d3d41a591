//! Reading for a round: the auctions' locks, then the wallets', then the withdrawals', by number; then the fees and the
//! uploads; then members, bidders'
//! rows, blocks and keys; the clock last. A statement that locks reads nothing but the rows it locks: after a wait, all
//! else would be stale.

pub(super) mod after;
pub(super) mod answers;
pub(super) mod owing;
pub(super) mod pictures;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use auction::{Aftermath, Auction, AuctionId, Bidder, Item, Time};
use ledger::{MemberId, Wallet};
use store::{Loaded, MemberStanding, Wanted};
use tokio_postgres::Row;

use super::line::Line;
use crate::Timekeeper;
use crate::failure::Fault;
use crate::rows;

type Result<T> = std::result::Result<T, Fault>;

/// What was read for a round.
pub(super) struct Read {
    pub(super) loaded: Loaded,
    /// The newest transfer of each wallet that has one.
    pub(super) last_transfers: HashMap<MemberId, i64>,
    /// Members who have no wallet to lock: they need one, and the round must begin anew.
    pub(super) without_wallet: Vec<i64>,
}

/// Reads what one round wants.
pub(super) struct Reader<'a> {
    pub(super) line: &'a Line,
    pub(super) wanted: &'a Wanted,
    pub(super) clock: Clock<'a>,
}

/// The clock that rounds go by.
pub(super) struct Clock<'a> {
    pub(super) line: &'a Line,
    pub(super) time: &'a Timekeeper,
}

/// The time in the first row, if there is one.
pub(super) fn time(rows: &[Row]) -> Result<Option<Time>> {
    Ok(rows.first().map(|row| row.try_get(0).map(Time)).transpose()?)
}

/// Not `now()`: that is when the transaction began, before it waited for any lock.
pub(super) const CLOCK: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

impl Clock<'_> {
    /// The time, read now.
    pub(super) async fn now(&self) -> Result<Time> {
        self.read(&self.ask().await?)
    }

    /// Asks the database, if its clock is the one.
    async fn ask(&self) -> Result<Vec<Row>> {
        match self.time {
            Timekeeper::Database => self.line.rows(CLOCK, &[]).await,
            Timekeeper::Handed(_) => Ok(Vec::new()),
        }
    }

    /// The time, once everything that was asked is answered.
    fn read(&self, asked: &[Row]) -> Result<Time> {
        match self.time {
            Timekeeper::Database => time(asked)?.ok_or_else(|| Fault::unlike("a clock")),
            Timekeeper::Handed(clock) => Ok(clock()),
        }
    }
}

pub(super) const HEARTBEAT: &str = "SELECT at FROM heartbeat WHERE id = 1";

// A row that is written often leaves versions behind, which cannot be removed while anybody's snapshot may need them, and a
// look-up by its number walks all of them, oldest first. Those statements that meet busy rows walk the index backwards
// instead, where the newest version usually stands first. It takes a range to make them: for `id = $1` the planner drops
// the order. With a reader open for four minutes this is 6 pages for a look-up instead of 790 (docs/benchmarks.md).

/// Locks the auctions, in the order in which they are asked for.
pub(super) const AUCTIONS: &str = concat!(
    "SELECT a.* FROM unnest($1::bigint[]) AS w (wanted) CROSS JOIN LATERAL (SELECT ",
    rows::auction_columns!(),
    " FROM auctions WHERE id >= w.wanted AND id <= w.wanted ORDER BY id DESC LIMIT 1 FOR NO KEY UPDATE) AS a"
);

/// Locks the wallets, in the order in which they are asked for.
pub(super) const WALLETS: &str = "SELECT a.* FROM unnest($1::bigint[]) AS w (wanted) CROSS JOIN LATERAL \
     (SELECT member, available, held, version, last_transfer FROM wallets \
     WHERE member >= w.wanted AND member <= w.wanted ORDER BY member DESC LIMIT 1 FOR NO KEY UPDATE) AS a";

pub(super) const MEMBERS: &str =
    "SELECT id, suspended, is_admin, left_at IS NOT NULL FROM members WHERE id = ANY($1)";

/// One probe of the index for each row that is wanted: with `LIMIT` in it, no plan can do otherwise.
pub(super) const BIDDERS: &str = concat!(
    "SELECT w.auction, w.member, b.* \
     FROM unnest($1::bigint[], $2::bigint[]) AS w (auction, member) CROSS JOIN LATERAL (SELECT ",
    rows::bidder_columns!(),
    " FROM bidders WHERE auction = w.auction AND member >= w.member \
     AND member <= w.member ORDER BY auction DESC, member DESC LIMIT 1) AS b"
);

/// Those with the highest commitments that count. No index is in that order, as a bid would have to dirty it: all bidders
/// of the auction are read, which only those commands ask for that are rare.
pub(super) const RIVALS: &str = concat!(
    "SELECT w.auction, b.* \
     FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS w (auction, afresh, most) CROSS JOIN LATERAL \
     (SELECT member, ",
    rows::bidder_columns!(),
    " FROM bidders WHERE auction = w.auction AND NOT is_out AND since > w.afresh \
     ORDER BY commitment DESC, since, member LIMIT w.most) AS b"
);

pub(super) const BLOCKED: &str = "SELECT w.auction, w.member \
     FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS w (auction, seller, member) CROSS JOIN LATERAL \
     (SELECT 1 FROM blocks WHERE seller = w.seller AND member = w.member LIMIT 1) AS b";

/// Items, as their auctions' locks keep them and as these show them.
pub(super) const ITEMS: &str = concat!(
    "SELECT w.auction, ",
    rows::words!(),
    " FROM unnest($1::bigint[], $2::bigint[]) AS w (auction, item) JOIN items i ON i.id = w.item \
     LEFT JOIN item_history h ON h.auction = w.auction"
);

impl Reader<'_> {
    /// Begins a transaction and reads everything, in two flights; in three where an auction is over, for whose wallets are
    /// to be locked then stands in its order and its offers.
    pub(super) async fn all(&self) -> Result<Read> {
        let (begun, auctions, withdrawers, came_in) =
            tokio::join!(biased; self.line.begin(), self.auctions(), self.withdrawers(), self.came_in());
        begun?;
        let (auctions, withdrawers, came_in) = (auctions?, withdrawers?, came_in?);
        let mut concerned = withdrawers.clone();
        concerned.extend(came_in.values().map(|(member, _)| *member));
        let aftermaths = self.aftermaths(&auctions).await?;
        concerned.extend(aftermaths.values().flat_map(Aftermath::members));
        let ids = self.members_of(&auctions, concerned);
        let (
            wallets,
            (withdrawals, owing, uploads),
            members,
            bidders,
            rivals,
            blocked,
            items,
            marks,
            references,
            chores,
            keys,
            heartbeat,
            clock,
        ) = tokio::join!(
            biased;
            self.wallets(&ids),
            async { tokio::join!(biased; self.withdrawals(), self.owing(&withdrawers), self.uploads()) },
            self.members(&ids),
            self.bidders(&auctions, &aftermaths),
            self.rivals(&auctions),
            self.blocked(&auctions),
            self.items(&auctions),
            self.marks(),
            self.references(),
            self.chores(),
            self.keys(),
            self.line.rows(HEARTBEAT, &[]),
            self.clock.ask()
        );
        let (wallets, last_transfers) = wallets?;
        let (fees, debts, owed) = owing?;
        let (members, without_wallet) = standings(&members?, &wallets)?;
        let mut bidders = bidders?;
        bidders.extend(rivals?);
        let (blocked, items, marks, keys, heartbeat) = (blocked?, items?, marks?, keys?, time(&heartbeat?)?);
        let now = self.clock.read(&clock?)?;
        let loaded = Loaded {
            now,
            heartbeat,
            members,
            bidders,
            blocked,
            items,
            aftermaths,
            pictures: uploads?,
            barred: after::barred(marks, now),
            withdrawals: withdrawals?,
            deposits: owing::deposits(came_in, debts),
            owed,
            fees,
            references: references?,
            chores: chores?,
            keys,
            auctions,
            ..Loaded::default()
        };
        Ok(Read { loaded, last_transfers, without_wallet })
    }

    async fn auctions(&self) -> Result<BTreeMap<AuctionId, Auction>> {
        let ids: Vec<i64> = self.wanted.auctions.iter().map(|id| id.0).collect();
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows = self.line.rows(AUCTIONS, &[&ids]).await?;
        let auctions = rows.iter().map(|row| rows::auction(row, 0).map(|auction| (auction.id, auction)));
        auctions.collect()
    }

    /// The callers, sellers, leaders and whoever else is concerned, by number.
    fn members_of(&self, auctions: &BTreeMap<AuctionId, Auction>, concerned: BTreeSet<MemberId>) -> Vec<i64> {
        let mut ids = concerned;
        ids.extend(&self.wanted.members);
        ids.extend(auctions.values().map(|auction| auction.seller));
        ids.extend(auctions.values().filter_map(|auction| auction.leader).map(|leader| leader.member));
        ids.into_iter().map(|id| id.0).collect()
    }

    async fn wallets(&self, ids: &[i64]) -> Result<(HashMap<MemberId, Wallet>, HashMap<MemberId, i64>)> {
        let rows = self.line.rows(WALLETS, &[&ids]).await?;
        let mut wallets = HashMap::with_capacity(rows.len());
        let mut last_transfers = HashMap::with_capacity(rows.len());
        for row in rows {
            let member = MemberId(row.try_get(0)?);
            let amount = |at: usize| rows::money(row.try_get(at)?, at);
            let wallet = Wallet { available: amount(1)?, held: amount(2)?, version: row.try_get(3)? };
            wallets.insert(member, wallet);
            last_transfers.extend(Some(row.try_get(4)?).filter(|last| *last != 0).map(|last| (member, last)));
        }
        Ok((wallets, last_transfers))
    }

    async fn members(&self, ids: &[i64]) -> Result<Vec<Row>> {
        self.line.rows(MEMBERS, &[&ids]).await
    }

    async fn bidders(
        &self,
        auctions: &BTreeMap<AuctionId, Auction>,
        aftermaths: &BTreeMap<AuctionId, Aftermath>,
    ) -> Result<Parts> {
        let leaders = auctions.values().filter_map(|auction| Some((auction.id, auction.leader?.member)));
        let bought = aftermaths.iter().flat_map(|(id, after)| after.members().map(|member| (*id, member)));
        let parts: BTreeSet<(AuctionId, MemberId)> =
            self.wanted.callers.iter().copied().chain(leaders).chain(bought).collect();
        if parts.is_empty() {
            return Ok(Parts::new());
        }
        let (auctions, members): (Vec<i64>, Vec<i64>) =
            parts.into_iter().map(|(auction, member)| (auction.0, member.0)).unzip();
        self.line.rows(BIDDERS, &[&auctions, &members]).await?.iter().map(part).collect()
    }

    async fn rivals(&self, auctions: &BTreeMap<AuctionId, Auction>) -> Result<Parts> {
        let (mut ids, mut afresh, mut most) = (Vec::new(), Vec::new(), Vec::new());
        for (id, count) in &self.wanted.rivals {
            let Some(auction) = auctions.get(id) else { continue };
            ids.push(id.0);
            afresh.push(auction.afresh.0);
            most.push(i64::try_from(*count).unwrap_or(i64::MAX));
        }
        if ids.is_empty() {
            return Ok(Parts::new());
        }
        self.line.rows(RIVALS, &[&ids, &afresh, &most]).await?.iter().map(part).collect()
    }

    async fn blocked(&self, auctions: &BTreeMap<AuctionId, Auction>) -> Result<Vec<(AuctionId, MemberId)>> {
        let (mut ids, mut sellers, mut members) = (Vec::new(), Vec::new(), Vec::new());
        for (id, member) in &self.wanted.callers {
            let Some(auction) = auctions.get(id) else { continue };
            ids.push(id.0);
            sellers.push(auction.seller.0);
            members.push(member.0);
        }
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.line.rows(BLOCKED, &[&ids, &sellers, &members]).await?;
        let part = |row: &Row| Ok((AuctionId(row.try_get(0)?), MemberId(row.try_get(1)?)));
        rows.iter().map(part).collect()
    }

    async fn items(&self, auctions: &BTreeMap<AuctionId, Auction>) -> Result<BTreeMap<AuctionId, Item>> {
        let wanted = self.wanted.items.iter().filter_map(|id| auctions.get(id));
        let (ids, items): (Vec<i64>, Vec<i64>) = wanted.map(|auction| (auction.id.0, auction.item.0)).unzip();
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows = self.line.rows(ITEMS, &[&ids, &items]).await?;
        rows.iter().map(|row| Ok((AuctionId(row.try_get(0)?), rows::item(row, 1)?))).collect()
    }
}

/// Bidders' rows, by auction and member.
type Parts = HashMap<(AuctionId, MemberId), Bidder>;

/// Reads a bidder's row behind his auction and himself.
fn part(row: &Row) -> Result<((AuctionId, MemberId), Bidder)> {
    let part = (AuctionId(row.try_get(0)?), MemberId(row.try_get(1)?));
    Ok((part, rows::bidder(row, 2, part.0, part.1)?))
}

/// The members there are, and those among them who have no wallet.
fn standings(
    rows: &[Row],
    wallets: &HashMap<MemberId, Wallet>,
) -> Result<(BTreeMap<MemberId, MemberStanding>, Vec<i64>)> {
    let (mut members, mut without_wallet) = (BTreeMap::new(), Vec::new());
    for row in rows {
        let id = MemberId(row.try_get(0)?);
        let Some(wallet) = wallets.get(&id).copied() else {
            without_wallet.push(id.0);
            continue;
        };
        let (suspended, is_admin, has_left) = (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
        members.insert(id, MemberStanding { wallet, suspended, is_admin, has_left });
    }
    Ok((members, without_wallet))
}
