//! The rules of the market in plain words.

use askama::Template;

use super::Shell;

/// `/rules`
#[derive(Template)]
#[template(path = "rules.html")]
pub struct RulesPage {
    /// The frame.
    pub shell: Shell,
}

impl RulesPage {
    /// The chapters in order, each with a `rules-<chapter>` heading and a `rules-<chapter>-text`.
    pub const CHAPTERS: [&'static str; 7] = ["hold", "price", "buy", "end", "cancel", "names", "after"];
}
