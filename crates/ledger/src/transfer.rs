//! Transfers: one movement of money between two accounts, for a reason, kept for ever as it was written.

use crate::account::Account;
use crate::money::Money;

/// A transfer's own number, rising in the order in which the transfers were kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransferId(pub i64);

/// One sale of an item; here only what a transfer was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AuctionId(pub i64);

/// What follows a sale; here only what a transfer was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId(pub i64);

/// A wish to take money out; here only what a transfer was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WithdrawalId(pub i64);

/// Why money moved (rules §1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// cash → available.
    Deposit,
    /// available → held: a bid took the lead, or the leader raised.
    BidHold,
    /// held → available: outbid, or the rest after winning.
    BidRelease,
    /// held → escrow when won, available → escrow when bought.
    Purchase,
    /// escrow → the seller's available.
    Payout,
    /// escrow → fees.
    Fee,
    /// escrow → the buyer's available.
    Refund,
    /// available → payable: the member wants it out.
    WithdrawalRequested,
    /// payable → cash: it is out.
    WithdrawalDone,
    /// payable → available: it could not be paid out.
    WithdrawalReversed,
    /// fees → cash: the operator takes what the house earned.
    FeeWithdrawal,
    /// available → cash: money that had come in was taken back.
    DepositReversed,
}

impl Reason {
    /// Every reason, in the order of their numbers in a store.
    pub const ALL: [Reason; 12] = [
        Reason::Deposit,
        Reason::BidHold,
        Reason::BidRelease,
        Reason::Purchase,
        Reason::Payout,
        Reason::Fee,
        Reason::Refund,
        Reason::WithdrawalRequested,
        Reason::WithdrawalDone,
        Reason::WithdrawalReversed,
        Reason::FeeWithdrawal,
        Reason::DepositReversed,
    ];

    /// The stable name, as clients see it.
    pub const fn name(self) -> &'static str {
        match self {
            Reason::Deposit => "deposit",
            Reason::BidHold => "bid_hold",
            Reason::BidRelease => "bid_release",
            Reason::Purchase => "purchase",
            Reason::Payout => "payout",
            Reason::Fee => "fee",
            Reason::Refund => "refund",
            Reason::WithdrawalRequested => "withdrawal_requested",
            Reason::WithdrawalDone => "withdrawal_done",
            Reason::WithdrawalReversed => "withdrawal_reversed",
            Reason::FeeWithdrawal => "fee_withdrawal",
            Reason::DepositReversed => "deposit_reversed",
        }
    }

    /// The reason of that name.
    pub fn named(name: &str) -> Option<Reason> {
        Reason::ALL.into_iter().find(|reason| reason.name() == name)
    }

    /// Whether a transfer for this reason may run between these two accounts.
    pub const fn joins(self, from: Account, to: Account) -> bool {
        match (self, from, to) {
            (Reason::Deposit, Account::Cash, Account::Available(_))
            | (Reason::Purchase, Account::Held(_) | Account::Available(_), Account::Escrow)
            | (Reason::Payout | Reason::Refund, Account::Escrow, Account::Available(_))
            | (Reason::Fee, Account::Escrow, Account::Fees)
            | (Reason::WithdrawalRequested, Account::Available(_), Account::Payable)
            | (Reason::WithdrawalDone, Account::Payable, Account::Cash)
            | (Reason::WithdrawalReversed, Account::Payable, Account::Available(_))
            | (Reason::FeeWithdrawal, Account::Fees, Account::Cash)
            | (Reason::DepositReversed, Account::Available(_), Account::Cash) => true,
            (Reason::BidHold, Account::Available(one), Account::Held(other))
            | (Reason::BidRelease, Account::Held(one), Account::Available(other)) => one.0 == other.0,
            _ => false,
        }
    }
}

/// One movement of money, before it has a number and a time. The amount is never 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Whose balance falls.
    pub from: Account,
    /// Whose balance rises.
    pub to: Account,
    /// How much, above 0.
    pub amount: Money,
    /// Why.
    pub reason: Reason,
    /// The auction it was for, if any.
    pub auction: Option<AuctionId>,
}
