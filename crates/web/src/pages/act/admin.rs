//! What admins' forms do: withdrawals, suspensions, marks, deposits. Each leaves an act behind that is never removed.

use std::sync::Arc;

use auction::{FieldCode, Lines, text_fault};
use axum::extract::State;
use axum::response::Response;
use engine::Call;
use ledger::{MemberId, WithdrawalId};
use store::{Act, ActKind};

use crate::api::engine_door::order;
use crate::api::seller::REASON_CHARS_MAX;
use crate::api::sent::Id;
use crate::failure::{Code, Problem};
use crate::pages::form_key::FormKey;
use crate::pages::show::admin::{Admin, desk, member_page};
use crate::pages::typed::Typed;
use crate::pages::{AdminMemberPage, Answer, Field, MemberReader, Told, Tone, way};
use crate::state::WebState;
use crate::words::{amount_typed, field_fault};

/// `POST /admin/withdrawals/{id}/done`
pub async fn withdrawal_done(
    State(web): State<Arc<WebState>>,
    Admin(own): Admin,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    settle(&web, &own, WithdrawalId(id), true, &mut typed).await
}

/// `POST /admin/withdrawals/{id}/reverse`
pub async fn withdrawal_reverse(
    State(web): State<Arc<WebState>>,
    Admin(own): Admin,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    settle(&web, &own, WithdrawalId(id), false, &mut typed).await
}

async fn settle(
    web: &WebState,
    own: &MemberReader,
    withdrawal: WithdrawalId,
    is_done: bool,
    typed: &mut Typed,
) -> Result<Response, Problem> {
    let (admin, reason) = (own.member.id(), typed.text("reason").trim().to_owned());
    let call = Call::SettleWithdrawal { admin, withdrawal, is_done, reason: reason.clone() };
    let told = if is_done { Told::WithdrawalDone } else { Told::WithdrawalReversed };
    let sent_key = FormKey::of(typed);
    match order(web, call, sent_key.key(web, admin)).await {
        Ok(_) => Ok(way::to_with(&web.settings, "/admin", told)),
        Err(problem) if problem.code().status() == 404 => Err(problem),
        Err(problem) => {
            let mut page = desk(web, own).await?;
            page.key = sent_key.base_after(&problem, page.key);
            let sentence = problem.sentence(own.reader.language);
            match page.withdrawals.iter_mut().find(|line| line.id == withdrawal.0 && !is_done) {
                Some(line) => line.typed = Field::faulty(reason, sentence),
                None => page.shell.answer = Some(Answer { tone: Tone::Bad, text: sentence }),
            }
            own.answer(problem.code().status(), &page)
        }
    }
}

/// `POST /admin/members/{id}/suspend`
pub async fn suspend(
    State(web): State<Arc<WebState>>,
    Admin(own): Admin,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let asked = asked(&web, &own, id, ActKind::Suspended, &mut typed).await?;
    let act = match asked {
        Ok(act) => act,
        Err(response) => return Ok(response),
    };
    web.records.suspend(MemberId(id), act).await?;
    Ok(done(&web, id, Told::Suspended))
}

/// `POST /admin/members/{id}/restore`
pub async fn restore(
    State(web): State<Arc<WebState>>,
    Admin(own): Admin,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let act = match asked(&web, &own, id, ActKind::Restored, &mut typed).await? {
        Ok(act) => act,
        Err(response) => return Ok(response),
    };
    web.records.restore(MemberId(id), act).await?;
    Ok(done(&web, id, Told::Restored))
}

/// `POST /admin/members/{id}/lift-marks`
pub async fn lift_marks(
    State(web): State<Arc<WebState>>,
    Admin(own): Admin,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let act = match asked(&web, &own, id, ActKind::MarksLifted, &mut typed).await? {
        Ok(act) => act,
        Err(response) => return Ok(response),
    };
    web.records.lift_marks(MemberId(id), act).await?;
    Ok(done(&web, id, Told::MarksLifted))
}

fn done(web: &WebState, id: i64, told: Told) -> Response {
    way::to_with(&web.settings, &format!("/admin/members/{id}"), told)
}

/// The act as it will be kept, if it has a reason that may stand; else the page with what is wrong. Nobody acts on himself.
async fn asked(
    web: &WebState,
    own: &MemberReader,
    id: i64,
    kind: ActKind,
    typed: &mut Typed,
) -> Result<Result<Act, Response>, Problem> {
    let (admin, member) = (own.member.id(), MemberId(id));
    let reason = typed.text("reason").replace("\r\n", "\n").trim().to_owned();
    let mut page = member_page(web, own, member).await?;
    if member == admin {
        let text = own.reader.language.text("admin-myself");
        page.shell.answer = Some(Answer { tone: Tone::Bad, text });
        return own.answer(Code::NotAdmin.status(), &page).map(Err);
    }
    if let Some(code) = text_fault(&reason, 1, REASON_CHARS_MAX, Lines::Any).map(FieldCode::name) {
        let field = Field::faulty(reason, field_fault(own.reader.language, code));
        if kind == ActKind::MarksLifted {
            page.lifting = field
        } else {
            page.suspension = field
        }
        return own.answer(422, &page).map(Err);
    }
    Ok(Ok(Act {
        admin: Some(admin),
        kind,
        member: Some(member),
        auction: None,
        order: None,
        withdrawal: None,
        reason,
        at: web.now(),
    }))
}

/// `POST /admin/members/{id}/deposits`: money that came in from outside.
pub async fn deposit(
    State(web): State<Arc<WebState>>,
    Admin(own): Admin,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let mut page = member_page(&web, &own, MemberId(id)).await?;
    let (text, reference) = (typed.text("amount"), typed.text("reference").trim().to_owned());
    let (language, sent_key) = (own.reader.language, FormKey::of(&mut typed));
    let Some(amount) = amount_typed(&text) else {
        page.amount = Field::faulty(text, field_fault(language, "amount_invalid"));
        (page.reference, page.has_refused_deposit) = (Field::of(reference), true);
        return own.answer(422, &page);
    };
    let (admin, member) = (own.member.id(), MemberId(id));
    let call = Call::EnterDeposit { admin, member, amount, reference: reference.clone() };
    match order(&web, call, sent_key.key(&web, admin)).await {
        Ok(_) => Ok(done(&web, id, Told::Entered(amount))),
        Err(problem) => {
            page.key = sent_key.after(&problem, page.key);
            refused_deposit(&mut page, &problem, text, reference, &own);
            own.answer(problem.code().status(), &page)
        }
    }
}

fn refused_deposit(
    page: &mut AdminMemberPage,
    problem: &Problem,
    amount: String,
    reference: String,
    own: &MemberReader,
) {
    let language = own.reader.language;
    let is_about_amount = problem.code() == Code::AmountInvalid;
    page.amount = Field { value: amount, fault: is_about_amount.then(|| problem.sentence(language)) };
    let fault = problem.errors().first().map(|fault| field_fault(language, fault.code));
    if !is_about_amount && fault.is_none() {
        page.shell.answer = Some(Answer { tone: Tone::Bad, text: problem.sentence(language) });
    }
    page.reference = Field { value: reference, fault };
    // What was typed is looked at again before it is sent again.
    page.has_refused_deposit = true;
}
