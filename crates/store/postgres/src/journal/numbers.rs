//! The numbers a lane may give out: a run of each kind, reserved from its sequence, so that no other lane has them.
//!
//! A run that follows its predecessor is joined to it, so one lane alone leaves no gap; several lanes, and lanes that
//! begin again, do.

use store::{Next, Round};

use super::line::Line;
use crate::failure::Fault;

/// How far a sequence of each kind steps, which is how long a run is; as in the migrations.
const RUN: Next = Next { auction: 1_024, item: 1_024, order: 1_024, transfer: 65_536 };

/// The most numbers of each kind that one round can need: an engine gathers 512 commands, and a sale with its fee and
/// the holds it ends is the command with the most transfers. A round that needs more is rejected, and comes in halves.
const ROUND_MAX: Next = Next { auction: 512, item: 512, order: 512, transfer: 8_192 };

/// The next run of each kind, in the order of [`Numbers`].
pub(super) const NEXT_AUCTIONS: &str = "SELECT nextval('auction_numbers')";
pub(super) const NEXT_ITEMS: &str = "SELECT nextval('item_numbers')";
pub(super) const NEXT_ORDERS: &str = "SELECT nextval('order_numbers')";
pub(super) const NEXT_TRANSFERS: &str = "SELECT nextval('transfer_numbers')";

/// Numbers from the first free one up to an end that is not ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Run {
    next: i64,
    end: i64,
}

/// What a lane has reserved of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Numbers {
    auction: Run,
    item: Run,
    order: Run,
    transfer: Run,
}

impl Numbers {
    /// Reserves what the largest round could need, outside any transaction.
    pub(super) async fn reserve(&mut self, line: &Line) -> Result<(), Fault> {
        self.auction.reserve(line, NEXT_AUCTIONS, RUN.auction, ROUND_MAX.auction).await?;
        self.item.reserve(line, NEXT_ITEMS, RUN.item, ROUND_MAX.item).await?;
        self.order.reserve(line, NEXT_ORDERS, RUN.order, ROUND_MAX.order).await?;
        self.transfer.reserve(line, NEXT_TRANSFERS, RUN.transfer, ROUND_MAX.transfer).await
    }

    /// The first free ones.
    pub(super) fn next(&self) -> Next {
        Next {
            auction: self.auction.next,
            item: self.item.next,
            order: self.order.next,
            transfer: self.transfer.next,
        }
    }

    /// Whether every number that a round gives out is reserved and was not given out before.
    pub(super) fn cover(&self, round: &Round) -> bool {
        round.listed.iter().all(|(item, _, auction)| self.item.has(item.0) && self.auction.has(auction.id.0))
            && round.orders.iter().all(|new| self.order.has(new.order.id.0))
            && round.transfers.iter().all(|new| self.transfer.has(new.id.0))
    }

    /// A round was kept: its numbers are given out.
    pub(super) fn give_out(&mut self, round: &Round) {
        self.auction.next += round.listed.len() as i64;
        self.item.next += round.listed.len() as i64;
        self.order.next += round.orders.len() as i64;
        self.transfer.next += round.transfers.len() as i64;
    }
}

impl Run {
    async fn reserve(
        &mut self,
        line: &Line,
        sql: &'static str,
        length: i64,
        needed: i64,
    ) -> Result<(), Fault> {
        while self.end - self.next < needed {
            let rows = line.rows(sql, &[]).await?;
            let first = rows.first().ok_or_else(|| Fault::unlike("the first number of a run"))?.try_get(0)?;
            let next = if first == self.end { self.next } else { first };
            *self = Run { next, end: first + length };
        }
        Ok(())
    }

    fn has(&self, number: i64) -> bool {
        (self.next..self.end).contains(&number)
    }
}
