//! Bids: making one, buying at once, and the history of an auction.

use std::sync::Arc;

use auction::{AuctionId, Bid, Command, Event, PriceRule};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use ledger::{MemberId, Money};
use serde::Serialize;
use store::records::Page;
use utoipa::ToSchema;

use super::auctions::{AfterView, NewOrderView, after, as_stood, new_order};
use super::engine_door::{Placed, answered_wrongly, is_of_challenger, key_of, order_auction, order_bid};
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
    /// How much, for everyone to see; beside a maximum only a wish to show more than the minimum.
    pub amount: Option<i64>,
    /// Up to how much the house bids for the member, no more than others force; hidden while he leads.
    pub maximum: Option<i64>,
    /// The terms the bidder saw; a bid on older terms is refused.
    pub terms: Option<i64>,
}

impl Wire for NewBid {
    fn read(fields: &mut Fields) -> NewBid {
        NewBid {
            amount: fields.integer("amount"),
            maximum: fields.integer("maximum"),
            terms: fields.integer("terms"),
        }
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
    /// `bid`, `auto` (the house for the leader), `buy_now`, `reset` (bids were taken back).
    pub kind: &'static str,
    /// Which bidder of the auction.
    pub bidder: i64,
    /// How much.
    pub amount: i64,
    /// When.
    pub at: String,
    /// Which rule made the price: `start`, `named`, `overtaken`, `matched`, `reserve`, `buy_now`, `taken_back`, `afresh`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<&'static str>,
    /// Why bids were taken back, if it was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
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
    /// The bid; null if only a maximum was raised, which nobody else sees.
    #[schema(required = true)]
    pub bid: Option<BidView>,
    /// The bidder's maximum after a raise that nobody else sees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<i64>,
    /// What it has made of the auction.
    pub auction: AfterView,
    /// The bidder's order, if he bought by it.
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
    // Neither amount nor maximum makes no sense: the rules say so, in their order.
    let bid = Bid { bidder: caller.id(), amount: bid.amount, maximum: bid.maximum, terms: bid.terms };
    let view = match order_bid(&state, AuctionId(id), bid, key).await? {
        Placed::Row { event, order } => PlacedView {
            bid: Some(row(&event).ok_or_else(answered_wrongly)?),
            maximum: None,
            auction: after(&event, order.is_some(), Some(caller.id())),
            order: order.filter(|_| !is_of_challenger(&event)).map(|order| new_order(&event, order)),
        },
        Placed::Silent { event, maximum } => PlacedView {
            bid: None,
            maximum: Some(maximum.won()),
            auction: as_stood(&event, Some(caller.id())),
            order: None,
        },
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
    let auction = after(&event, true, Some(caller.id()));
    let view = PurchasedView { order: new_order(&event, order), auction };
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
    if !event.kind.is_row() {
        return None;
    }
    Some(BidView {
        id: event.seq.0,
        seq: event.seq.0,
        kind: event.kind.name(),
        bidder: event.actor?.number,
        amount: event.amount.map(Money::won)?,
        at: moment::text(event.at),
        rule: event.rule.map(PriceRule::name),
        reason: event.reason.clone(),
        member: None,
        mine: None,
    })
}
