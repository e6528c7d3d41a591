//! Wallets, transfers and orders.

use auction::{OrderId, Time};
use ledger::{Account, MemberId, Money, Reason};
use store::Records;
use store::records::{TransferFilter, WalletPage};

use crate::house::{House, Value, after, bid, first, number_of};

/// How many transfers a page of the store looks at.
const TRANSFERS_WALKED_MAX: i64 = 2_000;

/// Keeps a transfer in the member's chain.
async fn transfer(house: &House, member: MemberId, from: Account, to: Account, reason: Reason, at: i64) {
    let sql = "INSERT INTO transfers (id, from_account, to_account, member, amount, reason, auction, at, previous) \
               SELECT (SELECT coalesce(max(id), 0) + 1 FROM transfers), $2::bigint, $3::bigint, $1, 1000, $4::bigint, \
               (SELECT max(id) FROM auctions), $5::bigint, nullif(last_transfer, 0) FROM wallets WHERE member = $1";
    let number = |account: Account| -> i64 {
        match account {
            Account::Cash => 1,
            Account::Available(_) => 5,
            Account::Held(_) => 6,
            other => panic!("{other:?} is not moved here"),
        }
    };
    let reason = number_of(&Reason::ALL, &reason);
    let values: [Value<'_>; 5] = [&member.0, &number(from), &number(to), &reason, &at];
    house.write(sql, &values).await;
    let sql = "UPDATE wallets SET last_transfer = (SELECT max(id) FROM transfers), version = version + 1 WHERE member = $1";
    house.write(sql, &[&member.0]).await;
}

#[tokio::test]
async fn a_wallet_names_its_open_holds() {
    let house = House::open().await;
    let (mina, joon) = (house.member("mina").await, house.member("joon").await);
    assert_eq!(house.records.wallet(joon).await.unwrap(), WalletPage::default());
    assert_eq!(house.records.wallet(MemberId(99)).await.unwrap(), WalletPage::default());
    let mut auctions = Vec::new();
    for at in 1..=3 {
        auctions.push(house.list(mina, &format!("물건 {at}"), at).await);
    }
    for auction in &auctions {
        house.bids(*auction, &[bid(joon, 3_000)]).await;
    }
    let third = house.member("sora").await;
    house.bids(auctions[1], &[bid(third, 5_000)]).await;
    let sql = "UPDATE wallets SET available = 500, held = 6000, version = 4 WHERE member = $1";
    house.write(sql, &[&joon.0]).await;
    let page = house.records.wallet(joon).await.unwrap();
    assert_eq!((page.wallet.available.won(), page.wallet.held.won(), page.wallet.version), (500, 6_000, 4));
    let holds: Vec<_> =
        page.holds.iter().map(|hold| (hold.auction, &*hold.title, hold.amount.won())).collect();
    assert_eq!(holds, [(auctions[2], "물건 3", 3_000), (auctions[0], "물건 1", 3_000)]);
}

#[tokio::test]
async fn transfers_follow_the_members_own_chain() {
    let house = House::open().await;
    let (mina, joon) = (house.member("mina").await, house.member("joon").await);
    let (available, held) = (Account::Available(joon), Account::Held(joon));
    transfer(&house, joon, Account::Cash, available, Reason::Deposit, 10).await;
    transfer(&house, mina, Account::Cash, Account::Available(mina), Reason::Deposit, 11).await;
    let auction = house.list(mina, "의자", 1).await;
    transfer(&house, joon, available, held, Reason::BidHold, 12).await;
    transfer(&house, joon, held, available, Reason::BidRelease, 13).await;
    let all = TransferFilter::default();
    let page = house.records.transfers(joon, all, first(2)).await.unwrap();
    let seen: Vec<_> =
        page.items.iter().map(|row| (row.reason, row.from, row.at.0, row.title.as_deref())).collect();
    assert_eq!(
        seen,
        [(Reason::BidRelease, held, 13, Some("의자")), (Reason::BidHold, available, 12, Some("의자"))]
    );
    assert_eq!(page.items[0].auction, Some(auction));
    let page = house.records.transfers(joon, all, after(page.next, 2)).await.unwrap();
    assert_eq!((page.items.len(), page.next), (1, None));

    for (filter, expected) in [
        (TransferFilter { reason: Some(Reason::Deposit), ..all }, &[10][..]),
        (TransferFilter { from: Some(Time(12)), ..all }, &[13, 12]),
        (TransferFilter { to: Some(Time(12)), ..all }, &[10]),
    ] {
        let items = house.records.transfers(joon, filter, first(9)).await.unwrap().items;
        assert_eq!(items.iter().map(|row| row.at.0).collect::<Vec<_>>(), expected, "{filter:?}");
    }
    let stolen = house.records.transfers(joon, all, after(Some("2".to_owned()), 9)).await.unwrap();
    assert_eq!((stolen.items, stolen.next), (vec![], None), "a cursor into another wallet shows nothing");
    let nobody = house.records.transfers(MemberId(99), all, first(9)).await.unwrap();
    assert_eq!((nobody.items, nobody.next), (vec![], None));
}

#[tokio::test]
async fn a_long_walk_says_where_to_go_on() {
    let house = House::open().await;
    let mina = house.member("mina").await;
    let account = Account::Available(mina);
    transfer(&house, mina, Account::Cash, account, Reason::Deposit, 1).await;
    let sql = "INSERT INTO transfers (id, from_account, to_account, member, amount, reason, at, previous) \
               SELECT 1 + n, 5, 6, $1, 1000, $2, 1 + n, n FROM generate_series(1::bigint, $3) AS n";
    let reason = number_of(&Reason::ALL, &Reason::BidHold);
    house.write(sql, &[&mina.0, &reason, &TRANSFERS_WALKED_MAX]).await;
    house.write("UPDATE wallets SET last_transfer = (SELECT max(id) FROM transfers)", &[]).await;
    let deposits = TransferFilter { reason: Some(Reason::Deposit), ..TransferFilter::default() };
    let page = house.records.transfers(mina, deposits, first(5)).await.unwrap();
    assert_eq!(page.items, []);
    let page = house.records.transfers(mina, deposits, after(page.next, 5)).await.unwrap();
    assert_eq!((page.items.len(), page.next), (1, None));
    let (mut seen, mut page) = (0, first(100));
    loop {
        let rows = house.records.transfers(mina, TransferFilter::default(), page).await.unwrap();
        seen += rows.items.len() as i64;
        let Some(next) = rows.next else { break };
        page = after(Some(next), 100);
    }
    assert_eq!(seen, TRANSFERS_WALKED_MAX + 1);
}

#[tokio::test]
async fn an_order_is_shown_with_its_two_sides() {
    let house = House::open().await;
    let (mina, joon) = (house.member("mina").await, house.member("joon").await);
    let auction = house.list(mina, "의자", 1).await;
    let sql = "INSERT INTO orders (id, auction, buyer, seller, price, at) VALUES (1, $1, $2, $3, 10000, 5)";
    house.write(sql, &[&auction.0, &joon.0, &mina.0]).await;
    let page = house.records.order(OrderId(1)).await.unwrap().unwrap();
    assert_eq!(
        (page.order.price, page.buyer.id, page.seller.id, &*page.title),
        (won(10_000), joon, mina, "의자")
    );
    assert_eq!(house.records.aftermath(auction).await.unwrap().order, Some(page.order));
    assert_eq!(house.records.order(OrderId(2)).await.unwrap(), None);
}

fn won(won: i64) -> Money {
    Money::new(won).unwrap()
}
