//! The admins' page of what was reported: questions with their answers, why, and the forms to hide or show them.

use askama::Template;
use jiff::Timestamp;

use super::{Field, Person, Shell};

/// `/admin/questions`
#[derive(Template)]
#[template(path = "admin/questions.html")]
pub struct ReportedPage {
    /// The frame.
    pub shell: Shell,
    /// The questions whose reports wait, oldest report first; before them the one that was asked for.
    pub lines: Vec<ReportedLine>,
    /// The address of the next page.
    pub next: Option<String>,
}

/// A question as admins judge it.
#[derive(Clone, Debug, Default)]
pub struct ReportedLine {
    /// Its id.
    pub id: i64,
    /// Under which auction.
    pub auction_id: i64,
    /// What is sold there.
    pub title: String,
    /// Who asks.
    pub asker: Person,
    /// In his words, hidden or not.
    pub text: String,
    /// When.
    pub at: Timestamp,
    /// What the seller says.
    pub answer: Option<String>,
    /// Whether it is hidden now.
    pub is_hidden: bool,
    /// Whether a report waits.
    pub is_reported: bool,
    /// Some of the reports.
    pub reports: Vec<ReportLine>,
    /// Which of its forms came back: `hide`, `show`, or none.
    pub refused: &'static str,
    /// What was typed there, with what is wrong with it.
    pub typed: Field,
}

/// A report.
#[derive(Clone, Debug)]
pub struct ReportLine {
    /// By whom.
    pub by: Person,
    /// Why, in his words.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}
