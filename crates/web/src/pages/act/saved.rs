//! Keeping a search, and forgetting one.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use crate::api::sent::Id;
use crate::failure::{Code, Problem};
use crate::pages::typed::Typed;
use crate::pages::{MemberReader, Told, way};
use crate::saved;
use crate::state::WebState;

/// Where they stand.
const PAGE: &str = "/me/searches";

/// `POST /me/searches`: `query` is what stands in the market's address.
pub async fn save(
    State(state): State<Arc<WebState>>,
    own: MemberReader,
    mut typed: Typed,
) -> Result<Response, Problem> {
    match saved::save(&state, &own.member, own.reader.language, &typed.text("query")).await {
        Ok(_) => Ok(way::to_with(&state.settings, PAGE, Told::SearchSaved)),
        Err(problem) if problem.code() == Code::SearchesFull => {
            Ok(way::to_with(&state.settings, PAGE, Told::SearchesFull))
        }
        Err(problem) => Err(problem),
    }
}

/// `POST /me/searches/{id}/remove`: again is the same.
pub async fn remove(
    State(state): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
) -> Result<Response, Problem> {
    state.records.remove_search(own.member.id(), id).await?;
    Ok(way::to(PAGE))
}
