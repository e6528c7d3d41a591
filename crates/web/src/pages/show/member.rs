//! `/members/{id}`: a member as others see him, with what he sells now.

use std::sync::Arc;

use auction::Status;
use axum::extract::State;
use axum::response::Response;
use ledger::MemberId;
use store::records::{self, Page};

use super::order::review_line;
use super::places::full_name;
use super::standing::{Cards, Hearts, Parts};
use crate::api::pages::judged;
use crate::api::sent::Id;
use crate::failure::{Code, Problem};
use crate::pages::reader::moment;
use crate::pages::typed::Typed;
use crate::pages::{Field, MemberPage, Reader, Reputation, Section};
use crate::state::WebState;

/// How many of his auctions are looked at for one page.
const LOOKED_AT: usize = 100;

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
    let mut cursor = |name: &str| Some(typed.text(name)).filter(|cursor| !cursor.is_empty());
    let page = Page { cursor: cursor("cursor"), limit: LOOKED_AT };
    let asked = Page { cursor: cursor("reviews"), limit: REVIEWS };
    let rows = judged(state.records.selling(id, page.clone()).await, &page)?;
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
        marks: marks(&reputation),
        sales: reputation.sales,
        reputation: reputation.score.map(|score| Reputation { score, count: reputation.reviews }),
        more_reviews: reviews.next.map(|cursor| format!("/members/{}?reviews={cursor}#reviews", id.0)),
        reviews: reviews.items.iter().map(|review| review_line(review, true)).collect(),
        reason: Field::default(),
        blocked,
        next: rows.next.map(|cursor| format!("/members/{}?cursor={cursor}", id.0)),
        cards: rows
            .items
            .into_iter()
            .filter(|row| row.status != Status::Ended)
            .map(|row| cards.of(row))
            .collect(),
    })
}
