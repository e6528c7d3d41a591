//! Floor 2, *keeps*: what every store promises, whichever database is behind it.
//!
//! Two doors. [`Journal`] is the engine's: begin a round (lock and read), keep it, what is due. [`Records`] is the
//! web's: members, sessions, lists, pages and reading events; it never writes auctions, wallets or transfers. A handler
//! holds only `Records` and an engine, so it has nothing in its hands that could change a price or a balance.

mod admin;
pub mod close;
pub mod copy;
mod debt;
mod failure;
mod journal;
pub mod listings;
pub mod memory;
mod pace;
pub mod pages;
pub mod places;
pub mod records;
pub mod words;

use std::sync::Arc;

pub use admin::{
    Act, ActKind, Chore, ChoreId, MARKS_COUNT_FOR, MARKS_TO_BAR, Reference, Withdrawal, WithdrawalState,
};
pub use debt::{Debt, Deposited};
pub use failure::{Failure, Result};
pub use journal::{
    AnswerKind, Due, FirstAnswer, Journal, KeptDeposit, KeptFees, KeptKey, KeptReversal, KeptWithdrawal, Key,
    Loaded, MemberStanding, Nature, NewKey, NewTransfer, Next, Portion, Round, Wanted,
};
pub use pace::{AUCTIONS_TOGETHER_MAX, Pace};
pub use records::{DeliveryRecords, PictureRecords, Records, TalkRecords, WatchRecords};

/// Tells the time of a round; handed in at the start, so that a test or a simulator can be the clock.
pub type Clock = Arc<dyn Fn() -> auction::Time + Send + Sync>;
