//! The stores against each other: long runs from many seeds, in which everything happens that can happen.
//!
//! `NEIGHBORBID_STORIES` says how many seeds, `NEIGHBORBID_STORIES_FROM` which is the first. A run that fails says its seed.

use std::num::NonZero;
use std::thread::{available_parallelism, scope};

use conformance::journal::HandClock;
use conformance::journal::memory::Memory;
use conformance::journal::story::{Seen, must_be_seen, same_story};
use tokio::runtime::Builder;

use crate::audit::assert_clean;
use crate::journal::NOON;
use crate::postgres::store::Postgres;
use crate::stores::Sqlite;

/// How many seeds a check takes.
const SEEDS: u64 = 1_000;

/// How many steps a story has.
const STEPS: u64 = 36;

/// One story in so many is long.
const LONG_EVERY: u64 = 100;

/// After one story in so many the store's own audit looks at what was kept.
const AUDITED_EVERY: u64 = 10;

/// How many steps a long one has.
const LONG_STEPS: u64 = 300;

/// Says which seed it was, if its story fails.
struct Telling(u64);

impl Drop for Telling {
    fn drop(&mut self) {
        if std::thread::panicking() {
            #[expect(clippy::print_stderr, reason = "whoever repeats a failed run needs its seed")]
            {
                eprintln!(
                    "the story of seed {} failed: NEIGHBORBID_STORIES=1 NEIGHBORBID_STORIES_FROM={0}",
                    self.0
                );
            }
        }
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().expect("a number"))
}

fn steps(seed: u64) -> u64 {
    if seed.is_multiple_of(LONG_EVERY) { LONG_STEPS } else { STEPS }
}

async fn on_sqlite(seed: u64) -> Seen {
    let telling = Telling(seed);
    let clock = HandClock::at(NOON);
    let (mut memory, mut sqlite) = (Memory::new(&clock), Sqlite::quick(&clock));
    let seen = same_story(seed, steps(seed), &clock, &mut memory, &mut sqlite).await;
    if seed.is_multiple_of(AUDITED_EVERY) {
        assert_clean(&sqlite.file());
    }
    drop(telling);
    seen
}

/// Every thread takes the next seed that is left to it.
#[test]
fn memory_and_sqlite_live_through_the_same_stories() {
    let (seeds, first) = (number("NEIGHBORBID_STORIES"), number("NEIGHBORBID_STORIES_FROM"));
    let (from, seeds) = (first.unwrap_or(1), seeds.unwrap_or(SEEDS));
    let threads = available_parallelism().map_or(1, NonZero::get) as u64;
    let mut seen = Seen::default();
    scope(|scope| {
        let tell = |thread: u64| {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            let mut seen = Seen::default();
            for seed in (from..from + seeds).filter(|seed| seed % threads == thread) {
                seen.add(&runtime.block_on(on_sqlite(seed)));
            }
            seen
        };
        let threads: Vec<_> = (0..threads).map(|thread| scope.spawn(move || tell(thread))).collect();
        threads.into_iter().for_each(|thread| seen.add(&thread.join().expect("its stories went well")));
    });
    assert_sound(&seen);
    if seeds >= SEEDS {
        let missing = seen.missing(&must_be_seen());
        assert!(missing.is_empty(), "never came up in {seeds} stories: {missing:?}; {seen:#?}");
    }
}

#[tokio::test]
async fn memory_and_postgres_live_through_the_same_stories() {
    let mut seen = Seen::default();
    for seed in 1..=6 {
        let telling = Telling(seed);
        let clock = HandClock::at(NOON);
        let (mut memory, mut postgres) = (Memory::new(&clock), Postgres::new(&clock));
        seen.add(&same_story(seed, 60, &clock, &mut memory, &mut postgres).await);
        drop(telling);
    }
    assert_sound(&seen);
    let commands = ["bid", "maximum", "ship", "receive", "cancel_order", "dispute", "edit", "withdraw"];
    let missing = seen.missing(&commands.map(|name| format!("accepted {name}")));
    assert!(missing.is_empty(), "never came up: {missing:?}");
}

/// Nothing went wrong in the house itself.
fn assert_sound(seen: &Seen) {
    let wrong: Vec<_> = seen.all().filter(|(name, _)| name.starts_with("wrong ")).collect();
    assert!(wrong.is_empty(), "must not come up: {wrong:?}");
}
