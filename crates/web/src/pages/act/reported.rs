//! What admins' forms do to questions: hide them, or show them, for a reason that whoever wrote there may read.

use std::sync::Arc;

use auction::{FieldCode, Lines, text_fault};
use axum::extract::State;
use axum::response::Response;
use store::records::QuestionId;

use crate::api::questions::judge;
use crate::api::seller::REASON_CHARS_MAX;
use crate::api::sent::Id;
use crate::failure::Problem;
use crate::pages::show::admin::Admin;
use crate::pages::show::reported::page;
use crate::pages::typed::Typed;
use crate::pages::{Field, MemberReader, Told, way};
use crate::state::WebState;
use crate::words::field_fault;

/// `POST /admin/questions/{id}/hide`
pub async fn hide(
    State(web): State<Arc<WebState>>,
    Admin(own): Admin,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    decide(&web, &own, id, true, &mut typed).await
}

/// `POST /admin/questions/{id}/show`
pub async fn show(
    State(web): State<Arc<WebState>>,
    Admin(own): Admin,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    decide(&web, &own, id, false, &mut typed).await
}

async fn decide(
    web: &WebState,
    own: &MemberReader,
    id: i64,
    is_hidden: bool,
    typed: &mut Typed,
) -> Result<Response, Problem> {
    let reason = typed.text("reason").replace("\r\n", "\n").trim().to_owned();
    if let Some(code) = text_fault(&reason, 1, REASON_CHARS_MAX, Lines::Any).map(FieldCode::name) {
        let mut page = page(web, own, Some(QuestionId(id))).await?;
        for line in page.lines.iter_mut().filter(|line| line.id == id) {
            line.refused = if is_hidden { "hide" } else { "show" };
            line.typed = Field::faulty(reason.clone(), field_fault(own.reader.language, code));
        }
        return own.answer(422, &page);
    }
    judge(web, &own.member, id, is_hidden, reason).await?;
    let told = if is_hidden { Told::QuestionHidden } else { Told::QuestionShown };
    Ok(way::to_with(&web.settings, "/admin/questions", told))
}
