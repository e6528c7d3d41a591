//! `/rules`: the rules of the market in plain words.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use crate::failure::Problem;
use crate::pages::{Reader, RulesPage, Section};
use crate::settings::BidderNames;
use crate::state::WebState;

/// `GET /rules`
pub async fn show(State(state): State<Arc<WebState>>, reader: Reader) -> Result<Response, Problem> {
    let shell = reader.shell(&state, Section::Elsewhere).await?;
    let has_names = state.settings.bidder_names == BidderNames::Names;
    reader.answer(200, &RulesPage { shell, has_names })
}
