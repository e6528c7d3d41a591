//! `/auctions/{id}`: one auction, as it stands for whoever looks. Filled by the GET, and again by a form that was refused.

use std::sync::Arc;

use auction::{
    Aftermath, Auction, AuctionId, Event, EventKind, Increments, Outcome, ReserveStatus, Seq, Span, Status,
    Time,
};
use axum::extract::State as Held;
use axum::response::Response;
use ledger::{MemberId, Money};
use store::records::{self, AuctionRow, ListingRow, Member, Page, Paged, Search, Sort};

use super::controls::{admin_controls, controls};
use super::history::{chart, history, trace};
use super::standing::{Cards, Hearts, Part, Parts, Times, ended_at, state, times_of};
use super::talk::talk;
use super::{photos, places};
use crate::api::sent::Id;
use crate::failure::{Code, Problem};
use crate::pages::reader::moment;
use crate::pages::typed::Typed;
use crate::pages::{
    Afresh, AuctionPage, BidForm, Change, Earlier, Note, Picture, Reader, Reputation, Reserve, Section,
    Seller, Viewer,
};
use crate::settings::BidderNames;
use crate::state::WebState;
use crate::words::{amount_typed, digits};

/// How many bids the chart is drawn from.
const CHARTED: usize = 100;

/// How many other auctions are offered.
const OTHERS: usize = 6;

/// How many earlier auctions of the same item are shown.
const EARLIER: usize = 5;

/// `GET /auctions/{id}`: `amount` and `maximum` fill the bid form, and `terms` are those that whoever comes to bid has seen.
pub async fn show(Held(web): Held<Arc<WebState>>, reader: Reader, Id(id): Id) -> Result<Response, Problem> {
    let mut typed = Typed::of(reader.query());
    let mut page = fill(&web, &reader, AuctionId(id), typed.number("terms")).await?;
    page.form.amount = amount_typed(&typed.text("amount"));
    page.form.maximum = amount_typed(&typed.text("maximum")).map(digits).unwrap_or_default();
    reader.answer(200, &page)
}

/// What the store knows of an auction, for one page of it.
pub struct Found {
    /// The auction with its item and seller.
    pub row: AuctionRow,
    /// The part of whoever looks.
    pub part: Option<auction::Bidder>,
    /// The newest rows of the history.
    pub bids: Paged<Event>,
    /// How many bids came in each minute before the end, the last first, where there are more rows.
    pub each_minute: Option<Vec<i64>>,
    /// Who the numbers are, for those who may know.
    pub names: Vec<(i64, Member)>,
    reputation: records::Reputation,
    edits: Vec<Event>,
    reason: Option<String>,
    afresh: Option<Afresh>,
    earlier: Vec<ListingRow>,
    /// What followed the hammer, where it concerns whoever looks.
    pub aftermath: Aftermath,
    /// Who has bid, for an admin who has no part in it.
    pub for_admin: Option<Vec<(i64, Member)>>,
    /// Which of those who bid the seller has blocked.
    pub blocked: Vec<MemberId>,
}

/// The page as it stands now, with fresh keys in its forms; `seen` are the terms that whoever bids has seen.
///
/// # Errors
/// `auction_not_found`, or what the store says.
pub async fn fill(
    web: &WebState,
    reader: &Reader,
    id: AuctionId,
    seen: Option<i64>,
) -> Result<AuctionPage, Problem> {
    let member = reader.signed_in.as_ref().map(crate::caller::SignedIn::id);
    let row = web.records.auction(id).await?.ok_or(Problem::new(Code::AuctionNotFound))?;
    let mut found = find(web, row, reader.signed_in.as_ref().map(|own| &own.member)).await?;
    let known = web.places.known(&*web.records).await?;
    let now = web.now();
    let rows = others(web, &found.row.auction, now).await?;
    let shown: Vec<AuctionId> = rows.iter().map(|row| row.auction).chain([id]).collect();
    let hearts = Hearts::read(&*web.records, &shown, member).await?;
    let parts = Parts::default();
    let cards = Cards { language: reader.language, known: &known, now, parts: &parts, hearts: &hearts };
    let others = rows.into_iter().map(|row| cards.of(row)).collect();
    let talk = talk(web, reader, &found.row.auction).await?;
    let shell = reader.shell(web, Section::Elsewhere).await?;
    let available = shell.visitor.as_ref().map_or(0, |visitor| visitor.available);
    let (afresh, cancel_reason) = (found.afresh.take(), found.reason.take());
    let AuctionRow { auction, item, seller, .. } = &found.row;
    let part = found.part.as_ref().map_or(Part::Nobody, |part| Part::of(auction, part));
    let place = places::place_of(&known, reader.language, item.region, false);
    Ok(AuctionPage {
        id: id.0,
        seq: auction.seq.0,
        terms: auction.terms,
        title: item.title.clone(),
        description: item.description.clone(),
        category: item.category.and_then(|category| places::category_name(&known, reader.language, category)),
        photos: photos::all(&item.pictures, &found.row.pictures),
        picture: Picture { category: places::drawing_of(&known, item.category), variant: id.0 },
        place,
        nationwide: item.nationwide,
        condition: item.condition.map(|condition| condition.name().to_owned()),
        shipping_payer: item.shipping_payer.map(|payer| payer.name().to_owned()),
        seller: seller_as_shown(seller, &found.reputation),
        state: state(times_of(auction), now, part),
        viewer: viewer(&found, part, member, available),
        price: auction.price.won(),
        start_price: auction.start.won(),
        minimum: auction.minimum().map(Money::won),
        step: auction.increments.at(auction.price).won(),
        bid_unit: unit(&auction.increments),
        buy_now_price: auction.buy_now.map(Money::won),
        bid_count: auction.bid_count,
        heart: hearts.of(id, auction.seller),
        watchers: i64::try_from(web.hub.watchers(id)).unwrap_or(i64::MAX),
        starts_at: moment(auction.starts_at),
        ends_at: moment(auction.ends_at),
        ended_at: ended_at(auction).map(moment),
        latest: moment(auction.latest),
        soft_close_minutes: auction.soft_close.0 / Span::minutes(1).0,
        seller_extensions: auction.seller_extensions,
        reserve: reserve(auction),
        notes: notes(&found.edits),
        changes: changes(auction, &found.edits, seen),
        followed_by: auction.followed_by.map(|auction| auction.0),
        earlier: found.earlier.iter().map(|row| earlier(row, now)).collect(),
        order: order(&found.aftermath, member),
        form: BidForm { key: web.new_key(), buy_key: web.new_key(), ..BidForm::default() },
        history: history(&found, member),
        chart: chart(&found),
        trace: trace(&found, member),
        talk,
        controls: (member == Some(auction.seller)).then(|| controls(web, &found, now)),
        admin: found.for_admin.as_ref().map(|bidders| admin_controls(web, auction, bidders, now)),
        cancel_reason,
        afresh,
        others,
        shell,
    })
}

/// The reads that only some pages need are made only for them.
async fn find(web: &WebState, row: AuctionRow, viewer: Option<&Member>) -> Result<Found, Problem> {
    let (records, auction) = (&web.records, &row.auction);
    let member = viewer.map(|viewer| viewer.id);
    let id = auction.id;
    let is_seller = member == Some(auction.seller);
    let bidder = member.filter(|_| !is_seller && auction.bidders > 0);
    let is_over = auction.status == Status::Ended;
    let shows_names = is_seller || web.settings.bidder_names == BidderNames::Names;
    let (part, reputation, bids, names, edits, reason, afresh) = tokio::try_join!(
        async {
            match bidder {
                Some(member) => records.part(id, member).await,
                None => Ok(None),
            }
        },
        records.reputation(auction.seller, web.now()),
        records.bids(id, Page { cursor: None, limit: CHARTED }),
        async { if shows_names && auction.bidders > 0 { records.bidders(id).await } else { Ok(Vec::new()) } },
        async { if auction.terms > 1 { records.edits(id).await } else { Ok(Vec::new()) } },
        cancel_reason(web, auction),
        afresh(web, auction),
    )?;
    let is_judge = viewer.is_some_and(Member::acts_as_admin) && !is_seller && part.is_none();
    let concerns_him = is_over && (is_seller || part.is_some());
    let (aftermath, for_admin, earlier) = tokio::try_join!(
        async { if concerns_him { records.aftermath(id).await } else { Ok(nothing_after()) } },
        async { if is_judge { bidders_for_admin(web, auction).await.map(Some) } else { Ok(None) } },
        records.auctions_of(auction.item, Page { cursor: None, limit: EARLIER + 1 }),
    )?;
    let each_minute = match bids.next {
        Some(_) => Some(records.bids_each_minute(id, auction.ends_at).await?),
        None => None,
    };
    // What came after the auction was read follows on the live line; it must not stand here twice.
    let mut bids = bids;
    bids.items.retain(|event| event.seq <= row.auction.seq);
    let mut earlier = earlier.items;
    earlier.retain(|row| row.auction < id && row.status == Status::Ended);
    let blocked = if is_seller { blocked(web, auction, &names).await? } else { Vec::new() };
    Ok(Found {
        row,
        part,
        reputation,
        bids,
        each_minute,
        names,
        edits,
        reason,
        afresh,
        earlier,
        aftermath,
        for_admin,
        blocked,
    })
}

/// Whose bids an admin could take back.
async fn bidders_for_admin(web: &WebState, auction: &Auction) -> store::Result<Vec<(i64, Member)>> {
    if auction.status == Status::Ended || auction.bidders == 0 {
        return Ok(Vec::new());
    }
    web.records.bidders(auction.id).await
}

const fn nothing_after() -> Aftermath {
    Aftermath { order: None, offers: Vec::new() }
}

/// Which of those who bid the seller has blocked; only so many are looked at.
async fn blocked(web: &WebState, auction: &Auction, names: &[(i64, Member)]) -> store::Result<Vec<MemberId>> {
    const LOOKED_AT: usize = 30;
    let newest: Vec<MemberId> = names.iter().rev().take(LOOKED_AT).map(|(_, member)| member.id).collect();
    if newest.is_empty() {
        return Ok(Vec::new());
    }
    web.records.blocked(auction.seller, &newest).await
}

/// The reason that the last event of a cancelled auction carries.
async fn cancel_reason(web: &WebState, auction: &Auction) -> store::Result<Option<String>> {
    if auction.outcome != Some(Outcome::Cancelled) {
        return Ok(None);
    }
    Ok(event(web, auction, auction.seq).await?.and_then(|event| event.reason))
}

/// That the auction began anew, by the event that says so.
async fn afresh(web: &WebState, auction: &Auction) -> store::Result<Option<Afresh>> {
    if auction.afresh == Seq(0) {
        return Ok(None);
    }
    let told = event(web, auction, auction.afresh).await?.filter(|event| event.kind == EventKind::Reset);
    Ok(told.map(|event| Afresh { reason: event.reason, at: moment(event.at) }))
}

async fn event(web: &WebState, auction: &Auction, seq: Seq) -> store::Result<Option<Event>> {
    let events = web.records.events(auction.id, Seq(seq.0 - 1), 1).await?;
    Ok(events.into_iter().next())
}

fn viewer(found: &Found, part: Part, member: Option<MemberId>, available: i64) -> Viewer {
    let auction = &found.row.auction;
    let own = auction.leader.filter(|leader| Some(leader.member) == member && auction.outcome.is_none());
    match member {
        None => Viewer::Guest,
        Some(member) if member == auction.seller => Viewer::Seller,
        Some(_) => Viewer::Member {
            number: part.number(),
            held: found.part.as_ref().map_or(0, |part| part.hold.won()),
            available,
            maximum: own.map(|leader| leader.commitment).filter(|most| *most > auction.price).map(Money::won),
        },
    }
}

fn seller_as_shown(seller: &Member, reputation: &records::Reputation) -> Seller {
    Seller {
        id: seller.id.0,
        nickname: seller.nickname.clone(),
        reputation: reputation.score.map(|score| Reputation { score, count: reputation.reviews }),
        sales: Some(reputation.sales).filter(|sales| *sales > 0),
    }
}

fn unit(increments: &Increments) -> Option<i64> {
    match increments {
        Increments::Unit(unit) => Some(unit.won()),
        Increments::Ladder(_) => None,
    }
}

fn reserve(auction: &Auction) -> Reserve {
    match auction.reserve_status() {
        ReserveStatus::None => Reserve::None,
        ReserveStatus::NotMet => Reserve::NotMet,
        ReserveStatus::Met => Reserve::Met,
    }
}

/// The notes, oldest first.
fn notes(edits: &[Event]) -> Vec<Note> {
    let note = |event: &Event| Some(Note { text: event.reason.clone()?, at: moment(event.at) });
    edits.iter().rev().filter_map(note).collect()
}

/// What was changed since the terms that were seen, oldest first; nothing if those are in force, or none were said.
fn changes(auction: &Auction, edits: &[Event], seen: Option<i64>) -> Vec<Change> {
    let Some(seen) = seen.filter(|seen| *seen < auction.terms) else { return Vec::new() };
    let since = edits.iter().rev().filter(|event| event.terms.is_some_and(|terms| terms > seen));
    since.map(|event| Change { note: event.reason.clone(), at: moment(event.at) }).collect()
}

fn earlier(row: &ListingRow, now: Time) -> Earlier {
    let times = Times { outcome: row.outcome, starts_at: row.starts_at, ends_at: row.ends_at };
    Earlier {
        id: row.auction.0,
        state: state(times, now, Part::Nobody),
        price: row.price.won(),
        ended: Some(row.ends_at).filter(|end| *end <= now).map(moment),
    }
}

/// The order, for its two sides.
fn order(aftermath: &Aftermath, member: Option<MemberId>) -> Option<i64> {
    let order = aftermath.order.as_ref()?;
    (Some(order.buyer) == member || Some(order.seller) == member).then_some(order.id.0)
}

/// What else ends soon.
async fn others(web: &WebState, auction: &Auction, now: Time) -> Result<Vec<ListingRow>, Problem> {
    let search = Search { status: Some(Status::Open), sort: Sort::Ending, ..Search::default() };
    let rows = web.records.listings(search, Page { cursor: None, limit: 2 * OTHERS }).await?;
    let rows = rows.items.into_iter().filter(|row| row.auction != auction.id && row.ends_at > now);
    Ok(rows.take(OTHERS).collect())
}
