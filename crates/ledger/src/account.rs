//! Accounts: a member's *available* and *held*, and the house's *cash*, *escrow*, *fees* and *payable*.

use crate::money::Money;

/// A person with an account here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberId(pub i64);

/// A ledger account. No member's account is ever below 0; of the house's only cash is (rules §1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// The outside world: 0 or below, by what came in and has not left again.
    Cash,
    /// Money of sales between the buyer's payment and the seller's payout.
    Escrow,
    /// What the house earned.
    Fees,
    /// Money on its way out to members.
    Payable,
    /// What a member may spend.
    Available(MemberId),
    /// What a member's open leading bids hold.
    Held(MemberId),
}

impl Account {
    /// The member whose account this is, if it is not the house's.
    pub const fn member(self) -> Option<MemberId> {
        match self {
            Account::Available(member) | Account::Held(member) => Some(member),
            Account::Cash | Account::Escrow | Account::Fees | Account::Payable => None,
        }
    }
}

/// A member's two accounts as of a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wallet {
    /// Free to spend.
    pub available: Money,
    /// The sum of the member's open holds.
    pub held: Money,
    /// Raised by one with each command that changed the wallet; clients keep the newest.
    pub version: i64,
}
