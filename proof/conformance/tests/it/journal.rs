//! The engine's door on every store, promise by promise.

use auction::Time;
use conformance::journal::memory::Memory;
use conformance::journal::{HandClock, checks};

use crate::postgres::store::Postgres;
use crate::stores::Sqlite;

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
    a_silent_raise_is_kept
    a_bidders_row_is_read_back
    rivals_are_the_highest_that_count
    an_edit_is_read_back
    an_item_is_auctioned_again
    uploads_are_their_members
    pictures_are_read_back
    old_auctions_keep_their_pictures
    an_order_is_read_back
    a_stale_order_is_rejected
    one_order_is_open
    offers_are_read_back
    what_follows_a_sale_comes_in_pages
    marks_bar_from_listing
    withdrawals_are_settled_once
    acts_are_kept
    chores_are_done_once
    chores_come_in_portions
    chores_follow_after_the_hammer
    chores_end_with_the_fortnight
    money_is_of_one_kind
    deposits_are_taken_back_once
    fees_are_taken_out
}
