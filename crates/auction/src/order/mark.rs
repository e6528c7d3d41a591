//! Marks: what stands on a member's record for everyone to see.

use ledger::{AuctionId, MemberId, OrderId};

use crate::time::Time;

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
