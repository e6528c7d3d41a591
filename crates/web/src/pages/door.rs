//! The door: signing up and signing in.

use askama::Template;

use super::{ChoiceGroup, Field, Shell};

/// `/sign-up`
#[derive(Template)]
#[template(path = "sign_up.html")]
pub struct SignUpPage {
    /// The frame.
    pub shell: Shell,
    /// Where to go afterwards.
    pub next: String,
    /// The sentence when the whole was refused.
    pub fault: Option<String>,
    /// The name to sign in with.
    pub username: Field,
    /// The password; never filled in again.
    pub password: Field,
    /// The name others see.
    pub nickname: Field,
    /// The neighbourhood, may be empty.
    pub region_id: Field,
    /// Regions to choose from.
    pub regions: Vec<ChoiceGroup>,
}

/// `/sign-in`
#[derive(Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    /// The frame.
    pub shell: Shell,
    /// Where to go afterwards.
    pub next: String,
    /// The sentence when it was refused.
    pub fault: Option<String>,
    /// The name as typed.
    pub username: String,
}
