//! The heart's form: puts an auction on the watchlist or takes it off, and leads back to where the heart stands.

use std::sync::Arc;

use auction::AuctionId;
use axum::extract::State;
use axum::response::Response;

use crate::api::sent::Id;
use crate::api::watching::change;
use crate::failure::{Code, Problem};
use crate::pages::typed::Typed;
use crate::pages::{MemberReader, Told, way};
use crate::state::WebState;

/// `POST /auctions/{id}/watch`: `watched` is 1, or 0 to take it off.
pub async fn watch(
    State(state): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let next = typed.text("next");
    let next = if next.is_empty() { own.reader.address.clone() } else { next };
    match change(&state, own.member.id(), AuctionId(id), typed.text("watched") != "0").await {
        Ok(_) => Ok(way::to(&next)),
        Err(problem) if problem.code() == Code::WatchlistFull => {
            Ok(way::to_with(&state.settings, &next, Told::WatchlistFull))
        }
        Err(problem) => Err(problem),
    }
}
