//! Searching: the same words, ranks, sieves and places find the same in every store.

use auction::{AuctionId, Bid, Command, Condition, Item, Listing, Revision, Span};
use ledger::MemberId;
use store::records::{Count, Near, Page, Search, Sort};

use super::{House, NOW, all, listing, plain};

impl House<'_> {
    /// Has auctions of these titles listed, one after another.
    async fn list_all(&self, seller: MemberId, titles: &[&str]) -> Vec<AuctionId> {
        let mut auctions = Vec::new();
        for title in titles {
            auctions.push(self.list(seller, title, None).await);
        }
        auctions
    }

    /// What a search finds, the same in pages of any size.
    async fn finds(&self, search: &Search) -> Vec<AuctionId> {
        let mut found = Vec::new();
        for limit in [100, 1, 2] {
            let rows =
                all(limit, async |page| self.records.listings(search.clone(), page).await.unwrap()).await;
            let rows: Vec<AuctionId> = rows.iter().map(|row| row.auction).collect();
            assert!(limit == 100 || rows == found, "by {limit}: {search:?} finds {rows:?}, not {found:?}");
            found = rows;
        }
        found
    }

    async fn count(&self, search: &Search) -> Option<Count> {
        self.records.find(search.clone(), Page { cursor: None, limit: 1 }).await.unwrap().count
    }
}

fn saying(words: &str) -> Search {
    Search { words: words.to_owned(), ..Search::default() }
}

/// Pairs, initials, particles, half-typed syllables, widths and cases, and what stands in descriptions alone.
pub async fn words(house: &House<'_>) {
    let mina = house.member("mina").await;
    let titles = ["원목의자를 팔아요", "가방", "ＬＧ 그램 17인치", "책상 세트", "값싼 우산"];
    let listed = house.list_all(mina, &titles).await;
    let item =
        Item { title: "거울".to_owned(), description: "참나무 틀이에요".to_owned(), ..plain(mina) };
    let mirror = house.list_item(item, None).await;
    house.follow().await;
    let [chair, bag, laptop, desk, umbrella] = listed[..] else { panic!("five were listed") };
    for (query, expected) in [
        ("의자", vec![chair]),
        ("의자를", vec![chair]),
        ("의자가", vec![chair]),
        ("의", vec![chair]),
        ("읮", vec![chair]),
        ("의ㅈ", vec![chair]),
        ("ㅇㅈ", vec![chair]),
        ("ㅇㅁㅇㅈ", vec![chair]),
        ("ㅇㅅ", vec![umbrella]),
        ("가바", vec![bag]),
        ("가방에서", vec![bag]),
        ("lg", vec![laptop]),
        ("Lg 그래", vec![laptop]),
        ("책ㅅ", vec![desk]),
        ("책사", vec![desk]),
        ("책상 ㅅㅌ", vec![desk]),
        ("참나무", vec![mirror]),
        ("참나무 거울", vec![mirror]),
        ("ㅊㄴ", vec![]),
        ("참ㄴ", vec![]),
        ("걸상", vec![]),
        ("' | \" & ! * : ( )", vec![]),
        ("의자' | '가방", vec![]),
        ("\\", vec![]),
        ("ㅏ", vec![]),
    ] {
        assert_eq!(house.finds(&saying(query)).await, expected, "{query}");
        assert_eq!(house.finds(&Search { sort: Sort::Best, ..saying(query) }).await, expected, "{query}");
    }
}

/// Whole words come before beginnings, these before what stands within, and that before descriptions; then the newest.
pub async fn ranking(house: &House<'_>) {
    let mina = house.member("mina").await;
    let titles = ["의자 하나", "통원목의자", "의자커버", "의자를 팔아요", "흔들의자"];
    let listed = house.list_all(mina, &titles).await;
    let [whole, within, begins, particle, within_too] = listed[..] else { panic!("five were listed") };
    let item =
        Item { title: "책상".to_owned(), description: "의자와 함께 쓰던".to_owned(), ..plain(mina) };
    let described = house.list_item(item, None).await;
    house.follow().await;
    let best = Search { sort: Sort::Best, ..saying("의자") };
    let expected = [particle, whole, begins, within_too, within, described];
    assert_eq!(house.finds(&best).await, expected);
    assert_eq!(house.count(&best).await, Some(Count { least: 6, has_more: false }));
    let newest = [described, within_too, particle, begins, within, whole];
    assert_eq!(house.finds(&saying("의자")).await, newest);
    let without_words = Search { sort: Sort::Best, ..Search::default() };
    assert_eq!(house.finds(&without_words).await, newest, "without words, the newest come first");
}

/// Each sieve by itself, and several at once.
pub async fn sieves(house: &House<'_>) {
    let mina = house.member("mina").await;
    let joon = house.rich_member("joon").await;
    let categories = house.records.categories().await.unwrap();
    let kind = categories.iter().find(|kind| kind.parent.is_some()).unwrap();
    let worn = Item { condition: Some(Condition::B), category: Some(kind.id), ..plain(mina) };
    let titled = |title: &str, item: &Item| Item { title: title.to_owned(), ..item.clone() };
    let chair = house.list_item(titled("의자", &worn), Some(9_000)).await;
    let soon = Listing { ends_at: NOW.plus(Span::hours(2)), ..listing(titled("책상", &plain(mina))) };
    let desk = house.list_as(soon).await;
    let reserved = Listing { reserve_price: Some(5_000), ..listing(titled("거울", &worn)) };
    let mirror = house.list_as(reserved).await;
    house.follow().await;
    let any = Search::default();
    for (name, search, expected) in [
        ("condition", Search { condition: Some(Condition::B), ..any.clone() }, vec![mirror, chair]),
        ("other condition", Search { condition: Some(Condition::New), ..any.clone() }, vec![]),
        ("kind", Search { category: Some(kind.id), ..any.clone() }, vec![mirror, chair]),
        ("parent", Search { category: kind.parent, ..any.clone() }, vec![mirror, chair]),
        ("no kind", Search { category: Some(-1), ..any.clone() }, vec![]),
        ("ends by", Search { ends_by: Some(NOW.plus(Span::hours(2))), ..any.clone() }, vec![desk]),
        ("ends before", Search { ends_by: Some(NOW.plus(Span::hours(1))), ..any.clone() }, vec![]),
        ("reserve", Search { reserve_met: true, ..any.clone() }, vec![desk, chair]),
        ("buy now", Search { buy_now: true, ..any.clone() }, vec![chair]),
        ("picture", Search { pictured: true, ..any.clone() }, vec![]),
        (
            "several",
            Search { buy_now: true, reserve_met: true, category: kind.parent, ..saying("의자") },
            vec![chair],
        ),
    ] {
        assert_eq!(house.finds(&search).await, expected, "{name}");
        let ending = Search { sort: Sort::Ending, ..search };
        let mut found = house.finds(&ending).await;
        found.sort_by_key(|auction| std::cmp::Reverse(*auction));
        assert_eq!(found, expected, "{name}, soonest first");
    }
    assert_eq!(house.count(&any).await, Some(Count { least: 3, has_more: false }));
    let bid = Bid { bidder: joon, amount: Some(5_000), maximum: None, terms: None };
    house.command(mirror, Command::Bid(bid)).await;
    house.follow().await;
    let met = Search { reserve_met: true, ..any };
    assert_eq!(house.finds(&met).await, [mirror, desk, chair], "a bid met the reserve");
}

/// What is near stands in one of the regions that are, nearest first; what is nationwide and elsewhere is not near.
pub async fn near(house: &House<'_>) {
    let mina = house.member("mina").await;
    let regions = house.records.regions().await.unwrap();
    let around: Vec<i64> =
        regions.iter().filter(|region| region.level == 3).map(|region| region.id).take(4).collect();
    assert!(regions.iter().all(|region| region.centre.is_some() == (region.level == 3)));
    let [one, two, three, far] = around[..] else { panic!("there are many") };
    let mut listed = Vec::new();
    for (title, region, nationwide) in [
        ("하나", one, false),
        ("둘", two, true),
        ("셋", three, false),
        ("넷", far, true),
        ("다섯", one, false),
    ] {
        let item = Item { title: title.to_owned(), region: Some(region), nationwide, ..plain(mina) };
        listed.push(house.list_item(item, None).await);
    }
    house.follow().await;
    let [first, second, third, _, fifth] = listed[..] else { panic!("five were listed") };
    let near = Near { regions: vec![(three, 0), (one, 900), (two, 900)] };
    let newest = Search { near: Some(near), ..Search::default() };
    assert_eq!(house.finds(&newest).await, [fifth, third, second, first]);
    let nearest = Search { sort: Sort::Nearest, ..newest.clone() };
    assert_eq!(house.finds(&nearest).await, [third, fifth, second, first]);
    assert_eq!(house.finds(&Search { words: "다섯".to_owned(), ..nearest.clone() }).await, [fifth]);
    assert_eq!(house.count(&nearest).await, Some(Count { least: 4, has_more: false }));
    let nowhere = Search { near: Some(Near::default()), ..newest };
    assert_eq!(house.finds(&nowhere).await, []);
    let lost = Search { sort: Sort::Nearest, ..Search::default() };
    assert_eq!(house.finds(&lost).await.len(), 5, "nothing is near to nowhere in particular");

    let exactly = |least| Count { least, has_more: false };
    let ranges = [(one, one), (one, three), (far + 1, far), (far, far)];
    let counts = house.records.open_within(&ranges).await.unwrap();
    assert_eq!(counts, [exactly(2), exactly(4), exactly(0), exactly(1)]);
}

/// An edit that changes the description alone changes what is found, and words made by an older rule are made anew.
pub async fn edited(house: &House<'_>) {
    let mina = house.member("mina").await;
    let item = Item { title: "의자".to_owned(), description: "참나무로".to_owned(), ..plain(mina) };
    let chair = house.list_item(item.clone(), None).await;
    house.follow().await;
    assert_eq!(house.finds(&saying("참나무")).await, [chair]);
    let item = Item { description: "자작나무로".to_owned(), ..item };
    let revision = Revision { terms: None, listing: Some(listing(item)), note: None, added: Vec::new() };
    house.command(chair, Command::Edit { seller: mina, revision: Box::new(revision) }).await;
    house.follow().await;
    assert_eq!(house.finds(&saying("참나무")).await, []);
    assert_eq!(house.finds(&saying("자작나무")).await, [chair]);
    assert!(!house.records.word_anew().await.unwrap(), "nothing waits for its words");
}
