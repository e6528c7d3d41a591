//! Lives: which state may follow which, and what leads there. The documentation's pictures are drawn from these tables,
//! and the tests hold the rules to them in both directions: nothing happens that is not here, and all of it happens.

use crate::auction::Status;
use crate::order::OrderState;

impl OrderState {
    /// Every change of state: from, by what, to. By what: the name of the command ([`crate::OrderCommand::name`]), or
    /// `deadline` where the house does it by itself. A new order begins with [`OrderState::ToHandOver`].
    pub fn transitions() -> &'static [(OrderState, &'static str, OrderState)] {
        use OrderState::{Delivered, Disputed, Done, Refunded, Split, ToHandOver};
        &[
            (ToHandOver, "receive", Delivered),
            (ToHandOver, "receipt_code", Done),
            (ToHandOver, "deadline", Done),
            (ToHandOver, "cancel", Refunded),
            (ToHandOver, "deadline", Refunded),
            (ToHandOver, "dispute", Disputed),
            (ToHandOver, "receipt_code", Disputed),
            (ToHandOver, "meeting_code", Disputed),
            (ToHandOver, "deadline", Disputed),
            (Delivered, "receipt_code", Done),
            (Delivered, "deadline", Done),
            (Delivered, "dispute", Disputed),
            (Delivered, "receipt_code", Disputed),
            (Disputed, "decide", Split),
        ]
    }
}

impl Status {
    /// Every change of status: from, by which event ([`crate::EventKind::name`]), to. A new auction begins with
    /// [`Status::Scheduled`].
    pub fn transitions() -> &'static [(Status, &'static str, Status)] {
        &[
            (Status::Scheduled, "opened", Status::Open),
            (Status::Scheduled, "cancelled", Status::Ended),
            (Status::Open, "closed", Status::Ended),
            (Status::Open, "cancelled", Status::Ended),
        ]
    }
}
