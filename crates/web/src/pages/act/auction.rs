//! What forms do to an auction: bid, buy at once, sell at once, take back. The answer stands on the auction's page: after
//! a redirect when it worked, in the form as it was typed when it did not.

use std::sync::Arc;

use auction::{AuctionId, Bid, Command, Hand};
use axum::extract::State;
use axum::response::Response;
use ledger::{MemberId, Money};
use store::Key;

use crate::api::engine_door::{key, order_auction};
use crate::api::seller::reason_fault;
use crate::api::sent::Id;
use crate::failure::{Code, Problem};
use crate::pages::show::auction::fill;
use crate::pages::typed::Typed;
use crate::pages::{Answer, AuctionPage, MemberReader, Told, Tone, way};
use crate::state::WebState;
use crate::words::{amount_typed, field_fault};

/// An amount this many times the minimum is asked about once more.
const UNUSUAL_FACTOR: i64 = 3;

/// Whose form it was.
const BY_BIDDER: bool = false;
const BY_SELLER: bool = true;

/// A form of the auction's page on its way: what every answer to it needs.
struct Sent {
    web: Arc<WebState>,
    own: MemberReader,
    id: AuctionId,
    key: String,
    terms: Option<i64>,
}

impl Sent {
    fn of(web: Arc<WebState>, own: MemberReader, id: i64, typed: &mut Typed) -> Sent {
        let terms = typed.number("terms");
        Sent { web, own, id: AuctionId(id), key: typed.text("key"), terms }
    }

    fn member(&self) -> MemberId {
        self.own.member.id()
    }

    /// The form's own key; a form that lost it gets a new one.
    fn key(&self) -> Key {
        let fresh = || Key { text: self.web.new_key().into(), member: self.member() };
        key(&self.key, self.member()).unwrap_or_else(fresh)
    }

    fn done(&self, told: Told) -> Response {
        way::to_with(&self.web.settings, &format!("/auctions/{}", self.id.0), told)
    }

    async fn page(&self) -> Result<AuctionPage, Problem> {
        fill(&self.web, &self.own.reader, self.id).await
    }

    /// The page again with the reason on it: in the form that was sent, if the page still has it (bidders and the
    /// seller have different ones), else above everything.
    async fn refused(
        &self,
        problem: Problem,
        is_of_seller: bool,
        show: impl FnOnce(&mut AuctionPage, String),
    ) -> Result<Response, Problem> {
        if problem.code().status() == 404 || problem.code() == Code::NotSeller {
            return Err(problem);
        }
        let mut page = self.page().await?;
        let sentence = problem.sentence(self.own.reader.language);
        let has_place = if page.controls.is_some() { is_of_seller } else { page.has_form() };
        if page.state.is_over() || !has_place {
            page.shell.answer = Some(Answer { tone: Tone::Bad, text: sentence });
        } else {
            show(&mut page, sentence);
        }
        self.own.answer(problem.code().status(), &page)
    }
}

/// Whether nobody knows yet what became of the call, or nothing did: then the form keeps its key, so that pressing again
/// asks the same again.
fn may_be_asked_again(problem: &Problem) -> bool {
    matches!(problem.code(), Code::OutcomeUnknown | Code::Busy | Code::Unavailable)
}

/// `POST /auctions/{id}/bids`
pub async fn bid(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let sent = Sent::of(web, own, id, &mut typed);
    let text = typed.text("amount");
    let Some(amount) = amount_typed(&text) else { return not_a_number(&sent, text).await };
    let confirmed = amount_typed(&typed.text("confirmed")) == Some(amount);
    if !confirmed && let Some(doubt) = doubt(&sent, amount).await? {
        let mut page = sent.page().await?;
        if page.has_form() {
            page.form.key.clone_from(&sent.key);
            (page.form.confirm, page.form.buys) = (Some(amount), doubt.buys);
            return sent.own.answer(200, &page);
        }
    }
    let bid = Bid { bidder: sent.member(), amount: Some(amount), maximum: None, terms: sent.terms };
    let command = Command::Bid(bid);
    match order_auction(&sent.web, sent.id, command, sent.key()).await {
        Ok((_, Some(_))) => Ok(sent.done(Told::Bought)),
        Ok((_, None)) => Ok(sent.done(Told::Bid(amount))),
        Err(problem) => {
            let keeps_key = may_be_asked_again(&problem);
            sent.refused(problem, BY_BIDDER, |page, sentence| {
                page.form.fault = Some(sentence);
                page.form.amount = Some(amount);
                if keeps_key {
                    page.form.key.clone_from(&sent.key);
                }
            })
            .await
        }
    }
}

async fn not_a_number(sent: &Sent, text: String) -> Result<Response, Problem> {
    let sentence = sent.own.reader.language.text("bid-not-number");
    let refused = Problem::new(Code::AmountInvalid);
    sent.refused(refused, BY_BIDDER, |page, _| {
        page.form.fault = Some(sentence);
        page.form.typed = Some(text);
    })
    .await
}

/// Why an amount is asked about once more.
struct Doubt {
    /// It buys at once, for this price.
    buys: Option<i64>,
}

/// An amount is doubted that is so far above what is needed that a slip of the finger is likely, or that would buy.
async fn doubt(sent: &Sent, amount: i64) -> Result<Option<Doubt>, Problem> {
    let row = sent.web.records.auction(sent.id).await?.ok_or(Problem::new(Code::AuctionNotFound))?;
    let buys = row.auction.buy_now.map(Money::won).filter(|price| amount >= *price);
    let minimum = row.auction.minimum().map_or(i64::MAX, Money::won);
    let is_far = amount > minimum.saturating_mul(UNUSUAL_FACTOR);
    Ok((is_far || buys.is_some()).then_some(Doubt { buys }))
}

/// `POST /auctions/{id}/buy-now`
pub async fn buy_now(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let sent = Sent::of(web, own, id, &mut typed);
    let command = Command::BuyNow { buyer: sent.member(), terms: sent.terms };
    match order_auction(&sent.web, sent.id, command, sent.key()).await {
        Ok(_) => Ok(sent.done(Told::Bought)),
        Err(problem) => {
            let keeps_key = may_be_asked_again(&problem);
            sent.refused(problem, BY_BIDDER, |page, sentence| {
                page.form.fault = Some(sentence);
                if keeps_key {
                    page.form.buy_key.clone_from(&sent.key);
                }
            })
            .await
        }
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
    match order_auction(&sent.web, sent.id, command, sent.key()).await {
        Ok(_) => Ok(sent.done(Told::Sold)),
        Err(problem) => {
            let keeps_key = may_be_asked_again(&problem);
            sent.refused(problem, BY_SELLER, |page, sentence| {
                if let Some(controls) = &mut page.controls {
                    controls.fault = Some(sentence);
                    if keeps_key {
                        controls.sell_key.clone_from(&sent.key);
                    }
                }
            })
            .await
        }
    }
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
    let show = |page: &mut AuctionPage, sentence: String| {
        if let Some(controls) = &mut page.controls {
            controls.fault = Some(sentence);
            controls.reason.clone_from(&reason);
        }
    };
    if let Some(code) = reason_fault(&reason) {
        let sentence_code = if code == "invalid" { "bad_characters" } else { code };
        let sentence = field_fault(sent.own.reader.language, sentence_code);
        return sent
            .refused(Problem::invalid_field("reason", code), BY_SELLER, |page, _| show(page, sentence))
            .await;
    }
    let given = Some(reason.clone()).filter(|reason| !reason.is_empty());
    let command = Command::Cancel { by: Hand::Seller(sent.member()), reason: given };
    match order_auction(&sent.web, sent.id, command, sent.key()).await {
        Ok(_) => Ok(sent.done(Told::Cancelled)),
        Err(problem) => sent.refused(problem, BY_SELLER, show).await,
    }
}
