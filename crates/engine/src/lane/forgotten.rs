//! Deadlines that are missing are put back when a lane begins: without one nobody would ever look at an auction that runs, nor
//! at an order with its money in escrow. There should be none; what made one is not known here, and the log says that it was.

use auction::{AuctionId, aftermath_deadline};
use store::{Failure, Journal, Loaded, Round, Wanted};

use super::{Fatal, Lane, OUTAGE_PAGE};

impl<J: Journal> Lane<J> {
    /// Puts back, once, what the lane's portion lacks. What cannot be looked at now is looked at again by the next sweep.
    pub(super) async fn arm_forgotten(&mut self) -> Result<(), Fatal> {
        let mut after = AuctionId(0);
        while !self.is_armed {
            let armed = match self.journal.forgotten(self.closer.portion(), after, OUTAGE_PAGE).await {
                Ok(found) => match found.last() {
                    None => {
                        self.is_armed = true;
                        return Ok(());
                    }
                    Some(last) => {
                        after = *last;
                        self.arm(found).await
                    }
                },
                Err(failure) => Err(failure),
            };
            match armed {
                Ok(()) => {}
                // Whether it was kept is found by looking anew.
                Err(failure @ Failure::Unknown { .. }) => {
                    self.ask_again(failure).await?;
                    after = AuctionId(0);
                }
                Err(failure) => {
                    tracing::warn!(error = ?failure, "missing deadlines could not be looked for; the next sweep tries again");
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Gives these auctions the deadlines that they should have, as they stand under their locks. Nobody is served by such a
    /// round, so it is no matter whether the house was away.
    async fn arm(&mut self, auctions: Vec<AuctionId>) -> Result<(), Failure> {
        tracing::error!(?auctions, "deadlines were missing and are put back");
        let wanted = Wanted { auctions, ..Wanted::default() };
        let loaded = self.journal.begin(&wanted).await?;
        let round = Round { now: loaded.now, deadlines: deadlines(&loaded), ..Round::default() };
        if round.is_empty() {
            self.journal.abandon().await;
            return Ok(());
        }
        self.journal.keep(&round).await
    }
}

/// When each of them must be looked at; those that meanwhile need it no more have none.
fn deadlines(loaded: &Loaded) -> Vec<(AuctionId, Option<auction::Time>)> {
    let of_auction = |auction: &auction::Auction| {
        let after = || loaded.aftermaths.get(&auction.id).and_then(aftermath_deadline);
        let deadline = auction.deadline().or_else(after)?;
        Some((auction.id, Some(deadline)))
    };
    loaded.auctions.values().filter_map(of_auction).collect()
}
