//! Answering an offer: taking it pays at once and begins an order; declining costs nothing.

use std::sync::Arc;

use auction::{AuctionId, Command};
use axum::extract::State;
use axum::response::Response;
use engine::{Accepted, Call};
use ledger::Money;

use crate::api::engine_door::{answered_wrongly, order};
use crate::api::sent::Id;
use crate::failure::Problem;
use crate::pages::form_key::FormKey;
use crate::pages::show::orders::{offer_page, order_taken};
use crate::pages::typed::Typed;
use crate::pages::{Answer, MemberReader, Told, Tone, way};
use crate::state::WebState;

/// `POST /auctions/{id}/offer/accept`
pub async fn accept(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let member = own.member.id();
    match ask(&web, &own, id, &mut typed, Command::AcceptOffer { member }).await {
        Ok(Accepted::Order(step)) => {
            let order = order_taken(&web, AuctionId(id), member).await?;
            let page = order.map_or(format!("/auctions/{id}/order"), |order| format!("/orders/{order}"));
            let price = step.amount.map_or(0, Money::won);
            Ok(way::to_with(&web.settings, &page, Told::OfferTaken(price)))
        }
        Ok(_) => Err(answered_wrongly()),
        Err((problem, key)) => refused(&web, &own, id, problem, key).await,
    }
}

/// `POST /auctions/{id}/offer/decline`
pub async fn decline(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let member = own.member.id();
    match ask(&web, &own, id, &mut typed, Command::DeclineOffer { member }).await {
        Ok(_) => Ok(way::to_with(&web.settings, &format!("/auctions/{id}/offer"), Told::OfferDeclined)),
        Err((problem, key)) => refused(&web, &own, id, problem, key).await,
    }
}

async fn ask(
    web: &WebState,
    own: &MemberReader,
    id: i64,
    typed: &mut Typed,
    command: Command,
) -> Result<Accepted, (Problem, FormKey)> {
    let sent = FormKey::of(typed);
    let key = sent.key(web, own.member.id());
    let call = Call::Auction { auction: AuctionId(id), command };
    order(web, call, key).await.map_err(|problem| (problem, sent))
}

/// The offer again, with the reason above it; nobody learns from here of an offer to another.
async fn refused(
    web: &WebState,
    own: &MemberReader,
    id: i64,
    problem: Problem,
    key: FormKey,
) -> Result<Response, Problem> {
    let mut page = offer_page(web, own, AuctionId(id)).await?;
    page.shell.answer = Some(Answer { tone: Tone::Bad, text: problem.sentence(own.reader.language) });
    page.key = key.base_after(&problem, page.key);
    own.answer(problem.code().status(), &page)
}
