//! Blocks: a seller keeps a member from bidding on his auctions, from the next bid on.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use ledger::MemberId;

use super::sent::{Id, Nothing, Sent};
use crate::caller::SignedIn;
use crate::failure::{Code, Problem};
use crate::state::WebState;

/// `POST /members/{id}/block`: blocks a member; again is the same.
pub async fn block(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    Sent(Nothing): Sent<Nothing>,
) -> Result<StatusCode, Problem> {
    let member = another(&state, &caller, id).await?;
    state.records.block(caller.id(), member, None, state.now()).await?;
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
