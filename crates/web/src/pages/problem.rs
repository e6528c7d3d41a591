//! The page that is shown when there is no page: what happened, that the money is safe, what to do.

use askama::Template;

use super::Shell;

/// Any failure that has no better page.
#[derive(Template)]
#[template(path = "problem.html")]
pub struct ProblemPage {
    /// The frame.
    pub shell: Shell,
    /// The HTTP status.
    pub status: u16,
    /// The sentence, when there is a better one than the status has.
    pub detail: Option<String>,
}

impl ProblemPage {
    /// The drawing above it.
    pub fn drawing(&self) -> &'static str {
        match self.kind() {
            "missing" => "other",
            "forbidden" => "pets",
            _ => "plants",
        }
    }

    /// Which words fit: `missing`, `forbidden`, `slow`, `limited`, `request` or `broken`.
    pub fn kind(&self) -> &'static str {
        match self.status {
            404 | 410 => "missing",
            401 | 403 => "forbidden",
            502..=504 => "slow",
            429 => "limited",
            400..=499 => "request",
            _ => "broken",
        }
    }
}
