//! What an admin's forms do to an auction in which he has no part: cancel it, and take a member's bids back. Both need a
//! reason that everyone may read, and are kept on record.

use std::sync::Arc;

use auction::{Command, FieldCode, Hand, Lines, text_fault};
use axum::extract::State;
use axum::response::Response;

use super::sent::{Sent, Side};
use crate::api::seller::REASON_CHARS_MAX;
use crate::api::sent::Id;
use crate::failure::{Code, Problem};
use crate::pages::show::admin::Admin;
use crate::pages::typed::Typed;
use crate::pages::{AdminControls, Field, Told};
use crate::state::WebState;
use crate::words::field_fault;

/// A form as it was sent.
struct Form {
    sent: Sent,
    /// Its name, as its key ends.
    name: &'static str,
    reason: String,
    /// The number of the bidder who was chosen, where one is.
    chosen: Option<i64>,
}

impl Form {
    fn of(sent: Sent, name: &'static str, typed: &mut Typed) -> Form {
        let reason = typed.text("reason").replace("\r\n", "\n").trim().to_owned();
        Form { sent, name, reason, chosen: typed.number("bidder") }
    }

    /// What is wrong with the reason, if anything.
    fn fault(&self) -> Option<&'static str> {
        text_fault(&self.reason, 1, REASON_CHARS_MAX, Lines::Any).map(FieldCode::name)
    }

    async fn ask(self, command: Command, told: Told) -> Result<Response, Problem> {
        match self.sent.ask(command).await {
            Ok(_) => Ok(self.sent.done(told)),
            Err(problem) => {
                // Of a bidder whose bids are gone already the house's sentence about auctions would say too little.
                let language = self.sent.own.reader.language;
                let is_gone = problem.code() == Code::NoBidderLeft;
                let gone = is_gone.then(|| language.text("admin-take-back-gone"));
                let show = |admin: &mut AdminControls, sentence| admin.fault = Some(gone.unwrap_or(sentence));
                self.refused(problem, show).await
            }
        }
    }

    async fn reason_refused(self, code: &'static str) -> Result<Response, Problem> {
        let fault = field_fault(self.sent.own.reader.language, code);
        let problem = Problem::invalid_field("reason", code);
        let show = |admin: &mut AdminControls, _| {
            let field = if admin.refused == "cancel" { &mut admin.cancelling } else { &mut admin.taking };
            field.fault = Some(fault);
        };
        self.refused(problem, show).await
    }

    /// The page again with the form open as it was typed.
    async fn refused(
        self,
        problem: Problem,
        show: impl FnOnce(&mut AdminControls, String),
    ) -> Result<Response, Problem> {
        let Form { sent, name, reason, chosen } = self;
        let is_about = problem.clone();
        let put = |page: &mut crate::pages::AuctionPage, sentence| {
            let Some(admin) = &mut page.admin else { return };
            (admin.refused, admin.chosen) = (name, chosen);
            admin.key = sent.key.base_after(&is_about, std::mem::take(&mut admin.key));
            let field = if name == "cancel" { &mut admin.cancelling } else { &mut admin.taking };
            *field = Field::of(reason);
            show(admin, sentence);
        };
        sent.refused(problem, Side::Admin, put).await
    }
}

/// `POST /admin/auctions/{id}/cancel`
pub async fn cancel(
    State(web): State<Arc<WebState>>,
    Admin(own): Admin,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let form = Form::of(Sent::of(web, own, id, &mut typed), "cancel", &mut typed);
    if let Some(code) = form.fault() {
        return form.reason_refused(code).await;
    }
    let by = Hand::Admin(form.sent.member());
    let command = Command::Cancel { by, reason: Some(form.reason.clone()) };
    form.ask(command, Told::Cancelled).await
}

/// `POST /admin/auctions/{id}/take-back`: a member's bids, by his number here.
pub async fn take_back(
    State(web): State<Arc<WebState>>,
    Admin(own): Admin,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let form = Form::of(Sent::of(web, own, id, &mut typed), "take-back", &mut typed);
    let bidders = form.sent.web.records.bidders(form.sent.id).await?;
    let bidder = bidders.into_iter().find(|(number, _)| Some(*number) == form.chosen);
    let (_, bidder) = bidder.ok_or(Problem::new(Code::NotFound))?;
    if let Some(code) = form.fault() {
        return form.reason_refused(code).await;
    }
    let by = Hand::Admin(form.sent.member());
    let command = Command::TakeBack { member: bidder.id, by, reason: Some(form.reason.clone()) };
    form.ask(command, Told::TookBack).await
}
