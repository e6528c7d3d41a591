//! Editing: a seller changes what is sold and how, as far as he still may, or adds a note for everyone.
//!
//! What is sent is laid over the listing as it stands; the rules judge the whole. A key is bound to what was sent, not to
//! what that made of the listing, so that asking again later is still the same call.

use std::sync::Arc;

use auction::{AuctionId, Command, Condition, Increments, Listing, Revision, ShippingPayer, Span};
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use engine::{Accepted, Call};
use ledger::Money;
use serde::Serialize;
use store::records::AuctionRow;
use utoipa::ToSchema;

use super::auctions::{AfterView, after};
use super::engine_door::{answered_wrongly, key_of, order_as_sent};
use super::fields::Fields;
use super::listing::place_faults;
use super::moment;
use super::pictures::{PictureSent, as_sent, of_sent, pictures};
use super::sent::{Id, Sent, Wire};
use crate::caller::SignedIn;
use crate::failure::{Code, Problem};
use crate::state::WebState;

/// What a seller changes; what is absent stays, and `null` takes away what need not be there.
///
/// A key is bound to its JSON: names and order of the fields stay, and new ones, absent unless sent, come last.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Changes {
    /// The terms that the seller saw; an edit of older ones is refused.
    pub terms: i64,
    /// A dated note for everyone, added to what is said already, up to 1,000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    pub note: Option<String>,
    /// One line, 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    pub title: Option<String>,
    /// Text, up to 5,000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 5000)]
    pub description: Option<String>,
    /// The category; `null` for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub category_id: Option<Option<i64>>,
    /// How worn it is: `new`, `s`, `a`, `b`, `c`; `null` to say nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub condition: Option<Option<&'static str>>,
    /// Who pays for shipping: `seller`, `buyer`; `null` to say nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub shipping_payer: Option<Option<&'static str>>,
    /// The region; `null` for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub region_id: Option<Option<i64>>,
    /// Shown in every region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nationwide: Option<bool>,
    /// The price before the first bid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_price: Option<i64>,
    /// Amounts shall lie on start + k × this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bid_unit: Option<i64>,
    /// `ladder`: steps that grow with the price, instead of a unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub increments: Option<&'static str>,
    /// Below this nothing is sold; `null` for no reserve.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub reserve_price: Option<Option<i64>>,
    /// Sold at once for this; `null` for no such price.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub buy_now_price: Option<Option<i64>>,
    /// From when it takes bids.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub starts_at: Option<String>,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub ends_at: Option<String>,
    /// A bid so many minutes before the end moves it: 0, 1, 2, 3, 5, 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub soft_close_minutes: Option<i64>,
    /// All pictures, in the order in which they are shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 10)]
    pub pictures: Option<Vec<PictureSent>>,
    /// Pictures that come behind those there are; also while bids run.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 10)]
    pub add_pictures: Option<Vec<PictureSent>>,
}

impl Wire for Changes {
    fn read(fields: &mut Fields) -> Changes {
        let unit = fields.integer("bid_unit");
        let ladder = fields.word("increments", |word| (word == "ladder").then_some("ladder"));
        if unit.is_some() && ladder.is_some() {
            fields.fault("increments", "invalid");
        }
        let condition = |fields: &mut Fields, name: &str| fields.word(name, Condition::named);
        let payer = |fields: &mut Fields, name: &str| fields.word(name, ShippingPayer::named);
        Changes {
            terms: fields.required("terms", Fields::integer),
            note: fields.text("note").map(|note| note.trim().to_owned()),
            title: fields.text("title"),
            description: fields.text("description"),
            category_id: fields.integer_or_null("category_id"),
            condition: fields.or_null("condition", condition).map(|word| word.map(Condition::name)),
            shipping_payer: fields.or_null("shipping_payer", payer).map(|word| word.map(ShippingPayer::name)),
            region_id: fields.integer_or_null("region_id"),
            nationwide: fields.flag("nationwide"),
            start_price: fields.integer("start_price"),
            bid_unit: unit,
            increments: ladder,
            reserve_price: fields.integer_or_null("reserve_price"),
            buy_now_price: fields.integer_or_null("buy_now_price"),
            starts_at: fields.moment("starts_at").map(moment::text),
            ends_at: fields.moment("ends_at").map(moment::text),
            soft_close_minutes: fields.integer("soft_close_minutes"),
            pictures: pictures(fields, "pictures").map(|list| as_sent(&list)),
            add_pictures: pictures(fields, "add_pictures").map(|list| as_sent(&list)),
        }
    }
}

impl Changes {
    /// Whether anything but a note is to be another.
    fn touches_listing(&self) -> bool {
        self.title.is_some()
            || self.description.is_some()
            || self.category_id.is_some()
            || self.condition.is_some()
            || self.shipping_payer.is_some()
            || self.region_id.is_some()
            || self.nationwide.is_some()
            || self.start_price.is_some()
            || self.bid_unit.is_some()
            || self.increments.is_some()
            || self.reserve_price.is_some()
            || self.buy_now_price.is_some()
            || self.starts_at.is_some()
            || self.ends_at.is_some()
            || self.soft_close_minutes.is_some()
            || self.pictures.is_some()
    }

    /// The listing as it stands, with the changes laid over it.
    fn over(&self, row: &AuctionRow) -> Listing {
        let mut listing = as_it_stands(row);
        let item = &mut listing.item;
        item.title = self.title.clone().unwrap_or_else(|| row.item.title.clone());
        item.description = self.description.clone().unwrap_or_else(|| row.item.description.clone());
        item.category = self.category_id.unwrap_or(item.category);
        let condition = self.condition.map(|word| word.and_then(Condition::named));
        item.condition = condition.unwrap_or(item.condition);
        let payer = self.shipping_payer.map(|word| word.and_then(ShippingPayer::named));
        item.shipping_payer = payer.unwrap_or(item.shipping_payer);
        item.region = self.region_id.unwrap_or(item.region);
        item.nationwide = self.nationwide.unwrap_or(item.nationwide);
        if let Some(pictures) = &self.pictures {
            item.pictures = of_sent(pictures);
        }
        listing.start_price = self.start_price.unwrap_or(listing.start_price);
        listing.bid_unit = match (self.bid_unit, self.increments) {
            (Some(unit), _) => Some(unit),
            (None, Some(_)) => None,
            (None, None) => listing.bid_unit,
        };
        listing.reserve_price = self.reserve_price.unwrap_or(listing.reserve_price);
        listing.buy_now_price = self.buy_now_price.unwrap_or(listing.buy_now_price);
        let moment = |text: &Option<String>| text.as_deref().and_then(moment::parse);
        listing.starts_at = moment(&self.starts_at).or(listing.starts_at);
        listing.ends_at = moment(&self.ends_at).unwrap_or(listing.ends_at);
        listing.soft_close_minutes = self.soft_close_minutes.unwrap_or(listing.soft_close_minutes);
        listing
    }
}

/// The listing that an auction stands for, as its seller would send it.
pub fn as_it_stands(row: &AuctionRow) -> Listing {
    let auction = &row.auction;
    Listing {
        item: row.item.clone(),
        start_price: auction.start.won(),
        bid_unit: match &auction.increments {
            Increments::Unit(unit) => Some(unit.won()),
            Increments::Ladder(_) => None,
        },
        reserve_price: auction.reserve.map(Money::won),
        buy_now_price: auction.buy_now.map(Money::won),
        starts_at: Some(auction.starts_at),
        ends_at: auction.ends_at,
        soft_close_minutes: auction.soft_close.0 / Span::minutes(1).0,
        again: None,
    }
}

/// An edited auction; the same whenever it is asked again.
#[derive(Debug, Serialize, ToSchema)]
pub struct EditedView {
    /// The number of the terms from then on.
    pub terms: i64,
    /// What it has made of the auction.
    pub auction: AfterView,
}

/// `PATCH /auctions/{id}`: changes what is sold and how, or adds a note.
pub async fn edit(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    headers: HeaderMap,
    Sent(changes): Sent<Changes>,
) -> Result<Json<EditedView>, Problem> {
    let key = key_of(&headers, caller.id())?;
    let auction = AuctionId(id);
    let row = state.records.auction(auction).await?.ok_or(Problem::new(Code::AuctionNotFound))?;
    // Nobody else may try out what the rules say to the hidden part of a listing.
    if row.auction.seller != caller.id() {
        return Err(Problem::new(Code::NotSeller));
    }
    let listing = changes.touches_listing().then(|| changes.over(&row));
    if let Some(listing) = &listing {
        let faults = place_faults(&state, &listing.item).await?;
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
    }
    let added = changes.add_pictures.as_deref().map(of_sent).unwrap_or_default();
    let revision = Revision { terms: Some(changes.terms), listing, note: changes.note.clone(), added };
    let command = Command::Edit { seller: caller.id(), revision: Box::new(revision) };
    let sent = serde_json::to_string(&changes).unwrap_or_default();
    let parts = ["edit", &id.to_string(), &sent];
    let accepted = order_as_sent(&state, Call::Auction { auction, command }, key, &parts).await?;
    let Accepted::Auction { event, .. } = accepted else { return Err(answered_wrongly()) };
    let terms = event.terms.ok_or_else(answered_wrongly)?;
    Ok(Json(EditedView { terms, auction: after(&event, false, None) }))
}
