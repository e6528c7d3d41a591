//! Providers: where money comes from and goes to. The rules ask one before anything else moves.

use auction::Refusal;
use ledger::{DEPOSIT_LIMIT, LIMIT, Money};
use store::Nature;

/// Where money comes from and goes to.
pub trait Provider: Send + Sync {
    /// Which kind of money it brings and takes away, if any. A store that holds the other kind has no part in it.
    fn money(&self) -> Option<Nature>;

    /// Whether a member may pay in this much by himself, at once.
    ///
    /// # Errors
    /// [`Refusal::DepositsOff`], [`Refusal::AmountInvalid`] with the most that may be paid in.
    fn deposit(&self, won: i64) -> Result<Money, Refusal>;

    /// Whether an admin may enter this much as paid in from outside.
    ///
    /// # Errors
    /// [`Refusal::DepositsOff`], [`Refusal::AmountInvalid`].
    fn entered(&self, won: i64) -> Result<Money, Refusal>;

    /// Whether a member may take this much out.
    ///
    /// # Errors
    /// [`Refusal::WithdrawalsOff`], [`Refusal::AmountInvalid`].
    fn withdrawal(&self, won: i64) -> Result<Money, Refusal>;
}

/// Play money: comes at once for the asking, and can never be taken out.
#[derive(Clone, Copy, Debug)]
pub struct Demo;

/// Real money: an admin enters what has come in, and pays out by his own bank what members ask for.
#[derive(Clone, Copy, Debug)]
pub struct Manual;

/// Nobody pays in or asks for anything; what was asked for before is still settled.
#[derive(Clone, Copy, Debug)]
pub struct Off;

fn within(won: i64, limit: Money) -> Result<Money, Refusal> {
    let amount = Money::new(won).filter(|amount| !amount.is_zero() && *amount <= limit);
    amount.ok_or(Refusal::AmountInvalid { limit })
}

impl Provider for Demo {
    fn money(&self) -> Option<Nature> {
        Some(Nature::Demo)
    }

    fn deposit(&self, won: i64) -> Result<Money, Refusal> {
        within(won, DEPOSIT_LIMIT)
    }

    fn entered(&self, _won: i64) -> Result<Money, Refusal> {
        Err(Refusal::DepositsOff)
    }

    fn withdrawal(&self, _won: i64) -> Result<Money, Refusal> {
        Err(Refusal::WithdrawalsOff)
    }
}

impl Provider for Manual {
    fn money(&self) -> Option<Nature> {
        Some(Nature::Real)
    }

    fn deposit(&self, _won: i64) -> Result<Money, Refusal> {
        Err(Refusal::DepositsOff)
    }

    fn entered(&self, won: i64) -> Result<Money, Refusal> {
        within(won, LIMIT)
    }

    fn withdrawal(&self, won: i64) -> Result<Money, Refusal> {
        within(won, LIMIT)
    }
}

impl Provider for Off {
    fn money(&self) -> Option<Nature> {
        None
    }

    fn deposit(&self, _won: i64) -> Result<Money, Refusal> {
        Err(Refusal::DepositsOff)
    }

    fn entered(&self, _won: i64) -> Result<Money, Refusal> {
        Err(Refusal::DepositsOff)
    }

    fn withdrawal(&self, _won: i64) -> Result<Money, Refusal> {
        Err(Refusal::WithdrawalsOff)
    }
}
