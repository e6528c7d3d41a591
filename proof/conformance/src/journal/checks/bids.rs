//! What a store keeps of bids, hidden figures and terms.

use auction::{AuctionId, Bid, Command, Hand, Item, ReserveStatus, Revision, Seq, Span};
use ledger::{MemberId, Money};
use store::{AnswerKind, FirstAnswer, Journal, Wanted};

use super::{ANNA, BERT, CHAIR, SELLER, bid, key, list, market};
use crate::journal::acts::{Act, chair};
use crate::journal::house::House;
use crate::journal::{HandClock, UnderTest};

fn maximum(bidder: MemberId, amount: Option<i64>, maximum: i64) -> Act {
    let bid = Bid { bidder, amount, maximum: Some(maximum), terms: None };
    Act::Command(CHAIR, Command::Bid(bid))
}

fn take_back(member: MemberId) -> Act {
    let reason = Some("허위 입찰".to_owned());
    Act::Command(CHAIR, Command::TakeBack { member, by: Hand::House, reason })
}

/// The auction's row changes while its newest event stays; a retry is answered with the maximum of its own time.
pub async fn a_silent_raise_is_kept<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    house.act(bid(ANNA, 5_000), Some(key("first", ANNA))).await;
    let raised = house.act(maximum(ANNA, None, 20_000), Some(key("raise", ANNA))).await;
    let (before, auction) = &raised.auctions[0];
    assert_eq!((*before, auction.price.won(), raised.events.len()), (auction.seq, 5_000, 0));
    assert_eq!(raised.keys[0].kind, AnswerKind::Silent);
    house.stands_for_good().await;
    house.act(maximum(ANNA, None, 30_000), Some(key("again", ANNA))).await;
    house.stands_for_good().await;
    let said = house.must.keys[&key("raise", ANNA)].first.clone();
    let FirstAnswer::Silent { event, maximum: said } = said else { panic!("{said:?}") };
    assert_eq!((event.seq, said.won()), (auction.seq, 20_000));
    let stood = house.must.auctions[&CHAIR].clone();
    let act = maximum(ANNA, None, 40_000);
    let loaded = house.begin(&act, None).await;
    let mut stale = act.round(&loaded, None);
    stale.auctions[0].0 = Seq(stood.seq.0 - 1);
    house.keep_rejected(&stale).await;
}

/// Number, commitment, since when, what was named, what is held, bids in vain, and whether it counts.
pub async fn a_bidders_row_is_read_back<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    house.act(maximum(ANNA, Some(2_000), 20_000), None).await;
    for amount in [4_000, 6_000, 8_000] {
        clock.pass(Span::seconds(7));
        house.act(bid(BERT, amount), None).await;
    }
    let row = house.must.bidders[&(CHAIR, BERT)].clone();
    assert_eq!((row.number, row.commitment.won(), row.named.won(), row.hold), (2, 8_000, 8_000, Money::ZERO));
    assert!(row.vain.len() == 3 && row.vain.is_sorted() && row.since > Seq(1), "{row:?}");
    let leads = house.must.bidders[&(CHAIR, ANNA)].clone();
    assert_eq!((leads.commitment.won(), leads.named.won(), leads.hold.won()), (20_000, 2_000, 20_000));
    house.stands_for_good().await;
    house.act(take_back(BERT), None).await;
    assert!(house.must.bidders[&(CHAIR, BERT)].is_out);
    house.stands_for_good().await;
    house.act(take_back(ANNA), None).await;
    assert!(house.must.auctions[&CHAIR].afresh > Seq(1));
    house.stands_for_good().await;
}

/// The rows of those with the highest commitments that count, of equal ones the earlier first, as many as were asked for.
pub async fn rivals_are_the_highest_that_count<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = House::with_members(store, 7, 100_000).await;
    house.act(list(&clock), None).await;
    let bidders: Vec<MemberId> = (2..=7).map(MemberId).collect();
    // 2 leads up to 40,000; 3 and 4 match 9,000, in this order; 5 names 12,000 and 6 20,000; 7 is taken back.
    house.act(maximum(bidders[0], None, 40_000), None).await;
    for (bidder, amount) in [(1, 9_000), (3, 12_000), (4, 20_000), (5, 30_000)] {
        house.act(bid(bidders[bidder], amount), None).await;
    }
    house.act(take_back(bidders[5]), None).await;
    house.act(bid(bidders[2], 21_000), None).await;
    house.act(take_back(bidders[2]), None).await;
    house.stands("taken back").await;
    let by_commitment = [bidders[0], bidders[4], bidders[3], bidders[1]];
    for count in 0..=6 {
        let wanted = Wanted { auctions: vec![CHAIR], rivals: vec![(CHAIR, count)], ..Wanted::default() };
        let loaded = house.journal().begin(&wanted).await.expect("a round begins");
        house.journal().abandon().await;
        let mut read: Vec<MemberId> = loaded.bidders.keys().map(|(_, member)| *member).collect();
        read.sort();
        // The leader's row is read in any case.
        let mut must: Vec<MemberId> = by_commitment.iter().copied().take(count.max(1)).collect();
        must.sort();
        assert_eq!(read, must, "{count} rivals");
    }
    equal_rivals(&mut house, &clock).await;
}

/// Of two equal commitments the earlier is read first.
async fn equal_rivals<S: UnderTest>(house: &mut House<S>, clock: &HandClock) {
    house.act(list(clock), None).await;
    let desk = AuctionId(2);
    let bid = |bidder, amount: Option<i64>, maximum| {
        let bid = Bid { bidder: MemberId(bidder), amount, maximum, terms: None };
        Act::Command(desk, Command::Bid(bid))
    };
    // 5 leads with 10,000 until 4 overtakes; 3 commits himself to the same amount before that.
    house.act(bid(5, None, Some(10_000)), None).await;
    house.act(bid(3, Some(10_000), None), None).await;
    house.act(bid(4, None, Some(30_000)), None).await;
    let wanted = Wanted { auctions: vec![desk], rivals: vec![(desk, 2)], ..Wanted::default() };
    let loaded = house.journal().begin(&wanted).await.expect("a round begins");
    house.journal().abandon().await;
    let mut read: Vec<i64> = loaded.bidders.keys().map(|(_, member)| member.0).collect();
    read.sort_unstable();
    assert_eq!(read, [4, 5], "5 committed himself before 3 did");
}

/// Terms, reserve and the item's words change together; a note changes the terms alone; a lowered reserve cuts a maximum.
pub async fn an_edit_is_read_back<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    let mut listing = chair(SELLER, clock.now());
    listing.item.description = "세 번 앉았어요.".to_owned();
    listing.item.condition = None;
    listing.reserve_price = Some(30_000);
    listing.buy_now_price = None;
    let edit = |listing, note: Option<&str>| {
        let revision = Revision { terms: None, listing, note: note.map(str::to_owned), added: Vec::new() };
        Act::Command(CHAIR, Command::Edit { seller: SELLER, revision: Box::new(revision) })
    };
    house.act(edit(Some(listing), None), Some(key("edit", SELLER))).await;
    let auction = house.must.auctions[&CHAIR].clone();
    assert_eq!((auction.terms, auction.reserve.map(Money::won)), (2, Some(30_000)));
    assert_eq!(house.must.items[&CHAIR].description, "세 번 앉았어요.");
    house.stands_for_good().await;
    house.act(maximum(ANNA, None, 20_000), None).await;
    house.act(edit(None, Some("다리 하나가 흔들려요")), Some(key("note", SELLER))).await;
    house.stands_for_good().await;
    assert_eq!(house.must.auctions[&CHAIR].reserve_status(), ReserveStatus::NotMet);
    let lower = Command::LowerReserve { seller: SELLER, reserve: 15_000 };
    house.act(Act::Command(CHAIR, lower), Some(key("lower", SELLER))).await;
    assert_eq!(house.must.bidders[&(CHAIR, ANNA)].hold.won(), 14_000, "one step below");
    house.stands_for_good().await;
    house.act(maximum(ANNA, None, 16_000), None).await;
    assert_eq!(house.must.auctions[&CHAIR].price.won(), 15_000);
    house.stands_for_good().await;
}

/// An item's next auction; the old one says which follows it, changed in silence, and shows the item as it was, also when
/// the new one is edited.
pub async fn an_item_is_auctioned_again<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    clock.pass(Span::days(2));
    house.act(Act::Command(CHAIR, Command::Close), None).await;
    let mut again = chair(SELLER, clock.now());
    again.again = Some(CHAIR);
    again.item.title = "원목 의자, 다시".to_owned();
    let round = house.act(Act::List(Box::new(again)), Some(key("again", SELLER))).await;
    assert_eq!((round.relisted.len(), round.listed.len(), round.relisted[0].item.0), (1, 0, 1));
    let old = &house.must.auctions[&CHAIR];
    assert_eq!((old.followed_by, old.seq), (Some(round.relisted[0].id), round.auctions[0].0));
    let next = round.relisted[0].id;
    let titles = |house: &House<S>| [CHAIR, next].map(|id| house.must.items[&id].title.clone());
    assert_eq!(titles(&house), ["원목 의자", "원목 의자, 다시"]);
    house.stands_for_good().await;
    let mut revised = chair(SELLER, clock.now());
    revised.item = Item { nationwide: false, ..house.must.items[&next].clone() };
    revised.item.description = "다리를 고쳤어요.".to_owned();
    let revision = Revision { terms: None, listing: Some(revised), note: None, added: Vec::new() };
    house.act(Act::Command(next, Command::Edit { seller: SELLER, revision: Box::new(revision) }), None).await;
    assert_eq!(titles(&house), ["원목 의자", "원목 의자, 다시"]);
    assert!(house.must.items[&CHAIR].nationwide && !house.must.items[&next].nationwide);
    house.stands_for_good().await;
    let another = house.act(list(&clock), None).await;
    assert_ne!(another.listed[0].0, round.relisted[0].item);
    house.stands_for_good().await;
}
