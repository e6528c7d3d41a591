//! Decides what a bidder bids next: amounts from a shared counter, the minimum that is seen on an auction chosen by
//! Zipf's law, or one bid on each of a list. What bidders and watchers learn about prices stands on one board.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use crate::chance::{Chance, Zipf};
use crate::stage::Lot;

/// One bid to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bid {
    /// Place of the auction among those of this run.
    pub auction: u32,
    /// Its number on the server.
    pub id: i64,
    /// The amount.
    pub amount: i64,
}

/// What is known of each auction: the least amount accepted next, and the last event heard of.
#[derive(Debug)]
pub struct Board {
    places: Vec<Place>,
}

#[derive(Debug)]
struct Place {
    unit: i64,
    minimum: AtomicI64,
    seq: AtomicI64,
}

impl Board {
    /// Before the first bid the minimum is the start price.
    pub fn new(lots: &[Lot]) -> Self {
        let place =
            |lot: &Lot| Place { unit: lot.unit, minimum: AtomicI64::new(lot.start), seq: AtomicI64::new(1) };
        Self { places: lots.iter().map(place).collect() }
    }

    /// Somebody was told a minimum. In these runs no bid is ever taken back, so the highest one heard is the newest.
    pub fn minimum_heard(&self, auction: u32, minimum: i64) {
        if let Some(place) = self.places.get(auction as usize) {
            place.minimum.fetch_max(minimum, Relaxed);
        }
    }

    /// A bid was acknowledged as this event.
    pub fn accepted(&self, auction: u32, amount: i64, seq: i64) {
        if let Some(place) = self.places.get(auction as usize) {
            place.minimum.fetch_max(amount + place.unit, Relaxed);
            place.seq.fetch_max(seq, Relaxed);
        }
    }

    /// The least amount accepted next, as far as is known.
    pub fn minimum(&self, auction: u32) -> i64 {
        self.places.get(auction as usize).map_or(0, |place| place.minimum.load(Relaxed))
    }

    /// The last acknowledged event.
    pub fn seq(&self, auction: u32) -> i64 {
        self.places.get(auction as usize).map_or(0, |place| place.seq.load(Relaxed))
    }
}

/// How a bidder chooses.
#[derive(Debug)]
pub enum Aim {
    /// Rising amounts on one auction; a counter shared by several bidders makes a storm.
    Counter {
        /// The auction.
        lot: Lot,
        /// Steps above the start that were drawn so far.
        counter: Arc<AtomicI64>,
    },
    /// The minimum on an auction chosen by chance.
    Zipf {
        /// All auctions, the favourites first.
        lots: Arc<Vec<Lot>>,
        /// How much they are favoured.
        law: Arc<Zipf>,
        /// Where the minimum is read.
        board: Arc<Board>,
        /// What chooses.
        chance: Chance,
    },
    /// The start price on each auction of a list, once.
    Each {
        /// Those still without a bid.
        lots: Vec<Lot>,
    },
}

impl Aim {
    /// The next bid; none if there is nothing left to bid on.
    pub fn next(&mut self) -> Option<Bid> {
        let (lot, amount) = match self {
            Aim::Counter { lot, counter } => (*lot, lot.start + counter.fetch_add(1, Relaxed) * lot.unit),
            Aim::Zipf { lots, law, board, chance } => {
                let lot = lots[law.draw(chance)];
                (lot, board.minimum(lot.index))
            }
            Aim::Each { lots } => {
                let lot = lots.pop()?;
                (lot, lot.start)
            }
        };
        Some(Bid { auction: lot.index, id: lot.id, amount })
    }

    /// Whether there is nothing left to bid on.
    pub fn is_exhausted(&self) -> bool {
        matches!(self, Aim::Each { lots } if lots.is_empty())
    }

    /// A bid was not decided; whoever must bid on each auction bids on that one again.
    pub fn was_busy(&mut self, bid: Bid) {
        if let Aim::Each { lots } = self {
            lots.push(Lot { index: bid.auction, id: bid.id, start: bid.amount, unit: 1 });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lot(index: u32) -> Lot {
        Lot { index, id: i64::from(index) + 100, start: 10, unit: 5 }
    }

    #[test]
    fn a_counter_gives_each_amount_once_on_the_grid() {
        let counter = Arc::new(AtomicI64::new(0));
        let mut first = Aim::Counter { lot: lot(0), counter: counter.clone() };
        let mut second = Aim::Counter { lot: lot(0), counter };
        let amounts: Vec<_> =
            [first.next(), second.next(), first.next()].into_iter().flatten().map(|bid| bid.amount).collect();
        assert_eq!(amounts, [10, 15, 20]);
    }

    #[test]
    fn a_market_bids_the_minimum_that_was_heard() {
        let lots = Arc::new(vec![lot(0)]);
        let board = Arc::new(Board::new(&lots));
        let law = Arc::new(Zipf::new(1, 1.0));
        let mut aim = Aim::Zipf { lots, law, board: board.clone(), chance: Chance::new(1, 1) };
        assert_eq!(aim.next().unwrap().amount, 10);
        board.accepted(0, 10, 2);
        assert_eq!((aim.next().unwrap().amount, board.seq(0)), (15, 2));
        board.minimum_heard(0, 40);
        board.minimum_heard(0, 30);
        assert_eq!(aim.next().unwrap().amount, 40);
    }

    #[test]
    fn each_auction_is_bid_on_once_and_again_if_it_was_busy() {
        let mut aim = Aim::Each { lots: vec![lot(0), lot(1)] };
        let busy = aim.next().unwrap();
        aim.was_busy(busy);
        assert_eq!(aim.next(), Some(busy));
        assert_eq!(aim.next().unwrap().auction, 0);
        assert_eq!(aim.next(), None);
    }
}
