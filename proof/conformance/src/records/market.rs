//! Auctions, money and lists, as the web's door shows what an engine has kept.

use auction::{
    AuctionId, Command, Condition, Event, EventKind, Hand, Item, Listing, Outcome, Revision, Seq, Span,
    Status,
};
use ledger::{Account, MemberId, Reason};
use store::records::{CLOSE_MINUTES, ListingRow, Page, Search, Sort, TransferFilter};

use super::{House, all, listing, plain};

/// What was kept is read back whole, by auction and by member, in pages of any size.
pub async fn auctions(house: &House<'_>) {
    let records = house.records;
    let mina = house.member("mina").await;
    let (joon, sora) = (house.rich_member("joon").await, house.rich_member("sora").await);
    let chair = house.list(mina, "원목 의자", None).await;
    let desk = house.list(mina, "책상", None).await;
    for (bidder, amount) in [(joon, 1_000), (sora, 2_000), (joon, 5_000)] {
        house.bid(bidder, chair, amount).await;
    }
    house.bid(sora, desk, 1_000).await;

    let row = records.auction(chair).await.unwrap().unwrap();
    assert_eq!((row.item.title.as_str(), row.seller.id), ("원목 의자", mina));
    assert_eq!((row.auction.price.won(), row.auction.bid_count, row.auction.bidders), (5_000, 3, 2));
    let events = records.events(chair, Seq(0), 100).await.unwrap();
    let numbers: Vec<i64> = events.iter().map(|event| event.seq.0).collect();
    assert_eq!(numbers, (1..=row.auction.seq.0).collect::<Vec<_>>(), "without a gap from the first");
    assert_eq!(events[0].kind, EventKind::Listed);
    assert_eq!(records.events(chair, Seq(1), 2).await.unwrap(), events[1..3]);
    let heads = records.heads(&[chair, desk]).await.unwrap();
    assert_eq!(heads[0], (chair, row.auction.seq));

    let bid_events: Vec<&Event> = events.iter().filter(|event| event.kind == EventKind::Bid).collect();
    assert_eq!(bid_events.len(), 3);
    for limit in [1, 2, 100] {
        let bids = all(limit, async |page| records.bids(chair, page).await.unwrap()).await;
        let amounts: Vec<_> = bids.iter().filter_map(|event| Some(event.amount?.won())).collect();
        assert_eq!(amounts, [5_000, 2_000, 1_000]);
        let selling = all(limit, async |page| records.selling(mina, page).await.unwrap()).await;
        assert_eq!(selling.iter().map(|row| row.auction).collect::<Vec<_>>(), [desk, chair]);
        let bidding = all(limit, async |page| records.bidding(sora, page).await.unwrap()).await;
        assert_eq!(bidding.iter().map(|row| row.auction.id).collect::<Vec<_>>(), [desk, chair]);
        assert_eq!(bidding.iter().map(|row| row.part.hold.won()).collect::<Vec<_>>(), [1_000, 0]);
    }
    let (minute, last) = (Span::minutes(1), events.last().unwrap().at);
    for later in [Span::seconds(30), Span::seconds(90), Span::hours(1)] {
        let end = last.plus(later);
        let is_of = |event: &&Event, before: i64| end.since(event.at).0 / minute.0 == before;
        let count = |before| bid_events.iter().filter(|event| is_of(event, before)).count() as i64;
        let expected: Vec<i64> = (0..CLOSE_MINUTES).map(count).collect();
        assert_eq!(records.bids_each_minute(chair, end).await.unwrap(), expected, "{later:?}");
    }
    let part = records.part(chair, sora).await.unwrap().unwrap();
    assert_eq!((part.number, part.commitment.won(), part.hold.won()), (2, 2_000, 0));
    let bidders = records.bidders(chair).await.unwrap();
    assert_eq!(
        bidders.iter().map(|(number, member)| (*number, member.id)).collect::<Vec<_>>(),
        [(1, joon), (2, sora)]
    );
}

/// A wallet's holds add up to what is held, and its transfers to its balances.
pub async fn money(house: &House<'_>) {
    let records = house.records;
    let mina = house.member("mina").await;
    let (joon, sora) = (house.rich_member("joon").await, house.rich_member("sora").await);
    let chair = house.list(mina, "원목 의자", Some(9_000)).await;
    let desk = house.list(mina, "책상", None).await;
    house.bid(joon, desk, 3_000).await;
    house.bid(joon, chair, 2_000).await;
    house.bid(sora, chair, 4_000).await;
    house.buy_now(joon, chair).await;

    let page = records.wallet(joon).await.unwrap();
    let mut wallets = records.wallets(&[joon, MemberId(i64::MAX), mina]).await.unwrap();
    // Who never had money may have an empty one: the seller is paid later.
    wallets.retain(|(member, wallet)| *member != mina || wallet.version > 0);
    assert_eq!(wallets, [(joon, page.wallet)]);
    assert_eq!((page.wallet.available.won(), page.wallet.held.won()), (988_000, 3_000));
    let holds: Vec<_> =
        page.holds.iter().map(|hold| (hold.auction, &*hold.title, hold.amount.won())).collect();
    assert_eq!(holds, [(desk, "책상", 3_000)]);

    let everything = TransferFilter::default();
    for limit in [1, 3, 100] {
        let transfers =
            all(limit, async |page| records.transfers(joon, everything, page).await.unwrap()).await;
        assert!(transfers.windows(2).all(|pair| pair[0].id > pair[1].id), "newest first");
        let into = |account| {
            transfers.iter().filter(|row| row.to == account).map(|row| row.amount.won()).sum::<i64>()
        };
        let out = |account| {
            transfers.iter().filter(|row| row.from == account).map(|row| row.amount.won()).sum::<i64>()
        };
        assert_eq!(into(Account::Available(joon)) - out(Account::Available(joon)), 988_000);
        assert_eq!(into(Account::Held(joon)) - out(Account::Held(joon)), 3_000);
        let purchases = TransferFilter { reason: Some(Reason::Purchase), ..everything };
        let purchases =
            all(limit, async |page| records.transfers(joon, purchases, page).await.unwrap()).await;
        assert_eq!(purchases.len(), 1);
        assert_eq!((purchases[0].auction, purchases[0].title.as_deref()), (Some(chair), Some("원목 의자")));
    }
    let order = records.aftermath(chair).await.unwrap().order.unwrap();
    assert_eq!((order.price.won(), order.fee, order.buyer, order.seller), (9_000, None, joon, mina));
}

/// The listings show what was followed, in every order, and nothing that was not.
pub async fn listings(house: &House<'_>) {
    let records = house.records;
    let mina = house.member("mina").await;
    let joon = house.rich_member("joon").await;
    let chair = house.list(mina, "원목 의자를 팔아요", Some(9_000)).await;
    let item = Item { nationwide: true, ..records.auction(chair).await.unwrap().unwrap().item };
    let desk = house.list_item(Item { title: "책상과 의자".to_owned(), ..item }, None).await;
    let found = async |search: &Search| {
        let rows = all(1, async |page| records.listings(search.clone(), page).await.unwrap()).await;
        rows.iter().map(|row| row.auction).collect::<Vec<_>>()
    };
    let words = |words: &str| Search { words: words.to_owned(), ..Search::default() };
    assert_eq!(found(&Search::default()).await, [], "nothing was followed yet");
    house.follow().await;
    assert_eq!(found(&Search::default()).await, [desk, chair]);
    assert_eq!(found(&words("의자")).await, [desk, chair]);
    assert_eq!(found(&words("책상 의자")).await, [desk]);
    assert_eq!(found(&words("걸상")).await, []);
    let region = records.regions().await.unwrap()[0].id;
    assert_eq!(found(&Search { region: Some(region), ..Search::default() }).await, [desk]);

    house.bid(joon, desk, 5_000).await;
    house.buy_now(joon, chair).await;
    house.follow().await;
    let open = Search { status: Some(Status::Open), ..Search::default() };
    assert_eq!(found(&open).await, [desk]);
    for (sort, first, second) in [
        (Sort::PriceAscending, desk, chair),
        (Sort::PriceDescending, chair, desk),
        (Sort::Bids, desk, chair),
        (Sort::Newest, desk, chair),
        (Sort::Ending, chair, desk),
    ] {
        assert_eq!(found(&Search { sort, ..Search::default() }).await, [first, second], "{sort:?}");
    }
    let page = Page { cursor: None, limit: 9 };
    let rows = records.listings(Search::default(), page).await.unwrap().items;
    assert_eq!((rows[0].price.won(), rows[0].bid_count, rows[0].outcome), (5_000, 1, None));
    assert_eq!(
        (rows[1].price.won(), rows[1].status, rows[1].outcome),
        (9_000, Status::Ended, Some(Outcome::Bought))
    );
    let head = records.heads(&[desk]).await.unwrap()[0].1;
    assert_eq!(rows[0].seq, head);
}

/// An item that is auctioned again and described anew: the old auction shows what it showed, wherever it is read.
pub async fn auctioned_again(house: &House<'_>) {
    let records = house.records;
    let mina = house.member("mina").await;
    let joon = house.rich_member("joon").await;
    let words = |title: &str, description: &str| Item {
        title: title.to_owned(),
        description: description.to_owned(),
        condition: Some(Condition::A),
        ..plain(mina)
    };
    let old = house.list_item(words("원목 의자", "처음"), None).await;
    house.bid(joon, old, 1_000).await;
    let cancel = Command::Cancel { by: Hand::Seller(mina), reason: Some("다시 올려요".to_owned()) };
    house.command(old, cancel).await;
    let was = records.auction(old).await.unwrap().unwrap().item;
    let again = Listing {
        again: Some(old),
        ..listing(Item { nationwide: true, ..words("참나무 의자", "둘째") })
    };
    let new = house.list_as(again).await;
    let edited = Item { nationwide: true, condition: None, ..words("참나무 의자", "셋째") };
    let revision =
        Revision { terms: None, listing: Some(listing(edited.clone())), note: None, added: Vec::new() };
    house.command(new, Command::Edit { seller: mina, revision: Box::new(revision) }).await;
    // Both were listed by nobody until now: the old one gets its own words all the same.
    house.follow().await;

    assert_eq!(records.auction(old).await.unwrap().unwrap().item, was);
    assert_eq!(records.auction(new).await.unwrap().unwrap().item, edited);
    let page = Page { cursor: None, limit: 9 };
    let item = records.auction(old).await.unwrap().unwrap().auction.item;
    let shown = |rows: Vec<ListingRow>| -> Vec<_> {
        rows.into_iter().map(|row| (row.auction, row.title, row.nationwide, row.condition)).collect()
    };
    let both = [
        (new, "참나무 의자".to_owned(), true, None),
        (old, "원목 의자".to_owned(), false, Some(Condition::A)),
    ];
    assert_eq!(shown(records.selling(mina, page.clone()).await.unwrap().items), both);
    assert_eq!(shown(records.auctions_of(item, page.clone()).await.unwrap().items), both);
    assert_eq!(shown(records.listings(Search::default(), page.clone()).await.unwrap().items), both);
    for (words, found) in [("원목", old), ("참나무", new)] {
        let search = Search { words: words.to_owned(), ..Search::default() };
        let rows = records.listings(search, page.clone()).await.unwrap().items;
        assert_eq!(rows.iter().map(|row| row.auction).collect::<Vec<_>>(), [found], "{words}");
    }
    let bidding = records.bidding(joon, page.clone()).await.unwrap().items;
    assert_eq!((&*bidding[0].title, bidding[0].nationwide), ("원목 의자", false));
    let moved = records.transfers(joon, TransferFilter::default(), page.clone()).await.unwrap().items;
    assert_eq!(moved[0].title.as_deref(), Some("원목 의자"));
    let notices = records.notices(joon, page).await.unwrap().items;
    assert!(!notices.is_empty() && notices.iter().all(|notice| notice.title == "원목 의자"), "{notices:?}");
}

/// What was missed of several auctions is read together, and as much of it as was asked for.
pub async fn standings(house: &House<'_>) {
    let records = house.records;
    let mina = house.member("mina").await;
    let (joon, sora) = (house.rich_member("joon").await, house.rich_member("sora").await);
    let chair = house.list(mina, "원목 의자", None).await;
    let desk = house.list(mina, "책상", None).await;
    for amount in 1..=4 {
        house.bid(joon, chair, amount * 1_000).await;
        house.bid(sora, desk, amount * 1_000).await;
    }
    let asked = [(desk, Seq(3)), (AuctionId(i64::MAX), Seq(0)), (chair, Seq(0))];
    for limit in [2, 1_000] {
        let mut standings = records.standings(&asked, limit).await.unwrap();
        standings.sort_by_key(|(auction, _)| auction.id);
        let mut expected = Vec::new();
        for (id, known) in [(chair, Seq(0)), (desk, Seq(3))] {
            let auction = records.auction(id).await.unwrap().unwrap().auction;
            expected.push((auction, records.events(id, known, limit).await.unwrap()));
        }
        assert_eq!(standings, expected);
    }
    assert_eq!(records.standings(&[], 2).await.unwrap(), []);
}
