//! Withdrawals: a member wants money out; an admin has paid it, or gives it back.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use engine::Call;
use serde::Serialize;
use store::{Withdrawal, WithdrawalState};
use utoipa::ToSchema;

use super::engine_door::{key_of, order_withdrawal};
use super::fields::Fields;
use super::me::WhichPage;
use super::moment;
use super::pages::{List, judged};
use super::sent::{Asked, Sent, Wire};
use crate::caller::SignedIn;
use crate::failure::Problem;
use crate::state::WebState;

/// Money that a member wants out.
#[derive(Debug, ToSchema)]
pub struct NewWithdrawal {
    /// How much.
    pub amount: i64,
    /// Where it should go, in one line of his words, up to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub destination: String,
}

impl Wire for NewWithdrawal {
    fn read(fields: &mut Fields) -> NewWithdrawal {
        NewWithdrawal {
            amount: fields.required("amount", Fields::integer),
            destination: fields.required("destination", Fields::text).trim().to_owned(),
        }
    }
}

/// A wish to take money out.
#[derive(Debug, Serialize, ToSchema)]
pub struct WithdrawalView {
    /// Its number.
    pub id: i64,
    /// Whose; absent where only one's own are shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member_id: Option<i64>,
    /// How much.
    pub amount: i64,
    /// Where it should go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// What became of it: `requested`, `done`, `reversed`.
    pub state: &'static str,
    /// When it was requested.
    pub at: String,
    /// When it was done or reversed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<String>,
    /// Why, if it was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A withdrawal; the same whenever it is asked again.
#[derive(Debug, Serialize, ToSchema)]
pub struct WithdrawalTakenView {
    /// The withdrawal.
    pub withdrawal: WithdrawalView,
}

impl From<Withdrawal> for WithdrawalView {
    fn from(row: Withdrawal) -> WithdrawalView {
        WithdrawalView {
            id: row.id.0,
            member_id: None,
            amount: row.amount.won(),
            destination: Some(row.destination),
            state: row.state.name(),
            at: moment::text(row.at),
            decided_at: row.decided_at.map(moment::text),
            reason: row.reason,
        }
    }
}

/// `POST /wallet/withdrawals`: a member wants money out.
pub async fn request(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    headers: HeaderMap,
    Sent(wanted): Sent<NewWithdrawal>,
) -> Result<(StatusCode, Json<WithdrawalTakenView>), Problem> {
    let key = key_of(&headers, caller.id())?;
    let NewWithdrawal { amount, destination } = wanted;
    let call = Call::Withdraw { member: caller.id(), amount, destination: destination.clone() };
    let kept = order_withdrawal(&state, call, key).await?;
    let withdrawal = WithdrawalView {
        id: kept.id.0,
        member_id: None,
        amount: kept.amount.won(),
        destination: Some(destination),
        state: WithdrawalState::Requested.name(),
        at: moment::text(kept.at),
        decided_at: None,
        reason: None,
    };
    Ok((StatusCode::CREATED, Json(WithdrawalTakenView { withdrawal })))
}

/// `GET /wallet/withdrawals`: the member's withdrawals, newest first.
pub async fn list(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Asked(WhichPage(page)): Asked<WhichPage>,
) -> Result<Json<List<WithdrawalView>>, Problem> {
    let rows = judged(state.records.withdrawals(caller.id(), page.clone()).await, &page)?;
    Ok(Json(List::of(rows, WithdrawalView::from)))
}
