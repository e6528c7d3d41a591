//! What the pages behind links in letters do, without signing in; and what mail programs do with one request (RFC 8058).

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use store::records::ReachChange;

use crate::delivery::{reaching, signed, signing_secret};
use crate::failure::{Code, Problem};
use crate::pages::Reader;
use crate::pages::show::unsubscribe::ask;
use crate::pages::typed::Typed;
use crate::state::WebState;

/// `POST /unsubscribe/{token}`: no more e-mail of any group; again is the same. What is sent with it nobody reads.
pub async fn unsubscribe(
    State(state): State<Arc<WebState>>,
    reader: Reader,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    let member = signed::member_of(signing_secret(&state).await?, &token);
    let member = member.ok_or(Problem::new(Code::NotFound))?;
    let wishes = state.records.reach(member).await?.wishes.without_email();
    let change = ReachChange { wishes: Some(wishes), ..ReachChange::default() };
    // Nothing is sent to whoever has left.
    let _ = state.records.change_reach(member, change).await?;
    ask(&state, &reader, "unsubscribe", "unsubscribe-done", None, String::new()).await
}

/// `POST /me/notices/confirm`
pub async fn confirm(
    State(state): State<Arc<WebState>>,
    reader: Reader,
    mut typed: Typed,
) -> Result<Response, Problem> {
    reaching::confirm(&state, &typed.text("token")).await?;
    ask(&state, &reader, "confirm", "confirm-done", None, String::new()).await
}
