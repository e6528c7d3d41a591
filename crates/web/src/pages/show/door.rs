//! `/sign-up` and `/sign-in`: the door. Whoever is inside already is led on to where he wanted to go.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::places;
use crate::failure::Problem;
use crate::pages::typed::Typed;
use crate::pages::{Field, Reader, Section, SignInPage, SignUpPage, way};
use crate::state::WebState;

/// `GET /sign-in`
pub async fn sign_in(State(state): State<Arc<WebState>>, reader: Reader) -> Result<Response, Problem> {
    let next = next_of(&reader);
    if reader.signed_in.is_some() {
        return Ok(way::to(&next));
    }
    reader.answer(200, &sign_in_page(&state, &reader, next).await?)
}

/// `GET /sign-up`
pub async fn sign_up(State(state): State<Arc<WebState>>, reader: Reader) -> Result<Response, Problem> {
    let next = next_of(&reader);
    if reader.signed_in.is_some() {
        return Ok(way::to(&next));
    }
    reader.answer(200, &sign_up_page(&state, &reader, next, None).await?)
}

/// Where to go afterwards, inside this house.
fn next_of(reader: &Reader) -> String {
    way::inside(&Typed::of(reader.query()).text("next")).to_owned()
}

/// The sign-in with nothing typed.
///
/// # Errors
/// What the store says.
pub async fn sign_in_page(state: &WebState, reader: &Reader, next: String) -> Result<SignInPage, Problem> {
    let shell = reader.shell(state, Section::Elsewhere).await?;
    Ok(SignInPage { shell, next, fault: None, username: String::new() })
}

/// The sign-up with nothing typed but a region that was chosen.
///
/// # Errors
/// What the store says.
pub async fn sign_up_page(
    state: &WebState,
    reader: &Reader,
    next: String,
    region: Option<i64>,
) -> Result<SignUpPage, Problem> {
    let known = state.places.known(&*state.records).await?;
    Ok(SignUpPage {
        shell: reader.shell(state, Section::Elsewhere).await?,
        next,
        fault: None,
        username: Field::default(),
        password: Field::default(),
        nickname: Field::default(),
        region_id: Field::of(region.map(|region| region.to_string()).unwrap_or_default()),
        regions: places::regions(&known, reader.language, &[region]),
    })
}
