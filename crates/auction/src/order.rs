//! Orders: what follows a sale. The money waits in escrow until the thing is in the buyer's hand, or a person has decided
//! (rules §5). Every deadline is kept by the closer, once.

use ledger::{AuctionId, MemberId, Money, OrderId, PartsPerMillion};

use crate::decide::{Effects, Standing};
use crate::time::Time;

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
    /// Whether it came of an offer after another order of the auction fell through.
    pub is_second_chance: bool,
    /// Where it stands.
    pub state: OrderState,
    /// The number of its newest step; 0 while nothing happened since it was opened.
    pub seq: i64,
    /// When the sale was.
    pub opened_at: Time,
    /// The time of its newest step: time never runs back along `seq`.
    pub newest: Time,
    /// When the house must look at it next; `None` once it is over.
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

/// A committed fact of one order, numbered without a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderStep {
    /// Of which order.
    pub order: OrderId,
    /// Its number there, from 1 on.
    pub seq: i64,
    /// What happened.
    pub kind: StepKind,
    /// When, by the round's clock.
    pub at: Time,
    /// Whose doing it was; none if the house's.
    pub by: Option<MemberId>,
    /// Where the order stands after it.
    pub state: OrderState,
    /// When the house looks at it next, after it.
    pub due: Option<Time>,
    /// What was written: evidence, a reason, carrier and number.
    pub text: Option<String>,
    /// The amount it speaks of: what was given back, or for how much it was offered.
    pub amount: Option<Money>,
}

/// What happened to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepKind {
    /// The sale was paid into escrow; always number 1.
    Opened,
    /// The seller has sent it.
    Shipped,
    /// The meeting code was accepted.
    Met,
    /// A wrong code was typed.
    WrongCode,
    /// Too many of them: none is taken for an hour.
    Locked,
    /// It has come, by the buyer's word or the carrier's.
    Delivered,
    /// The house asked the buyer whether it has come.
    Asked,
    /// The seller is paid.
    Done,
    /// A side wants to cancel.
    CancelWanted,
    /// It took that back.
    CancelTakenBack,
    /// Both agreed, or the seller did not act: the buyer has his money back.
    Refunded,
    /// A person has to decide.
    Disputed,
    /// A side added to the dispute.
    Evidence,
    /// Nobody has decided for so long that every admin is shown it.
    Overdue,
    /// An admin has divided the money.
    Split,
    /// The thing was offered to the next bidder.
    Offered,
    /// He took it.
    OfferAccepted,
    /// He did not want it.
    OfferDeclined,
    /// He did not answer in time.
    OfferLapsed,
    /// An outage moved the deadline.
    Extended,
}

/// The thing offered to another bidder after an order fell through by the buyer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Of which auction.
    pub auction: AuctionId,
    /// 1 to 3.
    pub number: i64,
    /// To whom.
    pub member: MemberId,
    /// For how much.
    pub price: Money,
    /// When.
    pub at: Time,
    /// Until when he may answer.
    pub until: Time,
    /// What he answered.
    pub state: OfferState,
}

/// What became of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OfferState {
    /// He may still answer.
    Open,
    /// He took it and paid.
    Accepted,
    /// He did not want it.
    Declined,
    /// He did not answer in time.
    Lapsed,
}

/// What stands after the hammer: the newest order of an auction and the offers that followed it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aftermath {
    /// The newest order, if it was sold.
    pub order: Option<Order>,
    /// All offers, by number.
    pub offers: Vec<Offer>,
}

/// Something that stands on a member's record for everyone to see (rules §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Whose record.
    pub member: MemberId,
    /// What he did.
    pub kind: MarkKind,
    /// In which auction.
    pub auction: AuctionId,
    /// In which order, if in one.
    pub order: Option<OrderId>,
    /// When.
    pub at: Time,
}

/// What stands on a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarkKind {
    /// As a seller he did not hand over.
    SellerDefault,
    /// As a buyer he let the sale fall through.
    BuyerDefault,
    /// As a seller he cancelled with bids.
    CancelledWithBids,
    /// As a seller he took a lead back.
    TookLeadBack,
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
        effects.orders.push(Order {
            id: standing.next_order.id,
            auction: standing.auction.id,
            seller: standing.auction.seller,
            buyer,
            price,
            fee_rate: standing.auction.fee_rate,
            is_second_chance: false,
            state: OrderState::Done,
            seq: 0,
            opened_at: now,
            newest: now,
            due: None,
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
            refund: None,
            fee: None,
            fault: None,
            outage: None,
        });
    }
}

impl OrderCommand {
    /// The member who asks.
    pub const fn caller(&self) -> Option<MemberId> {
        match self {
            OrderCommand::Ship { member, .. }
            | OrderCommand::Receive { member }
            | OrderCommand::EnterReceiptCode { member, .. }
            | OrderCommand::EnterMeetingCode { member, .. }
            | OrderCommand::Cancel { member }
            | OrderCommand::KeepOn { member }
            | OrderCommand::Dispute { member, .. }
            | OrderCommand::Evidence { member, .. }
            | OrderCommand::Decide { admin: member, .. } => Some(*member),
        }
    }
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

impl StepKind {
    /// Every kind, in the order of their numbers in a store.
    pub const ALL: [StepKind; 20] = [
        StepKind::Opened,
        StepKind::Shipped,
        StepKind::Met,
        StepKind::WrongCode,
        StepKind::Locked,
        StepKind::Delivered,
        StepKind::Asked,
        StepKind::Done,
        StepKind::CancelWanted,
        StepKind::CancelTakenBack,
        StepKind::Refunded,
        StepKind::Disputed,
        StepKind::Evidence,
        StepKind::Overdue,
        StepKind::Split,
        StepKind::Offered,
        StepKind::OfferAccepted,
        StepKind::OfferDeclined,
        StepKind::OfferLapsed,
        StepKind::Extended,
    ];

    /// The stable name, as clients see it.
    pub const fn name(self) -> &'static str {
        match self {
            StepKind::Opened => "opened",
            StepKind::Shipped => "shipped",
            StepKind::Met => "met",
            StepKind::WrongCode => "wrong_code",
            StepKind::Locked => "locked",
            StepKind::Delivered => "delivered",
            StepKind::Asked => "asked",
            StepKind::Done => "done",
            StepKind::CancelWanted => "cancel_wanted",
            StepKind::CancelTakenBack => "cancel_taken_back",
            StepKind::Refunded => "refunded",
            StepKind::Disputed => "disputed",
            StepKind::Evidence => "evidence",
            StepKind::Overdue => "overdue",
            StepKind::Split => "split",
            StepKind::Offered => "offered",
            StepKind::OfferAccepted => "offer_accepted",
            StepKind::OfferDeclined => "offer_declined",
            StepKind::OfferLapsed => "offer_lapsed",
            StepKind::Extended => "extended",
        }
    }
}

impl OfferState {
    /// Every state, in the order of their numbers in a store.
    pub const ALL: [OfferState; 4] =
        [OfferState::Open, OfferState::Accepted, OfferState::Declined, OfferState::Lapsed];

    /// The stable name, as clients see it.
    pub const fn name(self) -> &'static str {
        match self {
            OfferState::Open => "open",
            OfferState::Accepted => "accepted",
            OfferState::Declined => "declined",
            OfferState::Lapsed => "lapsed",
        }
    }
}

impl MarkKind {
    /// Every kind, in the order of their numbers in a store.
    pub const ALL: [MarkKind; 4] = [
        MarkKind::SellerDefault,
        MarkKind::BuyerDefault,
        MarkKind::CancelledWithBids,
        MarkKind::TookLeadBack,
    ];

    /// The stable name, as clients see it.
    pub const fn name(self) -> &'static str {
        match self {
            MarkKind::SellerDefault => "seller_default",
            MarkKind::BuyerDefault => "buyer_default",
            MarkKind::CancelledWithBids => "cancelled_with_bids",
            MarkKind::TookLeadBack => "took_lead_back",
        }
    }
}

/// When to look at what came after an auction.
pub fn aftermath_deadline(after: &Aftermath) -> Option<Time> {
    after.order.as_ref().and_then(|order| order.due)
}
