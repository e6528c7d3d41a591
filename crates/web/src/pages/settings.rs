//! A member's settings: name, neighbourhood, language, password, signing out.

use askama::Template;

use super::{ChoiceGroup, Face, Field, Shell};

/// `/me`
#[derive(Template)]
#[template(path = "settings.html")]
pub struct SettingsPage {
    /// The frame.
    pub shell: Shell,
    /// The name to sign in with.
    pub username: String,
    /// The name others see.
    pub nickname: Field,
    /// The neighbourhood.
    pub region_id: Field,
    /// What the member says about himself.
    pub about: Field,
    /// Whether that looks like a phone number or an account, which everyone could read.
    pub warns: bool,
    /// The member's picture.
    pub face: Option<Face>,
    /// Regions to choose from.
    pub regions: Vec<ChoiceGroup>,
    /// The sentence when the present password was wrong.
    pub current_password: Field,
    /// The sentence when the new password was refused.
    pub new_password: Field,
}
