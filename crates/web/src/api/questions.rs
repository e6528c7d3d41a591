//! Questions and answers under an auction: asked by members, answered by the seller, reported, and judged by admins.
//!
//! What an admin has hidden stands there without its words for all but whoever wrote them and admins.

use std::sync::Arc;

use auction::{AuctionId, FieldCode, Lines, text_fault};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use store::records::{
    NewQuestion, QuestionId, QuestionRow, Remark, ReportedRow, Says, TALK_CHARS_MAX, TALK_CHARS_MIN, Talked,
    Verdict,
};
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;

use super::admin::{Admin, AdminReason};
use super::fields::Fields;
use super::me::WhichPage;
use super::members::MemberName;
use super::moment;
use super::pages::{List, judged};
use super::sent::{Asked, Id, Nothing, Sent, Wire};
use crate::caller::{SignedIn, Visitor};
use crate::contact::has_contact;
use crate::failure::{Code, Problem};
use crate::state::WebState;

/// How many bytes may be sent for a character that is stored: compatibility forms shrink, and none of ours grows so far.
const BYTES_FOR_A_CHARACTER: usize = 16;

/// What is asked or answered.
#[derive(Debug, ToSchema)]
pub struct Words {
    /// 2 to 1,000 characters after NFKC, without the spaces around it.
    #[schema(min_length = 2, max_length = 1000)]
    pub text: String,
}

impl Wire for Words {
    fn read(fields: &mut Fields) -> Words {
        let read = |fields: &mut Fields, name: &str| {
            let text = fields.text(name)?;
            match said(&text) {
                Ok(text) => Some(text),
                Err(code) => {
                    fields.fault(name, code);
                    None
                }
            }
        };
        Words { text: fields.required("text", read) }
    }
}

/// Why a question is reported.
#[derive(Debug, ToSchema)]
pub struct WhyReported {
    /// For admins, 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

impl Wire for WhyReported {
    fn read(fields: &mut Fields) -> WhyReported {
        WhyReported { reason: AdminReason::read(fields).reason }
    }
}

/// A question or an answer as it is kept: NFKC, without the spaces around it.
///
/// # Errors
/// The stable code of what is wrong: `required`, `too_short`, `too_long` or `invalid`.
pub fn said(text: &str) -> Result<String, &'static str> {
    if text.len() > BYTES_FOR_A_CHARACTER * TALK_CHARS_MAX {
        return Err("too_long");
    }
    let text: String = text.nfkc().collect::<String>().replace("\r\n", "\n").trim().to_owned();
    if let Some(code) = text_fault(&text, 1, TALK_CHARS_MAX, Lines::Any) {
        return Err(FieldCode::name(code));
    }
    if text.chars().count() < TALK_CHARS_MIN { Err("too_short") } else { Ok(text) }
}

/// An answer of the seller's.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnswerView {
    /// In his words; absent if it is hidden from whoever asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// When.
    pub at: String,
    /// When he changed it last, if he did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<String>,
}

/// A question.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuestionView {
    /// Its number.
    pub id: i64,
    /// Under which auction.
    pub auction_id: i64,
    /// Who asks.
    pub asker: MemberName,
    /// In his words; absent if it is hidden from whoever asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// When.
    pub at: String,
    /// When he changed it last, if he did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<String>,
    /// What the seller says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<AnswerView>,
    /// Whether the seller has put it first.
    pub pinned: bool,
    /// Whether an admin has hidden it, with its answer.
    pub hidden: bool,
}

/// A question as it stands after a call.
#[derive(Debug, Serialize, ToSchema)]
pub struct TalkedView {
    /// The question.
    pub question: QuestionView,
    /// What whoever wrote may not have meant: `contact`, if everyone can now read what looks like a phone number, a bank
    /// account or an e-mail address.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<&'static str>,
}

/// Why a question is reported.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportView {
    /// By whom.
    pub by: MemberName,
    /// In his words.
    pub reason: String,
    /// When.
    pub at: String,
}

/// A question that was reported.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportedView {
    /// The question, with all its words.
    pub question: QuestionView,
    /// Some of its reports, at most ten.
    pub reports: Vec<ReportView>,
}

/// Who reads a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Eyes {
    member: Option<ledger::MemberId>,
    is_admin: bool,
}

impl Eyes {
    /// Those of a member, or of anyone.
    pub fn of(caller: Option<&SignedIn>) -> Eyes {
        Eyes {
            member: caller.map(SignedIn::id),
            is_admin: caller.is_some_and(|caller| caller.member.acts_as_admin()),
        }
    }

    /// Whether these may read the words of the question.
    pub fn see_question(self, row: &QuestionRow) -> bool {
        row.hidden_at.is_none() || self.is_admin || self.member == Some(row.asker)
    }

    /// Whether these may read the words of the answer.
    pub fn see_answer(self, row: &QuestionRow) -> bool {
        row.hidden_at.is_none() || self.is_admin || self.member == Some(row.seller)
    }
}

fn view(row: QuestionRow, eyes: Eyes) -> QuestionView {
    let (sees_question, sees_answer) = (eyes.see_question(&row), eyes.see_answer(&row));
    let answer = row.answer.map(|answer| AnswerView {
        text: sees_answer.then_some(answer.text),
        at: moment::text(answer.at),
        edited_at: answer.edited_at.map(moment::text),
    });
    QuestionView {
        id: row.id.0,
        auction_id: row.auction.0,
        asker: MemberName { id: row.asker.0, nickname: row.asker_name },
        text: sees_question.then_some(row.text),
        at: moment::text(row.asked_at),
        edited_at: row.edited_at.map(moment::text),
        answer,
        pinned: row.is_pinned,
        hidden: row.hidden_at.is_some(),
    }
}

fn reported_view(row: ReportedRow, eyes: Eyes) -> ReportedView {
    let reports = row.reports.into_iter().map(|report| ReportView {
        by: MemberName { id: report.reporter.0, nickname: report.reporter_name },
        reason: report.reason,
        at: moment::text(report.at),
    });
    ReportedView { reports: reports.collect(), question: view(row.question, eyes) }
}

/// `GET /auctions/{id}/questions`: what the seller has put first, then the newest.
pub async fn list(
    State(state): State<Arc<WebState>>,
    Visitor(visitor): Visitor,
    Id(id): Id,
    Asked(WhichPage(page)): Asked<WhichPage>,
) -> Result<Json<List<QuestionView>>, Problem> {
    let auction = AuctionId(id);
    state.records.auction(auction).await?.ok_or(Problem::new(Code::AuctionNotFound))?;
    let rows = judged(state.records.questions(auction, page.clone()).await, &page)?;
    let eyes = Eyes::of(visitor.as_ref());
    Ok(Json(List::of(rows, |row| view(row, eyes))))
}

/// `POST /auctions/{id}/questions`: asks.
pub async fn ask(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    Sent(Words { text }): Sent<Words>,
) -> Result<(StatusCode, Json<TalkedView>), Problem> {
    let warns = has_contact(&text);
    let row = ask_in(&state, &caller, AuctionId(id), text).await?;
    Ok((StatusCode::CREATED, Json(talked_view(row, &caller, warns))))
}

/// Asks a question and tells the seller live.
///
/// # Errors
/// Why it is not asked, or what the store says.
pub async fn ask_in(
    state: &WebState,
    caller: &SignedIn,
    auction: AuctionId,
    text: String,
) -> Result<QuestionRow, Problem> {
    let question = NewQuestion { auction, asker: caller.id(), text, at: state.now() };
    tell(state, state.records.ask(question).await??).await
}

/// `PATCH /questions/{id}`: the asker words his question anew.
pub async fn edit(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    Sent(Words { text }): Sent<Words>,
) -> Result<Json<TalkedView>, Problem> {
    let warns = has_contact(&text);
    let row = remark(&state, &caller, id, Says::Question(text)).await?;
    Ok(Json(talked_view(row, &caller, warns)))
}

/// `POST /questions/{id}/answer`: the seller answers, or words his answer anew.
pub async fn answer(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    Sent(Words { text }): Sent<Words>,
) -> Result<Json<TalkedView>, Problem> {
    let warns = has_contact(&text);
    let row = remark(&state, &caller, id, Says::Answer(text)).await?;
    Ok(Json(talked_view(row, &caller, warns)))
}

/// `POST /questions/{id}/pin`: the seller puts it first.
pub async fn pin(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    Sent(Nothing): Sent<Nothing>,
) -> Result<Json<TalkedView>, Problem> {
    let row = remark(&state, &caller, id, Says::Pin(true)).await?;
    Ok(Json(talked_view(row, &caller, false)))
}

/// `POST /questions/{id}/unpin`: the seller puts it back in its place.
pub async fn unpin(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    Sent(Nothing): Sent<Nothing>,
) -> Result<Json<TalkedView>, Problem> {
    let row = remark(&state, &caller, id, Says::Pin(false)).await?;
    Ok(Json(talked_view(row, &caller, false)))
}

/// `POST /questions/{id}/report`: a member reports it, once.
pub async fn report(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Id(id): Id,
    Sent(WhyReported { reason }): Sent<WhyReported>,
) -> Result<StatusCode, Problem> {
    remark(&state, &caller, id, Says::Report(reason)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Does something with a question and tells its asker live if he should know.
///
/// # Errors
/// Why it is not done, or what the store says.
pub async fn remark(
    state: &WebState,
    caller: &SignedIn,
    id: i64,
    says: Says,
) -> Result<QuestionRow, Problem> {
    let remark = Remark { question: QuestionId(id), by: caller.id(), says, at: state.now() };
    tell(state, state.records.remark(remark).await??).await
}

fn talked_view(row: QuestionRow, caller: &SignedIn, warns: bool) -> TalkedView {
    let warnings = if warns { vec!["contact"] } else { Vec::new() };
    TalkedView { question: view(row, Eyes::of(Some(caller))), warnings }
}

/// Tells whom it concerns, and goes on with the question.
async fn tell(state: &WebState, talked: Talked) -> Result<QuestionRow, Problem> {
    super::notices::tell(state, &talked.notices).await;
    Ok(talked.question)
}

/// `GET /admin/questions`: the questions whose reports wait for an admin, oldest report first.
pub async fn reported(
    State(state): State<Arc<WebState>>,
    Admin(caller): Admin,
    Asked(WhichPage(page)): Asked<WhichPage>,
) -> Result<Json<List<ReportedView>>, Problem> {
    let rows = judged(state.records.questions_reported(page.clone()).await, &page)?;
    Ok(Json(List::of(rows, |row| reported_view(row, Eyes::of(Some(&caller))))))
}

/// `POST /questions/{id}/hide`: an admin hides it, with its answer; again is the same.
pub async fn hide(
    State(state): State<Arc<WebState>>,
    Admin(caller): Admin,
    Id(id): Id,
    Sent(AdminReason { reason }): Sent<AdminReason>,
) -> Result<StatusCode, Problem> {
    judge(&state, &caller, id, true, reason).await.map(|()| StatusCode::NO_CONTENT)
}

/// `POST /questions/{id}/show`: an admin shows it, again or in spite of its reports; again is the same.
pub async fn show(
    State(state): State<Arc<WebState>>,
    Admin(caller): Admin,
    Id(id): Id,
    Sent(AdminReason { reason }): Sent<AdminReason>,
) -> Result<StatusCode, Problem> {
    judge(&state, &caller, id, false, reason).await.map(|()| StatusCode::NO_CONTENT)
}

/// An admin hides a question or shows it.
///
/// # Errors
/// `question_not_found`, or what the store says.
pub async fn judge(
    state: &WebState,
    admin: &SignedIn,
    id: i64,
    is_hidden: bool,
    reason: String,
) -> Result<(), Problem> {
    let verdict = Verdict { question: QuestionId(id), is_hidden, admin: admin.id(), reason, at: state.now() };
    state.records.judge_question(verdict).await?.map(drop).ok_or(Problem::new(Code::QuestionNotFound))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_composed_and_trimmed() {
        let longest = "가".repeat(TALK_CHARS_MAX);
        for (text, kept) in [
            ("  아직 있나요?\r\n네\n", Ok("아직 있나요?\n네")),
            ("１２", Ok("12")),
            ("네네", Ok("네네")),
            (longest.as_str(), Ok(longest.as_str())),
            ("네", Err("too_short")),
            (" \u{3000}\n ", Err("required")),
            ("a\u{202e}b", Err("invalid")),
        ] {
            assert_eq!(said(text).as_deref(), kept.as_ref().map(|text| *text), "{text:?}");
        }
        assert_eq!(said(&format!("{longest}가")), Err("too_long"));
        assert_eq!(said(&"가".repeat(20 * TALK_CHARS_MAX)), Err("too_long"));
        assert_eq!(said(&"\u{fdfa}".repeat(100)), Err("too_long"), "one that becomes many");
    }
}
