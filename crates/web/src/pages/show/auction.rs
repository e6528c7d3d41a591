//! `/auctions/{id}`: one auction, as it stands for whoever looks. Filled by the GET, and again by a form that was refused.

use std::sync::Arc;

use auction::{Auction, AuctionId, Event, Increments, Outcome, Seq, Span, Status, Time};
use axum::extract::State as Held;
use axum::response::Response;
use ledger::{MemberId, Money};
use store::records::{AuctionRow, Member, Page, Paged, Search, Sort};

use super::places;
use super::standing::{Cards, Part, Parts, state, times_of};
use crate::api::sent::Id;
use crate::failure::{Code, Problem};
use crate::pages::reader::moment;
use crate::pages::typed::Typed;
use crate::pages::{
    AuctionPage, BidForm, Card, Chart, HistoryLine, Picture, Reader, Section, Seller, SellerControls, Viewer,
};
use crate::places::Known;
use crate::settings::BidderNames;
use crate::state::WebState;
use crate::words::amount_typed;

/// How many bids the history shows; scripts keep as many.
const LINES: usize = 30;

/// How many bids the chart is drawn from.
const CHARTED: usize = 100;

/// How many other auctions are offered.
const OTHERS: usize = 6;

/// `GET /auctions/{id}`
pub async fn show(Held(web): Held<Arc<WebState>>, reader: Reader, Id(id): Id) -> Result<Response, Problem> {
    let mut page = fill(&web, &reader, AuctionId(id)).await?;
    page.form.amount = amount_typed(&Typed::of(reader.query()).text("amount"));
    reader.answer(200, &page)
}

/// What the store knows of an auction, for one page of it.
struct Found {
    row: AuctionRow,
    part: Option<auction::Bidder>,
    bids: Paged<Event>,
    names: Vec<(i64, Member)>,
    reason: Option<String>,
    order: Option<i64>,
}

/// The page as it stands now, with fresh keys in its forms.
///
/// # Errors
/// `auction_not_found`, or what the store says.
pub async fn fill(web: &WebState, reader: &Reader, id: AuctionId) -> Result<AuctionPage, Problem> {
    let member = reader.signed_in.as_ref().map(crate::caller::SignedIn::id);
    let row = web.records.auction(id).await?.ok_or(Problem::new(Code::AuctionNotFound))?;
    let found = find(web, row, member).await?;
    let known = web.places.known(&*web.records).await?;
    let now = web.now();
    let others = others(web, reader, &known, &found.row.auction, now).await?;
    let shell = reader.shell(web, Section::Elsewhere).await?;
    let available = shell.visitor.as_ref().map_or(0, |visitor| visitor.available);
    let AuctionRow { auction, item, seller } = &found.row;
    let part = found.part.as_ref().map_or(Part::Nobody, |part| Part::of(auction, part.member, part.number));
    let place = places::place_of(&known, reader.language, item.region, false);
    let state = state(times_of(auction), now, part);
    Ok(AuctionPage {
        id: id.0,
        seq: auction.seq.0,
        terms: auction.terms,
        title: item.title.clone(),
        description: item.description.clone(),
        category: item.category.and_then(|category| places::category_name(&known, reader.language, category)),
        picture: Picture { category: places::drawing_of(&known, item.category), variant: id.0 },
        place,
        nationwide: item.nationwide,
        condition: item.condition.map(|condition| condition.name().to_owned()),
        shipping_payer: item.shipping_payer.map(|payer| payer.name().to_owned()),
        seller: Seller { id: seller.id.0, nickname: seller.nickname.clone(), reputation: None, sales: None },
        state,
        viewer: viewer(&found, member, available),
        price: auction.price.won(),
        start_price: auction.start.won(),
        minimum: auction.minimum().map(Money::won),
        step: auction.increments.at(auction.price).won(),
        bid_unit: unit(&auction.increments),
        buy_now_price: auction.buy_now.map(Money::won),
        bid_count: auction.bid_count,
        watchers: i64::try_from(web.hub.watchers(id)).unwrap_or(i64::MAX),
        starts_at: moment(auction.starts_at),
        ends_at: moment(auction.ends_at),
        latest: moment(auction.latest),
        soft_close_minutes: auction.soft_close.0 / Span::minutes(1).0,
        order: found.order,
        form: BidForm { key: web.new_key(), buy_key: web.new_key(), ..BidForm::default() },
        history: history(&found, member),
        chart: chart(&found),
        controls: (member == Some(auction.seller)).then(|| controls(web, &found, now)),
        cancel_reason: found.reason,
        others,
        shell,
    })
}

/// The reads that only some pages need are made only for them.
async fn find(web: &WebState, row: AuctionRow, member: Option<MemberId>) -> Result<Found, Problem> {
    let (records, auction) = (&web.records, &row.auction);
    let id = auction.id;
    let is_seller = member == Some(auction.seller);
    let bidder = member.filter(|_| !is_seller && auction.bidders > 0);
    let side = member.filter(|member| is_seller || auction.is_led_by(*member));
    let side = side.filter(|_| matches!(auction.outcome, Some(Outcome::Sold | Outcome::Bought)));
    let shows_names = is_seller || web.settings.bidder_names == BidderNames::Names;
    let (part, bids, names, reason, order) = tokio::try_join!(
        async {
            match bidder {
                Some(member) => records.part(id, member).await,
                None => Ok(None),
            }
        },
        records.bids(id, Page { cursor: None, limit: CHARTED }),
        async { if shows_names && auction.bidders > 0 { records.bidders(id).await } else { Ok(Vec::new()) } },
        cancel_reason(web, auction),
        async {
            match side {
                Some(member) => records
                    .aftermath(id)
                    .await
                    .map(|after| after.order.filter(|order| order.buyer == member || order.seller == member)),
                None => Ok(None),
            }
        },
    )?;
    let order = order.map(|order| order.id.0);
    // What came after the auction was read follows on the live line; it must not stand here twice.
    let mut bids = bids;
    bids.items.retain(|event| event.seq <= row.auction.seq);
    Ok(Found { row, part, bids, names, reason, order })
}

/// The reason that the last event of a cancelled auction carries.
async fn cancel_reason(web: &WebState, auction: &Auction) -> store::Result<Option<String>> {
    if auction.outcome != Some(Outcome::Cancelled) {
        return Ok(None);
    }
    let last = web.records.events(auction.id, Seq(auction.seq.0 - 1), 1).await?;
    Ok(last.into_iter().next().and_then(|event| event.reason))
}

fn viewer(found: &Found, member: Option<MemberId>, available: i64) -> Viewer {
    match member {
        None => Viewer::Guest,
        Some(member) if member == found.row.auction.seller => Viewer::Seller,
        Some(_) => Viewer::Member {
            number: found.part.as_ref().map(|part| part.number),
            held: found.part.as_ref().map_or(0, |part| part.hold.won()),
            available,
        },
    }
}

fn unit(increments: &Increments) -> Option<i64> {
    match increments {
        Increments::Unit(unit) => Some(unit.won()),
        Increments::Ladder(_) => None,
    }
}

fn history(found: &Found, member: Option<MemberId>) -> Vec<HistoryLine> {
    let line = |event: &Event| {
        let actor = event.actor?;
        let name = found.names.iter().find(|(number, _)| *number == actor.number);
        Some(HistoryLine {
            seq: event.seq.0,
            kind: event.kind.name().to_owned(),
            number: actor.number,
            name: name.map(|(_, member)| member.nickname.clone()),
            mine: member == Some(actor.member),
            amount: event.amount?.won(),
            at: moment(event.at),
        })
    };
    found.bids.items.iter().take(LINES).filter_map(line).collect()
}

/// The start price, unless older bids than are charted lie between, and then every bid's.
fn chart(found: &Found) -> Chart {
    let start = found.bids.next.is_none().then(|| found.row.auction.start.won());
    let bids = found.bids.items.iter().rev().filter_map(|event| event.amount).map(Money::won);
    Chart { prices: start.into_iter().chain(bids).collect() }
}

/// What the seller may do now; the rules judge it again when he does.
fn controls(web: &WebState, found: &Found, now: Time) -> SellerControls {
    let auction = &found.row.auction;
    let runs = auction.status != Status::Ended && now < auction.ends_at;
    let is_settled_in = now >= auction.starts_at.plus(auction.minimum_duration);
    let is_closing = now >= auction.ends_at.minus(auction.soft_close);
    let leader =
        auction.leader.and_then(|leader| found.names.iter().find(|(number, _)| *number == leader.number));
    SellerControls {
        sell_key: web.new_key(),
        cancel_key: web.new_key(),
        can_sell: runs && is_settled_in && !is_closing && auction.leader.is_some(),
        leader: leader.map(|(_, member)| member.nickname.clone()),
        can_cancel: runs && auction.bid_count == 0,
        ..SellerControls::default()
    }
}

/// What else ends soon.
async fn others(
    web: &WebState,
    reader: &Reader,
    known: &Known,
    auction: &Auction,
    now: Time,
) -> Result<Vec<Card>, Problem> {
    let search = Search { status: Some(Status::Open), sort: Sort::Ending, ..Search::default() };
    let rows = web.records.listings(search, Page { cursor: None, limit: 2 * OTHERS }).await?;
    let parts = Parts::default();
    let cards = Cards { language: reader.language, known, now, parts: &parts };
    let rows = rows.items.into_iter().filter(|row| row.auction != auction.id && row.ends_at > now);
    Ok(rows.take(OTHERS).map(|row| cards.of(row)).collect())
}
