//! Two stores side by side, this one and the memory model: whatever is kept is kept in both, and read from both.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use auction::{AuctionId, Time};
use ledger::{MemberId, WithdrawalId};
use rusqlite::{Params, Row};
use store::memory::MemoryJournal;
use store::{AnswerKind, Chore, Clock, Journal, Loaded, Portion, Result, Round, Wanted};
use tempfile::TempDir;

use super::rounds::key;
use crate::connection::{FILE_NAME, open_writer};
use crate::journal::SqliteJournal;
use crate::rows::orders::{STEP_COLUMNS, step};
use crate::rows::people::{ACT_COLUMNS, act};
use crate::rows::{EVENT_COLUMNS, event};
use crate::writes::mailbox;

pub(super) const SELLER: MemberId = MemberId(1);
pub(super) const ANNA: MemberId = MemberId(2);
pub(super) const BORA: MemberId = MemberId(3);

/// Every key that a test keeps.
const KEYS: [&str; 6] = ["bid 1", "deposit 1", "raise 1", "order 1", "withdrawal 1", "close 1"];

/// Both stores.
pub(super) struct Twins {
    here: SqliteJournal,
    model: MemoryJournal,
    clock: Arc<AtomicI64>,
    _folder: TempDir,
}

impl Twins {
    /// Two stores with the members 1 to 6, the last of whom is an admin.
    pub(super) fn open() -> Twins {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = open_writer(&folder.path().join(FILE_NAME)).unwrap();
        crate::migrate::migrate(&mut writer).unwrap();
        writer.pragma_update(None, "synchronous", "off").unwrap();
        let clock = Arc::new(AtomicI64::new(1_000));
        let time = Arc::clone(&clock);
        let time: Clock = Arc::new(move || Time(time.load(Ordering::Relaxed)));
        let (_, waiting) = mailbox();
        let here = SqliteJournal::new(writer, Arc::clone(&time), waiting).unwrap();
        let mut twins = Twins { here, model: MemoryJournal::new(time), clock, _folder: folder };
        for id in 1..=6 {
            let sql = "INSERT INTO members (id, username, nickname, skeleton, password_hash, created_at, is_admin) \
                       VALUES (?1, ?1, ?1, ?1, '', 0, ?1 = 6)";
            twins.here.connection.execute(sql, [id]).unwrap();
            twins.model.add_member(MemberId(id));
        }
        twins.model.market.members.get_mut(&MemberId(6)).unwrap().is_admin = true;
        twins
    }

    /// Keeps a round in both, which take it and then say the same.
    pub(super) fn keep(&mut self, round: &Round) {
        let (here, model) = self.keep_in_both(round);
        here.unwrap();
        model.unwrap();
        self.load();
    }

    /// Both refuse the round, and stay as they were.
    pub(super) fn refused(&mut self, round: &Round) {
        let (here, model) = self.keep_in_both(round);
        assert!(here.is_err() && model.is_err(), "here {here:?}, the model {model:?}");
        self.load();
    }

    /// This store refuses the round, of which the model does not say so.
    pub(super) fn refused_here(&mut self, round: &Round) {
        let before = self.load_here();
        wait(self.here.begin(&everything())).unwrap();
        assert!(wait(self.here.keep(round)).is_err());
        assert_eq!(self.load_here().withdrawals, before.withdrawals);
        assert_eq!(self.load_here().aftermaths, before.aftermaths);
    }

    fn keep_in_both(&mut self, round: &Round) -> (Result<()>, Result<()>) {
        wait(self.here.begin(&everything())).unwrap();
        wait(self.model.begin(&everything())).unwrap();
        (wait(self.here.keep(round)), wait(self.model.keep(round)))
    }

    /// Everything, as both say it.
    pub(super) fn load(&mut self) -> Loaded {
        let here = self.load_here();
        let model = wait(self.model.begin(&everything())).unwrap();
        wait(self.model.abandon());
        assert_eq!(here.now, model.now);
        assert_eq!(here.auctions, model.auctions);
        assert_eq!(here.members, model.members);
        assert_eq!(here.bidders, model.bidders);
        assert_eq!(here.items, model.items);
        assert_eq!(here.aftermaths, model.aftermaths);
        assert_eq!(here.barred, model.barred);
        assert_eq!(here.withdrawals, model.withdrawals);
        assert_eq!(here.keys, model.keys);
        assert_eq!(here.next, model.next);
        self.compare_what_only_grows();
        here
    }

    /// What rounds never read again: events, steps and acts.
    fn compare_what_only_grows(&self) {
        let market = &self.model.market;
        let sql = format!("SELECT {EVENT_COLUMNS} FROM events ORDER BY auction, seq");
        assert!(self.rows(&sql, |row| event(row, 0)).iter().eq(market.events.values()));
        let sql = format!("SELECT {STEP_COLUMNS} FROM order_steps ORDER BY order_id, seq");
        assert!(self.rows(&sql, step).iter().eq(market.steps.values()));
        let sql = format!("SELECT {ACT_COLUMNS} FROM acts ORDER BY id");
        assert_eq!(self.rows(&sql, act), market.acts);
    }

    fn rows<T>(&self, sql: &str, read: fn(&Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
        let mut statement = self.here.connection.prepare(sql).unwrap();
        statement.query_map([], read).unwrap().map(rusqlite::Result::unwrap).collect()
    }

    /// Everything, as this store says it.
    pub(super) fn load_here(&mut self) -> Loaded {
        let loaded = wait(self.here.begin(&everything())).unwrap();
        wait(self.here.abandon());
        loaded
    }

    /// Leader and rivals of an auction as both say it, the highest two, in their order.
    pub(super) fn rivals(&mut self, auction: AuctionId) -> Vec<MemberId> {
        let wanted = Wanted { auctions: vec![auction], rivals: vec![(auction, 2)], ..Wanted::default() };
        let here = wait(self.here.begin(&wanted)).unwrap().bidders;
        wait(self.here.abandon());
        let model = wait(self.model.begin(&wanted)).unwrap().bidders;
        wait(self.model.abandon());
        assert_eq!(here, model);
        let mut rivals: Vec<_> = here.into_values().collect();
        rivals.sort_by_key(|bidder| (std::cmp::Reverse(bidder.commitment), bidder.since));
        rivals.into_iter().map(|bidder| bidder.member).collect()
    }

    /// What is still to be done, as both say it.
    pub(super) fn chores(&mut self, portion: Portion, limit: usize) -> Vec<Chore> {
        let here = wait(self.here.chores(portion, limit)).unwrap();
        assert_eq!(here, wait(self.model.chores(portion, limit)).unwrap());
        here
    }

    pub(super) fn add_chore(&mut self, chore: &Chore) {
        let sql = "INSERT INTO chores (id, auction, member, seller, reason) VALUES (?1, ?2, ?3, ?4, ?5)";
        let (member, seller) =
            (chore.member.map(|member| member.0), chore.by.member().map(|seller| seller.0));
        self.execute(sql, (chore.id.0, chore.auction.0, member, seller, &chore.reason));
        self.model.market.chores.insert(chore.id, chore.clone());
    }

    pub(super) fn lift_marks(&mut self, member: MemberId, at: Time) {
        self.execute("UPDATE members SET marks_lifted_at = ?2 WHERE id = ?1", (member.0, at.0));
        self.model.market.marks_lifted.insert(member, at);
    }

    pub(super) fn set_clock(&self, now: Time) {
        self.clock.store(now.0, Ordering::Relaxed);
    }

    /// As after a failure: the numbers are read again.
    pub(super) fn forget_numbers(&mut self) {
        self.here.next = None;
    }

    pub(super) fn write(&self, sql: &str) {
        self.execute(sql, []);
    }

    fn execute(&self, sql: &str, values: impl Params) {
        self.here.connection.execute(sql, values).unwrap();
    }

    pub(super) fn number(&self, sql: &str) -> i64 {
        self.here.connection.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// Heads and orders of the newest round.
    pub(super) fn newest_round(&self) -> (Vec<u8>, Vec<u8>) {
        let sql = "SELECT heads, orders FROM rounds ORDER BY id DESC LIMIT 1";
        self.here.connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
    }
}

/// All there can be in these tests.
fn everything() -> Wanted {
    let auctions: Vec<AuctionId> = (1..=3).map(AuctionId).collect();
    let members: Vec<MemberId> = (1..=6).map(MemberId).collect();
    let callers = auctions.iter().flat_map(|auction| members.iter().map(|member| (*auction, *member)));
    Wanted {
        callers: callers.collect(),
        rivals: auctions.iter().map(|auction| (*auction, 2)).collect(),
        items: auctions.clone(),
        listers: members.clone(),
        withdrawals: vec![WithdrawalId(1), WithdrawalId(2)],
        pictures: Vec::new(),
        deposits: Vec::new(),
        debtors: Vec::new(),
        fees: false,
        references: Vec::new(),
        chores: Vec::new(),
        keys: KEYS.map(|text| key(text, AnswerKind::Auction).key).into(),
        auctions,
        members,
    }
}

/// Neither store ever suspends.
fn wait<T>(answer: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(answer)
}
