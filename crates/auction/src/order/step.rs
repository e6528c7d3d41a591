//! Steps: committed facts of one order, numbered without a gap.

use ledger::{MemberId, Money, OrderId};

use crate::order::{Order, OrderState};
use crate::time::Time;

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
    /// Whose doing it was; none if the house's. With an offer, to whom it was made.
    pub by: Option<MemberId>,
    /// Where the order stands after it.
    pub state: OrderState,
    /// When the house looks at it next, after it; with an open offer, when that lapses.
    pub due: Option<Time>,
    /// What was written: evidence, a reason, carrier and number.
    pub text: Option<String>,
    /// The amount it speaks of: what was paid, paid out or given back, or for how much it was offered.
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

impl OrderStep {
    /// The order's newest step, with where it stands; the caller sets what else the kind carries.
    pub(crate) fn of(order: &Order, kind: StepKind, at: Time) -> OrderStep {
        OrderStep {
            order: order.id,
            seq: order.seq,
            kind,
            at,
            by: None,
            state: order.state,
            due: order.due,
            text: None,
            amount: None,
        }
    }
}
