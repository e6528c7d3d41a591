//! The rules of the market in plain words.

use askama::Template;

use super::Shell;

/// `/rules`
#[derive(Template)]
#[template(path = "rules.html")]
pub struct RulesPage {
    /// The frame.
    pub shell: Shell,
    /// The house shows bidders by their nicknames.
    pub has_names: bool,
}

impl RulesPage {
    /// The chapters in order, each with a `rules-<chapter>` heading and a `rules-<chapter>-text`.
    pub const fn chapters(&self) -> [&'static str; 14] {
        let bidders = if self.has_names { "names" } else { "numbers" };
        [
            "hold", "price", "maximum", "ladder", "buy", "reserve", "end", "extend", "outage", "cancel",
            "edit", "back", bidders, "after",
        ]
    }
}
