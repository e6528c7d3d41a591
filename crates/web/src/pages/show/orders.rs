//! `/orders`: a member's orders by what needs him first; `/auctions/{id}/offer`: what is offered to him.

use std::sync::Arc;

use auction::{AuctionId, Offer, OfferState, Order, OrderState, Side};
use axum::extract::State;
use axum::response::Response;
use ledger::MemberId;
use store::records::{Member, OrderRow, Page};

use super::order::{next, side};
use super::photos;
use super::places::drawing_of;
use crate::api::pages::judged;
use crate::api::sent::Id;
use crate::failure::{Code, Problem};
use crate::pages::reader::moment;
use crate::pages::typed::Typed;
use crate::pages::{MemberReader, OfferPage, OrderGroup, OrderLine, OrdersPage, Picture, Role, Section};
use crate::places::Known;
use crate::state::WebState;

/// How many orders a page looks at.
const LINES: usize = 30;

/// `GET /orders`
pub async fn show(State(state): State<Arc<WebState>>, own: MemberReader) -> Result<Response, Problem> {
    let cursor = Some(Typed::of(own.reader.query()).text("cursor")).filter(|cursor| !cursor.is_empty());
    let asked = Page { cursor, limit: LINES };
    let rows = judged(state.records.orders(own.member.id(), asked.clone()).await, &asked)?;
    let mut groups = ["needs-you", "under-way", "over"].map(|name| OrderGroup { name, lines: Vec::new() });
    let around = Around::read(&state, own.member.id(), &rows.items).await?;
    for row in rows.items {
        let is_over = !row.state.is_open();
        let (is_mine, line) = line(&state, &own, &around, row)?;
        let [needs_you, under_way, over] = &mut groups;
        let group = if is_over {
            over
        } else if is_mine {
            needs_you
        } else {
            under_way
        };
        group.lines.push(line);
    }
    for group in &mut groups {
        if group.name != "over" {
            group.lines.sort_by_key(|line| (line.until.is_none(), line.until));
        }
    }
    let page = OrdersPage {
        shell: own.reader.shell(&state, Section::Orders).await?,
        groups: groups.into_iter().filter(|group| !group.lines.is_empty()).collect(),
        next: rows.next.map(|cursor| format!("/orders?cursor={cursor}")),
    };
    own.answer(200, &page)
}

/// What the lines of a page need beside its rows, each kind read once.
struct Around {
    known: Arc<Known>,
    /// What is under way, whole: the list does not say whose turn it is.
    orders: Vec<Order>,
    /// The other sides of what is under way.
    members: Vec<Member>,
}

impl Around {
    async fn read(state: &WebState, me: MemberId, rows: &[OrderRow]) -> Result<Around, Problem> {
        let known = state.places.known(&*state.records).await?;
        let open = || rows.iter().filter(|row| row.state.is_open());
        let auctions: Vec<AuctionId> = open().map(|row| row.auction).collect();
        if auctions.is_empty() {
            return Ok(Around { known, orders: Vec::new(), members: Vec::new() });
        }
        let mut others: Vec<MemberId> = open().map(|row| other_side(row, me)).collect();
        others.sort_unstable();
        others.dedup();
        let (orders, members) =
            tokio::try_join!(state.records.newest_orders(&auctions), state.records.members(&others))?;
        Ok(Around { known, orders, members })
    }
}

fn other_side(row: &OrderRow, me: MemberId) -> MemberId {
    if row.seller == me { row.buyer } else { row.seller }
}

/// One order, with what it needs.
fn line(
    state: &WebState,
    own: &MemberReader,
    around: &Around,
    row: OrderRow,
) -> Result<(bool, OrderLine), Problem> {
    let me = own.member.id();
    let is_selling = row.seller == me;
    let role = if is_selling { Role::Seller } else { Role::Buyer };
    // Of what is over there is no turn; nor of what ended since the list was read.
    let order = around.orders.iter().find(|order| order.id == row.id && row.state.is_open());
    let turn = order.map(|order| next(order, role, state.now()));
    let other = other_side(&row, me);
    let words = match turn {
        Some(turn) => {
            let other = around.members.iter().find(|member| member.id == other);
            let name = other.ok_or(Problem::new(Code::Internal))?.nickname.as_str();
            let key = format!("order-next-{}-{}", turn.situation, role.code());
            own.reader.language.text_with(&key, &[("name", name.into())])
        }
        None => own.reader.language.text(&format!("order-state-{}", row.state.name())),
    };
    let line = OrderLine {
        id: row.id.0,
        title: row.title,
        picture: Picture { category: drawing_of(&around.known, row.category), variant: row.auction.0 },
        is_selling,
        price: row.price.won(),
        state: row.state.name(),
        next: words,
        until: turn.and_then(|turn| turn.until).filter(|_| row.state != OrderState::Done),
        opened_at: moment(row.opened_at),
    };
    Ok((turn.is_some_and(|turn| turn.is_mine), line))
}

/// `GET /auctions/{id}/offer`
pub async fn offer(
    State(state): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
) -> Result<Response, Problem> {
    own.answer(200, &offer_page(&state, &own, AuctionId(id)).await?)
}

/// The newest offer of that auction to the reader; to all others there is none.
///
/// # Errors
/// `not_found`, or what the store says.
pub async fn offer_page(
    state: &WebState,
    own: &MemberReader,
    auction: AuctionId,
) -> Result<OfferPage, Problem> {
    let missing = || Problem::new(Code::NotFound);
    let after = state.records.aftermath(auction).await?;
    let offer = offered_to(&after.offers, own.member.id()).ok_or_else(missing)?;
    let row = state.records.auction(auction).await?.ok_or_else(missing)?;
    let known = state.places.known(&*state.records).await?;
    let shell = own.reader.shell(state, Section::Orders).await?;
    let available = shell.visitor.as_ref().map_or(0, |visitor| visitor.available);
    let has_lapsed = offer.state == OfferState::Open && state.now() >= offer.until;
    Ok(OfferPage {
        auction_id: auction.0,
        picture: Picture { category: drawing_of(&known, row.item.category), variant: auction.0 },
        photo: photos::first(state, &row.item.pictures).await?,
        title: row.item.title,
        seller_id: row.seller.id.0,
        seller: row.seller.nickname,
        price: offer.price.won(),
        until: moment(offer.until),
        state: if has_lapsed { OfferState::Lapsed } else { offer.state }.name(),
        available,
        key: state.new_key(),
        shell,
    })
}

fn offered_to(offers: &[Offer], member: MemberId) -> Option<Offer> {
    offers.iter().rev().find(|offer| offer.member == member).copied()
}

/// The order that a member's accepted offer has opened.
///
/// # Errors
/// What the store says.
pub async fn order_taken(
    state: &WebState,
    auction: AuctionId,
    buyer: MemberId,
) -> Result<Option<i64>, Problem> {
    let order = state.records.aftermath(auction).await?.order;
    Ok(order.filter(|order| side(order, buyer) == Some(Side::Buyer)).map(|order| order.id.0))
}
