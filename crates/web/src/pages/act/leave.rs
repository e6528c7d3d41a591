//! Leaving the market for good, by a form.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::response::Response;

use crate::api::leaving::remove;
use crate::caller::{Address, forget_cookie};
use crate::failure::{Code, Problem};
use crate::pages::show::leave::page;
use crate::pages::typed::Typed;
use crate::pages::{Answer, MemberReader, Tone, way};
use crate::state::WebState;
use crate::words::field_fault;

/// `POST /me/leave`
pub async fn leave(
    State(state): State<Arc<WebState>>,
    own: MemberReader,
    address: Address,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let (password, language) = (typed.text("password"), own.reader.language);
    if typed.text("confirm") != "yes" {
        let mut page = page(&state, &own).await?;
        page.confirm = Some(language.text("leave-confirm-missing"));
        return own.answer(422, &page);
    }
    match remove(&state, &own.member, address, &password, language).await {
        Ok(()) => {
            let mut response = way::to("/");
            response.headers_mut().append(SET_COOKIE, forget_cookie(&state.settings));
            Ok(response)
        }
        Err(problem) => {
            let mut page = page(&state, &own).await?;
            if problem.code() == Code::CredentialsWrong {
                page.password.fault = Some(field_fault(language, "wrong_password"));
                return own.answer(422, &page);
            }
            page.shell.answer = Some(Answer { tone: Tone::Bad, text: problem.sentence(language) });
            own.answer(problem.code().status(), &page)
        }
    }
}
