//! Suggestions: titles that what was typed so far may become, for whoever types on.

use std::collections::HashSet;
use std::sync::Arc;

use auction::Status;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use store::records::{Page, Search, Sort};
use utoipa::ToSchema;

use super::fields::Fields;
use super::listing::QUERY_CHARS_MAX;
use super::pages::{List, judged};
use super::sent::{Asked, Wire};
use crate::failure::Problem;
use crate::state::WebState;

/// How many suggestions are made at most.
const SUGGESTIONS: usize = 8;

/// How many listings are looked at for them; several may have the same title.
const LOOKED_AT: usize = 3 * SUGGESTIONS;

/// What somebody may mean.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SuggestionView {
    /// Words to search for.
    pub text: String,
}

/// What was typed so far.
pub struct Typing(String);

impl Wire for Typing {
    fn read(fields: &mut Fields) -> Typing {
        let words = fields.required("q", Fields::text);
        if words.chars().count() > QUERY_CHARS_MAX {
            fields.fault("q", "too_long");
        }
        Typing(words)
    }
}

/// `GET /suggest`: titles of open auctions that answer what was typed so far, the best first, each once.
pub async fn titles(
    State(state): State<Arc<WebState>>,
    Asked(Typing(words)): Asked<Typing>,
) -> Result<Json<List<SuggestionView>>, Problem> {
    let page = Page { cursor: None, limit: LOOKED_AT };
    if words.trim().is_empty() {
        return Ok(Json(List { items: Vec::new(), next: None }));
    }
    let search = Search { words, status: Some(Status::Open), sort: Sort::Best, ..Search::default() };
    let rows = judged(state.records.listings(search, page.clone()).await, &page)?;
    let mut seen = HashSet::new();
    let titles = rows.items.into_iter().map(|row| row.title).filter(|title| seen.insert(title.clone()));
    let items = titles.take(SUGGESTIONS).map(|text| SuggestionView { text }).collect();
    Ok(Json(List { items, next: None }))
}
