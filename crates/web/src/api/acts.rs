//! Acts: what admins did and why, for admins and for those whom it concerns.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use store::Act;
use utoipa::ToSchema;

use super::admin::Admin;
use super::me::WhichPage;
use super::moment;
use super::pages::{List, judged};
use super::sent::Asked;
use crate::caller::SignedIn;
use crate::failure::Problem;
use crate::state::WebState;

/// What an admin did.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActView {
    /// `suspended`, `restored`, `marks_lifted`, `cancelled`, `took_back`, `decided`, `withdrawal_done`,
    /// `withdrawal_reversed`, `deposited`, `granted`, `revoked`, `deposit_reversed`, `fees_withdrawn`, `question_hidden`,
    /// `question_shown`.
    pub kind: &'static str,
    /// Who; for admins, and absent if it was the operator himself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin_id: Option<i64>,
    /// Whom it concerns, if one member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member_id: Option<i64>,
    /// Which auction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auction_id: Option<i64>,
    /// Which order; it concerns both sides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<i64>,
    /// Which withdrawal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawal_id: Option<i64>,
    /// Why; empty where the operator gave no reason, or a withdrawal was paid out.
    pub reason: String,
    /// When.
    pub at: String,
}

impl From<Act> for ActView {
    fn from(act: Act) -> ActView {
        ActView {
            kind: act.kind.name(),
            admin_id: act.admin.map(|admin| admin.0),
            member_id: act.member.map(|member| member.0),
            auction_id: act.auction.map(|auction| auction.0),
            order_id: act.order.map(|order| order.0),
            withdrawal_id: act.withdrawal.map(|withdrawal| withdrawal.0),
            reason: act.reason,
            at: moment::text(act.at),
        }
    }
}

/// `GET /admin/acts`: everything that admins did, newest first.
pub async fn all(
    State(state): State<Arc<WebState>>,
    _admin: Admin,
    Asked(WhichPage(page)): Asked<WhichPage>,
) -> Result<Json<List<ActView>>, Problem> {
    let rows = judged(state.records.acts(None, page.clone()).await, &page)?;
    Ok(Json(List::of(rows, ActView::from)))
}

/// `GET /me/acts`: what admins did that concerns the member, newest first. Which of them it was is not said.
pub async fn mine(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Asked(WhichPage(page)): Asked<WhichPage>,
) -> Result<Json<List<ActView>>, Problem> {
    let rows = judged(state.records.acts(Some(caller.id()), page.clone()).await, &page)?;
    Ok(Json(List::of(rows, |act| ActView { admin_id: None, ..ActView::from(act) })))
}
