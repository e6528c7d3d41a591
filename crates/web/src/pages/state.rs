//! What a sale is to the person who looks at it: one state, one look, on cards, pages and lists alike.

/// A sale as its viewer sees it. A viewer without a part in it sees the plain ones only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Not yet started.
    Scheduled,
    /// Bids are taken.
    Open,
    /// Bids are taken, and it ends within three minutes.
    Ending,
    /// Over, not yet settled.
    Closing,
    /// The viewer leads.
    Leading,
    /// The viewer bid and no longer leads.
    Outbid,
    /// The viewer won or bought it.
    Won,
    /// Sold, to someone else or by the viewer.
    Sold,
    /// The viewer bid, someone else has it.
    Lost,
    /// Ended without a bid.
    Unsold,
    /// Ended below the price for which the seller would sell.
    ReserveNotMet,
    /// Cancelled.
    Cancelled,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Scheduled,
        Self::Open,
        Self::Ending,
        Self::Closing,
        Self::Leading,
        Self::Outbid,
        Self::Won,
        Self::Sold,
        Self::Lost,
        Self::Unsold,
        Self::ReserveNotMet,
        Self::Cancelled,
    ];

    /// The word used in `data-state`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Open => "open",
            Self::Ending => "ending",
            Self::Closing => "closing",
            Self::Leading => "leading",
            Self::Outbid => "outbid",
            Self::Won => "won",
            Self::Sold => "sold",
            Self::Lost => "lost",
            Self::Unsold => "unsold",
            Self::ReserveNotMet => "reserve_not_met",
            Self::Cancelled => "cancelled",
        }
    }

    /// The key of its name.
    pub fn key(self) -> String {
        format!("state-{}", self.code())
    }

    /// The icon that stands beside its name.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Scheduled => "calendar",
            Self::Open | Self::Ending | Self::Closing => "clock",
            Self::Leading => "check",
            Self::Outbid => "overtaken",
            Self::Won | Self::Sold => "seal",
            Self::Lost | Self::Unsold | Self::ReserveNotMet => "minus",
            Self::Cancelled => "close",
        }
    }

    /// Whether bids are taken now.
    pub fn takes_bids(self) -> bool {
        matches!(self, Self::Open | Self::Ending | Self::Leading | Self::Outbid)
    }

    /// Whether nothing more will happen, but for the settling.
    pub fn is_over(self) -> bool {
        !self.takes_bids() && self != Self::Scheduled
    }

    /// Whether its name says more than the time left does, so that a card shows it.
    pub fn speaks(self) -> bool {
        !matches!(self, Self::Open | Self::Ending)
    }
}
