//! Offers: the thing goes to the next of the remaining bidders after the sale fell through by the buyer.

use std::sync::Arc;

use auction::{AuctionId, Command, OrderState};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use ledger::Money;
use serde::Serialize;
use utoipa::ToSchema;

use super::auctions::NewOrderView;
use super::engine_door::{answered_wrongly, key_of, order_offer};
use super::moment;
use super::sent::{Asked, Id, Nothing, Sent};
use crate::caller::SignedIn;
use crate::failure::{Code, Problem};
use crate::state::WebState;

/// What is offered to a member.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferedView {
    /// Of which auction.
    pub auction_id: i64,
    /// What is offered.
    pub title: String,
    /// For how much.
    pub price: i64,
    /// When.
    pub at: String,
    /// Until when he may answer.
    pub until: String,
}

/// An offer that was made; the same whenever it is asked again.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferMadeView {
    /// The order that fell through.
    pub order_id: i64,
    /// For how much.
    pub price: i64,
    /// When.
    pub at: String,
    /// Until when it may be answered.
    pub until: String,
}

/// An offer that was taken; the same whenever it is asked again.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferTakenView {
    /// The order that it opened.
    pub order: NewOrderView,
}

/// `POST /auctions/{id}/offer`: the seller offers the thing to the next bidder.
pub async fn make(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    headers: HeaderMap,
    Sent(Nothing): Sent<Nothing>,
) -> Result<(StatusCode, Json<OfferMadeView>), Problem> {
    let key = key_of(&headers, caller.id())?;
    let step = order_offer(&state, AuctionId(id), Command::Offer { seller: caller.id() }, key).await?;
    let (price, until) = step.amount.zip(step.due).ok_or_else(answered_wrongly)?;
    let view = OfferMadeView {
        order_id: step.order.0,
        price: price.won(),
        at: moment::text(step.at),
        until: moment::text(until),
    };
    Ok((StatusCode::CREATED, Json(view)))
}

/// `GET /auctions/{id}/offer`: what is offered to whoever asks.
pub async fn show(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    Asked(Nothing): Asked<Nothing>,
) -> Result<Json<OfferedView>, Problem> {
    Ok(Json(offered(&state, &caller, AuctionId(id)).await?.ok_or(Problem::new(Code::NotFound))?))
}

/// What is offered to a member in an auction, if anything is now.
///
/// # Errors
/// `auction_not_found`, or what the store says.
pub async fn offered(
    state: &WebState,
    caller: &SignedIn,
    id: AuctionId,
) -> Result<Option<OfferedView>, Problem> {
    let row = state.records.auction(id).await?.ok_or(Problem::new(Code::AuctionNotFound))?;
    let after = state.records.aftermath(id).await?;
    let now = state.now();
    let open = after.open_offer().filter(|open| open.member == caller.id() && now < open.until);
    Ok(open.map(|open| OfferedView {
        auction_id: id.0,
        title: row.item.title,
        price: open.price.won(),
        at: moment::text(open.at),
        until: moment::text(open.until),
    }))
}

/// `POST /auctions/{id}/offer/accept`: he takes it, and pays at once.
pub async fn accept(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    headers: HeaderMap,
    Sent(Nothing): Sent<Nothing>,
) -> Result<(StatusCode, Json<OfferTakenView>), Problem> {
    let key = key_of(&headers, caller.id())?;
    let command = Command::AcceptOffer { member: caller.id() };
    let step = order_offer(&state, AuctionId(id), command, key).await?;
    let order = NewOrderView {
        id: step.order.0,
        auction_id: id,
        price: step.amount.map(Money::won).ok_or_else(answered_wrongly)?,
        state: OrderState::ToHandOver.name(),
        at: moment::text(step.at),
    };
    Ok((StatusCode::CREATED, Json(OfferTakenView { order })))
}

/// `POST /auctions/{id}/offer/decline`: he does not want it.
pub async fn decline(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    headers: HeaderMap,
    Sent(Nothing): Sent<Nothing>,
) -> Result<StatusCode, Problem> {
    let key = key_of(&headers, caller.id())?;
    let command = Command::DeclineOffer { member: caller.id() };
    order_offer(&state, AuctionId(id), command, key).await?;
    Ok(StatusCode::NO_CONTENT)
}
