//! Saved searches: kept once, looked at for what has arrived, and told of at most once an hour.

use auction::{AuctionId, Command, Hand, Item, Listing, Span, Status, Time};
use ledger::MemberId;
use store::records::{
    NewSearch, NoticeKind, Page, SAVED_SEARCHES_MAX, SavedSearch, Search, SearchTold, TOLD_AGAIN_AFTER,
};

use super::{House, NOW, listing, plain};

const FIRST: Page = Page { cursor: None, limit: 100 };

/// What the web would make of a kept search: here its words alone.
fn meaning(saved: &SavedSearch) -> Search {
    Search { words: saved.query.clone(), status: Some(Status::Open), ..Search::default() }
}

impl House<'_> {
    async fn save(&self, member: MemberId, query: &str) -> Option<SavedSearch> {
        let (name, query) = (format!("[{query}]"), query.to_owned());
        self.records.save_search(NewSearch { member, name, query, at: NOW }).await.unwrap().ok()
    }

    /// Looks at every search that is behind, once, and keeps what was found.
    async fn look_round(&self, now: Time) {
        let mut looks = Vec::new();
        for saved in self.records.searches_behind(now).await.unwrap() {
            let search = meaning(&saved);
            looks.push(self.records.look(saved, search).await.unwrap());
        }
        self.records.keep_looks(looks, now).await.unwrap();
    }

    async fn told(&self, member: MemberId) -> Vec<(AuctionId, String, Option<i64>, bool)> {
        let rows = self.records.notices(member, FIRST).await.unwrap().items;
        let ours = rows.into_iter().filter(|row| row.kind == NoticeKind::SearchMatch);
        ours.map(|row| (row.auction, row.title, row.search.map(|told| told.count), row.read)).collect()
    }

    async fn fresh(&self, member: MemberId) -> Vec<(String, i64)> {
        let searches = self.records.saved_searches(member).await.unwrap();
        searches.into_iter().map(|one| (one.query, one.fresh)).collect()
    }
}

/// A search is kept once, up to so many, and is its member's alone.
pub async fn kept_searches(house: &House<'_>) {
    let records = house.records;
    let (joon, sora) = (house.member("joon").await, house.member("sora").await);
    let chair = house.save(joon, "의자").await.unwrap();
    assert_eq!((chair.member, chair.name.as_str(), chair.query.as_str()), (joon, "[의자]", "의자"));
    assert_eq!((chair.created_at, chair.fresh), (NOW, 0));
    assert_eq!(house.save(joon, "의자").await, Some(chair.clone()), "again is the same");
    for at in 1..SAVED_SEARCHES_MAX {
        assert!(house.save(joon, &format!("물건 {at}")).await.is_some());
    }
    assert_eq!(house.save(joon, "하나 더").await, None, "there is an end");
    assert_eq!(house.save(joon, "의자").await, Some(chair.clone()), "what is kept may be kept again");
    assert!(house.save(sora, "하나 더").await.is_some(), "an end for each");
    let kept = records.saved_searches(joon).await.unwrap();
    assert_eq!((kept.len(), kept.last()), (SAVED_SEARCHES_MAX, Some(&chair)));
    assert!(!records.remove_search(sora, chair.id).await.unwrap(), "not hers");
    assert_eq!(records.open_search(sora, chair.id).await.unwrap(), None);
    assert_eq!(records.open_search(joon, chair.id).await.unwrap(), Some(chair.clone()));
    assert!(records.remove_search(joon, chair.id).await.unwrap());
    assert!(!records.remove_search(joon, chair.id).await.unwrap(), "it is gone");
    assert!(house.save(joon, "하나 더").await.is_some(), "there is room again");
}

/// What arrives is told to whom it fits, as a search would find it; once, however often it is looked at.
pub async fn told_searches(house: &House<'_>) {
    let (mina, joon, sora) =
        (house.member("mina").await, house.member("joon").await, house.member("sora").await);
    house.list(mina, "낡은 의자", None).await;
    house.follow().await;
    for (member, query) in [(joon, "의자"), (joon, "ㅊㅅ"), (joon, "!"), (sora, "책상을"), (mina, "의자")]
    {
        house.save(member, query).await.unwrap();
    }
    assert_eq!(house.records.searches_behind(NOW).await.unwrap(), [], "nothing has arrived since");
    let chair = house.list(mina, "원목 의자", None).await;
    let desk = house.list(mina, "원목 책상", None).await;
    assert_eq!(house.records.searches_behind(NOW).await.unwrap(), [], "nothing is listed yet");
    house.follow().await;
    // Two that look at once: the second finds what the first has kept already.
    let behind = house.records.searches_behind(NOW).await.unwrap();
    assert_eq!(behind.len(), 5);
    let mut looks = Vec::new();
    for saved in behind {
        let search = meaning(&saved);
        looks.push(house.records.look(saved, search).await.unwrap());
    }
    let both = [looks.clone(), looks].concat();
    for _ in 0..2 {
        house.records.keep_looks(both.clone(), NOW).await.unwrap();
        house.look_round(NOW).await;
    }
    let told = house.told(joon).await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.contains(&(chair, "[의자]".to_owned(), Some(1), false)), "{told:?}");
    assert!(told.contains(&(desk, "[ㅊㅅ]".to_owned(), Some(1), false)), "{told:?}");
    assert_eq!(house.told(sora).await, [(desk, "[책상을]".to_owned(), Some(1), false)]);
    assert_eq!(house.told(mina).await, [], "nobody hears of what he sells himself");
    assert_eq!(house.fresh(sora).await, [("책상을".to_owned(), 1)]);
    assert_eq!(house.fresh(mina).await, [("의자".to_owned(), 0)]);
    assert_eq!(house.records.searches_behind(NOW).await.unwrap(), [], "all were looked at");

    // Who takes a search away is not told by its name any more, and a thing that two searches find is told once.
    let id = house.records.saved_searches(sora).await.unwrap()[0].id;
    house.records.remove_search(sora, id).await.unwrap();
    assert_eq!(house.told(sora).await, [(desk, "원목 책상".to_owned(), None, false)]);
}

/// Of one search a member hears at most once an hour; what came meanwhile is counted, and what he has seen is not.
pub async fn searches_told_seldom(house: &House<'_>) {
    let (mina, joon) = (house.member("mina").await, house.member("joon").await);
    let saved = house.save(joon, "의자").await.unwrap();
    let first = house.list(mina, "의자 하나", None).await;
    house.follow().await;
    house.look_round(NOW).await;
    let name = "[의자]".to_owned();
    assert_eq!(house.told(joon).await, [(first, name.clone(), Some(1), false)]);
    let mut newest = first;
    for at in 0..3 {
        newest = house.list(mina, &format!("의자 {at}"), None).await;
        house.follow().await;
        house.look_round(NOW.plus(Span(TOLD_AGAIN_AFTER.0 - 1))).await;
    }
    assert_eq!(house.told(joon).await, [(first, name.clone(), Some(1), false)], "not within the hour");
    assert_eq!(house.fresh(joon).await, [("의자".to_owned(), 4)]);
    let later = NOW.plus(TOLD_AGAIN_AFTER);
    let behind = house.records.searches_behind(later).await.unwrap();
    assert_eq!(behind.len(), 1, "by now it may be told");
    house.look_round(later).await;
    let told = house.records.notices(joon, FIRST).await.unwrap().items;
    let one = SearchTold { id: saved.id, count: 3 };
    assert_eq!((told.len(), told[0].search, told[0].at), (1, Some(one), later), "one unread of a search");
    assert_eq!(house.told(joon).await, [(newest, name, Some(3), false)]);
    assert_eq!(house.records.searches_behind(later).await.unwrap(), []);

    house.list(mina, "의자 다섯", None).await;
    house.follow().await;
    house.look_round(later).await;
    assert_eq!(house.records.open_search(joon, saved.id).await.unwrap().unwrap().fresh, 5);
    assert_eq!(house.fresh(joon).await, [("의자".to_owned(), 0)]);
    let much_later = later.plus(TOLD_AGAIN_AFTER);
    assert_eq!(house.records.searches_behind(much_later).await.unwrap(), [], "he has seen what came");
}

/// Two searches that find the same newest thing: one notice leads there, and neither loses what came for it.
pub async fn searches_that_find_the_same(house: &House<'_>) {
    let (mina, joon) = (house.member("mina").await, house.member("joon").await);
    for query in ["의자", "원목"] {
        house.save(joon, query).await.unwrap();
    }
    let both = house.list(mina, "원목 의자", None).await;
    house.follow().await;
    house.look_round(NOW).await;
    let told = house.told(joon).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((told[0].0, told[0].2), (both, Some(1)));
    assert!(house.fresh(joon).await.iter().all(|(_, fresh)| *fresh == 1), "both have something new");
    assert_eq!(house.records.searches_behind(NOW).await.unwrap(), [], "nothing is asked again at once");
    let later = NOW.plus(TOLD_AGAIN_AFTER);
    house.look_round(later).await;
    assert_eq!(house.told(joon).await, told, "it leads there already");
    // What comes for the other one is told with all that came before.
    let first = if told[0].1 == "[의자]" { "원목 책상" } else { "의자" };
    let newest = house.list(mina, first, None).await;
    house.follow().await;
    let latest = later.plus(TOLD_AGAIN_AFTER);
    house.look_round(latest).await;
    let told = house.told(joon).await;
    assert_eq!((told.len(), told[0].0, told[0].2), (2, newest, Some(2)), "{told:?}");
}

/// An auction arrives when it opens, once; not when it is announced, edited or over, and not from who blocks the member.
pub async fn arrivals(house: &House<'_>) {
    let (mina, joon, kang) =
        (house.member("mina").await, house.member("joon").await, house.member("kang").await);
    house.save(joon, "의자").await.unwrap();
    house.records.block(kang, joon, None, NOW).await.unwrap().unwrap();
    let item = |seller| Item { title: "의자".to_owned(), ..plain(seller) };
    let starts_at = Some(NOW.plus(Span::hours(1)));
    house.list_as(Listing { starts_at, ..listing(item(mina)) }).await;
    house.list_item(item(kang), None).await;
    let over = house.list_item(item(mina), None).await;
    house.command(over, Command::Cancel { by: Hand::Seller(mina), reason: None }).await;
    house.follow().await;
    house.look_round(NOW).await;
    assert_eq!(house.told(joon).await, []);
    assert_eq!(house.fresh(joon).await, [("의자".to_owned(), 0)]);
    let open = house.list_item(item(mina), None).await;
    house.follow().await;
    house.bid(house.rich_member("sora").await, open, 5_000).await;
    house.follow().await;
    house.look_round(NOW).await;
    assert_eq!(house.told(joon).await, [(open, "[의자]".to_owned(), Some(1), false)]);
}
