//! The audit beside a market that goes on, in the smallest steps, and of what is no store.

use std::sync::atomic::{AtomicBool, Ordering};

use conformance::journal::memory::Memory;
use conformance::journal::story::same_story;
use conformance::journal::{HandClock, UnderTest};
use rusqlite::Connection;
use store_sqlite::audit::{Steps, audit};
use tempfile::TempDir;
use tokio::runtime::Builder;

use crate::stores::Sqlite;
use crate::{NOON, SMALL, report, story, wrong};

/// Every read and every pass takes one row: all seams are met.
const SMALLEST: Steps = Steps {
    members_per_pass: 1,
    auctions_per_pass: 1,
    transfers_per_read: 1,
    events_per_read: 1,
    wallets_per_read: 1,
    keys_per_read: 1,
    orders_per_read: 1,
};

#[test]
fn what_an_engine_kept_is_clean_in_whatever_steps_it_is_read() {
    let store = story(7, 150);
    let whole = report(&store.file(), &Steps::default());
    for steps in [SMALLEST, SMALL] {
        let found = report(&store.file(), &steps);
        let wrong = wrong(&found);
        assert!(wrong.is_empty(), "{wrong:#?}");
        for (name, check) in &found {
            let rows_in_one_pass = whole[name].rows;
            assert!(check.rows >= rows_in_one_pass, "{name}: {} rows, not {rows_in_one_pass}", check.rows);
        }
    }
}

/// Rounds go on being kept while the audit reads; it never sees half of one.
#[test]
fn a_live_store_is_clean_while_it_moves() {
    let clock = HandClock::at(NOON);
    let (mut memory, mut sqlite) = (Memory::new(&clock), Sqlite::new(&clock));
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let mut journal = runtime.block_on(sqlite.open());
    sqlite.close(&mut journal);
    drop(journal);
    let path = sqlite.file();
    let is_over = AtomicBool::new(false);
    let audits = std::thread::scope(|scope| {
        let auditor = scope.spawn(|| {
            let mut audits = 0;
            while !is_over.load(Ordering::Relaxed) {
                for steps in [Steps::default(), SMALL] {
                    let wrong = wrong(&report(&path, &steps));
                    assert!(wrong.is_empty(), "{wrong:#?}");
                }
                audits += 1;
            }
            audits
        });
        runtime.block_on(same_story(11, 120, &clock, &mut memory, &mut sqlite));
        is_over.store(true, Ordering::Relaxed);
        auditor.join().unwrap()
    });
    assert!(audits > 0);
}

#[test]
fn what_is_no_store_of_ours_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("other.sqlite");
    assert!(audit(&path, &mut |_| {}).is_err(), "there is no file, and none is made");
    assert!(!path.exists());
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE a (b)").unwrap();
    assert!(audit(&path, &mut |_| {}).is_err());
    std::fs::write(&path, "not a database, but long enough to be looked at as one").unwrap();
    assert!(audit(&path, &mut |_| {}).is_err());
}
