//! `/me`: a member's settings as they stand, for the forms that change them.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::places;
use crate::api::profile::digits;
use crate::failure::Problem;
use crate::pages::{Face, Field, MemberReader, Section, SettingsPage};
use crate::state::WebState;

/// `GET /me`
pub async fn show(State(state): State<Arc<WebState>>, own: MemberReader) -> Result<Response, Problem> {
    own.answer(200, &page(&state, &own).await?)
}

/// The settings as they stand.
///
/// # Errors
/// What the store says.
pub async fn page(state: &WebState, own: &MemberReader) -> Result<SettingsPage, Problem> {
    let known = state.places.known(&*state.records).await?;
    let member = &own.member.member;
    let profile = state.records.profile(member.id, state.now()).await?.unwrap_or_default();
    Ok(SettingsPage {
        shell: own.reader.shell(state, Section::Elsewhere).await?,
        username: member.username.clone(),
        nickname: Field::of(member.nickname.clone()),
        region_id: Field::of(member.region.map(|region| region.to_string()).unwrap_or_default()),
        about: Field::of(profile.about.unwrap_or_default()),
        warns: false,
        face: profile.picture.map(|picture| Face { address: digits(&picture.address) }),
        regions: places::regions(&known, own.reader.language, &[member.region]),
        current_password: Field::default(),
        new_password: Field::default(),
    })
}
