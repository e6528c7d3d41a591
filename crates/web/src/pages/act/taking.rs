//! What admins' forms take: deposits that are taken back, and the house's fees.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use engine::Call;
use ledger::{MemberId, TransferId};

use crate::api::engine_door::{order_fees, order_reversal};
use crate::api::fields::plain_integer;
use crate::api::sent::Id;
use crate::failure::{Code, Problem};
use crate::pages::form_key::FormKey;
use crate::pages::show::admin::{Admin, desk, member_page};
use crate::pages::typed::Typed;
use crate::pages::{Answer, DepositLine, Field, MemberReader, Told, Tone, way};
use crate::state::WebState;
use crate::words::{amount_typed, field_fault};

/// `POST /admin/deposits/{id}/reverse`: from the desk, or from the member's page.
pub async fn reverse(
    State(web): State<Arc<WebState>>,
    Admin(own): Admin,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let (admin, reason) = (own.member.id(), typed.text("reason").trim().to_owned());
    let member = plain_integer(&typed.text("member"));
    let sent_key = FormKey::of(&mut typed);
    let call = Call::ReverseDeposit { admin, deposit: TransferId(id), reason: reason.clone() };
    let problem = match order_reversal(&web, call, sent_key.key(&web, admin)).await {
        Ok(kept) => {
            let back = member.map_or_else(|| "/admin".to_owned(), |id| format!("/admin/members/{id}"));
            return Ok(way::to_with(&web.settings, &back, Told::DepositReversed(kept.taken.won())));
        }
        Err(problem) if problem.code().status() == 404 => return Err(problem),
        Err(problem) => problem,
    };
    match member {
        Some(member) => {
            let mut page = member_page(&web, &own, MemberId(member)).await?;
            page.key = sent_key.base_after(&problem, page.key);
            page.shell.answer = say(&mut page.deposits, id, reason, &problem, &own);
            own.answer(problem.code().status(), &page)
        }
        None => {
            let mut page = desk(&web, &own).await?;
            page.key = sent_key.base_after(&problem, page.key);
            page.shell.answer = say(&mut page.debts, id, reason, &problem, &own);
            own.answer(problem.code().status(), &page)
        }
    }
}

/// Says what is wrong beside the deposit; above the page, if it is not there any more.
fn say(
    lines: &mut [DepositLine],
    id: i64,
    reason: String,
    problem: &Problem,
    own: &MemberReader,
) -> Option<Answer> {
    let sentence = problem.sentence(own.reader.language);
    let Some(line) = lines.iter_mut().find(|line| line.id == id) else {
        return Some(Answer { tone: Tone::Bad, text: sentence });
    };
    line.typed = Field::faulty(reason, sentence);
    None
}

/// `POST /admin/fees`: fees are taken out.
pub async fn fees(
    State(web): State<Arc<WebState>>,
    Admin(own): Admin,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let (text, reference) = (typed.text("amount"), typed.text("reference").trim().to_owned());
    let (admin, language) = (own.member.id(), own.reader.language);
    let sent_key = FormKey::of(&mut typed);
    let asked = match amount_typed(&text) {
        Some(amount) => {
            let call = Call::WithdrawFees { admin, amount, reference: reference.clone() };
            order_fees(&web, call, sent_key.key(&web, admin)).await
        }
        None => Err(Problem::invalid_field("amount", "amount_invalid")),
    };
    let problem = match asked {
        Ok(kept) => {
            return Ok(way::to_with(&web.settings, "/admin", Told::FeesWithdrawn(kept.amount.won())));
        }
        Err(problem) => problem,
    };
    let mut page = desk(&web, &own).await?;
    page.key = sent_key.base_after(&problem, page.key);
    let fault = |field: &str| {
        let fault = problem.errors().iter().find(|fault| fault.field == field)?;
        Some(field_fault(language, fault.code))
    };
    let is_about_amount = matches!(problem.code(), Code::AmountInvalid | Code::InsufficientFees);
    let of_amount = is_about_amount.then(|| problem.sentence(language));
    page.fees.amount = Field { value: text, fault: fault("amount").or(of_amount) };
    let was_used = (problem.code() == Code::ReferenceUsed).then(|| problem.sentence(language));
    page.fees.reference = Field { value: reference, fault: fault("reference").or(was_used) };
    if page.fees.amount.fault.is_none() && page.fees.reference.fault.is_none() {
        page.shell.answer = Some(Answer { tone: Tone::Bad, text: problem.sentence(language) });
    }
    // What was typed is looked at again before it is sent again.
    page.fees.was_refused = true;
    own.answer(problem.code().status(), &page)
}
