//! Through the door: signing up, in and out. The session's cookie is the same as the API's, and so are the limits.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::Response;

use crate::api::members::{SignUp, join};
use crate::api::sessions::{begin, end, end_all, recognise};
use crate::caller::{Address, Token, forget_cookie};
use crate::failure::{Code, Problem};
use crate::pages::show::door::{sign_in_page, sign_up_page};
use crate::pages::typed::Typed;
use crate::pages::{Field, MemberReader, Reader, SignUpPage, Told, way};
use crate::state::WebState;
use crate::words::field_fault;

/// `POST /sign-in`
pub async fn sign_in(
    State(state): State<Arc<WebState>>,
    reader: Reader,
    address: Address,
    headers: HeaderMap,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let next = way::inside(&typed.text("next")).to_owned();
    let (username, password) = (typed.text("username"), typed.text("password"));
    let entered = async {
        let recognised = recognise(&state, address, username.trim(), &password).await?;
        begin(&state, recognised, &headers).await
    };
    match entered.await {
        Ok(token) => Ok(enter(&state, &token, way::to(&next))),
        Err(problem) => {
            let mut page = sign_in_page(&state, &reader, next).await?;
            page.fault = Some(problem.sentence(reader.language));
            page.username = username;
            reader.answer(problem.code().status(), &page)
        }
    }
}

/// `POST /sign-up`
pub async fn sign_up(
    State(state): State<Arc<WebState>>,
    reader: Reader,
    address: Address,
    headers: HeaderMap,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let next = way::inside(&typed.text("next")).to_owned();
    let region = typed.text("region_id");
    let wish = SignUp {
        username: typed.text("username").trim().to_owned(),
        password: typed.text("password"),
        nickname: typed.text("nickname"),
        // What is no number is the number of nothing, and nothing is not among the regions.
        region_id: (!region.is_empty()).then(|| region.parse().unwrap_or(-1)),
    };
    let (username, nickname, region) = (wish.username.clone(), wish.nickname.clone(), wish.region_id);
    match join(&state, address, wish).await {
        Ok(recognised) => {
            let token = begin(&state, recognised, &headers).await?;
            Ok(enter(&state, &token, way::to_with(&state.settings, &next, Told::SignedUp)))
        }
        Err(problem) => {
            let mut page = sign_up_page(&state, &reader, next, region).await?;
            (page.username, page.nickname) = (Field::of(username), Field::of(nickname));
            show_faults(&mut page, &reader, &problem);
            reader.answer(problem.code().status(), &page)
        }
    }
}

/// Sends a member on with his session.
fn enter(state: &WebState, token: &Token, mut response: Response) -> Response {
    response.headers_mut().append(SET_COOKIE, token.set_cookie(&state.settings));
    response
}

/// What is wrong stands under its field; what is of no field, above the form.
fn show_faults(page: &mut SignUpPage, reader: &Reader, problem: &Problem) {
    let language = reader.language;
    match problem.code() {
        Code::UsernameTaken => page.username.fault = Some(problem.sentence(language)),
        Code::NicknameTaken => page.nickname.fault = Some(problem.sentence(language)),
        _ => page.fault = Some(problem.sentence(language)),
    }
    for fault in problem.errors() {
        let field = match fault.field.as_str() {
            "username" => &mut page.username,
            "password" => &mut page.password,
            "nickname" => &mut page.nickname,
            _ => &mut page.region_id,
        };
        field.fault = Some(field_fault(language, fault.code));
    }
}

/// `POST /sign-out`: here. Whoever is out already stays out.
pub async fn sign_out(State(state): State<Arc<WebState>>, reader: Reader) -> Result<Response, Problem> {
    if let Some(member) = &reader.signed_in {
        end(&state, &member.session).await?;
    }
    Ok(out(&state))
}

/// `POST /sign-out-everywhere`
pub async fn sign_out_everywhere(
    State(state): State<Arc<WebState>>,
    own: MemberReader,
) -> Result<Response, Problem> {
    end_all(&state, own.member.id()).await?;
    Ok(out(&state))
}

fn out(state: &WebState) -> Response {
    let mut response = way::to_with(&state.settings, "/", Told::SignedOut);
    response.headers_mut().append(SET_COOKIE, forget_cookie(&state.settings));
    response
}
