//! Orders, and the lists in which they stand.

use auction::{AuctionId, OfferState, OrderId, OrderState, StepKind, Time};
use ledger::MemberId;
use store::Records;
use store::records::OrderRow;

use super::{House, after, first, member};

fn numbers(rows: &[OrderRow]) -> Vec<i64> {
    rows.iter().map(|row| row.id.0).collect()
}

#[test]
fn an_order_is_shown_with_all_there_is_to_it() {
    let house = House::open();
    let (mina, joon, sora) = (house.member("mina"), house.member("joon"), house.member("sora"));
    let auction = house.list(mina, "의자", 1);
    let order = house.order(auction, joon, mina);
    house.step(order, StepKind::Refunded, OrderState::Refunded, Some(joon));
    let sql = "UPDATE orders SET receipt_code = 7, meeting_code = 8, carrier = '우체국', fault = 0, refund = 10000, \
               fee = 0, due = 9 WHERE id = ?1";
    house.write(sql, [order.0]);
    let sql = "INSERT INTO offers (auction, number, member, price, at, until, state) VALUES (?1, 1, ?2, 900, 1, 2, 3)";
    house.write(sql, (auction.0, sora.0));
    let sql = "INSERT INTO reviews (order_id, side, author, about, stars, text, at) VALUES (?1, 0, ?2, ?3, 4, '좋아요', 5)";
    house.write(sql, (order.0, joon.0, mina.0));

    let page = house.ask(house.records.order(order)).unwrap();
    assert_eq!(
        (page.title.as_str(), page.buyer, page.seller),
        ("의자", member(joon, "joon"), member(mina, "mina"))
    );
    let found = &page.order;
    assert_eq!((found.auction, found.buyer, found.seller, found.price.won()), (auction, joon, mina, 10_000));
    assert_eq!((found.state, found.seq, found.opened_at), (OrderState::Refunded, 2, Time(40_000_000)));
    assert_eq!((found.receipt_code, found.meeting_code, found.carrier.as_deref()), (7, 8, Some("우체국")));
    assert_eq!(
        (found.fault, found.refund.map(ledger::Money::won)),
        (Some(auction::Side::Buyer), Some(10_000))
    );
    let steps: Vec<_> = page.steps.iter().map(|step| (step.seq, step.kind, step.by)).collect();
    assert_eq!(steps, [(1, StepKind::Opened, None), (2, StepKind::Refunded, Some(joon))]);
    assert_eq!(page.offers[0].state, OfferState::Lapsed);
    assert_eq!((page.reviews[0].stars, page.reviews[0].author_name.as_str()), (4, "JOON"));
    assert_eq!(house.ask(house.records.order(OrderId(9))), None);

    let aftermath = house.ask(house.records.aftermath(auction));
    assert_eq!((aftermath.order, aftermath.offers), (Some(page.order), page.offers));
    let second = house.order(auction, sora, mina);
    assert_eq!(house.ask(house.records.aftermath(auction)).order.unwrap().id, second, "the newest");
    // Numbers of orders come from several lanes, and do not say which is newer.
    house.write("UPDATE orders SET id = 0 WHERE id = ?1", [second.0]);
    assert_eq!(house.ask(house.records.aftermath(auction)).order.unwrap().id, OrderId(0), "still the newest");
    assert_eq!(house.ask(house.records.aftermath(AuctionId(99))), auction::Aftermath::default());
}

#[test]
fn a_member_sees_what_he_bought_and_what_he_sold() {
    let house = House::open();
    let (mina, joon) = (house.member("mina"), house.member("joon"));
    for (seller, buyer) in [(mina, joon), (joon, mina), (mina, house.member("sora"))] {
        let auction = house.list(seller, "의자", 1);
        house.order(auction, buyer, seller);
    }
    let page = house.ask(house.records.orders(joon, first(1)));
    assert_eq!(numbers(&page.items), [2]);
    let row = &page.items[0];
    assert_eq!((row.buyer, row.seller, row.title.as_str(), row.price.won()), (mina, joon, "의자", 10_000));
    assert_eq!((row.opened_at, row.newest), (Time(40_000_000), Time(41_000_000)));
    let page = house.ask(house.records.orders(joon, after(page.next, 1)));
    assert_eq!((numbers(&page.items), page.next), (vec![1], None));
    assert_eq!(numbers(&house.ask(house.records.orders(mina, first(9))).items), [3, 2, 1]);
    assert_eq!(house.ask(house.records.orders(MemberId(99), first(9))).items, []);
}

#[test]
fn disputes_wait_oldest_first() {
    let house = House::open();
    let (mina, joon) = (house.member("mina"), house.member("joon"));
    for (state, disputed_at) in [(4, 30), (4, 20), (5, 10), (4, 20), (0, 0)] {
        let order = house.order(house.list(mina, "의자", 1), joon, mina);
        house.write(
            "UPDATE orders SET state = ?2, disputed_at = ?3 WHERE id = ?1",
            (order.0, state, disputed_at),
        );
    }
    let page = house.ask(house.records.disputes(first(2)));
    assert_eq!(numbers(&page.items), [2, 4]);
    let page = house.ask(house.records.disputes(after(page.next, 2)));
    assert_eq!((numbers(&page.items), page.next), (vec![1], None));
    let nowhere = house.ask(house.records.disputes(after(Some("x".to_owned()), 2)));
    assert_eq!((nowhere.items, nowhere.next), (vec![], None));
}
