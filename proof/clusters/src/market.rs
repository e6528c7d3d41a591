//! The simulated market: auctions on clusters, wallets in parts, and what bids do to them. Amounts are in won.

use std::collections::HashMap;

use crate::chance::{Chance, mixed};

/// With what price an auction begins.
const FIRST_PRICE: i64 = 10_000;

/// What a wallet holds in the beginning: the least, and by how much more at the most.
const WALLET_MIN: i64 = 100_000;
const WALLET_SPREAD: u64 = 1_900_000;

/// At which price an auction is sold: the least, and by how much more at the most.
const HAMMER_MIN: i64 = 20_000;
const HAMMER_SPREAD: u64 = 280_000;

/// How many members are interested in an auction: the fewest, and how many more at the most.
const INTERESTED_MIN: u64 = 2;
const INTERESTED_SPREAD: u64 = 30;

/// How large the simulated market is.
#[derive(Clone, Copy)]
pub struct Shape {
    /// Among how many clusters the auctions are spread.
    pub clusters: u64,
    /// How many of a hundred interested members live where the auction's cluster is.
    pub neighbours: u64,
    /// How many members there are.
    pub members: u64,
    /// How many auctions are open at a time.
    pub auctions: u64,
}

/// How money gets to the cluster of an auction.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fetching {
    /// Each hold is fetched and each release is sent home.
    Each,
    /// What is missing is fetched; what is released stays.
    Missing,
    /// Twice the bid is fetched if home has it; what is released stays.
    Ahead,
    /// Half of what is at home is fetched, if that is more than the bid misses; what is released stays.
    Half,
}

impl Fetching {
    /// All of them.
    pub const ALL: [Fetching; 4] = [Fetching::Each, Fetching::Missing, Fetching::Ahead, Fetching::Half];

    /// What the table says.
    pub const fn name(self) -> &'static str {
        match self {
            Fetching::Each => "each hold",
            Fetching::Missing => "what misses",
            Fetching::Ahead => "twice the bid",
            Fetching::Half => "half of home",
        }
    }
}

/// What was counted.
#[derive(Clone, Copy, Default)]
pub struct Seen {
    /// Bids that were accepted.
    pub accepted: u64,
    /// Bids for which the member has not the money, wherever it lies.
    pub refused: u64,
    /// Times that money moved between two clusters.
    pub crossings: u64,
    /// Bids that had to wait for money.
    pub waits: u64,
    /// Crossings that brought money back home first.
    pub calls_back: u64,
}

#[derive(Clone, Copy)]
struct Auction {
    /// How often one was listed in this place.
    listed: u64,
    price: i64,
    hammer: i64,
    leader: Option<u64>,
}

/// A market.
pub struct Market {
    shape: Shape,
    fetching: Fetching,
    chance: Chance,
    auctions: Vec<Auction>,
    /// What lies at home, by member.
    home: Vec<i64>,
    /// What lies idle on a cluster, by member and cluster.
    away: HashMap<(u64, u64), i64>,
    /// On which clusters a member's money lies.
    places: HashMap<u64, Vec<u64>>,
    seen: Seen,
}

impl Market {
    /// A market with nothing bid.
    pub fn new(shape: Shape, fetching: Fetching, seed: u64) -> Market {
        let mut chance = Chance::new(seed);
        let auctions = (0..shape.auctions).map(|_| listed(0, &mut chance)).collect();
        let home =
            (0..shape.members).map(|_| WALLET_MIN + chance.below(WALLET_SPREAD).cast_signed()).collect();
        let (away, places) = (HashMap::new(), HashMap::new());
        Market { shape, fetching, chance, auctions, home, away, places, seen: Seen::default() }
    }

    /// Forgets what was counted so far.
    pub fn start_counting(&mut self) {
        self.seen = Seen::default();
    }

    /// What was counted.
    pub const fn seen(&self) -> Seen {
        self.seen
    }

    /// Lets so many bids come.
    pub fn bid(&mut self, bids: u64) {
        for _ in 0..bids {
            let number = self.chance.rank(self.shape.auctions);
            let auction = self.auctions[number as usize];
            let cluster = mixed(number) % self.shape.clusters;
            let member = self.interested(number, auction.listed, cluster);
            if auction.leader == Some(member) {
                continue;
            }
            let amount = auction.price + (auction.price / 30).max(1_000);
            if self.worth(member) < amount {
                self.seen.refused += 1;
                continue;
            }
            self.fetch(member, cluster, amount);
            *self.away.entry((member, cluster)).or_default() -= amount;
            if let Some(beaten) = auction.leader {
                self.release(beaten, cluster, auction.price);
            }
            self.seen.accepted += 1;
            self.auctions[number as usize] = if amount < auction.hammer {
                Auction { price: amount, leader: Some(member), ..auction }
            } else {
                self.settle(member, amount);
                listed(auction.listed + 1, &mut self.chance)
            };
        }
    }

    /// One of the members who are interested in an auction.
    fn interested(&mut self, number: u64, listed: u64, cluster: u64) -> u64 {
        let shape = self.shape;
        let fate = mixed(mixed(number) ^ listed);
        let count = INTERESTED_MIN + fate % INTERESTED_SPREAD;
        let which = mixed(fate ^ mixed(self.chance.below(count)));
        let member = which % shape.members;
        let is_neighbour = (which >> 32) % 100 < shape.neighbours;
        if is_neighbour { member - member % shape.clusters + cluster } else { member }.min(shape.members - 1)
    }

    /// What a member could hold, wherever it lies.
    fn worth(&self, member: u64) -> i64 {
        let away: i64 = self.places_of(member).map(|place| self.away[&(member, place)]).sum();
        self.home[member as usize] + away
    }

    fn places_of(&self, member: u64) -> impl Iterator<Item = u64> {
        self.places.get(&member).into_iter().flatten().copied()
    }

    /// Sees to it that so much lies idle there.
    fn fetch(&mut self, member: u64, cluster: u64, amount: i64) {
        let here = self.away.get(&(member, cluster)).copied().unwrap_or_default();
        if here >= amount {
            return;
        }
        self.seen.waits += 1;
        let missing = amount - here;
        while self.home[member as usize] < missing {
            let richest = self.places_of(member).filter(|place| *place != cluster);
            let Some(place) = richest.max_by_key(|place| self.away[&(member, *place)]) else { return };
            self.home[member as usize] += self.away.insert((member, place), 0).unwrap_or_default();
            self.seen.crossings += 1;
            self.seen.calls_back += 1;
        }
        let home = self.home[member as usize];
        let fetched = match self.fetching {
            Fetching::Each | Fetching::Missing => missing,
            Fetching::Ahead => home.min(missing + amount),
            Fetching::Half => missing.max(home / 2),
        };
        self.home[member as usize] -= fetched;
        self.seen.crossings += 1;
        if self.away.insert((member, cluster), here + fetched).is_none() {
            self.places.entry(member).or_default().push(cluster);
        }
    }

    /// A beaten leader gets his hold back.
    fn release(&mut self, member: u64, cluster: u64, amount: i64) {
        if self.fetching == Fetching::Each {
            self.home[member as usize] += amount;
            self.seen.crossings += 1;
        } else {
            *self.away.entry((member, cluster)).or_default() += amount;
        }
    }

    /// The seller is paid at home, which is one crossing; the buyer earns the same again, so that the market goes on.
    fn settle(&mut self, buyer: u64, price: i64) {
        self.home[buyer as usize] += price;
        self.seen.crossings += 1;
    }
}

fn listed(listed: u64, chance: &mut Chance) -> Auction {
    let hammer = HAMMER_MIN + chance.below(HAMMER_SPREAD).cast_signed();
    Auction { listed, price: FIRST_PRICE, hammer, leader: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape { clusters: 4, neighbours: 50, members: 1_000, auctions: 1_000 };

    /// All the money there is: idle, at home, and held by leaders.
    fn money(market: &Market) -> i64 {
        let held: i64 = market
            .auctions
            .iter()
            .filter(|auction| auction.leader.is_some())
            .map(|auction| auction.price)
            .sum();
        market.home.iter().sum::<i64>() + market.away.values().sum::<i64>() + held
    }

    #[test]
    fn money_is_neither_made_nor_lost_and_never_below_zero() {
        for fetching in Fetching::ALL {
            let mut market = Market::new(SHAPE, fetching, 1);
            let before = money(&market);
            market.bid(50_000);
            assert_eq!(money(&market), before);
            assert!(market.home.iter().chain(market.away.values()).all(|amount| *amount >= 0));
            assert!(market.seen().accepted > 10_000 && market.seen().crossings > 0);
        }
    }

    #[test]
    fn the_same_seed_counts_the_same() {
        let counts = |seed| {
            let mut market = Market::new(SHAPE, Fetching::Missing, seed);
            market.bid(20_000);
            (market.seen().accepted, market.seen().crossings, market.seen().waits)
        };
        assert_eq!(counts(3), counts(3));
        assert_ne!(counts(3), counts(4));
    }
}
