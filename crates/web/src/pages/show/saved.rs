//! `/me/searches`: what the member wants to hear of, and the way from there into the market.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use crate::api::sent::Id;
use crate::failure::{Code, Problem};
use crate::pages::{MemberReader, SavedLine, SavedPage, Section, way};
use crate::state::WebState;

/// `GET /me/searches`
pub async fn show(State(state): State<Arc<WebState>>, own: MemberReader) -> Result<Response, Problem> {
    let searches = state.records.saved_searches(own.member.id()).await?;
    let line = |one: store::records::SavedSearch| SavedLine { id: one.id, name: one.name, fresh: one.fresh };
    let page = SavedPage {
        shell: own.reader.shell(&state, Section::Elsewhere).await?,
        lines: searches.into_iter().map(line).collect(),
    };
    own.answer(200, &page)
}

/// `GET /me/searches/{id}`: opens one in the market, the newest first; what has come for it is not new any more.
pub async fn open(
    State(state): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
) -> Result<Response, Problem> {
    let opened = state.records.open_search(own.member.id(), id).await?;
    let saved = opened.ok_or(Problem::new(Code::NotFound))?;
    Ok(way::to(&format!("/?{}&sort=newest", saved.query)))
}
