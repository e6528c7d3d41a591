//! The watchlist: what a member has marked with a heart, and on how many watchlists an auction stands.

use std::sync::Arc;

use auction::AuctionId;
use axum::Json;
use axum::extract::State;
use ledger::MemberId;
use serde::Serialize;
use store::records::{Heart, WatchRefused};
use utoipa::ToSchema;

use super::listing::ListingView;
use super::me::WhichPage;
use super::pages::{List, judged};
use super::sent::{Asked, Id, Nothing, Sent};
use crate::caller::SignedIn;
use crate::failure::{Code, Problem};
use crate::state::WebState;

/// Where an auction stands after a member has watched it, or does so no more.
#[derive(Debug, Serialize, ToSchema)]
pub struct WatchView {
    /// Which auction.
    pub auction_id: i64,
    /// Whether it stands on the member's watchlist.
    pub watched: bool,
    /// On how many members' watchlists it stands; counting ends at 100, which means 100 or more.
    pub watchlists: i64,
}

/// `POST /auctions/{id}/watch`: puts it on the member's watchlist; again is the same.
pub async fn watch(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    Sent(Nothing): Sent<Nothing>,
) -> Result<Json<WatchView>, Problem> {
    change(&state, caller.id(), AuctionId(id), true).await.map(Json)
}

/// `DELETE /auctions/{id}/watch`: takes it off; again is the same.
pub async fn unwatch(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
) -> Result<Json<WatchView>, Problem> {
    change(&state, caller.id(), AuctionId(id), false).await.map(Json)
}

/// Puts an auction on a member's watchlist, or takes it off.
///
/// # Errors
/// `auction_not_found` and `watchlist_full` for putting it on, or what the store says.
pub async fn change(
    state: &WebState,
    member: MemberId,
    auction: AuctionId,
    is_watched: bool,
) -> Result<WatchView, Problem> {
    if is_watched {
        let watched = state.records.watch(member, auction, state.now()).await?;
        watched.map_err(|refused| {
            Problem::new(match refused {
                WatchRefused::NoAuction => Code::AuctionNotFound,
                WatchRefused::Full => Code::WatchlistFull,
                WatchRefused::Left => Code::Unauthenticated,
            })
        })?;
    } else {
        state.records.unwatch(member, auction).await?;
    }
    let Heart { watchlists, is_watched, .. } = heart(state, auction, Some(member)).await?;
    Ok(WatchView { auction_id: auction.0, watched: is_watched, watchlists })
}

/// On how many watchlists an auction stands, and whether on that of whoever asks.
///
/// # Errors
/// What the store says.
pub async fn heart(
    state: &WebState,
    auction: AuctionId,
    member: Option<MemberId>,
) -> Result<Heart, store::Failure> {
    let found = state.records.hearts(&[auction], member).await?;
    Ok(found.first().copied().unwrap_or(Heart { auction, watchlists: 0, is_watched: false }))
}

/// `GET /me/watching`: the member's watchlist; what is not over by its end, soonest first, then what is over, latest first.
pub async fn list(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Asked(WhichPage(page)): Asked<WhichPage>,
) -> Result<Json<List<ListingView>>, Problem> {
    let rows = judged(state.records.watched(caller.id(), page.clone()).await, &page)?;
    Ok(Json(List::of(rows, ListingView::from)))
}
