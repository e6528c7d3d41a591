//! What an installed app shows without a line.

use askama::Template;

use super::Shell;

/// `/offline`, in both languages: it is kept before anyone knows which is wanted.
#[derive(Template)]
#[template(path = "offline.html")]
pub struct OfflinePage {
    /// The frame of the Korean words.
    pub korean: Shell,
    /// The frame of the English words.
    pub english: Shell,
}
