//! The admins' page of deliveries that have failed: to whom, what about, why, and another try.

use askama::Template;
use jiff::Timestamp;

use super::{Person, Shell};

/// `/admin/deliveries`
#[derive(Template)]
#[template(path = "admin/deliveries.html")]
pub struct DeliveriesPage {
    /// The frame.
    pub shell: Shell,
    /// What was tried in vain and is tried again, soonest first; on the first page alone.
    pub troubled: Vec<DeliveryLine>,
    /// What has failed, newest first.
    pub lines: Vec<DeliveryLine>,
    /// The address of the next page.
    pub next: Option<String>,
}

/// One delivery.
#[derive(Clone, Debug)]
pub struct DeliveryLine {
    /// The notice.
    pub notice: i64,
    /// `push` or `email`.
    pub channel: &'static str,
    /// What it is about, by its stable name.
    pub kind: &'static str,
    /// To whom.
    pub member: Person,
    /// On which auction.
    pub auction_id: i64,
    /// How often it was tried.
    pub tries: i64,
    /// Since when it has failed; of what is tried again, when that is.
    pub at: Timestamp,
    /// Whether the house itself was refused.
    pub is_of_the_house: bool,
    /// Why, in a stranger's words.
    pub reason: String,
}
