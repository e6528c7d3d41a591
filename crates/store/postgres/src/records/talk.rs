//! Talk: questions and answers under auctions, what is reported of them, and what admins make of it.
//!
//! Whoever asks is locked while his questions are counted, so that no two of them are counted beside each other; a question
//! is locked while something is done with it.

use std::collections::HashMap;

use async_trait::async_trait;
use auction::{AuctionId, Time};
use ledger::MemberId;
use store::pages;
use store::records::{
    ASKED_WITHIN, AnswerRow, Asking, NewQuestion, NoticeKind, Page, Paged, QUESTIONS_COUNTED_MAX,
    QUESTIONS_MAX, QuestionId, QuestionRow, REPORTS_SHOWN_MAX, Remark, ReportRow, ReportedRow, Says,
    TalkRecords, TalkRefused, Talked, UNANSWERED_MAX, Verdict,
};
use tokio_postgres::Row;

use super::PostgresRecords;
use super::admin::keep_act;
use super::follow::{Notice, keep_notices};
use super::members::is_blocked;
use crate::failure::Fault;
use crate::pool::Connection;
use crate::rows::Result;

#[async_trait]
impl TalkRecords for PostgresRecords {
    async fn ask(&self, question: NewQuestion) -> store::Result<std::result::Result<Talked, TalkRefused>> {
        let store = self.writes.lend("asking a question").await?;
        store.write_together(ask(&store, &question)).await
    }

    async fn remark(&self, said: Remark) -> store::Result<std::result::Result<Talked, TalkRefused>> {
        let store = self.writes.lend("talking").await?;
        store.write_together(remark(&store, &said)).await
    }

    async fn judge_question(&self, verdict: Verdict) -> store::Result<Option<bool>> {
        let store = self.writes.lend("judging a question").await?;
        store.write_together(judge(&store, &verdict)).await
    }

    async fn question(&self, id: QuestionId) -> store::Result<Option<QuestionRow>> {
        let store = self.points.lend("reading a question").await?;
        store.read(by_number(&store, id)).await
    }

    async fn questions(&self, auction: AuctionId, page: Page) -> store::Result<Paged<QuestionRow>> {
        let store = self.searches.lend("reading questions").await?;
        store.read(of_auction(&store, auction, &page)).await
    }

    async fn question_count(&self, auction: AuctionId) -> store::Result<i64> {
        let store = self.points.lend("counting questions").await?;
        store.read(count(&store, auction)).await
    }

    async fn questions_reported(&self, page: Page) -> store::Result<Paged<ReportedRow>> {
        let store = self.searches.lend("reading what was reported").await?;
        store.read(reported(&store, &page)).await
    }
}

/// What was kept, or why nothing was.
type Said = std::result::Result<Talked, TalkRefused>;

/// A question with its columns in the order in which [`question`] reads them.
macro_rules! question_of {
    ($which:literal) => {
        concat!(
            "SELECT q.id, q.auction, i.title, a.seller, q.asker, m.nickname, q.text, q.asked_at, q.edited_at, q.answer, \
             q.answered_at, q.answer_edited_at, q.pinned, q.hidden_at, q.reported_at FROM questions q \
             JOIN auctions a ON a.id = q.auction JOIN items i ON i.id = a.item JOIN members m ON m.id = q.asker ",
            $which
        )
    };
}

fn question(row: &Row) -> Result<QuestionRow> {
    let moment = |at: usize| Ok::<_, Fault>(row.try_get::<_, Option<i64>>(at)?.map(Time));
    let answer = match (row.try_get(9)?, moment(10)?) {
        (Some(text), Some(at)) => Some(AnswerRow { text, at, edited_at: moment(11)? }),
        _ => None,
    };
    Ok(QuestionRow {
        id: QuestionId(row.try_get(0)?),
        auction: AuctionId(row.try_get(1)?),
        title: row.try_get(2)?,
        seller: MemberId(row.try_get(3)?),
        asker: MemberId(row.try_get(4)?),
        asker_name: row.try_get(5)?,
        text: row.try_get(6)?,
        asked_at: Time(row.try_get(7)?),
        edited_at: moment(8)?,
        answer,
        is_pinned: row.try_get(12)?,
        hidden_at: moment(13)?,
        reported_at: moment(14)?,
    })
}

/// The question of that number.
async fn by_number(store: &Connection, id: QuestionId) -> Result<Option<QuestionRow>> {
    let found = store.query_opt(question_of!("WHERE q.id = $1"), &[&id.0]).await?;
    found.as_ref().map(question).transpose()
}

/// The questions under an auction: what was put first, then the newest.
async fn of_auction(store: &Connection, auction: AuctionId, page: &Page) -> Result<Paged<QuestionRow>> {
    let Some(before) = pages::place_of_two(page, (1, i64::MAX)) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let (is_pinned, most) = (before.0 > 0, pages::rows_to_read(limit));
    let found = store.query(OF_AUCTION, &[&auction.0, &is_pinned, &before.1, &most]).await?;
    let rows: Vec<QuestionRow> = found.iter().map(question).collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |row| format!("{}.{}", i64::from(row.is_pinned), row.id.0)))
}

/// The first of an auction.
pub(super) const OF_AUCTION: &str = question_of!(
    "WHERE q.auction = $1 AND (q.pinned, q.id) < ($2, $3) ORDER BY q.auction DESC, q.pinned DESC, q.id DESC LIMIT $4"
);

/// The questions that a member asked, newest first.
pub(super) async fn by(store: &Connection, asker: MemberId, page: &Page) -> Result<Paged<QuestionRow>> {
    let Some(before) = pages::place_of_two(page, (i64::MAX, i64::MAX)) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let most = pages::rows_to_read(limit);
    let found = store.query(BY, &[&asker.0, &before.0, &before.1, &most]).await?;
    let rows: Vec<QuestionRow> = found.iter().map(question).collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |row| format!("{}.{}", row.asked_at.0, row.id.0)))
}

/// The newest of an asker.
pub(super) const BY: &str = question_of!(
    "WHERE q.asker = $1 AND (q.asked_at, q.id) < ($2, $3) ORDER BY q.asker DESC, q.asked_at DESC, q.id DESC LIMIT $4"
);

/// The questions that a seller answered, by auction, newest first.
pub(super) async fn answered_by(
    store: &Connection,
    seller: MemberId,
    page: &Page,
) -> Result<Paged<QuestionRow>> {
    let Some(before) = pages::place_of_two(page, (i64::MAX, i64::MAX)) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let most = pages::rows_to_read(limit);
    let found = store.query(ANSWERED_BY, &[&seller.0, &before.0, &before.1, &most]).await?;
    let rows: Vec<QuestionRow> = found.iter().map(question).collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |row| format!("{}.{}", row.auction.0, row.id.0)))
}

/// What was answered under each of a seller's auctions.
pub(super) const ANSWERED_BY: &str = "SELECT q.id, q.auction, i.title, a.seller, q.asker, m.nickname, q.text, q.asked_at, \
     q.edited_at, q.answer, q.answered_at, q.answer_edited_at, q.pinned, q.hidden_at, q.reported_at \
     FROM (SELECT id, item, seller FROM auctions WHERE seller = $1 AND id <= $2 ORDER BY seller DESC, id DESC) AS a \
     CROSS JOIN LATERAL (SELECT * FROM questions WHERE auction = a.id AND answer IS NOT NULL \
       AND (a.id < $2 OR id < $3) ORDER BY id DESC LIMIT $4) AS q \
     JOIN items i ON i.id = a.item JOIN members m ON m.id = q.asker ORDER BY q.auction DESC, q.id DESC LIMIT $4";

/// How many questions are under an auction; no more than are counted.
async fn count(store: &Connection, auction: AuctionId) -> Result<i64> {
    Ok(store.query_one(COUNT, &[&auction.0, &QUESTIONS_COUNTED_MAX]).await?.try_get(0)?)
}

pub(super) const COUNT: &str =
    "SELECT count(*) FROM (SELECT FROM questions WHERE auction = $1 LIMIT $2) AS counted";

/// The questions whose reports wait for an admin, oldest report first.
async fn reported(store: &Connection, page: &Page) -> Result<Paged<ReportedRow>> {
    let Some(after) = pages::place_of_two(page, (i64::MIN, 0)) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let found = store.query(REPORTED, &[&after.0, &after.1, &pages::rows_to_read(limit)]).await?;
    let rows: Vec<QuestionRow> = found.iter().map(question).collect::<Result<_>>()?;
    let place = |row: &QuestionRow| {
        let since = row.reported_at.unwrap_or_default();
        format!("{}.{}", since.0, row.id.0)
    };
    let page = pages::cut(rows, limit, place);
    let ids: Vec<i64> = page.items.iter().map(|row| row.id.0).collect();
    let mut reports: HashMap<QuestionId, Vec<ReportRow>> = HashMap::new();
    for row in store.query(REPORTS, &[&ids, &(REPORTS_SHOWN_MAX as i64)]).await? {
        let report = ReportRow {
            reporter: MemberId(row.try_get(1)?),
            reporter_name: row.try_get(2)?,
            reason: row.try_get(3)?,
            at: Time(row.try_get(4)?),
        };
        reports.entry(QuestionId(row.try_get(0)?)).or_default().push(report);
    }
    let with_reports = |question: QuestionRow| ReportedRow {
        reports: reports.remove(&question.id).unwrap_or_default(),
        question,
    };
    Ok(Paged { items: page.items.into_iter().map(with_reports).collect(), next: page.next })
}

/// The oldest that wait.
pub(super) const REPORTED: &str = question_of!(
    "WHERE q.reported_at IS NOT NULL AND (q.reported_at, q.id) > ($1, $2) ORDER BY q.reported_at, q.id LIMIT $3"
);

/// Some reports of each of these questions.
pub(super) const REPORTS: &str = "SELECT r.question, r.reporter, m.nickname, r.reason, r.at \
     FROM unnest($1::bigint[]) AS wanted (question) \
     CROSS JOIN LATERAL (SELECT question, reporter, reason, at FROM reports WHERE question = wanted.question \
       ORDER BY question, reporter LIMIT $2) r JOIN members m ON m.id = r.reporter";

/// Asks a question, and tells the seller. The same words again, while the question waits, are the same question: what a
/// form sent twice is asked once.
async fn ask(store: &Connection, new: &NewQuestion) -> Result<Said> {
    let sql = "SELECT suspended FROM members WHERE id = $1 FOR NO KEY UPDATE";
    let is_suspended = match store.query_opt(sql, &[&new.asker.0]).await? {
        Some(member) => member.try_get(0)?,
        None => true,
    };
    let sql =
        "SELECT id FROM questions WHERE auction = $1 AND asker = $2 AND answer IS NULL AND text = $3 LIMIT 1";
    if let Some(asked) = store.query_opt(sql, &[&new.auction.0, &new.asker.0, &new.text]).await? {
        let question = standing(store, QuestionId(asked.try_get(0)?)).await?;
        return Ok(Ok(Talked { question, notices: Vec::new() }));
    }
    let Some(asking) = asking(store, new, is_suspended).await? else {
        return Ok(Err(TalkRefused::AuctionNotFound));
    };
    if let Some(refused) = new.refused(&asking) {
        return Ok(Err(refused));
    }
    let sql = "INSERT INTO questions (auction, asker, text, asked_at) VALUES ($1, $2, $3, $4) RETURNING id";
    let made = store.query_one(sql, &[&new.auction.0, &new.asker.0, &new.text, &new.at.0]).await?;
    let question = standing(store, QuestionId(made.try_get(0)?)).await?;
    told(store, question, asking.seller, NoticeKind::Question, new.at).await
}

/// What is known of whoever asks; `None` if there is no such auction.
async fn asking(store: &Connection, new: &NewQuestion, is_suspended: bool) -> Result<Option<Asking>> {
    let sql = "SELECT seller, outcome IS NOT NULL OR ends_at <= $2 FROM auctions WHERE id = $1";
    let Some(found) = store.query_opt(sql, &[&new.auction.0, &new.at.0]).await? else { return Ok(None) };
    let (seller, is_over) = (MemberId(found.try_get(0)?), found.try_get(1)?);
    let most = UNANSWERED_MAX as i64;
    let waiting: i64 =
        store.query_one(UNANSWERED, &[&new.auction.0, &new.asker.0, &most]).await?.try_get(0)?;
    let (since, before) = (new.at.minus(ASKED_WITHIN).0, QUESTIONS_MAX as i64 - 1);
    let oldest = store.query_opt(OLDEST_COUNTED, &[&new.asker.0, &since, &before]).await?;
    Ok(Some(Asking {
        seller,
        is_over,
        is_suspended,
        is_blocked: is_blocked(store, seller, new.asker).await?,
        unanswered: usize::try_from(waiting).unwrap_or(usize::MAX),
        oldest_counted: oldest.map(|row| Ok::<_, Fault>(Time(row.try_get(0)?))).transpose()?,
    }))
}

/// How many of a member's questions wait under an auction, up to so many.
pub(super) const UNANSWERED: &str = "SELECT count(*) FROM (SELECT FROM questions \
     WHERE auction = $1 AND asker = $2 AND answer IS NULL LIMIT $3) AS waiting";

/// When a member asked the last question but so many, if it was after that moment.
pub(super) const OLDEST_COUNTED: &str = "SELECT asked_at FROM questions WHERE asker = $1 AND asked_at > $2 \
     ORDER BY asker DESC, asked_at DESC LIMIT 1 OFFSET $3";

/// Does something with a question; the asker is told of a new answer.
async fn remark(store: &Connection, remark: &Remark) -> Result<Said> {
    let Some(question) = locked(store, remark.question).await? else {
        return Ok(Err(TalkRefused::QuestionNotFound));
    };
    // He can neither leave nor be suspended until it stands; whoever left is suspended for ever.
    let sql = "SELECT suspended FROM members WHERE id = $1 FOR SHARE";
    let is_suspended = match store.query_opt(sql, &[&remark.by.0]).await? {
        Some(member) => member.try_get(0)?,
        None => false,
    };
    let is_blocked = is_blocked(store, question.seller, remark.by).await?;
    if let Some(refused) = remark.refused(&question, is_suspended, is_blocked) {
        return Ok(Err(refused));
    }
    if !change(store, remark, &question).await? {
        return Ok(Err(TalkRefused::AlreadyReported));
    }
    let is_new_answer = matches!(remark.says, Says::Answer(_)) && question.answer.is_none();
    let (asker, question) = (question.asker, standing(store, remark.question).await?);
    if is_new_answer {
        return told(store, question, asker, NoticeKind::Answer, remark.at).await;
    }
    Ok(Ok(Talked { question, notices: Vec::new() }))
}

/// Writes a remark; false if it is a report of a member who has reported already. The same words leave no mark.
async fn change(store: &Connection, remark: &Remark, question: &QuestionRow) -> Result<bool> {
    let (id, at) = (remark.question.0, remark.at.0);
    match &remark.says {
        Says::Question(text) => {
            let sql = "UPDATE questions SET text = $2, edited_at = $3 WHERE id = $1 AND text <> $2";
            store.execute(sql, &[&id, text, &at]).await?;
        }
        Says::Answer(text) if question.answer.is_none() => {
            let sql = "UPDATE questions SET answer = $2, answered_at = $3 WHERE id = $1";
            store.execute(sql, &[&id, text, &at]).await?;
        }
        Says::Answer(text) => {
            let sql =
                "UPDATE questions SET answer = $2, answer_edited_at = $3 WHERE id = $1 AND answer <> $2";
            store.execute(sql, &[&id, text, &at]).await?;
        }
        Says::Pin(is_pinned) => {
            store.execute("UPDATE questions SET pinned = $2 WHERE id = $1", &[&id, is_pinned]).await?;
        }
        Says::Report(reason) => {
            let sql = "INSERT INTO reports (question, reporter, reason, at) VALUES ($1, $2, $3, $4) \
                       ON CONFLICT (question, reporter) DO NOTHING";
            if store.execute(sql, &[&id, &remark.by.0, reason, &at]).await? == 0 {
                return Ok(false);
            }
            let sql = "UPDATE questions SET reported_at = coalesce(reported_at, $2) WHERE id = $1";
            store.execute(sql, &[&id, &at]).await?;
        }
    }
    Ok(true)
}

/// Hides a question or shows it, with the acts that say so; whether it changed anything, `None` if there is no such
/// question. Its reports are dealt with either way.
async fn judge(store: &Connection, verdict: &Verdict) -> Result<Option<bool>> {
    let Some(question) = locked(store, verdict.question).await? else { return Ok(None) };
    if !verdict.changes(&question) {
        return Ok(Some(false));
    }
    let sql = "UPDATE questions SET hidden_at = $2, reported_at = NULL WHERE id = $1";
    let hidden_at = verdict.is_hidden.then_some(verdict.at.0);
    store.execute(sql, &[&verdict.question.0, &hidden_at]).await?;
    for act in verdict.acts(&question) {
        keep_act(store, &act).await?;
    }
    Ok(Some(true))
}

/// The question of that number, which nobody else changes until the end of the transaction.
async fn locked(store: &Connection, id: QuestionId) -> Result<Option<QuestionRow>> {
    let sql = "SELECT id FROM questions WHERE id = $1 FOR NO KEY UPDATE";
    if store.query_opt(sql, &[&id.0]).await?.is_none() {
        return Ok(None);
    }
    by_number(store, id).await
}

/// The question as it stands, which it does: it was read or written before in the same transaction.
async fn standing(store: &Connection, id: QuestionId) -> Result<QuestionRow> {
    by_number(store, id).await?.ok_or(Fault::unlike("a question that was just there"))
}

/// Tells a member, by the notice's number: every node that has him here hears of it there.
async fn told(
    store: &Connection,
    question: QuestionRow,
    member: MemberId,
    kind: NoticeKind,
    at: Time,
) -> Result<Said> {
    let (auction, title) = (question.auction, question.title.clone());
    let notice = Notice { member, kind, auction, title, amount: None, at };
    keep_notices(store, vec![notice]).await?;
    Ok(Ok(Talked { question, notices: Vec::new() }))
}
