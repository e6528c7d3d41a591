//! Several auctions at once, with what has happened in each since some event: for whoever shows them and missed it.

use std::collections::HashMap;

use auction::{Auction, AuctionId, Event, Seq};
use store::records::EVENTS_MAX;

use crate::pool::Connection;
use crate::rows::{self, AUCTION_COLUMNS, EVENT_COLUMNS, Result};

/// The auctions as they stand, each with its events after the one beside it, up to where it stands.
pub(super) async fn standings(
    store: &Connection,
    known: &[(AuctionId, Seq)],
    limit: usize,
) -> Result<Vec<(Auction, Vec<Event>)>> {
    let known: HashMap<AuctionId, Seq> = known.iter().copied().collect();
    let ids: Vec<i64> = known.keys().map(|auction| auction.0).collect();
    let sql = format!("SELECT {AUCTION_COLUMNS} FROM auctions WHERE id = ANY($1)");
    let found = store.query(&sql, &[&ids]).await?;
    let auctions: Vec<Auction> = found.iter().map(|row| rows::auction(row, 0)).collect::<Result<_>>()?;

    let ids: Vec<i64> = auctions.iter().map(|auction| auction.id.0).collect();
    let after: Vec<i64> = auctions.iter().map(|auction| known[&auction.id].0).collect();
    let up_to: Vec<i64> = auctions.iter().map(|auction| auction.seq.0).collect();
    let limit = limit.min(EVENTS_MAX) as i64;
    let mut events = HashMap::<AuctionId, Vec<Event>>::new();
    for row in store.query(&events_sql(), &[&ids, &after, &up_to, &limit]).await? {
        let event = rows::event(&row, 0)?;
        events.entry(event.auction).or_default().push(event);
    }
    let with_events = |auction: Auction| {
        let mut events = events.remove(&auction.id).unwrap_or_default();
        events.sort_unstable_by_key(|event| event.seq);
        (auction, events)
    };
    Ok(auctions.into_iter().map(with_events).collect())
}

/// The oldest events of some auctions, each after one event and up to another.
pub(super) fn events_sql() -> String {
    format!(
        "SELECT {EVENT_COLUMNS} FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS wanted (id, known, up_to) \
         CROSS JOIN LATERAL (SELECT {EVENT_COLUMNS} FROM events \
           WHERE auction = wanted.id AND seq > wanted.known AND seq <= wanted.up_to ORDER BY seq LIMIT $4) e"
    )
}
