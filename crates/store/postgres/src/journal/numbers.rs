//! The numbers a lane may give out: a run of each kind, reserved from its sequence, so that no other lane has them.
//!
//! A run that follows its predecessor is joined to it, so one lane alone leaves no gap; several lanes, and lanes that
//! begin again, do.

use store::{Next, Round, WithdrawalState};

use super::line::Line;
use crate::failure::Fault;

/// How far a sequence of each kind steps, which is how long a run is; as in the migrations.
const RUN: Next = Next { auction: 1_024, item: 1_024, order: 1_024, transfer: 65_536, withdrawal: 1_024 };

/// The most numbers of each kind that one round can need: an engine gathers 512 commands, and a sale with its fee and
/// the holds it ends is the command with the most transfers. A round that needs more is rejected, and comes in halves.
const ROUND_MAX: Next = Next { auction: 512, item: 512, order: 512, transfer: 8_192, withdrawal: 512 };

/// The next run of each kind, in the order of [`Numbers`].
pub(super) const NEXT_AUCTIONS: &str = "SELECT nextval('auction_numbers')";
pub(super) const NEXT_ITEMS: &str = "SELECT nextval('item_numbers')";
pub(super) const NEXT_ORDERS: &str = "SELECT nextval('order_numbers')";
pub(super) const NEXT_TRANSFERS: &str = "SELECT nextval('transfer_numbers')";
pub(super) const NEXT_WITHDRAWALS: &str = "SELECT nextval('withdrawal_numbers')";

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
    withdrawal: Run,
}

impl Numbers {
    /// Reserves what the largest round could need, outside any transaction.
    pub(super) async fn reserve(&mut self, line: &Line) -> Result<(), Fault> {
        self.auction.reserve(line, NEXT_AUCTIONS, RUN.auction, ROUND_MAX.auction).await?;
        self.item.reserve(line, NEXT_ITEMS, RUN.item, ROUND_MAX.item).await?;
        self.order.reserve(line, NEXT_ORDERS, RUN.order, ROUND_MAX.order).await?;
        self.transfer.reserve(line, NEXT_TRANSFERS, RUN.transfer, ROUND_MAX.transfer).await?;
        self.withdrawal.reserve(line, NEXT_WITHDRAWALS, RUN.withdrawal, ROUND_MAX.withdrawal).await
    }

    /// The first free ones.
    pub(super) fn next(&self) -> Next {
        Next {
            auction: self.auction.next,
            item: self.item.next,
            order: self.order.next,
            transfer: self.transfer.next,
            withdrawal: self.withdrawal.next,
        }
    }

    /// Whether every number that a round gives out is reserved and was not given out before.
    pub(super) fn cover(&self, round: &Round) -> bool {
        round.listed.iter().all(|(item, _, _)| self.item.has(item.0))
            && new_auctions(round).all(|id| self.auction.has(id))
            && new_orders(round).all(|id| self.order.has(id))
            && round.transfers.iter().all(|new| self.transfer.has(new.id.0))
            && new_withdrawals(round).all(|id| self.withdrawal.has(id))
    }

    /// A round was kept: its numbers are given out.
    pub(super) fn give_out(&mut self, round: &Round) {
        self.auction.next += new_auctions(round).count() as i64;
        self.item.next += round.listed.len() as i64;
        self.order.next += new_orders(round).count() as i64;
        self.transfer.next += round.transfers.len() as i64;
        self.withdrawal.next += new_withdrawals(round).count() as i64;
    }
}

fn new_auctions(round: &Round) -> impl Iterator<Item = i64> {
    let listed = round.listed.iter().map(|(_, _, auction)| auction);
    listed.chain(&round.relisted).map(|auction| auction.id.0)
}

fn new_orders(round: &Round) -> impl Iterator<Item = i64> {
    round.orders.iter().filter(|(before, _)| before.is_none()).map(|(_, order)| order.id.0)
}

/// A withdrawal is kept anew as long as it is only requested, and never so again.
fn new_withdrawals(round: &Round) -> impl Iterator<Item = i64> {
    let requested = round.withdrawals.iter().filter(|one| one.state == WithdrawalState::Requested);
    requested.map(|one| one.id.0)
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
