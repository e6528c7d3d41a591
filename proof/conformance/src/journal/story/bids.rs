//! What is asked of auctions that run.

use auction::{Auction, AuctionId, Bid, Command, EXTENSION_LAST, Revision};
use engine::Call;
use ledger::{MemberId, Money};
use store::memory::Market;

use super::teller::Teller;

/// How many of the newest running auctions are asked about.
const LIVELY: usize = 5;

/// More bids than one may make in vain.
const VAIN_BIDS: i64 = 23;

impl Teller {
    /// A command to an auction that runs, now and then to any, or to none.
    pub(super) fn on_running(&mut self, market: &Market) -> Option<Call> {
        let running = market.auctions.values().rev().filter(|one| one.outcome.is_none());
        let mut candidates: Vec<&Auction> = running.take(LIVELY).collect();
        if self.chance.once_in(25) {
            candidates = market.auctions.values().collect();
        }
        if candidates.is_empty() {
            return None;
        }
        let auction = self.chance.of(&candidates);
        let command = self.command(market, auction);
        let id =
            if self.chance.once_in(60) { AuctionId(market.auctions.len() as i64 + 1) } else { auction.id };
        Some(Call::Auction { auction: id, command })
    }

    fn command(&mut self, market: &Market, auction: &Auction) -> Command {
        let (member, seller) = (self.member(), auction.seller);
        if auction.ends_at.since(self.now()) <= EXTENSION_LAST && self.chance.once_in(4) {
            return Command::Extend { seller, hours: 1 };
        }
        match self.chance.within(1, 100) {
            1..=55 => Command::Bid(self.bid(member, auction)),
            56..=59 => {
                let terms = self.chance.of(&[None, None, Some(auction.terms), Some(auction.terms - 1)]);
                Command::BuyNow { buyer: member, terms }
            }
            60..=65 => Command::SellNow { seller: self.mostly(seller) },
            66..=70 => {
                let reason = self.chance.of(&[None, Some("고장 났어요"), Some("고장 났어요")]);
                Command::Cancel { by: self.hand(seller), reason: reason.map(str::to_owned) }
            }
            71..=79 => {
                let hours = self.chance.of(&[1, 1, 1, 3, 24, 2]);
                Command::Extend { seller: self.mostly(seller), hours }
            }
            80..=87 => self.lower(auction),
            88..=94 => self.edit(auction),
            _ => {
                let bidders = market.bidders.keys().filter(|(id, _)| *id == auction.id);
                let mut bidders: Vec<MemberId> = bidders.map(|(_, member)| *member).collect();
                bidders.push(member);
                let reason = self.chance.of(&[None, Some("허위 입찰"), Some("허위 입찰")]);
                let (member, by) = (self.chance.of(&bidders), self.hand(seller));
                Command::TakeBack { member, by, reason: reason.map(str::to_owned) }
            }
        }
    }

    fn bid(&mut self, bidder: MemberId, auction: &Auction) -> Bid {
        let step = auction.increments.at(auction.price).won();
        let minimum = auction.minimum().map_or(1_000, Money::won);
        let more =
            self.chance.of(&[0, 0, 0, step, 2 * step, 5 * step, 1, -1, -5_000, 20_000_000, i64::MAX / 2]);
        let amount = if self.chance.once_in(60) { -more } else { minimum.saturating_add(more) };
        let above = self.chance.of(&[0, step, 3 * step, 10 * step, 30 * step, 60 * step, 7]);
        let own = auction.leader.filter(|leader| leader.member == bidder);
        let base = own.map_or(minimum, |leader| leader.commitment.won());
        let reserve = auction.reserve.filter(|_| self.chance.once_in(4)).map(Money::won);
        let maximum = reserve.unwrap_or(base + above);
        let terms = self.chance.of(&[None, None, None, Some(auction.terms), Some(auction.terms - 1)]);
        let (amount, maximum) = match self.chance.within(1, 20) {
            1..=9 => (Some(amount), None),
            10..=16 => (None, Some(maximum)),
            17..=19 => (Some(amount), Some(maximum)),
            _ => (None, None),
        };
        Bid { bidder, amount, maximum, terms }
    }

    fn lower(&mut self, auction: &Auction) -> Command {
        let seller = self.mostly(auction.seller);
        let step = auction.increments.at(auction.price).won();
        let reserve = auction.reserve.map_or(5_000, Money::won);
        let leader = auction.leader.map_or(reserve - step, |leader| leader.commitment.won());
        let to = [reserve - step, reserve - 500, auction.price.won() + step, leader, reserve, 0];
        Command::LowerReserve { seller, reserve: self.chance.of(&to) }
    }

    fn edit(&mut self, auction: &Auction) -> Command {
        let seller = self.mostly(auction.seller);
        let mut listing = None;
        if self.chance.once_in(2) {
            let mut changed = self.listing(auction.seller, None);
            // What the thing is stays, once it takes bids.
            changed.item.title = self.chance.of(&["원목 의자", "책상", "자전거"]).to_owned();
            changed.item.description = format!("{} 번째 설명", auction.terms + 1);
            changed.starts_at = None;
            listing = Some(changed);
        }
        let note = self.chance.of(&[None, Some("다리 하나가 흔들려요"), Some("색이 조금 바랬어요")]);
        let added = self.pictures();
        let terms = self.chance.of(&[None, Some(auction.terms), Some(auction.terms - 1)]);
        let revision = Revision { terms, listing, note: note.map(str::to_owned), added };
        Command::Edit { seller, revision: Box::new(revision) }
    }

    /// Somebody bids again and again against a maximum that is far above.
    pub(super) fn bids_in_vain(&mut self, market: &Market) -> Vec<Call> {
        let led = market.auctions.values().filter(|one| one.outcome.is_none());
        let led: Vec<(&Auction, MemberId)> =
            led.filter_map(|auction| Some((auction, auction.leader?.member))).collect();
        if led.is_empty() {
            return Vec::new();
        }
        let (auction, leader) = self.chance.of(&led);
        let step = auction.increments.at(auction.price).won();
        let minimum = auction.minimum().map_or(1_000, Money::won);
        let bidder = MemberId(leader.0 % super::MEMBERS + 1);
        let id = auction.id;
        let bid = |bidder, amount, maximum| {
            let command = Command::Bid(Bid { bidder, amount, maximum, terms: None });
            Call::Auction { auction: id, command }
        };
        let raise = bid(leader, None, Some(minimum + 60 * step));
        let vain = (0..VAIN_BIDS).map(|at| bid(bidder, Some(minimum + 2 * at * step), None));
        std::iter::once(raise).chain(vain).collect()
    }
}
