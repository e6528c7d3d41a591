//! A move that is stopped: it goes on where it was, with the same file only, and nobody serves the half of it.

use std::error::Error;

use conformance::journal::HandClock;
use store::Failure;
use store::copy::file::{Reader, Writer};
use store_postgres::{PostgresJournal, Purpose, Rest, Timekeeper};
use tempfile::TempDir;

use super::{
    Incoming, Old, export_sqlite, into_postgres, into_sqlite, origin, postgres_contents, sqlite_contents,
    tables_of,
};
use crate::journal::NOON;
use crate::postgres::node::Node;
use crate::postgres::store::{client, target};

/// How often a test looks for something that must come.
const LOOKS_MAX: usize = 20_000;

/// After how many batches more it is stopped, again and again.
const STOPS: [usize; 6] = [1, 1, 2, 3, 1, 5];

/// The same market in another file: it was made later.
fn another_file(old: &Old) -> Vec<u8> {
    let mut writer = Writer::begin(Vec::new(), &origin(2)).unwrap();
    store_sqlite::copy::export(&old.store.file(), &mut |table, rows| writer.rows(table, &rows)).unwrap();
    writer.finish().unwrap().1
}

#[track_caller]
fn assert_refused<T>(answer: store::Result<T>, part: &str) {
    match answer.err() {
        Some(Failure::Rejected { source, .. }) => {
            let source: Box<dyn Error> = source;
            assert!(source.to_string().contains(part), "{source}");
        }
        other => panic!("not refused: {other:?}"),
    }
}

fn assert_only_its_own_file(import: &Incoming, other: &[u8]) {
    let mark = import.progress().expect("it has begun");
    assert_refused(Reader::open(other).unwrap().skip_to(mark), "a part of another file");
}

#[tokio::test]
async fn an_import_into_a_database_goes_on_wherever_it_was_stopped() {
    let old = Old::market().await;
    let (text, other) = (export_sqlite(&old.store.file()), another_file(&old));
    let address = private_postgres::server().database();
    for batches in STOPS {
        assert!(!into_postgres(&address).await.take_some(&text, batches).await);
        assert_refused(store_postgres::open(&target(&address), old.clock.clock()).await, "has not ended");
        assert_refused(store_postgres::export(&target(&address), &mut |_, _| Ok(())).await, "has not ended");
        assert_only_its_own_file(&into_postgres(&address).await, &other);
    }
    assert!(into_postgres(&address).await.take_some(&text, usize::MAX).await);
    let tables = tables_of(&rusqlite::Connection::open(old.store.file()).unwrap());
    super::assert_same(&sqlite_contents(&old.store.file()), &postgres_contents(&address, &tables).await);
    store_postgres::open(&target(&address), old.clock.clock()).await.unwrap();
    assert_refused(store_postgres::Import::open(&target(&address)).await, "in use already");
}

#[tokio::test]
async fn an_import_into_a_folder_goes_on_wherever_it_was_stopped() {
    let old = Old::market().await;
    let (text, other) = (export_sqlite(&old.store.file()), another_file(&old));
    let folder = TempDir::new().unwrap();
    let file = folder.path().join(store_sqlite::FILE_NAME);
    for batches in STOPS {
        assert!(!into_sqlite(&folder).take_some(&text, batches).await);
        assert_refused(store_sqlite::open(folder.path(), HandClock::at(NOON).clock()), "has not ended");
        assert_refused(store_sqlite::copy::export(&file, &mut |_, _| Ok(())), "has not ended");
        assert_only_its_own_file(&into_sqlite(&folder), &other);
    }
    assert!(into_sqlite(&folder).take_some(&text, usize::MAX).await);
    super::assert_same(&sqlite_contents(&old.store.file()), &sqlite_contents(&file));
    drop(store_sqlite::open(folder.path(), HandClock::at(NOON).clock()).unwrap());
    assert_refused(store_sqlite::copy::Import::open(folder.path()), "in use already");
}

#[tokio::test]
async fn two_imports_into_one_database_do_not_mix() {
    let old = Old::market().await;
    let text = export_sqlite(&old.store.file());
    let address = private_postgres::server().database();
    assert!(!into_postgres(&address).await.take_some(&text, 2).await);
    let (Incoming::Postgres(mut one), Incoming::Postgres(mut other)) =
        (into_postgres(&address).await, into_postgres(&address).await)
    else {
        unreachable!("both are of one kind")
    };
    let mut reader = Reader::open(&text[..]).unwrap();
    reader.skip_to(one.progress().unwrap()).unwrap();
    let tables = reader.tables().to_vec();
    loop {
        if let store::copy::file::Piece::Rows { table, rows, mark } = reader.next_piece().unwrap() {
            one.take(&tables[table], rows, &mark).await.unwrap();
            // The same batch of nothing: its rows could not even collide.
            assert_refused(other.take(&tables[table], Vec::new(), &mark).await, "another import");
            return;
        }
    }
}

#[tokio::test]
async fn a_store_of_an_older_release_is_refused_untouched() {
    let address = private_postgres::server().database();
    store_postgres::migrate(&target(&address)).await.unwrap();
    // Without this table a step would fail, so only who takes none hears of the release.
    let older = "UPDATE schema_version SET version = version - 1; DROP TABLE listings CASCADE";
    client(&address).await.batch_execute(older).await.unwrap();
    assert_refused(store_postgres::Import::open(&target(&address)).await, "older than this release");

    let folder = TempDir::new().unwrap();
    drop(store_sqlite::open(folder.path(), HandClock::at(NOON).clock()).unwrap());
    let store = rusqlite::Connection::open(folder.path().join(store_sqlite::FILE_NAME)).unwrap();
    let (version, older) = (store_sqlite::SCHEMA_VERSION, store_sqlite::SCHEMA_VERSION - 1);
    assert!(older > 0 && version > older);
    store.pragma_update(None, "user_version", older).unwrap();
    assert_refused(store_sqlite::copy::Import::open(folder.path()), "older than this release");
}

#[tokio::test]
async fn a_node_that_came_and_went_is_noticed() {
    let address = private_postgres::server().database();
    store_postgres::migrate(&target(&address)).await.unwrap();
    let rest = Rest::begin(&target(&address)).await.unwrap();
    rest.must_have_lasted(&target(&address)).await.unwrap();

    let lane = target(&address).connect(Purpose::Lane).await.unwrap();
    assert_refused(Rest::begin(&target(&address)).await.map(drop), "stop every node first");
    assert_refused(rest.must_have_lasted(&target(&address)).await, "stop every node first");
    drop(lane);
    let mut node = Node::on(
        PostgresJournal::new(target(&address), Timekeeper::Database),
        HandClock::at(NOON).clock(),
        "one",
    )
    .await;
    node.round(Vec::new()).await;
    drop(node);
    until_no_lane(&address).await;
    assert_refused(rest.must_have_lasted(&target(&address)).await, "came");
}

/// Looks until the server has noticed that no lane is connected any more.
async fn until_no_lane(address: &str) {
    let client = client(address).await;
    let sql = "SELECT count(*) FROM pg_stat_activity \
               WHERE datname = current_database() AND application_name = 'neighborbid lane'";
    for _ in 0..LOOKS_MAX {
        if client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) == 0 {
            return;
        }
    }
    panic!("a lane that is gone is still connected");
}
