//! The engine's door on PostgreSQL: a round is one transaction on its lane's connection, in four or five flights, one more
//! where an auction is over.
//!
//! Phases: begin (BEGIN and the auctions' locks; then the wallets' locks, everything else that is read, and the clock),
//! keep (bulk writes, mostly one statement for each table, row counts checked; then COMMIT by itself), or abandon. Rounds of
//! other lanes wait at the row locks, which all take in one order: auctions, wallets, withdrawals, each by number, then the fees. A connection
//! that is lost is made again by the next begin; what stood open on it is rolled back by the server.

mod keep;
mod line;
mod load;
mod numbers;

use std::collections::HashMap;
use std::time::Duration;

use auction::{Auction, AuctionId, Hand, Time};
use ledger::MemberId;
use store::{Chore, ChoreId, Due, Failure, Journal, Loaded, Nature, Portion, Result, Round, Wanted};

use crate::Timekeeper;
use crate::connection::Target;
use crate::failure::{Fault, before_commit, before_locks};
use keep::auctions::Rare;
use line::Line;
pub(crate) use load::owing::FEES;
use numbers::Numbers;

/// Every statement of a lane, prepared with its connection; none may read a table without an index, however few rows it
/// has.
pub const LANE_STATEMENTS: [&str; 63] = [
    load::AUCTIONS,
    load::WALLETS,
    load::MEMBERS,
    load::BIDDERS,
    load::RIVALS,
    load::BLOCKED,
    load::ITEMS,
    load::after::NEWEST_ORDERS,
    load::after::OFFERS,
    load::after::WITHDRAWERS,
    load::after::WITHDRAWALS,
    load::after::MARKS,
    load::after::REFERENCES,
    load::after::CHORES,
    load::owing::DEPOSITS,
    load::owing::DEBTS,
    load::owing::OWED,
    load::owing::FEES_LOCK,
    FEES,
    load::pictures::UPLOADS,
    load::answers::KEYS,
    load::HEARTBEAT,
    FORGOTTEN,
    load::CLOCK,
    keep::auctions::ITEMS,
    keep::auctions::EDITED_ITEMS,
    keep::auctions::HISTORY,
    keep::auctions::LISTED,
    keep::auctions::AUCTIONS,
    keep::auctions::EDITED,
    keep::pictures::GONE,
    keep::pictures::NEW,
    keep::pictures::OLD,
    keep::after::ORDERS,
    keep::after::CHANGED_ORDERS,
    keep::after::STEPS,
    keep::after::OFFERS,
    keep::after::MARKS,
    keep::after::WITHDRAWALS,
    keep::after::DEBTS,
    keep::after::ACTS,
    keep::after::REMOVALS,
    keep::after::CHORES,
    keep::TRANSFERS,
    keep::WALLETS,
    keep::MISSING_WALLETS,
    keep::BIDDERS,
    keep::EVENTS,
    keep::KEYS,
    keep::ARM,
    keep::DISARM,
    keep::HEADS,
    keep::BEAT,
    keep::BIND,
    keep::BOUND,
    DUE,
    OPEN_AFTERMATHS,
    CHORES,
    numbers::NEXT_AUCTIONS,
    numbers::NEXT_ITEMS,
    numbers::NEXT_ORDERS,
    numbers::NEXT_TRANSFERS,
    numbers::NEXT_WITHDRAWALS,
];

/// How long a lane rests before it asks a database that was away again.
const REGAINING_PAUSE: Duration = Duration::from_millis(100);

/// How often a round begins anew because members had no wallets to lock.
const WALLETS_MADE_MAX: usize = 2;

/// The engine's door, for one lane.
pub struct PostgresJournal {
    target: Target,
    time: Timekeeper,
    /// Out of its place while something is under way on it, so that whatever is cut short also ends its connection.
    line: Option<Line>,
    numbers: Numbers,
    /// The newest transfer of each wallet read by the round that is open.
    last_transfers: HashMap<MemberId, i64>,
    /// What few commands change, of each auction locked by the round that is open.
    rare: HashMap<AuctionId, Rare>,
    bound_to: Option<Nature>,
}

impl PostgresJournal {
    /// A lane over the store there, which [`crate::open`] or [`crate::migrate`] has brought up to date. It connects when
    /// it is first used.
    pub fn new(target: Target, time: impl Into<Timekeeper>) -> PostgresJournal {
        PostgresJournal {
            target,
            time: time.into(),
            line: None,
            numbers: Numbers::default(),
            last_transfers: HashMap::new(),
            rare: HashMap::new(),
            bound_to: None,
        }
    }

    /// What kind of money the store holds, from its first deposit for ever: `demo` or `real`; `None` before it.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn money(&mut self) -> Result<Option<String>> {
        let rows = self.ask(keep::BOUND, &[]).await?;
        let value = rows.first().map(|row| row.try_get(0)).transpose();
        value.map_err(before_commit("reading what kind of money the store holds"))
    }

    /// Takes the line out of its place, made new if it is lost.
    async fn take_line(&mut self) -> Result<Line> {
        match self.line.take().filter(|line| !line.is_lost()) {
            Some(line) => Ok(line),
            None => {
                // A database that was restored, or lost its newest commits, may give out the same runs again.
                self.numbers = Numbers::default();
                Line::open(&self.target).await
            }
        }
    }

    /// Ends what stands open on a line and puts it back; a line that cannot even do that is let go.
    async fn roll_back(&mut self, line: Line) {
        match line.roll_back().await {
            Ok(()) => self.line = Some(line),
            Err(error) => {
                tracing::warn!(%error, "a round could not be rolled back; its connection is let go")
            }
        }
    }

    /// Asks outside of any round.
    async fn ask(
        &mut self,
        sql: &'static str,
        values: line::Values<'_>,
    ) -> std::result::Result<Vec<tokio_postgres::Row>, Failure> {
        let line = self.take_line().await?;
        let rows = line.rows(sql, values).await.map_err(before_commit("reading outside a round"))?;
        self.line = Some(line);
        Ok(rows)
    }

    async fn load(&mut self, line: &Line, wanted: &Wanted) -> std::result::Result<load::Read, Fault> {
        self.numbers.reserve(line).await?;
        let reader = load::Reader { line, wanted, clock: load::Clock { line, time: &self.time } };
        let mut read = reader.all().await?;
        read.loaded.next = self.numbers.next();
        Ok(read)
    }

    /// Makes the wallets of members who have none, in a transaction of its own, as a round locks them by number.
    async fn make_wallets(&mut self, members: &[i64]) -> Result<()> {
        let line = self.take_line().await?;
        let made = line.run(keep::MISSING_WALLETS, &[&members]).await;
        made.map_err(before_locks("making wallets"))?;
        self.line = Some(line);
        Ok(())
    }

    async fn write(&mut self, line: &Line, round: &Round) -> Result<()> {
        let doing = "keeping a round";
        if !self.numbers.cover(round) {
            return Err(before_commit(doing)(Fault::unlike("numbers that this lane has reserved")));
        }
        let binds = round.money.filter(|money| self.bound_to != Some(*money));
        let writer = keep::Writer { line, round, rare: &self.rare };
        writer.all(&mut self.last_transfers, binds).await.map_err(before_commit(doing))?;
        line.commit("committing a round").await?;
        self.bound_to = binds.or(self.bound_to);
        Ok(())
    }
}

/// What is due in a portion, soonest first, behind a place. A remainder has the sign of what was divided, hence the two.
/// Other portions' deadlines are read past in the index, and take no room.
const DUE: &str = "SELECT at, auction FROM deadlines WHERE at <= $1 AND (at, auction) > ($2, $3) \
     AND auction % $5::bigint IN ($6::bigint, $6::bigint - $5::bigint) ORDER BY at, auction LIMIT $4";

/// The auctions with money in escrow or an open offer, by number.
const OPEN_AFTERMATHS: &str = "SELECT auction FROM orders WHERE state IN (0, 1, 4) AND auction > $1 UNION \
     SELECT auction FROM offers WHERE state = 0 AND auction > $1 ORDER BY 1 LIMIT $2";

/// The auctions of a portion that should have a deadline and have none. What is open is found by indexes that hold nothing
/// else, and what runs by its listing: so it costs what is under way, and nothing of what is over.
const FORGOTTEN: &str = "SELECT w.auction FROM ( \
         SELECT auction FROM orders WHERE state IN (0, 1, 4) AND due IS NOT NULL UNION ALL \
         SELECT auction FROM offers WHERE state = 0 UNION ALL \
         SELECT l.auction FROM listings l CROSS JOIN LATERAL \
             (SELECT 1 FROM auctions WHERE id = l.auction AND outcome IS NULL) AS a WHERE l.status IN (0, 1)) AS w \
     WHERE w.auction > $1 AND w.auction % $3::bigint IN ($4::bigint, $4::bigint - $3::bigint) \
     AND NOT EXISTS (SELECT 1 FROM deadlines d WHERE d.auction = w.auction) ORDER BY w.auction LIMIT $2";

/// The chores of a portion, oldest first.
const CHORES: &str = "SELECT id, auction, member, seller, reason FROM chores \
     WHERE auction % $2::bigint IN ($3::bigint, $3::bigint - $2::bigint) ORDER BY id LIMIT $1";

fn chore(row: &tokio_postgres::Row) -> std::result::Result<Chore, Fault> {
    let seller = row.try_get::<_, Option<i64>>(3)?.map(MemberId);
    Ok(Chore {
        id: ChoreId(row.try_get(0)?),
        auction: AuctionId(row.try_get(1)?),
        member: row.try_get::<_, Option<i64>>(2)?.map(MemberId),
        by: seller.map_or(Hand::House, Hand::Seller),
        reason: row.try_get(4)?,
    })
}

impl Journal for PostgresJournal {
    async fn begin(&mut self, wanted: &Wanted) -> Result<Loaded> {
        let doing = "reading for a round";
        for _ in 0..WALLETS_MADE_MAX {
            let line = self.take_line().await?;
            match self.load(&line, wanted).await {
                Ok(read) if read.without_wallet.is_empty() => {
                    self.last_transfers = read.last_transfers;
                    let rare = |(id, auction): (&AuctionId, &Auction)| (*id, Rare::of(auction));
                    self.rare = read.loaded.auctions.iter().map(rare).collect();
                    self.line = Some(line);
                    return Ok(read.loaded);
                }
                Ok(read) => {
                    self.roll_back(line).await;
                    self.make_wallets(&read.without_wallet).await?;
                }
                Err(fault) => {
                    // Whoever holds the lock may be cut off from everybody, with a server that nobody should write to any
                    // more: the next try asks anew where the database is.
                    if !fault.is_waited_out() {
                        self.roll_back(line).await;
                    }
                    return Err(before_locks(doing)(fault));
                }
            }
        }
        Err(Failure::Unavailable { doing, source: "wallets that were made are not there".into() })
    }

    async fn keep(&mut self, round: &Round) -> Result<()> {
        let no_round = || Failure::Unavailable { doing: "keeping a round", source: "none is open".into() };
        let line = self.line.take().ok_or_else(no_round)?;
        let kept = self.write(&line, round).await;
        match &kept {
            Ok(()) => {
                self.numbers.give_out(round);
                self.line = Some(line);
            }
            // Its numbers may be in use, and whether its transaction still is, only a new connection's locks can tell.
            Err(Failure::Unknown { .. }) => self.numbers = Numbers::default(),
            Err(_) => self.roll_back(line).await,
        }
        kept
    }

    async fn abandon(&mut self) {
        if let Some(line) = self.line.take() {
            self.roll_back(line).await;
        }
    }

    async fn due(
        &mut self,
        portion: Portion,
        after: Option<Due>,
        until: Time,
        limit: usize,
    ) -> Result<Vec<Due>> {
        let after = after.map_or((i64::MIN, 0), |due| (due.at.0, due.auction.0));
        let (index, portions) = (portion.index(), portion.portions());
        let values: line::Values<'_> = &[&until.0, &after.0, &after.1, &(limit as i64), &portions, &index];
        let rows = self.ask(DUE, values).await?;
        let due = |row: &tokio_postgres::Row| {
            Ok(Due { at: Time(row.try_get(0)?), auction: AuctionId(row.try_get(1)?) })
        };
        let due: std::result::Result<_, Fault> = rows.iter().map(due).collect();
        due.map_err(before_commit("reading what is due"))
    }

    async fn open_aftermaths(&mut self, after: AuctionId, limit: usize) -> Result<Vec<AuctionId>> {
        let rows = self.ask(OPEN_AFTERMATHS, &[&after.0, &(limit as i64)]).await?;
        let auctions: std::result::Result<_, tokio_postgres::Error> =
            rows.iter().map(|row| row.try_get(0).map(AuctionId)).collect();
        auctions.map_err(Fault::from).map_err(before_commit("reading which orders and offers are open"))
    }

    async fn forgotten(
        &mut self,
        portion: Portion,
        after: AuctionId,
        limit: usize,
    ) -> Result<Vec<AuctionId>> {
        let (index, portions) = (portion.index(), portion.portions());
        let rows = self.ask(FORGOTTEN, &[&after.0, &(limit as i64), &portions, &index]).await?;
        let auctions: std::result::Result<_, tokio_postgres::Error> =
            rows.iter().map(|row| row.try_get(0).map(AuctionId)).collect();
        auctions.map_err(Fault::from).map_err(before_commit("reading what nobody would look at"))
    }

    async fn chores(&mut self, portion: Portion, limit: usize) -> Result<Vec<Chore>> {
        let (index, portions) = (portion.index(), portion.portions());
        let rows = self.ask(CHORES, &[&(limit as i64), &portions, &index]).await?;
        let chores: std::result::Result<_, Fault> = rows.iter().map(chore).collect();
        chores.map_err(before_commit("reading what is still to be done"))
    }

    async fn heartbeat(&mut self) -> Result<Option<Time>> {
        let rows = self.ask(load::HEARTBEAT, &[]).await?;
        load::time(&rows).map_err(before_commit("reading the heartbeat"))
    }

    async fn beat(&mut self) -> Result<Time> {
        let line = self.take_line().await?;
        let kept = beat(&line, &self.time).await;
        match &kept {
            Ok(_) => self.line = Some(line),
            Err(Failure::Unknown { .. }) => {}
            Err(_) => self.roll_back(line).await,
        }
        kept
    }

    async fn regain(&mut self) -> bool {
        tokio::time::sleep(REGAINING_PAUSE).await;
        true
    }

    async fn records_wait(&mut self) {
        std::future::pending::<()>().await;
    }

    async fn serve_records(&mut self) {}
}

async fn beat(line: &Line, time: &Timekeeper) -> Result<Time> {
    let doing = "keeping the heartbeat";
    line.begin().await.map_err(before_commit(doing))?;
    let clock = load::Clock { line, time };
    let now = clock.now().await.map_err(before_commit(doing))?;
    keep::beat(line, now).await.map_err(before_commit(doing))?;
    line.commit(doing).await?;
    Ok(now)
}
