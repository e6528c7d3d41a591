//! `/admin/questions`: what was reported, and one question that an admin was led to.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use store::records::{Page, QuestionId, ReportedRow};

use super::admin::Admin;
use crate::api::pages::judged;
use crate::failure::{Code, Problem};
use crate::pages::reader::moment;
use crate::pages::typed::Typed;
use crate::pages::{Field, MemberReader, Person, ReportLine, ReportedLine, ReportedPage, Section, way};
use crate::state::WebState;

/// How many questions a page has.
const LINES: usize = 20;

/// `GET /admin/questions`: `?question=` is one that stands there in any case.
pub async fn show(State(web): State<Arc<WebState>>, Admin(own): Admin) -> Result<Response, Problem> {
    let wanted = Typed::of(own.reader.query()).number("question").map(QuestionId);
    own.answer(200, &page(&web, &own, wanted).await?)
}

/// What was reported, with a question that is wanted among it.
///
/// # Errors
/// `question_not_found` for one that is not there, or what the store says.
pub async fn page(
    web: &WebState,
    own: &MemberReader,
    wanted: Option<QuestionId>,
) -> Result<ReportedPage, Problem> {
    let cursor = Some(Typed::of(own.reader.query()).text("cursor")).filter(|cursor| !cursor.is_empty());
    let asked = Page { cursor, limit: LINES };
    let rows = judged(web.records.questions_reported(asked.clone()).await, &asked)?;
    let next = rows.next.map(|cursor| format!("/admin/questions?cursor={}", way::escaped(&cursor)));
    let mut lines: Vec<ReportedLine> = rows.items.into_iter().map(line).collect();
    if let Some(wanted) = wanted.filter(|wanted| !lines.iter().any(|line| line.id == wanted.0)) {
        let question = web.records.question(wanted).await?.ok_or(Problem::new(Code::QuestionNotFound))?;
        lines.insert(0, line(ReportedRow { question, reports: Vec::new() }));
    }
    Ok(ReportedPage { shell: own.reader.shell(web, Section::Admin).await?, lines, next })
}

fn line(row: ReportedRow) -> ReportedLine {
    let ReportedRow { question, reports } = row;
    let report = |report: store::records::ReportRow| ReportLine {
        by: Person { id: report.reporter.0, name: report.reporter_name },
        reason: report.reason,
        at: moment(report.at),
    };
    ReportedLine {
        id: question.id.0,
        auction_id: question.auction.0,
        title: question.title,
        asker: Person { id: question.asker.0, name: question.asker_name },
        text: question.text,
        at: moment(question.asked_at),
        answer: question.answer.map(|answer| answer.text),
        is_hidden: question.hidden_at.is_some(),
        is_reported: question.reported_at.is_some(),
        reports: reports.into_iter().map(report).collect(),
        refused: "",
        typed: Field::default(),
    }
}
