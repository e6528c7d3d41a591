//! Commands: all that can be asked of an auction that exists, and of what follows its sale.

use ledger::{MemberId, OrderId};

use crate::listing::Revision;
use crate::order::OrderCommand;
use crate::time::Time;

/// What is asked of one auction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A member offers an amount, a maximum, or both.
    Bid(Bid),
    /// A member buys for the buy-now price; carries the number of the terms he saw.
    BuyNow {
        /// Who buys.
        buyer: MemberId,
        /// The terms he saw, if he says so.
        terms: Option<i64>,
    },
    /// The seller sells to the leader without waiting for the end.
    SellNow {
        /// Who asks; only the seller may.
        seller: MemberId,
    },
    /// The auction is taken back.
    Cancel {
        /// Whose hand it is.
        by: Hand,
        /// Shown to everyone, if given.
        reason: Option<String>,
    },
    /// The seller moves the end.
    Extend {
        /// Who asks; only the seller may.
        seller: MemberId,
        /// By how many hours, as sent: the rules judge it.
        hours: i64,
    },
    /// The seller lowers the reserve while it is not met.
    LowerReserve {
        /// Who asks; only the seller may.
        seller: MemberId,
        /// To how much, as sent: the rules judge it.
        reserve: i64,
    },
    /// The seller changes what is sold and how, as far as he still may.
    Edit {
        /// Who asks; only the seller may.
        seller: MemberId,
        /// What changes.
        revision: Box<Revision>,
    },
    /// A member's bids are taken back, because the seller blocks him or an admin suspends him.
    TakeBack {
        /// Whose bids.
        member: MemberId,
        /// Whose hand it is.
        by: Hand,
        /// Shown to everyone, if given.
        reason: Option<String>,
    },
    /// The seller offers the thing to the next of the remaining bidders, after the sale fell through by the buyer.
    Offer {
        /// Who asks; only the seller may.
        seller: MemberId,
    },
    /// The member to whom it is offered takes it, and pays at once.
    AcceptOffer {
        /// Who takes it.
        member: MemberId,
    },
    /// The member to whom it is offered does not want it.
    DeclineOffer {
        /// Who declines.
        member: MemberId,
    },
    /// A step of the order that followed the sale.
    Order {
        /// Which order.
        order: OrderId,
        /// What is asked of it.
        command: Box<OrderCommand>,
    },
    /// The house looks at an auction whose deadline has come: settles it if its end is past, or does what its order or
    /// its offer is due for.
    Close,
    /// The house moves the end, or the order's deadline, because it was away.
    ExtendForOutage(Outage),
}

/// Whose hand takes something back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hand {
    /// The seller's; the rules bind him.
    Seller(MemberId),
    /// An admin's: at any time, with a reason.
    Admin(MemberId),
    /// The house's own: what follows from a suspension, or the operator's word on the command line.
    House,
}

/// A bid: an amount, which is public; a maximum, which is hidden while it lies above the price; or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bid {
    /// Who bids.
    pub bidder: MemberId,
    /// What he offers, as sent: the rules judge it.
    pub amount: Option<i64>,
    /// Up to how much the house bids for him, as sent: the rules judge it.
    pub maximum: Option<i64>,
    /// The terms he saw, if he says so.
    pub terms: Option<i64>,
}

/// A gap in the house's heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// The last heartbeat before the gap.
    pub heartbeat: Time,
    /// The first moment after it.
    pub back: Time,
}

impl Command {
    /// The member who asks, or `None` for the house itself.
    pub fn caller(&self) -> Option<MemberId> {
        match self {
            Command::Bid(bid) => Some(bid.bidder),
            Command::BuyNow { buyer, .. } => Some(*buyer),
            Command::SellNow { seller }
            | Command::Extend { seller, .. }
            | Command::LowerReserve { seller, .. }
            | Command::Edit { seller, .. }
            | Command::Offer { seller } => Some(*seller),
            Command::Cancel { by, .. } | Command::TakeBack { by, .. } => by.member(),
            Command::AcceptOffer { member } | Command::DeclineOffer { member } => Some(*member),
            Command::Order { command, .. } => command.caller(),
            Command::Close | Command::ExtendForOutage(_) => None,
        }
    }

    /// A member whose part in the auction the rules look at although it is not he who asks.
    pub const fn concerns(&self) -> Option<MemberId> {
        match self {
            Command::TakeBack { member, .. } => Some(*member),
            Command::Bid(_)
            | Command::BuyNow { .. }
            | Command::SellNow { .. }
            | Command::Cancel { .. }
            | Command::Extend { .. }
            | Command::LowerReserve { .. }
            | Command::Edit { .. }
            | Command::Offer { .. }
            | Command::AcceptOffer { .. }
            | Command::DeclineOffer { .. }
            | Command::Order { .. }
            | Command::Close
            | Command::ExtendForOutage(_) => None,
        }
    }

    /// Whether the rules look at the other bidders with the highest commitments.
    pub const fn needs_rivals(&self) -> bool {
        matches!(self, Command::TakeBack { .. } | Command::Offer { .. })
    }

    /// Whether the rules look at the item as it is described now.
    pub const fn needs_item(&self) -> bool {
        matches!(self, Command::Edit { .. })
    }
}

impl Hand {
    /// The member whose hand it is, if it is one's.
    pub const fn member(self) -> Option<MemberId> {
        match self {
            Hand::Seller(member) | Hand::Admin(member) => Some(member),
            Hand::House => None,
        }
    }
}
