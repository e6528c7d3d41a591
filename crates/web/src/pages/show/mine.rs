//! `/me/auctions`: what a member bids on, watches and sells, by what needs him first.

use std::sync::Arc;

use auction::{AuctionId, Order, Outcome, ReserveStatus, Status};
use axum::extract::State as Held;
use axum::response::Response;
use ledger::{MemberId, Money};
use store::pages;
use store::records::{BiddingRow, ListingRow, Page, Paged};

use super::order::next;
use super::standing::{Cards, Hearts, Part, Parts};
use crate::api::pages::judged;
use crate::failure::Problem;
use crate::pages::typed::Typed;
use crate::pages::{Card, Group, GroupKind, MemberReader, MyAuctionsPage, MyLine, Role, Section, State};
use crate::state::WebState;

/// How many auctions of each kind a page looks at.
const LOOKED_AT: usize = 50;

/// In a cursor: nothing more of this kind.
const NOTHING_MORE: &str = "-";

/// The three lists of which the page is made, each a page of its own.
struct Lists {
    bids: Paged<BiddingRow>,
    sales: Paged<ListingRow>,
    watched: Paged<ListingRow>,
}

/// `GET /me/auctions`
pub async fn show(Held(web): Held<Arc<WebState>>, own: MemberReader) -> Result<Response, Problem> {
    let known = web.places.known(&*web.records).await?;
    let Lists { bids, sales, mut watched } = lists(&web, &own).await?;
    let me = own.member.id();
    let parts = Parts::read(&*web.records, Some(me)).await?;
    // What he bids on or sells stands there, and not a second time.
    watched.items.retain(|row| row.seller != me && parts.of(row.auction) == Part::Nobody);
    let shown =
        bids.items.iter().map(|row| row.auction.id).chain(watched.items.iter().map(|row| row.auction));
    let hearts = Hearts::read(&*web.records, &shown.collect::<Vec<_>>(), Some(me)).await?;
    let language = own.reader.language;
    let cards = Cards { language, known: &known, now: web.now(), parts: &parts, hearts: &hearts };
    let more = more(bids.next, sales.next, watched.next);
    let mut lines: Vec<(GroupKind, MyLine)> =
        bids.items.into_iter().map(|row| bid_line(&cards, row)).collect();
    lines.extend(sales.items.into_iter().map(|row| sale_line(&cards, row)));
    lines.extend(watched.items.into_iter().map(|row| watched_line(&cards, row)));
    orders(&web, &own, &mut lines).await?;
    let shell = own.reader.shell(&web, Section::Mine).await?;
    own.answer(200, &MyAuctionsPage { shell, groups: groups(lines), more })
}

/// The pages that the address asks for.
async fn lists(web: &WebState, own: &MemberReader) -> Result<Lists, Problem> {
    let mut typed = Typed::of(own.reader.query());
    let (bids, sales) = (page(typed.text("bids")), page(typed.text("sales")));
    let watched = page(typed.text("watched"));
    let (id, records) = (own.member.id(), &web.records);
    let (found_bids, found_sales, found_watched) = tokio::join!(
        async {
            Ok(match &bids {
                Some(page) => records.bidding(id, page.clone()).await?,
                None => pages::empty(),
            })
        },
        async {
            Ok(match &sales {
                Some(page) => records.selling(id, page.clone()).await?,
                None => pages::empty(),
            })
        },
        async {
            Ok(match &watched {
                Some(page) => records.watched(id, page.clone()).await?,
                None => pages::empty(),
            })
        },
    );
    let asked = |page: Option<Page>| page.unwrap_or_default();
    Ok(Lists {
        bids: judged(found_bids, &asked(bids))?,
        sales: judged(found_sales, &asked(sales))?,
        watched: judged(found_watched, &asked(watched))?,
    })
}

fn page(cursor: String) -> Option<Page> {
    let cursor = Some(cursor).filter(|cursor| !cursor.is_empty());
    (cursor.as_deref() != Some(NOTHING_MORE)).then_some(Page { cursor, limit: LOOKED_AT })
}

fn more(bids: Option<String>, sales: Option<String>, watched: Option<String>) -> Option<String> {
    if bids.is_none() && sales.is_none() && watched.is_none() {
        return None;
    }
    let cursor = |next: Option<String>| next.unwrap_or_else(|| NOTHING_MORE.to_owned());
    let (bids, sales, watched) = (cursor(bids), cursor(sales), cursor(watched));
    Some(format!("/me/auctions?bids={bids}&sales={sales}&watched={watched}"))
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
        State::Won => GroupKind::Won,
        _ => GroupKind::Past,
    };
    let mine = Some(row.part.commitment.won()).filter(|_| row.part.counts_in(&row.auction));
    let below_reserve = row.auction.reserve_status() == ReserveStatus::NotMet && card.state == State::Leading;
    (kind, MyLine { mine, minimum, below_reserve, ..plain(card) })
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
    (kind, MyLine { selling: true, ..plain(card) })
}

fn watched_line(cards: &Cards<'_>, row: ListingRow) -> (GroupKind, MyLine) {
    let kind = if row.status == Status::Ended { GroupKind::Past } else { GroupKind::Watching };
    (kind, plain(cards.of(row)))
}

/// A line of whoever only looks on.
fn plain(card: Card) -> MyLine {
    MyLine { card, selling: false, mine: None, minimum: None, below_reserve: false, order: None, task: None }
}

/// The orders of the newest sales and purchases; those further back are found on the auction's page. One that waits for the
/// member needs him first.
async fn orders(
    web: &WebState,
    own: &MemberReader,
    lines: &mut [(GroupKind, MyLine)],
) -> Result<(), Problem> {
    const ORDERS_MAX: usize = 20;
    let me = own.member.id();
    let closed = lines.iter_mut().filter(|(_, line)| matches!(line.card.state, State::Won | State::Sold));
    let with_part = closed.filter(|(_, line)| line.selling || line.mine.is_some());
    let mut with_part: Vec<&mut (GroupKind, MyLine)> = with_part.take(ORDERS_MAX).collect();
    if with_part.is_empty() {
        return Ok(());
    }
    let auctions: Vec<AuctionId> = with_part.iter().map(|(_, line)| AuctionId(line.card.id)).collect();
    let orders = web.records.newest_orders(&auctions).await?;
    let own_orders: Vec<&Order> =
        orders.iter().filter(|order| order.buyer == me || order.seller == me).collect();
    let others: Vec<MemberId> =
        own_orders.iter().map(|order| if order.seller == me { order.buyer } else { order.seller }).collect();
    let others = web.records.members(&others).await?;
    for (kind, line) in &mut with_part {
        let Some(order) = own_orders.iter().find(|order| order.auction.0 == line.card.id) else { continue };
        line.order = Some(order.id.0);
        let role = if order.seller == me { Role::Seller } else { Role::Buyer };
        let turn = next(order, role, web.now());
        if !order.state.is_open() || !turn.is_mine {
            continue;
        }
        let other = if order.seller == me { order.buyer } else { order.seller };
        let other = others.iter().find(|member| member.id == other);
        let name = other.map(|member| member.nickname.clone()).unwrap_or_default();
        let key = format!("order-next-{}-{}", turn.situation, role.code());
        line.task = Some(own.reader.language.text_with(&key, &[("name", name.into())]));
        *kind = GroupKind::NeedsYou;
    }
    Ok(())
}

/// The groups in their order, each with what is most urgent first: what takes bids by its end, then what waits for a hand.
fn groups(lines: Vec<(GroupKind, MyLine)>) -> Vec<Group> {
    let mut groups = GroupKind::ALL.map(|kind| Group { kind, lines: Vec::new() });
    for (kind, line) in lines {
        if let Some(group) = groups.iter_mut().find(|group| group.kind == kind) {
            group.lines.push(line);
        }
    }
    for group in &mut groups {
        let soonest_first = !matches!(group.kind, GroupKind::Past | GroupKind::Won);
        group.lines.sort_by_key(|line| {
            let end = line.card.ends_at.as_microsecond();
            (line.task.is_some(), if soonest_first { end } else { -end })
        });
    }
    groups.into()
}
