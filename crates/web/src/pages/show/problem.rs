//! Problems as pages: what the house says no with, for people with a browser. Everyone else gets the JSON.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::http::header::{ALLOW, RETRY_AFTER};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::failure::{self, Code, Problem};
use crate::pages::{ProblemPage, Reader, Section, way};
use crate::state::WebState;

/// Turns problems into pages for whoever wants pages; a stranger who may not see something signs in first.
pub async fn pages(State(state): State<Arc<WebState>>, request: Request, next: Next) -> Response {
    if !failure::wants_page(&request) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let mut asked = parts.clone();
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if failure::has_no_words(&response) {
        let allow = response.headers().get(ALLOW).cloned();
        response = Problem::new(Code::MethodNotAllowed).into_response();
        response.headers_mut().extend(allow.map(|allow| (ALLOW, allow)));
    }
    let Some(problem) = response.extensions().get::<Problem>().cloned() else { return response };
    if response.status() == StatusCode::UNAUTHORIZED {
        return way::to_sign_in(&way::page_of(&asked.method, &asked.uri));
    }
    let status = response.status().as_u16();
    let reader = reader(&state, &mut asked, status).await;
    let page = page(&state, &reader, &problem).await;
    let Ok(mut answer) = reader.answer(status, &page) else { return response };
    for name in [RETRY_AFTER, ALLOW] {
        answer.headers_mut().extend(response.headers().get(&name).cloned().map(|value| (name, value)));
    }
    answer
}

/// Who reads the problem. When the house itself has trouble, the store is not asked for more.
async fn reader(state: &Arc<WebState>, asked: &mut axum::http::request::Parts, status: u16) -> Reader {
    if status >= 500 || status == 429 {
        return Reader::stranger(asked);
    }
    match Reader::from_request_parts(asked, state).await {
        Ok(reader) => reader,
        Err(_) => Reader::stranger(asked),
    }
}

async fn page(state: &WebState, reader: &Reader, problem: &Problem) -> ProblemPage {
    let shell = match reader.shell(state, Section::Elsewhere).await {
        Ok(shell) => shell,
        Err(_) => reader.bare_shell(state, Section::Elsewhere),
    };
    // The page's own words are for the common cases; what carries figures or a reason of its own says them.
    let general = matches!(problem.code(), Code::NotFound | Code::Internal | Code::Invalid | Code::Malformed);
    let detail = (!general).then(|| problem.sentence(reader.language));
    ProblemPage { shell, status: problem.code().status(), detail }
}
