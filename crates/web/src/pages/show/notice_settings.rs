//! `/me/notices`: how notices reach a member outside the house.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use store::records::{NoticeGroup, QuietHours, Reach, Wish};

use crate::api::preferences::clock_of;
use crate::delivery::vapid_key;
use crate::failure::Problem;
use crate::pages::{Field, GroupChoice, MemberReader, NoticeSettingsPage, Section};
use crate::state::WebState;

/// The quiet hours that are offered to who has none: from ten in the evening to eight in the morning.
const OFFERED: (i64, i64) = (22 * 60, 8 * 60);

/// `GET /me/notices`
pub async fn show(State(state): State<Arc<WebState>>, own: MemberReader) -> Result<Response, Problem> {
    own.answer(200, &page(&state, &own).await?)
}

/// The page as it stands.
///
/// # Errors
/// What the store says.
pub async fn page(state: &WebState, own: &MemberReader) -> Result<NoticeSettingsPage, Problem> {
    let Reach { wishes, quiet, email, unconfirmed, browsers, .. } =
        state.records.reach(own.member.id()).await?;
    let group = |group: NoticeGroup| GroupChoice { name: group.name(), wish: wishes.of(group).name() };
    let time = |of: fn(QuietHours) -> i64, offered| Field::of(clock_of(quiet.map_or(offered, of)));
    Ok(NoticeSettingsPage {
        shell: own.reader.shell(state, Section::Elsewhere).await?,
        groups: NoticeGroup::ALL.into_iter().map(group).collect(),
        wishes: Wish::ALL.into_iter().map(Wish::name).collect(),
        is_quiet: quiet.is_some(),
        quiet_from: time(QuietHours::from, OFFERED.0),
        quiet_until: time(QuietHours::until, OFFERED.1),
        sends_email: state.delivering.mailer.is_some(),
        confirmed: email,
        unconfirmed,
        email: Field::default(),
        browsers,
        push_key: vapid_key(state).await?.public().to_owned(),
    })
}
