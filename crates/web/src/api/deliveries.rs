//! Deliveries as admins see them: what has failed and why, and another try.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use store::records::{Channel, FailedDelivery};
use utoipa::ToSchema;

use super::admin::Admin;
use super::fields::Fields;
use super::me::WhichPage;
use super::moment;
use super::pages::{List, judged};
use super::sent::{Asked, Id, Sent, Wire};
use crate::failure::{Code, Problem};
use crate::state::WebState;

/// A delivery that has failed.
#[derive(Debug, Serialize, ToSchema)]
pub struct FailedView {
    /// The notice.
    pub notice_id: i64,
    /// `push` or `email`.
    pub channel: &'static str,
    /// To whom.
    pub member_id: i64,
    /// What it is about, as in notices.
    pub kind: &'static str,
    /// On which auction.
    pub auction_id: i64,
    /// How often it was tried.
    pub tries: i64,
    /// Since when it has failed.
    pub failed_at: String,
    /// Why, in the words of whoever refused it.
    pub reason: String,
}

impl From<FailedDelivery> for FailedView {
    fn from(row: FailedDelivery) -> FailedView {
        FailedView {
            notice_id: row.notice,
            channel: row.channel.name(),
            member_id: row.member.0,
            kind: row.kind.name(),
            auction_id: row.auction.0,
            tries: row.tries,
            failed_at: moment::text(row.failed_at),
            reason: row.reason,
        }
    }
}

/// What is tried again.
#[derive(Debug, ToSchema)]
pub struct Retry {
    /// `push` or `email`.
    pub channel: String,
    #[schema(ignore)]
    way: Option<Channel>,
}

impl Wire for Retry {
    fn read(fields: &mut Fields) -> Retry {
        let way = fields
            .required("channel", |fields, name| fields.word(name, |text| Channel::named(text).map(Some)));
        Retry { channel: String::new(), way }
    }
}

/// `GET /admin/deliveries`: newest first.
pub async fn failed(
    State(state): State<Arc<WebState>>,
    _: Admin,
    Asked(WhichPage(page)): Asked<WhichPage>,
) -> Result<Json<List<FailedView>>, Problem> {
    let rows = judged(state.records.failed_deliveries(page.clone()).await, &page)?;
    Ok(Json(List::of(rows, FailedView::from)))
}

/// `POST /admin/deliveries/{id}/retry`: the number is the notice's.
pub async fn retry(
    State(state): State<Arc<WebState>>,
    _: Admin,
    Id(notice): Id,
    Sent(retry): Sent<Retry>,
) -> Result<StatusCode, Problem> {
    again(&state, notice, retry.way).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Has a failed delivery tried again.
///
/// # Errors
/// `delivery_not_found` if there is none that has failed, or what the store says.
pub async fn again(state: &WebState, notice: i64, way: Option<Channel>) -> Result<(), Problem> {
    let unknown = Problem::new(Code::DeliveryNotFound);
    let Some(way) = way else { return Err(unknown) };
    if state.records.retry_delivery(notice, way, state.now()).await? { Ok(()) } else { Err(unknown) }
}
