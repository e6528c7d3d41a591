//! The seller's own: selling at once to the leader, and taking the auction back.

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
use crate::failure::Problem;
use crate::state::WebState;

/// The most characters of a public reason.
pub const REASON_CHARS_MAX: usize = 500;

/// Why an auction is taken back.
#[derive(Debug, ToSchema)]
pub struct Cancellation {
    /// Shown to everyone, up to 500 characters.
    #[schema(max_length = 500)]
    pub reason: Option<String>,
}

impl Wire for Cancellation {
    fn read(fields: &mut Fields) -> Cancellation {
        let reason = fields.text("reason").map(|reason| reason.trim().to_owned());
        let reason = reason.filter(|reason| !reason.is_empty());
        if let Some(code) = reason.as_deref().and_then(reason_fault) {
            fields.fault("reason", code);
        }
        Cancellation { reason }
    }
}

/// What is wrong with a public reason, if anything.
pub fn reason_fault(reason: &str) -> Option<&'static str> {
    text_fault(reason, 0, REASON_CHARS_MAX, Lines::Any).map(FieldCode::name)
}

/// An auction sold at once; the same whenever it is asked again.
#[derive(Debug, Serialize, ToSchema)]
pub struct SoldView {
    /// The order.
    pub order: NewOrderView,
    /// What it has made of the auction.
    pub auction: AfterView,
}

/// An auction taken back; the same whenever it is asked again.
#[derive(Debug, Serialize, ToSchema)]
pub struct CancelledView {
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
    Ok(Json(SoldView { order, auction: after(&event, None) }))
}

/// `POST /auctions/{id}/cancel`: takes the auction back.
pub async fn cancel(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    headers: HeaderMap,
    Sent(cancellation): Sent<Cancellation>,
) -> Result<Json<CancelledView>, Problem> {
    let key = key_of(&headers, caller.id())?;
    let command = Command::Cancel { by: Hand::Seller(caller.id()), reason: cancellation.reason };
    let (event, _) = order_auction(&state, AuctionId(id), command, key).await?;
    Ok(Json(CancelledView { auction: after(&event, None) }))
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
