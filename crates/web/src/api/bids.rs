//! Bids: making one, buying at once, and the history of an auction.

use std::sync::Arc;

use auction::{AuctionId, Bid, Command, Event, EventKind};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use ledger::{MemberId, Money};
use serde::Serialize;
use store::records::Page;
use utoipa::ToSchema;

use super::auctions::{AfterView, NewOrderView, after, new_order};
use super::engine_door::{answered_wrongly, key_of, order_auction};
use super::fields::Fields;
use super::me::WhichPage;
use super::members::MemberName;
use super::moment;
use super::pages::{List, judged};
use super::sent::{Asked, Id, Sent, Wire};
use crate::caller::{SignedIn, Visitor};
use crate::failure::{Code, Problem};
use crate::settings::BidderNames;
use crate::state::WebState;

/// A bid.
#[derive(Debug, ToSchema)]
pub struct NewBid {
    /// How much.
    pub amount: Option<i64>,
    /// The terms the bidder saw; a bid on older terms is refused.
    pub terms: Option<i64>,
}

impl Wire for NewBid {
    fn read(fields: &mut Fields) -> NewBid {
        NewBid { amount: fields.integer("amount"), terms: fields.integer("terms") }
    }
}

/// A purchase at the buy-now price.
#[derive(Debug, ToSchema)]
pub struct NewPurchase {
    /// The terms the buyer saw; a purchase on older terms is refused.
    pub terms: Option<i64>,
}

impl Wire for NewPurchase {
    fn read(fields: &mut Fields) -> NewPurchase {
        NewPurchase { terms: fields.integer("terms") }
    }
}

/// A row of an auction's history.
#[derive(Debug, Serialize, ToSchema)]
pub struct BidView {
    /// Its number in its auction, the same as `seq`.
    pub id: i64,
    /// The event's number.
    pub seq: i64,
    /// `bid`, `buy_now`.
    pub kind: &'static str,
    /// Which bidder of the auction.
    pub bidder: i64,
    /// How much.
    pub amount: i64,
    /// When.
    pub at: String,
    /// Who that is: for the seller, or for everyone where the house shows names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberName>,
    /// That it is the bid of whoever asks; absent if not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mine: Option<bool>,
}

/// A bid that was accepted; the same whenever it is asked again.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlacedView {
    /// The bid.
    pub bid: BidView,
    /// What it has made of the auction.
    pub auction: AfterView,
    /// The order, if the bid reached the buy-now price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<NewOrderView>,
}

/// A purchase; the same whenever it is asked again.
#[derive(Debug, Serialize, ToSchema)]
pub struct PurchasedView {
    /// The order.
    pub order: NewOrderView,
    /// What it has made of the auction.
    pub auction: AfterView,
}

/// `POST /auctions/{id}/bids`: bids.
pub async fn place(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    headers: HeaderMap,
    Sent(bid): Sent<NewBid>,
) -> Result<(StatusCode, Json<PlacedView>), Problem> {
    let key = key_of(&headers, caller.id())?;
    // No amount is an amount that makes no sense: the rules say so, in their order.
    let bid = Bid { bidder: caller.id(), amount: bid.amount, maximum: None, terms: bid.terms };
    let (event, order) = order_auction(&state, AuctionId(id), Command::Bid(bid), key).await?;
    let view = PlacedView {
        bid: row(&event).ok_or_else(answered_wrongly)?,
        auction: after(&event, Some(caller.id())),
        order: order.map(|order| new_order(&event, order)),
    };
    Ok((StatusCode::CREATED, Json(view)))
}

/// `POST /auctions/{id}/buy-now`: buys.
pub async fn buy_now(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    headers: HeaderMap,
    Sent(purchase): Sent<NewPurchase>,
) -> Result<(StatusCode, Json<PurchasedView>), Problem> {
    let key = key_of(&headers, caller.id())?;
    let command = Command::BuyNow { buyer: caller.id(), terms: purchase.terms };
    let (event, order) = order_auction(&state, AuctionId(id), command, key).await?;
    let order = order.ok_or_else(answered_wrongly)?;
    let view = PurchasedView { order: new_order(&event, order), auction: after(&event, Some(caller.id())) };
    Ok((StatusCode::CREATED, Json(view)))
}

/// `GET /auctions/{id}/bids`: the history, newest first.
pub async fn history(
    State(state): State<Arc<WebState>>,
    visitor: Visitor,
    Id(id): Id,
    Asked(WhichPage(page)): Asked<WhichPage>,
) -> Result<Json<List<BidView>>, Problem> {
    Ok(Json(bid_rows(&state, visitor.id(), AuctionId(id), page).await?))
}

/// A page of an auction's history, as the visitor may see it.
///
/// # Errors
/// `auction_not_found`, or what the store says.
pub async fn bid_rows(
    state: &WebState,
    visitor: Option<MemberId>,
    id: AuctionId,
    page: Page,
) -> Result<List<BidView>, Problem> {
    let auction = state.records.auction(id).await?.ok_or(Problem::new(Code::AuctionNotFound))?;
    let rows = judged(state.records.bids(id, page.clone()).await, &page)?;
    let names_shown =
        state.settings.bidder_names == BidderNames::Names || visitor == Some(auction.auction.seller);
    let names =
        if names_shown && !rows.items.is_empty() { state.records.bidders(id).await? } else { Vec::new() };
    let items = rows.items.iter().filter_map(|event| {
        let mut view = row(event)?;
        let named = names.iter().find(|(number, _)| *number == view.bidder);
        view.member = named.map(|(_, member)| MemberName::from(member));
        let is_mine = visitor.is_some() && event.actor.map(|actor| actor.member) == visitor;
        view.mine = is_mine.then_some(true);
        Some(view)
    });
    Ok(List { items: items.collect(), next: rows.next })
}

/// An event as a row of the history; none if it is not one.
fn row(event: &Event) -> Option<BidView> {
    let kind = match event.kind {
        EventKind::Bid | EventKind::BuyNow => event.kind.name(),
        _ => return None,
    };
    Some(BidView {
        id: event.seq.0,
        seq: event.seq.0,
        kind,
        bidder: event.actor?.number,
        amount: event.amount.map(Money::won)?,
        at: moment::text(event.at),
        member: None,
        mine: None,
    })
}
