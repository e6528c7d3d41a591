//! Fees: what the house earned, and what admins take out of it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use engine::Call;
use serde::Serialize;
use store::KeptFees;
use utoipa::ToSchema;

use super::admin::Admin;
use super::engine_door::{key_of, order_fees};
use super::fields::Fields;
use super::moment;
use super::sent::{Asked, Nothing, Sent, Wire};
use crate::failure::Problem;
use crate::state::WebState;

/// What the house earned.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeesView {
    /// What is there, and was not taken out.
    pub fees: i64,
}

/// Fees to be taken out.
#[derive(Debug, ToSchema)]
pub struct FeeWithdrawal {
    /// How much.
    pub amount: i64,
    /// What it is known by outside, or why, up to 200 characters; used once.
    #[schema(min_length = 1, max_length = 200)]
    pub reference: String,
}

impl Wire for FeeWithdrawal {
    fn read(fields: &mut Fields) -> FeeWithdrawal {
        FeeWithdrawal {
            amount: fields.required("amount", Fields::integer),
            reference: fields.required("reference", Fields::text).trim().to_owned(),
        }
    }
}

/// Fees that were taken out; the same whenever it is asked again.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeeWithdrawalView {
    /// The transfer.
    pub transfer_id: i64,
    /// How much.
    pub amount: i64,
    /// When.
    pub at: String,
}

impl From<KeptFees> for FeeWithdrawalView {
    fn from(kept: KeptFees) -> FeeWithdrawalView {
        FeeWithdrawalView { transfer_id: kept.id.0, amount: kept.amount.won(), at: moment::text(kept.at) }
    }
}

/// `GET /admin/fees`: what the house earned.
pub async fn show(
    State(state): State<Arc<WebState>>,
    _admin: Admin,
    Asked(Nothing): Asked<Nothing>,
) -> Result<Json<FeesView>, Problem> {
    Ok(Json(FeesView { fees: state.records.fees().await?.won() }))
}

/// `POST /admin/fees/withdrawals`: fees are taken out.
pub async fn withdraw(
    State(state): State<Arc<WebState>>,
    Admin(caller): Admin,
    headers: HeaderMap,
    Sent(FeeWithdrawal { amount, reference }): Sent<FeeWithdrawal>,
) -> Result<(StatusCode, Json<FeeWithdrawalView>), Problem> {
    let key = key_of(&headers, caller.id())?;
    let call = Call::WithdrawFees { admin: caller.id(), amount, reference };
    let kept = order_fees(&state, call, key).await?;
    Ok((StatusCode::CREATED, Json(FeeWithdrawalView::from(kept))))
}
