//! Blocking a member from bidding on one's own auctions, and lifting it again.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use crate::api::blocks::another;
use crate::api::sent::Id;
use crate::failure::Problem;
use crate::pages::{MemberReader, Told, way};
use crate::state::WebState;

/// `POST /members/{id}/block`
pub async fn block(
    State(state): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
) -> Result<Response, Problem> {
    let member = another(&state, &own.member, id).await?;
    state.records.block(own.member.id(), member, None, state.now()).await?;
    Ok(way::to_with(&state.settings, &format!("/members/{id}"), Told::Blocked))
}

/// `POST /members/{id}/unblock`
pub async fn unblock(
    State(state): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
) -> Result<Response, Problem> {
    let member = another(&state, &own.member, id).await?;
    state.records.unblock(own.member.id(), member).await?;
    Ok(way::to_with(&state.settings, &format!("/members/{id}"), Told::Unblocked))
}
