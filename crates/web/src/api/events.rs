//! Events: the frames of an auction from the store, for whoever missed them or has no socket.

use std::sync::Arc;

use auction::{AuctionId, Seq};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use live::frame;
use store::records::EVENTS_MAX;

use super::fields::{Fields, plain_integer};
use super::listing::exists;
use super::pages::limit;
use super::sent::{Asked, Id, Wire};
use crate::failure::{Code, Problem};
use crate::state::WebState;

/// How many events a page has unless it is said.
const EVENTS: usize = 100;

/// After which event, and how many.
pub struct Since {
    since: Seq,
    limit: usize,
}

impl Wire for Since {
    fn read(fields: &mut Fields) -> Since {
        let since = fields.integer("since");
        let cursor = fields.text("cursor").map(|cursor| plain_integer(&cursor));
        if cursor == Some(None) {
            fields.fault("cursor", "invalid");
        }
        let since = cursor.flatten().or(since).unwrap_or_default();
        if since < 0 {
            fields.fault("since", "too_low");
        }
        Since { since: Seq(since), limit: limit(fields, EVENTS, EVENTS_MAX) }
    }
}

/// `GET /auctions/{id}/events`: what happened after an event, oldest first; the same bytes as on the socket.
pub async fn list(
    State(state): State<Arc<WebState>>,
    Id(id): Id,
    Asked(since): Asked<Since>,
) -> Result<Response, Problem> {
    let auction = AuctionId(id);
    let events = state.records.events(auction, since.since, since.limit).await?;
    if events.is_empty() && !exists(&state, auction).await? {
        return Err(Problem::new(Code::AuctionNotFound));
    }
    let next = events.last().filter(|_| events.len() == since.limit).map(|event| event.seq.0);
    let frames: Vec<_> = events.iter().map(frame::event).collect();
    let items: Vec<&str> = frames.iter().map(frame::Frame::as_str).collect();
    let next = next.map(|next| format!(",\"next\":\"{next}\"")).unwrap_or_default();
    let body = format!("{{\"items\":[{}]{next}}}", items.join(","));
    Ok(([(CONTENT_TYPE, "application/json")], body).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_is_a_number_of_an_event() {
        for (query, since, fault) in [
            ("", 0, None),
            ("since=41", 41, None),
            ("since=41&cursor=50", 50, None),
            ("since=-1", -1, Some(("since", "too_low"))),
            ("since=x", 0, Some(("since", "wrong_type"))),
            ("cursor=x", 0, Some(("cursor", "invalid"))),
            ("limit=1000", 0, None),
            ("limit=1001", 0, Some(("limit", "too_high"))),
        ] {
            let mut fields = Fields::of_query(query);
            assert_eq!(Since::read(&mut fields).since, Seq(since), "{query}");
            let problem = fields.finish().err();
            let found = problem
                .as_ref()
                .map(|problem| (problem.errors()[0].field.as_str(), problem.errors()[0].code));
            assert_eq!(found, fault, "{query}");
        }
    }
}
