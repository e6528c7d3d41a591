//! What the seller's forms do to an auction: sell at once, take back, move the end, lower the reserve, block a bidder. The
//! answer stands on the auction's page, a refusal in the form that brought it.

use std::sync::Arc;

use auction::{Command, Hand};
use axum::extract::State;
use axum::response::Response;

use super::sent::{Sent, Side};
use crate::api::seller::reason_fault;
use crate::api::sent::Id;
use crate::failure::{Code, Problem};
use crate::pages::form_key::is_open;
use crate::pages::show::controls::follows;
use crate::pages::typed::Typed;
use crate::pages::{Follows, MemberReader, SellerControls, Told};
use crate::state::WebState;
use crate::words::{amount_typed, field_fault};

impl Sent {
    /// What the rules made of a seller's command: on the page that follows, or in the form of that name.
    async fn answer(
        &self,
        command: Command,
        told: Told,
        form: &'static str,
        show: impl FnOnce(&mut SellerControls),
    ) -> Result<Response, Problem> {
        match self.ask(command).await {
            Ok(_) => Ok(self.done(told)),
            Err(problem) => self.refused_in(problem, form, show).await,
        }
    }

    /// The page again, with the refusal in the form of that name. While the outcome is open the form keeps its key.
    async fn refused_in(
        &self,
        problem: Problem,
        form: &'static str,
        show: impl FnOnce(&mut SellerControls),
    ) -> Result<Response, Problem> {
        let keeps_key = is_open(&problem);
        self.refused(problem, Side::Seller, |page, sentence| {
            let Some(controls) = &mut page.controls else { return };
            controls.refused = form;
            controls.fault = Some(sentence);
            if keeps_key {
                let kept = match form {
                    "sell" => &mut controls.sell_key,
                    "cancel" => &mut controls.cancel_key,
                    "extend" => &mut controls.extend_key,
                    _ => &mut controls.reserve_key,
                };
                self.key.as_str().clone_into(kept);
            }
            show(controls);
        })
        .await
    }

    /// What is wrong with a public reason stands in the form of that name, with the reason as it was typed.
    async fn reason_refused(
        &self,
        reason: &str,
        code: &'static str,
        form: &'static str,
        bidder: Option<i64>,
    ) -> Result<Response, Problem> {
        let sentence_code = if code == "invalid" { "bad_characters" } else { code };
        let sentence = field_fault(self.own.reader.language, sentence_code);
        self.refused_in(Problem::invalid_field("reason", code), form, |controls| {
            controls.fault = Some(sentence);
            reason.clone_into(&mut controls.reason);
            controls.refused_bidder = bidder;
        })
        .await
    }
}

/// `POST /auctions/{id}/sell-now`
pub async fn sell_now(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let sent = Sent::of(web, own, id, &mut typed);
    let command = Command::SellNow { seller: sent.member() };
    sent.answer(command, Told::Sold, "sell", |_| {}).await
}

/// `POST /auctions/{id}/cancel`
pub async fn cancel(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let sent = Sent::of(web, own, id, &mut typed);
    let reason = typed.text("reason").trim().to_owned();
    if let Some(code) = reason_fault(&reason) {
        return sent.reason_refused(&reason, code, "cancel", None).await;
    }
    let given = Some(reason.clone()).filter(|reason| !reason.is_empty());
    let command = Command::Cancel { by: Hand::Seller(sent.member()), reason: given };
    sent.answer(command, Told::Cancelled, "cancel", |controls| controls.reason = reason).await
}

/// `POST /auctions/{id}/extend`
pub async fn extend(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let sent = Sent::of(web, own, id, &mut typed);
    let hours = typed.number("hours").unwrap_or_default();
    let command = Command::Extend { seller: sent.member(), hours };
    sent.answer(command, Told::Extended(hours), "extend", |_| {}).await
}

/// `POST /auctions/{id}/reserve`
pub async fn lower_reserve(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let sent = Sent::of(web, own, id, &mut typed);
    let text = typed.text("reserve_price");
    // What is no amount is none to which a reserve could be lowered.
    let reserve = amount_typed(&text).unwrap_or_default();
    let command = Command::LowerReserve { seller: sent.member(), reserve };
    sent.answer(command, Told::ReserveLowered, "reserve", |controls| controls.typed_reserve = text).await
}

/// `POST /auctions/{id}/block`: blocks a bidder by his number here. What follows for his bids is the house's own work.
pub async fn block(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let sent = Sent::of(web, own, id, &mut typed);
    let records = &sent.web.records;
    let row = records.auction(sent.id).await?.ok_or(Problem::new(Code::AuctionNotFound))?;
    if row.auction.seller != sent.member() {
        return Err(Problem::new(Code::NotSeller));
    }
    let number = typed.number("bidder").unwrap_or_default();
    let bidders = records.bidders(sent.id).await?;
    let bidder = bidders.into_iter().find(|(other, _)| *other == number);
    let (_, bidder) = bidder.ok_or(Problem::new(Code::NotFound))?;
    let reason = typed.text("reason").trim().to_owned();
    if let Some(code) = reason_fault(&reason) {
        return sent.reason_refused(&reason, code, "block", Some(number)).await;
    }
    let given = Some(reason).filter(|reason| !reason.is_empty());
    if given.is_none() && follows(&row.auction, bidder.id, sent.web.now()) == Follows::Afresh {
        let show = |controls: &mut SellerControls| controls.refused_bidder = Some(number);
        return sent.refused_in(Problem::new(Code::ReasonMissing), "block", show).await;
    }
    records.block(sent.member(), bidder.id, given, sent.web.now()).await??;
    Ok(sent.done(Told::BidderBlocked))
}
