//! Notices: what a member should know, and which of it he has read.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use ledger::{MemberId, Money};
use live::frame::{self, Notice};
use serde::Serialize;
use store::records::NoticeRow;
use utoipa::ToSchema;

use super::fields::Fields;
use super::me::WhichPage;
use super::moment;
use super::pages::judged;
use super::sent::{Asked, Sent, Wire};
use crate::caller::SignedIn;
use crate::failure::Problem;
use crate::state::WebState;

/// Something a member should know.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeView {
    /// Its number.
    pub id: i64,
    /// What it is about: `outbid`, `new_bid`, `won`, `sold`, `unsold`, `extended`, `cancelled`.
    pub kind: &'static str,
    /// On which auction.
    pub auction_id: i64,
    /// Its title.
    pub title: String,
    /// The amount it speaks of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    /// The saved search that it tells of; then `title` is what that is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search_id: Option<i64>,
    /// How many new things fit it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
    /// When.
    pub at: String,
    /// Whether it was read.
    pub read: bool,
}

/// A page of notices.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticesView {
    /// The notices, newest first.
    pub items: Vec<NoticeView>,
    /// The `cursor` of the next page; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// How many are unread in all.
    pub unread: i64,
}

/// How many notices are unread.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnreadView {
    /// In all.
    pub unread: i64,
}

/// What was read.
#[derive(Debug, ToSchema)]
pub struct Read {
    /// The newest notice that was read; all before it count as read too.
    pub up_to: i64,
}

impl Wire for Read {
    fn read(fields: &mut Fields) -> Read {
        Read { up_to: fields.required("up_to", Fields::integer) }
    }
}

/// `GET /notices`: newest first.
pub async fn list(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Asked(WhichPage(page)): Asked<WhichPage>,
) -> Result<Json<NoticesView>, Problem> {
    let rows = judged(state.records.notices(caller.id(), page.clone()).await, &page)?;
    let unread = state.records.unread(caller.id()).await?;
    Ok(Json(NoticesView {
        items: rows.items.into_iter().map(NoticeView::from).collect(),
        next: rows.next,
        unread,
    }))
}

/// `POST /notices/read`: marks as read, here and on the member's open pages.
pub async fn read(
    State(state): State<Arc<WebState>>,
    caller: SignedIn,
    Sent(read): Sent<Read>,
) -> Result<Json<UnreadView>, Problem> {
    state.records.read_notices(caller.id(), read.up_to, state.now()).await?;
    let unread = state.records.unread(caller.id()).await?;
    state.hub.unread(caller.id(), unread);
    Ok(Json(UnreadView { unread }))
}

/// Tells members who are here what was written for them; what cannot be told now stands among their notices all the same.
pub async fn tell(state: &WebState, notices: &[(MemberId, NoticeRow)]) {
    for (member, notice) in notices {
        if state.hub.connections_of(*member) == 0 {
            continue;
        }
        let Ok(unread) = state.records.unread(*member).await else { continue };
        let frame = frame::notice(&Notice {
            id: notice.id,
            kind: notice.kind.name(),
            auction: notice.auction,
            title: &notice.title,
            amount: notice.amount,
            search: notice.search.map(|told| (told.id, told.count)),
            at: notice.at,
        });
        state.hub.notice(*member, &frame, unread);
    }
}

impl From<NoticeRow> for NoticeView {
    fn from(row: NoticeRow) -> NoticeView {
        NoticeView {
            id: row.id,
            kind: row.kind.name(),
            auction_id: row.auction.0,
            title: row.title,
            amount: row.amount.map(Money::won),
            search_id: row.search.map(|told| told.id),
            count: row.search.map(|told| told.count),
            at: moment::text(row.at),
            read: row.read,
        }
    }
}
