//! Changing one's own settings: nickname, neighbourhood, what one says about oneself, language, password.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::response::Response;

use crate::api::me::{MeChange, change_member, set_password};
use crate::caller::Address;
use crate::contact::has_contact;
use crate::failure::{Code, Problem};
use crate::pages::show::settings::page;
use crate::pages::typed::Typed;
use crate::pages::{Answer, Field, MemberReader, SettingsPage, Told, Tone, way};
use crate::state::WebState;
use crate::words::{Language, field_fault};

/// `POST /me`
pub async fn save(
    State(state): State<Arc<WebState>>,
    own: MemberReader,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let (nickname, region) = (typed.text("nickname"), typed.text("region_id"));
    let language = Language::from_code(&typed.text("language"));
    let region_id = (!region.is_empty()).then(|| region.parse().unwrap_or(-1));
    let (about, is_confirmed) = (typed.text("about"), typed.text("confirmed") == "yes");
    if has_contact(&about) && !is_confirmed {
        let mut page = page(&state, &own).await?;
        (page.nickname, page.region_id) = (Field::of(nickname), Field::of(region));
        (page.about, page.warns) = (Field::of(about), true);
        return own.answer(200, &page);
    }
    let change = MeChange {
        nickname: Some(nickname.clone()),
        region_id: Some(region_id),
        about: Some(Some(about.clone())),
        picture: None,
    };
    if let Err(problem) = change_member(&state, &own.member, change).await {
        let mut page = page(&state, &own).await?;
        (page.nickname, page.region_id) = (Field::of(nickname), Field::of(region));
        page.about = Field::of(about);
        if problem.code() == Code::NicknameTaken {
            page.nickname.fault = Some(problem.sentence(own.reader.language));
        }
        return refused(&own, page, &problem);
    }
    let mut response = way::to_with(&state.settings, "/me", Told::Saved);
    if let Some(language) = language {
        response.headers_mut().append(SET_COOKIE, way::language_cookie(&state.settings, language));
    }
    Ok(response)
}

/// `POST /me/password`: every other session ends.
pub async fn password(
    State(state): State<Arc<WebState>>,
    own: MemberReader,
    address: Address,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let (current, new) = (typed.text("current_password"), typed.text("new_password"));
    match set_password(&state, &own.member, address, &current, &new).await {
        Ok(()) => Ok(way::to_with(&state.settings, "/me", Told::Password)),
        Err(problem) => refused(&own, page(&state, &own).await?, &problem),
    }
}

/// The settings again, with what is wrong under its field or above them all.
fn refused(own: &MemberReader, mut page: SettingsPage, problem: &Problem) -> Result<Response, Problem> {
    let language = own.reader.language;
    match problem.code() {
        Code::CredentialsWrong => page.current_password.fault = Some(field_fault(language, "wrong_password")),
        Code::Invalid | Code::NicknameTaken => {}
        _ => page.shell.answer = Some(Answer { tone: Tone::Bad, text: problem.sentence(language) }),
    }
    for fault in problem.errors() {
        let field = match fault.field.as_str() {
            "nickname" => &mut page.nickname,
            "new_password" => &mut page.new_password,
            "about" => &mut page.about,
            _ => &mut page.region_id,
        };
        field.fault = Some(field_fault(language, fault.code));
    }
    // A wrong password is no reason to be asked to sign in again.
    let status = if problem.code() == Code::CredentialsWrong { 422 } else { problem.code().status() };
    own.answer(status, &page)
}
