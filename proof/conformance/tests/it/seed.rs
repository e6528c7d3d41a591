//! The seed: what it writes is what the doors would have written, the same from the same plan.

use auction::{Span, Status, Time};
use conformance::journal::HandClock;
use rusqlite::Connection;
use store::Records;
use store::records::{Page, Search, Sort};
use store_sqlite::seed::{Plan, SEEDED_MAX, Seeded, seed};
use tempfile::TempDir;

use crate::audit::assert_clean;
use crate::journal::NOON;

const PLAN: Plan<'static> = Plan { auctions: 500, members: 40, now: NOON, seed: 3, password_hash: "a hash" };

/// Everything in the store that chance decides.
fn contents(folder: &TempDir) -> Vec<String> {
    let store = Connection::open(folder.path().join(store_sqlite::FILE_NAME)).unwrap();
    let sql = "SELECT i.title || i.description || a.start_price || a.ends_at || a.seller FROM auctions a \
               JOIN items i ON i.id = a.item ORDER BY a.id";
    store.prepare(sql).unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[tokio::test]
async fn a_seeded_store_is_clean_and_can_be_searched() {
    let folder = TempDir::new().unwrap();
    let mut last = Seeded::default();
    seed(folder.path(), &PLAN, &mut |seeded| last = seeded).unwrap();
    assert_eq!((last.members, last.auctions), (40, 500));
    assert_clean(&folder.path().join(store_sqlite::FILE_NAME));

    let clock = HandClock::at(NOON);
    let (_journal, records, _checkpointer) = store_sqlite::open(folder.path(), clock.clock()).unwrap();
    let search = Search { words: "의자".to_owned(), sort: Sort::Ending, ..Search::default() };
    let page = records.listings(search, Page { cursor: None, limit: 100 }).await.unwrap();
    assert!(!page.items.is_empty() && page.items.iter().all(|row| row.title.contains("의자")));
    let described = Search { words: "직거래".to_owned(), ..Search::default() };
    let described = records.listings(described, Page { cursor: None, limit: 100 }).await.unwrap();
    assert!(!described.items.is_empty(), "what only a description says is found as well");
    let (first, last) = (NOON.plus(Span::days(1)), NOON.plus(Span::days(7)));
    assert!(page.items.iter().all(|row| (first..=last).contains(&row.ends_at) && row.status == Status::Open));
    assert!(page.items.iter().all(|row| row.category.is_some() && row.region.is_some()));
    let (member, hash) = records.credentials("member7").await.unwrap().unwrap();
    assert_eq!((member.id.0, hash.as_str()), (7, "a hash"));
    assert!(records.wallet(member.id).await.unwrap().wallet.available.won() > 0);
}

#[test]
fn the_same_plan_gives_the_same_store() {
    let folders = [3, 3, 4].map(|number| {
        let folder = TempDir::new().unwrap();
        seed(folder.path(), &Plan { seed: number, ..PLAN }, &mut |_| {}).unwrap();
        folder
    });
    let [one, other, third] = folders.each_ref().map(contents);
    assert_eq!(one, other);
    assert_ne!(one, third);
    assert_eq!(one.len(), 500);
}

#[test]
fn what_cannot_be_seeded_is_refused() {
    let folder = TempDir::new().unwrap();
    let refused = |plan: &Plan<'_>| seed(folder.path(), plan, &mut |_| {}).is_err();
    assert!(refused(&Plan { members: 0, ..PLAN }), "nobody to sell");
    assert!(refused(&Plan { auctions: SEEDED_MAX + 1, ..PLAN }));
    assert!(!refused(&Plan { auctions: 0, members: 1, now: Time(0), ..PLAN }));
    assert!(refused(&PLAN), "not empty any more");
    assert_clean(&folder.path().join(store_sqlite::FILE_NAME));
}
