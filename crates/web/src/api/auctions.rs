//! Auctions: one auction with all that may be known of it.

use std::sync::Arc;

use auction::{
    Auction, AuctionId, Bidder, Event, EventKind, Increments, Item, OrderId, OrderState, Outcome, Span, Time,
};
use axum::Json;
use axum::extract::State;
use ledger::{MemberId, Money};
use serde::Serialize;
use utoipa::ToSchema;

use super::engine_door::is_of_challenger;
use super::members::MemberName;
use super::moment;
use super::pictures::{PictureView, views};
use super::sent::{Asked, Id, Nothing};
use super::watching::heart;
use crate::caller::Visitor;
use crate::failure::{Code, Problem};
use crate::state::WebState;

/// An auction.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuctionView {
    /// Its number.
    pub id: i64,
    /// What is sold; an item may be auctioned again. Absent in the answer to listing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item_id: Option<i64>,
    /// The auction that sells the item again, if one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub followed_by: Option<i64>,
    /// Its newest event.
    pub seq: i64,
    /// The number of the terms in force.
    pub terms: i64,
    /// Where it stands: `scheduled`, `open`, `ended`. Past `ends_at` and still `open`, it is closing.
    pub status: &'static str,
    /// How it ended: `sold`, `bought`, `unsold`, `reserve_not_met`, `cancelled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<&'static str>,
    /// One line.
    pub title: String,
    /// Text.
    pub description: String,
    /// The category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category_id: Option<i64>,
    /// How worn it is: `new`, `s`, `a`, `b`, `c`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<&'static str>,
    /// Who pays for shipping: `seller`, `buyer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_payer: Option<&'static str>,
    /// The region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region_id: Option<i64>,
    /// Shown in every region.
    pub nationwide: bool,
    /// Its pictures, in the order in which they are shown.
    pub pictures: Vec<PictureView>,
    /// Who sells.
    pub seller: MemberName,
    /// The price before the first bid.
    pub start_price: i64,
    /// Amounts lie on start + k × this; absent with `increments`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bid_unit: Option<i64>,
    /// `ladder`: steps that grow with the price; absent with `bid_unit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub increments: Option<&'static str>,
    /// The price.
    pub price: i64,
    /// The least amount accepted next; null if nothing more can be bid.
    #[schema(required = true)]
    pub minimum: Option<i64>,
    /// How many bids.
    pub bid_count: i64,
    /// The number of the bidder who leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leader: Option<i64>,
    /// `none`, `not_met`, `met`.
    pub reserve: &'static str,
    /// Below this nothing is sold; for the seller alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reserve_price: Option<i64>,
    /// Sold at once for this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buy_now_price: Option<i64>,
    /// From when it takes bids.
    pub starts_at: String,
    /// Until when.
    pub ends_at: String,
    /// How far late bids may move the end.
    pub latest: String,
    /// A bid so many minutes before the end moves it.
    pub soft_close_minutes: i64,
    /// How often something other than a late bid moved the end.
    pub extensions: i64,
    /// How many look on now; absent in the answer to listing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watchers: Option<usize>,
    /// On how many members' watchlists it stands, counted up to 100, which means 100 or more; absent in the answer to
    /// listing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watchlists: Option<i64>,
    /// Whether it stands on the watchlist of whoever asks; absent if nobody is signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watched: Option<bool>,
    /// The server's clock.
    pub now: String,
    /// Where whoever asks stands; absent if he has not bid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mine: Option<MineView>,
}

/// Where a bidder stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct MineView {
    /// Which bidder of the auction he is.
    pub bidder: i64,
    /// Whether he leads.
    pub leading: bool,
    /// How much of his money is held for it.
    pub held: i64,
    /// The most he has committed, known to him alone; absent if what he bid counts no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<i64>,
}

/// What a command has made of an auction; the same whenever it is asked again.
#[derive(Debug, Serialize, ToSchema)]
pub struct AfterView {
    /// The auction's number.
    pub id: i64,
    /// Its newest event after the command.
    pub seq: i64,
    /// The price.
    pub price: i64,
    /// The least amount accepted next; null if nothing more can be bid.
    #[schema(required = true)]
    pub minimum: Option<i64>,
    /// How many bids.
    pub bid_count: i64,
    /// Until when.
    pub ends_at: String,
    /// How it ended, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<&'static str>,
    /// Whether whoever asked leads; absent for the seller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leading: Option<bool>,
}

/// An order that a command opened; the same whenever it is asked again.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewOrderView {
    /// Its number.
    pub id: i64,
    /// Of which auction.
    pub auction_id: i64,
    /// The hammer price.
    pub price: i64,
    /// How far it has come, when it is new: `to_hand_over`.
    pub state: &'static str,
    /// When.
    pub at: String,
}

/// `GET /auctions/{id}`: one auction.
pub async fn show(
    State(state): State<Arc<WebState>>,
    visitor: Visitor,
    Id(id): Id,
    Asked(Nothing): Asked<Nothing>,
) -> Result<Json<AuctionView>, Problem> {
    let id = AuctionId(id);
    let row = state.records.auction(id).await?.ok_or(Problem::new(Code::AuctionNotFound))?;
    let part = match visitor.id() {
        Some(member) if member != row.auction.seller => state.records.part(id, member).await?,
        _ => None,
    };
    let mut view = auction_view(&row.auction, &row.item, MemberName::from(&row.seller), state.now());
    view.pictures = views(&row.item.pictures, &row.pictures);
    view.watchers = Some(state.hub.watchers(id));
    let heart = heart(&state, id, visitor.id()).await?;
    view.watchlists = Some(heart.watchlists);
    view.watched = visitor.id().map(|_| heart.is_watched);
    view.item_id = Some(row.auction.item.0);
    view.reserve_price = reserve_for(&row.auction, visitor.id());
    view.mine = part.map(|part| mine(&row.auction, part));
    Ok(Json(view))
}

/// The reserve, if there is one and it is the seller who looks.
pub fn reserve_for(auction: &Auction, visitor: Option<MemberId>) -> Option<i64> {
    auction.reserve.filter(|_| visitor == Some(auction.seller)).map(Money::won)
}

/// An auction as everyone sees it.
pub fn auction_view(auction: &Auction, item: &Item, seller: MemberName, now: Time) -> AuctionView {
    let unit = match &auction.increments {
        Increments::Unit(unit) => Some(unit.won()),
        Increments::Ladder(_) => None,
    };
    AuctionView {
        id: auction.id.0,
        item_id: None,
        followed_by: auction.followed_by.map(|next| next.0),
        seq: auction.seq.0,
        terms: auction.terms,
        status: auction.status.name(),
        outcome: auction.outcome.map(Outcome::name),
        title: item.title.clone(),
        description: item.description.clone(),
        category_id: item.category,
        condition: item.condition.map(auction::Condition::name),
        shipping_payer: item.shipping_payer.map(auction::ShippingPayer::name),
        region_id: item.region,
        nationwide: item.nationwide,
        pictures: Vec::new(),
        seller,
        start_price: auction.start.won(),
        bid_unit: unit,
        increments: unit.is_none().then_some("ladder"),
        price: auction.price.won(),
        minimum: auction.minimum().map(Money::won),
        bid_count: auction.bid_count,
        leader: auction.leader.map(|leader| leader.number),
        reserve: auction.reserve_status().name(),
        reserve_price: None,
        buy_now_price: auction.buy_now.map(Money::won),
        starts_at: moment::text(auction.starts_at),
        ends_at: moment::text(auction.ends_at),
        latest: moment::text(auction.latest),
        soft_close_minutes: auction.soft_close.0 / Span::minutes(1).0,
        extensions: auction.extensions,
        watchers: None,
        watchlists: None,
        watched: None,
        now: moment::text(now),
        mine: None,
    }
}

fn mine(auction: &Auction, part: Bidder) -> MineView {
    MineView {
        bidder: part.number,
        leading: auction.is_led_by(part.member),
        held: part.hold.won(),
        maximum: part.counts_in(auction).then(|| part.commitment.won()),
    }
}

/// What the command whose first event this is has made of its auction, for the bidder who asked or for the seller. A
/// maximum's answer follows in the same commit; if somebody bought, `closed` follows too.
pub fn after(event: &Event, opened_order: bool, bidder: Option<MemberId>) -> AfterView {
    let (seq, outcome) = match event.kind {
        EventKind::BuyNow => (event.seq.next(), Some(Outcome::Bought)),
        EventKind::Bid if opened_order => (event.seq.next().next(), Some(Outcome::Bought)),
        EventKind::Bid if is_of_challenger(event) => (event.seq.next(), None),
        _ => (event.seq, event.outcome),
    };
    AfterView { seq: seq.0, outcome: outcome.map(Outcome::name), ..as_stood(event, bidder) }
}

/// How an auction stood when something was done that nobody else sees.
pub fn as_stood(event: &Event, bidder: Option<MemberId>) -> AfterView {
    AfterView {
        id: event.auction.0,
        seq: event.seq.0,
        price: event.price.won(),
        minimum: event.minimum.map(Money::won),
        bid_count: event.bid_count,
        ends_at: moment::text(event.ends_at),
        outcome: None,
        leading: bidder.map(|bidder| event.leader.is_some_and(|leader| leader.member == bidder)),
    }
}

/// The order that the command behind an event opened.
pub fn new_order(event: &Event, order: OrderId) -> NewOrderView {
    NewOrderView {
        id: order.0,
        auction_id: event.auction.0,
        price: event.price.won(),
        state: OrderState::ToHandOver.name(),
        at: moment::text(event.at),
    }
}
