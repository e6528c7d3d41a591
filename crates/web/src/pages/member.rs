//! A member as others see him: name, neighbourhood, record, and what he sells now.

use askama::Template;
use jiff::Timestamp;

use super::{Card, Field, Reputation, ReviewLine, Shell, State};

/// A member's picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Face {
    /// Under which it lies.
    pub address: String,
}

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
    /// What the member says about himself.
    pub about: Option<String>,
    /// The member's picture.
    pub face: Option<Face>,
    /// How fast the member answers, in words.
    pub answers: Option<String>,
    /// Whether the member has left.
    pub has_left: bool,
    /// What others thought; none before the first review.
    pub reputation: Option<Reputation>,
    /// Orders as a seller that are done.
    pub sales: i64,
    /// What stands on the record, by the key of its words and how often in twelve months.
    pub marks: Vec<(String, i64)>,
    /// What others wrote, newest first.
    pub reviews: Vec<ReviewLine>,
    /// The address of more of them.
    pub more_reviews: Option<String>,
    /// Why the viewer blocks this member, as typed.
    pub reason: Field,
    /// Whether the viewer blocks this member; none when there is nothing to block (a guest, or oneself).
    pub blocked: Option<bool>,
    /// Whether what is over is shown, and not what is sold now.
    pub past: bool,
    /// What the member sells now, or has sold.
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
