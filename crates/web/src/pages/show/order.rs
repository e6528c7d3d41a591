//! `/orders/{id}`: what followed a sale, for its two sides and the admins. Filled by the GET, and again by a form that was
//! refused.

mod standing;
mod story;

use std::sync::Arc;

use auction::{AuctionId, Order, OrderId, Side, Time};
use axum::extract::State;
use axum::response::Response;
use ledger::{MemberId, Money};
use store::records::{self, Member, ReviewRow};

use super::photos;
use super::places::drawing_of;
use crate::api::sent::Id;
use crate::failure::{Code, Problem};
use crate::order_turns::{may_review, review_until, reviews_are_shown};
use crate::pages::reader::moment;
use crate::pages::{
    Actions, Decision, Dispute, Division, MemberReader, OfferLine, OrderForms, OrderPage, Parcel, Person,
    Photo, Picture, ReviewLine, Reviews, Role, Section, Shell,
};
use crate::state::WebState;

pub use standing::next;

/// `GET /orders/{id}`
pub async fn show(
    State(state): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
) -> Result<Response, Problem> {
    let found = find(&state, &own, OrderId(id)).await?;
    own.answer(200, &fill(&state, &own, found).await?)
}

/// `GET /auctions/{id}/order`: the reader's order of that auction, where notices lead; the auction if he has none.
pub async fn of_auction(
    State(state): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
) -> Result<Response, Problem> {
    let (auction, me) = (AuctionId(id), own.member.id());
    let newest = state.records.aftermath(auction).await?.order.filter(|order| side(order, me).is_some());
    let order = match newest {
        Some(order) => Some(order.id),
        // His own fell through, and another followed it.
        None => {
            let page = records::Page { cursor: None, limit: records::PAGE_ROWS_MAX };
            let rows = state.records.orders(me, page).await?;
            rows.items.iter().find(|row| row.auction == auction).map(|row| row.id)
        }
    };
    let page = order.map_or(format!("/auctions/{id}"), |order| format!("/orders/{}", order.0));
    Ok(crate::pages::way::to(&page))
}

/// An order with the reader's part in it.
pub struct Found {
    /// The order and all there is to it.
    pub page: records::OrderPage,
    /// Who reads.
    pub role: Role,
}

/// The order, for its sides and for admins; for all others there is none.
///
/// # Errors
/// `not_found`, or what the store says.
pub async fn find(state: &WebState, own: &MemberReader, id: OrderId) -> Result<Found, Problem> {
    let page = state.records.order(id).await?.ok_or(Problem::new(Code::NotFound))?;
    let role = match side(&page.order, own.member.id()) {
        Some(Side::Buyer) => Role::Buyer,
        Some(Side::Seller) => Role::Seller,
        None if own.member.member.acts_as_admin() => Role::Admin,
        None => return Err(Problem::new(Code::NotFound)),
    };
    Ok(Found { page, role })
}

/// Which of the two sides a member is.
pub fn side(order: &Order, member: MemberId) -> Option<Side> {
    match member {
        member if member == order.buyer => Some(Side::Buyer),
        member if member == order.seller => Some(Side::Seller),
        _ => None,
    }
}

/// The page as it stands now, with a fresh key in its forms.
///
/// # Errors
/// What the store says.
pub async fn fill(state: &WebState, own: &MemberReader, found: Found) -> Result<OrderPage, Problem> {
    let auction = found.page.order.auction;
    let row = state.records.auction(auction).await?.ok_or(Problem::new(Code::Internal))?;
    let known = state.places.known(&*state.records).await?;
    let section = if found.role == Role::Admin { Section::Admin } else { Section::Orders };
    let frame = Frame {
        shell: own.reader.shell(state, section).await?,
        picture: Picture { category: drawing_of(&known, row.item.category), variant: auction.0 },
        photo: photos::first(state, &row.item.pictures).await?,
        key: state.new_key(),
        is_item_free: row.auction.followed_by.is_none(),
    };
    Ok(describe(frame, found, state.now()))
}

/// What the page needs beside the order.
pub struct Frame {
    /// The frame of the page.
    pub shell: Shell,
    /// What is shown in place of a picture.
    pub picture: Picture,
    /// The item's first picture, if it has one.
    pub photo: Option<Photo>,
    /// A fresh key.
    pub key: String,
    /// Whether the thing was not put up for auction again.
    pub is_item_free: bool,
}

/// The page of an order as it stands at `now`.
pub fn describe(frame: Frame, found: Found, now: Time) -> OrderPage {
    let (Found { page, role }, Frame { shell, picture, photo, key, is_item_free }) = (found, frame);
    let order = &page.order;
    let parcel = order.carrier.clone().zip(order.tracking.clone()).zip(order.shipped_at);
    let actions = Actions { key, ..standing::actions(&page, role, is_item_free, now) };
    OrderPage {
        id: order.id.0,
        auction_id: order.auction.0,
        picture,
        photo,
        buyer: person(&page.buyer),
        seller: person(&page.seller),
        state: order.state.name(),
        is_second_chance: order.is_second_chance,
        opened_at: moment(order.opened_at),
        next: next(order, role, now),
        stages: standing::stages(order, &page.steps),
        money: division(order),
        fee_rate: order.fee_rate.parts(),
        parcel: parcel.map(|((carrier, tracking), at)| Parcel { carrier, tracking, at: moment(at) }),
        actions,
        forms: OrderForms::default(),
        dispute: dispute(&page, now),
        decision: decision(&page),
        offers: if role == Role::Buyer { Vec::new() } else { page.offers.iter().map(offer_line).collect() },
        reviews: reviews(&page, role, now),
        history: story::history(&page, role, shell.language),
        role,
        title: page.title,
        shell,
    }
}

fn person(member: &Member) -> Person {
    Person { id: member.id.0, name: member.nickname.clone() }
}

/// How the price is divided, or will be if nothing is given back.
pub fn division(order: &Order) -> Division {
    divided(order, order.refund.unwrap_or_default(), order.refund.is_some())
}

/// How the price is divided if so much is given back.
pub fn divided(order: &Order, refund: Money, is_final: bool) -> Division {
    let rest = order.price.minus_or_zero(refund);
    let fee = order.fee.filter(|_| is_final).unwrap_or(order.fee_rate.of(rest));
    Division {
        price: order.price.won(),
        refund: refund.won(),
        fee: fee.won(),
        payout: rest.minus_or_zero(fee).won(),
        is_final,
    }
}

fn offer_line(offer: &auction::Offer) -> OfferLine {
    OfferLine {
        number: offer.number,
        price: offer.price.won(),
        state: offer.state.name(),
        until: moment(offer.until),
    }
}

fn dispute(page: &records::OrderPage, now: Time) -> Option<Dispute> {
    let order = &page.order;
    order.disputed_at?;
    let is_open = order.state == auction::OrderState::Disputed;
    Some(Dispute {
        statements: story::statements(page),
        evidence_until: order.evidence_until().filter(|until| now < *until).map(moment),
        decided_by: order.due.filter(|_| is_open).map(moment),
        is_overdue: is_open && order.due.is_none(),
        is_by_house: order.disputed_by.is_none(),
    })
}

fn decision(page: &records::OrderPage) -> Option<Decision> {
    let step = page.steps.iter().find(|step| step.kind == auction::StepKind::Split)?;
    Some(Decision {
        at: moment(step.at),
        fault: page.order.fault.map_or("none", Side::name),
        reason: step.text.clone().unwrap_or_default(),
    })
}

/// Double blind: what one wrote is shown to the other only once both wrote or the time is over.
fn reviews(page: &records::OrderPage, role: Role, now: Time) -> Option<Reviews> {
    let until = review_until(&page.order)?;
    let own = role.side();
    let is_shown = reviews_are_shown(page, now);
    let seen = page.reviews.iter().filter(|review| is_shown || Some(review.by) == own);
    Some(Reviews {
        shown: seen.map(|review| review_line(review, false)).collect(),
        write_until: own.is_some_and(|own| may_review(page, own, now)).then(|| moment(until)),
        waits_until: (!is_shown && !page.reviews.is_empty()).then(|| moment(until)),
        other_wrote: page.reviews.iter().any(|review| Some(review.by) != own),
    })
}

/// A review as pages show it.
pub fn review_line(review: &ReviewRow, with_title: bool) -> ReviewLine {
    ReviewLine {
        author: Person { id: review.author.0, name: review.author_name.clone() },
        title: with_title.then(|| review.title.clone()),
        by_seller: review.by == Side::Seller,
        stars: review.stars,
        text: review.text.clone(),
        at: moment(review.at),
    }
}
