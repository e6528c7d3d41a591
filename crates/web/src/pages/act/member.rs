//! Blocking a member from bidding on one's own auctions, and lifting it again.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use crate::api::blocks::another;
use crate::api::seller::reason_fault;
use crate::api::sent::Id;
use crate::failure::Problem;
use crate::pages::show::member::page;
use crate::pages::typed::Typed;
use crate::pages::{Field, MemberReader, Told, way};
use crate::state::WebState;
use crate::words::field_fault;

/// `POST /members/{id}/block`
pub async fn block(
    State(state): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let member = another(&state, &own.member, id).await?;
    let reason = typed.text("reason").trim().to_owned();
    if let Some(code) = reason_fault(&reason) {
        let mut page = page(&state, &own.reader, member).await?;
        page.reason = Field::faulty(reason, field_fault(own.reader.language, code));
        return own.answer(422, &page);
    }
    let reason = Some(reason).filter(|reason| !reason.is_empty());
    state.records.block(own.member.id(), member, reason, state.now()).await??;
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
