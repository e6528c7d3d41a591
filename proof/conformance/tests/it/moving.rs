//! A market that moves: every row arrives, whatever stops the move, and the market goes on where it was.

mod lanes;
mod stops;

use std::collections::BTreeSet;
use std::path::Path;

use auction::Span;
use conformance::journal::memory::Memory;
use conformance::journal::story::same_story;
use conformance::journal::{HandClock, UnderTest};
use engine::{Answer, Call};
use ledger::MemberId;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use store::copy::file::{Mark, Origin, Piece, Reader, Writer};
use store::copy::moved::{self, Kind, Moved};
use store::copy::{Rows, Table, Value};
use store::records::{Page, Search};
use store::{Records, Result};
use store_postgres::{PostgresJournal, Timekeeper};
use tempfile::TempDir;

use crate::audit::assert_clean;
use crate::journal::NOON;
use crate::postgres::audit::assert_clean as assert_database_clean;
use crate::postgres::node::{Node, bid, is_accepted, listing_at};
use crate::postgres::store::{client, target};
use crate::stores::Sqlite;

/// What stays behind on SQLite: made anew from what moves.
const LEFT_ON_SQLITE: [(&str, &str); 3] = [("rounds", "id"), ("followers", "round"), ("unworded", "auction")];

/// What stays behind on PostgreSQL.
const LEFT_ON_POSTGRES: [(&str, &str); 9] = [
    ("rounds", "id"),
    ("rounds", "xid"),
    ("rounds", "wallets"),
    ("followers", "snapshot"),
    ("listing_words", "auction"),
    ("listing_words", "words"),
    ("unworded", "auction"),
    ("schema_version", "application"),
    ("schema_version", "version"),
];

/// Values that no story makes up; texts, bytes and numbers at their limits.
const ODD: &str = "UPDATE members SET nickname = '', created_at = -9223372036854775808, \
     region = (SELECT max(id) FROM regions) WHERE id = 1; \
     UPDATE members SET nickname = '이웃 \"1\"\n\t🏠\\', created_at = 9223372036854775807 WHERE id = 2; \
     UPDATE items SET description = '' WHERE id = 1; \
     INSERT INTO sessions (token, member, created_at, seen_at, expires_at) VALUES \
     (x'', 1, 0, -1, 9223372036854775807), (x'00ff0a22', 2, 1, 2, 9007199254740993); \
     INSERT INTO read_notices (member, id, auction, kind, amount, at, read_at) VALUES \
     (1, -5, 1, 0, NULL, 0, -9223372036854775808); \
     INSERT INTO questions (id, auction, asker, text, asked_at, edited_at, answer, answered_at, answer_edited_at, pinned, \
     hidden_at, reported_at) VALUES (1, 1, 2, '크기가 어때요?', 7, NULL, NULL, NULL, NULL, 0, NULL, 9), \
     (9, 1, 2, '<b>\n', 8, 9, '', 10, 11, 1, 12, NULL); \
     INSERT INTO reports (question, reporter, reason, at) VALUES (1, 1, '욕이에요', 9), (9, 1, '', 12)";

/// A market on SQLite after a long story, the last rounds of which nobody has followed, and what was asked last.
struct Old {
    store: Sqlite,
    clock: HandClock,
    calls: Vec<(MemberId, Call)>,
    answers: Vec<Answer>,
}

impl Old {
    async fn market() -> Old {
        let clock = HandClock::at(NOON);
        let (mut memory, mut store) = (Memory::new(&clock), Sqlite::new(&clock));
        same_story(11, 100, &clock, &mut memory, &mut store).await;
        let mut journal = store.open().await;
        store.follow(&mut journal).await;
        let mut members = Vec::new();
        for _ in 0..3 {
            members.push(store.add_member(&mut journal).await);
        }
        let [seller, anna, bert] = members[..] else { unreachable!("three were made") };
        let mut node = Node::on(journal, clock.clock(), "old").await;
        let chair = node.list(seller, None).await;
        let listed = listing_at(seller, None, clock.now());
        let mut old = Old { store, clock, calls: vec![(seller, listed)], answers: Vec::new() };
        for member in [anna, bert] {
            old.calls.push((member, Call::Deposit { member, amount: 2_000_000 }));
        }
        for (member, amount) in [(anna, 5_000), (bert, 7_000), (anna, 9_000)] {
            old.calls.push(bid(chair, member, amount));
        }
        for (member, call) in &old.calls[1..] {
            old.answers.push(node.call(*member, call.clone()).await);
        }
        assert!(old.answers.iter().all(is_accepted), "{:?}", old.answers);
        old.store.close(node.journal());
        drop(node);
        Connection::open(old.store.file()).unwrap().execute_batch(ODD).unwrap();
        old
    }
}

/// A store into which a market comes.
enum Incoming {
    Sqlite(store_sqlite::copy::Import),
    Postgres(store_postgres::Import),
}

impl Incoming {
    fn progress(&self) -> Option<&Mark> {
        match self {
            Incoming::Sqlite(import) => import.progress(),
            Incoming::Postgres(import) => import.progress(),
        }
    }

    async fn take(&mut self, table: &Moved, rows: Rows, mark: &Mark) {
        match self {
            Incoming::Sqlite(import) => import.take(table, rows, mark).unwrap(),
            Incoming::Postgres(import) => import.take(table, rows, mark).await.unwrap(),
        }
    }

    /// Takes at most so many batches, beginning where an earlier import came; whether it is through.
    async fn take_some(mut self, text: &[u8], batches_max: usize) -> bool {
        let mut reader = Reader::open(text).unwrap();
        if let Some(mark) = self.progress() {
            reader.skip_to(mark).unwrap();
        }
        let tables = moved::tables();
        let mut batches = 0;
        loop {
            match reader.next_piece().unwrap() {
                Piece::Rows { .. } if batches == batches_max => return false,
                Piece::Rows { table, rows, mark } => self.take(&tables[table], rows, &mark).await,
                Piece::EndOfTable { .. } => continue,
                Piece::End { .. } => break,
            }
            batches += 1;
        }
        match self {
            Incoming::Sqlite(mut import) => import.settle().and_then(|()| import.finish()).unwrap(),
            Incoming::Postgres(mut import) => {
                import.settle().await.unwrap();
                import.finish().await.unwrap();
            }
        }
        true
    }
}

fn origin(made_at: i64) -> Origin {
    Origin { from: "a test".to_owned(), made_at }
}

fn export_sqlite(path: &Path) -> Vec<u8> {
    let mut writer = Writer::begin(Vec::new(), &origin(1)).unwrap();
    store_sqlite::copy::export(path, &mut |table, rows| writer.rows(table, &rows)).unwrap();
    writer.finish().unwrap().1
}

async fn export_postgres(address: &str) -> Vec<u8> {
    let mut writer = Writer::begin(Vec::new(), &origin(1)).unwrap();
    store_postgres::export(&target(address), &mut |table, rows| writer.rows(table, &rows)).await.unwrap();
    writer.finish().unwrap().1
}

async fn into_postgres(address: &str) -> Incoming {
    Incoming::Postgres(store_postgres::Import::open(&target(address)).await.unwrap())
}

fn into_sqlite(folder: &TempDir) -> Incoming {
    Incoming::Sqlite(store_sqlite::copy::Import::open(folder.path()).unwrap())
}

/// Every table with the columns that move, as SQLite's own schema has them.
fn tables_of(store: &Connection) -> Vec<Table> {
    let sql = "SELECT s.name, c.name FROM sqlite_schema s JOIN pragma_table_info(s.name) c WHERE s.type = 'table' \
               AND s.name NOT GLOB 'listing_words*' AND s.name NOT GLOB '*_places' ORDER BY s.name, c.cid";
    let mut statement = store.prepare(sql).unwrap();
    let mut found = statement.query([]).unwrap();
    let mut tables: Vec<Table> = Vec::new();
    while let Some(row) = found.next().unwrap() {
        let (name, column): (String, String) = (row.get(0).unwrap(), row.get(1).unwrap());
        if LEFT_ON_SQLITE.contains(&(&name, &column)) {
            continue;
        }
        if tables.last().is_none_or(|table| table.name != name) {
            tables.push(Table { name, columns: Vec::new() });
        }
        tables.last_mut().unwrap().columns.push(column);
    }
    tables
}

/// Rows in an order of their own; without wallets that were never touched, which only PostgreSQL has, and without
/// rounds, of which only those move that nobody has followed.
fn contents(table: &Table, rows: Rows) -> Vec<String> {
    let is_untouched = |row: &Vec<Value>| table.name == "wallets" && row[1..] == [0; 4].map(Value::Number);
    let rows = rows.iter().filter(|row| !is_untouched(row) && table.name != "rounds");
    let mut rows: Vec<String> = rows.map(|row| format!("{}: {row:?}", table.name)).collect();
    rows.sort();
    rows
}

fn sqlite_contents(path: &Path) -> Vec<String> {
    let store = Connection::open(path).unwrap();
    let mut all = Vec::new();
    for table in tables_of(&store) {
        let sql = format!("SELECT {} FROM {}", table.columns.join(", "), table.name);
        let mut statement = store.prepare(&sql).unwrap();
        let mut found = statement.query([]).unwrap();
        let mut rows = Rows::new();
        while let Some(row) = found.next().unwrap() {
            rows.push((0..table.columns.len()).map(|at| value(row.get_ref(at).unwrap())).collect());
        }
        all.extend(contents(&table, rows));
    }
    all
}

fn value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Number(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => Value::Text(String::from_utf8(text.to_vec()).unwrap()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    }
}

async fn postgres_contents(address: &str, tables: &[Table]) -> Vec<String> {
    let mut rows_of = vec![Rows::new(); tables.len()];
    let mut take = |table: &Table, rows: Rows| -> Result<()> {
        rows_of[tables.iter().position(|one| one == table).unwrap()].extend(rows);
        Ok(())
    };
    store_postgres::copy(&target(address), tables, &mut take).await.unwrap();
    tables.iter().zip(rows_of).flat_map(|(table, rows)| contents(table, rows)).collect()
}

/// The same rows, said of the first that is not.
#[track_caller]
fn assert_same(old: &[String], new: &[String]) {
    let (olds, news): (BTreeSet<_>, BTreeSet<_>) = (old.iter().collect(), new.iter().collect());
    let lost: Vec<_> = olds.difference(&news).take(3).collect();
    let added: Vec<_> = news.difference(&olds).take(3).collect();
    assert!(lost.is_empty() && added.is_empty(), "lost: {lost:#?}, added: {added:#?}");
    assert_eq!(old.len(), new.len());
}

/// Listings and notices, without the numbers that notices get.
fn told(contents: &[String]) -> Vec<String> {
    let is_told = |row: &&String| row.starts_with("listings") || row.starts_with("unread_notices");
    let without_number = |row: &String| match row.starts_with("unread_notices") {
        true => row.split(", ").enumerate().filter(|(at, _)| *at != 3).map(|(_, part)| part).collect(),
        false => row.clone(),
    };
    let mut told: Vec<String> = contents.iter().filter(is_told).map(without_number).collect();
    told.sort();
    told
}

/// What is found by these words, in order.
async fn found(records: &impl Records, words: &str) -> Vec<String> {
    let search = Search { words: words.to_owned(), ..Search::default() };
    let page = records.listings(search, Page { cursor: None, limit: 100 }).await.unwrap();
    page.items.iter().map(|row| format!("{row:?}")).collect()
}

/// From SQLite into a new database; where that is.
async fn moved_to_postgres(old: &Old) -> String {
    let address = private_postgres::server().database();
    assert!(into_postgres(&address).await.take_some(&export_sqlite(&old.store.file()), usize::MAX).await);
    let tables = tables_of(&Connection::open(old.store.file()).unwrap());
    assert_same(&sqlite_contents(&old.store.file()), &postgres_contents(&address, &tables).await);
    assert_database_clean(&address).await;
    address
}

fn node_on(address: &str, clock: &HandClock) -> PostgresJournal {
    PostgresJournal::new(target(address), Timekeeper::Handed(clock.clock()))
}

/// The largest number of each kind that is given out.
async fn largest(address: &str) -> Vec<i64> {
    let sql = "SELECT (SELECT max(id) FROM auctions), (SELECT max(id) FROM items), (SELECT max(id) FROM transfers), \
               (SELECT max(id) FROM members)";
    let row = client(address).await.query_one(sql, &[]).await.unwrap();
    (0..4).map(|at| row.get(at)).collect()
}

#[tokio::test]
async fn a_market_moves_to_a_database_and_goes_on() {
    let mut old = Old::market().await;
    let address = moved_to_postgres(&old).await;
    let before = largest(&address).await;
    let (_, records) = store_postgres::open(&target(&address), old.clock.clock()).await.unwrap();

    // What was not followed yet is followed there, and told as it would have been here.
    while records.follow().await.unwrap().more {}
    let mut journal = old.store.open().await;
    old.store.follow(&mut journal).await;
    let here = sqlite_contents(&old.store.file());
    let there = postgres_contents(&address, &tables_of(&Connection::open(old.store.file()).unwrap())).await;
    assert!(told(&here).len() > 20, "there is something to tell");
    assert_same(&told(&here), &told(&there));
    let (_, here, _checkpointer) =
        store_sqlite::open(old.store.file().parent().unwrap(), old.clock.clock()).unwrap();
    for words in ["의자", "원목", "원", "없는 것"] {
        assert_eq!(found(&here, words).await, found(&records, words).await, "{words}");
    }
    assert!(!found(&records, "의자").await.is_empty());

    // A command that is sent again hears its first answer.
    let mut node = Node::on(node_on(&address, &old.clock), old.clock.clock(), "old").await;
    node.list(old.calls[0].0, None).await;
    for ((member, call), answer) in old.calls[1..].iter().zip(&old.answers) {
        assert_eq!(node.call(*member, call.clone()).await, *answer);
    }
    assert_eq!(largest(&address).await, before, "nothing was done twice");

    // What is new gets numbers of its own.
    let member = crate::postgres::store::add_member(&records, 99, old.clock.now()).await;
    assert_eq!(member.0, before[3] + 1);
    node.deposit(member, 500_000).await;
    let chair = node.list(old.calls[0].0, None).await;
    assert!(chair.0 > before[0]);
    assert!(is_accepted(&node.call(member, bid(chair, member, 3_000).1).await));
    while records.follow().await.unwrap().more {}
    assert_database_clean(&address).await;
}

#[tokio::test]
async fn the_time_of_the_move_is_an_outage() {
    let old = Old::market().await;
    let address = moved_to_postgres(&old).await;
    let client = client(&address).await;
    let sql = "SELECT count(*) FILTER (WHERE status = 1), count(*) FILTER (WHERE status = 2), \
               min(ends_at) FILTER (WHERE status = 1) FROM auctions";
    let before = client.query_one(sql, &[]).await.unwrap();
    assert!(before.get::<_, i64>(0) > 0, "something is open");
    old.clock.pass(Span::days(3));
    assert!(before.get::<_, i64>(2) < old.clock.now().0, "something would be over");
    let mut node = Node::on(node_on(&address, &old.clock), old.clock.clock(), "new").await;
    node.round(Vec::new()).await;
    let after = client.query_one(sql, &[]).await.unwrap();
    assert!(after.get::<_, i64>(0) >= before.get::<_, i64>(0) && after.get::<_, i64>(2) > old.clock.now().0);
    assert_eq!(before.get::<_, i64>(1), after.get::<_, i64>(1), "none was closed");
}

#[tokio::test]
async fn what_several_lanes_kept_moves_back_to_a_folder_and_goes_on() {
    let old = Old::market().await;
    let address = moved_to_postgres(&old).await;
    let (seller, members) = (old.calls[0].0, [old.calls[1].0, old.calls[2].0]);
    let mut one = Node::on(node_on(&address, &old.clock), old.clock.clock(), "one").await;
    let mut other = Node::on(node_on(&address, &old.clock), old.clock.clock(), "other").await;
    for at in 0..6 {
        let chair = one.list(seller, Some(9_000)).await;
        for (member, amount) in [(members[0], 4_000), (members[1], 6_000)] {
            assert!(is_accepted(&other.call(member, bid(chair, member, amount).1).await));
        }
        let buyer = members[at % 2];
        let command = auction::Command::BuyNow { buyer, terms: None };
        assert!(is_accepted(&one.call(buyer, Call::Auction { auction: chair, command }).await));
        std::mem::swap(&mut one, &mut other);
    }
    drop((one, other));

    let text = export_postgres(&address).await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join(store_sqlite::FILE_NAME);
    assert!(into_sqlite(&folder).take_some(&text, usize::MAX).await);
    let store = Connection::open(&file).unwrap();
    let tables = tables_of(&store);
    assert_same(&postgres_contents(&address, &tables).await, &sqlite_contents(&file));
    let backwards: i64 =
        store.query_row("SELECT count(*) FROM transfers WHERE previous > id", [], |row| row.get(0)).unwrap();
    assert!(backwards > 0, "numbers say what came first");
    assert_clean(&file);

    let (journal, records, _checkpointer) = store_sqlite::open(folder.path(), old.clock.clock()).unwrap();
    let mut node = Node::on(journal, old.clock.clock(), "folder").await;
    for _ in 0..2 {
        let chair = node.list(seller, Some(9_000)).await;
        assert!(is_accepted(&node.call(members[0], bid(chair, members[0], 4_000).1).await));
        let command = auction::Command::BuyNow { buyer: members[1], terms: None };
        assert!(is_accepted(&node.call(members[1], Call::Auction { auction: chair, command }).await));
    }
    drop((node, records));
    assert_clean(&file);

    // And once more, into another folder.
    let again = TempDir::new().unwrap();
    assert!(into_sqlite(&again).take_some(&export_sqlite(&file), usize::MAX).await);
    let copy = again.path().join(store_sqlite::FILE_NAME);
    assert_same(&sqlite_contents(&file), &sqlite_contents(&copy));
    assert_clean(&copy);
}

#[tokio::test]
async fn every_column_of_both_schemas_moves_or_is_left_for_a_reason() {
    let moves: BTreeSet<(String, String, bool)> = moved::tables()
        .iter()
        .flat_map(|table| {
            table.columns.iter().map(|one| (table.name.to_owned(), one.name.to_owned(), one.may_be_null))
        })
        .collect();
    let names: BTreeSet<(String, String)> =
        moves.iter().map(|(table, column, _)| (table.clone(), column.clone())).collect();
    let folder = TempDir::new().unwrap();
    drop(store_sqlite::open(folder.path(), HandClock::at(NOON).clock()).unwrap());
    let store = Connection::open(folder.path().join(store_sqlite::FILE_NAME)).unwrap();
    let on_sqlite = tables_of(&store).into_iter();
    let on_sqlite: BTreeSet<(String, String)> = on_sqlite
        .flat_map(|table| table.columns.into_iter().map(move |column| (table.name.clone(), column)))
        .collect();
    assert_eq!(names, on_sqlite);

    let address = private_postgres::server().database();
    store_postgres::migrate(&target(&address)).await.unwrap();
    let sql = "SELECT table_name::text, column_name::text, is_nullable = 'YES', data_type::text \
               FROM information_schema.columns WHERE table_schema = current_schema()";
    let mut on_postgres = BTreeSet::new();
    for row in client(&address).await.query(sql, &[]).await.unwrap() {
        let (table, column): (String, String) = (row.get(0), row.get(1));
        if LEFT_ON_POSTGRES.contains(&(&table, &column)) {
            continue;
        }
        let kind = match row.get(3) {
            "bigint" => Kind::Number,
            "boolean" => Kind::Truth,
            "double precision" => Kind::Real,
            "text" => Kind::Text,
            "bytea" => Kind::Bytes,
            other => panic!("{table}.{column} is {other}"),
        };
        let tables = moved::tables();
        let known = tables
            .iter()
            .find(|one| one.name == table)
            .and_then(|table| table.columns.iter().find(|one| one.name == column));
        assert_eq!(known.map(|one| one.kind), Some(kind), "{table}.{column}");
        on_postgres.insert((table, column, row.get(2)));
    }
    assert_eq!(moves, on_postgres);
}
