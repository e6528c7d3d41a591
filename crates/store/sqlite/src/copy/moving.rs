//! Tests of a whole market that moves: every table and every column goes out and comes in as it was.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::Connection;
use store::copy::Rows;
use store::copy::file::Mark;
use store::copy::moved::{self, Moved};
use tempfile::TempDir;

use super::{Import, export};
use crate::connection::{FILE_NAME, open_writer};
use crate::migrate::migrate;

/// What each new store makes itself: see [`store::copy::moved`].
const STAYS: [&str; 3] = ["rounds.id", "followers.round", "unworded.auction"];

/// A row or two of all that a market has since orders live on after the hammer.
const MARKET: &str = "
    INSERT INTO pictures (address, width, height, colour, sizes, bytes, at, going)
        VALUES (zeroblob(32), 800, 600, 255, 3, 9000, 5, NULL), (randomblob(32), 1, 1, 0, 0, 0, 5, 7);
    INSERT INTO uploads (address, member, at) VALUES (zeroblob(32), 1, 5);
    INSERT INTO item_pictures (item, place, address, member, alt) VALUES (1, 1, zeroblob(32), 1, 'front');
    INSERT INTO old_pictures (auction, place, address, member, alt) VALUES (1, 1, zeroblob(32), 1, '');
    INSERT INTO members (id, username, nickname, skeleton, password_hash, created_at, is_admin, marks_lifted_at)
        VALUES (1, 'a', 'a', 'a', '', 0, 1, 7), (2, 'b', 'b', 'b', '', 0, 0, NULL);
    INSERT INTO items (id, seller, title, description, nationwide, created_at) VALUES (1, 1, '의자', '', 0, 0);
    INSERT INTO auctions (id, item, seller, seq, terms, status, start_price, bid_unit, fee_rate, minimum_duration, soft_close,
        starts_at, listed_end, ends_at, latest, extensions, price, bid_count, bidders, newest, reserve, seller_extensions,
        leader_since, afresh, seller_took_back, followed_by, leader, leader_number, commitment)
        VALUES (1, 1, 1, 3, 2, 1, 1000, 1000, 0, 0, 0, 0, 9, 9, 9, 0, 1000, 1, 1, 3, 5000, 1, 2, 1, 1, 2, 2, 1, 3000);
    INSERT INTO bidders (auction, member, number, commitment, hold, since, named, is_out, vain)
        VALUES (1, 2, 1, 3000, 3000, 2, 1000, 0, x'0100000000000000');
    INSERT INTO events (auction, seq, kind, at, price, bid_count, ends_at, reserve, rule, terms, aside)
        VALUES (1, 3, 8, 3, 1000, 0, 9, 1, 7, 2, 2);
    INSERT INTO orders (id, auction, buyer, seller, price, at, fee_rate, is_second_chance, state, seq, newest, due,
        receipt_code, meeting_code, tries, tries_in_all, locked_until, carrier, tracking, shipped_at, met_at, delivered_at,
        asked, wants_cancel, disputed_at, disputed_by, refund, fee, fault, outage)
        VALUES (1, 1, 2, 1, 1000, 4, 35000, 0, 4, 2, 5, 6, 7, 8, 1, 2, 9, 'c', 't', 10, 11, 12, 1, 0, 13, 1, 14, 15, 0, 16);
    INSERT INTO order_steps (order_id, seq, kind, at, by_member, state, due, text, amount)
        VALUES (1, 1, 0, 4, NULL, 0, 6, NULL, 1000), (1, 2, 11, 5, 2, 4, NULL, 'broken', NULL);
    INSERT INTO offers (auction, number, member, price, at, until, state) VALUES (1, 1, 2, 900, 5, 6, 0);
    INSERT INTO marks (id, member, kind, auction, order_id, at) VALUES (4, 1, 0, 1, 1, 5);
    INSERT INTO reviews (order_id, side, author, about, stars, text, at) VALUES (1, 0, 2, 1, 5, '좋아요', 5);
    INSERT INTO questions (id, auction, asker, text, asked_at, edited_at, answer, answered_at, answer_edited_at, pinned,
        hidden_at, reported_at) VALUES (5, 1, 2, '아직 있나요?', 1, 2, '네', 3, 4, 1, 5, NULL), (6, 1, 2, '크기는요?', 2, NULL, NULL,
        NULL, NULL, 0, NULL, 7);
    INSERT INTO reports (question, reporter, reason, at) VALUES (6, 1, '욕이에요', 7);
    INSERT INTO withdrawals (id, member, amount, destination, at, state, decided_by, decided_at, reason)
        VALUES (3, 2, 700, 'bank', 5, 2, 1, 6, 'no');
    INSERT INTO debts (deposit, member, amount, missing, admin, at, reason) VALUES (7, 2, 900, 200, 1, 6, 'called back');
    INSERT INTO acts (id, admin, kind, member, auction, order_id, withdrawal, reason, at)
        VALUES (2, 1, 7, 2, NULL, NULL, 3, 'no', 6);
    INSERT INTO item_history (auction, title, description, category, condition, shipping_payer, region, nationwide)
        VALUES (1, '걸상', '헌것', NULL, 2, 1, NULL, 1);
    INSERT INTO removals (auction, member, at) VALUES (1, 2, 8);
    INSERT INTO chores (id, auction, member, seller, reason) VALUES (9, 1, 2, 1, 'spam');
    INSERT INTO keys (key, member, fingerprint, order_id, at, kind, step, maximum, withdrawal, taken, missing)
        VALUES ('k', 2, 7, 1, 5, 3, 2, 8, 3, 9, 10);
    INSERT INTO orders_told (order_id, seq) VALUES (1, 1);
    INSERT INTO watching (member, auction, at) VALUES (2, 1, 5);
    INSERT INTO endings_told (auction, member) VALUES (1, 2);
    INSERT INTO saved_searches (id, member, name, query, created_at, seen, fresh, unsent, newest, told, told_at, told_count)
        VALUES (4, 2, '의자', 'q=%EC%9D%98', 5, 1, 2, 1, 1, 1, 9, 3), (5, 1, '', 'buy_now=1', 5, 0, 0, 0, NULL, NULL, 0, 0);
    INSERT INTO arrivals (number, auction) VALUES (7, 1);
    INSERT INTO reach (member, wishes, quiet_from, quiet_until, language, email, email_at)
        VALUES (1, 9, 1320, 480, 'ko', 'a@b.example', 5), (2, 0, NULL, NULL, '', NULL, NULL);
    INSERT INTO confirmations (member, email, token, at, since, asked)
        VALUES (1, 'c@d.example', zeroblob(32), 5, 4, 2), (2, NULL, NULL, 5, 5, 1);
    INSERT INTO subscriptions (address, member, endpoint, key, secret, at)
        VALUES (zeroblob(32), 1, 'https://push.example/1', zeroblob(65), zeroblob(16), 5);
    INSERT INTO deliveries (member, auction, kind, channel, notice, amount, at, state, next_try, tries, sent_at, settled_at, reason)
        VALUES (1, 1, 1, 0, 7, 1000, 5, 0, 6, 1, NULL, NULL, NULL), (2, 1, 0, 1, 8, NULL, 5, 2, 6, 8, 4, 9, 'refused');
    INSERT INTO secrets (name, value) VALUES ('vapid', zeroblob(32));
    INSERT INTO rounds (at, heads, orders) VALUES (1, x'', x''), (5, x'', x'010000000000000001000000000000000200000000000000');
";

fn store(folder: &Path) -> Connection {
    let mut connection = open_writer(&folder.join(FILE_NAME)).unwrap();
    migrate(&mut connection).unwrap();
    connection
}

/// Everything that moves out of a store.
fn exported(folder: &Path) -> BTreeMap<&'static str, Rows> {
    let mut all: BTreeMap<&'static str, Rows> = BTreeMap::new();
    let mut take = |table: &Moved, rows: Rows| {
        all.entry(table.name).or_default().extend(rows);
        Ok(())
    };
    export(&folder.join(FILE_NAME), &mut take).unwrap();
    all
}

#[test]
fn a_market_that_moved_is_the_same() {
    let (old, new) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    store(old.path()).execute_batch(MARKET).unwrap();
    let before = exported(old.path());
    let empty: Vec<_> = before.iter().filter(|(_, rows)| rows.is_empty()).map(|(name, _)| *name).collect();
    let unused = [
        "blocks",
        "deadlines",
        "heartbeat",
        "listings",
        "nature",
        "read_notices",
        "sessions",
        "transfers",
        "unread_notices",
        "wallets",
    ];
    assert_eq!(empty, unused, "everything else has rows here");
    assert_eq!(before["rounds"].len(), 1, "the one that names an order and no auction");
    let mut import = Import::open(new.path()).unwrap();
    for (line, table) in (1..).zip(moved::tables()) {
        let mark = Mark { line, digest: String::new(), rows: 0 };
        import.take(&table, before[table.name].clone(), &mark).unwrap();
    }
    import.settle().unwrap();
    import.finish().unwrap();
    assert_eq!(exported(new.path()), before);
}

#[test]
fn every_table_and_column_moves() {
    let folder = TempDir::new().unwrap();
    let connection = store(folder.path());
    let sql = "SELECT t.name || '.' || c.name FROM sqlite_schema t, pragma_table_info(t.name) c \
               WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name NOT LIKE 'listing_words%'";
    let mut statement = connection.prepare(sql).unwrap();
    let there: BTreeSet<String> =
        statement.query_map([], |row| row.get(0)).unwrap().map(rusqlite::Result::unwrap).collect();
    let columns = |table: &Moved| -> Vec<String> {
        table.columns.iter().map(|column| format!("{}.{}", table.name, column.name)).collect()
    };
    let moved: BTreeSet<String> = moved::tables().iter().flat_map(columns).collect();
    let stays: BTreeSet<String> = STAYS.into_iter().map(str::to_owned).collect();
    assert_eq!(there.difference(&moved).cloned().collect::<BTreeSet<_>>(), stays);
    assert_eq!(moved.difference(&there).next(), None);
}
