//! The engine's door on every store, and the stores against each other.

use std::collections::BTreeSet;

use auction::Time;
use conformance::journal::story::same_story;
use conformance::journal::{HandClock, checks};

use crate::audit::assert_clean;
use crate::postgres::store::Postgres;
use crate::stores::{Memory, Sqlite};

/// Noon on a day.
pub const NOON: Time = Time(1_700_000_000_000_000);

macro_rules! on_every_store {
    ($($check:ident)*) => {
        mod memory {
            use super::*;
            $(#[tokio::test]
            async fn $check() {
                let clock = HandClock::at(NOON);
                checks::$check(Memory::new(&clock), clock).await;
            })*
        }
        mod sqlite {
            use super::*;
            $(#[tokio::test]
            async fn $check() {
                let clock = HandClock::at(NOON);
                checks::$check(Sqlite::new(&clock), clock).await;
            })*
        }
        mod postgres {
            use super::*;
            $(#[tokio::test]
            async fn $check() {
                let clock = HandClock::at(NOON);
                checks::$check(Postgres::new(&clock), clock).await;
            })*
        }
    };
}

on_every_store! {
    a_new_store_is_empty
    what_is_kept_is_read_back
    an_end_is_read_back
    history_is_kept
    numbers_go_on
    an_abandoned_round_leaves_nothing
    a_stale_auction_is_rejected
    an_event_is_kept_once
    a_key_is_kept_once
    a_key_speaks_for_its_member_only
    an_auction_is_settled_once
    suspensions_and_blocks_are_reported
    leaders_and_sellers_are_read_unasked
    what_is_not_there_is_not_loaded
    the_time_of_a_round_is_the_clocks
    what_is_due_comes_in_pages
    what_is_due_comes_in_portions
    deadlines_move
    a_heartbeat_is_kept
    a_round_holds_many_commands
}

/// What must come up in the stories for them to have shown anything.
const MUST_BE_SEEN: [&str; 28] = [
    "accepted",
    "invalid",
    "auction_not_found",
    "not_seller",
    "closed",
    "not_started",
    "own_auction",
    "suspended",
    "blocked",
    "no_buy_now",
    "terms_changed",
    "amount_invalid",
    "below_minimum",
    "off_step",
    "insufficient_funds",
    "no_leader",
    "too_early",
    "too_late",
    "key_reused",
    "listed",
    "opened",
    "bid",
    "buy_now",
    "extended",
    "cancelled",
    "sold",
    "bought",
    "unsold",
];

#[tokio::test]
async fn memory_and_sqlite_live_through_the_same_stories() {
    let mut seen = BTreeSet::new();
    for seed in 1..=4 {
        let clock = HandClock::at(NOON);
        let (mut memory, mut sqlite) = (Memory::new(&clock), Sqlite::new(&clock));
        seen.extend(same_story(seed, 200, &clock, &mut memory, &mut sqlite).await);
        assert_clean(&sqlite.file());
    }
    assert_enough(&seen);
}

#[tokio::test]
async fn memory_and_postgres_live_through_the_same_stories() {
    let mut seen = BTreeSet::new();
    for seed in 1..=4 {
        let clock = HandClock::at(NOON);
        let (mut memory, mut postgres) = (Memory::new(&clock), Postgres::new(&clock));
        seen.extend(same_story(seed, 200, &clock, &mut memory, &mut postgres).await);
    }
    assert_enough(&seen);
}

fn assert_enough(seen: &BTreeSet<String>) {
    let missing: Vec<_> = MUST_BE_SEEN.iter().filter(|must| !seen.contains(**must)).collect();
    assert!(missing.is_empty(), "never came up: {missing:?}; seen: {seen:?}");
    let wrong: Vec<_> =
        ["internal", "busy", "unanswered"].into_iter().filter(|code| seen.contains(*code)).collect();
    assert!(wrong.is_empty(), "must not come up: {wrong:?}");
}
