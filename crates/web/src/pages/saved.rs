//! `/me/searches`: the searches that a member keeps, each with how much is new.

use askama::Template;

use super::Shell;

/// `/me/searches`
#[derive(Template)]
#[template(path = "saved.html")]
pub struct SavedPage {
    /// The frame.
    pub shell: Shell,
    /// The searches, newest first.
    pub lines: Vec<SavedLine>,
}

/// One saved search.
#[derive(Clone, Debug)]
pub struct SavedLine {
    /// Its number.
    pub id: i64,
    /// What it is called.
    pub name: String,
    /// How many have come since it was last opened.
    pub fresh: i64,
}
