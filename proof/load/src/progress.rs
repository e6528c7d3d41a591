//! Progress on standard error, and only on a terminal: one bar or clock at a time.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A step that is under way; it vanishes when it is dropped.
pub struct Step {
    bar: ProgressBar,
}

impl Step {
    /// A step of so many parts.
    pub fn counted(what: &str, parts: usize) -> Self {
        let bar = ProgressBar::new(parts as u64);
        if let Ok(style) = ProgressStyle::with_template("{msg:28} {bar:40} {pos}/{len}  {eta}") {
            bar.set_style(style);
        }
        bar.set_message(what.to_owned());
        Self { bar }
    }

    /// A step that is only waited for.
    pub fn timed(what: &str) -> Self {
        let bar = ProgressBar::new_spinner();
        bar.set_message(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar }
    }

    /// One part is done.
    pub fn advance(&self) {
        self.bar.inc(1);
    }

    /// Says how it goes.
    pub fn say(&self, text: String) {
        self.bar.set_message(text);
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
