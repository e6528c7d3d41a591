//! Talk: questions and answers under auctions, what is reported of them, and what admins make of it.

use async_trait::async_trait;
use auction::{AuctionId, Time};
use ledger::MemberId;
use rusqlite::{Connection, OptionalExtension, Result, Row, params};
use store::pages;
use store::records::{
    ASKED_WITHIN, AnswerRow, Asking, NewQuestion, NoticeKind, Page, Paged, QUESTIONS_COUNTED_MAX,
    QUESTIONS_MAX, QuestionId, QuestionRow, REPORTS_SHOWN_MAX, Remark, ReportRow, ReportedRow, Says,
    TalkRecords, TalkRefused, Talked, UNANSWERED_MAX, Verdict,
};

use super::SqliteRecords;
use super::follow::{Notice, keep_notices};
use super::members::is_blocked;
use crate::rows::people::keep_act;

#[async_trait]
impl TalkRecords for SqliteRecords {
    async fn ask(&self, question: NewQuestion) -> store::Result<std::result::Result<Talked, TalkRefused>> {
        self.writes.run("asking a question", move |store| ask(store, &question)).await
    }

    async fn remark(&self, said: Remark) -> store::Result<std::result::Result<Talked, TalkRefused>> {
        self.writes.run("talking", move |store| remark(store, &said)).await
    }

    async fn judge_question(&self, verdict: Verdict) -> store::Result<Option<bool>> {
        self.writes.run("judging a question", move |store| judge(store, &verdict)).await
    }

    async fn question(&self, id: QuestionId) -> store::Result<Option<QuestionRow>> {
        self.points.run("reading a question", move |store| by_number(store, id)).await
    }

    async fn questions(&self, auction: AuctionId, page: Page) -> store::Result<Paged<QuestionRow>> {
        self.searches.run("reading questions", move |store| of_auction(store, auction, &page)).await
    }

    async fn question_count(&self, auction: AuctionId) -> store::Result<i64> {
        self.points.run("counting questions", move |store| count(store, auction)).await
    }

    async fn questions_reported(&self, page: Page) -> store::Result<Paged<ReportedRow>> {
        self.searches.run("reading what was reported", move |store| reported(store, &page)).await
    }
}

/// What was kept, or why nothing was.
type Said = std::result::Result<Talked, TalkRefused>;

/// A question's columns, in the order in which [`question`] reads them.
const QUESTION_COLUMNS: &str = "q.id, q.auction, i.title, a.seller, q.asker, m.nickname, q.text, q.asked_at, \
     q.edited_at, q.answer, q.answered_at, q.answer_edited_at, q.pinned, q.hidden_at, q.reported_at";

/// What a question's columns come from, but for the question.
const QUESTION_JOINS: &str = "CROSS JOIN auctions a ON a.id = q.auction CROSS JOIN items i ON i.id = a.item \
     CROSS JOIN members m ON m.id = q.asker";

fn question(row: &Row<'_>) -> Result<QuestionRow> {
    let moment = |at: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(at)?.map(Time));
    let answer = match (row.get(9)?, moment(10)?) {
        (Some(text), Some(at)) => Some(AnswerRow { text, at, edited_at: moment(11)? }),
        _ => None,
    };
    Ok(QuestionRow {
        id: QuestionId(row.get(0)?),
        auction: AuctionId(row.get(1)?),
        title: row.get(2)?,
        seller: MemberId(row.get(3)?),
        asker: MemberId(row.get(4)?),
        asker_name: row.get(5)?,
        text: row.get(6)?,
        asked_at: Time(row.get(7)?),
        edited_at: moment(8)?,
        answer,
        is_pinned: row.get(12)?,
        hidden_at: moment(13)?,
        reported_at: moment(14)?,
    })
}

/// The question of that number.
fn by_number(connection: &Connection, id: QuestionId) -> Result<Option<QuestionRow>> {
    let sql = format!("SELECT {QUESTION_COLUMNS} FROM questions q {QUESTION_JOINS} WHERE q.id = ?1");
    connection.prepare_cached(&sql)?.query_row([id.0], question).optional()
}

/// The questions under an auction: what was put first, then the newest.
fn of_auction(connection: &Connection, auction: AuctionId, page: &Page) -> Result<Paged<QuestionRow>> {
    let Some(before) = pages::place_of_two(page, (1, i64::MAX)) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let most = pages::rows_to_read(limit);
    let mut statement = connection.prepare_cached(&of_auction_sql())?;
    let mut read = |is_pinned: bool, before: i64, most: i64| {
        statement.query_map((auction.0, is_pinned, before, most), question)?.collect::<Result<Vec<_>>>()
    };
    let is_among_pinned = before.0 > 0;
    let mut rows = if is_among_pinned { read(true, before.1, most)? } else { Vec::new() };
    let before = if is_among_pinned { i64::MAX } else { before.1 };
    rows.extend(read(false, before, most - rows.len() as i64)?);
    Ok(pages::cut(rows, limit, |row| format!("{}.{}", i64::from(row.is_pinned), row.id.0)))
}

/// Those that are put first, or those that are not, each from its own stretch of the index.
pub(super) fn of_auction_sql() -> String {
    format!(
        "SELECT {QUESTION_COLUMNS} FROM questions q INDEXED BY questions_by_auction {QUESTION_JOINS} \
         WHERE q.auction = ?1 AND q.pinned = ?2 AND q.id < ?3 ORDER BY q.id DESC LIMIT ?4"
    )
}

/// The questions that a member asked, newest first.
pub(super) fn by(connection: &Connection, asker: MemberId, page: &Page) -> Result<Paged<QuestionRow>> {
    let Some(before) = pages::place_of_two(page, (i64::MAX, i64::MAX)) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let sql = format!(
        "SELECT {QUESTION_COLUMNS} FROM questions q INDEXED BY questions_by_asker {QUESTION_JOINS} \
         WHERE q.asker = ?1 AND (q.asked_at, q.id) < (?2, ?3) ORDER BY q.asked_at DESC, q.id DESC LIMIT ?4"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let values = (asker.0, before.0, before.1, pages::rows_to_read(limit));
    let rows: Vec<QuestionRow> = statement.query_map(values, question)?.collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |row| format!("{}.{}", row.asked_at.0, row.id.0)))
}

/// The questions that a seller answered, by auction, newest first.
pub(super) fn answered_by(
    connection: &Connection,
    seller: MemberId,
    page: &Page,
) -> Result<Paged<QuestionRow>> {
    let Some(before) = pages::place_of_two(page, (i64::MAX, i64::MAX)) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let sql = format!(
        "SELECT {QUESTION_COLUMNS} FROM auctions a INDEXED BY auctions_by_seller \
         CROSS JOIN questions q INDEXED BY questions_by_auction ON q.auction = a.id \
         CROSS JOIN items i ON i.id = a.item CROSS JOIN members m ON m.id = q.asker \
         WHERE a.seller = ?1 AND a.id <= ?2 AND (a.id, q.id) < (?2, ?3) AND q.answer IS NOT NULL \
         ORDER BY a.id DESC, q.id DESC LIMIT ?4"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let values = (seller.0, before.0, before.1, pages::rows_to_read(limit));
    let rows: Vec<QuestionRow> = statement.query_map(values, question)?.collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |row| format!("{}.{}", row.auction.0, row.id.0)))
}

/// How many questions are under an auction; no more than are counted.
fn count(connection: &Connection, auction: AuctionId) -> Result<i64> {
    let sql = "SELECT count(*) FROM (SELECT 1 FROM questions WHERE auction = ?1 LIMIT ?2)";
    connection.prepare_cached(sql)?.query_row((auction.0, QUESTIONS_COUNTED_MAX), |row| row.get(0))
}

/// The questions whose reports wait for an admin, oldest report first.
fn reported(connection: &Connection, page: &Page) -> Result<Paged<ReportedRow>> {
    let Some(after) = pages::place_of_two(page, (i64::MIN, 0)) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let sql = reported_sql();
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_map((after.0, after.1, pages::rows_to_read(limit)), question)?;
    let rows: Vec<QuestionRow> = found.collect::<Result<_>>()?;
    let place = |row: &QuestionRow| {
        let since = row.reported_at.unwrap_or_default();
        format!("{}.{}", since.0, row.id.0)
    };
    let page = pages::cut(rows, limit, place);
    let with_reports = |question: QuestionRow| {
        let reports = reports(connection, question.id)?;
        Ok(ReportedRow { question, reports })
    };
    Ok(Paged { items: page.items.into_iter().map(with_reports).collect::<Result<_>>()?, next: page.next })
}

pub(super) fn reported_sql() -> String {
    format!(
        "SELECT {QUESTION_COLUMNS} FROM questions q INDEXED BY questions_reported {QUESTION_JOINS} \
         WHERE q.reported_at IS NOT NULL AND (q.reported_at, q.id) > (?1, ?2) \
         ORDER BY q.reported_at, q.id LIMIT ?3"
    )
}

fn reports(connection: &Connection, question: QuestionId) -> Result<Vec<ReportRow>> {
    let sql = "SELECT r.reporter, m.nickname, r.reason, r.at FROM reports r \
               CROSS JOIN members m ON m.id = r.reporter WHERE r.question = ?1 ORDER BY r.reporter LIMIT ?2";
    let report = |row: &Row<'_>| {
        Ok(ReportRow {
            reporter: MemberId(row.get(0)?),
            reporter_name: row.get(1)?,
            reason: row.get(2)?,
            at: Time(row.get(3)?),
        })
    };
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_map((question.0, REPORTS_SHOWN_MAX as i64), report)?.collect()
}

/// Asks a question, and tells the seller. The same words again, while the question waits, are the same question: what a
/// form sent twice is asked once.
fn ask(connection: &Connection, new: &NewQuestion) -> Result<Said> {
    let sql = "SELECT id FROM questions WHERE auction = ?1 AND asker = ?2 AND answer IS NULL AND text = ?3";
    let values = (new.auction.0, new.asker.0, &new.text);
    let asked =
        connection.prepare_cached(sql)?.query_row(values, |row| row.get(0).map(QuestionId)).optional()?;
    if let Some(asked) = asked {
        return Ok(Ok(Talked { question: standing(connection, asked)?, notices: Vec::new() }));
    }
    let Some(asking) = asking(connection, new)? else { return Ok(Err(TalkRefused::AuctionNotFound)) };
    if let Some(refused) = new.refused(&asking) {
        return Ok(Err(refused));
    }
    let sql = "INSERT INTO questions (auction, asker, text, asked_at) VALUES (?1, ?2, ?3, ?4)";
    let values = (new.auction.0, new.asker.0, &new.text, new.at.0);
    let id = QuestionId(connection.prepare_cached(sql)?.insert(values)?);
    let question = standing(connection, id)?;
    told(connection, question, asking.seller, NoticeKind::Question, new.at)
}

/// What is known of whoever asks; `None` if there is no such auction.
fn asking(connection: &Connection, new: &NewQuestion) -> Result<Option<Asking>> {
    let sql = "SELECT seller, outcome IS NOT NULL OR ends_at <= ?2 FROM auctions WHERE id = ?1";
    let auction = |row: &Row<'_>| Ok((MemberId(row.get(0)?), row.get(1)?));
    let found = connection.prepare_cached(sql)?.query_row((new.auction.0, new.at.0), auction).optional()?;
    let Some((seller, is_over)) = found else { return Ok(None) };
    let sql = "SELECT count(*) FROM (SELECT 1 FROM questions \
               WHERE auction = ?1 AND asker = ?2 AND answer IS NULL LIMIT ?3)";
    let values = (new.auction.0, new.asker.0, UNANSWERED_MAX as i64);
    let waiting: i64 = connection.prepare_cached(sql)?.query_row(values, |row| row.get(0))?;
    let sql = "SELECT asked_at FROM questions WHERE asker = ?1 AND asked_at > ?2 \
               ORDER BY asked_at DESC LIMIT 1 OFFSET ?3";
    let values = (new.asker.0, new.at.minus(ASKED_WITHIN).0, QUESTIONS_MAX as i64 - 1);
    let oldest = connection.prepare_cached(sql)?.query_row(values, |row| row.get(0).map(Time)).optional()?;
    Ok(Some(Asking {
        seller,
        is_over,
        is_suspended: is_suspended(connection, new.asker)?,
        is_blocked: is_blocked(connection, seller, new.asker)?,
        unanswered: usize::try_from(waiting).unwrap_or(usize::MAX),
        oldest_counted: oldest,
    }))
}

fn is_suspended(connection: &Connection, member: MemberId) -> Result<bool> {
    connection.prepare_cached("SELECT 1 FROM members WHERE id = ?1 AND suspended = 1")?.exists([member.0])
}

/// Does something with a question; the asker is told of a new answer.
fn remark(connection: &Connection, remark: &Remark) -> Result<Said> {
    let Some(question) = by_number(connection, remark.question)? else {
        return Ok(Err(TalkRefused::QuestionNotFound));
    };
    let is_suspended = is_suspended(connection, remark.by)?;
    let is_blocked = is_blocked(connection, question.seller, remark.by)?;
    if let Some(refused) = remark.refused(&question, is_suspended, is_blocked) {
        return Ok(Err(refused));
    }
    if !change(connection, remark, &question)? {
        return Ok(Err(TalkRefused::AlreadyReported));
    }
    let is_new_answer = matches!(remark.says, Says::Answer(_)) && question.answer.is_none();
    let (asker, question) = (question.asker, standing(connection, remark.question)?);
    if is_new_answer {
        return told(connection, question, asker, NoticeKind::Answer, remark.at);
    }
    Ok(Ok(Talked { question, notices: Vec::new() }))
}

/// Writes a remark; false if it is a report of a member who has reported already. The same words leave no mark.
fn change(connection: &Connection, remark: &Remark, question: &QuestionRow) -> Result<bool> {
    let (id, at) = (remark.question.0, remark.at.0);
    match &remark.says {
        Says::Question(text) => {
            let sql = "UPDATE questions SET text = ?2, edited_at = ?3 WHERE id = ?1 AND text <> ?2";
            connection.prepare_cached(sql)?.execute((id, text, at))?;
        }
        Says::Answer(text) if question.answer.is_none() => {
            let sql = "UPDATE questions SET answer = ?2, answered_at = ?3 WHERE id = ?1";
            connection.prepare_cached(sql)?.execute((id, text, at))?;
        }
        Says::Answer(text) => {
            let sql =
                "UPDATE questions SET answer = ?2, answer_edited_at = ?3 WHERE id = ?1 AND answer <> ?2";
            connection.prepare_cached(sql)?.execute((id, text, at))?;
        }
        Says::Pin(is_pinned) => {
            let sql = "UPDATE questions SET pinned = ?2 WHERE id = ?1";
            connection.prepare_cached(sql)?.execute((id, is_pinned))?;
        }
        Says::Report(reason) => {
            let sql = "INSERT INTO reports (question, reporter, reason, at) VALUES (?1, ?2, ?3, ?4) \
                       ON CONFLICT (question, reporter) DO NOTHING";
            if connection.prepare_cached(sql)?.execute(params![id, remark.by.0, reason, at])? == 0 {
                return Ok(false);
            }
            let sql = "UPDATE questions SET reported_at = coalesce(reported_at, ?2) WHERE id = ?1";
            connection.prepare_cached(sql)?.execute((id, at))?;
        }
    }
    Ok(true)
}

/// Hides a question or shows it, with the acts that say so; whether it changed anything, `None` if there is no such
/// question. Its reports are dealt with either way.
fn judge(connection: &Connection, verdict: &Verdict) -> Result<Option<bool>> {
    let Some(question) = by_number(connection, verdict.question)? else { return Ok(None) };
    if !verdict.changes(&question) {
        return Ok(Some(false));
    }
    let sql = "UPDATE questions SET hidden_at = ?2, reported_at = NULL WHERE id = ?1";
    let hidden_at = verdict.is_hidden.then_some(verdict.at.0);
    connection.prepare_cached(sql)?.execute((verdict.question.0, hidden_at))?;
    verdict.acts(&question).iter().try_for_each(|act| keep_act(connection, act))?;
    Ok(Some(true))
}

/// The question as it stands, which it does: it was read or written before in the same transaction.
fn standing(connection: &Connection, id: QuestionId) -> Result<QuestionRow> {
    by_number(connection, id)?.ok_or(rusqlite::Error::QueryReturnedNoRows)
}

fn told(
    connection: &Connection,
    question: QuestionRow,
    member: MemberId,
    kind: NoticeKind,
    at: Time,
) -> Result<Said> {
    let (auction, title) = (question.auction, question.title.clone());
    let notice = Notice { member, kind, auction, title, amount: None, at };
    let notices = keep_notices(connection, vec![notice])?;
    Ok(Ok(Talked { question, notices }))
}
