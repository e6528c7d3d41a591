//! What is asked of orders and offers.

use auction::{Auction, AuctionId, Command, OfferState, Order, OrderCommand, OrderId, OrderState, Side};
use engine::Call;
use ledger::MemberId;
use store::memory::Market;

use super::teller::{ADMIN, Teller};

/// More wrong codes than one may type before none is taken.
const WRONG_CODES: usize = 6;

impl Teller {
    /// A command about what follows a sale, where there is one.
    pub(super) fn after_sale(&mut self, market: &Market) -> Option<Call> {
        let orders: Vec<&Order> = market.orders.values().collect();
        let open: Vec<&Order> = orders.iter().copied().filter(|order| order.state.is_open()).collect();
        if orders.is_empty() {
            return None;
        }
        if self.chance.once_in(4) || open.is_empty() {
            let fallen = orders.iter().copied().filter(|order| order.fell_through_by_buyer());
            let fallen: Vec<&Order> = fallen.collect();
            let is_any = fallen.is_empty() || self.chance.once_in(4);
            let order = self.chance.of(if is_any { &orders } else { &fallen });
            return Some(self.about_offers(market, &market.auctions[&order.auction]));
        }
        let order = self.chance.of(&open);
        let command = self.order_command(order);
        let beyond = self.chance.once_in(30);
        let id = if beyond { OrderId(market.orders.len() as i64 + 1) } else { order.id };
        let command = Command::Order { order: id, command: Box::new(command) };
        Some(Call::Auction { auction: order.auction, command })
    }

    fn about_offers(&mut self, market: &Market, auction: &Auction) -> Call {
        let of_auction = (auction.id, i64::MIN)..=(auction.id, i64::MAX);
        let mut offered = market.offers.range(of_auction).map(|(_, offer)| offer);
        let open = offered.rfind(|offer| offer.state == OfferState::Open);
        let command = match open {
            Some(offer) => {
                let member = self.mostly(offer.member);
                match self.chance.within(1, 5) {
                    1..=2 => Command::AcceptOffer { member },
                    3..=4 => Command::DeclineOffer { member },
                    _ => Command::Offer { seller: auction.seller },
                }
            }
            None if self.chance.once_in(12) => Command::AcceptOffer { member: self.member() },
            None => Command::Offer { seller: self.mostly(auction.seller) },
        };
        Call::Auction { auction: auction.id, command }
    }

    fn order_command(&mut self, order: &Order) -> OrderCommand {
        let (buyer, seller) = (self.mostly(order.buyer), self.mostly(order.seller));
        let side = self.chance.of(&[buyer, seller]);
        let text = self.chance.of(&["상자가 비어 있었어요", "사진과 달라요", ""]).to_owned();
        if order.state == OrderState::Disputed && !self.chance.once_in(4) {
            return if self.chance.once_in(3) { self.decide(order) } else { evidence(side, text) };
        }
        match self.chance.within(1, 100) {
            1..=16 => {
                let tracking = self.chance.of(&["123-456", "123-457", ""]).to_owned();
                OrderCommand::Ship { member: seller, carrier: "이웃택배".to_owned(), tracking }
            }
            17..=27 => OrderCommand::Receive { member: buyer },
            28..=38 => OrderCommand::EnterReceiptCode { member: seller, code: self.code(order.receipt_code) },
            39..=49 => OrderCommand::EnterMeetingCode { member: buyer, code: self.code(order.meeting_code) },
            50..=74 => self.cancel(order),
            75..=79 => OrderCommand::KeepOn { member: side },
            80..=91 => OrderCommand::Dispute { member: side, text },
            92..=95 => evidence(side, text),
            _ => self.decide(order),
        }
    }

    /// Mostly the buyer wants out, and the seller agrees: then the thing may be offered to the next.
    fn cancel(&mut self, order: &Order) -> OrderCommand {
        let member = match order.wants_cancel {
            Some(Side::Buyer) => self.mostly(order.seller),
            Some(Side::Seller) => self.mostly(order.buyer),
            None if self.chance.once_in(5) => order.seller,
            None => self.mostly(order.buyer),
        };
        OrderCommand::Cancel { member }
    }

    fn decide(&mut self, order: &Order) -> OrderCommand {
        let price = order.price.won();
        let refund = self.chance.of(&[0, price / 3, price, price, price + 1, -1]);
        let fault = self.chance.of(&[None, Some(Side::Buyer), Some(Side::Buyer), Some(Side::Seller)]);
        let reason = self.chance.of(&["사진을 보고 정했어요", "사진을 보고 정했어요", ""]).to_owned();
        OrderCommand::Decide { admin: self.mostly(ADMIN), refund, fault, reason }
    }

    fn code(&mut self, right: i64) -> String {
        match self.chance.within(1, 10) {
            1..=4 => format!("{right:06}"),
            5..=9 => wrong(right),
            _ => "12345".to_owned(),
        }
    }

    /// Somebody types one wrong code after the other.
    pub(super) fn wrong_codes(&mut self, market: &Market) -> Vec<Call> {
        let open: Vec<(AuctionId, OrderId, MemberId, i64)> = market
            .orders
            .values()
            .filter(|order| matches!(order.state, OrderState::ToHandOver | OrderState::Delivered))
            .map(|order| (order.auction, order.id, order.seller, order.receipt_code))
            .collect();
        if open.is_empty() {
            return Vec::new();
        }
        let (auction, order, member, right) = self.chance.of(&open);
        let command = Box::new(OrderCommand::EnterReceiptCode { member, code: wrong(right) });
        vec![Call::Auction { auction, command: Command::Order { order, command } }; WRONG_CODES]
    }
}

fn wrong(right: i64) -> String {
    format!("{:06}", (right + 1) % 1_000_000)
}

fn evidence(member: MemberId, text: String) -> OrderCommand {
    OrderCommand::Evidence { member, text }
}
