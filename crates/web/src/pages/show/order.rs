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
    let found = state.records.order(OrderId(id)).await?.ok_or(Problem::new(Code::NotFound))?;
    let order = found.order;
    if order.seller != me && order.buyer != me {
        return Err(Problem::new(Code::NotFound));
    }
    let selling = order.seller == me;
    let other = if selling { found.buyer } else { found.seller };
    let row = state.records.auction(order.auction).await?.ok_or(Problem::new(Code::Internal))?;
    let fee = order.fee.unwrap_or_default();
    let known = state.places.known(&*state.records).await?;
    let page = OrderPage {
        shell: own.reader.shell(&state, Section::Elsewhere).await?,
        id,
        auction_id: order.auction.0,
        title: found.title,
        picture: Picture { category: drawing_of(&known, row.item.category), variant: order.auction.0 },
        selling,
        other_id: other.id.0,
        other: other.nickname,
        price: order.price.won(),
        fee: fee.won(),
        payout: order.price.minus_or_zero(fee).won(),
        bought: row.auction.outcome == Some(Outcome::Bought),
        at: moment(order.opened_at),
    };
    own.answer(200, &page)
}
