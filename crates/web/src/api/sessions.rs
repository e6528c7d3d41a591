//! Sessions: signing in and out. A sign-in gives a cookie or a token, never both, and takes the same time whether there
//! is such a member or not.

use std::sync::Arc;

use auction::Time;
use axum::Json;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use ledger::MemberId;
use serde::Serialize;
use store::records::{Member, Session};
use utoipa::ToSchema;

use super::fields::Fields;
use super::members::{OwnView, username_fault};
use super::sent::{Sent, Wire};
use crate::caller::{Address, SignedIn, Token, cookie_hash, forget_cookie};
use crate::failure::{Code, Problem};
use crate::password::PASSWORD_CHARS_MAX;
use crate::state::WebState;

/// The most bytes of a password that is tried: what is longer is nobody's.
const TRIED_BYTES_MAX: usize = 16 * PASSWORD_CHARS_MAX;

/// Who wants in.
#[derive(Debug, ToSchema)]
pub struct SignIn {
    /// As at signing up.
    pub username: String,
    /// As at signing up.
    #[schema(format = Password)]
    pub password: String,
    /// Whether the answer shall carry a token instead of setting a cookie.
    pub token: Option<bool>,
}

impl Wire for SignIn {
    fn read(fields: &mut Fields) -> SignIn {
        SignIn {
            username: fields.required("username", Fields::text),
            password: fields.required("password", Fields::text),
            token: fields.flag("token"),
        }
    }
}

/// A sign-in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignInView {
    /// Who.
    pub member: OwnView,
    /// For `Authorization: Bearer`, if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// `POST /sessions`: signs in.
pub async fn sign_in(
    State(state): State<Arc<WebState>>,
    address: Address,
    headers: HeaderMap,
    Sent(sign_in): Sent<SignIn>,
) -> Result<Response, Problem> {
    let recognised = recognise(&state, address, &sign_in.username, &sign_in.password).await?;
    let mut view = SignInView { member: OwnView::from(&recognised.member), token: None };
    let token = begin(&state, recognised, &headers).await?;
    if sign_in.token == Some(true) {
        view.token = Some(token.as_str().to_owned());
        return Ok((StatusCode::CREATED, Json(view)).into_response());
    }
    let cookie = [(SET_COOKIE, token.set_cookie(&state.settings))];
    Ok((StatusCode::CREATED, cookie, Json(view)).into_response())
}

/// A member who has shown his password, and the hash it was judged by. What is done on the strength of it hands the hash
/// on to the store, and comes to nothing if the member's password is another by then.
pub struct Recognised {
    /// Who.
    pub member: Member,
    /// Of the password shown.
    pub known: String,
}

/// The member of that username and password.
///
/// # Errors
/// `credentials_wrong`, whichever of the two it is; `rate_limited` while this address must wait.
pub async fn recognise(
    state: &WebState,
    address: Address,
    username: &str,
    password: &str,
) -> Result<Recognised, Problem> {
    if username_fault(username).is_some() || password.len() > TRIED_BYTES_MAX {
        return Err(Problem::new(Code::CredentialsWrong));
    }
    let now = state.now();
    state.limits.password_call(address, now)?;
    state.limits.sign_in(username, address, now).await?;
    match judged(state, username, password).await {
        Ok(Some(recognised)) => {
            state.limits.signed_in(username, address, now).await;
            Ok(recognised)
        }
        Ok(None) => Err(Problem::new(Code::CredentialsWrong)),
        Err(problem) => {
            // No verdict, as under load, is no wrong password.
            state.limits.sign_in_not_judged(username, address, now).await;
            Err(problem)
        }
    }
}

/// The member, if the password is his.
async fn judged(state: &WebState, username: &str, password: &str) -> Result<Option<Recognised>, Problem> {
    let (member, hash) = state.records.credentials(username).await?.unzip();
    let is_right = state.passwords.is_right(password, hash.clone()).await?;
    let recognised = member.zip(hash).map(|(member, known)| Recognised { member, known });
    Ok(recognised.filter(|_| is_right))
}

/// Begins a session; one that the same browser had before ends.
///
/// # Errors
/// `credentials_wrong` if the member has changed his password since he was recognised, or what the store says.
pub async fn begin(state: &WebState, recognised: Recognised, headers: &HeaderMap) -> Result<Token, Problem> {
    let token = Token::new(state);
    let now = state.now();
    let expires_at: Time = now.plus(state.settings.session_life);
    let member = recognised.member.id;
    let session = Session { token: token.hash(), member, created_at: now, seen_at: now, expires_at };
    if !state.records.create_session(session, recognised.known).await? {
        return Err(Problem::new(Code::CredentialsWrong));
    }
    if let Some(old) = cookie_hash(headers, &state.settings)
        && let Some((session, _)) = state.records.session(old).await?
    {
        end(state, &session).await?;
    }
    Ok(token)
}

/// Ends a session; the sockets that live by it fall silent.
///
/// # Errors
/// What the store says.
pub async fn end(state: &WebState, session: &Session) -> Result<(), Problem> {
    state.records.end_session(session.token).await?;
    state.hub.sessions_changed(session.member);
    Ok(())
}

/// Ends every session of a member; his sockets fall silent.
///
/// # Errors
/// What the store says.
pub async fn end_all(state: &WebState, member: MemberId) -> Result<(), Problem> {
    state.records.end_sessions(member).await?;
    state.hub.sessions_changed(member);
    Ok(())
}

/// `DELETE /sessions/current`: signs out here.
pub async fn sign_out(State(state): State<Arc<WebState>>, caller: SignedIn) -> Result<Response, Problem> {
    end(&state, &caller.session).await?;
    Ok(gone(&state))
}

/// `DELETE /sessions`: signs out everywhere.
pub async fn sign_out_everywhere(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
) -> Result<Response, Problem> {
    end_all(&state, caller.id()).await?;
    Ok(gone(&state))
}

fn gone(state: &WebState) -> Response {
    (StatusCode::NO_CONTENT, [(SET_COOKIE, forget_cookie(&state.settings))]).into_response()
}
