//! Several auctions at once, with what has happened in each since some event: for whoever shows them and missed it.

use auction::{Auction, AuctionId, Event, Seq};
use rusqlite::{Connection, OptionalExtension, Result};

use super::auctions;
use crate::rows::{self, AUCTION_COLUMNS};

/// The auctions as they stand, each with its events after the one beside it, up to where it stands.
pub(super) fn standings(
    connection: &Connection,
    known: &[(AuctionId, Seq)],
    limit: usize,
) -> Result<Vec<(Auction, Vec<Event>)>> {
    let sql = format!("SELECT {AUCTION_COLUMNS} FROM auctions WHERE id = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut standings = Vec::with_capacity(known.len());
    for (id, seq) in known {
        let found = statement.query_row([id.0], |row| rows::auction(row, 0)).optional()?;
        let Some(auction) = found else { continue };
        let mut events = auctions::events(connection, *id, *seq, limit)?;
        events.retain(|event| event.seq <= auction.seq);
        standings.push((auction, events));
    }
    Ok(standings)
}
