//! Wallets, transfers and withdrawals.

use auction::Time;
use ledger::{Account, MemberId, Reason};
use rusqlite::params;
use store::records::{Balance, TransferFilter};
use store::{Records, Withdrawal, WithdrawalState};

use super::{House, after, bid, first};
use crate::records::money::TRANSFERS_WALKED_MAX;

/// Keeps a transfer in the member's chain.
fn transfer(house: &House, member: MemberId, from: Account, to: Account, reason: Reason, at: i64) {
    let sql = "INSERT INTO wallets (member, available, held, version, last_transfer) VALUES (?1, 0, 0, 0, 0) \
               ON CONFLICT DO NOTHING";
    house.write(sql, [member.0]);
    let sql = "INSERT INTO transfers (from_account, to_account, member, amount, reason, auction, at, previous) \
               SELECT ?2, ?3, ?1, 1000, ?4, (SELECT max(id) FROM auctions), ?5, nullif(last_transfer, 0) \
               FROM wallets WHERE member = ?1";
    let number = crate::rows::account_number;
    let reason = crate::rows::number_of(&Reason::ALL, &reason);
    house.write(sql, params![member.0, number(from), number(to), reason, at]);
    let sql = "UPDATE wallets SET last_transfer = (SELECT max(id) FROM transfers), version = version + 1 WHERE member = ?1";
    house.write(sql, [member.0]);
}

#[test]
fn a_wallet_names_its_open_holds() {
    let house = House::open();
    let (mina, joon) = (house.member("mina"), house.member("joon"));
    assert_eq!(house.ask(house.records.wallet(joon)), store::records::WalletPage::default());
    let auctions: Vec<_> = (1..=3).map(|at| house.list(mina, &format!("물건 {at}"), at)).collect();
    for auction in &auctions {
        house.bids(*auction, &[bid(joon, 3_000)]);
    }
    let third = house.member("sora");
    house.bids(auctions[1], &[bid(third, 5_000)]);
    let sql =
        "INSERT INTO wallets (member, available, held, version, last_transfer) VALUES (?1, 500, 6000, 4, 0)";
    house.write(sql, [joon.0]);
    let page = house.ask(house.records.wallet(joon));
    assert_eq!((page.wallet.available.won(), page.wallet.held.won(), page.wallet.version), (500, 6_000, 4));
    let holds: Vec<_> =
        page.holds.iter().map(|hold| (hold.auction, &*hold.title, hold.amount.won())).collect();
    assert_eq!(holds, [(auctions[2], "물건 3", 3_000), (auctions[0], "물건 1", 3_000)]);
}

#[test]
fn transfers_follow_the_members_own_chain() {
    let house = House::open();
    let (mina, joon) = (house.member("mina"), house.member("joon"));
    let (available, held) = (Account::Available(joon), Account::Held(joon));
    transfer(&house, joon, Account::Cash, available, Reason::Deposit, 10);
    transfer(&house, mina, Account::Cash, Account::Available(mina), Reason::Deposit, 11);
    let auction = house.list(mina, "의자", 1);
    transfer(&house, joon, available, held, Reason::BidHold, 12);
    transfer(&house, joon, held, available, Reason::BidRelease, 13);
    let all = TransferFilter::default();
    let page = house.ask(house.records.transfers(joon, all, first(2)));
    let seen: Vec<_> =
        page.items.iter().map(|row| (row.reason, row.from, row.at.0, row.title.as_deref())).collect();
    assert_eq!(
        seen,
        [(Reason::BidRelease, held, 13, Some("의자")), (Reason::BidHold, available, 12, Some("의자"))]
    );
    assert_eq!(page.items[0].auction, Some(auction));
    let page = house.ask(house.records.transfers(joon, all, after(page.next, 2)));
    assert_eq!((page.items.len(), page.next), (1, None));

    let of = |filter| house.ask(house.records.transfers(joon, filter, first(9))).items;
    let times = |filter| of(filter).iter().map(|row| row.at.0).collect::<Vec<_>>();
    assert_eq!(times(TransferFilter { reason: Some(Reason::Deposit), ..all }), [10]);
    assert_eq!(times(TransferFilter { from: Some(Time(12)), ..all }), [13, 12]);
    assert_eq!(times(TransferFilter { to: Some(Time(12)), ..all }), [10]);

    let stolen = house.ask(house.records.transfers(joon, all, after(Some("2".to_owned()), 9)));
    assert_eq!((stolen.items, stolen.next), (vec![], None), "a cursor into another wallet shows nothing");
}

#[test]
fn a_long_walk_says_where_to_go_on() {
    let house = House::open();
    let mina = house.member("mina");
    let account = Account::Available(mina);
    transfer(&house, mina, Account::Cash, account, Reason::Deposit, 1);
    for at in 0..TRANSFERS_WALKED_MAX {
        transfer(&house, mina, account, Account::Held(mina), Reason::BidHold, 2 + at as i64);
    }
    let deposits = TransferFilter { reason: Some(Reason::Deposit), ..TransferFilter::default() };
    let page = house.ask(house.records.transfers(mina, deposits, first(5)));
    assert_eq!(page.items, []);
    let page = house.ask(house.records.transfers(mina, deposits, after(page.next, 5)));
    assert_eq!((page.items.len(), page.next), (1, None));
    let page = house.ask(house.records.deposits(mina, first(5)));
    assert_eq!(page.items.iter().map(|row| row.at.0).collect::<Vec<_>>(), [1], "found without a walk");
    assert_eq!(page.next, None);
}

#[test]
fn a_balance_is_what_stood_before_that_moment() {
    let house = House::open();
    let joon = house.member("joon");
    let (available, held) = (Account::Available(joon), Account::Held(joon));
    transfer(&house, joon, Account::Cash, available, Reason::Deposit, 10);
    transfer(&house, joon, Account::Cash, available, Reason::Deposit, 20);
    transfer(&house, joon, available, held, Reason::BidHold, 30);
    transfer(&house, joon, held, Account::Escrow, Reason::Purchase, 30);
    transfer(&house, joon, available, Account::Payable, Reason::WithdrawalRequested, 40);
    house.write("UPDATE wallets SET available = 0, held = 0 WHERE member = ?1", [joon.0]);
    for (at, expected) in [
        (5, (0, 0)),
        (10, (0, 0)),
        (11, (1_000, 0)),
        (30, (2_000, 0)),
        (31, (1_000, 0)),
        (41, (0, 0)),
        (99, (0, 0)),
    ] {
        let Balance { available, held } = house.ask(house.records.balance(joon, Time(at)));
        assert_eq!((available.won(), held.won()), expected, "before {at}");
    }
    assert_eq!(house.ask(house.records.balance(house.member("mina"), Time(9))), Balance::default());
}

#[test]
fn withdrawals_are_listed_for_their_member_and_for_admins() {
    let house = House::open();
    let (mina, joon) = (house.member("mina"), house.member("joon"));
    let sql = "INSERT INTO withdrawals (member, amount, destination, at, state, reason) VALUES (?1, 700, '은행', ?2, ?3, ?4)";
    for (at, (member, state)) in
        [(joon, 0), (mina, 0), (joon, 1), (joon, 2), (joon, 0)].into_iter().enumerate()
    {
        house.write(sql, (member.0, at as i64, state, (state == 2).then_some("no such bank")));
    }
    let numbers = |rows: &[Withdrawal]| rows.iter().map(|row| row.id.0).collect::<Vec<_>>();
    let page = house.ask(house.records.withdrawals(joon, first(2)));
    assert_eq!(numbers(&page.items), [5, 4]);
    let row = &page.items[1];
    assert_eq!((row.amount.won(), row.at, row.state), (700, Time(3), WithdrawalState::Reversed));
    assert_eq!(row.reason.as_deref(), Some("no such bank"));
    let page = house.ask(house.records.withdrawals(joon, after(page.next, 2)));
    assert_eq!((numbers(&page.items), page.next), (vec![3, 1], None));
    let page = house.ask(house.records.withdrawals_waiting(first(2)));
    assert_eq!(numbers(&page.items), [1, 2]);
    let page = house.ask(house.records.withdrawals_waiting(after(page.next, 2)));
    assert_eq!((numbers(&page.items), page.next), (vec![5], None));
}
