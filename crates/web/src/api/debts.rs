//! Debts: an admin takes back what came in, as far as it is there; what is missing stays a debt that every admin sees.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use engine::Call;
use ledger::{MemberId, TransferId};
use serde::Serialize;
use store::records::DepositRow;
use store::{Debt, KeptReversal};
use utoipa::ToSchema;

use super::admin::Admin;
use super::engine_door::{key_of, order_reversal};
use super::fields::Fields;
use super::me::WhichPage;
use super::moment;
use super::pages::{List, judged};
use super::sent::{Asked, Id, Sent, Wire};
use crate::failure::{Code, Problem};
use crate::state::WebState;

/// Why a deposit is taken back.
#[derive(Debug, ToSchema)]
pub struct Reversal {
    /// For the member, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

impl Wire for Reversal {
    fn read(fields: &mut Fields) -> Reversal {
        Reversal { reason: fields.required("reason", Fields::text).trim().to_owned() }
    }
}

/// What was taken back of a deposit; the same whenever it is asked again.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReversalView {
    /// The deposit's transfer.
    pub transfer_id: i64,
    /// How much was taken.
    pub taken: i64,
    /// How much is still to be taken.
    pub missing: i64,
    /// When.
    pub at: String,
}

impl From<KeptReversal> for ReversalView {
    fn from(kept: KeptReversal) -> ReversalView {
        ReversalView {
            transfer_id: kept.deposit.0,
            taken: kept.taken.won(),
            missing: kept.missing.won(),
            at: moment::text(kept.at),
        }
    }
}

/// What is missing of a deposit that was taken back.
#[derive(Debug, Serialize, ToSchema)]
pub struct DebtView {
    /// The deposit's transfer.
    pub transfer_id: i64,
    /// Whose wallet it came into.
    pub member_id: i64,
    /// How much came in.
    pub amount: i64,
    /// How much is still to be taken.
    pub missing: i64,
    /// Who took back last.
    pub admin_id: i64,
    /// Why.
    pub reason: String,
    /// When.
    pub at: String,
}

impl From<Debt> for DebtView {
    fn from(debt: Debt) -> DebtView {
        DebtView {
            transfer_id: debt.deposit.0,
            member_id: debt.member.0,
            amount: debt.amount.won(),
            missing: debt.missing.won(),
            admin_id: debt.admin.0,
            reason: debt.reason,
            at: moment::text(debt.at),
        }
    }
}

/// A deposit, and what came of taking it back.
#[derive(Debug, Serialize, ToSchema)]
pub struct DepositRowView {
    /// Its transfer.
    pub transfer_id: i64,
    /// How much came in.
    pub amount: i64,
    /// When.
    pub at: String,
    /// How much is still to be taken, if taking it back was begun; 0 once all of it was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<i64>,
}

impl From<DepositRow> for DepositRowView {
    fn from(row: DepositRow) -> DepositRowView {
        DepositRowView {
            transfer_id: row.id.0,
            amount: row.amount.won(),
            at: moment::text(row.at),
            missing: row.missing.map(ledger::Money::won),
        }
    }
}

/// `POST /admin/deposits/{id}/reverse`: what is there of a deposit is taken back.
pub async fn reverse(
    State(state): State<Arc<WebState>>,
    Admin(caller): Admin,
    Id(id): Id,
    headers: HeaderMap,
    Sent(Reversal { reason }): Sent<Reversal>,
) -> Result<Json<ReversalView>, Problem> {
    let key = key_of(&headers, caller.id())?;
    let call = Call::ReverseDeposit { admin: caller.id(), deposit: TransferId(id), reason };
    Ok(Json(ReversalView::from(order_reversal(&state, call, key).await?)))
}

/// `GET /admin/debts`: the deposits of which something is missing, by their numbers.
pub async fn list(
    State(state): State<Arc<WebState>>,
    _admin: Admin,
    Asked(WhichPage(page)): Asked<WhichPage>,
) -> Result<Json<List<DebtView>>, Problem> {
    let rows = judged(state.records.debts(page.clone()).await, &page)?;
    Ok(Json(List::of(rows, DebtView::from)))
}

/// `GET /admin/members/{id}/deposits`: a member's deposits, the highest numbers first.
pub async fn deposits(
    State(state): State<Arc<WebState>>,
    _admin: Admin,
    Id(id): Id,
    Asked(WhichPage(page)): Asked<WhichPage>,
) -> Result<Json<List<DepositRowView>>, Problem> {
    let member = state.records.member(MemberId(id)).await?.ok_or(Problem::new(Code::NotFound))?;
    let rows = judged(state.records.deposits(member.id, page.clone()).await, &page)?;
    Ok(Json(List::of(rows, DepositRowView::from)))
}
