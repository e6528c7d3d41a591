//! Talk as whoever looks may read it: the questions of an auction's page, and the way to one of them.

use std::sync::Arc;

use auction::{Auction, AuctionId, Status};
use axum::extract::State;
use axum::response::Response;
use store::records::{Page, QuestionId, QuestionRow};

use crate::api::pages::judged;
use crate::api::questions::Eyes;
use crate::api::sent::Id;
use crate::failure::{Code, Problem};
use crate::pages::reader::moment;
use crate::pages::typed::Typed;
use crate::pages::{AnswerLine, Ask, Field, Person, QuestionLine, Reader, Talk, TalkForm, way};
use crate::state::WebState;

/// How many questions a page has.
const LINES: usize = 20;

/// `GET /questions/{id}`: to the question, under its auction.
pub async fn show(State(web): State<Arc<WebState>>, Id(id): Id) -> Result<Response, Problem> {
    let row = web.records.question(QuestionId(id)).await?.ok_or(Problem::new(Code::QuestionNotFound))?;
    Ok(way::to(&address(row.auction, row.id)))
}

/// Where a question stands.
pub fn address(auction: AuctionId, question: QuestionId) -> String {
    format!("/auctions/{}?question={}#question-{}", auction.0, question.0, question.0)
}

/// The questions under an auction, by `?questions=` (from where on) and `?question=` (one that is there in any case).
///
/// # Errors
/// What the store says.
pub async fn talk(web: &WebState, reader: &Reader, auction: &Auction) -> Result<Talk, Problem> {
    let mut typed = Typed::of(reader.query());
    let cursor = Some(typed.text("questions")).filter(|cursor| !cursor.is_empty());
    let wanted = typed.number("question").map(QuestionId);
    let asked = Page { cursor, limit: LINES };
    let rows = judged(web.records.questions(auction.id, asked.clone()).await, &asked)?;
    let count = match rows.next.is_some() || asked.cursor.is_some() {
        true => web.records.question_count(auction.id).await?,
        false => i64::try_from(rows.items.len()).unwrap_or(i64::MAX),
    };
    let next = rows
        .next
        .map(|cursor| format!("/auctions/{}?questions={}#questions", auction.id.0, way::escaped(&cursor)));
    let lines = rows.items.into_iter().map(|row| line(reader, row)).collect();
    let mut talk = Talk { count, lines, next, ask: ask(web, reader, auction).await? };
    if let Some(wanted) = wanted {
        put(web, reader, &mut talk, auction.id, wanted).await?;
    }
    Ok(talk)
}

/// Puts a question of the auction among those of the page, if it is not there yet; its line.
///
/// # Errors
/// What the store says.
pub async fn put<'a>(
    web: &WebState,
    reader: &Reader,
    talk: &'a mut Talk,
    auction: AuctionId,
    question: QuestionId,
) -> Result<Option<&'a mut QuestionLine>, Problem> {
    if !talk.lines.iter().any(|line| line.id == question.0) {
        let found = web.records.question(question).await?.filter(|row| row.auction == auction);
        let Some(row) = found else { return Ok(None) };
        talk.lines.insert(0, line(reader, row));
    }
    Ok(talk.lines.iter_mut().find(|line| line.id == question.0))
}

/// Whether whoever looks may ask.
async fn ask(web: &WebState, reader: &Reader, auction: &Auction) -> Result<Ask, Problem> {
    if auction.status == Status::Ended || auction.ends_at <= web.now() {
        return Ok(Ask::No("talk-closed"));
    }
    let Some(caller) = &reader.signed_in else { return Ok(Ask::SignIn) };
    if caller.id() == auction.seller {
        return Ok(Ask::No("talk-own"));
    }
    if caller.member.suspended {
        return Ok(Ask::No("talk-suspended"));
    }
    let is_blocked = web.records.is_blocked(auction.seller, caller.id()).await?;
    Ok(if is_blocked { Ask::No("talk-blocked") } else { Ask::Form(TalkForm::default()) })
}

/// A question as a reader may see it, with the forms that are his.
fn line(reader: &Reader, row: QuestionRow) -> QuestionLine {
    let caller = reader.signed_in.as_ref();
    let eyes = Eyes::of(caller);
    let (sees_question, sees_answer) = (eyes.see_question(&row), eyes.see_answer(&row));
    let member = caller.filter(|caller| !caller.member.suspended).map(crate::caller::SignedIn::id);
    let is_open = row.hidden_at.is_none();
    let (is_asker, is_seller) = (member == Some(row.asker), member == Some(row.seller));
    let form = |text: &str| TalkForm { field: Field::of(text), warns: false };
    let said = row.answer.as_ref().map(|answer| answer.text.clone()).unwrap_or_default();
    QuestionLine {
        id: row.id.0,
        edit: (is_open && is_asker && row.answer.is_none()).then(|| form(&row.text)),
        reply: (is_open && is_seller).then(|| form(&said)),
        can_pin: is_open && is_seller && row.answer.is_some(),
        report: (is_open && member.is_some() && !is_asker).then(Field::default),
        can_judge: caller.is_some_and(|caller| caller.member.acts_as_admin()),
        asker: Person { id: row.asker.0, name: row.asker_name },
        text: sees_question.then_some(row.text),
        at: moment(row.asked_at),
        is_edited: row.edited_at.is_some(),
        answer: row.answer.map(|answer| AnswerLine {
            text: sees_answer.then_some(answer.text),
            at: moment(answer.at),
            is_edited: answer.edited_at.is_some(),
        }),
        is_pinned: row.is_pinned,
        is_hidden: row.hidden_at.is_some(),
    }
}
