//! `/members/{id}`: a member as others see him, with what he sells now.

use std::sync::Arc;

use auction::Span;
use axum::extract::State;
use axum::response::Response;
use ledger::MemberId;
use store::records::{self, Page, Shelf};

use super::order::review_line;
use super::places::full_name;
use super::standing::{Cards, Hearts, Parts};
use crate::api::members::minutes_up;
use crate::api::pages::judged;
use crate::api::profile::digits;
use crate::api::sent::Id;
use crate::failure::{Code, Problem};
use crate::pages::reader::moment;
use crate::pages::typed::Typed;
use crate::pages::{Face, Field, MemberPage, Reader, Reputation, Section};
use crate::state::WebState;
use crate::words::Language;

/// How many of his auctions one page shows.
const LOOKED_AT: usize = 24;

/// How many reviews a page has.
const REVIEWS: usize = 10;

/// `GET /members/{id}`
pub async fn show(
    State(state): State<Arc<WebState>>,
    reader: Reader,
    Id(id): Id,
) -> Result<Response, Problem> {
    reader.answer(200, &page(&state, &reader, MemberId(id)).await?)
}

/// What stands on a member's record, by the key of its words and how often.
pub fn marks(reputation: &records::Reputation) -> Vec<(String, i64)> {
    let counted = reputation.marks.iter().filter(|(_, count)| *count > 0);
    counted.map(|(kind, count)| (format!("mark-{}", kind.name()), *count)).collect()
}

/// Within what time people say that somebody answers: minutes, and what is said of them.
const WITHIN: [(i64, &str, i64); 11] = [
    (5, "answers-minutes", 5),
    (10, "answers-minutes", 10),
    (30, "answers-minutes", 30),
    (60, "answers-hours", 1),
    (2 * 60, "answers-hours", 2),
    (3 * 60, "answers-hours", 3),
    (6 * 60, "answers-hours", 6),
    (12 * 60, "answers-hours", 12),
    (24 * 60, "answers-days", 1),
    (2 * 24 * 60, "answers-days", 2),
    (3 * 24 * 60, "answers-days", 3),
];

/// How fast a member answers, as people say it; nothing of who takes longer than is worth saying.
fn answers(language: Language, within: Span) -> Option<String> {
    let minutes = minutes_up(within);
    let (_, key, count) = WITHIN.iter().find(|(most, _, _)| minutes <= *most)?;
    Some(language.text_with(key, &[("count", (*count).into())]))
}

/// A member as he stands now.
///
/// # Errors
/// `not_found`, or what the store says.
pub async fn page(state: &WebState, reader: &Reader, id: MemberId) -> Result<MemberPage, Problem> {
    let member = state.records.member(id).await?.ok_or(Problem::new(Code::NotFound))?;
    let viewer = reader.signed_in.as_ref().map(crate::caller::SignedIn::id).filter(|viewer| *viewer != id);
    let blocked = match viewer {
        Some(viewer) => Some(state.records.is_blocked(viewer, id).await?),
        None => None,
    };
    let mut typed = Typed::of(reader.query());
    let past = typed.text("status") == "ended";
    let shelf = if past { Shelf::Ended } else { Shelf::Live };
    let mut cursor = |name: &str| Some(typed.text(name)).filter(|cursor| !cursor.is_empty());
    let page = Page { cursor: cursor("cursor"), limit: LOOKED_AT };
    let asked = Page { cursor: cursor("reviews"), limit: REVIEWS };
    let profile = state.records.profile(id, state.now()).await?.unwrap_or_default();
    let rows = judged(state.records.shelf(id, shelf, page.clone()).await, &page)?;
    let reviews = judged(state.records.reviews(id, state.now(), asked.clone()).await, &asked)?;
    let reputation = state.records.reputation(id, state.now()).await?;
    let parts = Parts::read(&*state.records, viewer).await?;
    let known = state.places.known(&*state.records).await?;
    let reading = reader.signed_in.as_ref().map(crate::caller::SignedIn::id);
    let hearts = Hearts::of_rows(&*state.records, &rows.items, reading).await?;
    let (language, now) = (reader.language, state.now());
    let cards = Cards { language, known: &known, now, parts: &parts, hearts: &hearts };
    let region = member.region.and_then(|region| known.region(region));
    Ok(MemberPage {
        shell: reader.shell(state, Section::Elsewhere).await?,
        id: id.0,
        place: region.map(|region| full_name(&known, region)),
        since: moment(member.created_at),
        nickname: member.nickname,
        about: profile.about,
        face: profile.picture.map(|picture| Face { address: digits(&picture.address) }),
        answers: profile.answers_within.and_then(|within| answers(language, within)),
        has_left: profile.left_at.is_some(),
        past,
        marks: marks(&reputation),
        sales: reputation.sales,
        reputation: reputation.score.map(|score| Reputation { score, count: reputation.reviews }),
        more_reviews: reviews.next.map(|cursor| format!("/members/{}?reviews={cursor}#reviews", id.0)),
        reviews: reviews.items.iter().map(|review| review_line(review, true)).collect(),
        reason: Field::default(),
        blocked,
        next: rows.next.map(|cursor| {
            let status = if past { "status=ended&" } else { "" };
            format!("/members/{}?{status}cursor={cursor}", id.0)
        }),
        cards: rows.items.into_iter().map(|row| cards.of(row)).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_as_people_say_it_how_fast_somebody_answers() {
        for (minutes, ko, en) in [
            (0, Some("보통 5분 안에 답해요"), Some("Usually answers within 5 minutes")),
            (6, Some("보통 10분 안에 답해요"), Some("Usually answers within 10 minutes")),
            (31, Some("보통 1시간 안에 답해요"), Some("Usually answers within an hour")),
            (61, Some("보통 2시간 안에 답해요"), Some("Usually answers within 2 hours")),
            (721, Some("보통 1일 안에 답해요"), Some("Usually answers within a day")),
            (4_321, None, None),
        ] {
            let said = |language| answers(language, Span::minutes(minutes));
            assert_eq!(said(Language::Ko).as_deref(), ko, "{minutes}");
            assert_eq!(said(Language::En).as_deref(), en, "{minutes}");
        }
    }
}
