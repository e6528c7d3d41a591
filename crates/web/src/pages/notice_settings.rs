//! How notices reach a member outside the house: what he wants of each group, his quiet hours, his browsers, his address.

use askama::Template;

use super::{Field, Shell};

/// `/me/notices`
#[derive(Template)]
#[template(path = "notice_settings.html")]
pub struct NoticeSettingsPage {
    /// The frame.
    pub shell: Shell,
    /// Every group with what is wanted of it.
    pub groups: Vec<GroupChoice>,
    /// What can be wanted.
    pub wishes: Vec<&'static str>,
    /// Whether there are quiet hours.
    pub is_quiet: bool,
    /// From when on, `HH:MM`.
    pub quiet_from: Field,
    /// Until when, `HH:MM`.
    pub quiet_until: Field,
    /// Whether the house sends e-mail.
    pub sends_email: bool,
    /// The address that is confirmed.
    pub confirmed: Option<String>,
    /// The address that waits.
    pub unconfirmed: Option<String>,
    /// What is typed as an address.
    pub email: Field,
    /// With how many browsers the member has subscribed.
    pub browsers: i64,
    /// What a browser needs for subscribing.
    pub push_key: String,
}

/// One group of kinds.
#[derive(Clone, Copy, Debug)]
pub struct GroupChoice {
    /// Its stable name.
    pub name: &'static str,
    /// What is wanted, by its stable name.
    pub wish: &'static str,
}

/// A question with one answer, or what came of it: confirming an address, ending e-mail.
#[derive(Template)]
#[template(path = "ask.html")]
pub struct AskPage {
    /// The frame.
    pub shell: Shell,
    /// What it is about.
    pub title: String,
    /// What is asked, or what came of it.
    pub text: String,
    /// Where the answer goes and what its button says; none if nothing is asked.
    pub answer: Option<(String, String)>,
    /// What is sent with it.
    pub token: String,
}
