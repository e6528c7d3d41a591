//! Marking notices as read, here and on the member's other open pages.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use crate::failure::Problem;
use crate::pages::typed::Typed;
use crate::pages::{MemberReader, Told, way};
use crate::state::WebState;

/// `POST /notices/read`
pub async fn read(
    State(state): State<Arc<WebState>>,
    own: MemberReader,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let member = own.member.id();
    let up_to = typed.number("up_to").ok_or(Problem::invalid_field("up_to", "required"))?;
    state.records.read_notices(member, up_to, state.now()).await?;
    state.hub.unread(member, state.records.unread(member).await?);
    Ok(way::to_with(&state.settings, "/notices", Told::Read))
}
