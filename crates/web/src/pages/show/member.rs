//! `/members/{id}`: a member as others see him, with what he sells now.

use std::sync::Arc;

use auction::{Outcome, Status};
use axum::extract::State;
use axum::response::Response;
use ledger::MemberId;
use store::records::Page;

use super::places::full_name;
use super::standing::{Cards, Parts};
use crate::api::pages::judged;
use crate::api::sent::Id;
use crate::failure::{Code, Problem};
use crate::pages::reader::moment;
use crate::pages::typed::Typed;
use crate::pages::{MemberPage, Reader, Section};
use crate::state::WebState;

/// How many of his auctions are looked at for one page.
const LOOKED_AT: usize = 100;

/// `GET /members/{id}`
pub async fn show(
    State(state): State<Arc<WebState>>,
    reader: Reader,
    Id(id): Id,
) -> Result<Response, Problem> {
    let id = MemberId(id);
    let member = state.records.member(id).await?.ok_or(Problem::new(Code::NotFound))?;
    let viewer = reader.signed_in.as_ref().map(crate::caller::SignedIn::id).filter(|viewer| *viewer != id);
    let blocked = match viewer {
        Some(viewer) => Some(state.records.is_blocked(viewer, id).await?),
        None => None,
    };
    let cursor = Some(Typed::of(reader.query()).text("cursor")).filter(|cursor| !cursor.is_empty());
    let is_first = cursor.is_none();
    let page = Page { cursor, limit: LOOKED_AT };
    let rows = judged(state.records.selling(id, page.clone()).await, &page)?;
    let is_sold = |outcome| matches!(outcome, Some(Outcome::Sold | Outcome::Bought));
    let sales =
        i64::try_from(rows.items.iter().filter(|row| is_sold(row.outcome)).count()).unwrap_or(i64::MAX);
    let parts = Parts::read(&*state.records, viewer).await?;
    let known = state.places.known(&*state.records).await?;
    let cards = Cards { language: reader.language, known: &known, now: state.now(), parts: &parts };
    let region = member.region.and_then(|region| known.region(region));
    let page = MemberPage {
        shell: reader.shell(&state, Section::Elsewhere).await?,
        id: id.0,
        place: region.map(|region| full_name(&known, region)),
        since: moment(member.created_at),
        nickname: member.nickname,
        reputation: None,
        sales: (is_first && rows.next.is_none()).then_some(sales),
        // Nothing with a bid can be cancelled yet, by anyone.
        cancelled: 0,
        blocked,
        next: rows.next.map(|cursor| format!("/members/{}?cursor={cursor}", id.0)),
        cards: rows
            .items
            .into_iter()
            .filter(|row| row.status != Status::Ended)
            .map(|row| cards.of(row))
            .collect(),
    };
    reader.answer(200, &page)
}
