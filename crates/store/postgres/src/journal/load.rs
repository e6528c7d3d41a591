//! Reading for a round: the auctions' locks, then the wallets', by number; then members, bidders' rows, blocks and keys;
//! the clock last. A statement that locks reads nothing but the rows it locks: after a wait, all else would be stale.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use auction::{Auction, AuctionId, Bidder, OrderId, Time};
use ledger::{MemberId, TransferId, Wallet};
use store::{FirstAnswer, KeptDeposit, KeptKey, Key, Loaded, MemberStanding, Wanted};
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

pub(super) const MEMBERS: &str = "SELECT id, suspended FROM members WHERE id = ANY($1)";

/// One probe of the index for each row that is wanted: with `LIMIT` in it, no plan can do otherwise.
pub(super) const BIDDERS: &str = "SELECT w.auction, w.member, b.number, b.commitment, b.hold \
     FROM unnest($1::bigint[], $2::bigint[]) AS w (auction, member) CROSS JOIN LATERAL \
     (SELECT number, commitment, hold FROM bidders WHERE auction = w.auction AND member >= w.member \
     AND member <= w.member ORDER BY auction DESC, member DESC LIMIT 1) AS b";

pub(super) const BLOCKED: &str = "SELECT w.auction, w.member \
     FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS w (auction, seller, member) CROSS JOIN LATERAL \
     (SELECT 1 FROM blocks WHERE seller = w.seller AND member = w.member LIMIT 1) AS b";

/// Keys with what they were first answered.
pub(super) const KEYS: &str = concat!(
    "SELECT w.key, w.member, k.fingerprint, k.order_id, k.transfer, t.amount, t.at, e.* \
     FROM unnest($1::text[], $2::bigint[]) AS w (key, member) CROSS JOIN LATERAL \
     (SELECT fingerprint, auction, seq, order_id, transfer FROM keys WHERE key = w.key AND member = w.member LIMIT 1) AS k \
     LEFT JOIN LATERAL (SELECT amount, at FROM transfers WHERE id = k.transfer LIMIT 1) AS t ON true \
     LEFT JOIN LATERAL (SELECT ",
    rows::event_columns!(),
    " FROM events WHERE auction = k.auction AND seq = k.seq LIMIT 1) AS e ON true"
);

impl Reader<'_> {
    /// Begins a transaction and reads everything, in two flights.
    pub(super) async fn all(&self) -> Result<Read> {
        let (begun, auctions) = tokio::join!(biased; self.line.begin(), self.auctions());
        begun?;
        let auctions = auctions?;
        let ids = self.members_of(&auctions);
        let (wallets, members, bidders, blocked, keys, heartbeat, clock) = tokio::join!(
            biased;
            self.wallets(&ids),
            self.members(&ids),
            self.bidders(&auctions),
            self.blocked(&auctions),
            self.keys(),
            self.line.rows(HEARTBEAT, &[]),
            self.clock.ask()
        );
        let (wallets, last_transfers) = wallets?;
        let (members, without_wallet) = standings(&members?, &wallets)?;
        let loaded = Loaded {
            members,
            bidders: bidders?,
            blocked: blocked?,
            keys: keys?,
            heartbeat: time(&heartbeat?)?,
            now: self.clock.read(&clock?)?,
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

    /// The callers, sellers and leaders, by number.
    fn members_of(&self, auctions: &BTreeMap<AuctionId, Auction>) -> Vec<i64> {
        let sellers = auctions.values().map(|auction| auction.seller);
        let leaders = auctions.values().filter_map(|auction| auction.leader).map(|leader| leader.member);
        let ids: BTreeSet<MemberId> =
            self.wanted.members.iter().copied().chain(sellers).chain(leaders).collect();
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
    ) -> Result<HashMap<(AuctionId, MemberId), Bidder>> {
        let leaders = auctions.values().filter_map(|auction| Some((auction.id, auction.leader?.member)));
        let parts: BTreeSet<(AuctionId, MemberId)> =
            self.wanted.callers.iter().copied().chain(leaders).collect();
        if parts.is_empty() {
            return Ok(HashMap::new());
        }
        let (auctions, members): (Vec<i64>, Vec<i64>) =
            parts.into_iter().map(|(auction, member)| (auction.0, member.0)).unzip();
        let rows = self.line.rows(BIDDERS, &[&auctions, &members]).await?;
        let bidders = rows.iter().map(|row| bidder(row).map(|found| ((found.auction, found.member), found)));
        bidders.collect()
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

    async fn keys(&self) -> Result<HashMap<Key, KeptKey>> {
        if self.wanted.keys.is_empty() {
            return Ok(HashMap::new());
        }
        let texts: Vec<&str> = self.wanted.keys.iter().map(|key| &*key.text).collect();
        let members: Vec<i64> = self.wanted.keys.iter().map(|key| key.member.0).collect();
        let rows = self.line.rows(KEYS, &[&texts, &members]).await?;
        rows.iter().map(kept_key).collect()
    }
}

/// The members there are, and those among them who have no wallet.
fn standings(
    rows: &[Row],
    wallets: &HashMap<MemberId, Wallet>,
) -> Result<(BTreeMap<MemberId, MemberStanding>, Vec<i64>)> {
    let (mut members, mut without_wallet) = (BTreeMap::new(), Vec::new());
    for row in rows {
        let (id, suspended) = (MemberId(row.try_get(0)?), row.try_get(1)?);
        match wallets.get(&id) {
            Some(wallet) => drop(members.insert(id, MemberStanding { wallet: *wallet, suspended })),
            None => without_wallet.push(id.0),
        }
    }
    Ok((members, without_wallet))
}

fn bidder(row: &Row) -> Result<Bidder> {
    let amount = |at: usize| rows::money(row.try_get(at)?, at);
    Ok(Bidder {
        auction: AuctionId(row.try_get(0)?),
        member: MemberId(row.try_get(1)?),
        number: row.try_get(2)?,
        commitment: amount(3)?,
        hold: amount(4)?,
    })
}

fn kept_key(row: &Row) -> Result<(Key, KeptKey)> {
    let key = Key { text: row.try_get::<_, String>(0)?.into(), member: MemberId(row.try_get(1)?) };
    let first = match row.try_get::<_, Option<i64>>(4)? {
        Some(transfer) => FirstAnswer::Deposit(KeptDeposit {
            id: TransferId(transfer),
            amount: rows::money(row.try_get(5)?, 5)?,
            at: Time(row.try_get(6)?),
        }),
        None => {
            let order = row.try_get::<_, Option<i64>>(3)?.map(OrderId);
            FirstAnswer::Auction { event: rows::event(row, 7)?, order }
        }
    };
    Ok((key, KeptKey { fingerprint: row.try_get(2)?, first }))
}
