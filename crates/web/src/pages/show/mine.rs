//! `/me/auctions`: what a member bids on and sells, by what needs him first.

use std::sync::Arc;

use auction::{AuctionId, Outcome, ReserveStatus, Status};
use axum::extract::State as Held;
use axum::response::Response;
use ledger::Money;
use store::records::{BiddingRow, ListingRow, Page};

use super::standing::{Cards, Parts};
use crate::api::pages::judged;
use crate::failure::Problem;
use crate::pages::typed::Typed;
use crate::pages::{Group, GroupKind, MemberReader, MyAuctionsPage, MyLine, Section, State};
use crate::state::WebState;

/// How many auctions of each kind a page looks at.
const LOOKED_AT: usize = 50;

/// In a cursor: nothing more of this kind.
const NOTHING_MORE: &str = "-";

/// `GET /me/auctions`
pub async fn show(Held(web): Held<Arc<WebState>>, own: MemberReader) -> Result<Response, Problem> {
    let known = web.places.known(&*web.records).await?;
    let mut typed = Typed::of(own.reader.query());
    let (bids, sales) = (page(typed.text("bids")), page(typed.text("sales")));
    let id = own.member.id();
    let bidding = match &bids {
        Some(page) => Some(judged(web.records.bidding(id, page.clone()).await, page)?),
        None => None,
    };
    let selling = match &sales {
        Some(page) => Some(judged(web.records.selling(id, page.clone()).await, page)?),
        None => None,
    };
    let parts = Parts::default();
    let cards = Cards { language: own.reader.language, known: &known, now: web.now(), parts: &parts };
    let (bid_rows, next_bids) = bidding.map(|page| (page.items, page.next)).unwrap_or_default();
    let (sale_rows, next_sales) = selling.map(|page| (page.items, page.next)).unwrap_or_default();
    let mut lines: Vec<(GroupKind, MyLine)> = bid_rows.into_iter().map(|row| bid_line(&cards, row)).collect();
    lines.extend(sale_rows.into_iter().map(|row| sale_line(&cards, row)));
    orders(&web, &own, &mut lines).await?;
    let shell = own.reader.shell(&web, Section::Mine).await?;
    own.answer(200, &MyAuctionsPage { shell, groups: groups(lines, more(next_bids, next_sales)) })
}

fn page(cursor: String) -> Option<Page> {
    let cursor = Some(cursor).filter(|cursor| !cursor.is_empty());
    (cursor.as_deref() != Some(NOTHING_MORE)).then_some(Page { cursor, limit: LOOKED_AT })
}

fn more(bids: Option<String>, sales: Option<String>) -> Option<String> {
    if bids.is_none() && sales.is_none() {
        return None;
    }
    let cursor = |next: Option<String>| next.unwrap_or_else(|| NOTHING_MORE.to_owned());
    Some(format!("/me/auctions?bids={}&sales={}", cursor(bids), cursor(sales)))
}

fn bid_line(cards: &Cards<'_>, row: BiddingRow) -> (GroupKind, MyLine) {
    let card = cards.of_bidding(&row);
    let may_bid_again = card.state.takes_bids() && card.state != State::Leading && !row.part.is_out;
    let minimum = row.auction.minimum().map(Money::won).filter(|_| may_bid_again);
    let ending = card.ends_at.as_microsecond() - cards.now.0 <= auction::Span::minutes(3).0;
    let kind = match card.state {
        // Where an auction started afresh, nobody of those who bid before leads.
        State::Outbid | State::Open | State::Ending if may_bid_again => GroupKind::NeedsYou,
        State::Leading if ending => GroupKind::NeedsYou,
        State::Leading | State::Closing => GroupKind::Leading,
        _ => GroupKind::Past,
    };
    let mine = Some(row.part.commitment.won()).filter(|_| row.part.counts_in(&row.auction));
    let below_reserve = row.auction.reserve_status() == ReserveStatus::NotMet && card.state == State::Leading;
    (kind, MyLine { card, selling: false, mine, minimum, below_reserve, order: None })
}

fn sale_line(cards: &Cards<'_>, row: ListingRow) -> (GroupKind, MyLine) {
    let is_past = row.status == Status::Ended;
    let kind = if is_past { GroupKind::Past } else { GroupKind::Selling };
    let is_sold = matches!(row.outcome, Some(Outcome::Sold | Outcome::Bought));
    let mut card = cards.of(row);
    // The seller has no part of a bidder's; sold is sold.
    if is_sold {
        card.state = State::Sold;
    }
    (kind, MyLine { card, selling: true, mine: None, minimum: None, below_reserve: false, order: None })
}

/// The orders of the newest sales and purchases; those further back are found on the auction's page.
async fn orders(
    web: &WebState,
    own: &MemberReader,
    lines: &mut [(GroupKind, MyLine)],
) -> Result<(), Problem> {
    const ORDERS_MAX: usize = 20;
    let closed = lines.iter_mut().filter(|(_, line)| matches!(line.card.state, State::Won | State::Sold));
    let mut closed: Vec<&mut MyLine> = closed.take(ORDERS_MAX).map(|(_, line)| line).collect();
    if closed.is_empty() {
        return Ok(());
    }
    let auctions: Vec<AuctionId> = closed.iter().map(|line| AuctionId(line.card.id)).collect();
    let orders = web.records.newest_orders(&auctions).await?;
    let me = own.member.id();
    for line in &mut closed {
        let newest = orders.iter().find(|order| order.auction.0 == line.card.id);
        let his = newest.filter(|order| order.buyer == me || order.seller == me);
        line.order = his.map(|order| order.id.0);
    }
    Ok(())
}

/// The groups in their order, each with what is most urgent first.
fn groups(lines: Vec<(GroupKind, MyLine)>, more: Option<String>) -> Vec<Group> {
    let kinds = [GroupKind::NeedsYou, GroupKind::Leading, GroupKind::Selling, GroupKind::Past];
    let mut groups: Vec<Group> =
        kinds.into_iter().map(|kind| Group { kind, lines: Vec::new(), more: None }).collect();
    for (kind, line) in lines {
        if let Some(group) = groups.iter_mut().find(|group| group.kind == kind) {
            group.lines.push(line);
        }
    }
    for group in &mut groups {
        let soonest_first = group.kind != GroupKind::Past;
        group.lines.sort_by_key(|line| {
            let end = line.card.ends_at.as_microsecond();
            if soonest_first { end } else { -end }
        });
    }
    groups.retain(|group| !group.lines.is_empty());
    if let Some(last) = groups.last_mut() {
        last.more = more;
    }
    groups
}
