//! Watchlists, and who hears once that an auction ends soon.

use std::collections::BTreeSet;

use auction::{AuctionId, Command, Hand, Listing, Span};
use ledger::{MemberId, Money};
use store::records::{ENDING_SOON, Heart, NoticeKind, NoticeRow, Page, WATCHED_MAX, WatchRefused};

use super::{House, NOW, all, listing, new_member, plain};

impl House<'_> {
    /// An auction that ends so long from now.
    async fn list_until(&self, seller: MemberId, title: &str, left: Span) -> AuctionId {
        let item = auction::Item { title: title.to_owned(), ..plain(seller) };
        self.list_as(Listing { ends_at: NOW.plus(left), ..listing(item) }).await
    }

    async fn watch(&self, member: MemberId, auction: AuctionId) {
        self.records.watch(member, auction, NOW).await.unwrap().unwrap();
    }

    /// Tells what ends soon until nothing is left.
    async fn endings(&self) -> Vec<(MemberId, NoticeRow)> {
        let mut notices = Vec::new();
        loop {
            let told = self.records.tell_endings().await.unwrap();
            notices.extend(told.notices);
            if !told.more {
                return notices;
            }
        }
    }
}

/// What is put on a watchlist stands there once, is counted, and is listed by its end until it is taken off.
pub async fn watchlists(house: &House<'_>) {
    let records = house.records;
    let (mina, joon, sora) =
        (house.member("mina").await, house.member("joon").await, house.member("sora").await);
    let late = house.list_until(mina, "의자", Span::days(3)).await;
    let soon = house.list_until(mina, "책상", Span::hours(1)).await;
    let over = house.list_until(mina, "거울", Span::hours(2)).await;
    let other = house.list_until(mina, "화분", Span::hours(3)).await;
    house.command(over, Command::Cancel { by: Hand::Seller(mina), reason: None }).await;
    for auction in [late, over, soon, soon] {
        house.watch(joon, auction).await;
    }
    house.watch(sora, soon).await;
    let missing = AuctionId(i64::MAX);
    assert_eq!(records.watch(joon, missing, NOW).await.unwrap(), Err(WatchRefused::NoAuction));

    let heart = |auction, watchlists, is_watched| Heart { auction, watchlists, is_watched };
    let asked = [soon, other, missing, late];
    let seen = [heart(soon, 2, true), heart(other, 0, false), heart(missing, 0, false), heart(late, 1, true)];
    assert_eq!(records.hearts(&asked, Some(joon)).await.unwrap(), seen);
    assert_eq!(records.hearts(&[soon], None).await.unwrap(), [heart(soon, 2, false)]);
    assert_eq!(records.hearts(&[], Some(joon)).await.unwrap(), []);
    for limit in [1, 2, 100] {
        let rows = all(limit, async |page| records.watched(joon, page).await.unwrap()).await;
        let rows: Vec<_> = rows.iter().map(|row| (row.auction, row.title.as_str())).collect();
        assert_eq!(rows, [(soon, "책상"), (late, "의자"), (over, "거울")]);
    }
    let nonsense = Page { cursor: Some("x".to_owned()), limit: 9 };
    assert_eq!(records.watched(joon, nonsense).await.unwrap().items, []);

    for _ in 0..2 {
        records.unwatch(joon, soon).await.unwrap();
    }
    assert_eq!(records.hearts(&[soon], Some(joon)).await.unwrap(), [heart(soon, 1, false)]);
    assert_eq!(records.watched(sora, Page { cursor: None, limit: 9 }).await.unwrap().items.len(), 1);

    assert_eq!(records.listed(&[soon]).await.unwrap(), [], "nothing was followed yet");
    house.follow().await;
    let listed = records.listed(&[late, missing, soon]).await.unwrap();
    let listed: BTreeSet<_> = listed.iter().map(|row| row.auction).collect();
    assert_eq!(listed, BTreeSet::from([late, soon]));
}

/// A watchlist has an end: what stands there may be put there again, one more may not, until one is taken off.
pub async fn full_watchlists(house: &House<'_>) {
    let records = house.records;
    let (mina, joon) = (house.member("mina").await, house.member("joon").await);
    let mut auctions = Vec::new();
    for at in 0..=WATCHED_MAX {
        auctions.push(house.list(mina, &format!("물건 {at}"), None).await);
    }
    for auction in &auctions[..WATCHED_MAX] {
        house.watch(joon, *auction).await;
    }
    let one_more = auctions[WATCHED_MAX];
    assert_eq!(records.watch(joon, one_more, NOW).await.unwrap(), Err(WatchRefused::Full));
    house.watch(joon, auctions[0]).await;
    house.watch(mina, one_more).await;
    records.unwatch(joon, auctions[7]).await.unwrap();
    house.watch(joon, one_more).await;
    assert_eq!(records.watch(joon, auctions[7], NOW).await.unwrap(), Err(WatchRefused::Full));
}

/// Whoever watches or has bid, and may still win, hears once that it ends soon; the seller does not.
pub async fn ending_soon(house: &House<'_>) {
    let mina = house.member("mina").await;
    let (joon, sora) = (house.rich_member("joon").await, house.rich_member("sora").await);
    let kang = house.rich_member("kang").await;
    let chair = house.list_until(mina, "의자", ENDING_SOON).await;
    let desk = house.list_until(mina, "책상", Span(ENDING_SOON.0 + 1)).await;
    let gone = house.list_until(mina, "거울", ENDING_SOON).await;
    for auction in [chair, desk, gone] {
        house.watch(joon, auction).await;
        house.watch(mina, auction).await;
    }
    for (bidder, amount) in [(sora, 1_000), (kang, 2_000), (joon, 3_000)] {
        house.bid(bidder, chair, amount).await;
    }
    let back = Command::TakeBack { member: kang, by: Hand::Seller(mina), reason: None };
    house.command(chair, back).await;
    house.command(gone, Command::Cancel { by: Hand::Seller(mina), reason: None }).await;
    assert_eq!(house.endings().await, [], "nothing is listed yet");
    house.follow().await;
    let notices = house.endings().await;
    let told: Vec<_> = notices.iter().map(|(member, row)| (*member, row.kind, row.auction)).collect();
    let kind = NoticeKind::EndingSoon;
    assert_eq!(told, [(joon, kind, chair), (sora, kind, chair)]);
    let row = &notices[0].1;
    assert_eq!((row.title.as_str(), row.amount, row.at), ("의자", Money::new(3_000), NOW));
    house.watch(kang, chair).await;
    house.bid(sora, chair, 4_000).await;
    house.follow().await;
    assert_eq!(house.endings().await, [], "once for each auction and member, also after its end moved");
    house.records.read_notices(joon, i64::MAX, NOW).await.unwrap();
    assert_eq!(house.endings().await, [], "and not again when it was read");
}

/// Of one auction more hear it than one write takes: each once, and none is forgotten.
pub async fn many_endings(house: &House<'_>) {
    const WATCHERS: usize = 1_200;
    let mina = house.member("mina").await;
    let chair = house.list_until(mina, "의자", ENDING_SOON).await;
    let desk = house.list_until(mina, "책상", ENDING_SOON).await;
    let mut watchers = BTreeSet::new();
    for at in 0..WATCHERS {
        let member =
            house.records.create_member(new_member(&format!("watcher{at}"))).await.unwrap().unwrap().id;
        house.watch(member, chair).await;
        watchers.insert(member);
    }
    let one = *watchers.first().unwrap();
    house.watch(one, desk).await;
    house.follow().await;
    let first = house.records.tell_endings().await.unwrap();
    assert!(first.more && first.notices.len() < WATCHERS, "a write is short: {}", first.notices.len());
    let notices: Vec<_> = first.notices.into_iter().chain(house.endings().await).collect();
    let told: BTreeSet<_> = notices.iter().map(|(member, row)| (row.auction, *member)).collect();
    let mut expected: BTreeSet<_> = watchers.iter().map(|member| (chair, *member)).collect();
    expected.insert((desk, one));
    assert_eq!((told, notices.len()), (expected, WATCHERS + 1));
}
