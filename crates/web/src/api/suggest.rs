//! Suggestions: categories and titles that what was typed so far may become, for whoever types on.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock};

use auction::Status;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;
use store::records::{Page, Search, Sort};
use store::words::Wanted;
use utoipa::ToSchema;

use super::fields::Fields;
use super::listing::QUERY_CHARS_MAX;
use super::pages::{List, judged};
use super::sent::{Asked, Wire};
use crate::caller;
use crate::failure::Problem;
use crate::pages::category_name;
use crate::places::Known;
use crate::state::WebState;
use crate::words::Language;

/// How many suggestions are made at most.
const SUGGESTIONS: usize = 8;

/// How many of them are categories at most.
const CATEGORIES: usize = 3;

/// How many listings are looked at for them; several may have the same title.
const LOOKED_AT: usize = 3 * SUGGESTIONS;

/// What somebody may mean.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SuggestionView {
    /// Words to search for.
    pub text: String,
    /// The category that it is, whose results are meant then instead of words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category_id: Option<i64>,
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

/// `GET /suggest`: categories whose name in either language answers what was typed so far, then titles of open auctions that
/// do, the best first, each once.
pub async fn suggestions(
    State(state): State<Arc<WebState>>,
    headers: HeaderMap,
    Asked(Typing(words)): Asked<Typing>,
) -> Result<Json<List<SuggestionView>>, Problem> {
    let page = Page { cursor: None, limit: LOOKED_AT };
    if words.trim().is_empty() {
        return Ok(Json(List { items: Vec::new(), next: None }));
    }
    let known = state.places.known(&*state.records).await?;
    let mut items = categories(&known, caller::language(&headers), &words);
    let search = Search { words, status: Some(Status::Open), sort: Sort::Best, ..Search::default() };
    let rows = judged(state.records.listings(search, page.clone()).await, &page)?;
    let mut seen = HashSet::new();
    let titles = rows.items.into_iter().map(|row| row.title).filter(|title| seen.insert(title.clone()));
    let titles = titles.map(|text| SuggestionView { text, category_id: None });
    items.extend(titles.take(SUGGESTIONS - items.len()));
    Ok(Json(List { items, next: None }))
}

/// The tokens of every category's name, by its slug: in each language.
static NAMES: LazyLock<HashMap<String, [Vec<String>; 2]>> = LazyLock::new(|| {
    let tokens = |slug: &str| {
        let key = format!("category-{slug}");
        [Language::Ko, Language::En].map(|language| store::words::tokens(&language.text(&key)))
    };
    let slugs = store::places::categories().into_iter().map(|category| category.slug);
    slugs.map(|slug| (slug.clone(), tokens(&slug))).collect()
});

/// The categories that what was typed may be, by their names in either language, as the reader's language calls them.
fn categories(known: &Known, language: Language, words: &str) -> Vec<SuggestionView> {
    let wanted = Wanted::of(words);
    let is_meant =
        |slug: &str| NAMES.get(slug).is_some_and(|names| names.iter().any(|name| wanted.is_in(name)));
    let meant = known.categories.iter().filter(|category| is_meant(&category.slug));
    let view = |id| Some(SuggestionView { text: category_name(known, language, id)?, category_id: Some(id) });
    meant.filter_map(|category| view(category.id)).take(CATEGORIES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_answer_in_both_languages() {
        let known = Known { regions: Vec::new(), categories: store::places::categories() };
        for (words, language, expected) in
            [("ㅇㅈ", Language::Ko, "의자"), ("의자", Language::En, "hair"), ("chair", Language::Ko, "의자")]
        {
            let found = categories(&known, language, words);
            assert!(found.len() <= CATEGORIES && found.iter().all(|one| one.category_id.is_some()));
            assert!(found.iter().any(|one| one.text.contains(expected)), "{words}: {found:?}");
        }
        assert_eq!(categories(&known, Language::Ko, "그런 것은 없다"), []);
    }
}
