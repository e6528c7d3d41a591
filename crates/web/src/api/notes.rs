//! Notes: what a seller has added to an auction since it was listed, each with its date.

use std::sync::Arc;

use auction::{AuctionId, EventKind, Seq};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use store::records::EVENTS_MAX;
use utoipa::ToSchema;

use super::fields::{Fields, plain_integer};
use super::listing::exists;
use super::moment;
use super::pages::List;
use super::sent::{Asked, Id, Wire};
use crate::failure::{Code, Problem};
use crate::state::WebState;

/// A change of the terms, with the note that was added.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoteView {
    /// The event's number.
    pub seq: i64,
    /// The number of the terms from then on.
    pub terms: i64,
    /// What was added; absent if only the listing changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When.
    pub at: String,
}

/// After which event.
pub struct After(Seq);

impl Wire for After {
    fn read(fields: &mut Fields) -> After {
        let cursor = fields.text("cursor").map(|cursor| plain_integer(&cursor).filter(|seq| *seq >= 0));
        if cursor == Some(None) {
            fields.fault("cursor", "invalid");
        }
        After(Seq(cursor.flatten().unwrap_or_default()))
    }
}

/// `GET /auctions/{id}/notes`: the changes of the terms, oldest first; a page is one look at a thousand events.
pub async fn list(
    State(state): State<Arc<WebState>>,
    Id(id): Id,
    Asked(After(after)): Asked<After>,
) -> Result<Json<List<NoteView>>, Problem> {
    let auction = AuctionId(id);
    if after == Seq(0) && !exists(&state, auction).await? {
        return Err(Problem::new(Code::AuctionNotFound));
    }
    Ok(Json(notes(&state, auction, after).await?))
}

/// The changes of the terms among the thousand events after `after`.
///
/// # Errors
/// What the store says.
pub async fn notes(state: &WebState, auction: AuctionId, after: Seq) -> Result<List<NoteView>, Problem> {
    let events = state.records.events(auction, after, EVENTS_MAX).await?;
    let next = events.last().filter(|_| events.len() == EVENTS_MAX).map(|last| last.seq.0.to_string());
    let edited = events.into_iter().filter(|event| event.kind == EventKind::Edited);
    let items = edited.map(|event| NoteView {
        seq: event.seq.0,
        terms: event.terms.unwrap_or_default(),
        note: event.reason,
        at: moment::text(event.at),
    });
    Ok(List { items: items.collect(), next })
}
