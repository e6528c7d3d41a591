//! What forms do to questions: ask, word anew, answer, pin and report. A refused form comes back on the auction's page as it
//! was typed; one that would show something like a phone number to everybody is asked about once more.

use std::sync::Arc;

use auction::{AuctionId, FieldCode, Lines, text_fault};
use axum::extract::State;
use axum::response::Response;
use store::records::{QuestionId, QuestionRow, Says};

use crate::api::questions::{ask_in, remark, said};
use crate::api::seller::REASON_CHARS_MAX;
use crate::api::sent::Id;
use crate::contact::has_contact;
use crate::failure::{Code, Problem};
use crate::pages::show::auction::fill;
use crate::pages::show::talk::{address, put};
use crate::pages::typed::Typed;
use crate::pages::{Answer, Ask, Field, MemberReader, QuestionLine, TalkForm, Told, Tone, way};
use crate::state::WebState;
use crate::words::{Language, field_fault};

/// Words on their way: as they were typed, and as they would be kept or why they come back.
struct Typing {
    typed: String,
    read: Result<String, TalkForm>,
}

impl Typing {
    fn of(typed: &mut Typed, language: Language) -> Typing {
        let (text, is_confirmed) = (typed.text("text"), typed.text("confirmed") == "yes");
        let read = match said(&text) {
            Err(code) => {
                let code = if code == "invalid" { "bad_characters" } else { code };
                let field = Field::faulty(text.clone(), field_fault(language, code));
                Err(TalkForm { field, warns: false })
            }
            Ok(kept) if has_contact(&kept) && !is_confirmed => {
                Err(TalkForm { field: Field::of(text.clone()), warns: true })
            }
            Ok(kept) => Ok(kept),
        };
        Typing { typed: text, read }
    }

    /// The form as it comes back with the reason of a refusal.
    fn refused(&self, problem: &Problem, language: Language) -> TalkForm {
        TalkForm { field: Field::faulty(self.typed.clone(), problem.sentence(language)), warns: false }
    }
}

/// The status of a page on which a form came back: a warning is no fault.
const fn status_of(form: &TalkForm) -> u16 {
    if form.warns { 200 } else { 422 }
}

/// `POST /auctions/{id}/questions`
pub async fn ask(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let (auction, language) = (AuctionId(id), own.reader.language);
    let mut typing = Typing::of(&mut typed, language);
    let (status, form) = match std::mem::replace(&mut typing.read, Ok(String::new())) {
        Err(form) => (status_of(&form), form),
        Ok(text) => match ask_in(&web, &own.member, auction, text).await {
            Ok(row) => return Ok(done(&web, &row, Told::QuestionAsked)),
            Err(problem) if problem.code().status() == 404 => return Err(problem),
            Err(problem) => (problem.code().status(), typing.refused(&problem, language)),
        },
    };
    let mut page = fill(&web, &own.reader, auction, None).await?;
    page.talk.ask = Ask::Form(form);
    own.answer(status, &page)
}

/// `POST /questions/{id}/edit`
pub async fn edit(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let typing = Typing::of(&mut typed, own.reader.language);
    let show = |line: &mut QuestionLine, form| line.edit = Some(form);
    write(&web, &own, id, typing, Says::Question, Told::QuestionEdited, show).await
}

/// `POST /questions/{id}/answer`
pub async fn answer(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let typing = Typing::of(&mut typed, own.reader.language);
    let show = |line: &mut QuestionLine, form| line.reply = Some(form);
    write(&web, &own, id, typing, Says::Answer, Told::QuestionAnswered, show).await
}

async fn write(
    web: &WebState,
    own: &MemberReader,
    id: i64,
    mut typing: Typing,
    says: fn(String) -> Says,
    told: Told,
    show: impl FnOnce(&mut QuestionLine, TalkForm),
) -> Result<Response, Problem> {
    let language = own.reader.language;
    match std::mem::replace(&mut typing.read, Ok(String::new())) {
        Err(form) => {
            let status = status_of(&form);
            page_with(web, own, id, status, |line| show(line, form)).await
        }
        Ok(text) => match remark(web, &own.member, id, says(text)).await {
            Ok(row) => Ok(done(web, &row, told)),
            Err(problem) if is_elsewhere(&problem) => Err(problem),
            Err(problem) => {
                let form = typing.refused(&problem, language);
                page_with(web, own, id, problem.code().status(), |line| show(line, form)).await
            }
        },
    }
}

/// `POST /questions/{id}/pin`
pub async fn pin(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
) -> Result<Response, Problem> {
    put_first(&web, &own, id, true).await
}

/// `POST /questions/{id}/unpin`
pub async fn unpin(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
) -> Result<Response, Problem> {
    put_first(&web, &own, id, false).await
}

async fn put_first(
    web: &WebState,
    own: &MemberReader,
    id: i64,
    is_pinned: bool,
) -> Result<Response, Problem> {
    match remark(web, &own.member, id, Says::Pin(is_pinned)).await {
        Ok(row) => Ok(done(web, &row, if is_pinned { Told::QuestionPinned } else { Told::QuestionUnpinned })),
        Err(problem) if is_elsewhere(&problem) => Err(problem),
        Err(problem) => {
            let row = question(web, id).await?;
            let mut page = fill(web, &own.reader, row.auction, None).await?;
            page.shell.answer = Some(Answer { tone: Tone::Bad, text: problem.sentence(own.reader.language) });
            own.answer(problem.code().status(), &page)
        }
    }
}

/// `POST /questions/{id}/report`
pub async fn report(
    State(web): State<Arc<WebState>>,
    own: MemberReader,
    Id(id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let language = own.reader.language;
    let reason = typed.text("reason").replace("\r\n", "\n").trim().to_owned();
    if let Some(code) = text_fault(&reason, 1, REASON_CHARS_MAX, Lines::Any).map(FieldCode::name) {
        let code = if code == "invalid" { "bad_characters" } else { code };
        let field = Field::faulty(reason, field_fault(language, code));
        return page_with(&web, &own, id, 422, |line| line.report = Some(field)).await;
    }
    match remark(&web, &own.member, id, Says::Report(reason.clone())).await {
        Ok(row) => Ok(done(&web, &row, Told::QuestionReported)),
        Err(problem) if is_elsewhere(&problem) => Err(problem),
        Err(problem) => {
            let field = Field::faulty(reason, problem.sentence(language));
            page_with(&web, &own, id, problem.code().status(), |line| line.report = Some(field)).await
        }
    }
}

/// Whether a refusal has no page of an auction to stand on: there is nothing, or it is not this member's.
fn is_elsewhere(problem: &Problem) -> bool {
    problem.code().status() == 404 || matches!(problem.code(), Code::NotSeller | Code::NotAsker)
}

fn done(web: &WebState, row: &QuestionRow, told: Told) -> Response {
    way::to_with(&web.settings, &address(row.auction, row.id), told)
}

async fn question(web: &WebState, id: i64) -> Result<QuestionRow, Problem> {
    web.records.question(QuestionId(id)).await?.ok_or(Problem::new(Code::QuestionNotFound))
}

/// The auction's page again, with the question on it and a form that came back.
async fn page_with(
    web: &WebState,
    own: &MemberReader,
    id: i64,
    status: u16,
    show: impl FnOnce(&mut QuestionLine),
) -> Result<Response, Problem> {
    let row = question(web, id).await?;
    let mut page = fill(web, &own.reader, row.auction, None).await?;
    if let Some(line) = put(web, &own.reader, &mut page.talk, row.auction, row.id).await? {
        show(line);
    }
    own.answer(status, &page)
}
