//! The book: the wallets that a round works on, and drafts of postings over it that are kept whole or not at all.

use std::collections::BTreeMap;

use crate::account::{Account, MemberId, Wallet};
use crate::money::Money;
use crate::transfer::{AuctionId, Reason, Transfer};

/// The wallets known to a round. Asking for one that was not loaded is a bug, not a refusal.
#[derive(Clone, Debug, Default)]
pub struct Book {
    wallets: BTreeMap<MemberId, Wallet>,
}

/// A posting that would leave an account below 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overdraft {
    /// The account that lacks the money.
    pub account: Account,
    /// What was asked of it.
    pub amount: Money,
    /// What it has.
    pub balance: Money,
}

/// What a finished draft asks to be kept: the transfers in order, and each touched wallet as it stands after them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Posted {
    /// In the order in which they were posted.
    pub transfers: Vec<Transfer>,
    /// Each wallet once.
    pub wallets: Vec<(MemberId, Wallet)>,
}

impl Book {
    /// A book of these wallets.
    pub fn of(wallets: impl IntoIterator<Item = (MemberId, Wallet)>) -> Book {
        Book { wallets: wallets.into_iter().collect() }
    }

    /// The member's wallet.
    ///
    /// # Panics
    /// If it was not loaded: the round did not ask for what it needs.
    pub fn wallet(&self, member: MemberId) -> Wallet {
        *self.wallets.get(&member).expect("a round loads the wallet of every member its commands touch")
    }

    /// Whether the member's wallet was loaded, that is, whether there is such a member.
    pub fn knows(&self, member: MemberId) -> bool {
        self.wallets.contains_key(&member)
    }

    /// Starts a draft of postings; the book stays as it is until [`Book::apply`].
    pub fn draft(&self) -> Draft<'_> {
        Draft { book: self, posted: Posted::default() }
    }

    /// Takes over what a draft has left.
    pub fn apply(&mut self, posted: &Posted) {
        for (member, wallet) in &posted.wallets {
            self.wallets.insert(*member, *wallet);
        }
    }
}

/// Checked postings over a book, not yet taken over by it.
#[derive(Debug)]
pub struct Draft<'a> {
    book: &'a Book,
    posted: Posted,
}

impl Draft<'_> {
    /// available → held for a bid.
    pub fn hold(&mut self, member: MemberId, amount: Money, auction: AuctionId) -> Result<(), Overdraft> {
        let (from, to) = (Account::Available(member), Account::Held(member));
        self.post(Transfer { from, to, amount, reason: Reason::BidHold, auction: Some(auction) })
    }

    /// held → available, when outbid or for the rest after winning.
    pub fn release(&mut self, member: MemberId, amount: Money, auction: AuctionId) -> Result<(), Overdraft> {
        let (from, to) = (Account::Held(member), Account::Available(member));
        self.post(Transfer { from, to, amount, reason: Reason::BidRelease, auction: Some(auction) })
    }

    /// Posts one transfer; one of 0 is not written (rules §1).
    ///
    /// # Panics
    /// If the reason does not run between these accounts, or a balance would not fit in 63 bits: both are bugs.
    pub fn post(&mut self, transfer: Transfer) -> Result<(), Overdraft> {
        let Transfer { from, to, amount, reason, .. } = transfer;
        assert!(reason.joins(from, to), "a {} never runs from {from:?} to {to:?}", reason.name());
        if amount.is_zero() {
            return Ok(());
        }
        if let Some(balance) = self.balance(from) {
            let rest = balance.minus(amount).ok_or(Overdraft { account: from, amount, balance })?;
            self.set(from, rest);
        }
        if let Some(balance) = self.balance(to) {
            self.set(to, balance.plus(amount).expect("balances are sums of deposits and fit in 63 bits"));
        }
        self.posted.transfers.push(transfer);
        Ok(())
    }

    /// Ends the draft; each touched wallet's version rises by one.
    pub fn finish(mut self) -> Posted {
        for (_, wallet) in &mut self.posted.wallets {
            wallet.version = wallet.version.saturating_add(1);
        }
        self.posted
    }

    /// A member's balance as drafted so far; the house's accounts have none here, their sums are folded elsewhere.
    fn balance(&self, account: Account) -> Option<Money> {
        let wallet = self.wallet(account.member()?);
        match account {
            Account::Available(_) => Some(wallet.available),
            Account::Held(_) => Some(wallet.held),
            Account::Cash | Account::Escrow | Account::Fees | Account::Payable => None,
        }
    }

    fn wallet(&self, member: MemberId) -> Wallet {
        let drafted = self.posted.wallets.iter().find(|(touched, _)| *touched == member);
        drafted.map_or_else(|| self.book.wallet(member), |(_, wallet)| *wallet)
    }

    fn set(&mut self, account: Account, balance: Money) {
        let Some(member) = account.member() else { return };
        let mut wallet = self.wallet(member);
        match account {
            Account::Available(_) => wallet.available = balance,
            Account::Held(_) => wallet.held = balance,
            Account::Cash | Account::Escrow | Account::Fees | Account::Payable => {}
        }
        match self.posted.wallets.iter_mut().find(|(touched, _)| *touched == member) {
            Some((_, drafted)) => *drafted = wallet,
            None => self.posted.wallets.push((member, wallet)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANNA: MemberId = MemberId(1);
    const BORA: MemberId = MemberId(2);
    const CHAIR: AuctionId = AuctionId(9);

    fn won(amount: i64) -> Money {
        Money::new(amount).expect("a test amount is not negative")
    }

    fn book(available: i64, held: i64) -> Book {
        let wallet = Wallet { available: won(available), held: won(held), version: 3 };
        Book::of([(ANNA, wallet), (BORA, Wallet::default())])
    }

    #[test]
    fn a_hold_moves_money_once_and_raises_the_version_once() {
        let mut book = book(1_000, 0);
        let mut draft = book.draft();
        draft.hold(ANNA, won(600), CHAIR).expect("there is enough");
        draft.release(ANNA, won(100), CHAIR).expect("it is held");
        let posted = draft.finish();
        book.apply(&posted);
        assert_eq!(posted.transfers.len(), 2);
        assert_eq!(book.wallet(ANNA), Wallet { available: won(500), held: won(500), version: 4 });
    }

    #[test]
    fn one_balance_is_never_spent_twice() {
        let book = book(1_000, 0);
        let mut draft = book.draft();
        draft.hold(ANNA, won(600), CHAIR).expect("there is enough");
        let second = draft.hold(ANNA, won(600), AuctionId(10));
        let overdraft = Overdraft { account: Account::Available(ANNA), amount: won(600), balance: won(400) };
        assert_eq!(second, Err(overdraft));
    }

    #[test]
    fn a_draft_that_is_dropped_changes_nothing() {
        let book = book(1_000, 0);
        let mut draft = book.draft();
        draft.hold(ANNA, won(1_000), CHAIR).expect("there is enough");
        drop(draft);
        assert_eq!(book.wallet(ANNA).available, won(1_000));
    }

    #[test]
    fn nothing_is_written_for_nothing() {
        let book = book(0, 0);
        let mut draft = book.draft();
        draft.hold(ANNA, Money::ZERO, CHAIR).expect("nothing is always there");
        assert_eq!(draft.finish(), Posted::default());
    }

    #[test]
    fn a_sale_passes_through_escrow() {
        let book = book(0, 800);
        let mut draft = book.draft();
        for (from, to, amount, reason) in [
            (Account::Held(ANNA), Account::Escrow, 800, Reason::Purchase),
            (Account::Escrow, Account::Available(BORA), 780, Reason::Payout),
            (Account::Escrow, Account::Fees, 20, Reason::Fee),
        ] {
            draft
                .post(Transfer { from, to, amount: won(amount), reason, auction: Some(CHAIR) })
                .expect("it is there");
        }
        let posted = draft.finish();
        assert_eq!(posted.wallets.len(), 2);
        assert_eq!(posted.wallets.first().expect("the buyer").1.held, Money::ZERO);
        assert_eq!(posted.wallets.last().expect("the seller").1.available, won(780));
    }

    #[test]
    #[should_panic(expected = "never runs from")]
    fn a_reason_between_the_wrong_accounts_is_a_bug() {
        let book = book(5, 5);
        let (from, to) = (Account::Available(ANNA), Account::Available(BORA));
        let _ =
            book.draft().post(Transfer { from, to, amount: won(1), reason: Reason::Payout, auction: None });
    }
}
