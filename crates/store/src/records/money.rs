//! What the web's door shows of money: wallets, holds, transfers.

use auction::{AuctionId, OrderId, Time};
use ledger::{Money, Reason, TransferId};

/// A member's money at a glance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WalletPage {
    /// The two accounts and the version.
    pub wallet: ledger::Wallet,
    /// Where the held money is, newest auction first, at most [`super::PAGE_ROWS_MAX`].
    pub holds: Vec<HoldRow>,
}

/// An open hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldRow {
    /// On which auction.
    pub auction: AuctionId,
    /// Its title.
    pub title: String,
    /// How much.
    pub amount: Money,
}

/// Which transfers to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TransferFilter {
    /// At or after.
    pub from: Option<Time>,
    /// Before.
    pub to: Option<Time>,
    /// For this reason only.
    pub reason: Option<Reason>,
}

/// A member's transfer as he sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferRow {
    /// Its number.
    pub id: TransferId,
    /// Whose balance fell.
    pub from: ledger::Account,
    /// Whose balance rose.
    pub to: ledger::Account,
    /// How much.
    pub amount: Money,
    /// Why.
    pub reason: Reason,
    /// For which auction.
    pub auction: Option<AuctionId>,
    /// Its title.
    pub title: Option<String>,
    /// For which order.
    pub order: Option<OrderId>,
    /// When.
    pub at: Time,
}

/// What a member paid in, or had paid in for him, with what came of taking it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepositRow {
    /// Its transfer.
    pub id: TransferId,
    /// How much came in.
    pub amount: Money,
    /// When.
    pub at: Time,
    /// What is still to be taken of it, if taking it back was begun; zero once all of it was taken.
    pub missing: Option<Money>,
}

/// A member's two balances as of a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// Free to spend.
    pub available: Money,
    /// Held for bids.
    pub held: Money,
}
