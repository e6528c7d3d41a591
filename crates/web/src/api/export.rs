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
use store::records::{OwnBid, PAGE_ROWS_MAX, Page, Paged, QuestionRow, Session, TransferFilter};
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

/// Reads lists page by page, and remembers which had to be cut.
#[derive(Default)]
struct Reading {
    cut: Vec<&'static str>,
}

impl Reading {
    async fn all<T, V>(
        &mut self,
        name: &'static str,
        show: impl Fn(T) -> V,
        read: impl AsyncFn(Page) -> store::Result<Paged<T>>,
    ) -> Result<Vec<V>, Problem> {
        let (mut rows, mut page) = (Vec::new(), Page { cursor: None, limit: PAGE_ROWS_MAX });
        while rows.len() < EXPORT_ROWS_MAX {
            let found = read(page.clone()).await?;
            rows.extend(found.items.into_iter().map(&show));
            match found.next {
                Some(next) => page.cursor = Some(next),
                None => return Ok(rows),
            }
        }
        self.cut.push(name);
        Ok(rows)
    }
}

async fn export(state: &WebState, caller: &SignedIn) -> Result<ExportView, Problem> {
    let (records, member, now) = (&*state.records, caller.id(), state.now());
    let mut reading = Reading::default();
    let everything = TransferFilter { from: None, to: None, reason: None };
    let profile = records.profile(member, now).await?.ok_or(Problem::new(Code::Unauthenticated))?;
    let asked = |row| question_view(row, member);
    Ok(ExportView {
        at: moment::text(now),
        profile: own_view(&caller.member, profile),
        listings: reading
            .all("listings", ListingView::from, async |page| records.selling(member, page).await)
            .await?,
        bids: reading.all("bids", bid_view, async |page| records.own_bids(member, page).await).await?,
        orders: reading
            .all("orders", OrderRowView::from, async |page| records.orders(member, page).await)
            .await?,
        reviews_given: reading
            .all("reviews_given", |row| ReviewView::from(&row), async |page| {
                records.own_reviews(member, page).await
            })
            .await?,
        reviews_received: reading
            .all("reviews_received", |row| ReviewView::from(&row), async |page| {
                records.reviews(member, now, page).await
            })
            .await?,
        questions: reading
            .all("questions", asked, async |page| records.own_questions(member, page).await)
            .await?,
        answers: reading.all("answers", asked, async |page| records.own_answers(member, page).await).await?,
        watchlist: reading
            .all("watchlist", ListingView::from, async |page| records.watched(member, page).await)
            .await?,
        notices: reading
            .all("notices", NoticeView::from, async |page| records.notices(member, page).await)
            .await?,
        transfers: reading
            .all("transfers", TransferView::from, async |page| {
                records.transfers(member, everything, page).await
            })
            .await?,
        blocks: reading
            .all("blocks", block_view, async |page| records.own_blocks(member, page).await)
            .await?,
        sessions: records.own_sessions(member).await?.iter().map(session_view).collect(),
        cut: reading.cut,
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
