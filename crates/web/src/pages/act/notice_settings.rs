//! Changing how notices reach a member outside the house.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use store::records::{NoticeGroup, QuietHours, ReachChange, Wish};

use crate::api::preferences::minute_of;
use crate::delivery::reaching;
use crate::failure::{Code, Problem};
use crate::pages::show::notice_settings::page;
use crate::pages::typed::Typed;
use crate::pages::{Answer, Field, MemberReader, Told, Tone, way};
use crate::state::WebState;
use crate::words::field_fault;

/// Where all of this stands.
const PAGE: &str = "/me/notices";

/// `POST /me/notices`: what a form does not say of a group stays.
pub async fn save(
    State(state): State<Arc<WebState>>,
    own: MemberReader,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let mut wishes = state.records.reach(own.member.id()).await?.wishes;
    for group in NoticeGroup::ALL {
        if let Some(wish) = Wish::named(&typed.text(group.name())) {
            wishes = wishes.with(group, wish);
        }
    }
    let (from, until) = (typed.text("quiet_from"), typed.text("quiet_until"));
    let is_quiet = typed.text("quiet") == "1";
    let quiet =
        minute_of(&from).zip(minute_of(&until)).and_then(|(from, until)| QuietHours::new(from, until));
    if is_quiet && quiet.is_none() {
        let mut page = page(&state, &own).await?;
        (page.is_quiet, page.quiet_from) = (true, Field::of(from));
        page.quiet_until = Field::faulty(until, field_fault(own.reader.language, "invalid"));
        return own.answer(422, &page);
    }
    let language = Some(own.reader.language.code().to_owned());
    let change = ReachChange { wishes: Some(wishes), quiet: Some(quiet.filter(|_| is_quiet)), language };
    state.records.change_reach(own.member.id(), change).await??;
    Ok(way::to_with(&state.settings, PAGE, Told::Saved))
}

/// `POST /me/notices/email`: sends a link there.
pub async fn ask_confirmation(
    State(state): State<Arc<WebState>>,
    own: MemberReader,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let (email, language) = (typed.text("email"), own.reader.language);
    if let Err(problem) = reaching::ask_confirmation(&state, own.member.id(), &email, language).await {
        let mut page = page(&state, &own).await?;
        page.email = match problem.code() {
            Code::Invalid => Field::faulty(email, field_fault(language, "invalid")),
            _ => Field::of(email),
        };
        if problem.code() != Code::Invalid {
            page.shell.answer = Some(Answer { tone: Tone::Bad, text: problem.sentence(language) });
        }
        return own.answer(problem.code().status(), &page);
    }
    let change = ReachChange { language: Some(language.code().to_owned()), ..ReachChange::default() };
    state.records.change_reach(own.member.id(), change).await??;
    Ok(way::to_with(&state.settings, PAGE, Told::Saved))
}

/// `POST /me/notices/email/remove`
pub async fn remove_address(
    State(state): State<Arc<WebState>>,
    own: MemberReader,
) -> Result<Response, Problem> {
    state.records.remove_address(own.member.id()).await?;
    Ok(way::to_with(&state.settings, PAGE, Told::Saved))
}
