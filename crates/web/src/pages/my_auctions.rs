//! A member's own auctions, by what needs the member first.

use askama::Template;

use super::{Card, Shell, State};

/// `/me/auctions`
#[derive(Template)]
#[template(path = "my_auctions.html")]
pub struct MyAuctionsPage {
    /// The frame.
    pub shell: Shell,
    /// The groups in their order; empty ones are left out.
    pub groups: Vec<Group>,
}

/// Auctions that need the same from the member.
pub struct Group {
    /// What they need.
    pub kind: GroupKind,
    /// The auctions, the most urgent first.
    pub lines: Vec<MyLine>,
    /// The address of the rest, if there is more.
    pub more: Option<String>,
}

/// What a group needs, in the order of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupKind {
    /// Outbid, or leading and ending.
    NeedsYou,
    /// The member leads.
    Leading,
    /// The member sells.
    Selling,
    /// Over.
    Past,
}

impl GroupKind {
    /// The key of its heading.
    pub fn key(self) -> &'static str {
        match self {
            Self::NeedsYou => "mine-needs-you",
            Self::Leading => "mine-leading",
            Self::Selling => "mine-selling",
            Self::Past => "mine-past",
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
}
