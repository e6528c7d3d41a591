//! `/design`: every component in every state.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use crate::failure::Problem;
use crate::pages::{DesignPage, Reader, Section};
use crate::state::WebState;

/// `GET /design`
pub async fn show(State(state): State<Arc<WebState>>, reader: Reader) -> Result<Response, Problem> {
    let shell = reader.shell(&state, Section::Elsewhere).await?;
    reader.answer(200, &DesignPage::new(shell))
}
