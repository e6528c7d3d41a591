//! Depositing, where play money comes in at once, and asking for a withdrawal; what cannot be taken comes back as it was
//! typed.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use engine::Call;
use ledger::DEPOSIT_LIMIT;

use crate::api::engine_door::{order, order_deposit};
use crate::failure::{Code, Problem};
use crate::pages::form_key::FormKey;
use crate::pages::show::wallet::page;
use crate::pages::typed::Typed;
use crate::pages::{Answer, Field, MemberReader, Told, Tone, way};
use crate::state::WebState;
use crate::words::{self, Figures, amount_typed, field_fault};

/// `POST /wallet/deposits`
pub async fn deposit(
    State(state): State<Arc<WebState>>,
    own: MemberReader,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let (sent_key, text) = (FormKey::of(&mut typed), typed.text("amount"));
    let member = own.member.id();
    let Some(amount) = amount_typed(&text) else {
        let figures = Figures { limit: Some(DEPOSIT_LIMIT.won()), ..Figures::default() };
        let sentence = words::refusal(own.reader.language, Code::AmountInvalid.name(), &figures);
        return again(&state, &own, text, sentence, Code::AmountInvalid.status(), |fresh| fresh).await;
    };
    match order_deposit(&state, member, amount, sent_key.key(&state, member)).await {
        Ok(deposit) => Ok(way::to_with(&state.settings, "/wallet", Told::Deposited(deposit.amount.won()))),
        Err(problem) => {
            let sentence = problem.sentence(own.reader.language);
            let kept = |fresh: String| sent_key.after(&problem, fresh);
            again(&state, &own, text, sentence, problem.code().status(), kept).await
        }
    }
}

/// `POST /wallet/withdrawals`
pub async fn withdraw(
    State(state): State<Arc<WebState>>,
    own: MemberReader,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let (sent_key, text) = (FormKey::of(&mut typed), typed.text("amount"));
    let destination = typed.text("destination").trim().to_owned();
    let (member, language) = (own.member.id(), own.reader.language);
    let asked = match amount_typed(&text) {
        Some(amount) => {
            let call = Call::Withdraw { member, amount, destination: destination.clone() };
            order(&state, call, sent_key.key(&state, member)).await.map(|_| amount)
        }
        None => Err(Problem::invalid_field("amount", "amount_invalid")),
    };
    let problem = match asked {
        Ok(amount) => return Ok(way::to_with(&state.settings, "/wallet", Told::WithdrawalAsked(amount))),
        Err(problem) => problem,
    };
    let fault = |field: &str| {
        let fault = problem.errors().iter().find(|fault| fault.field == field)?;
        Some(field_fault(language, fault.code))
    };
    let sentence = problem.sentence(language);
    let mut page = page(&state, &own).await?;
    match &mut page.withdrawals.form {
        Some(form) => {
            let about_money = problem.errors().is_empty().then_some(sentence);
            form.amount = Field { value: text, fault: fault("amount").or(about_money) };
            form.destination = Field { value: destination, fault: fault("destination") };
            form.key = sent_key.after(&problem, std::mem::take(&mut form.key));
        }
        None => page.shell.answer = Some(Answer { tone: Tone::Bad, text: sentence }),
    }
    own.answer(problem.code().status(), &page)
}

/// The wallet with the form as it was typed, and with the key that `kept` makes of its fresh one.
async fn again(
    state: &WebState,
    own: &MemberReader,
    typed: String,
    sentence: String,
    status: u16,
    kept: impl FnOnce(String) -> String,
) -> Result<Response, Problem> {
    let mut page = page(state, own).await?;
    match &mut page.deposit {
        Some(form) => {
            form.amount = Field::faulty(typed, sentence);
            form.key = kept(std::mem::take(&mut form.key));
        }
        None => page.shell.answer = Some(Answer { tone: Tone::Bad, text: sentence }),
    }
    own.answer(status, &page)
}
