//! The demo's orders: neighbours hand over, confirm, quarrel now and then, and say what they think of each other, so that a
//! newcomer sees every stage of a sale.

use anyhow::Result;
use auction::{Command, Order, OrderCommand, OrderId, OrderState};
use engine::Call;
use ledger::MemberId;
use store::Key;
use store::records::{NewReview, Page};

use super::Demo;
use super::chance::Chance;

/// How many of his orders a neighbour looks at.
const LOOKS_AT: usize = 10;

/// One order in so many is disputed, by its number, so that there always is one to look at.
const DISPUTED_EVERY: i64 = 7;

/// The first of them.
const DISPUTED_FIRST: i64 = 2;

/// What a carrier is called here.
const CARRIER: &str = "동네택배";

/// What buyers say, and what sellers do.
const PRAISE: [&str; 4] = [
    "설명 그대로였어요. 고맙습니다!",
    "약속 시간을 잘 지켜 주셨어요.",
    "포장이 꼼꼼해서 놀랐어요.",
    "다음에도 이 이웃과 거래하고 싶어요.",
];

impl Demo {
    /// One neighbour looks after one of his orders.
    pub(super) async fn follow_orders(&self, neighbours: &[MemberId], chance: &mut Chance) -> Result<()> {
        let member = neighbours[chance.index(neighbours.len())];
        let page = self.records.orders(member, Page { cursor: None, limit: LOOKS_AT }).await?;
        if page.items.is_empty() {
            return Ok(());
        }
        let row = &page.items[chance.index(page.items.len())];
        let Some(found) = self.records.order(row.id).await? else { return Ok(()) };
        let order = found.order;
        if !order.state.is_open() {
            return self.review(&order, member, chance).await;
        }
        if let Some(command) = next_step(&order, member, chance) {
            self.step(order.auction, order.id, command, member, chance).await;
        }
        Ok(())
    }

    async fn step(
        &self,
        auction: auction::AuctionId,
        order: OrderId,
        command: OrderCommand,
        member: MemberId,
        chance: &mut Chance,
    ) {
        let command = Command::Order { order, command: Box::new(command) };
        let key = format!("demo-order-{}-{}", (self.clock)().0, chance.below(1 << 32));
        // A refusal is an answer too: the other side may have been quicker.
        self.engine.ask(Call::Auction { auction, command }, Key { text: key.into(), member }).await;
    }

    async fn review(&self, order: &Order, member: MemberId, chance: &mut Chance) -> Result<()> {
        let Some(by) = order.side(member) else { return Ok(()) };
        let stars = 3 + chance.below(3) as i64;
        let text = PRAISE[chance.index(PRAISE.len())].to_owned();
        let review = NewReview { order: order.id, by, stars, text, at: (self.clock)() };
        // Whoever has written already has said what he had to say.
        let _written = self.records.write_review(review).await?;
        Ok(())
    }
}

/// What a member does next with an order of his, if it is his turn.
fn next_step(order: &Order, member: MemberId, chance: &mut Chance) -> Option<OrderCommand> {
    let is_buyer = order.buyer == member;
    let is_quarrel = order.id.0 % DISPUTED_EVERY == DISPUTED_FIRST;
    match order.state {
        OrderState::ToHandOver if !is_buyer && order.shipped_at.is_none() && chance.below(2) == 0 => {
            let tracking = format!("{:012}", chance.below(1_000_000_000_000));
            Some(OrderCommand::Ship { member, carrier: CARRIER.to_owned(), tracking })
        }
        // They met, and the buyer has said his code.
        OrderState::ToHandOver if !is_buyer && !is_quarrel && chance.below(3) == 0 => {
            Some(OrderCommand::EnterReceiptCode { member, code: format!("{:06}", order.receipt_code) })
        }
        OrderState::ToHandOver if is_buyer && is_quarrel && order.shipped_at.is_some() => {
            let text = "받아 보니 설명에 없던 금이 가 있어요. 사진은 이웃에게 보냈어요.".to_owned();
            Some(OrderCommand::Dispute { member, text })
        }
        OrderState::ToHandOver if is_buyer && order.shipped_at.is_some() => {
            Some(OrderCommand::Receive { member })
        }
        _ => None,
    }
}
