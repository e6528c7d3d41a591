//! Floor 0, *counts*: whose money it is, and how much of it is available, held or in escrow.
//!
//! Double entry: every movement is a [`Transfer`] between two [`Account`]s, never changed afterwards; a balance is the
//! sum of its transfers, and all balances together are 0. Amounts are whole won ([`Money`]), arithmetic is checked.
//! The room is pure by its manifest: no clock, no I/O, no dependency. Rules: docs/rules.md, §1.

mod account;
mod book;
mod money;
mod transfer;

pub use account::{Account, MemberId, Wallet};
pub use book::{Book, Draft, Overdraft, Posted};
pub use money::{DEPOSIT_LIMIT, LIMIT, Money, PartsPerMillion};
pub use transfer::{AuctionId, OrderId, Reason, Transfer, TransferId, WithdrawalId};
