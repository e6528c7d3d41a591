//! Orders: what follows a sale, for its two sides and nobody else.

use std::sync::Arc;

use auction::OrderId;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::members::MemberName;
use super::moment;
use super::sent::{Asked, Id, Nothing};
use crate::caller::SignedIn;
use crate::failure::{Code, Problem};
use crate::state::WebState;

/// An order.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderView {
    /// Its number.
    pub id: i64,
    /// Of which auction.
    pub auction_id: i64,
    /// What was sold.
    pub title: String,
    /// The hammer price.
    pub price: i64,
    /// What the house kept of it; for the seller only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fee: Option<i64>,
    /// How far it has come: `done`.
    pub state: &'static str,
    /// Who paid.
    pub buyer: MemberName,
    /// Who was paid.
    pub seller: MemberName,
    /// When.
    pub at: String,
}

/// `GET /orders/{id}`: an order, for its two sides.
pub async fn show(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    Asked(Nothing): Asked<Nothing>,
) -> Result<Json<OrderView>, Problem> {
    let missing = Problem::new(Code::NotFound);
    let page = state.records.order(OrderId(id)).await?.ok_or(missing.clone())?;
    let order = &page.order;
    if caller.id() != order.seller && caller.id() != order.buyer {
        return Err(missing);
    }
    Ok(Json(OrderView {
        id: order.id.0,
        auction_id: order.auction.0,
        title: page.title,
        price: order.price.won(),
        fee: order.fee.filter(|_| caller.id() == order.seller).map(ledger::Money::won),
        state: order.state.name(),
        buyer: MemberName::from(&page.buyer),
        seller: MemberName::from(&page.seller),
        at: moment::text(order.opened_at),
    }))
}
