//! Export: everything the house keeps about a member, for him to take along.
//!
//! Only his own: of others he gets what he could read on pages anyway, and never what a side of an order wrote that is not
//! shown yet, or a question that was hidden. No hash of a password or a token is in it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use axum::response::{IntoResponse, Response};
use ledger::MemberId;
use serde::Serialize;
use store::records::{OwnBid, PAGE_ROWS_MAX, Page, QuestionRow, ReviewRow, Session, TransferFilter};
use utoipa::ToSchema;

use super::listing::ListingView;
use super::members::{OwnView, own_view};
use super::moment;
use super::notices::NoticeView;
use super::orders::OrderRowView;
use super::reviews::ReviewView;
use super::sent::{Asked, Nothing};
use super::wallet::TransferView;
use crate::caller::SignedIn;
use crate::failure::{Code, Problem};
use crate::state::WebState;

/// The most rows of each list of an export: the newest, where lists begin with these.
pub const EXPORT_ROWS_MAX: usize = 5_000;

/// Everything the house keeps about a member.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportView {
    /// As of when.
    pub at: String,
    /// The member himself.
    pub profile: OwnView,
    /// What he sells and has sold.
    pub listings: Vec<ListingView>,
    /// What he bid, and what was bid for him.
    pub bids: Vec<OwnBidView>,
    /// His orders, as buyer and as seller.
    pub orders: Vec<OrderRowView>,
    /// The reviews he wrote.
    pub reviews_given: Vec<ReviewView>,
    /// The reviews about him that are shown.
    pub reviews_received: Vec<ReviewView>,
    /// What he asked.
    pub questions: Vec<OwnQuestionView>,
    /// What he answered.
    pub answers: Vec<OwnQuestionView>,
    /// His watchlist.
    pub watchlist: Vec<ListingView>,
    /// What he was told.
    pub notices: Vec<NoticeView>,
    /// What moved in his wallet.
    pub transfers: Vec<TransferView>,
    /// Whom he blocks.
    pub blocks: Vec<BlockView>,
    /// Where he is signed in.
    pub sessions: Vec<SessionView>,
    /// Which lists have more rows than are in the export.
    pub cut: Vec<&'static str>,
}

/// A bid of the member's.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnBidView {
    /// On which auction.
    pub auction_id: i64,
    /// Its number there.
    pub id: i64,
    /// `bid`, `auto` or `buy_now`.
    pub kind: &'static str,
    /// How much.
    pub amount: i64,
    /// When.
    pub at: String,
}

/// A question with its answer, in which the member is one side.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnQuestionView {
    /// Its number.
    pub id: i64,
    /// Under which auction.
    pub auction_id: i64,
    /// Its title.
    pub title: String,
    /// What was asked; absent if it is another's and was hidden.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// When.
    pub at: String,
    /// What was answered; absent if nothing was, or if it is another's and was hidden.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

/// Whom the member blocks.
#[derive(Debug, Serialize, ToSchema)]
pub struct BlockView {
    /// Who.
    pub member_id: i64,
    /// Since when.
    pub at: String,
}

/// A sign-in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionView {
    /// When it began.
    pub created_at: String,
    /// When it was last used, to the minute.
    pub at: String,
    /// When it ends at the latest.
    pub until: String,
}

/// `GET /me/export`: everything about the member, once a minute at the most.
pub async fn show(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Asked(Nothing): Asked<Nothing>,
) -> Result<Response, Problem> {
    state.limits.export(caller.id(), state.now())?;
    let export = export(&state, &caller).await?;
    let headers = [
        (CONTENT_DISPOSITION, "attachment; filename=\"neighborbid.json\""),
        (CACHE_CONTROL, "private, no-store"),
    ];
    Ok((headers, Json(export)).into_response())
}

/// Reads a list page by page, and remembers if it had to be cut.
macro_rules! every {
    ($cut:ident, $name:literal, $show:expr, $page:ident => $read:expr) => {{
        let (mut rows, mut $page) = (Vec::new(), Page { cursor: None, limit: PAGE_ROWS_MAX });
        loop {
            let found = $read.await?;
            rows.extend(found.items.into_iter().map($show));
            let Some(next) = found.next else { break };
            if rows.len() >= EXPORT_ROWS_MAX {
                $cut.push($name);
                break;
            }
            $page.cursor = Some(next);
        }
        rows
    }};
}

async fn export(state: &WebState, caller: &SignedIn) -> Result<ExportView, Problem> {
    let (records, member, now) = (&state.records, caller.id(), state.now());
    let mut cut = Vec::new();
    let all = TransferFilter { from: None, to: None, reason: None };
    let profile = records.profile(member, now).await?.ok_or(Problem::new(Code::Unauthenticated))?;
    let asked = |row| question_view(row, member);
    let written = |row: ReviewRow| ReviewView::from(&row);
    Ok(ExportView {
        at: moment::text(now),
        profile: own_view(&caller.member, profile),
        listings: every!(cut, "listings", ListingView::from, page => records.selling(member, page.clone())),
        bids: every!(cut, "bids", bid_view, page => records.own_bids(member, page.clone())),
        orders: every!(cut, "orders", OrderRowView::from, page => records.orders(member, page.clone())),
        reviews_given: every!(cut, "reviews_given", written, page => records.own_reviews(member, page.clone())),
        reviews_received: every!(cut, "reviews_received", written, page => records.reviews(member, now, page.clone())),
        questions: every!(cut, "questions", asked, page => records.own_questions(member, page.clone())),
        answers: every!(cut, "answers", asked, page => records.own_answers(member, page.clone())),
        watchlist: every!(cut, "watchlist", ListingView::from, page => records.watched(member, page.clone())),
        notices: every!(cut, "notices", NoticeView::from, page => records.notices(member, page.clone())),
        transfers: every!(cut, "transfers", TransferView::from, page => records.transfers(member, all, page.clone())),
        blocks: every!(cut, "blocks", block_view, page => records.own_blocks(member, page.clone())),
        sessions: records.own_sessions(member).await?.iter().map(session_view).collect(),
        cut,
    })
}

fn bid_view(bid: OwnBid) -> OwnBidView {
    OwnBidView {
        auction_id: bid.auction.0,
        id: bid.seq.0,
        kind: bid.kind.name(),
        amount: bid.amount.won(),
        at: moment::text(bid.at),
    }
}

/// What the other side wrote is shown as everybody sees it: not at all where it was hidden.
fn question_view(row: QuestionRow, member: MemberId) -> OwnQuestionView {
    let is_shown = |author: MemberId| author == member || row.hidden_at.is_none();
    OwnQuestionView {
        id: row.id.0,
        auction_id: row.auction.0,
        title: row.title,
        question: is_shown(row.asker).then_some(row.text),
        at: moment::text(row.asked_at),
        answer: row.answer.filter(|_| is_shown(row.seller)).map(|answer| answer.text),
    }
}

fn block_view((member, at): (MemberId, auction::Time)) -> BlockView {
    BlockView { member_id: member.0, at: moment::text(at) }
}

fn session_view(session: &Session) -> SessionView {
    SessionView {
        created_at: moment::text(session.created_at),
        at: moment::text(session.seen_at),
        until: moment::text(session.expires_at),
    }
}
