//! What links in letters lead to, without signing in: a page that asks once more, for programs follow links too.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;

use crate::delivery::{signed, signing_secret};
use crate::failure::{Code, Problem};
use crate::pages::typed::Typed;
use crate::pages::{AskPage, Reader, Section};
use crate::state::WebState;

/// `GET /unsubscribe/{token}`
pub async fn unsubscribe(
    State(state): State<Arc<WebState>>,
    reader: Reader,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    let is_ours = signed::member_of(signing_secret(&state).await?, &token).is_some();
    if !is_ours {
        return Err(Problem::new(Code::NotFound));
    }
    let language = reader.language;
    let answer = Some((format!("/unsubscribe/{token}"), language.text("unsubscribe-yes")));
    ask(&state, &reader, "unsubscribe", "unsubscribe-text", answer, token).await
}

/// `GET /me/notices/confirm`
pub async fn confirm(State(state): State<Arc<WebState>>, reader: Reader) -> Result<Response, Problem> {
    let token = Typed::of(reader.query()).text("token");
    let answer = Some(("/me/notices/confirm".to_owned(), reader.language.text("confirm-yes")));
    ask(&state, &reader, "confirm", "confirm-text", answer, token).await
}

/// A page that asks, or says what came of it.
///
/// # Errors
/// What the store says.
pub async fn ask(
    state: &WebState,
    reader: &Reader,
    title: &str,
    text: &str,
    answer: Option<(String, String)>,
    token: String,
) -> Result<Response, Problem> {
    let (title, text) = (reader.language.text(title), reader.language.text(text));
    let shell = reader.shell(state, Section::Elsewhere).await?;
    reader.answer(200, &AskPage { shell, title, text, answer, token })
}
