//! Leaving: what is erased and what stays, what comes first, and the form that does it.

use askama::Template;

use super::{Field, Shell};

/// `/me/leave`
#[derive(Template)]
#[template(path = "leave.html")]
pub struct LeavePage {
    /// The frame.
    pub shell: Shell,
    /// The name to sign in with, for who keeps passwords.
    pub username: String,
    /// What is left of the name.
    pub former: String,
    /// What ties the member, in words, with where to get rid of it.
    pub ties: Vec<(String, &'static str)>,
    /// The sentence when the password was wrong.
    pub password: Field,
    /// The sentence when the box was not ticked.
    pub confirm: Option<String>,
}
