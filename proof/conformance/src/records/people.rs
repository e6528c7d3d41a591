//! What people decide, as the web's door keeps and shows it: suspensions, admins, records, withdrawals, statements.

use auction::{AuctionId, Command, Hand, MarkKind, Span, Time};
use engine::{Accepted, Call};
use ledger::{MemberId, Money, WithdrawalId};
use store::records::Reputation;
use store::{Act, ActKind, WithdrawalState};

use super::{House, NOW, all};
use crate::journal::deed::{Deed, REASON};

/// A suspension, a grant and what lifts them stand until the other is said, and come to nothing where it is so already; each
/// that came to something is written down, and the member concerned may read it.
pub async fn suspensions(house: &House<'_>) {
    let records = house.records;
    let (mina, joon) = (house.member("mina").await, house.member("joon").await);
    let nobody = MemberId(i64::MAX);
    let mut written = Vec::new();
    for (deed, comes_to_something) in [
        (Deed::SetAdmin(mina, true), true),
        (Deed::SetAdmin(mina, true), false),
        (Deed::Suspend(joon), true),
        (Deed::Suspend(joon), false),
        (Deed::Suspend(nobody), false),
        (Deed::Restore(mina), false),
        (Deed::LiftMarks(joon), true),
        (Deed::LiftMarks(nobody), false),
        (Deed::SetAdmin(joon, false), false),
    ] {
        assert_eq!(deed.perform(records, NOW).await.unwrap(), comes_to_something, "{deed:?}");
        written.extend(deed.act(NOW).filter(|_| comes_to_something));
    }
    let (found, other) = (records.member(mina).await.unwrap().unwrap(), records.member(joon).await.unwrap());
    assert_eq!((found.is_admin, found.suspended), (true, false));
    assert!(other.is_some_and(|other| other.suspended && !other.is_admin));
    for deed in [Deed::Restore(joon), Deed::SetAdmin(mina, false)] {
        assert!(deed.perform(records, NOW).await.unwrap());
        written.extend(deed.act(NOW));
    }
    let other = records.member(joon).await.unwrap().unwrap();
    assert!(!other.suspended && !records.member(mina).await.unwrap().unwrap().is_admin);
    written.reverse();
    for limit in [1, 2, 100] {
        assert_eq!(all(limit, async |page| records.acts(None, page).await.unwrap()).await, written);
        for member in [mina, joon, nobody] {
            let his: Vec<Act> = written.iter().filter(|act| act.member == Some(member)).cloned().collect();
            let shown = all(limit, async |page| records.acts(Some(member), page).await.unwrap()).await;
            assert_eq!(shown, his, "{member:?}");
        }
    }
}

/// What stands on a record is counted by kind, and stays there when it is lifted; acts about an order concern both sides.
pub async fn marks(house: &House<'_>) {
    let records = house.records;
    let (mina, admin) = (house.member("mina").await, house.member("admin").await);
    let joon = house.rich_member("joon").await;
    assert!(Deed::SetAdmin(admin, true).perform(records, NOW).await.unwrap());
    assert_eq!(records.reputation(mina, NOW).await.unwrap(), Reputation::default());
    let mut auctions = Vec::new();
    for title in ["의자", "책상", "장롱"] {
        let auction = house.list(mina, title, Some(9_000)).await;
        house.bid(joon, auction, 1_000).await;
        auctions.push(auction);
    }
    let reason = Some("고장 났어요".to_owned());
    for auction in &auctions[..2] {
        house.command(*auction, Command::Cancel { by: Hand::Seller(mina), reason: reason.clone() }).await;
    }
    let by_admin = Command::TakeBack { member: joon, by: Hand::Admin(admin), reason };
    house.command(auctions[2], by_admin).await;
    let reputation = records.reputation(mina, NOW).await.unwrap();
    assert_eq!(reputation.marks, [(MarkKind::CancelledWithBids, 2)]);
    assert!(Deed::LiftMarks(mina).perform(records, NOW).await.unwrap());
    assert_eq!(records.reputation(mina, NOW).await.unwrap(), reputation, "they stay on the record");
    let year_later = NOW.plus(Span::days(370));
    assert_eq!(records.reputation(mina, year_later).await.unwrap().marks, []);
    let acts = all(1, async |page| records.acts(None, page).await.unwrap()).await;
    let kinds: Vec<_> = acts.iter().map(|act| (act.kind, act.member, act.auction)).collect();
    let (lifted, taken) = ((ActKind::MarksLifted, Some(mina), None), ActKind::TookBack);
    let granted = (ActKind::Granted, Some(admin), None);
    assert_eq!(kinds, [lifted, (taken, Some(joon), Some(auctions[2])), granted]);
}

/// A seller's block stands once, and bids are refused from then on; what others may is not touched.
pub async fn blocked_bids(house: &House<'_>) {
    let records = house.records;
    let (mina, joon) = (house.member("mina").await, house.rich_member("joon").await);
    let sora = house.rich_member("sora").await;
    let auction: AuctionId = house.list(mina, "의자", None).await;
    house.bid(joon, auction, 1_000).await;
    for reason in [Some(REASON.to_owned()), None] {
        records.block(mina, joon, reason, NOW).await.unwrap().unwrap();
    }
    assert!(records.is_blocked(mina, joon).await.unwrap());
    let bid = auction::Bid { bidder: joon, amount: Some(5_000), maximum: None, terms: None };
    let call = Call::Auction { auction, command: Command::Bid(bid) };
    assert_eq!(house.refused(joon, call.clone()).await, "blocked");
    house.bid(sora, auction, 2_000).await;
    records.unblock(mina, joon).await.unwrap();
    house.accepted(joon, call).await;
}

/// Money that an admin enters and pays out: what waits, what became of it, and what a statement opens with.
pub async fn withdrawals(house: &House<'_>) {
    let records = house.records;
    let (admin, joon) = (house.member("admin").await, house.member("joon").await);
    assert!(Deed::SetAdmin(admin, true).perform(records, NOW).await.unwrap());
    let reference = "입금 7".to_owned();
    let enter = Call::EnterDeposit { admin, member: joon, amount: 100_000, reference };
    house.accepted(admin, enter).await;
    let mut ids = Vec::new();
    for amount in [10_000, 20_000, 30_000] {
        let destination = format!("이웃은행 {amount}");
        let asked = house.accepted(joon, Call::Withdraw { member: joon, amount, destination }).await;
        let Accepted::Withdrawal(kept) = asked else { panic!("{asked:?}") };
        ids.push(kept.id);
    }
    let waiting = async |limit| {
        let rows = all(limit, async |page| records.withdrawals_waiting(page).await.unwrap()).await;
        rows.iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(waiting(1).await, ids, "oldest first");
    for (withdrawal, is_done) in [(ids[1], true), (ids[0], false)] {
        let reason = "계좌가 없어요".to_owned();
        let settle = Call::SettleWithdrawal { admin, withdrawal, is_done, reason };
        house.accepted(admin, settle.clone()).await;
        assert_eq!(house.refused(admin, settle).await, "withdrawal_over");
    }
    assert_eq!(waiting(9).await, [ids[2]]);
    for limit in [1, 9] {
        let rows = all(limit, async |page| records.withdrawals(joon, page).await.unwrap()).await;
        let rows: Vec<(WithdrawalId, WithdrawalState, i64, Option<MemberId>)> =
            rows.iter().map(|row| (row.id, row.state, row.amount.won(), row.decided_by)).collect();
        let newest = (ids[2], WithdrawalState::Requested, 30_000, None);
        let done = (ids[1], WithdrawalState::Done, 20_000, Some(admin));
        assert_eq!(rows, [newest, done, (ids[0], WithdrawalState::Reversed, 10_000, Some(admin))]);
    }
    assert_eq!(all(9, async |page| records.withdrawals(admin, page).await.unwrap()).await, []);
    let acts = all(9, async |page| records.acts(Some(joon), page).await.unwrap()).await;
    let kinds: Vec<ActKind> = acts.iter().map(|act| act.kind).collect();
    assert_eq!(kinds, [ActKind::WithdrawalReversed, ActKind::WithdrawalDone, ActKind::Deposited]);
    balances(house, joon).await;
}

/// Everything here happens at one moment: before it there was nothing, after it what stands.
async fn balances(house: &House<'_>, member: MemberId) {
    let wallet = house.records.wallet(member).await.unwrap().wallet;
    for (at, available, held) in [
        (Time(0), Money::ZERO, Money::ZERO),
        (NOW, Money::ZERO, Money::ZERO),
        (NOW.plus(Span(1)), wallet.available, wallet.held),
    ] {
        let balance = house.records.balance(member, at).await.unwrap();
        assert_eq!((balance.available, balance.held), (available, held), "{at:?}");
    }
    assert_eq!(wallet.available.won(), 50_000);
    let nobody = house.records.balance(MemberId(i64::MAX), NOW).await.unwrap();
    assert_eq!(nobody, store::records::Balance::default());
}
