//! What follows a hammer: the orders of an auction one after another, its offers between them, and when the house looks.

use auction::{Aftermath, Auction, OFFER_LASTS, OFFERED_WITHIN, Offer, OfferState, Order, Outcome};
use rusqlite::{Connection, OptionalExtension, Result};

use super::checks::{Check, Findings};
use crate::rows::orders::{OFFER_COLUMNS, ORDER_COLUMNS, offer, order};

/// How many orders of one auction are looked at: its sale's, and one for each offer.
const ORDERS_MAX: i64 = 8;

/// Compares what followed the hammer; an order or offer that cannot be read is told of elsewhere or here.
pub(super) fn compare(connection: &Connection, auction: &Auction, findings: &mut Findings) -> Result<()> {
    let id = auction.id.0;
    let sql = format!("SELECT {ORDER_COLUMNS} FROM orders WHERE auction = ?1 ORDER BY number LIMIT ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let orders = statement.query_map((id, ORDERS_MAX), |row| Ok(order(row)))?;
    let mut orders: Vec<Order> = orders.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    let sql = format!("SELECT {OFFER_COLUMNS} FROM offers WHERE auction = ?1 ORDER BY number");
    let mut statement = connection.prepare_cached(&sql)?;
    let read = statement.query_map([id], |row| Ok(offer(row)))?.collect::<Result<Vec<_>>>()?;
    findings.expect(Check::Readable, read.iter().all(|offer| offer.is_ok()), || {
        format!("auction {id}: an offer of it cannot be read")
    });
    let offers: Vec<Offer> = read.into_iter().flatten().collect();
    sale(auction, &orders, findings);
    let fault = offers_fault(auction, &orders, &offers)
        .map_or_else(|| bidders_fault(connection, auction, &offers), |fault| Ok(Some(fault)))?;
    findings
        .expect(Check::Offers, fault.is_none(), || format!("auction {id}: {}", fault.unwrap_or_default()));
    let open = orders.iter().filter(|order| order.state.is_open()).count();
    let open = open + offers.iter().filter(|offer| offer.state == OfferState::Open).count();
    findings.expect(Check::OneOpenOrderOrOffer, open <= 1, || {
        format!("auction {id}: {open} orders and offers are open")
    });
    deadline(connection, auction, Aftermath { order: orders.pop(), offers }, findings)
}

/// The sale's own order, and that all others came of offers.
fn sale(auction: &Auction, orders: &[Order], findings: &mut Findings) {
    let first = orders.iter().filter(|order| !order.is_second_chance);
    let first = first.map(|order| (order.buyer, order.seller, order.price, order.opened_at));
    let is_sold = matches!(auction.outcome, Some(Outcome::Sold | Outcome::Bought));
    let buyer = auction.leader.filter(|_| is_sold);
    let asked = buyer.map(|buyer| (buyer.member, auction.seller, auction.price, auction.newest));
    let is_right = first.clone().eq(asked) && is_sold == asked.is_some();
    findings.expect(Check::OneOutcomeOneOrder, is_right, || {
        let outcome = auction.outcome.map_or("not over", Outcome::name);
        let first: Vec<_> = first.collect();
        format!("auction {}: {outcome}, orders (buyer, seller, price, at): {first:?}", auction.id.0)
    });
}

/// What is wrong with the offers, if anything.
fn offers_fault(auction: &Auction, orders: &[Order], offers: &[Offer]) -> Option<&'static str> {
    let taken = offers.iter().filter(|offer| offer.state == OfferState::Accepted);
    let taken = taken.map(|offer| (offer.member, offer.price));
    let seconds = orders.iter().filter(|order| order.is_second_chance);
    if !taken.eq(seconds.map(|order| (order.buyer, order.price))) {
        return Some("its second orders are not those of the offers that were taken");
    }
    let numbers = offers.iter().map(|offer| offer.number);
    if !numbers.eq(1..=offers.len() as i64) || offers.len() > auction::OFFERS_MAX {
        return Some("its offers are not numbered 1 to 3");
    }
    let mut before: Option<&Offer> = None;
    for offer in offers {
        if before.is_some_and(|before| before.state == OfferState::Open || before.at > offer.at) {
            return Some("an offer came before the one before it was answered");
        }
        before = Some(offer);
        if offer.member == auction.seller || offer.price < auction.start {
            return Some("an offer is to the seller, or below the start");
        }
        if offer.until < offer.at.plus(OFFER_LASTS) {
            return Some("an offer was not open for as long as offers are");
        }
        let is_fallen = |order: &&Order| order.opened_at <= offer.at && order.fell_through_by_buyer();
        let fallen = orders.iter().filter(is_fallen).filter_map(|order| order.ended_at);
        let follows = |ended: auction::Time| ended <= offer.at && offer.at < ended.plus(OFFERED_WITHIN);
        if !fallen.clone().any(follows) {
            return Some("an offer follows no order that fell through by its buyer");
        }
    }
    None
}

/// That offers went to bidders, for no more than they had committed themselves to; who declined or let it lapse is out, and
/// nothing is offered to who is suspended.
fn bidders_fault(
    connection: &Connection,
    auction: &Auction,
    offers: &[Offer],
) -> Result<Option<&'static str>> {
    for offer in offers {
        let sql = "SELECT commitment, is_out FROM bidders WHERE auction = ?1 AND member = ?2";
        let found = connection
            .prepare_cached(sql)?
            .query_row((auction.id.0, offer.member.0), |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?))
            })
            .optional()?;
        let Some((commitment, is_out)) = found else {
            return Ok(Some("an offer went to somebody who never bid"));
        };
        if commitment < offer.price.won() {
            return Ok(Some("an offer is above what its member had committed himself to"));
        }
        if matches!(offer.state, OfferState::Declined | OfferState::Lapsed) && !is_out {
            return Ok(Some("who did not take an offer still counts"));
        }
        // As soon as the house has come to it.
        let sql = "SELECT 1 FROM members m WHERE m.id = ?1 AND m.suspended AND NOT EXISTS \
                   (SELECT 1 FROM chores c WHERE c.auction = ?2 AND c.member = ?1)";
        let is_open = offer.state == OfferState::Open;
        if is_open && connection.prepare_cached(sql)?.exists((offer.member.0, auction.id.0))? {
            return Ok(Some(
                "it is offered to somebody who is suspended, and nothing is to be done about it",
            ));
        }
    }
    Ok(None)
}

/// Whatever is due is looked at in time, and nothing else is.
fn deadline(
    connection: &Connection,
    auction: &Auction,
    after: Aftermath,
    findings: &mut Findings,
) -> Result<()> {
    let sql = "SELECT at FROM deadlines WHERE auction = ?1";
    let armed =
        connection.prepare_cached(sql)?.query_row([auction.id.0], |row| row.get::<_, i64>(0)).optional()?;
    let asked = auction.deadline().or_else(|| auction::aftermath_deadline(&after)).map(|at| at.0);
    let is_right = match (armed, asked) {
        (Some(armed), Some(asked)) => armed <= asked,
        (armed, asked) => armed == asked,
    };
    findings.expect(Check::Deadlines, is_right, || {
        format!("auction {}: looked at {armed:?}, due {asked:?}", auction.id.0)
    });
    Ok(())
}
