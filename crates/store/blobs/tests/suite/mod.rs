//! What every store of blobs promises, wherever it keeps them: one suite, run on a folder and on a real service.

use auction::Time;
use store::Failure;
use store_blobs::{BLOB_BYTES_MAX, BlobName, Blobs, NAMES_MAX};

use crate::sample::{bytes, name};

/// The first of January 2020, before anything here was written.
const LONG_AGO: Time = Time(1_577_836_800_000_000);

pub async fn what_is_put_is_got(blobs: &Blobs) {
    for (seed, length) in [(1, 1), (2, 255), (3, 1_000_000)] {
        let name = name(seed, "card.webp");
        assert_eq!(blobs.get(&name).await.unwrap(), None);
        blobs.put(&name, bytes(seed, length)).await.unwrap();
        assert_eq!(blobs.clone().get(&name).await.unwrap(), Some(bytes(seed, length)));
    }
    assert_eq!(blobs.get(&name(1, "card.web")).await.unwrap(), None);
    assert_eq!(blobs.get(&name(4, "card.webp")).await.unwrap(), None);
}

pub async fn putting_twice_is_putting_once(blobs: &Blobs) {
    let name = name(1, "card.webp");
    blobs.put(&name, bytes(1, 1_000)).await.unwrap();
    let first = blobs.list(None, NAMES_MAX).await.unwrap();
    blobs.put(&name, bytes(1, 1_000)).await.unwrap();
    let second = blobs.list(None, NAMES_MAX).await.unwrap();
    assert_eq!(blobs.get(&name).await.unwrap(), Some(bytes(1, 1_000)));
    assert_eq!((first.len(), second.len()), (1, 1));
    assert!(LONG_AGO < first[0].written && first[0].written <= second[0].written, "{first:?} {second:?}");
}

pub async fn what_is_removed_is_gone(blobs: &Blobs) {
    let (gone, kept) = (name(1, "a"), name(1, "b"));
    blobs.remove(&gone).await.unwrap();
    blobs.put(&gone, bytes(1, 10)).await.unwrap();
    blobs.put(&kept, bytes(2, 10)).await.unwrap();
    blobs.remove(&gone).await.unwrap();
    blobs.remove(&gone).await.unwrap();
    assert_eq!(blobs.get(&gone).await.unwrap(), None);
    assert_eq!(blobs.get(&kept).await.unwrap(), Some(bytes(2, 10)));
    blobs.put(&gone, bytes(1, 10)).await.unwrap();
    assert_eq!(blobs.get(&gone).await.unwrap(), Some(bytes(1, 10)));
}

pub async fn a_list_goes_through_all_in_order(blobs: &Blobs) {
    assert_eq!(blobs.list(None, 10).await.unwrap(), []);
    let firsts = [0, 1, 2, 0x10, 0x5a, 0x7f, 0xa0, 0xff];
    let mut all: Vec<_> =
        firsts.iter().flat_map(|first| ["0", "a", "a.webp", "a-b"].map(|form| name(*first, form))).collect();
    for (at, name) in all.iter().enumerate().rev() {
        blobs.put(name, bytes(1, at + 1)).await.unwrap();
    }
    all.sort();
    for limit in [1, 3, all.len(), all.len() + 1, usize::MAX] {
        assert_eq!(read_all(blobs, limit).await, all, "in pages of {limit}");
    }
    for at in 0..all.len() {
        let page = blobs.list(Some(&all[at]), 1).await.unwrap();
        assert_eq!(page.first().map(|listed| &listed.name), all.get(at + 1));
    }
    let page = blobs.list(Some(&name(0x10, "zz")), 1).await.unwrap();
    assert_eq!(page[0].name, name(0x5a, "0"), "after a name that is not there");
    assert!(matches!(blobs.list(None, 0).await, Err(Failure::Rejected { .. })));
}

pub async fn a_sweep_may_remove_what_it_goes_through(blobs: &Blobs) {
    for first in 0..9 {
        blobs.put(&name(first, "a"), bytes(first, 5)).await.unwrap();
    }
    let mut after = None;
    loop {
        let page = blobs.list(after.as_ref(), 2).await.unwrap();
        let Some(last) = page.last().map(|listed| listed.name.clone()) else { break };
        assert!(after.is_none_or(|after| after < last), "it does not go on");
        after = Some(last);
        for listed in page {
            blobs.remove(&listed.name).await.unwrap();
        }
    }
    assert_eq!(blobs.list(None, 10).await.unwrap(), []);
}

pub async fn nothing_and_too_much_is_refused(blobs: &Blobs) {
    let most = usize::try_from(BLOB_BYTES_MAX).unwrap();
    for (length, taken) in [(0, false), (most + 1, false), (most, true)] {
        let answer = blobs.put(&name(1, "a"), bytes(1, length)).await;
        match answer {
            Ok(()) => assert!(taken, "{length}"),
            Err(failure) => assert!(!taken && matches!(failure, Failure::Rejected { .. }), "{failure:?}"),
        }
        let kept = blobs.get(&name(1, "a")).await.unwrap();
        assert_eq!(kept.map(|bytes| bytes.len()), taken.then_some(length));
    }
}

/// Eight tasks put the same while four look: who looks sees all or nothing.
pub async fn what_is_read_is_whole(blobs: &Blobs) {
    let (name, whole) = (name(1, "a"), bytes(1, 300_000));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (blobs, name, whole) = (blobs.clone(), name.clone(), whole.clone());
        tasks.spawn(async move { blobs.put(&name, whole).await.unwrap() });
    }
    for _ in 0..4 {
        let (blobs, name, whole) = (blobs.clone(), name.clone(), whole.clone());
        tasks.spawn(async move {
            for _ in 0..8 {
                let seen = blobs.get(&name).await.unwrap();
                assert!(seen.is_none_or(|bytes| bytes == whole), "half of it was seen");
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
    assert_eq!(blobs.get(&name).await.unwrap(), Some(whole));
}

async fn read_all(blobs: &Blobs, limit: usize) -> Vec<BlobName> {
    let mut all: Vec<BlobName> = Vec::new();
    loop {
        let page = blobs.list(all.last(), limit).await.unwrap();
        assert!(page.len() <= limit);
        if page.is_empty() {
            return all;
        }
        assert!(all.last().is_none_or(|last| *last < page[0].name), "it does not go on");
        all.extend(page.into_iter().map(|listed| listed.name));
    }
}

/// Makes a test of each function of the suite; `$open` gives a future of an empty store of that name and what keeps it.
#[macro_export]
macro_rules! suite {
    ($open:path: $($case:ident),* $(,)?) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $case() {
            let (blobs, _kept) = $open(stringify!($case)).await;
            suite::$case(&blobs).await;
        }
    )*};
    ($open:path) => {
        suite! { $open:
            what_is_put_is_got,
            putting_twice_is_putting_once,
            what_is_removed_is_gone,
            a_list_goes_through_all_in_order,
            a_sweep_may_remove_what_it_goes_through,
            nothing_and_too_much_is_refused,
            what_is_read_is_whole,
        }
    };
}
