//! What a store keeps of pictures.

use auction::{AuctionId, Command, Picture, Revision, Span};
use ledger::MemberId;
use store::{Journal, Wanted};

use super::{BERT, CHAIR, SELLER, bid, market};
use crate::journal::acts::{Act, chair};
use crate::journal::deed::{Deed, address};
use crate::journal::house::House;
use crate::journal::{HandClock, UnderTest};

fn pictures(numbers: &[u8]) -> Vec<Picture> {
    numbers
        .iter()
        .map(|number| Picture { address: address(*number), alt: format!("사진 {number}, 앞") })
        .collect()
}

fn numbers<S: UnderTest>(house: &House<S>, auction: AuctionId) -> Vec<u8> {
    house.must.items[&auction].pictures.iter().map(|picture| picture.address[0]).collect()
}

async fn upload<S: UnderTest>(house: &mut House<S>, member: MemberId, number: u8) {
    assert!(house.perform(&Deed::Upload(member, number)).await);
    if !house.must.pictures.contains(&(member, address(number))) {
        house.must.pictures.push((member, address(number)));
        house.must.pictures.sort_unstable();
    }
}

fn edit(auction: AuctionId, revision: Revision) -> Act {
    Act::Command(auction, Command::Edit { seller: SELLER, revision: Box::new(revision) })
}

/// An upload is its member's alone, however often he uploads it, and whoever else has the same file.
pub async fn uploads_are_their_members<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    for (member, number) in [(SELLER, 1), (SELLER, 2), (BERT, 2), (BERT, 3), (SELLER, 1)] {
        upload(&mut house, member, number).await;
    }
    assert_eq!(house.must.pictures.len(), 4);
    house.stands_for_good().await;
    let asked = [(SELLER, 3), (BERT, 2), (MemberId(999), 1), (SELLER, 9)];
    let mut asked: Vec<_> = asked.iter().map(|(member, number)| (*member, address(*number))).collect();
    asked.sort_unstable();
    let wanted = Wanted { pictures: asked, ..Wanted::default() };
    let loaded = house.journal().begin(&wanted).await.expect("a round begins");
    house.journal().abandon().await;
    assert_eq!(loaded.pictures, [(BERT, address(2))]);
}

/// An item's pictures in their order, however it is edited; those that are appended come last.
pub async fn pictures_are_read_back<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    for number in 1..=4 {
        upload(&mut house, SELLER, number).await;
    }
    let mut listing = chair(SELLER, clock.now());
    for wished in [&[3, 1][..], &[1, 2, 3], &[], &[2]] {
        listing.item.pictures = pictures(wished);
        let listing = Some(listing.clone());
        house.act(edit(CHAIR, Revision { terms: None, listing, note: None, added: Vec::new() }), None).await;
        assert_eq!(numbers(&house, CHAIR), wished);
        house.stands_for_good().await;
    }
    house.act(bid(BERT, 5_000), None).await;
    let revision = Revision { terms: None, listing: None, note: None, added: pictures(&[4, 1]) };
    house.act(edit(CHAIR, revision), None).await;
    assert_eq!(numbers(&house, CHAIR), [2, 4, 1]);
    house.stands_for_good().await;
}

/// An item that is auctioned again shows others; the old auction keeps those it had, also when the new one is edited.
pub async fn old_auctions_keep_their_pictures<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    for number in 1..=3 {
        upload(&mut house, SELLER, number).await;
    }
    let added = pictures(&[2, 1]);
    house.act(edit(CHAIR, Revision { terms: None, listing: None, note: None, added }), None).await;
    clock.pass(Span::days(2));
    house.act(Act::Command(CHAIR, Command::Close), None).await;
    let mut again = chair(SELLER, clock.now());
    (again.again, again.item.pictures) = (Some(CHAIR), pictures(&[3]));
    let round = house.act(Act::List(Box::new(again.clone())), None).await;
    let next = round.relisted[0].id;
    assert_eq!((numbers(&house, CHAIR), numbers(&house, next)), (vec![2, 1], vec![3]));
    house.stands_for_good().await;
    (again.again, again.item.pictures) = (None, Vec::new());
    house
        .act(edit(next, Revision { terms: None, listing: Some(again), note: None, added: Vec::new() }), None)
        .await;
    assert_eq!((numbers(&house, CHAIR), numbers(&house, next)), (vec![2, 1], vec![]));
    house.stands_for_good().await;
}
