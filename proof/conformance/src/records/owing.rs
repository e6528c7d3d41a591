//! Deposits that are taken back and the house's fees, as the web's door shows them.

use auction::OrderCommand;
use engine::{Accepted, Call};
use ledger::{MemberId, Money, TransferId};
use store::{ActKind, Debt};

use super::{House, NOW, all};
use crate::journal::deed::Deed;

impl House<'_> {
    async fn admin(&self, name: &str) -> MemberId {
        let admin = self.member(name).await;
        assert!(Deed::SetAdmin(admin, true).perform(self.records, NOW).await.unwrap());
        admin
    }

    async fn enter(&self, admin: MemberId, member: MemberId, amount: i64) -> TransferId {
        let reference = format!("입금 {} {amount}", member.0);
        let call = Call::EnterDeposit { admin, member, amount, reference };
        match self.accepted(admin, call).await {
            Accepted::Deposit(kept) => kept.id,
            other => panic!("answered {other:?}"),
        }
    }

    /// A member's deposits: each with its amount, and what is missing of it if it was taken back.
    async fn deposits(&self, member: MemberId, limit: usize) -> Vec<(TransferId, i64, Option<i64>)> {
        let rows = all(limit, async |page| self.records.deposits(member, page).await.unwrap()).await;
        assert!(rows.iter().all(|row| row.at == NOW), "{rows:?}");
        rows.iter().map(|row| (row.id, row.amount.won(), row.missing.map(Money::won))).collect()
    }

    /// Takes back of a deposit: how much was taken, and how much is missing then.
    async fn take_back(&self, admin: MemberId, deposit: TransferId) -> (i64, i64) {
        let reason = "은행이 되돌렸어요".to_owned();
        match self.accepted(admin, Call::ReverseDeposit { admin, deposit, reason }).await {
            Accepted::Reversal(kept) => (kept.taken.won(), kept.missing.won()),
            other => panic!("answered {other:?}"),
        }
    }
}

/// Debts that are open come by their deposits' numbers, as they stand; what a member lacks is the sum of his, and keeps him
/// from taking money out until it is there. Each taking back is written down, for him to read.
pub async fn debts(house: &House<'_>) {
    let records = house.records;
    let (admin, joon) = (house.admin("admin").await, house.member("joon").await);
    let sora = house.member("sora").await;
    let (first, second) = (house.enter(admin, joon, 30_000).await, house.enter(admin, joon, 20_000).await);
    let other = house.enter(admin, sora, 10_000).await;
    let own = house.enter(house.admin("mina").await, admin, 5_000).await;
    assert_eq!(all(9, async |page| records.debts(page).await.unwrap()).await, []);
    assert_eq!(house.deposits(joon, 9).await, [(second, 20_000, None), (first, 30_000, None)]);
    let auction = house.list(sora, "의자", None).await;
    house.bid(joon, auction, 15_000).await;
    let reverse = |deposit, reason: &str| Call::ReverseDeposit { admin, deposit, reason: reason.to_owned() };
    for (by, call, code) in [
        (joon, Call::ReverseDeposit { admin: joon, deposit: first, reason: "x".to_owned() }, "not_admin"),
        (admin, reverse(own, "x"), "not_admin"),
        (admin, reverse(TransferId(999_999), "x"), "deposit_not_found"),
        (admin, reverse(first, ""), "reason_missing"),
        (admin, reverse(first, &"x".repeat(201)), "reason_missing"),
    ] {
        assert_eq!(house.refused(by, call).await, code);
    }
    assert_eq!(house.take_back(admin, first).await, (30_000, 0));
    assert_eq!(house.refused(admin, reverse(first, "x")).await, "nothing_missing");
    assert_eq!(house.take_back(admin, second).await, (5_000, 15_000), "what a bid holds stays");
    assert_eq!(house.take_back(admin, other).await, (10_000, 0));
    assert_eq!(house.refused(admin, reverse(second, "x")).await, "insufficient_funds");
    assert_eq!(records.missing(joon).await.unwrap().won(), 15_000);
    assert_eq!(records.missing(sora).await.unwrap(), Money::ZERO);
    for limit in [1, 9] {
        let open = all(limit, async |page| records.debts(page).await.unwrap()).await;
        let Debt { deposit, member, amount, missing, admin: by, at, reason } = open[0].clone();
        assert_eq!((open.len(), deposit, member, by, at), (1, second, joon, admin, NOW));
        assert_eq!((amount.won(), missing.won(), &*reason), (20_000, 15_000, "은행이 되돌렸어요"));
    }
    let more = house.enter(admin, joon, 21_000).await;
    let out = Call::Withdraw { member: joon, amount: 1_000, destination: "이웃은행".to_owned() };
    assert_eq!(house.refused(joon, out.clone()).await, "in_debt");
    assert_eq!(house.take_back(admin, second).await, (15_000, 0));
    assert_eq!(records.missing(joon).await.unwrap(), Money::ZERO);
    house.accepted(joon, out).await;
    assert_eq!(house.take_back(admin, more).await, (5_000, 16_000));
    assert_eq!(records.wallet(joon).await.unwrap().wallet.held.won(), 15_000);
    let acts = all(2, async |page| records.acts(Some(joon), page).await.unwrap()).await;
    let taken = acts.iter().filter(|act| act.kind == ActKind::DepositReversed);
    assert_eq!(taken.count(), 4, "each time");
    let his = [(more, 21_000, Some(16_000)), (second, 20_000, Some(0)), (first, 30_000, Some(0))];
    for limit in [1, 2, 9] {
        assert_eq!(house.deposits(joon, limit).await, his, "his alone, however many a page has");
    }
    assert_eq!(house.deposits(house.member("hana").await, 9).await, []);
}

/// What the house earned is there until it is taken out, never more; and never for the asking of anybody else.
pub async fn fees(house: &House<'_>) {
    let records = house.records;
    let (admin, mina) = (house.admin("admin").await, house.member("mina").await);
    let joon = house.member("joon").await;
    house.enter(admin, joon, 100_000).await;
    assert_eq!(records.fees().await.unwrap(), Money::ZERO);
    let auction = house.list(mina, "의자", Some(40_000)).await;
    house.buy_now(joon, auction).await;
    house.step(auction, OrderCommand::EnterReceiptCode { member: mina, code: "000000".to_owned() }).await;
    assert_eq!(records.fees().await.unwrap().won(), 1_400, "35,000 parts of a million");
    let take =
        |amount, reference: &str| Call::WithdrawFees { admin, amount, reference: reference.to_owned() };
    for (by, call, code) in [
        (mina, Call::WithdrawFees { admin: mina, amount: 1, reference: "x".to_owned() }, "not_admin"),
        (admin, take(0, "x"), "amount_invalid"),
        (admin, take(-1, "x"), "amount_invalid"),
        (admin, take(1, ""), "invalid"),
        (admin, take(1_401, "x"), "insufficient_fees"),
    ] {
        assert_eq!(house.refused(by, call).await, code);
    }
    let taken = house.accepted(admin, take(400, "7월")).await;
    assert!(matches!(taken, Accepted::Fees(kept) if kept.amount.won() == 400), "{taken:?}");
    assert_eq!(house.refused(admin, take(1_001, "x")).await, "insufficient_fees");
    let deputy = house.admin("deputy").await;
    let again = Call::WithdrawFees { admin: deputy, amount: 400, reference: "7월".to_owned() };
    assert_eq!(house.refused(deputy, again).await, "reference_used", "noted once, by whomever");
    assert_eq!(records.fees().await.unwrap().won(), 1_000);
    let entered = format!("입금 {} 100000", joon.0);
    house.accepted(admin, take(1_000, &entered)).await;
    assert_eq!(records.fees().await.unwrap(), Money::ZERO);
    assert_eq!(house.refused(admin, take(1, "x")).await, "insufficient_fees");
    let acts = all(9, async |page| records.acts(None, page).await.unwrap()).await;
    let taken = acts.iter().filter(|act| act.kind == ActKind::FeesWithdrawn);
    assert_eq!(
        taken.map(|act| &*act.reason).collect::<Vec<_>>(),
        [&*entered, "7월"],
        "what came in is known by names of its own"
    );
}

/// Play money is the house's own to take back, and never leaves as fees.
pub async fn play_fees(house: &House<'_>) {
    let admin = house.admin("admin").await;
    let call = Call::WithdrawFees { admin, amount: 1, reference: "x".to_owned() };
    assert_eq!(house.refused(admin, call).await, "withdrawals_off");
}
