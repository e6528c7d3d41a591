//! `/orders/{id}`: what followed a sale, for its two sides and nobody else.

use std::sync::Arc;

use auction::{OrderId, Outcome};
use axum::extract::State;
use axum::response::Response;

use super::places::drawing_of;
use crate::api::sent::Id;
use crate::failure::{Code, Problem};
use crate::pages::reader::moment;
use crate::pages::{MemberReader, OrderPage, Picture, Section};
use crate::state::WebState;

/// `GET /orders/{id}`
pub async fn show(
    State(state): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
) -> Result<Response, Problem> {
    let me = own.member.id();
    let order = state.records.order(OrderId(id), me).await?.ok_or(Problem::new(Code::NotFound))?;
    let selling = order.seller == me;
    let other = if selling { order.buyer } else { order.seller };
    let (other, row) = tokio::try_join!(state.records.member(other), state.records.auction(order.auction))?;
    let (other, row) = other.zip(row).ok_or(Problem::new(Code::Internal))?;
    let known = state.places.known(&*state.records).await?;
    let page = OrderPage {
        shell: own.reader.shell(&state, Section::Elsewhere).await?,
        id,
        auction_id: order.auction.0,
        title: order.title,
        picture: Picture { category: drawing_of(&known, row.item.category), variant: order.auction.0 },
        selling,
        other_id: other.id.0,
        other: other.nickname,
        price: order.price.won(),
        fee: order.fee.won(),
        payout: order.price.minus_or_zero(order.fee).won(),
        bought: row.auction.outcome == Some(Outcome::Bought),
        at: moment(order.at),
    };
    own.answer(200, &page)
}
