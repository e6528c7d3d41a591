//! Answers: what became of a call, and the way back to whoever asked.

use std::sync::atomic::{AtomicU64, Ordering};

use auction::{Event, OrderId, OrderStep, Refusal};
use ledger::Money;
use store::{FirstAnswer, KeptDeposit, KeptFees, KeptReversal, KeptWithdrawal};
use tokio::sync::{mpsc, oneshot};

/// What became of a call. Never sent before the round that decided it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was done, now or when the same key was first used.
    Accepted(Accepted),
    /// The rules say no; nothing was changed.
    Refused(Refusal),
    /// The key was used before for another call, target or value.
    KeyReused,
    /// The house is full, or the call grew too old while waiting; nothing was changed.
    Busy,
    /// The house's own fault; it is in the log with the key. Nothing was changed.
    Internal,
}

/// What an accepted call has done, the same each time it is asked with the same key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// The command's first event, with the auction's figures after the command, and the order that a sale opened.
    Auction {
        /// The event.
        event: Box<Event>,
        /// The order, after a sale.
        order: Option<OrderId>,
    },
    /// The leader's maximum was raised, and nobody else can see it: an event with the auction's figures as they stood.
    Silent {
        /// The figures.
        event: Box<Event>,
        /// His maximum from then on.
        maximum: Money,
    },
    /// Something was done that nobody can see: an event with the auction's figures as they stood.
    Quiet(Box<Event>),
    /// A step of an order was taken.
    Order(Box<OrderStep>),
    /// Money came in.
    Deposit(KeptDeposit),
    /// Money is to go out.
    Withdrawal(KeptWithdrawal),
    /// Money that had come in was taken back.
    Reversal(KeptReversal),
    /// What the house earned was taken out.
    Fees(KeptFees),
}

impl From<FirstAnswer> for Accepted {
    fn from(first: FirstAnswer) -> Accepted {
        match first {
            FirstAnswer::Auction { event, order } => Accepted::Auction { event: Box::new(event), order },
            FirstAnswer::Silent { event, maximum } => Accepted::Silent { event: Box::new(event), maximum },
            FirstAnswer::Quiet(event) => Accepted::Quiet(Box::new(event)),
            FirstAnswer::Order(step) => Accepted::Order(Box::new(step)),
            FirstAnswer::Deposit(deposit) => Accepted::Deposit(deposit),
            FirstAnswer::Withdrawal(withdrawal) => Accepted::Withdrawal(withdrawal),
            FirstAnswer::Reversal(reversal) => Accepted::Reversal(reversal),
            FirstAnswer::Fees(fees) => Accepted::Fees(fees),
        }
    }
}

/// The way back to whoever asked.
#[derive(Debug)]
pub enum Reply {
    /// For one call.
    One(oneshot::Sender<Answer>),
    /// For a connection with several calls in flight: its answers of one round come in one message.
    Many {
        /// The connection.
        to: AnswerSender,
        /// Its own mark for this call.
        tag: u64,
    },
    /// Nobody waits: the house itself asked.
    Nobody,
}

/// A connection's way back. Its mailbox has room for one message for each call it may have in flight, so a lane never
/// waits for a connection; a connection that is gone hears nothing, and what it asked for is done all the same.
#[derive(Clone, Debug)]
pub struct AnswerSender {
    id: u64,
    sender: mpsc::Sender<Vec<(u64, Answer)>>,
}

/// A way back for a connection with at most `in_flight` calls on their way.
pub fn answers(in_flight: usize) -> (AnswerSender, mpsc::Receiver<Vec<(u64, Answer)>>) {
    static CONNECTIONS: AtomicU64 = AtomicU64::new(0);
    let (sender, receiver) = mpsc::channel(in_flight);
    let id = CONNECTIONS.fetch_add(1, Ordering::Relaxed);
    (AnswerSender { id, sender }, receiver)
}

impl AnswerSender {
    /// Tells connections apart within this process.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    pub(crate) fn send(&self, answers: Vec<(u64, Answer)>) {
        // Full means that the connection broke its own bound, closed that it is gone: in both cases nobody listens.
        let _ = self.sender.try_send(answers);
    }
}
