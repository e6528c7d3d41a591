//! Chance with a seed: the same worlds and the same commands each time, near the amounts where the rules turn.

use auction::{Bid, Command, Hand, Increments, Listing, ListingLimits, Revision, Span};
use ledger::MemberId;

use crate::world::{ADMIN, BIDDERS, NOON, SELLER, World, listing};

/// `SplitMix64`: small, and good enough to walk about with.
pub struct Chance(u64);

impl Chance {
    pub fn of(seed: u64) -> Chance {
        Chance(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// 0 to `count` − 1.
    pub fn below(&mut self, count: i64) -> i64 {
        i64::try_from(self.next() >> 1).unwrap() % count
    }

    pub fn one_in(&mut self, count: i64) -> bool {
        self.below(count) == 0
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let at = self.below(i64::try_from(from.len()).unwrap());
        from[usize::try_from(at).unwrap()]
    }

    /// A listing on the grid or the ladder, with and without a reserve and a buy-now price.
    pub fn listing(&mut self) -> Listing {
        let mut listing = listing();
        listing.start_price = self.pick(&[100, 5_000, 9_900]);
        listing.bid_unit = self.pick(&[None, Some(1_000), Some(500)]);
        let step = listing.bid_unit.unwrap_or(730);
        let steps = self.below(12);
        if self.one_in(2) {
            listing.reserve_price = Some(listing.start_price + steps * step);
        }
        if self.one_in(2) {
            listing.buy_now_price = Some(listing.start_price + (steps + self.below(12)) * step);
        }
        listing
    }

    pub fn world(&mut self, limits: &ListingLimits) -> World {
        let listing = self.listing();
        let money = self.pick(&[12_000, 100_000, 100_000]);
        World::of(&listing, limits, money)
    }

    /// An amount near one that matters in this world.
    pub fn amount(&mut self, world: &World) -> i64 {
        let auction = &world.auction;
        let minimum = auction.minimum().map_or(1, ledger::Money::won);
        let near = [
            Some(auction.price.won()),
            Some(minimum),
            auction.leader.map(|leader| leader.commitment.won()),
            auction.reserve.map(ledger::Money::won),
            auction.buy_now.map(ledger::Money::won),
        ];
        let near = self.pick(&near).unwrap_or(minimum);
        let unit = match &auction.increments {
            Increments::Unit(unit) => unit.won(),
            Increments::Ladder(_) => self.pick(&[1, 100, 730]),
        };
        let off = if self.one_in(20) { self.below(3) - 1 } else { 0 };
        near + (self.below(8) - 2) * unit + off
    }

    /// A later moment, now and then near the end.
    pub fn pass_time(&mut self, world: &mut World) {
        let left = world.auction.ends_at.since(world.now).0;
        let step = match self.below(12) {
            0 => left - Span::minutes(self.below(60)).0,
            1 => left / 2,
            _ => Span::seconds(self.below(600)).0,
        };
        world.now = world.now.plus(Span(step.max(0)));
    }

    pub fn bid(&mut self, world: &World, bidder: MemberId) -> Command {
        let mut amount = (!self.one_in(2)).then(|| self.amount(world));
        let mut maximum = None;
        if amount.is_none() || self.one_in(3) {
            maximum = Some(self.amount(world));
        }
        if let (Some(less), Some(more)) = (amount, maximum) {
            (amount, maximum) = (Some(less.min(more)), Some(less.max(more)));
        }
        Command::Bid(Bid { bidder, amount, maximum, terms: None })
    }

    /// Anything that may be asked while an auction runs.
    pub fn command(&mut self, world: &World) -> Command {
        let member = self.pick(&BIDDERS);
        let reason = Some("이유".to_owned());
        let by = self.pick(&[Hand::Seller(SELLER), Hand::Admin(ADMIN)]);
        match self.below(100) {
            0..=69 => self.bid(world, member),
            70..=81 => Command::TakeBack { member, by, reason },
            82..=90 => Command::LowerReserve { seller: SELLER, reserve: self.amount(world) },
            91 => Command::BuyNow { buyer: member, terms: None },
            92 => Command::SellNow { seller: SELLER },
            93 => Command::Cancel { by, reason },
            94..=95 => Command::Extend { seller: SELLER, hours: self.pick(&[1, 3, 6, 12, 24]) },
            96 => {
                let revision = Revision { terms: None, listing: None, note: reason, added: Vec::new() };
                Command::Edit { seller: SELLER, revision: Box::new(revision) }
            }
            97 => {
                let mut changed = self.listing();
                changed.ends_at = NOON.plus(Span::days(1 + self.below(5)));
                let revision =
                    Revision { terms: None, listing: Some(changed), note: None, added: Vec::new() };
                Command::Edit { seller: SELLER, revision: Box::new(revision) }
            }
            _ => Command::Close,
        }
    }
}
