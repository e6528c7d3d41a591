//! Auctions as they stand, their events and bidders, and what a member sells and bids on.

use auction::{AuctionId, EventKind, Outcome, Seq};
use store::Records;
use store::records::EVENTS_MAX;

use crate::house::{House, after, bid, first, member};

#[tokio::test]
async fn an_auction_is_read_with_its_item_and_seller() {
    let house = House::open().await;
    let (mina, joon) = (house.member("mina").await, house.member("joon").await);
    let auction = house.list(mina, "원목 의자", 9).await;
    house.bids(auction, &[bid(joon, 2_000)]).await;
    let row = house.records.auction(auction).await.unwrap().unwrap();
    assert_eq!((row.auction.id, row.auction.seq, row.auction.price.won()), (auction, Seq(2), 2_000));
    assert_eq!((row.item.title.as_str(), row.seller), ("원목 의자", member(mina, "mina")));
    assert_eq!(house.records.auction(AuctionId(99)).await.unwrap(), None);

    let part = house.records.part(auction, joon).await.unwrap().unwrap();
    assert_eq!((part.number, part.commitment.won(), part.hold.won()), (1, 2_000, 2_000));
    assert_eq!(house.records.part(auction, mina).await.unwrap(), None);
    assert_eq!(house.records.bidders(auction).await.unwrap(), [(1, member(joon, "joon"))]);
    let heads = house.records.heads(&[AuctionId(99), auction]).await.unwrap();
    assert_eq!(heads, [(auction, Seq(2))]);
}

#[tokio::test]
async fn events_are_read_forward_and_bids_back() {
    let house = House::open().await;
    let (mina, joon) = (house.member("mina").await, house.member("joon").await);
    let auction = house.list(mina, "의자", 9).await;
    house.bids(auction, &[bid(joon, 2_000)]).await;
    house.event(auction, EventKind::Extended).await;
    house.bids(auction, &[bid(joon, 3_000), bid(joon, 4_000)]).await;
    house.close(auction, Outcome::Sold).await;

    let events = house.records.events(auction, Seq(1), 2).await.unwrap();
    let kinds: Vec<_> = events.iter().map(|event| (event.seq.0, event.kind)).collect();
    assert_eq!(kinds, [(2, EventKind::Bid), (3, EventKind::Extended)]);
    assert_eq!(house.records.events(auction, Seq(6), EVENTS_MAX).await.unwrap(), []);

    let page = house.records.bids(auction, first(2)).await.unwrap();
    assert_eq!(page.items.iter().map(|event| event.seq.0).collect::<Vec<_>>(), [5, 4]);
    let page = house.records.bids(auction, after(page.next, 2)).await.unwrap();
    assert_eq!((page.items[0].seq.0, page.items.len(), page.next), (2, 1, None));
    let lost = house.records.bids(auction, after(Some("nowhere".to_owned()), 2)).await.unwrap();
    assert_eq!((lost.items, lost.next), (vec![], None), "a cursor of nobody's leads nowhere");
}

#[tokio::test]
async fn a_page_of_events_ends_at_its_limit() {
    let house = House::open().await;
    let mina = house.member("mina").await;
    let auction = house.list(mina, "의자", 9).await;
    for _ in 0..EVENTS_MAX {
        house.event(auction, EventKind::Extended).await;
    }
    for limit in [EVENTS_MAX, EVENTS_MAX + 1] {
        assert_eq!(house.records.events(auction, Seq(0), limit).await.unwrap().len(), EVENTS_MAX);
    }
}

#[tokio::test]
async fn members_see_what_they_sell_and_bid_on() {
    let house = House::open().await;
    let (mina, joon) = (house.member("mina").await, house.member("joon").await);
    let mut auctions = Vec::new();
    for at in 0..3 {
        auctions.push(house.list(mina, &format!("물건 {at}"), 9).await);
    }
    let other = house.list(joon, "책상", 9).await;

    let page = house.records.selling(mina, first(2)).await.unwrap();
    assert_eq!(page.items.iter().map(|row| row.auction).collect::<Vec<_>>(), [auctions[2], auctions[1]]);
    let page = house.records.selling(mina, after(page.next, 2)).await.unwrap();
    assert_eq!((page.items[0].auction, &*page.items[0].title, page.next), (auctions[0], "물건 0", None));
    assert_eq!(house.records.selling(joon, first(2)).await.unwrap().items[0].auction, other);

    house.bids(auctions[0], &[bid(joon, 2_000)]).await;
    house.bids(auctions[2], &[bid(joon, 3_000)]).await;
    let page = house.records.bidding(joon, first(1)).await.unwrap();
    let row = &page.items[0];
    assert_eq!((row.auction.id, &*row.title, row.part.hold.won()), (auctions[2], "물건 2", 3_000));
    let page = house.records.bidding(joon, after(page.next, 1)).await.unwrap();
    assert_eq!((page.items[0].auction.id, page.next), (auctions[0], None));
}
