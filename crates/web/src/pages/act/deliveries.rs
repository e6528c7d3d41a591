//! What an admin's form does to a delivery that has failed: have it tried again.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use store::records::Channel;

use crate::api::deliveries::again;
use crate::api::sent::Id;
use crate::failure::Problem;
use crate::pages::show::admin::Admin;
use crate::pages::typed::Typed;
use crate::pages::{Told, way};
use crate::state::WebState;

/// `POST /admin/deliveries/{id}/retry`
pub async fn retry(
    State(web): State<Arc<WebState>>,
    _: Admin,
    Id(notice): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    again(&web, notice, Channel::named(&typed.text("channel"))).await?;
    Ok(way::to_with(&web.settings, "/admin/deliveries", Told::Saved))
}
