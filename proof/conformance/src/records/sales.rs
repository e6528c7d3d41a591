//! What follows a sale, as the web's door shows it: orders, disputes, offers, reviews and what they say of a member.

use auction::{AuctionId, Command, OfferState, OrderCommand, OrderState, Side, Span, StepKind};
use ledger::MemberId;
use store::records::{NewReview, PAGE_ROWS_MAX, REVIEW_WITHIN, ReviewRefused};

use super::{House, NOW, all};
use crate::journal::deed::Deed;

/// The codes of every order, where chance always draws zero.
const CODE: &str = "000000";

/// An order with its sides and all its steps; lists of a member's orders, as buyer and as seller.
pub async fn orders(house: &House<'_>) {
    let records = house.records;
    let (mina, joon) = (house.rich_member("mina").await, house.rich_member("joon").await);
    let chair = house.list(mina, "의자", Some(9_000)).await;
    let desk = house.list(joon, "책상", Some(7_000)).await;
    house.buy_now(joon, chair).await;
    house.buy_now(mina, desk).await;
    let (first, second) = (house.order(chair).await, house.order(desk).await);
    assert_eq!((first.buyer, first.seller, second.buyer, second.seller), (joon, mina, mina, joon));
    let (carrier, tracking) = ("이웃택배".to_owned(), "123-456".to_owned());
    house.step(chair, OrderCommand::Ship { member: mina, carrier, tracking }).await;
    house.step(chair, OrderCommand::Receive { member: joon }).await;
    let page = records.order(first.id).await.unwrap().unwrap();
    assert_eq!((page.buyer.id, page.seller.id, page.title.as_str()), (joon, mina, "의자"));
    assert_eq!((page.order.state, page.order.tracking.as_deref()), (OrderState::Delivered, Some("123-456")));
    let steps: Vec<_> = page.steps.iter().map(|step| (step.seq, step.kind, step.by)).collect();
    let (opened, shipped) = ((1, StepKind::Opened, Some(joon)), (2, StepKind::Shipped, Some(mina)));
    assert_eq!(steps, [opened, shipped, (3, StepKind::Delivered, Some(joon))]);
    assert_eq!(Some(&page.order), records.aftermath(chair).await.unwrap().order.as_ref());
    for limit in [1, 9] {
        for member in [mina, joon] {
            let rows = all(limit, async |page| records.orders(member, page).await.unwrap()).await;
            let ids: Vec<_> = rows.iter().map(|row| (row.id, row.buyer, row.price.won())).collect();
            assert_eq!(ids, [(second.id, mina, 7_000), (first.id, joon, 9_000)], "newest first");
            assert_eq!((rows[1].state, rows[1].due), (OrderState::Delivered, page.order.due));
        }
    }
    let lamp = house.list(mina, "전등", None).await;
    let newest = async |auctions: &[AuctionId]| {
        let mut found = records.newest_orders(auctions).await.unwrap();
        found.sort_by_key(|order| order.id);
        found
    };
    let both = [page.order.clone(), records.order(second.id).await.unwrap().unwrap().order];
    assert_eq!(newest(&[desk, lamp, chair, AuctionId(i64::MAX)]).await, both);
    assert_eq!(newest(&[]).await, []);
    let at_the_end = |before: usize| [vec![lamp; before], vec![chair]].concat();
    assert_eq!(newest(&at_the_end(PAGE_ROWS_MAX - 1)).await, both[..1]);
    assert_eq!(newest(&at_the_end(PAGE_ROWS_MAX)).await, [], "no more are looked at");
    let nobody = all(9, async |page| records.orders(MemberId(i64::MAX), page).await.unwrap()).await;
    assert_eq!(nobody, []);
    assert_eq!(records.order(auction::OrderId(i64::MAX)).await.unwrap(), None);
}

/// Disputes wait for an admin, oldest first, until one decides; both sides may read what he did.
pub async fn disputes(house: &House<'_>) {
    let records = house.records;
    let (mina, admin) = (house.member("mina").await, house.member("admin").await);
    let joon = house.rich_member("joon").await;
    assert!(Deed::SetAdmin(admin, true).perform(records, NOW).await.unwrap());
    let mut orders = Vec::new();
    for title in ["의자", "책상", "장롱"] {
        let auction = house.list(mina, title, Some(9_000)).await;
        house.buy_now(joon, auction).await;
        orders.push((auction, house.order(auction).await.id));
    }
    for (auction, _) in &orders[..2] {
        let text = "상자가 비어 있었어요".to_owned();
        house.step(*auction, OrderCommand::Dispute { member: joon, text }).await;
    }
    for limit in [1, 9] {
        let rows = all(limit, async |page| records.disputes(page).await.unwrap()).await;
        assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [orders[0].1, orders[1].1]);
    }
    let reason = "사진을 보고 정했어요".to_owned();
    let decide = OrderCommand::Decide { admin, refund: 4_000, fault: Some(Side::Seller), reason };
    house.step(orders[0].0, decide).await;
    let rows = all(9, async |page| records.disputes(page).await.unwrap()).await;
    assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [orders[1].1]);
    for member in [mina, joon] {
        let acts = all(9, async |page| records.acts(Some(member), page).await.unwrap()).await;
        assert_eq!(acts.iter().map(|act| act.order).collect::<Vec<_>>(), [Some(orders[0].1)]);
    }
    let order = records.order(orders[0].1).await.unwrap().unwrap().order;
    assert_eq!((order.state, order.refund.map(ledger::Money::won)), (OrderState::Split, Some(4_000)));
}

/// Offers stand beside the order that fell through, and beside the one that came of the last of them.
pub async fn offers(house: &House<'_>) {
    let records = house.records;
    let mina = house.member("mina").await;
    let (joon, sora) = (house.rich_member("joon").await, house.rich_member("sora").await);
    let kang = house.rich_member("kang").await;
    let chair = house.list(mina, "의자", Some(9_000)).await;
    for (bidder, amount) in [(joon, 2_000), (sora, 4_000)] {
        house.bid(bidder, chair, amount).await;
    }
    house.buy_now(kang, chair).await;
    let fallen = house.order(chair).await.id;
    house.fall_through(chair).await;
    house.command(chair, Command::Offer { seller: mina }).await;
    house.command(chair, Command::DeclineOffer { member: sora }).await;
    house.command(chair, Command::Offer { seller: mina }).await;
    house.command(chair, Command::AcceptOffer { member: joon }).await;
    let after = records.aftermath(chair).await.unwrap();
    let second = after.order.as_ref().unwrap();
    assert!(second.is_second_chance && second.buyer == joon && second.id != fallen);
    let said: Vec<_> = after.offers.iter().map(|offer| (offer.number, offer.member, offer.state)).collect();
    assert_eq!(said, [(1, sora, OfferState::Declined), (2, joon, OfferState::Accepted)]);
    assert_eq!(records.newest_orders(&[chair]).await.unwrap().as_slice(), std::slice::from_ref(second));
    for order in [fallen, second.id] {
        assert_eq!(records.order(order).await.unwrap().unwrap().offers, after.offers);
    }
}

/// Both sides write once, when the order is over; nobody sees either before both wrote or the time is over.
pub async fn reviews(house: &House<'_>) {
    let records = house.records;
    let (mina, joon) = (house.member("mina").await, house.rich_member("joon").await);
    let chair = house.list(mina, "의자", Some(9_000)).await;
    house.buy_now(joon, chair).await;
    let order = house.order(chair).await.id;
    let review = |by, stars| NewReview { order, by, stars, text: format!("{stars}점이에요"), at: NOW };
    let early = records.write_review(review(Side::Buyer, 5)).await.unwrap();
    assert_eq!(early, Err(ReviewRefused::NotOver));
    house.step(chair, OrderCommand::EnterReceiptCode { member: mina, code: CODE.to_owned() }).await;
    assert_eq!(records.write_review(review(Side::Buyer, 4)).await.unwrap(), Ok(()));
    let again = records.write_review(review(Side::Buyer, 1)).await.unwrap();
    assert_eq!(again, Err(ReviewRefused::Written));
    let over = NOW.plus(REVIEW_WITHIN);
    let late = NewReview { at: over.plus(Span(1)), ..review(Side::Seller, 3) };
    assert_eq!(records.write_review(late).await.unwrap(), Err(ReviewRefused::TooLate));
    let shown = async |about, at| {
        let rows = all(1, async |page| records.reviews(about, at, page).await.unwrap()).await;
        rows.iter().map(|row| (row.author, row.stars, row.text.clone())).collect::<Vec<_>>()
    };
    let of_joon = vec![(joon, 4, "4점이에요".to_owned())];
    assert_eq!(shown(mina, NOW).await, [], "only one wrote");
    assert_eq!(records.reputation(mina, NOW).await.unwrap().reviews, 0);
    assert_eq!(shown(mina, over.plus(Span(1))).await, of_joon, "the time is over");
    assert_eq!(records.write_review(review(Side::Seller, 2)).await.unwrap(), Ok(()));
    assert_eq!((shown(mina, NOW).await, shown(joon, NOW).await.len()), (of_joon, 1));
    assert_eq!(records.order(order).await.unwrap().unwrap().reviews.len(), 2);
    let reputation = records.reputation(mina, NOW).await.unwrap();
    assert_eq!((reputation.score, reputation.reviews, reputation.sales), (Some(75), 1, 1));
    let of_joon = records.reputation(joon, NOW).await.unwrap();
    assert_eq!((of_joon.score, of_joon.sales), (Some(25), 0));
}

/// Of several reviews of the same pair of members the newest counts; half a point is rounded up; after a year none counts.
pub async fn reputation(house: &House<'_>) {
    let records = house.records;
    let mina = house.member("mina").await;
    let (joon, sora) = (house.rich_member("joon").await, house.rich_member("sora").await);
    for (buyer, stars, minutes) in [(joon, 1, 1), (joon, 5, 2), (sora, 2, 3)] {
        let chair = house.list(mina, "의자", Some(9_000)).await;
        house.buy_now(buyer, chair).await;
        house.step(chair, OrderCommand::EnterReceiptCode { member: mina, code: CODE.to_owned() }).await;
        let order = house.order(chair).await.id;
        let at = NOW.plus(Span::minutes(minutes));
        for (by, stars) in [(Side::Buyer, stars), (Side::Seller, 5)] {
            let review = NewReview { order, by, stars, text: "고마워요".to_owned(), at };
            assert_eq!(records.write_review(review).await.unwrap(), Ok(()));
        }
    }
    // 5 and 2: on average 3.5, which is 62.5 of 100.
    let found = records.reputation(mina, NOW.plus(Span::days(30))).await.unwrap();
    assert_eq!((found.score, found.reviews, found.sales), (Some(63), 2, 3));
    let later = records.reputation(mina, NOW.plus(Span::days(400))).await.unwrap();
    assert_eq!((later.score, later.reviews), (None, 0));
}
