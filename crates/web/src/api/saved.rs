//! Saved searches: what a member wants to hear of when something new fits.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;
use store::records::SavedSearch;
use utoipa::ToSchema;

use super::fields::{Fields, form_urlencoded};
use super::listing::Wanted;
use super::moment;
use super::pages::List;
use super::sent::{Asked, Id, Nothing, Sent, Wire};
use crate::caller::{self, SignedIn};
use crate::failure::{Code, FieldFault, Problem};
use crate::pages::Filters;
use crate::pages::escaped;
use crate::saved;
use crate::state::WebState;

/// The most characters of a query.
const QUERY_CHARS_MAX: usize = 4_000;

/// The most characters of words that are kept.
const WORDS_CHARS_MAX: usize = 100;

/// What to keep.
#[derive(Debug, ToSchema)]
pub struct SearchToSave {
    /// The parameters of a search, as they follow the question mark of `GET /auctions`. Order, page and status do not count:
    /// what is told of is what opens. Of `ends_within`, 1, 6, 24 and 72 can be kept.
    #[schema(max_length = 4000)]
    pub query: String,
}

impl Wire for SearchToSave {
    fn read(fields: &mut Fields) -> SearchToSave {
        let query = fields.required("query", Fields::text);
        if query.chars().count() > QUERY_CHARS_MAX {
            fields.fault("query", "too_long");
        }
        SearchToSave { query }
    }
}

/// A search that is kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct SavedSearchView {
    /// Its number.
    pub id: i64,
    /// What it is called.
    pub name: String,
    /// The parameters, as they follow the question mark of `GET /auctions`.
    pub query: String,
    /// Since when.
    pub created_at: String,
    /// How many that fit have come since the member last opened it on its page.
    pub new_count: i64,
}

impl From<SavedSearch> for SavedSearchView {
    fn from(saved: SavedSearch) -> SavedSearchView {
        SavedSearchView {
            id: saved.id,
            name: saved.name,
            query: flags(&saved.query, "1", "true"),
            created_at: moment::text(saved.created_at),
            new_count: saved.fresh,
        }
    }
}

/// A query with the flags that say the one to say the other: pages write `1` where the API writes `true`.
fn flags(query: &str, from: &str, to: &str) -> String {
    let pairs = form_urlencoded(query).map(|(name, value)| {
        let is_flag = Filters::FLAGS.contains(&name.as_str()) && value == from;
        format!("{}={}", escaped(&name), escaped(if is_flag { to } else { &value }))
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// What `GET /auctions` would refuse, and what cannot be kept.
fn check(query: &str, has_home: bool) -> Result<(), Problem> {
    let query = query.strip_prefix('?').unwrap_or(query);
    let mut fields = Fields::of_query(query);
    Wanted::read(&mut fields);
    fields.finish()?;
    let fault = |field: &str, code| FieldFault { field: field.to_owned(), code };
    let faults = form_urlencoded(query).filter_map(|(name, value)| match &*name {
        "q" if value.trim().chars().count() > WORDS_CHARS_MAX => Some(fault("q", "too_long")),
        "near" if value == "home" && !has_home => Some(fault("near", "invalid")),
        "ends_within" if !Filters::HOURS.contains(&value.as_str()) => Some(fault("ends_within", "invalid")),
        _ => None,
    });
    let faults: Vec<FieldFault> = faults.collect();
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
}

/// `POST /me/searches`: keeps a search; again is the same.
pub async fn save(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    headers: HeaderMap,
    Sent(SearchToSave { query }): Sent<SearchToSave>,
) -> Result<Json<SavedSearchView>, Problem> {
    check(&query, caller.member.region.is_some())?;
    let query = flags(query.strip_prefix('?').unwrap_or(&query), "true", "1");
    let saved = saved::save(&state, &caller, caller::language(&headers), &query).await?;
    Ok(Json(saved.into()))
}

/// `GET /me/searches`: newest first.
pub async fn list(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Asked(Nothing): Asked<Nothing>,
) -> Result<Json<List<SavedSearchView>>, Problem> {
    let searches = state.records.saved_searches(caller.id()).await?;
    Ok(Json(List { items: searches.into_iter().map(SavedSearchView::from).collect(), next: None }))
}

/// `DELETE /me/searches/{id}`: forgets one.
pub async fn remove(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    match state.records.remove_search(caller.id(), id).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Problem::new(Code::NotFound)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_search_would_refuse_is_not_kept() {
        for (query, fault) in [
            ("q=%EC%9D%98%EC%9E%90&category=300&buy_now=true&sort=newest", None),
            ("?near=37.56,126.97&radius=3", None),
            ("ends_within=24", None),
            ("ends_within=23", Some(("ends_within", "invalid"))),
            ("near=home", Some(("near", "invalid"))),
            ("buy_now=1", Some(("buy_now", "wrong_type"))),
            ("colour=red", Some(("colour", "unknown"))),
            (&format!("q={}", "a".repeat(101)), Some(("q", "too_long"))),
        ] {
            let problem = check(query, false).err();
            let found = problem.as_ref().and_then(|problem| problem.errors().first());
            assert_eq!(found.map(|fault| (&*fault.field, fault.code)), fault, "{query}");
        }
        assert_eq!(
            flags("q=true&buy_now=true&pictured=false", "true", "1"),
            "q=true&buy_now=1&pictured=false"
        );
    }
}
