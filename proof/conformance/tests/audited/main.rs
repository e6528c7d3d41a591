//! The audit under the whole rulebook: clean on everything that random markets leave behind, and no violation of what
//! follows a sale, of maximums or of what people decide escapes it.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

mod live;
mod plants;
#[path = "../it/stores.rs"]
mod stores;

use std::collections::BTreeMap;
use std::num::NonZero;
use std::path::Path;
use std::thread::{available_parallelism, scope};

use auction::Time;
use conformance::journal::memory::Memory;
use conformance::journal::story::same_story;
use conformance::journal::{HandClock, UnderTest};
use store_sqlite::audit::{CheckResult, Steps, audit_in_steps};
use stores::Sqlite;
use tokio::runtime::Builder;

/// Noon on a day.
const NOON: Time = Time(1_700_000_000_000_000);

/// A few rows at a time: seams are met.
const SMALL: Steps = Steps {
    members_per_pass: 2,
    auctions_per_pass: 3,
    transfers_per_read: 20,
    events_per_read: 7,
    wallets_per_read: 2,
    keys_per_read: 20,
    orders_per_read: 2,
};

/// How many stories are audited.
const STORIES: u64 = 60;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().expect("a number"))
}

/// A store that lived through a story, at rest, with its listings written.
fn story(seed: u64, steps: u64) -> Sqlite {
    let clock = HandClock::at(NOON);
    let (mut memory, mut sqlite) = (Memory::new(&clock), Sqlite::quick(&clock));
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        same_story(seed, steps, &clock, &mut memory, &mut sqlite).await;
        let mut journal = sqlite.open().await;
        sqlite.follow(&mut journal).await;
        sqlite.close(&mut journal);
    });
    sqlite
}

/// What the audit reports, by the checks' names.
fn report(path: &Path, steps: &Steps) -> BTreeMap<&'static str, CheckResult> {
    let mut found = BTreeMap::new();
    audit_in_steps(path, steps, &mut |check| drop(found.insert(check.name, check.clone()))).unwrap();
    found
}

fn wrong(found: &BTreeMap<&'static str, CheckResult>) -> Vec<String> {
    let named = |check: &CheckResult| {
        let name = check.name;
        check.examples.clone().into_iter().map(move |example| format!("{name}: {example}"))
    };
    found.values().flat_map(named).collect()
}

/// `NEIGHBORBID_STORIES` says how many seeds, `NEIGHBORBID_STORIES_FROM` which is the first.
#[test]
fn whatever_a_market_leaves_behind_is_clean() {
    let from = number("NEIGHBORBID_STORIES_FROM").unwrap_or(1);
    let seeds = number("NEIGHBORBID_STORIES").unwrap_or(STORIES);
    let threads = available_parallelism().map_or(1, NonZero::get) as u64;
    let wrong: Vec<String> = scope(|scope| {
        let audit = |thread: u64| {
            let mut found = Vec::new();
            for seed in (from..from + seeds).filter(|seed| seed % threads == thread) {
                let store = story(seed, if seed.is_multiple_of(20) { 200 } else { 40 });
                for steps in [Steps::default(), SMALL] {
                    let words = wrong(&report(&store.file(), &steps));
                    found.extend(words.into_iter().map(|words| format!("seed {seed}: {words}")));
                }
            }
            found
        };
        let threads: Vec<_> = (0..threads).map(|thread| scope.spawn(move || audit(thread))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("its stories went well")).collect()
    });
    assert!(wrong.is_empty(), "{} violations: {:#?}", wrong.len(), &wrong[..wrong.len().min(40)]);
}
