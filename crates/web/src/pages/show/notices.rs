//! `/notices`: what happened while the member was elsewhere, newest first.

use std::sync::Arc;

use auction::AuctionId;
use axum::extract::State;
use axum::response::Response;
use ledger::Money;
use store::records::{NoticeKind, NoticeRow, Page, SearchTold};

use crate::api::pages::judged;
use crate::failure::Problem;
use crate::pages::reader::moment;
use crate::pages::typed::Typed;
use crate::pages::{MemberReader, NoticeLine, NoticesPage, Section};
use crate::state::WebState;

/// How many notices a page has.
const LINES: usize = 50;

/// `GET /notices`
pub async fn show(State(state): State<Arc<WebState>>, own: MemberReader) -> Result<Response, Problem> {
    let cursor = Some(Typed::of(own.reader.query()).text("cursor")).filter(|cursor| !cursor.is_empty());
    let page = Page { cursor, limit: LINES };
    let rows = judged(state.records.notices(own.member.id(), page.clone()).await, &page)?;
    let lines: Vec<NoticeLine> = rows.items.into_iter().map(line).collect();
    let page = NoticesPage {
        shell: own.reader.shell(&state, Section::Notices).await?,
        up_to: lines.iter().map(|line| line.id).max().unwrap_or_default(),
        lines,
        next: rows.next.map(|cursor| format!("/notices?cursor={cursor}")),
    };
    own.answer(200, &page)
}

fn line(row: NoticeRow) -> NoticeLine {
    NoticeLine {
        id: row.id,
        kind: row.kind.name().to_owned(),
        href: way_to(row.kind, row.auction, row.search),
        count: row.search.map(|told| told.count),
        title: row.title,
        amount: row.amount.map(Money::won),
        at: moment(row.at),
        unread: !row.read,
    }
}

/// Where a notice leads: to its saved search, or to its auction.
pub(crate) fn way_to(kind: NoticeKind, auction: AuctionId, search: Option<SearchTold>) -> String {
    match search {
        Some(told) => format!("/me/searches/{}", told.id),
        None => format!("/auctions/{}{}", auction.0, leads_to(kind)),
    }
}

/// What a notice leads to, below its auction: the page where something can be done about it.
const fn leads_to(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::Won
        | NoticeKind::Sold
        | NoticeKind::Shipped
        | NoticeKind::Met
        | NoticeKind::Delivered
        | NoticeKind::Asked
        | NoticeKind::Done
        | NoticeKind::Refunded
        | NoticeKind::CancelWanted
        | NoticeKind::Disputed
        | NoticeKind::Evidence
        | NoticeKind::Decided
        | NoticeKind::OfferAnswered
        | NoticeKind::Review
        | NoticeKind::CodeLocked => "/order",
        NoticeKind::Offered => "/offer",
        NoticeKind::Question | NoticeKind::Answer => "#questions",
        NoticeKind::Outbid
        | NoticeKind::NewBid
        | NoticeKind::Unsold
        | NoticeKind::Extended
        | NoticeKind::Cancelled
        | NoticeKind::ReserveNotMet
        | NoticeKind::TakenBack
        | NoticeKind::Afresh
        | NoticeKind::MaximumCut
        | NoticeKind::Edited
        | NoticeKind::EndingSoon
        | NoticeKind::SearchMatch => "",
    }
}
