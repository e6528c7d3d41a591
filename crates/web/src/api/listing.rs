//! Listing: putting an item up for auction, and the lists and searches that find it.

use std::sync::Arc;

use auction::{
    Auction, AuctionId, Condition, Event, Increments, Item, ItemId, LATEST_AFTER_LISTED_END, Ladder, Leader,
    Listing, Outcome, Picture, Seq, ShippingPayer, Span, Status,
};
use axum::Json;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use engine::{Accepted, Call};
use ledger::{MemberId, Money, PartsPerMillion};
use serde::Serialize;
use store::records::{ListingRow, Page, Search, Sort};
use utoipa::ToSchema;

use super::auctions::auction_view;
use super::engine_door::{answered_wrongly, key_of, order};
use super::fields::Fields;
use super::members::MemberName;
use super::moment;
use super::pages::{List, judged, page};
use super::pictures::{PictureSent, PictureView, pictures, views};
use super::sent::{Asked, Sent, Wire};
use crate::caller::{SignedIn, Visitor};
use crate::failure::{FieldFault, Problem};
use crate::places::{Around, RADII, USUAL_RADIUS};
use crate::state::WebState;

/// The unit of auctions that ask for neither a unit nor the ladder.
const USUAL_UNIT: i64 = 1_000;

/// The soft-close window of auctions that do not ask for one.
const USUAL_SOFT_CLOSE_MINUTES: i64 = 3;

/// The most characters of a search.
pub const QUERY_CHARS_MAX: usize = 200;

/// What a seller asks for.
#[derive(Debug, ToSchema)]
pub struct NewListing {
    /// One line, 1 to 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    pub title: String,
    /// Text, up to 5,000 characters.
    #[schema(max_length = 5000)]
    pub description: String,
    /// The category.
    pub category_id: Option<i64>,
    /// How worn it is: `new`, `s`, `a`, `b`, `c`.
    pub condition: Option<String>,
    /// Who pays for shipping: `seller`, `buyer`.
    pub shipping_payer: Option<String>,
    /// The region.
    pub region_id: Option<i64>,
    /// Shown in every region.
    pub nationwide: Option<bool>,
    /// The price before the first bid.
    pub start_price: i64,
    /// Amounts shall lie on start + k × this; 1,000 if neither this nor `increments` is sent.
    pub bid_unit: Option<i64>,
    /// `ladder`: steps that grow with the price, instead of a unit.
    pub increments: Option<String>,
    /// Below this nothing is sold; hidden, and shown only as `none`, `not_met`, `met`.
    pub reserve_price: Option<i64>,
    /// Sold at once for this.
    pub buy_now_price: Option<i64>,
    /// From when it takes bids; at once if absent.
    #[schema(format = DateTime)]
    pub starts_at: Option<String>,
    /// Until when.
    #[schema(format = DateTime)]
    pub ends_at: String,
    /// A bid so many minutes before the end moves it: 0, 1, 2, 3, 5, 10.
    pub soft_close_minutes: Option<i64>,
    /// The ended auction whose item is auctioned again, if it is not a new one.
    pub again_of: Option<i64>,
    /// Up to 10 pictures that the seller has uploaded, in the order in which they are shown.
    #[schema(max_items = 10)]
    pub pictures: Option<Vec<PictureSent>>,
}

/// What a seller asks for, before it is known who he is.
pub struct Wished(Listing);

impl Wire for Wished {
    fn read(fields: &mut Fields) -> Wished {
        let unit = fields.integer("bid_unit");
        let ladder = fields.word("increments", |word| (word == "ladder").then_some(()));
        if unit.is_some() && ladder.is_some() {
            fields.fault("increments", "invalid");
        }
        let item = Item {
            seller: MemberId(0),
            title: fields.required("title", Fields::text),
            description: fields.required("description", Fields::text),
            category: fields.integer("category_id"),
            condition: fields.word("condition", Condition::named),
            shipping_payer: fields.word("shipping_payer", ShippingPayer::named),
            region: fields.integer("region_id"),
            nationwide: fields.flag("nationwide").unwrap_or_default(),
            pictures: pictures(fields, "pictures").unwrap_or_default(),
        };
        Wished(Listing {
            item,
            start_price: fields.required("start_price", Fields::integer),
            bid_unit: if ladder.is_some() { None } else { Some(unit.unwrap_or(USUAL_UNIT)) },
            reserve_price: fields.integer("reserve_price"),
            buy_now_price: fields.integer("buy_now_price"),
            starts_at: fields.moment("starts_at"),
            ends_at: fields.required("ends_at", Fields::moment),
            soft_close_minutes: fields.integer("soft_close_minutes").unwrap_or(USUAL_SOFT_CLOSE_MINUTES),
            again: fields.integer("again_of").map(AuctionId),
        })
    }
}

/// `POST /auctions`: puts an item up for auction.
pub async fn create(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    headers: HeaderMap,
    Sent(Wished(mut listing)): Sent<Wished>,
) -> Result<Response, Problem> {
    let key = key_of(&headers, caller.id())?;
    listing.item.seller = caller.id();
    let faults = place_faults(&state, &listing.item).await?;
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    let accepted = order(&state, Call::List(Box::new(listing.clone())), key).await?;
    let Accepted::Auction { event, .. } = accepted else { return Err(answered_wrongly()) };
    let listed = as_listed(&listing, &event)?;
    let mut view = auction_view(&listed, &listing.item, MemberName::from(&caller.member), event.at);
    view.reserve_price = listing.reserve_price;
    view.pictures = shown(&state, &listing.item.pictures).await?;
    let location = format!("/api/v1/auctions/{}", event.auction.0);
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(view)).into_response())
}

/// Pictures that were just listed, with what is known of them.
async fn shown(state: &WebState, pictures: &[Picture]) -> Result<Vec<PictureView>, Problem> {
    let addresses: Vec<_> = pictures.iter().map(|picture| picture.address).collect();
    let known = if addresses.is_empty() { Vec::new() } else { state.records.pictures(&addresses).await? };
    Ok(views(pictures, &known))
}

/// Region and category must exist.
pub async fn place_faults(state: &WebState, item: &Item) -> Result<Vec<FieldFault>, Problem> {
    let known = state.places.known(&*state.records).await?;
    let mut faults = Vec::new();
    let mut fault = |field: &str| faults.push(FieldFault { field: field.to_owned(), code: "invalid" });
    if item.category.is_some_and(|category| known.category(category).is_none()) {
        fault("category_id");
    }
    if item.region.is_some_and(|region| known.region(region).is_none()) {
        fault("region_id");
    }
    Ok(faults)
}

/// The auction as it was when it was listed, from what was asked and the event that says so: whoever asks again with
/// the same key hears the same, however far the auction has come.
fn as_listed(listing: &Listing, event: &Event) -> Result<Auction, Problem> {
    let starts_at = listing.starts_at.unwrap_or(event.at).max(event.at);
    let opened = starts_at <= event.at;
    let unit = listing.bid_unit.and_then(Money::new).map(Increments::Unit);
    let ladder =
        || Ladder::parse(auction::DEFAULT_LADDER).map(Increments::Ladder).map_err(|_| answered_wrongly());
    Ok(Auction {
        id: event.auction,
        item: ItemId(0),
        seller: listing.seller(),
        seq: if opened { event.seq.next() } else { event.seq },
        terms: 1,
        status: if opened { Status::Open } else { Status::Scheduled },
        outcome: None,
        start: event.price,
        reserve: listing.reserve_price.and_then(Money::new),
        increments: unit.map_or_else(ladder, Ok)?,
        buy_now: listing.buy_now_price.and_then(Money::new),
        fee_rate: PartsPerMillion::default(),
        minimum_duration: Span(0),
        soft_close: Span::minutes(listing.soft_close_minutes),
        starts_at,
        listed_end: listing.ends_at,
        ends_at: listing.ends_at,
        latest: listing.ends_at.plus(LATEST_AFTER_LISTED_END),
        extensions: 0,
        seller_extensions: 0,
        outage: None,
        price: event.price,
        leader: None::<Leader>,
        bid_count: 0,
        afresh: Seq(0),
        seller_took_back: false,
        notes: 0,
        followed_by: None,
        bidders: 0,
        newest: event.at,
    })
}

/// An auction in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListingView {
    /// Its number.
    pub id: i64,
    /// As of which event.
    pub seq: i64,
    /// The title.
    pub title: String,
    /// Who sells.
    pub seller_id: i64,
    /// The category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category_id: Option<i64>,
    /// The region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region_id: Option<i64>,
    /// Shown in every region.
    pub nationwide: bool,
    /// How worn it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<&'static str>,
    /// Where it stands: `scheduled`, `open`, `ended`.
    pub status: &'static str,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<&'static str>,
    /// The price.
    pub price: i64,
    /// Sold at once for this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buy_now_price: Option<i64>,
    /// How many bids.
    pub bid_count: i64,
    /// From when it takes bids.
    pub starts_at: String,
    /// Until when.
    pub ends_at: String,
    /// The first picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<PictureView>,
}

impl From<ListingRow> for ListingView {
    fn from(row: ListingRow) -> ListingView {
        ListingView {
            id: row.auction.0,
            seq: row.seq.0,
            title: row.title,
            seller_id: row.seller.0,
            category_id: row.category,
            region_id: row.region,
            nationwide: row.nationwide,
            condition: row.condition.map(Condition::name),
            status: row.status.name(),
            outcome: row.outcome.map(Outcome::name),
            price: row.price.won(),
            buy_now_price: row.buy_now.map(Money::won),
            bid_count: row.bid_count,
            starts_at: moment::text(row.starts_at),
            ends_at: moment::text(row.ends_at),
            picture: row.picture.map(PictureView::from),
        }
    }
}

/// What to list, and which page of it; where and until when is made of it when it is known who asks, and when.
pub struct Wanted {
    search: Search,
    sort: Option<Sort>,
    around: Option<Around>,
    radius: i64,
    hours: Option<i64>,
    page: Page,
}

/// The longest time within which auctions may be asked to end: a month, in hours.
pub const HOURS_MAX: i64 = 24 * 31;

impl Wire for Wanted {
    fn read(fields: &mut Fields) -> Wanted {
        let words = fields.text("q").unwrap_or_default();
        if words.chars().count() > QUERY_CHARS_MAX {
            fields.fault("q", "too_long");
        }
        let search = Search {
            words,
            region: fields.integer("region"),
            category: fields.integer("category"),
            status: fields.word("status", status_named),
            min_price: price(fields, "min_price"),
            max_price: price(fields, "max_price"),
            condition: fields.word("condition", Condition::named),
            reserve_met: fields.flag("reserve_met").unwrap_or_default(),
            buy_now: fields.flag("buy_now").unwrap_or_default(),
            pictured: fields.flag("pictured").unwrap_or_default(),
            ..Search::default()
        };
        let whole = |text: &str| super::fields::plain_integer(text);
        Wanted {
            search,
            sort: fields.word("sort", sort_named),
            around: fields.word("near", Around::named),
            radius: fields
                .word("radius", |text| whole(text).filter(|radius| RADII.contains(radius)))
                .unwrap_or(USUAL_RADIUS),
            hours: fields
                .word("ends_within", |text| whole(text).filter(|hours| (1..=HOURS_MAX).contains(hours))),
            page: page(fields),
        }
    }
}

/// The order of whoever names none: what answers the words best, else the nearest, else the newest.
pub fn usual_sort(search: &Search) -> Sort {
    match &search.near {
        _ if !search.words.trim().is_empty() => Sort::Best,
        Some(_) => Sort::Nearest,
        None => Sort::Newest,
    }
}

fn price(fields: &mut Fields, name: &str) -> Option<Money> {
    let won = fields.integer(name)?;
    let price = Money::new(won);
    if price.is_none() {
        fields.fault(name, "too_low");
    }
    price
}

fn status_named(name: &str) -> Option<Status> {
    Status::ALL.into_iter().find(|status| status.name() == name)
}

/// The order of that name.
pub fn sort_named(name: &str) -> Option<Sort> {
    match name {
        "newest" => Some(Sort::Newest),
        "ending" => Some(Sort::Ending),
        "price_asc" => Some(Sort::PriceAscending),
        "price_desc" => Some(Sort::PriceDescending),
        "bids" => Some(Sort::Bids),
        "best" => Some(Sort::Best),
        "nearest" => Some(Sort::Nearest),
        _ => None,
    }
}

/// `GET /auctions`: searches the market, at most 2 s behind.
pub async fn search(
    State(state): State<Arc<WebState>>,
    visitor: Visitor,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<List<ListingView>>, Problem> {
    let Wanted { mut search, sort, around, radius, hours, page } = wanted;
    if let Some(around) = around {
        let known = state.places.known(&*state.records).await?;
        let home = visitor.0.as_ref().and_then(|caller| caller.member.region);
        let nowhere = FieldFault { field: "near".to_owned(), code: "invalid" };
        let centre = around.centre(&known, home).ok_or_else(|| Problem::invalid(vec![nowhere]))?;
        search.near = Some(known.near(centre, radius));
    }
    search.ends_by = hours.map(|hours| state.now().plus(Span::hours(hours)));
    search.sort = sort.unwrap_or_else(|| usual_sort(&search));
    let rows = judged(state.records.listings(search, page.clone()).await, &page)?;
    Ok(Json(List::of(rows, ListingView::from)))
}

/// Whether an auction exists.
pub async fn exists(state: &WebState, auction: AuctionId) -> Result<bool, Problem> {
    let heads: Vec<(AuctionId, Seq)> = state.records.heads(&[auction]).await?;
    Ok(!heads.is_empty())
}

#[cfg(test)]
mod tests {
    use auction::{ListingLimits, ListingStanding, Time};

    use super::*;

    const NOW: Time = Time(1_800_000_000_000_000);

    fn wished(body: &str) -> Result<Listing, Problem> {
        let mut fields = Fields::of_json(body.as_bytes())?;
        let Wished(listing) = Wished::read(&mut fields);
        fields.finish().map(|()| listing)
    }

    #[test]
    fn what_is_absent_is_as_usual() {
        let body =
            r#"{"title":"의자","description":"","start_price":1000,"ends_at":"2027-01-16T12:00:00+09:00"}"#;
        let listing = wished(body).expect("sound");
        assert_eq!(listing.bid_unit, Some(1_000));
        assert_eq!(listing.soft_close_minutes, 3);
        assert_eq!(moment::text(listing.ends_at), "2027-01-16T03:00:00.000000Z");
        assert!(!listing.item.nationwide);
    }

    #[test]
    fn every_wrong_field_is_named() {
        let body = r#"{"title":1,"description":"","start_price":"1000","ends_at":"soon","condition":"z",
            "bid_unit":5,"increments":"ladder","reserve_price":"x","again_of":1.5,"reserve":5000}"#;
        let problem = wished(body).expect_err("wrong");
        let named: Vec<_> = problem.errors().iter().map(|fault| (fault.field.as_str(), fault.code)).collect();
        let expected = [
            ("increments", "invalid"),
            ("title", "wrong_type"),
            ("condition", "invalid"),
            ("start_price", "wrong_type"),
            ("reserve_price", "wrong_type"),
            ("ends_at", "invalid"),
            ("again_of", "wrong_type"),
            ("reserve", "unknown"),
        ];
        assert_eq!(named, expected);
    }

    /// The answer to listing is rebuilt from the first event; it must say what the rules have made of the wish.
    #[test]
    fn the_answer_says_what_the_rules_made_of_it() {
        let limits = ListingLimits {
            minimum_duration: Span::minutes(10),
            ladder: Ladder::parse(auction::DEFAULT_LADDER).expect("the default"),
            fee_rate: PartsPerMillion::default(),
        };
        for (starts_at, unit) in [(None, Some(1_000)), (Some(NOW.plus(Span::hours(1))), None)] {
            let body = r#"{"title":"의자","description":"튼튼해요","start_price":5000,"reserve_price":20000,"buy_now_price":50000,"ends_at":"2027-01-17T12:00:00Z"}"#;
            let listing = Listing { starts_at, bid_unit: unit, ..wished(body).expect("sound") };
            let standing = ListingStanding {
                suspended: false,
                barred: false,
                limits: &limits,
                again: None,
                pictures: &[],
            };
            let made = listing.decide(AuctionId(9), ItemId(0), &standing, NOW).expect("sound").effects;
            let mut listed = as_listed(&listing, &made.events[0]).expect("sound");
            listed.minimum_duration = limits.minimum_duration;
            assert_eq!(listed, made.auction);
        }
    }

    #[test]
    fn a_search_names_what_it_does_not_know() {
        for (query, fault) in [
            ("", None),
            (
                "q=의자&region=1&category=2&status=open&min_price=0&max_price=5&sort=price_desc&limit=100",
                None,
            ),
            ("status=closed", Some(("status", "invalid"))),
            ("condition=a&reserve_met=true&buy_now=true&pictured=false&ends_within=24&sort=best", None),
            ("near=37.56,126.91&radius=10&sort=nearest", None),
            ("near=home", None),
            ("near=here", Some(("near", "invalid"))),
            ("near=home&radius=4", Some(("radius", "invalid"))),
            ("ends_within=0", Some(("ends_within", "invalid"))),
            ("buy_now=1", Some(("buy_now", "wrong_type"))),
            ("condition=z", Some(("condition", "invalid"))),
            ("sort=oldest", Some(("sort", "invalid"))),
            ("min_price=-1", Some(("min_price", "too_low"))),
            ("min_price=1.5", Some(("min_price", "wrong_type"))),
            ("colour=red", Some(("colour", "unknown"))),
        ] {
            let mut fields = Fields::of_query(query);
            Wanted::read(&mut fields);
            let problem = fields.finish().err();
            let found = problem
                .as_ref()
                .map(|problem| (problem.errors()[0].field.as_str(), problem.errors()[0].code));
            assert_eq!(found, fault, "{query}");
        }
        let mut fields = Fields::of_query(&format!("q={}", "a".repeat(QUERY_CHARS_MAX + 1)));
        Wanted::read(&mut fields);
        assert!(fields.finish().is_err());
    }
}
