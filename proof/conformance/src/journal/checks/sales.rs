//! What a store keeps of what follows a sale: orders, their steps, offers.

use auction::{AuctionId, Command, Offer, OfferState, Order, OrderCommand, OrderId, OrderState, Side, Span};
use ledger::MemberId;
use store::{AnswerKind, FirstAnswer, Journal, Round};

use super::{ANNA, BERT, CHAIR, SELLER, bid, key, market};
use crate::journal::acts::{Act, MEETING_CODE, RECEIPT_CODE, chair};
use crate::journal::house::House;
use crate::journal::{HandClock, UnderTest};

const ORDER: OrderId = OrderId(1);

fn buy(buyer: MemberId) -> Act {
    Act::Command(CHAIR, Command::BuyNow { buyer, terms: None })
}

fn step(order: OrderId, command: OrderCommand) -> Act {
    Act::Command(CHAIR, Command::Order { order, command: Box::new(command) })
}

fn ship(tracking: &str) -> OrderCommand {
    let (carrier, tracking) = ("이웃택배".to_owned(), tracking.to_owned());
    OrderCommand::Ship { member: SELLER, carrier, tracking }
}

/// Everything an order can carry is read back after each of its steps, and what each step was answered.
pub async fn an_order_is_read_back<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    let anna = house.act(buy(ANNA), Some(key("buy", ANNA))).await;
    assert_eq!((anna.orders.len(), anna.steps.len(), anna.orders[0].0), (1, 1, None));
    let wrong = |member| OrderCommand::EnterReceiptCode { member, code: format!("{:06}", RECEIPT_CODE + 1) };
    let dispute = OrderCommand::Dispute { member: ANNA, text: "상자가 비어 있었어요".to_owned() };
    let evidence = OrderCommand::Evidence { member: SELLER, text: "사진을 보세요".to_owned() };
    let meet = OrderCommand::EnterMeetingCode { member: ANNA, code: format!("{MEETING_CODE:06}") };
    let commands = [
        OrderCommand::Cancel { member: SELLER },
        OrderCommand::KeepOn { member: SELLER },
        ship("123-456"),
        wrong(SELLER),
        meet,
        dispute,
        evidence,
    ];
    for (number, command) in commands.into_iter().enumerate() {
        clock.pass(Span::minutes(1));
        let name = format!("step-{number}");
        let round = house.act(step(ORDER, command), Some(key(&name, SELLER))).await;
        assert_eq!((round.keys[0].kind, round.auctions.len()), (AnswerKind::Order, 0));
        let kept = &house.must.keys[&key(&name, SELLER)].first;
        assert!(matches!(kept, FirstAnswer::Order(step) if step.seq == number as i64 + 2), "{kept:?}");
        house.stands_for_good().await;
    }
    let order = house.must.aftermaths[&CHAIR].order.clone().expect("it was bought");
    assert_eq!((order.state, order.tries, order.seller_evidence), (OrderState::Disputed, 1, 1));
    house.must.members.entry(BERT).or_default().is_admin = true;
    assert!(house.perform(&crate::journal::deed::Deed::SetAdmin(BERT, true)).await);
    let decide = OrderCommand::Decide {
        admin: BERT,
        refund: 20_000,
        fault: Some(Side::Seller),
        reason: "반만 왔어요".to_owned(),
    };
    let round = house.act(step(ORDER, decide), Some(key("decide", BERT))).await;
    assert_eq!((round.transfers.len(), round.marks.len()), (3, 1), "payout, fee and refund");
    house.stands_for_good().await;
}

/// A round about an order that is no longer as it was read is rejected whole; so is a new one that is not new.
pub async fn a_stale_order_is_rejected<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    house.act(buy(ANNA), None).await;
    let stale = house.begin(&step(ORDER, ship("1")), None).await;
    house.journal().abandon().await;
    house.act(step(ORDER, ship("2")), None).await;
    let act = step(ORDER, ship("1"));
    house.begin(&act, None).await;
    house.keep_rejected(&act.round(&stale, None)).await;
    for before in [None, Some(9)] {
        let loaded = house.begin(&act, None).await;
        let mut round = act.round(&loaded, None);
        round.orders[0].0 = before;
        house.keep_rejected(&round).await;
    }
    // The number of a step is given once.
    let loaded = house.begin(&act, None).await;
    let mut round = act.round(&loaded, None);
    round.steps[0].seq = 1;
    house.keep_rejected(&round).await;
    house.stands_for_good().await;
}

/// Refunds what was bought, by the buyer's wish and the seller's word: he who wanted it is he by whom it fell through.
async fn fall_through<S: UnderTest>(house: &mut House<S>, order: OrderId, buyer: MemberId) {
    house.act(step(order, OrderCommand::Cancel { member: buyer }), None).await;
    house.act(step(order, OrderCommand::Cancel { member: SELLER }), None).await;
}

/// Offers made, declined, lapsed and accepted; what is accepted opens another order beside the fallen one.
pub async fn offers_are_read_back<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = House::with_members(store, 4, 100_000).await;
    house.act(super::list(&clock), None).await;
    let carl = MemberId(4);
    for (bidder, amount) in [(carl, 5_000), (BERT, 7_000), (ANNA, 9_000)] {
        house.act(bid(bidder, amount), None).await;
    }
    clock.pass(Span::days(2));
    house.act(Act::Command(CHAIR, Command::Close), None).await;
    fall_through(&mut house, ORDER, ANNA).await;
    assert!(house.must.open.is_empty() && house.must.bidders[&(CHAIR, ANNA)].is_out);
    house.stands_for_good().await;
    let offer = || Act::Command(CHAIR, Command::Offer { seller: SELLER });
    let offered = house.act(offer(), Some(key("offer", SELLER))).await;
    assert_eq!((offered.offers[0].member, house.must.open.len()), (BERT, 1));
    house.stands_for_good().await;
    offer_rejected(&mut house, Offer { number: 2, member: carl, ..offered.offers[0] }).await;
    let decline = Command::DeclineOffer { member: BERT };
    house.act(Act::Command(CHAIR, decline), Some(key("decline", BERT))).await;
    house.stands_for_good().await;
    house.act(offer(), None).await;
    let loaded = house.begin(&Act::Command(CHAIR, Command::Close), None).await;
    house.journal().abandon().await;
    assert!(loaded.members.contains_key(&carl), "the wallet of whom it is offered to is read unasked");
    assert!(loaded.bidders.contains_key(&(CHAIR, carl)) && loaded.bidders.contains_key(&(CHAIR, ANNA)));
    let accept = Command::AcceptOffer { member: carl };
    let accepted = house.act(Act::Command(CHAIR, accept), Some(key("accept", carl))).await;
    assert_eq!(accepted.orders.len(), 2, "the fallen one, and the new one");
    let newest = house.must.aftermaths[&CHAIR].order.clone().expect("it was bought again");
    assert!(newest.is_second_chance && newest.number == 2 && newest.buyer == carl);
    house.stands_for_good().await;
    let answered = house.must.aftermaths[&CHAIR].offers[0];
    for state in [OfferState::Open, OfferState::Declined, OfferState::Accepted] {
        offer_rejected(&mut house, Offer { state, ..answered }).await;
    }
}

/// An offer beside one that is open is rejected, and so is one that was answered before.
async fn offer_rejected<S: UnderTest>(house: &mut House<S>, offer: Offer) {
    let act = Act::Deposit(ANNA, 1);
    let loaded = house.begin(&act, None).await;
    let round = Round { offers: vec![offer], ..act.round(&loaded, None) };
    house.keep_rejected(&round).await;
}

/// Of an auction at most one order is open, also where both are second chances.
pub async fn one_order_is_open<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    let bought = house.act(buy(ANNA), None).await;
    let second =
        |id: i64| Order { id: OrderId(id), number: id, is_second_chance: true, ..bought.orders[0].1.clone() };
    let deposit = Act::Deposit(BERT, 5_000);
    let loaded = house.begin(&deposit, None).await;
    let mut round = deposit.round(&loaded, None);
    round.orders.push((None, second(loaded.next.order)));
    house.keep_rejected(&round).await;
    fall_through(&mut house, ORDER, ANNA).await;
    let loaded = house.begin(&deposit, None).await;
    let mut round = deposit.round(&loaded, None);
    round.orders.push((None, second(loaded.next.order)));
    house.keep(&round).await.expect("the first has fallen through");
    house.stands_for_good().await;
}

/// The auctions with something open come by number, page by page.
pub async fn what_follows_a_sale_comes_in_pages<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = House::with_members(store, 2, 1_000_000).await;
    for auction in (1..=5).map(AuctionId) {
        house.act(Act::List(Box::new(chair(SELLER, clock.now()))), None).await;
        if auction != AuctionId(3) {
            let buy = Command::BuyNow { buyer: ANNA, terms: None };
            house.act(Act::Command(auction, buy), None).await;
        }
    }
    let received = OrderCommand::EnterReceiptCode { member: SELLER, code: format!("{RECEIPT_CODE:06}") };
    let done = Command::Order { order: OrderId(2), command: Box::new(received) };
    house.act(Act::Command(AuctionId(2), done), None).await;
    let open = [1, 4, 5].map(AuctionId);
    for limit in 1..=4 {
        let (mut found, mut after) = (Vec::new(), AuctionId(0));
        loop {
            let page = house.journal().open_aftermaths(after, limit).await.expect("a page");
            assert!(page.len() <= limit);
            let Some(last) = page.last().copied() else { break };
            found.extend(page);
            after = last;
        }
        assert_eq!(found, open, "in pages of {limit}");
    }
    house.stands_for_good().await;
}
