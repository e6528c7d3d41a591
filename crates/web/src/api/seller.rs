//! The seller's own: selling at once to the leader, moving the end, lowering the reserve, and taking the auction back,
//! which an admin may too.

use std::sync::Arc;

use auction::{AuctionId, Command, FieldCode, Hand, Lines, text_fault};
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

use super::auctions::{AfterView, NewOrderView, after, new_order};
use super::engine_door::{answered_wrongly, key_of, order_auction};
use super::fields::Fields;
use super::sent::{Id, Nothing, Sent, Wire};
use crate::caller::SignedIn;
use crate::failure::{Code, Problem};
use crate::state::WebState;

/// The most characters of a public reason.
pub const REASON_CHARS_MAX: usize = auction::REASON_CHARS_MAX;

/// Why an auction is taken back.
#[derive(Debug, ToSchema)]
pub struct Cancellation {
    /// Shown to everyone, up to 500 characters; needed once there were bids, and of admins always.
    #[schema(max_length = 500)]
    pub reason: Option<String>,
}

impl Wire for Cancellation {
    fn read(fields: &mut Fields) -> Cancellation {
        Cancellation { reason: reason(fields) }
    }
}

/// Reads a public reason, without the spaces around it; one of nothing but spaces is none.
pub fn reason(fields: &mut Fields) -> Option<String> {
    let reason = fields.text("reason").map(|reason| reason.trim().to_owned());
    let reason = reason.filter(|reason| !reason.is_empty());
    if let Some(code) = reason.as_deref().and_then(reason_fault) {
        fields.fault("reason", code);
    }
    reason
}

/// What is wrong with a public reason, if anything.
pub fn reason_fault(reason: &str) -> Option<&'static str> {
    text_fault(reason, 0, REASON_CHARS_MAX, Lines::Any).map(FieldCode::name)
}

/// By how much the end is moved.
#[derive(Debug, ToSchema)]
pub struct Extension {
    /// 1, 3, 6, 12 or 24 hours from the present end.
    pub hours: i64,
}

impl Wire for Extension {
    fn read(fields: &mut Fields) -> Extension {
        Extension { hours: fields.required("hours", Fields::integer) }
    }
}

/// A lower reserve.
#[derive(Debug, ToSchema)]
pub struct LowerReserve {
    /// Above the visible price and below the present reserve, on the grid.
    pub reserve_price: i64,
}

impl Wire for LowerReserve {
    fn read(fields: &mut Fields) -> LowerReserve {
        LowerReserve { reserve_price: fields.required("reserve_price", Fields::integer) }
    }
}

/// An auction sold at once; the same whenever it is asked again.
#[derive(Debug, Serialize, ToSchema)]
pub struct SoldView {
    /// The order.
    pub order: NewOrderView,
    /// What it has made of the auction.
    pub auction: AfterView,
}

/// A changed auction; the same whenever it is asked again.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangedView {
    /// What it has made of the auction.
    pub auction: AfterView,
}

/// `POST /auctions/{id}/sell-now`: sells to the leader at once.
pub async fn sell_now(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    headers: HeaderMap,
    Sent(Nothing): Sent<Nothing>,
) -> Result<Json<SoldView>, Problem> {
    let key = key_of(&headers, caller.id())?;
    let command = Command::SellNow { seller: caller.id() };
    let (event, order) = order_auction(&state, AuctionId(id), command, key).await?;
    let order = new_order(&event, order.ok_or_else(answered_wrongly)?);
    Ok(Json(SoldView { order, auction: after(&event, true, None) }))
}

/// `POST /auctions/{id}/cancel`: takes the auction back, by the seller's hand or an admin's.
pub async fn cancel(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    headers: HeaderMap,
    Sent(cancellation): Sent<Cancellation>,
) -> Result<Json<ChangedView>, Problem> {
    let by = hand(&state, &caller, AuctionId(id)).await?;
    changed(&state, &caller, id, &headers, Command::Cancel { by, reason: cancellation.reason }).await
}

/// Whose hand it is that takes an auction back: an admin's own auctions he takes back as their seller.
///
/// # Errors
/// `auction_not_found`, or what the store says.
pub async fn hand(state: &WebState, caller: &SignedIn, auction: AuctionId) -> Result<Hand, Problem> {
    if !caller.member.acts_as_admin() {
        return Ok(Hand::Seller(caller.id()));
    }
    let row = state.records.auction(auction).await?.ok_or(Problem::new(Code::AuctionNotFound))?;
    let is_own = row.auction.seller == caller.id();
    Ok(if is_own { Hand::Seller(caller.id()) } else { Hand::Admin(caller.id()) })
}

/// `POST /auctions/{id}/extend`: moves the end.
pub async fn extend(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    headers: HeaderMap,
    Sent(extension): Sent<Extension>,
) -> Result<Json<ChangedView>, Problem> {
    let command = Command::Extend { seller: caller.id(), hours: extension.hours };
    changed(&state, &caller, id, &headers, command).await
}

/// `POST /auctions/{id}/reserve`: lowers the reserve.
pub async fn lower_reserve(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    headers: HeaderMap,
    Sent(lower): Sent<LowerReserve>,
) -> Result<Json<ChangedView>, Problem> {
    let command = Command::LowerReserve { seller: caller.id(), reserve: lower.reserve_price };
    changed(&state, &caller, id, &headers, command).await
}

async fn changed(
    state: &WebState,
    caller: &SignedIn,
    id: i64,
    headers: &HeaderMap,
    command: Command,
) -> Result<Json<ChangedView>, Problem> {
    let key = key_of(headers, caller.id())?;
    let (event, _) = order_auction(state, AuctionId(id), command, key).await?;
    Ok(Json(ChangedView { auction: after(&event, false, None) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_text_of_at_most_500_characters() {
        let at_limit = "가".repeat(REASON_CHARS_MAX);
        for (reason, fault) in [
            ("변심이에요\n미안해요", None),
            (at_limit.as_str(), None),
            (&format!("{at_limit}가"), Some("too_long")),
            ("a\u{0}b", Some("invalid")),
            ("a\u{202E}b", Some("invalid")),
        ] {
            assert_eq!(reason_fault(reason), fault, "{reason}");
        }
    }
}
