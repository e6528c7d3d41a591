//! Export: everything the house keeps about a member, for him to take along.
//!
//! Only his own: of others he gets what he could read on pages anyway, and never what a side of an order wrote that is not
//! shown yet, or a question that was hidden. No hash of a password, no token and no key of a browser is in it.
//!
//! Some thousand reads are behind it, so only [`EXPORTS_AT_ONCE_MAX`] are made at once; a list that cannot be read fails alone.

use std::sync::Arc;

use auction::Picture;
use axum::Json;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use axum::response::{IntoResponse, Response};
use ledger::MemberId;
use serde::Serialize;
use store::Act;
use store::records::{
    AuctionRow, ListingRow, OwnBid, PAGE_ROWS_MAX, Page, QuestionRow, Reach, ReviewRow, Session,
    TransferFilter,
};
use utoipa::ToSchema;

use super::acts::ActView;
use super::listing::ListingView;
use super::members::{OwnView, own_view};
use super::moment;
use super::notices::NoticeView;
use super::orders::OrderRowView;
use super::pictures::digits;
use super::preferences::{GroupsView, clock_of};
use super::reviews::ReviewView;
use super::saved::SavedSearchView;
use super::sent::{Asked, Nothing};
use super::wallet::TransferView;
use super::withdrawals::WithdrawalView;
use crate::caller::SignedIn;
use crate::failure::{Code, Problem};
use crate::state::WebState;

/// The most rows of each list of an export: the newest, where lists begin with these.
pub const EXPORT_ROWS_MAX: usize = 5_000;

pub use crate::limits::EXPORTS_AT_ONCE_MAX;

/// Everything the house keeps about a member.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportView {
    /// As of when.
    pub at: String,
    /// The member himself.
    pub profile: OwnView,
    /// How he wants to be reached, and where he can be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reach: Option<ReachView>,
    /// What he sells and has sold.
    pub listings: Vec<OwnListingView>,
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
    /// The searches he keeps.
    pub saved_searches: Vec<SavedSearchView>,
    /// What he was told.
    pub notices: Vec<NoticeView>,
    /// What moved in his wallet.
    pub transfers: Vec<TransferView>,
    /// What he took out, or wanted to.
    pub withdrawals: Vec<WithdrawalView>,
    /// What admins did that concerns him. Which of them it was is not said.
    pub acts: Vec<ActView>,
    /// What he did as an admin.
    pub acts_done: Vec<ActView>,
    /// Whom he blocks.
    pub blocks: Vec<BlockView>,
    /// Where he is signed in.
    pub sessions: Vec<SessionView>,
    /// Which lists have more rows than are in the export.
    pub cut: Vec<&'static str>,
    /// Which lists could not be read to their end; what was read of them is here.
    pub failed: Vec<&'static str>,
}

/// How a member wants to be reached, and where he can be.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReachView {
    /// What he wants of each group.
    pub groups: GroupsView,
    /// From when on nothing is sent, `HH:MM` in Korea.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet_from: Option<String>,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet_until: Option<String>,
    /// In which language; empty if he never said.
    pub language: String,
    /// The address that he has confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The address that waits to be confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unconfirmed_email: Option<String>,
    /// With how many browsers he has subscribed.
    pub browsers: i64,
}

/// An auction of the member's, with all that he wrote and showed.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnListingView {
    /// As it is listed.
    pub listing: ListingView,
    /// What he wrote about it.
    pub description: String,
    /// Its pictures in their order.
    pub pictures: Vec<OwnPictureView>,
}

/// A picture of an auction of the member's.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnPictureView {
    /// Its address, as in uploads.
    pub address: String,
    /// What it shows, in words.
    pub alt: String,
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

/// `GET /me/export`: everything about the member, once a minute at the most, and two of all members at once.
pub async fn show(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Asked(Nothing): Asked<Nothing>,
) -> Result<Response, Problem> {
    let _turn = state.limits.export(caller.id(), state.now())?;
    let export = export(&state, &caller).await?;
    let headers = [
        (CONTENT_DISPOSITION, "attachment; filename=\"neighborbid.json\""),
        (CACHE_CONTROL, "private, no-store"),
    ];
    Ok((headers, Json(export)).into_response())
}

/// Reads a list page by page, and remembers if it had to be cut, or could not be read any further.
macro_rules! every {
    (($cut:ident, $failed:ident), $name:literal, $show:expr, $page:ident => $read:expr) => {{
        let (mut rows, mut $page) = (Vec::new(), Page { cursor: None, limit: PAGE_ROWS_MAX });
        loop {
            let found = match $read.await {
                Ok(found) => found,
                Err(failure) => {
                    $failed.push($name);
                    tracing::warn!(list = $name, error = ?failure, "an export lacks a list");
                    break;
                }
            };
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
    let (mut cut, mut failed) = (Vec::new(), Vec::new());
    let all = TransferFilter { from: None, to: None, reason: None };
    let profile = records.profile(member, now).await?.ok_or(Problem::new(Code::Unauthenticated))?;
    let asked = |row| question_view(row, member);
    let written = |row: ReviewRow| ReviewView::from(&row);
    let reach = records.reach(member).await.map(reach_view);
    if reach.is_err() {
        failed.push("reach");
    }
    let listed: Vec<ListingRow> =
        every!((cut, failed), "listings", |row| row, page => records.selling(member, page.clone()));
    let mut listings = Vec::with_capacity(listed.len());
    for row in listed {
        match records.auction(row.auction).await {
            Ok(Some(whole)) => listings.push(own_listing(row, whole)),
            Ok(None) => {}
            Err(failure) => {
                tracing::warn!(list = "listings", error = ?failure, "an export lacks a list");
                failed.push("listings");
                break;
            }
        }
    }
    let mut acts_done = Vec::new();
    if caller.member.is_admin {
        acts_done = every!((cut, failed), "acts_done", |act| act, page => records.acts(None, page.clone()));
        acts_done.retain(|act: &Act| act.admin == Some(member));
    }
    let saved_searches = records.saved_searches(member).await.unwrap_or_else(|failure| {
        failed.push("saved_searches");
        tracing::warn!(list = "saved_searches", error = ?failure, "an export lacks a list");
        Vec::new()
    });
    let sessions = match records.own_sessions(member).await {
        Ok(sessions) => sessions.iter().map(session_view).collect(),
        Err(failure) => {
            failed.push("sessions");
            tracing::warn!(list = "sessions", error = ?failure, "an export lacks a list");
            Vec::new()
        }
    };
    let concerning = |act| ActView { admin_id: None, ..ActView::from(act) };
    Ok(ExportView {
        at: moment::text(now),
        profile: own_view(&caller.member, profile),
        reach: reach.ok(),
        listings,
        bids: every!((cut, failed), "bids", bid_view, page => records.own_bids(member, page.clone())),
        orders: every!((cut, failed), "orders", OrderRowView::from, page => records.orders(member, page.clone())),
        reviews_given: every!((cut, failed), "reviews_given", written, page => records.own_reviews(member, page.clone())),
        reviews_received: every!((cut, failed), "reviews_received", written, page => records.reviews(member, now, page.clone())),
        questions: every!((cut, failed), "questions", asked, page => records.own_questions(member, page.clone())),
        answers: every!((cut, failed), "answers", asked, page => records.own_answers(member, page.clone())),
        watchlist: every!((cut, failed), "watchlist", ListingView::from, page => records.watched(member, page.clone())),
        saved_searches: saved_searches.into_iter().map(SavedSearchView::from).collect(),
        notices: every!((cut, failed), "notices", NoticeView::from, page => records.notices(member, page.clone())),
        transfers: every!((cut, failed), "transfers", TransferView::from, page => records.transfers(member, all, page.clone())),
        blocks: every!((cut, failed), "blocks", block_view, page => records.own_blocks(member, page.clone())),
        withdrawals: every!((cut, failed), "withdrawals", WithdrawalView::from, page => records.withdrawals(member, page.clone())),
        acts: every!((cut, failed), "acts", concerning, page => records.acts(Some(member), page.clone())),
        acts_done: acts_done.into_iter().map(ActView::from).collect(),
        sessions,
        cut,
        failed,
    })
}

fn reach_view(reach: Reach) -> ReachView {
    let Reach { wishes, quiet, language, email, unconfirmed, browsers } = reach;
    ReachView {
        groups: wishes.into(),
        quiet_from: quiet.map(|quiet| clock_of(quiet.from())),
        quiet_until: quiet.map(|quiet| clock_of(quiet.until())),
        language,
        email,
        unconfirmed_email: unconfirmed,
        browsers,
    }
}

fn own_listing(row: ListingRow, whole: AuctionRow) -> OwnListingView {
    let picture = |picture: Picture| OwnPictureView { address: digits(&picture.address), alt: picture.alt };
    OwnListingView {
        listing: ListingView::from(row),
        description: whole.item.description,
        pictures: whole.item.pictures.into_iter().map(picture).collect(),
    }
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
