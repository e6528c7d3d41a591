//! A member's own auctions, by what needs the member first.

use askama::Template;

use super::{Card, Shell, State};

/// `/me/auctions`
#[derive(Template)]
#[template(path = "my_auctions.html")]
pub struct MyAuctionsPage {
    /// The frame.
    pub shell: Shell,
    /// Every group, in their order; those without an auction are hidden until one comes into them.
    pub groups: Vec<Group>,
    /// The address of the rest, if there is more.
    pub more: Option<String>,
}

impl MyAuctionsPage {
    /// Whether there is nothing at all.
    pub fn is_empty(&self) -> bool {
        self.groups.iter().all(|group| group.lines.is_empty())
    }
}

/// Auctions that need the same from the member.
pub struct Group {
    /// What they need.
    pub kind: GroupKind,
    /// The auctions, the most urgent first.
    pub lines: Vec<MyLine>,
}

/// What a group needs, in the order of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupKind {
    /// Outbid, leading and ending, or an order that waits for the member.
    NeedsYou,
    /// The member leads.
    Leading,
    /// The member has not bid, and watches.
    Watching,
    /// The member sells.
    Selling,
    /// The member won.
    Won,
    /// Over in any other way.
    Past,
}

impl GroupKind {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 6] =
        [Self::NeedsYou, Self::Leading, Self::Watching, Self::Selling, Self::Won, Self::Past];

    /// The key of its heading.
    pub fn key(self) -> &'static str {
        match self {
            Self::NeedsYou => "mine-needs-you",
            Self::Leading => "mine-leading",
            Self::Watching => "mine-watching",
            Self::Selling => "mine-selling",
            Self::Won => "mine-won",
            Self::Past => "mine-past",
        }
    }

    /// The word used in `data-group`.
    pub fn code(self) -> &'static str {
        match self {
            Self::NeedsYou => "needs_you",
            Self::Leading => "leading",
            Self::Watching => "watching",
            Self::Selling => "selling",
            Self::Won => "won",
            Self::Past => "past",
        }
    }
}

/// One auction in a group.
pub struct MyLine {
    /// The auction.
    pub card: Card,
    /// The member sells it.
    pub selling: bool,
    /// What the member bid last, or what is held.
    pub mine: Option<i64>,
    /// The least amount that can be bid now, when outbid or started afresh.
    pub minimum: Option<i64>,
    /// The member leads, but for the price as it stands it would not be sold.
    pub below_reserve: bool,
    /// The order it led to.
    pub order: Option<i64>,
    /// What the member has to do about that order, in one sentence; none if it is nobody's or another's turn.
    pub task: Option<String>,
}

impl MyLine {
    /// What the button to bid again offers; while the member leads, a script fills it in before it is shown.
    pub fn again(&self) -> i64 {
        self.minimum.unwrap_or(self.card.price)
    }
}
