//! The wallet: a member's money at a glance, every transfer that made it so, and deposits.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use ledger::{Account, MemberId, Reason};
use serde::Serialize;
use store::KeptDeposit;
use store::records::{HoldRow, Page, TransferFilter, TransferRow, WalletPage};
use utoipa::ToSchema;

use super::engine_door::{key_of, order_deposit};
use super::fields::Fields;
use super::moment;
use super::pages::{List, judged, page};
use super::sent::{Asked, Nothing, Sent, Wire};
use crate::caller::SignedIn;
use crate::failure::Problem;
use crate::state::WebState;

/// A member's money.
#[derive(Debug, Serialize, ToSchema)]
pub struct WalletView {
    /// Free to spend.
    pub available: i64,
    /// The sum of the open holds.
    pub held: i64,
    /// Rises with each change; the newest is right.
    pub version: i64,
    /// Where the held money is, newest auction first.
    pub holds: Vec<HoldView>,
    /// What is missing of deposits that were taken back; nothing can be withdrawn as long as it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debt: Option<i64>,
}

/// Money held for a bid that leads.
#[derive(Debug, Serialize, ToSchema)]
pub struct HoldView {
    /// On which auction.
    pub auction_id: i64,
    /// Its title.
    pub title: String,
    /// How much.
    pub amount: i64,
}

/// A movement of money.
#[derive(Debug, Serialize, ToSchema)]
pub struct TransferView {
    /// Its number.
    pub id: i64,
    /// Whose balance fell: `available`, `held`, or the house's `cash`, `escrow`, `fees`, `payable`.
    pub from: &'static str,
    /// Whose balance rose.
    pub to: &'static str,
    /// How much.
    pub amount: i64,
    /// Why: `deposit`, `bid_hold`, `bid_release`, `purchase`, `payout`, `refund`, `withdrawal_requested`,
    /// `withdrawal_reversed`, `deposit_reversed`.
    pub reason: &'static str,
    /// For which auction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auction_id: Option<i64>,
    /// Its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// For which order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<i64>,
    /// When.
    pub at: String,
}

/// Which transfers, and which page of them.
pub struct WhichTransfers(pub TransferFilter, pub Page);

impl Wire for WhichTransfers {
    fn read(fields: &mut Fields) -> WhichTransfers {
        let filter = TransferFilter {
            from: fields.moment("from"),
            to: fields.moment("to"),
            reason: fields.word("reason", Reason::named),
        };
        WhichTransfers(filter, page(fields))
    }
}

/// Money that a member brings.
#[derive(Debug, ToSchema)]
pub struct Deposit {
    /// How much, at most 10,000,000 won.
    pub amount: i64,
}

impl Wire for Deposit {
    fn read(fields: &mut Fields) -> Deposit {
        Deposit { amount: fields.required("amount", Fields::integer) }
    }
}

/// A deposit that was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct DepositView {
    /// What moved.
    pub transfer: TransferView,
}

/// `GET /wallet`: a member's money at a glance.
pub async fn show(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Asked(Nothing): Asked<Nothing>,
) -> Result<Json<WalletView>, Problem> {
    let debt = Some(state.records.missing(caller.id()).await?.won()).filter(|debt| *debt > 0);
    Ok(Json(WalletView { debt, ..WalletView::from(state.records.wallet(caller.id()).await?) }))
}

/// `GET /wallet/transfers`: what moved, newest first.
pub async fn transfers(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Asked(WhichTransfers(filter, page)): Asked<WhichTransfers>,
) -> Result<Json<List<TransferView>>, Problem> {
    let rows = state.records.transfers(caller.id(), filter, page.clone()).await;
    Ok(Json(List::of(judged(rows, &page)?, TransferView::from)))
}

/// `POST /wallet/deposits`: money comes in.
pub async fn deposit(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    headers: HeaderMap,
    Sent(deposit): Sent<Deposit>,
) -> Result<(StatusCode, Json<DepositView>), Problem> {
    let key = key_of(&headers, caller.id())?;
    let kept = order_deposit(&state, caller.id(), deposit.amount, key).await?;
    Ok((StatusCode::CREATED, Json(DepositView::from((kept, caller.id())))))
}

impl From<(KeptDeposit, MemberId)> for DepositView {
    fn from((kept, member): (KeptDeposit, MemberId)) -> DepositView {
        let transfer = TransferView {
            id: kept.id.0,
            from: account(Account::Cash),
            to: account(Account::Available(member)),
            amount: kept.amount.won(),
            reason: Reason::Deposit.name(),
            auction_id: None,
            title: None,
            order_id: None,
            at: moment::text(kept.at),
        };
        DepositView { transfer }
    }
}

impl From<WalletPage> for WalletView {
    fn from(page: WalletPage) -> WalletView {
        WalletView {
            available: page.wallet.available.won(),
            held: page.wallet.held.won(),
            version: page.wallet.version,
            holds: page.holds.into_iter().map(HoldView::from).collect(),
            debt: None,
        }
    }
}

impl From<HoldRow> for HoldView {
    fn from(row: HoldRow) -> HoldView {
        HoldView { auction_id: row.auction.0, title: row.title, amount: row.amount.won() }
    }
}

impl From<TransferRow> for TransferView {
    fn from(row: TransferRow) -> TransferView {
        TransferView {
            id: row.id.0,
            from: account(row.from),
            to: account(row.to),
            amount: row.amount.won(),
            reason: row.reason.name(),
            auction_id: row.auction.map(|auction| auction.0),
            title: row.title,
            order_id: row.order.map(|order| order.0),
            at: moment::text(row.at),
        }
    }
}

const fn account(account: Account) -> &'static str {
    match account {
        Account::Cash => "cash",
        Account::Escrow => "escrow",
        Account::Fees => "fees",
        Account::Payable => "payable",
        Account::Available(_) => "available",
        Account::Held(_) => "held",
    }
}
