//! The teller makes up what happens next, from chance and from how the market stands in the memory model.

use std::cell::Cell;

use auction::{Auction, AuctionId, Hand, Listing, OfferState, Picture, Span, Time};
use engine::{Call, Deposits};
use ledger::{MemberId, Reason, TransferId, WithdrawalId};
use store::Key;
use store::memory::Market;

use super::MEMBERS;
use super::seen::Seen;
use crate::journal::HandClock;
use crate::journal::acts::chair;
use crate::journal::chance::Chance;
use crate::journal::deed::{Deed, address};
use crate::journal::snapshot::Extent;

/// Who decides where the rules cannot; he buys and sells like others.
pub(super) const ADMIN: MemberId = MemberId(1);

/// How many pictures everybody has.
const UPLOADED: u8 = 6;

/// How many members sell more than others.
const SELLERS: i64 = 3;

/// Makes up what happens next.
pub(super) struct Teller {
    pub(super) chance: Chance,
    /// Which pictures things have: by itself, so that with others the story is the same.
    looks: Chance,
    clock: HandClock,
    seed: u64,
    deposits: Deposits,
    /// Every key that was used.
    pub(super) keys: Vec<Key>,
    pub(super) seen: Seen,
    made: Cell<usize>,
}

impl Teller {
    pub(super) fn new(seed: u64, clock: &HandClock, deposits: Deposits) -> Teller {
        Teller {
            chance: Chance::new(seed),
            looks: Chance::new(!seed),
            clock: clock.clone(),
            seed,
            deposits,
            keys: Vec::new(),
            seen: Seen::default(),
            made: Cell::new(0),
        }
    }

    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    pub(super) fn now(&self) -> Time {
        self.clock.now()
    }

    pub(super) fn extent(&self, market: &Market) -> Extent {
        let auctions = market.auctions.last_key_value().map_or(0, |(id, _)| id.0);
        let withdrawals = market.withdrawals.last_key_value().map_or(0, |(id, _)| id.0);
        Extent { auctions: auctions + 1, members: MEMBERS + 1, withdrawals: withdrawals + 1 }
    }

    pub(super) fn member(&mut self) -> MemberId {
        MemberId(self.chance.within(1, MEMBERS))
    }

    /// Mostly this member, now and then any.
    pub(super) fn mostly(&mut self, member: MemberId) -> MemberId {
        if self.chance.once_in(8) { self.member() } else { member }
    }

    fn fresh_key(&mut self, member: MemberId) -> Key {
        self.made.set(self.made.get() + 1);
        let key = Key { text: format!("key-{:05}", self.made.get()).into(), member };
        self.keys.push(key.clone());
        key
    }

    /// Before anything else there is an admin, and everybody has uploaded the same pictures.
    pub(super) fn opening_deeds(&self) -> Vec<Deed> {
        let uploads =
            (1..=MEMBERS).flat_map(|member| (1..=UPLOADED).map(move |number| (MemberId(member), number)));
        let uploads = uploads.map(|(member, number)| Deed::Upload(member, number));
        std::iter::once(Deed::SetAdmin(ADMIN, true)).chain(uploads).collect()
    }

    /// Mostly no pictures, or a few of those that everybody has; now and then one that nobody has.
    pub(super) fn pictures(&mut self) -> Vec<Picture> {
        let count = self.looks.of(&[0, 0, 0, 1, 2, 3]);
        let first = self.looks.within(0, i64::from(UPLOADED) - 1) as u8;
        let beyond = self.looks.once_in(40).then_some(UPLOADED + 1);
        let numbers = (first..first + count).map(|number| number % UPLOADED + 1).chain(beyond);
        let alts = ["", "앞모습", "뒷모습 \"2\""];
        numbers
            .map(|number| Picture { address: address(number), alt: self.looks.of(&alts).to_owned() })
            .collect()
    }

    /// All but the last get money; then two things are for sale.
    pub(super) fn opening_calls(&mut self) -> Vec<(Call, Key)> {
        let mut calls = Vec::new();
        for member in (1..MEMBERS).map(MemberId) {
            let call = self.money_in(member, 3_000_000);
            let key = self.fresh_key(call.caller().unwrap_or(member));
            calls.push((call, key));
        }
        for seller in [MemberId(2), MemberId(3)] {
            let call = self.list(seller, None);
            let key = self.fresh_key(seller);
            calls.push((call, key));
        }
        calls
    }

    /// The calls of one turn, each with its key; now and then a key that was used before, and now and then somebody who
    /// does not stop.
    pub(super) fn calls(&mut self, market: &Market) -> Vec<(Call, Key)> {
        let stubborn = match self.chance.within(1, 60) {
            1..=2 => self.bids_in_vain(market),
            3..=6 => self.wrong_codes(market),
            _ => Vec::new(),
        };
        let calls = self.chance.within(0, 6);
        let calls: Vec<Call> =
            stubborn.into_iter().chain((0..calls).map(|_| self.new_call(market))).collect();
        calls.into_iter().map(|call| self.with_key(call)).collect()
    }

    fn with_key(&mut self, call: Call) -> (Call, Key) {
        let member = call.caller().unwrap_or(ADMIN);
        if self.chance.once_in(20) && !self.keys.is_empty() {
            let place = self.chance.within(0, self.keys.len() as i64 - 1);
            let text = self.keys[place as usize].text.clone();
            let key = Key { text, member };
            self.keys.push(key.clone());
            return (call, key);
        }
        let key = self.fresh_key(member);
        (call, key)
    }

    fn new_call(&mut self, market: &Market) -> Call {
        let member = self.member();
        match self.chance.within(1, 100) {
            1..=4 => {
                let amount = self.chance.of(&[30_000, 1_000_000, 10_000_000, 10_000_001, 0, -5]);
                self.money_in(member, amount)
            }
            5..=7 => self.money_out(member),
            8..=10 => self.settle(market),
            11..=16 => {
                let seller = MemberId(self.chance.within(1, SELLERS));
                self.list(seller, None)
            }
            17..=19 => self.list_again(market),
            20 => self.take_back_deposit(market),
            21 => self.fees_out(),
            22..=66 => self.on_running(market).unwrap_or_else(|| self.list(member, None)),
            _ => self
                .after_sale(market)
                .unwrap_or_else(|| self.on_running(market).unwrap_or_else(|| self.list(member, None))),
        }
    }

    fn money_in(&mut self, member: MemberId, amount: i64) -> Call {
        let by_hand = (self.deposits == Deposits::Manual) != self.chance.once_in(12);
        if by_hand {
            let reference = format!("입금 {amount}");
            return Call::EnterDeposit { admin: ADMIN, member, amount, reference };
        }
        Call::Deposit { member, amount }
    }

    fn money_out(&mut self, member: MemberId) -> Call {
        let amount = self.chance.of(&[1, 5_000, 100_000, 900_000_000, 0]);
        let destination = self.chance.of(&["이웃은행 1-23", "이웃은행 1-23", ""]).to_owned();
        Call::Withdraw { member, amount, destination }
    }

    fn settle(&mut self, market: &Market) -> Call {
        let newest = market.withdrawals.last_key_value().map_or(1, |(id, _)| id.0);
        let withdrawal = WithdrawalId(self.chance.within((newest - 2).max(1), newest + 1));
        let reason = self.chance.of(&["", "계좌가 없어요"]).to_owned();
        let is_done = self.chance.once_in(2);
        Call::SettleWithdrawal { admin: self.mostly(ADMIN), withdrawal, is_done, reason }
    }

    /// Mostly a deposit that there is, and often one of which something was taken back before.
    fn take_back_deposit(&mut self, market: &Market) -> Call {
        let deposits = market.transfers.values().filter(|new| new.transfer.reason == Reason::Deposit);
        let deposits: Vec<TransferId> = deposits.map(|new| new.id).collect();
        let begun: Vec<TransferId> = market.debts.keys().copied().collect();
        let deposit = match self.chance.within(1, 6) {
            1 => TransferId(self.chance.within(1, market.transfers.len() as i64 + 1)),
            2..=4 if !begun.is_empty() => self.chance.of(&begun),
            _ => self.chance.of(&deposits),
        };
        let reason = self.chance.of(&["은행이 되돌렸어요", "은행이 되돌렸어요", ""]).to_owned();
        Call::ReverseDeposit { admin: self.mostly(ADMIN), deposit, reason }
    }

    fn fees_out(&mut self) -> Call {
        let amount = self.chance.of(&[1, 1, 300, 5_000, 900_000_000, 0]);
        let reference = match self.chance.of(&["7월", "8월", ""]) {
            "" => String::new(),
            month => format!("{month} 수수료 {amount}"),
        };
        Call::WithdrawFees { admin: self.mostly(ADMIN), amount, reference }
    }

    pub(super) fn list(&mut self, seller: MemberId, again: Option<AuctionId>) -> Call {
        Call::List(Box::new(self.listing(seller, again)))
    }

    pub(super) fn listing(&mut self, seller: MemberId, again: Option<AuctionId>) -> Listing {
        let now = self.now();
        let mut listing = chair(seller, now);
        listing.again = again;
        listing.item.title = self.chance.of(&["원목 의자", "책상", "자전거"]).to_owned();
        listing.item.pictures = self.pictures();
        listing.start_price = self.chance.of(&[1, 1_000, 9_000, 95_000, 1_000]);
        listing.bid_unit = self.chance.of(&[None, None, Some(1_000), Some(500)]);
        let unit = listing.bid_unit.unwrap_or(700);
        let bought = self.chance.of(&[None, None, None, Some(0), Some(4), Some(40)]);
        listing.buy_now_price = bought.map(|steps| listing.start_price + steps * unit);
        let reserved = self.chance.of(&[None, None, Some(0), Some(3), Some(12)]);
        let reserved = reserved.map(|steps: i64| steps.min(bought.unwrap_or(steps)));
        listing.reserve_price = reserved.map(|steps| listing.start_price + steps * unit);
        let starts_in = self.chance.of(&[None, None, None, None, Some(5), Some(20)]);
        listing.starts_at = starts_in.map(|minutes| now.plus(Span::minutes(minutes)));
        let opens = listing.starts_at.unwrap_or(now);
        let minutes = [10, 11, 15, 60, 180, 1_440, 1_440, 2_880, 4_320];
        listing.ends_at = opens.plus(Span::minutes(self.chance.of(&minutes)));
        listing.soft_close_minutes = self.chance.of(&[0, 1, 3, 3, 10, 10]);
        self.spoil(&mut listing, opens);
        listing
    }

    /// Now and then something about it is wrong.
    fn spoil(&mut self, listing: &mut Listing, opens: Time) {
        match self.chance.within(1, 50) {
            1 => listing.start_price = 0,
            2 => listing.ends_at = opens.plus(Span::minutes(9)),
            3 => listing.soft_close_minutes = 4,
            4 => listing.reserve_price = listing.buy_now_price.map(|price| price + 1),
            _ => {}
        }
    }

    /// An item is sold again, mostly one whose auction is over.
    fn list_again(&mut self, market: &Market) -> Call {
        let over: Vec<&Auction> = market.auctions.values().filter(|one| one.outcome.is_some()).collect();
        if over.is_empty() || self.chance.once_in(10) {
            let old = AuctionId(self.chance.within(1, market.auctions.len() as i64 + 1));
            let seller = self.member();
            return self.list(seller, Some(old));
        }
        let old = self.chance.of(&over);
        let seller = self.mostly(old.seller);
        self.list(seller, Some(old.id))
    }

    /// What is done by the web's door.
    pub(super) fn deeds(&mut self, market: &Market) -> Vec<Deed> {
        let offered = market.offers.values().find(|offer| offer.state == OfferState::Open);
        let offered = offered.map(|offer| (market.auctions[&offer.auction].seller, offer.member));
        let offered = offered.filter(|(_, member)| *member != ADMIN);
        if !self.chance.once_in(9) {
            return Vec::new();
        }
        let (member, other) = (self.member(), self.member());
        let is_suspended = |member| market.members.get(&member).is_some_and(|standing| standing.suspended);
        let suspended: Vec<MemberId> =
            market.members.keys().copied().filter(|one| is_suspended(*one)).collect();
        let deed = match self.chance.within(1, 12) {
            1..=2 if member != ADMIN => Deed::Suspend(offered.map_or(member, |(_, offered)| offered)),
            3..=6 if !suspended.is_empty() => Deed::Restore(self.chance.of(&suspended)),
            7..=9 => {
                let reason = self.chance.of(&[None, Some("약속을 어겼어요")]).map(str::to_owned);
                offered.or_else(|| self.blocked_bidder(market)).map_or_else(
                    || Deed::Block { seller: member, member: other, reason: reason.clone() },
                    |(seller, member)| Deed::Block { seller, member, reason: reason.clone() },
                )
            }
            10 => market.blocks.first().map_or(Deed::Restore(member), |(seller, member)| Deed::Unblock {
                seller: *seller,
                member: *member,
            }),
            11 => Deed::LiftMarks(member),
            _ if member != ADMIN => Deed::SetAdmin(member, self.chance.once_in(2)),
            _ => return Vec::new(),
        };
        vec![deed]
    }

    /// A seller blocks somebody who bids on his auctions.
    fn blocked_bidder(&mut self, market: &Market) -> Option<(MemberId, MemberId)> {
        let running = |auction: &&Auction| auction.outcome.is_none();
        let pairs: Vec<(MemberId, MemberId)> = market
            .auctions
            .values()
            .filter(running)
            .flat_map(|auction| {
                let bidders = market.bidders.keys().filter(|(id, _)| *id == auction.id);
                bidders.map(|(_, member)| (auction.seller, *member))
            })
            .collect();
        (!pairs.is_empty()).then(|| self.chance.of(&pairs))
    }

    /// The seller's hand, or an admin's.
    pub(super) fn hand(&mut self, seller: MemberId) -> Hand {
        match self.chance.within(1, 3) {
            1 => Hand::Admin(self.mostly(ADMIN)),
            _ => Hand::Seller(self.mostly(seller)),
        }
    }
}
