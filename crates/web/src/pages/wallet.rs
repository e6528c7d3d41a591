//! The wallet: what can be used, where the rest is held, and every transfer.

use askama::Template;
use jiff::Timestamp;

use super::{Field, Shell, WithdrawalLine};

/// `/wallet`
#[derive(Template)]
#[template(path = "wallet.html")]
pub struct WalletPage {
    /// The frame.
    pub shell: Shell,
    /// What can be used now.
    pub available: i64,
    /// What is held.
    pub held: i64,
    /// What is missing of deposits that were taken back.
    pub debt: i64,
    /// Where it is held.
    pub holds: Vec<HoldLine>,
    /// The deposit form; none when deposits are off.
    pub deposit: Option<DepositForm>,
    /// Taking money out.
    pub withdrawals: Withdrawals,
    /// The first and the last day that the statement's form proposes.
    pub statement: (String, String),
    /// What is wrong with the days that were asked for.
    pub statement_fault: Option<String>,
    /// This page of the transfers, newest first.
    pub transfers: Vec<TransferLine>,
    /// Which transfers are shown.
    pub filter: TransferFilter,
    /// The address of the next page, with the filter in it.
    pub next: Option<String>,
}

/// Money held for one auction.
#[derive(Clone, Debug)]
pub struct HoldLine {
    /// The auction.
    pub auction_id: i64,
    /// Its title.
    pub title: String,
    /// How much.
    pub amount: i64,
    /// When it ends, where that is known.
    pub ends_at: Option<Timestamp>,
}

/// The deposit form as it stands.
#[derive(Clone, Debug, Default)]
pub struct DepositForm {
    /// A fresh UUIDv7.
    pub key: String,
    /// What was typed.
    pub amount: Field,
    /// The largest deposit.
    pub limit: i64,
    /// Play money: said beside the form.
    pub demo: bool,
}

/// Taking money out: the form where that is possible, and what was asked for.
#[derive(Clone, Debug, Default)]
pub struct Withdrawals {
    /// The form; none where no money is paid out.
    pub form: Option<WithdrawalForm>,
    /// It is play money.
    pub is_demo: bool,
    /// What was asked for, newest first.
    pub lines: Vec<WithdrawalLine>,
}

/// The withdrawal form as it stands.
#[derive(Clone, Debug, Default)]
pub struct WithdrawalForm {
    /// A fresh UUIDv7.
    pub key: String,
    /// What was typed.
    pub amount: Field,
    /// Where it should go.
    pub destination: Field,
}

impl Withdrawals {
    /// Whether an admin enters what comes in and pays out what goes.
    pub const fn is_manual(&self) -> bool {
        self.form.is_some()
    }

    /// The key of why nothing is paid out.
    pub const fn why_not(&self) -> &'static str {
        if self.is_demo { "withdraw-demo" } else { "withdraw-off" }
    }
}

/// One transfer, as it touched what the member can use.
#[derive(Clone, Debug)]
pub struct TransferLine {
    /// The transfer's id.
    pub id: i64,
    /// Its reason's code (`deposit`, `bid_hold` …).
    pub reason: String,
    /// Which way.
    pub direction: Direction,
    /// How much, above zero.
    pub amount: i64,
    /// What could be used afterwards; none for what lies too far back.
    pub balance: Option<i64>,
    /// The auction it belongs to, with its title.
    pub auction: Option<(i64, String)>,
    /// When.
    pub at: Timestamp,
}

/// Which way a transfer went, seen from what the member can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// More can be used.
    In,
    /// Less can be used.
    Out,
    /// It touched only what was held.
    Beside,
}

impl Direction {
    /// The word used in `data-direction`.
    pub fn code(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
            Self::Beside => "beside",
        }
    }

    /// The sign in front of the amount.
    pub fn sign(self) -> &'static str {
        match self {
            Self::In => "+",
            Self::Out => "−",
            Self::Beside => "",
        }
    }
}

/// Which transfers are shown; empty means any.
#[derive(Clone, Debug, Default)]
pub struct TransferFilter {
    /// A reason's code.
    pub reason: String,
    /// The first day, `2026-07-03`.
    pub from: String,
    /// The last day.
    pub to: String,
}

impl TransferFilter {
    /// The reasons on offer.
    pub const REASONS: [&'static str; 9] = [
        "deposit",
        "bid_hold",
        "bid_release",
        "purchase",
        "payout",
        "refund",
        "withdrawal_requested",
        "withdrawal_reversed",
        "deposit_reversed",
    ];

    /// Whether anything is filtered.
    pub fn any(&self) -> bool {
        !(self.reason.is_empty() && self.from.is_empty() && self.to.is_empty())
    }
}
