//! Putting an item up for auction by a form: every field that cannot stay comes back as it was typed, with its reason.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use engine::{Accepted, Call};

use super::files::brought;
use super::listing::{read, refused, understood};
use crate::api::engine_door::{answered_wrongly, order};
use crate::api::listing::place_faults;
use crate::failure::Problem;
use crate::pages::form_key::FormKey;
use crate::pages::show::sell::page;
use crate::pages::{MemberReader, SellForm, Told, way};
use crate::state::WebState;

/// `POST /sell`: a new item, or with `again_of` one that was in an auction before.
pub async fn list(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    request: Request,
) -> Result<Response, Problem> {
    let mut brought = brought(&web, &own.member, request).await?;
    let mut form = read(&mut brought.typed);
    if brought.arrange(&mut form.pictures) {
        form.fault = brought.problem.as_ref().map(|problem| problem.sentence(own.reader.language));
        let status = brought.problem.map_or(200, |problem| problem.code().status());
        return own.answer(status, &page(&web, &own, form).await?);
    }
    match put_up(&web, &own, &form).await {
        Ok(auction) => Ok(way::to_with(&web.settings, &format!("/auctions/{auction}"), Told::Listed)),
        Err(problem) => {
            let form = refused(&web, own.reader.language, form, &problem);
            own.answer(problem.code().status(), &page(&web, &own, form).await?)
        }
    }
}

/// Asks the engine; the number of the new auction.
async fn put_up(web: &WebState, own: &MemberReader, form: &SellForm) -> Result<i64, Problem> {
    let member = own.member.id();
    let listing = understood(web, member, form, &[])?;
    let faults = place_faults(web, &listing.item).await?;
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    let key = FormKey::from(form.key.clone()).key(web, member);
    match order(web, Call::List(Box::new(listing)), key).await? {
        Accepted::Auction { event, .. } => Ok(event.auction.0),
        _ => Err(answered_wrongly()),
    }
}
