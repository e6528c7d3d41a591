//! Violations planted in what markets left behind: each is found by name.

mod basic;
mod leaving;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use std::sync::OnceLock;

use rusqlite::Connection;
use store_sqlite::audit::Steps;
use tempfile::TempDir;

use crate::stores::Sqlite;
use crate::{SMALL, report, story};

/// How many stores plants are planted in, until one has what a plant breaks.
const STORES: u64 = 24;

/// In auctions: the check that must find it, and how it is planted.
const IN_AUCTIONS: [(&str, &str); 28] = [
    // A maximum's money, and what is shown of it.
    (
        "money_follows_events",
        "DELETE FROM transfers WHERE id = (SELECT max(id) FROM transfers WHERE reason = 1)",
    ),
    (
        "auctions_are_their_events",
        "UPDATE auctions SET commitment = commitment + 1 WHERE commitment > price AND outcome IS NULL",
    ),
    ("bidder_numbers", "UPDATE bidders SET commitment = commitment - 1 WHERE hold > 0 AND commitment > 1"),
    ("bidder_numbers", "UPDATE bidders SET since = since + 100 WHERE hold > 0"),
    ("bidder_numbers", "UPDATE bidders SET named = 999999999999 WHERE hold > 0"),
    ("bidder_numbers", "UPDATE bidders SET is_out = 1 WHERE hold > 0"),
    (
        "auctions_are_their_events",
        "UPDATE auctions SET leader_since = leader_since - 1 WHERE leader IS NOT NULL AND outcome IS NULL",
    ),
    (
        "price_between_commitments",
        "UPDATE bidders SET commitment = 999999999999 WHERE hold = 0 AND is_out = 0 AND auction IN \
         (SELECT id FROM auctions WHERE leader IS NOT NULL AND afresh = 0 AND outcome IS NULL)",
    ),
    // Prices and their rules: a step too high shows a maximum, whatever it is called.
    (
        "rules_explain_rows",
        "UPDATE events SET amount = amount + 1, price = price + 1, minimum = minimum + 1 WHERE kind = 2 AND rule = 2",
    ),
    ("rules_explain_rows", "UPDATE events SET rule = 1 WHERE kind = 2 AND rule = 2"),
    ("rules_explain_rows", "UPDATE events SET rule = 0 WHERE kind = 2 AND rule = 3"),
    ("rules_explain_rows", "UPDATE events SET rule = 2 WHERE kind = 7 AND rule = 3"),
    ("rules_explain_rows", "UPDATE events SET amount = amount + 1, price = price + 1 WHERE kind = 7"),
    ("amounts_rise", "UPDATE events SET amount = amount - 1, price = price - 1 WHERE kind = 7 AND rule = 3"),
    ("price_is_latest_row", "UPDATE events SET price = price + 1 WHERE kind = 7"),
    (
        "money_follows_events",
        "UPDATE events SET leader = actor, leader_number = actor_number WHERE kind = 2 AND rule = 3",
    ),
    ("bid_count", "UPDATE events SET bid_count = 1 WHERE kind = 8 AND rule = 7"),
    (
        "rules_explain_rows",
        "UPDATE events SET amount = amount + 1, price = price + 1 WHERE kind = 8 AND rule = 6",
    ),
    ("rules_explain_rows", "UPDATE events SET aside = NULL WHERE kind = 8"),
    // The reserve, terms, and the end that moves.
    ("rules_explain_rows", "UPDATE events SET reserve = 2 WHERE reserve = 1 AND kind = 2"),
    ("reserve", "UPDATE auctions SET reserve = price + 1 WHERE reserve <= price AND leader IS NOT NULL"),
    ("auctions_are_their_events", "UPDATE auctions SET terms = terms + 1 WHERE bidders > 0"),
    ("auctions_are_their_events", "UPDATE auctions SET notes = notes + 1"),
    ("rules_explain_rows", "UPDATE events SET terms = terms + 1 WHERE kind = 9"),
    ("rules_explain_rows", "UPDATE events SET ends_at = ends_at + 1 WHERE kind = 4 AND cause = 1"),
    ("auctions_are_their_events", "UPDATE auctions SET afresh = 1 WHERE afresh > 1"),
    ("one_outcome_one_order", "UPDATE auctions SET outcome = 0 WHERE outcome = 4"),
    ("marks", "UPDATE auctions SET seller_took_back = 1 - seller_took_back WHERE afresh > 0"),
];

/// In what follows a sale, and in what people decide.
const AFTER: [(&str, &str); 46] = [
    ("escrow_is_open_orders", "UPDATE orders SET state = 2 WHERE state IN (0, 1, 4)"),
    ("sales_are_paid_in_full", "UPDATE orders SET refund = refund - 1 WHERE state = 5 AND refund > 0"),
    ("sales_are_paid_in_full", "UPDATE orders SET fee = fee + 1 WHERE fee > 0"),
    ("sales_are_paid_in_full", "UPDATE orders SET fee_rate = fee_rate + 1"),
    ("sales_are_paid_in_full", "UPDATE transfers SET member = 1 + member % 6 WHERE reason = 6"),
    ("sales_are_paid_in_full", "UPDATE transfers SET member = 1 + member % 6 WHERE reason = 4"),
    ("sales_are_paid_in_full", "UPDATE transfers SET from_account = 11 - from_account WHERE reason = 3"),
    (
        "escrow_is_open_orders",
        "DELETE FROM transfers WHERE id = (SELECT max(id) FROM transfers WHERE reason IN (5, 6))",
    ),
    ("orders_are_their_steps", "DELETE FROM order_steps WHERE seq = 2"),
    ("orders_are_their_steps", "UPDATE order_steps SET at = at - 864000000000 WHERE seq = 2"),
    ("orders_are_their_steps", "UPDATE order_steps SET state = 3 WHERE state = 1"),
    ("orders_are_their_steps", "UPDATE orders SET due = NULL WHERE state IN (0, 1)"),
    ("orders_are_their_steps", "UPDATE orders SET due = newest WHERE state IN (2, 3, 5)"),
    ("orders_are_their_steps", "UPDATE orders SET tries_in_all = tries_in_all + 1"),
    ("orders_are_their_steps", "UPDATE orders SET shipped_at = shipped_at + 1 WHERE shipped_at IS NOT NULL"),
    ("orders_are_their_steps", "UPDATE order_steps SET amount = amount + 1 WHERE kind = 7"),
    ("orders_are_their_steps", "UPDATE orders SET wants_cancel = 0 WHERE state = 1"),
    (
        "one_open_order_or_offer",
        "DROP INDEX orders_one_open; DROP INDEX orders_one_settlement; INSERT INTO orders (id, auction, buyer, seller, price, \
         at, state) SELECT id + 1000, auction, buyer, seller, price, at, state FROM orders WHERE state = 0",
    ),
    ("offers", "UPDATE offers SET number = number + 1"),
    ("offers", "UPDATE offers SET member = (SELECT seller FROM auctions WHERE id = auction)"),
    ("offers", "UPDATE offers SET price = 999999999999"),
    ("offers", "UPDATE offers SET state = 2 WHERE state = 1"),
    (
        "offers",
        "UPDATE orders SET fault = 1 WHERE auction IN (SELECT auction FROM offers) AND is_second_chance = 0",
    ),
    (
        "deadlines",
        "DELETE FROM deadlines WHERE auction IN (SELECT auction FROM orders WHERE due IS NOT NULL)",
    ),
    (
        "deadlines",
        "UPDATE deadlines SET at = at + 1 WHERE auction IN (SELECT auction FROM orders WHERE due IS NOT NULL)",
    ),
    ("orders_on_record", "DELETE FROM acts WHERE kind = 5"),
    ("orders_on_record", "DELETE FROM marks WHERE kind IN (0, 1)"),
    ("marks", "UPDATE marks SET member = 1 + member % 6"),
    (
        "marks",
        "INSERT INTO marks (member, kind, auction, at) SELECT seller, 2, id, newest FROM auctions WHERE outcome IS NOT 3",
    ),
    ("payable_is_withdrawals", "UPDATE withdrawals SET state = 1 WHERE state = 0"),
    ("payable_is_withdrawals", "DELETE FROM withdrawals"),
    ("withdrawals", "UPDATE withdrawals SET decided_by = member WHERE state <> 0"),
    (
        "withdrawals",
        "UPDATE nature SET value = 'demo' WHERE value = 'real' AND EXISTS (SELECT 1 FROM withdrawals)",
    ),
    ("debts", "UPDATE debts SET missing = missing - 1 WHERE missing > 0"),
    ("debts", "UPDATE debts SET missing = amount + 1"),
    ("debts", "UPDATE debts SET amount = amount + 1, missing = missing + 1"),
    ("debts", "UPDATE debts SET member = 1 + member % 6"),
    ("debts", "DELETE FROM debts WHERE missing < amount"),
    ("debts", "DELETE FROM acts WHERE kind = 11"),
    ("acts", "DELETE FROM acts WHERE kind = 12"),
    (
        "house_never_below_zero",
        "UPDATE transfers SET amount = amount + 1000000000 WHERE id = (SELECT max(id) FROM transfers WHERE reason = 10)",
    ),
    ("keys", "UPDATE keys SET taken = taken + 1000000000 WHERE taken IS NOT NULL"),
    ("acts", "UPDATE acts SET withdrawal = 9999 WHERE withdrawal IS NOT NULL"),
    ("acts", "INSERT INTO acts (kind, member, auction, reason, at) VALUES (13, 1, 1, 'rude', 1)"),
    ("reviews", "INSERT INTO reviews SELECT id, 0, buyer, seller, 5, '', at FROM orders WHERE state = 0"),
    ("keys", "UPDATE keys SET step = step + 1000 WHERE step IS NOT NULL"),
];

/// What the house still has to do, and who is suspended.
const CHORES: [(&str, &str); 4] = [
    ("chores", "INSERT INTO chores (auction) VALUES (9999)"),
    (
        "offers",
        "DELETE FROM chores; UPDATE offers SET state = 0 WHERE number = 1 AND state IN (2, 3) AND 1 = (SELECT count(*) FROM offers f WHERE f.auction = offers.auction); UPDATE members SET suspended = 1 WHERE id IN \
         (SELECT member FROM offers WHERE state = 0)",
    ),
    (
        "suspended_lead_nothing",
        "DELETE FROM chores; UPDATE heartbeat SET at = 0; UPDATE members SET suspended = 1 WHERE id IN \
         (SELECT leader FROM auctions WHERE outcome IS NULL)",
    ),
    (
        "suspended_lead_nothing",
        "DELETE FROM chores; UPDATE heartbeat SET at = 0; UPDATE members SET suspended = 1 WHERE id IN \
         (SELECT seller FROM auctions WHERE outcome IS NULL)",
    ),
];

/// Stores that lived through stories, made once.
fn store(number: usize) -> &'static Sqlite {
    static STORES_MADE: [OnceLock<Sqlite>; STORES as usize] = [const { OnceLock::new() }; STORES as usize];
    STORES_MADE[number].get_or_init(|| story(number as u64 + 1, 150))
}

/// Copies the store and breaks the copy; nothing if there is nothing to break.
fn planted(store: &Path, folder: &TempDir, sql: &str) -> Option<PathBuf> {
    let copy = folder.path().join("planted.sqlite");
    std::fs::copy(store, &copy).unwrap();
    let connection = Connection::open(&copy).unwrap();
    connection.pragma_update(None, "ignore_check_constraints", "on").unwrap();
    connection.pragma_update(None, "foreign_keys", "off").unwrap();
    connection.pragma_update(None, "journal_mode", "delete").unwrap();
    // The last statement is the plant; those before it make room.
    let (room, plant) = sql.rsplit_once(';').unwrap_or(("", sql));
    connection.execute_batch(room).unwrap();
    (connection.execute(plant, []).unwrap() > 0).then_some(copy)
}

fn assert_found(plants: &[(&str, &str)]) {
    let folder = TempDir::new().unwrap();
    let mut missed = Vec::new();
    for (check, sql) in plants {
        let mut fate = "nothing to plant it in".to_owned();
        for number in 0..STORES as usize {
            let Some(copy) = planted(&store(number).file(), &folder, sql) else { continue };
            let found = report(&copy, &Steps::default());
            let in_steps = report(&copy, &SMALL);
            let is_found = found[check].violations > 0 && !found[check].examples.is_empty();
            if is_found && in_steps[check].violations > 0 {
                fate = String::new();
                break;
            }
            let others = found.values().filter(|check| check.violations > 0).map(|check| check.name);
            fate = format!("in store {number} found by {:?}", others.collect::<Vec<_>>());
            break;
        }
        if !fate.is_empty() {
            missed.push(format!("{check}: {sql}: {fate}"));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn what_is_planted_in_auctions_is_found() {
    assert_found(&IN_AUCTIONS);
}

#[test]
fn what_is_planted_after_the_hammer_is_found() {
    assert_found(&AFTER);
}

#[test]
fn what_is_planted_in_money_and_events_is_found() {
    assert_found(&basic::PLANTS);
    assert_found(&basic::MORE_PLANTS);
}

/// Every check has something planted for it.
#[test]
fn no_check_is_left_without_a_plant() {
    let mut checks: BTreeSet<&str> = report(&store(0).file(), &Steps::default()).into_keys().collect();
    for (check, _) in
        basic::PLANTS.iter().chain(&basic::MORE_PLANTS).chain(&IN_AUCTIONS).chain(&AFTER).chain(&CHORES)
    {
        checks.remove(check);
    }
    assert!(checks.is_empty(), "nothing is planted for {checks:?}");
}

#[test]
fn what_is_planted_in_what_is_left_to_do_is_found() {
    assert_found(&CHORES);
}
