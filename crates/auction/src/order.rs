//! Orders: what follows a sale. The money waits in escrow until the thing is in the buyer's hand, or a person has decided
//! (rules §5). Every deadline is kept by the closer, once.
//!
//! All commands here are asked of an auction that is over: it stays as it is, and what happens is told by steps.

mod aftermath;
mod cancel;
mod change;
mod code;
mod deadline;
mod dispute;
mod ending;
mod handover;
mod mark;
mod offer;
mod step;

pub use aftermath::{Aftermath, Offer, OfferState};
pub use cancel::BUYER_MAY_CANCEL_AFTER;
pub use code::{CODE_DIGITS, CODE_LOCK, TRIES_BEFORE_DISPUTE, TRIES_BEFORE_LOCK};
pub use deadline::{
    ASKED_AFTER_SHIPPING, DELIVERED_BUSINESS_DAYS, DONE_AFTER_SHIPPING, HANDOVER_CODE_WITHIN,
    SELLER_ACTS_WITHIN, aftermath_deadline,
};
pub use dispute::{
    DECIDED_WITHIN, DECISION_CHARS_MAX, DISPUTE_CHARS_MAX, EVIDENCE_PER_SIDE_MAX, EVIDENCE_WITHIN,
};
pub use handover::{CARRIER_CHARS_MAX, TRACKING_CHARS_MAX};
pub use mark::{Mark, MarkKind};
pub use offer::{OFFER_LASTS, OFFERED_WITHIN, OFFERS_MAX};
pub use step::{OrderStep, StepKind};

pub(crate) use deadline::{due, outage};
pub(crate) use offer::{accept_offer, decline_offer, offer, withdraw_from};

use ledger::{AuctionId, MemberId, Money, OrderId, PartsPerMillion};

use crate::decide::{Effects, Standing};
use crate::listing::{FieldCode, FieldInvalid};
use crate::refusal::Refusal;
use crate::time::Time;
use change::Change;

/// From so many steps on no wish to cancel comes or goes and no number is corrected: an order's history has an end.
pub const FREE_STEPS_MAX: i64 = 100;

/// An order as it stands: everything the rules look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its number.
    pub id: OrderId,
    /// Of which auction.
    pub auction: AuctionId,
    /// Who is paid.
    pub seller: MemberId,
    /// Who has paid.
    pub buyer: MemberId,
    /// What he has paid.
    pub price: Money,
    /// What the house keeps of it, as the auction was listed.
    pub fee_rate: PartsPerMillion,
    /// Which of its auction's orders it is: 1 is the sale's own. The highest is the newest; orders' own numbers, which several
    /// lanes give out, do not say that.
    pub number: i64,
    /// Whether it came of an offer after another order of the auction fell through.
    pub is_second_chance: bool,
    /// Where it stands.
    pub state: OrderState,
    /// The number of its newest step; 1 is `opened`.
    pub seq: i64,
    /// When the sale was.
    pub opened_at: Time,
    /// The time of its newest step: time never runs back along `seq`.
    pub newest: Time,
    /// When the house must look at it next; `None` once it is over, or once a dispute is overdue.
    pub due: Option<Time>,
    /// Shown to the buyer alone, said aloud once the thing is in his hand, typed by the seller: 0 to 999,999.
    pub receipt_code: i64,
    /// Shown to the seller alone, typed by the buyer: proves that both were there. 0 to 999,999.
    pub meeting_code: i64,
    /// Wrong codes typed since the last lock.
    pub tries: i64,
    /// Wrong codes typed in all.
    pub tries_in_all: i64,
    /// Until when no code is taken.
    pub locked_until: Option<Time>,
    /// By whom it is carried, once the seller has said so.
    pub carrier: Option<String>,
    /// The carrier's number for it.
    pub tracking: Option<String>,
    /// When the seller sent it.
    pub shipped_at: Option<Time>,
    /// When the meeting code was accepted.
    pub met_at: Option<Time>,
    /// When it was delivered, by the buyer's word or the carrier's.
    pub delivered_at: Option<Time>,
    /// How often the buyer was asked whether it has come.
    pub asked: i64,
    /// Who wants to cancel it, if the other has not agreed.
    pub wants_cancel: Option<Side>,
    /// When it was disputed.
    pub disputed_at: Option<Time>,
    /// By whom; by neither if the house did.
    pub disputed_by: Option<Side>,
    /// How often the buyer added to the dispute.
    pub buyer_evidence: i64,
    /// How often the seller did.
    pub seller_evidence: i64,
    /// When it was over: done, refunded or split. Offers and reviews count their days from here.
    pub ended_at: Option<Time>,
    /// What the buyer got back, once it is over.
    pub refund: Option<Money>,
    /// What the house kept, once it is over.
    pub fee: Option<Money>,
    /// By whom it fell through, if by anybody.
    pub fault: Option<Side>,
    /// When the house was back from the outage that last moved `due`, so that lost time is given back once.
    pub outage: Option<Time>,
}

/// `to_hand_over` → `delivered` → `done`, or `refunded`, or `disputed` → `split`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrderState {
    /// Paid; the seller has to send the thing, or both meet.
    ToHandOver,
    /// The buyer has it, by his own word or the carrier's.
    Delivered,
    /// The seller is paid.
    Done,
    /// The buyer has his money back.
    Refunded,
    /// A person has to decide.
    Disputed,
    /// An admin has divided the money.
    Split,
}

/// One of the two sides of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Who paid.
    Buyer,
    /// Who is paid.
    Seller,
}

/// What is asked of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderCommand {
    /// The seller has sent it.
    Ship {
        /// Who says so.
        member: MemberId,
        /// By whom it is carried.
        carrier: String,
        /// The carrier's number for it.
        tracking: String,
    },
    /// The buyer says that it has come.
    Receive {
        /// Who says so.
        member: MemberId,
    },
    /// The seller types the receipt code that the buyer has told him: the money is his.
    EnterReceiptCode {
        /// Who types.
        member: MemberId,
        /// As sent: the rules judge it.
        code: String,
    },
    /// The buyer types the meeting code that the seller has told him: both were there.
    EnterMeetingCode {
        /// Who types.
        member: MemberId,
        /// As sent: the rules judge it.
        code: String,
    },
    /// A side wants to cancel it, agrees to the other's wish, or the buyer does so alone because the seller does not act.
    Cancel {
        /// Who asks.
        member: MemberId,
    },
    /// A side takes its wish to cancel back.
    KeepOn {
        /// Who asks.
        member: MemberId,
    },
    /// A side wants a person to decide.
    Dispute {
        /// Who asks.
        member: MemberId,
        /// Why, for the other side and the admin.
        text: String,
    },
    /// A side adds to a dispute.
    Evidence {
        /// Who adds.
        member: MemberId,
        /// For the other side and the admin.
        text: String,
    },
    /// An admin, who is neither, divides the escrow.
    Decide {
        /// Who decides.
        admin: MemberId,
        /// What the buyer gets back, as sent: the rules judge it.
        refund: i64,
        /// By whom it fell through, if by anybody.
        fault: Option<Side>,
        /// Why, for both sides.
        reason: String,
    },
}

/// Judges one command about the auction's newest order. Commands about another are refused as if there were none.
///
/// # Errors
/// The first reason in the published order (rules §2 and §5); then nothing was changed.
pub(crate) fn decide(
    standing: &Standing<'_>,
    id: OrderId,
    command: &OrderCommand,
    now: Time,
) -> Result<Effects, Refusal> {
    command.shape()?;
    let order = standing.aftermath.and_then(|aftermath| aftermath.order.as_ref());
    let order = order.filter(|order| order.id == id).ok_or(Refusal::OrderNotFound)?;
    let change = Change::of(standing, order, now);
    let Some(side) = order.side(command.member()) else {
        return dispute::decide(change, command);
    };
    let other = command.side().filter(|needed| *needed != side);
    if other == Some(Side::Seller) {
        return Err(Refusal::NotSeller);
    }
    if order.is_past_due(change.now) {
        return Err(Refusal::TooLate);
    }
    if other == Some(Side::Buyer) {
        return Err(Refusal::NotBuyer);
    }
    match command {
        OrderCommand::Ship { carrier, tracking, .. } => handover::ship(change, carrier, tracking),
        OrderCommand::Receive { .. } => handover::receive(change),
        OrderCommand::EnterReceiptCode { code, .. } => handover::enter_receipt_code(change, code),
        OrderCommand::EnterMeetingCode { code, .. } => handover::enter_meeting_code(change, code),
        OrderCommand::Cancel { .. } => cancel::cancel(change, side),
        OrderCommand::KeepOn { .. } => cancel::keep_on(change, side),
        OrderCommand::Dispute { text, .. } => dispute::open(change, side, text),
        OrderCommand::Evidence { text, .. } => dispute::add(change, side, text),
        OrderCommand::Decide { .. } => Err(Refusal::NotAdmin),
    }
}

impl Aftermath {
    /// The members whose wallets it may touch: the buyer, and those to whom something is offered.
    pub fn members(&self) -> impl Iterator<Item = MemberId> {
        let offered = self.offers.iter().filter(|offer| offer.state == OfferState::Open);
        self.order.iter().map(|order| order.buyer).chain(offered.map(|offer| offer.member))
    }
}

impl Order {
    /// Opens the order of a sale that was just paid into escrow.
    pub(crate) fn open(
        standing: &Standing<'_>,
        buyer: MemberId,
        price: Money,
        now: Time,
        effects: &mut Effects,
    ) {
        Order::open_as(standing, buyer, price, false, now, effects);
    }

    /// Opens the order of a sale, or of an offer that was taken, and writes its first step.
    fn open_as(
        standing: &Standing<'_>,
        buyer: MemberId,
        price: Money,
        is_second_chance: bool,
        now: Time,
        effects: &mut Effects,
    ) {
        let before = standing.aftermath.and_then(|after| after.order.as_ref());
        let order = Order {
            id: standing.next_order.id,
            number: before.map_or(1, |order| order.number.saturating_add(1)),
            auction: standing.auction.id,
            seller: standing.auction.seller,
            buyer,
            price,
            fee_rate: standing.auction.fee_rate,
            is_second_chance,
            state: OrderState::ToHandOver,
            seq: 1,
            opened_at: now,
            newest: now,
            due: Some(now.plus(SELLER_ACTS_WITHIN)),
            receipt_code: standing.next_order.receipt_code,
            meeting_code: standing.next_order.meeting_code,
            tries: 0,
            tries_in_all: 0,
            locked_until: None,
            carrier: None,
            tracking: None,
            shipped_at: None,
            met_at: None,
            delivered_at: None,
            asked: 0,
            wants_cancel: None,
            disputed_at: None,
            disputed_by: None,
            buyer_evidence: 0,
            seller_evidence: 0,
            ended_at: None,
            refund: None,
            fee: None,
            fault: None,
            outage: None,
        };
        let mut step = OrderStep::of(&order, StepKind::Opened, now);
        step.by = Some(buyer);
        step.amount = Some(price);
        effects.steps.push(step);
        effects.orders.push(order);
    }

    /// Which of its two sides the member is, if he is one.
    pub fn side(&self, member: MemberId) -> Option<Side> {
        if member == self.buyer {
            Some(Side::Buyer)
        } else if member == self.seller {
            Some(Side::Seller)
        } else {
            None
        }
    }

    /// The member on that side.
    pub const fn member(&self, side: Side) -> MemberId {
        match side {
            Side::Buyer => self.buyer,
            Side::Seller => self.seller,
        }
    }

    /// Whether the seller has acted (rules §5): carrier and number entered, or the meeting code accepted.
    pub const fn is_acted_on(&self) -> bool {
        self.shipped_at.is_some() || self.met_at.is_some()
    }

    /// Whether it fell through by the buyer, all of his money given back: then the thing may be offered to the next.
    pub fn fell_through_by_buyer(&self) -> bool {
        let gave_all_back = match self.state {
            OrderState::Refunded => true,
            OrderState::Split => self.refund == Some(self.price),
            OrderState::ToHandOver | OrderState::Delivered | OrderState::Done | OrderState::Disputed => false,
        };
        gave_all_back && self.fault == Some(Side::Buyer)
    }

    /// Refuses a command that does not fit where the order stands.
    fn in_state(&self, states: &[OrderState]) -> Result<(), Refusal> {
        if states.contains(&self.state) { Ok(()) } else { Err(self.wrong_state()) }
    }

    const fn wrong_state(&self) -> Refusal {
        Refusal::OrderState { state: self.state }
    }
}

impl OrderCommand {
    /// The member who asks.
    pub const fn caller(&self) -> Option<MemberId> {
        Some(self.member())
    }

    const fn member(&self) -> MemberId {
        match self {
            OrderCommand::Ship { member, .. }
            | OrderCommand::Receive { member }
            | OrderCommand::EnterReceiptCode { member, .. }
            | OrderCommand::EnterMeetingCode { member, .. }
            | OrderCommand::Cancel { member }
            | OrderCommand::KeepOn { member }
            | OrderCommand::Dispute { member, .. }
            | OrderCommand::Evidence { member, .. }
            | OrderCommand::Decide { admin: member, .. } => *member,
        }
    }

    /// The stable name, as the table of transitions has it.
    pub const fn name(&self) -> &'static str {
        match self {
            OrderCommand::Ship { .. } => "ship",
            OrderCommand::Receive { .. } => "receive",
            OrderCommand::EnterReceiptCode { .. } => "receipt_code",
            OrderCommand::EnterMeetingCode { .. } => "meeting_code",
            OrderCommand::Cancel { .. } => "cancel",
            OrderCommand::KeepOn { .. } => "keep_on",
            OrderCommand::Dispute { .. } => "dispute",
            OrderCommand::Evidence { .. } => "evidence",
            OrderCommand::Decide { .. } => "decide",
        }
    }

    /// The side that alone may ask it, if not both may.
    const fn side(&self) -> Option<Side> {
        match self {
            OrderCommand::Ship { .. } | OrderCommand::EnterReceiptCode { .. } => Some(Side::Seller),
            OrderCommand::Receive { .. } | OrderCommand::EnterMeetingCode { .. } => Some(Side::Buyer),
            OrderCommand::Cancel { .. }
            | OrderCommand::KeepOn { .. }
            | OrderCommand::Dispute { .. }
            | OrderCommand::Evidence { .. }
            | OrderCommand::Decide { .. } => None,
        }
    }

    /// Judges what was written, whoever wrote it and wherever the order stands.
    fn shape(&self) -> Result<(), Refusal> {
        let faults = match self {
            OrderCommand::Ship { carrier, tracking, .. } => handover::faults(carrier, tracking),
            OrderCommand::EnterReceiptCode { code, .. } | OrderCommand::EnterMeetingCode { code, .. } => {
                vec![("code", code::fault(code))]
            }
            OrderCommand::Dispute { text, .. } | OrderCommand::Evidence { text, .. } => {
                vec![("text", dispute::text_fault(text))]
            }
            OrderCommand::Decide { reason, .. } => return dispute::judge_reason(reason),
            OrderCommand::Receive { .. } | OrderCommand::Cancel { .. } | OrderCommand::KeepOn { .. } => {
                Vec::new()
            }
        };
        refuse_faults(faults)
    }
}

/// Names every field that cannot stay as it is, if there is one.
fn refuse_faults(faults: Vec<(&'static str, Option<FieldCode>)>) -> Result<(), Refusal> {
    let named = faults.into_iter().filter_map(|(field, code)| code.map(|code| FieldInvalid { field, code }));
    let errors: Vec<FieldInvalid> = named.collect();
    if errors.is_empty() { Ok(()) } else { Err(Refusal::Invalid { errors }) }
}

impl OrderState {
    /// Every state, in the order of their numbers in a store.
    pub const ALL: [OrderState; 6] = [
        OrderState::ToHandOver,
        OrderState::Delivered,
        OrderState::Done,
        OrderState::Refunded,
        OrderState::Disputed,
        OrderState::Split,
    ];

    /// The stable name, as clients see it.
    pub const fn name(self) -> &'static str {
        match self {
            OrderState::ToHandOver => "to_hand_over",
            OrderState::Delivered => "delivered",
            OrderState::Done => "done",
            OrderState::Refunded => "refunded",
            OrderState::Disputed => "disputed",
            OrderState::Split => "split",
        }
    }

    /// Whether its money is still in escrow.
    pub const fn is_open(self) -> bool {
        matches!(self, OrderState::ToHandOver | OrderState::Delivered | OrderState::Disputed)
    }
}

impl Side {
    /// Both, in the order of their numbers in a store.
    pub const ALL: [Side; 2] = [Side::Buyer, Side::Seller];

    /// The stable name, as clients see it.
    pub const fn name(self) -> &'static str {
        match self {
            Side::Buyer => "buyer",
            Side::Seller => "seller",
        }
    }

    /// The side of that name.
    pub fn named(name: &str) -> Option<Side> {
        Side::ALL.into_iter().find(|side| side.name() == name)
    }
}
