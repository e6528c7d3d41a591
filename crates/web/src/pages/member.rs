//! A member as others see him: name, neighbourhood, record, and what he sells now.

use askama::Template;
use jiff::Timestamp;

use super::{Card, Reputation, Shell, State};

/// `/members/{id}`
#[derive(Template)]
#[template(path = "member.html")]
pub struct MemberPage {
    /// The frame.
    pub shell: Shell,
    /// The member's id.
    pub id: i64,
    /// The nickname.
    pub nickname: String,
    /// The neighbourhood.
    pub place: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// What others thought; none before the first review.
    pub reputation: Option<Reputation>,
    /// Finished sales; none where there are more than were counted.
    pub sales: Option<i64>,
    /// Auctions cancelled in the last twelve months that had bids.
    pub cancelled: i64,
    /// Whether the viewer blocks this member; none when there is nothing to block (a guest, or oneself).
    pub blocked: Option<bool>,
    /// What the member sells now.
    pub cards: Vec<Card>,
    /// The address of the next page.
    pub next: Option<String>,
}

impl MemberPage {
    /// The first letter of the nickname, for the round mark.
    pub fn initial(&self) -> String {
        self.nickname.chars().take(1).collect()
    }
}
