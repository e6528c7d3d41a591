//! What forms do to an order: send, receive, type codes, cancel, dispute, explain, decide, review, offer on. The answer
//! stands on the order's page: after a redirect when it worked, in the form as it was typed when it did not.

use std::sync::Arc;

use auction::{
    AuctionId, Command, FieldCode, Lines, OrderCommand, OrderId, OrderState, Side, StepKind, text_fault,
};
use axum::extract::State;
use axum::response::Response;
use engine::{Accepted, Call};
use ledger::{MemberId, Money};
use store::records::{NewReview, ReviewRefused};

use crate::api::engine_door::{answered_wrongly, order};
use crate::api::sent::Id;
use crate::failure::{Code, Problem};
use crate::pages::form_key::FormKey;
use crate::pages::show::order::{Found, divided, fill, find};
use crate::pages::typed::Typed;
use crate::pages::{Answer, Field, MemberReader, OrderForms, OrderPage, Role, Told, Tone, way};
use crate::state::WebState;
use crate::words::{amount_typed, field_fault};

/// The most characters of a review.
pub const REVIEW_CHARS_MAX: usize = 1_000;

/// A form of the order's page on its way: what every answer to it needs.
struct Sent {
    web: Arc<WebState>,
    own: MemberReader,
    id: OrderId,
    auction: AuctionId,
    role: Role,
    key: FormKey,
}

impl Sent {
    /// The form of a side or an admin; for all others there is no such order.
    async fn of(web: Arc<WebState>, own: MemberReader, id: i64, typed: &mut Typed) -> Result<Sent, Problem> {
        let found = find(&web, &own, OrderId(id)).await?;
        let auction = found.page.order.auction;
        Ok(Sent { web, own, id: OrderId(id), auction, role: found.role, key: FormKey::of(typed) })
    }

    fn member(&self) -> MemberId {
        self.own.member.id()
    }

    fn done(&self, told: Told) -> Response {
        way::to_with(&self.web.settings, &format!("/orders/{}", self.id.0), told)
    }

    /// Asks the engine, by the form's own key; a form that lost it gets a new one.
    async fn ask(&self, command: Command) -> Result<Accepted, Problem> {
        let key = self.key.key(&self.web, self.member());
        order(&self.web, Call::Auction { auction: self.auction, command }, key).await
    }

    /// Takes a step of the order: its kind, and the amount it speaks of.
    async fn step(&self, command: OrderCommand) -> Result<(StepKind, i64), Problem> {
        let command = Command::Order { order: self.id, command: Box::new(command) };
        match self.ask(command).await? {
            Accepted::Order(step) => Ok((step.kind, step.amount.map_or(0, Money::won))),
            _ => Err(answered_wrongly()),
        }
    }

    async fn found(&self) -> Result<Found, Problem> {
        find(&self.web, &self.own, self.id).await
    }

    async fn page(&self) -> Result<OrderPage, Problem> {
        fill(&self.web, &self.own, self.found().await?).await
    }

    /// The page again with the reason on it: under the field it is about, else above everything. While nobody knows what
    /// became of the call its form keeps the key, so that pressing again asks the same again.
    async fn refused(
        &self,
        problem: Problem,
        show: impl FnOnce(&mut OrderForms, &dyn Fn(&str) -> Option<String>),
    ) -> Result<Response, Problem> {
        if problem.code().status() == 404 {
            return Err(problem);
        }
        let language = self.own.reader.language;
        let mut page = self.page().await?;
        let fault = |field: &str| {
            let fault = problem.errors().iter().find(|fault| fault.field == field)?;
            Some(field_fault(language, fault.code))
        };
        show(&mut page.forms, &fault);
        if problem.errors().is_empty() {
            page.shell.answer = Some(Answer { tone: Tone::Bad, text: problem.sentence(language) });
        }
        page.actions.key = self.key.base_after(&problem, page.actions.key);
        self.own.answer(problem.code().status(), &page)
    }

    /// What follows a step that needs no fields.
    async fn plain(&self, command: OrderCommand, told: Told) -> Result<Response, Problem> {
        match self.step(command).await {
            Ok(_) => Ok(self.done(told)),
            Err(problem) => self.refused(problem, |_, _| {}).await,
        }
    }
}

fn field(value: String, fault: Option<String>) -> Field {
    Field { value, fault }
}

/// `POST /orders/{id}/ship`
pub async fn ship(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let sent = Sent::of(web, own, id, &mut typed).await?;
    let line = |text: String| text.trim().to_owned();
    let (carrier, tracking) = (line(typed.text("carrier")), line(typed.text("tracking")));
    let command =
        OrderCommand::Ship { member: sent.member(), carrier: carrier.clone(), tracking: tracking.clone() };
    match sent.step(command).await {
        Ok(_) => Ok(sent.done(Told::Shipped)),
        Err(problem) => {
            sent.refused(problem, |forms, fault| {
                forms.carrier = field(carrier, fault("carrier"));
                forms.tracking = field(tracking, fault("tracking"));
            })
            .await
        }
    }
}

/// `POST /orders/{id}/receive`
pub async fn receive(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let sent = Sent::of(web, own, id, &mut typed).await?;
    sent.plain(OrderCommand::Receive { member: sent.member() }, Told::Received).await
}

/// `POST /orders/{id}/receipt-code`
pub async fn receipt_code(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let sent = Sent::of(web, own, id, &mut typed).await?;
    let command = OrderCommand::EnterReceiptCode { member: sent.member(), code: code(&mut typed) };
    match sent.step(command).await {
        Ok((StepKind::Done, payout)) => Ok(sent.done(Told::PaidOut(payout))),
        Ok(_) => wrong(&sent, |forms, fault| forms.receipt.fault = fault).await,
        Err(problem) => sent.refused(problem, |forms, fault| forms.receipt.fault = fault("code")).await,
    }
}

/// `POST /orders/{id}/meeting-code`
pub async fn meeting_code(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let sent = Sent::of(web, own, id, &mut typed).await?;
    let command = OrderCommand::EnterMeetingCode { member: sent.member(), code: code(&mut typed) };
    match sent.step(command).await {
        Ok((StepKind::Met, _)) => Ok(sent.done(Told::Met)),
        Ok(_) => wrong(&sent, |forms, fault| forms.meeting.fault = fault).await,
        Err(problem) => sent.refused(problem, |forms, fault| forms.meeting.fault = fault("code")).await,
    }
}

/// Six digits as people type them: full-width ones and spaces between are fine.
fn code(typed: &mut Typed) -> String {
    let digit = |letter: char| match letter {
        '０'..='９' => char::from_digit(u32::from(letter) - u32::from('０'), 10),
        letter if letter.is_whitespace() || letter == '-' => None,
        letter => Some(letter),
    };
    typed.text("code").chars().filter_map(digit).collect()
}

/// The code was taken and was wrong: the page again, with what is left of the tries.
async fn wrong(sent: &Sent, show: impl FnOnce(&mut OrderForms, Option<String>)) -> Result<Response, Problem> {
    let mut page = sent.page().await?;
    let sentence = sent.own.reader.language.text("order-code-wrong");
    if page.actions.locked_until.is_some() || !page.has_handing_over() {
        page.shell.answer = Some(Answer { tone: Tone::Bad, text: sentence });
    } else {
        show(&mut page.forms, Some(sentence));
    }
    sent.own.answer(Code::CodeWrong.status(), &page)
}

/// `POST /orders/{id}/cancel`
pub async fn cancel(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let sent = Sent::of(web, own, id, &mut typed).await?;
    match sent.step(OrderCommand::Cancel { member: sent.member() }).await {
        Ok((StepKind::Refunded, _)) => Ok(sent.done(Told::CalledOff)),
        Ok(_) => Ok(sent.done(Told::CancelWanted)),
        Err(problem) => sent.refused(problem, |_, _| {}).await,
    }
}

/// `POST /orders/{id}/keep-on`
pub async fn keep_on(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let sent = Sent::of(web, own, id, &mut typed).await?;
    sent.plain(OrderCommand::KeepOn { member: sent.member() }, Told::KeptOn).await
}

/// What was written, with the line ends of browsers made plain.
fn written(typed: &mut Typed, name: &str) -> String {
    typed.text(name).replace("\r\n", "\n").trim().to_owned()
}

/// `POST /orders/{id}/dispute`
pub async fn dispute(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let sent = Sent::of(web, own, id, &mut typed).await?;
    let text = written(&mut typed, "text");
    match sent.step(OrderCommand::Dispute { member: sent.member(), text: text.clone() }).await {
        Ok(_) => Ok(sent.done(Told::Disputed)),
        Err(problem) => {
            // The other side was first: then there is only the form for more.
            let is_disputed = sent.found().await?.page.order.state == OrderState::Disputed;
            sent.refused(problem, |forms, fault| {
                let place = if is_disputed { &mut forms.evidence } else { &mut forms.dispute };
                *place = field(text, fault("text"));
            })
            .await
        }
    }
}

/// `POST /orders/{id}/evidence`
pub async fn evidence(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let sent = Sent::of(web, own, id, &mut typed).await?;
    let text = written(&mut typed, "text");
    match sent.step(OrderCommand::Evidence { member: sent.member(), text: text.clone() }).await {
        Ok(_) => Ok(sent.done(Told::Evidence)),
        Err(problem) => {
            sent.refused(problem, |forms, fault| forms.evidence = field(text, fault("text"))).await
        }
    }
}

/// `POST /orders/{id}/decide`: first shows what the decision would do, then makes it.
pub async fn decide(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let sent = Sent::of(web, own, id, &mut typed).await?;
    let (text, fault, reason) = (typed.text("refund"), typed.text("fault"), written(&mut typed, "reason"));
    let refund = amount_typed(&text);
    let side = Side::named(&fault);
    let is_confirmed = typed.text("confirmed") == "yes";
    let language = sent.own.reader.language;
    let found = sent.found().await?;
    let limit = found.page.order.price;
    let within = refund.and_then(Money::new).filter(|refund| *refund <= limit);
    let mut forms = OrderForms { fault: side.map_or("none", Side::name).to_owned(), ..OrderForms::default() };
    let reason_fault = text_fault(&reason, 1, auction::DECISION_CHARS_MAX, Lines::Any).map(FieldCode::name);
    let is_open = sent.role == Role::Admin && found.page.order.state == OrderState::Disputed;
    if let (Some(within), None, true) = (within, reason_fault, is_confirmed || !is_open) {
        let (admin, refund, fault) = (sent.member(), within.won(), side);
        let command = OrderCommand::Decide { admin, refund, fault, reason: reason.clone() };
        return match sent.step(command).await {
            Ok((_, refunded)) => Ok(sent.done(Told::Decided(refunded))),
            Err(problem) => {
                let preview = is_confirmed.then(|| divided(&found.page.order, within, false));
                sent.refused(problem, |typed, fault| {
                    (typed.fault, typed.preview) = (forms.fault, preview);
                    typed.refund = field(text, fault("refund"));
                    typed.reason = field(reason, fault("reason"));
                })
                .await
            }
        };
    }
    let is_sound = within.is_some() && reason_fault.is_none();
    forms.preview = within.filter(|_| is_sound).map(|refund| divided(&found.page.order, refund, false));
    forms.refund = field(text, within.is_none().then(|| field_fault(language, "amount_invalid")));
    forms.reason = field(reason, reason_fault.map(|code| field_fault(language, code)));
    let mut page = fill(&sent.web, &sent.own, found).await?;
    page.forms = forms;
    sent.own.answer(if is_sound { 200 } else { 422 }, &page)
}

/// `POST /orders/{id}/review`
pub async fn review(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let sent = Sent::of(web, own, id, &mut typed).await?;
    let by = match sent.role {
        Role::Buyer => Side::Buyer,
        Role::Seller => Side::Seller,
        Role::Admin => return Err(Problem::new(Code::NotFound)),
    };
    let (stars, text) = (typed.number("stars"), written(&mut typed, "text"));
    let language = sent.own.reader.language;
    let text_fault = text_fault(&text, 0, REVIEW_CHARS_MAX, Lines::Any).map(FieldCode::name);
    let Some(stars) = stars.filter(|stars| (1..=5).contains(stars) && text_fault.is_none()) else {
        let mut page = sent.page().await?;
        let stars_fault = (!matches!(stars, Some(1..=5))).then(|| field_fault(language, "required"));
        page.forms.stars = field(stars.map(|stars| stars.to_string()).unwrap_or_default(), stars_fault);
        page.forms.review = field(text, text_fault.map(|code| field_fault(language, code)));
        return sent.own.answer(422, &page);
    };
    let new = NewReview { order: sent.id, by, stars, text, at: sent.web.now() };
    let refused = match sent.web.records.write_review(new).await? {
        Ok(()) => return Ok(sent.done(Told::Reviewed)),
        Err(ReviewRefused::Left) => return Err(Problem::new(Code::Unauthenticated)),
        Err(ReviewRefused::NotOver) => "review-not-over",
        Err(ReviewRefused::Written) => "review-written",
        Err(ReviewRefused::TooLate) => "review-too-late",
    };
    let mut page = sent.page().await?;
    page.shell.answer = Some(Answer { tone: Tone::Bad, text: language.text(refused) });
    sent.own.answer(409, &page)
}

/// `POST /orders/{id}/offer`: the seller offers the thing to the next bidder.
pub async fn offer(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let sent = Sent::of(web, own, id, &mut typed).await?;
    match sent.ask(Command::Offer { seller: sent.member() }).await {
        Ok(Accepted::Order(step)) => Ok(sent.done(Told::Offered(step.amount.map_or(0, Money::won)))),
        Ok(_) => Err(answered_wrongly()),
        Err(problem) => sent.refused(problem, |_, _| {}).await,
    }
}
