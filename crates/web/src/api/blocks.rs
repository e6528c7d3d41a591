//! Blocks: a seller keeps a member from bidding on his auctions, from the next bid on, and takes back what he has bid.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use ledger::MemberId;
use utoipa::ToSchema;

use super::fields::Fields;
use super::seller::reason;
use super::sent::{Id, Sent, Wire};
use crate::caller::SignedIn;
use crate::failure::{Code, Problem};
use crate::state::WebState;

/// Why something is taken back.
#[derive(Debug, ToSchema)]
pub struct Why {
    /// Shown to everyone where it takes back a lead, 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: Option<String>,
}

impl Wire for Why {
    fn read(fields: &mut Fields) -> Why {
        Why { reason: reason(fields) }
    }
}

/// `POST /members/{id}/block`: blocks a member, whose bids on the caller's auctions are taken back; again is the same.
pub async fn block(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    Sent(why): Sent<Why>,
) -> Result<StatusCode, Problem> {
    let member = another(&state, &caller, id).await?;
    state.records.block(caller.id(), member, why.reason, state.now()).await??;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /members/{id}/block`: lifts a block; again is the same.
pub async fn unblock(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    let member = another(&state, &caller, id).await?;
    state.records.unblock(caller.id(), member).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A member who exists and is not the caller.
///
/// # Errors
/// `not_found`, `invalid`, or what the store says.
pub async fn another(state: &WebState, caller: &SignedIn, id: i64) -> Result<MemberId, Problem> {
    let member = state.records.member(MemberId(id)).await?.ok_or(Problem::new(Code::NotFound))?;
    if member.id == caller.id() {
        return Err(Problem::invalid_field("id", "invalid"));
    }
    Ok(member.id)
}
