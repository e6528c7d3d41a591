//! A form of an auction's page on its way: what every answer to it needs.

use std::sync::Arc;

use auction::{AuctionId, Command};
use axum::response::Response;
use engine::{Accepted, Call};
use ledger::MemberId;

use crate::api::engine_door::order;
use crate::failure::{Code, Problem};
use crate::pages::form_key::FormKey;
use crate::pages::show::auction::fill;
use crate::pages::typed::Typed;
use crate::pages::{Answer, AuctionPage, MemberReader, Told, Tone, way};
use crate::state::WebState;

/// Whose form it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// A bidder's.
    Bidder,
    /// The seller's.
    Seller,
    /// An admin's.
    Admin,
}

/// A form with its key and the terms it was made for.
pub struct Sent {
    /// The site.
    pub web: Arc<WebState>,
    /// Who sent it.
    pub own: MemberReader,
    /// Of which auction.
    pub id: AuctionId,
    /// The form's own key, as it was sent.
    pub key: FormKey,
    /// The terms that the page showed.
    pub terms: Option<i64>,
}

impl Sent {
    /// What was typed, with what stands in every form.
    pub fn of(web: Arc<WebState>, own: MemberReader, id: i64, typed: &mut Typed) -> Sent {
        let terms = typed.number("terms");
        Sent { web, own, id: AuctionId(id), key: FormKey::of(typed), terms }
    }

    /// Who sent it.
    pub fn member(&self) -> MemberId {
        self.own.member.id()
    }

    /// Asks the auction.
    ///
    /// # Errors
    /// As [`order`].
    pub async fn ask(&self, command: Command) -> Result<Accepted, Problem> {
        let key = self.key.key(&self.web, self.member());
        order(&self.web, Call::Auction { auction: self.id, command }, key).await
    }

    /// Back to the auction's page, which says what the form brought.
    pub fn done(&self, told: Told) -> Response {
        way::to_with(&self.web.settings, &format!("/auctions/{}", self.id.0), told)
    }

    /// The auction's page as it stands now.
    ///
    /// # Errors
    /// What the store says.
    pub async fn page(&self) -> Result<AuctionPage, Problem> {
        fill(&self.web, &self.own.reader, self.id, self.terms).await
    }

    /// The page again with the reason on it: in the form that was sent, if the page still has it (bidders and the
    /// seller have different ones), else above everything.
    ///
    /// # Errors
    /// The problem itself where there is no page to show it on.
    pub async fn refused(
        &self,
        problem: Problem,
        side: Side,
        show: impl FnOnce(&mut AuctionPage, String),
    ) -> Result<Response, Problem> {
        if problem.code().status() == 404 || problem.code() == Code::NotSeller {
            return Err(problem);
        }
        let mut page = self.page().await?;
        let sentence = problem.sentence(self.own.reader.language);
        let has_place = match side {
            Side::Bidder => page.controls.is_none() && page.has_form(),
            Side::Seller => page.controls.is_some(),
            Side::Admin => page.admin.as_ref().is_some_and(|admin| admin.runs),
        };
        if page.state.is_over() || !has_place {
            page.shell.answer = Some(Answer { tone: Tone::Bad, text: sentence });
        } else {
            show(&mut page, sentence);
        }
        self.own.answer(problem.code().status(), &page)
    }
}
