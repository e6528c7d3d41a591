//! Debts: deposits that were taken back, and what was no longer there to be taken.

use auction::Time;
use ledger::{MemberId, Money, TransferId};

/// A deposit that an admin takes back, as far as he could; open as long as something is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debt {
    /// The transfer by which the money came in. It may be taken back in many steps; one debt stands for them all.
    pub deposit: TransferId,
    /// Whose wallet it came into.
    pub member: MemberId,
    /// How much came in.
    pub amount: Money,
    /// What is still to be taken of that.
    pub missing: Money,
    /// Who took back last.
    pub admin: MemberId,
    /// When.
    pub at: Time,
    /// Why.
    pub reason: String,
}

/// A deposit, with what was taken back of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deposited {
    /// Whose wallet it came into.
    pub member: MemberId,
    /// How much came in.
    pub amount: Money,
    /// How far it was taken back, if that was begun.
    pub debt: Option<Debt>,
}

impl Deposited {
    /// What may still be taken back of it; all that came in, as long as nothing was.
    pub fn left(&self) -> Money {
        self.debt.as_ref().map_or(self.amount, |debt| debt.missing)
    }
}
