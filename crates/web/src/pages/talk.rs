//! Talk on an auction's page: its questions and answers, and the forms that whoever looks may fill in.

use jiff::Timestamp;

use super::{Field, Person};

/// The questions under an auction.
#[derive(Clone, Debug, Default)]
pub struct Talk {
    /// How many there are; those on further pages too.
    pub count: i64,
    /// Some of them: what the seller has put first, then the newest.
    pub lines: Vec<QuestionLine>,
    /// The address of the next page of them.
    pub next: Option<String>,
    /// Whether whoever looks may ask.
    pub ask: Ask,
}

/// Whether whoever looks may ask.
#[derive(Clone, Debug)]
pub enum Ask {
    /// By this form.
    Form(TalkForm),
    /// Once he has signed in.
    SignIn,
    /// No, for the reason of this key.
    No(&'static str),
}

impl Default for Ask {
    fn default() -> Ask {
        Ask::Form(TalkForm::default())
    }
}

/// A form for words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TalkForm {
    /// The words as they stand in the field.
    pub field: Field,
    /// They have something like a phone number in them, and wait for a second yes (the form then carries `confirmed`).
    pub warns: bool,
}

impl TalkForm {
    /// Whether it stands open: it came back.
    pub fn is_open(&self) -> bool {
        self.warns || self.field.fault.is_some()
    }
}

/// A question with its answer.
#[derive(Clone, Debug, Default)]
pub struct QuestionLine {
    /// Its id.
    pub id: i64,
    /// Who asks.
    pub asker: Person,
    /// In his words; none if they are hidden from whoever looks.
    pub text: Option<String>,
    /// When.
    pub at: Timestamp,
    /// Whether he changed it.
    pub is_edited: bool,
    /// The seller's answer.
    pub answer: Option<AnswerLine>,
    /// Whether it stands first.
    pub is_pinned: bool,
    /// Whether an admin has hidden it.
    pub is_hidden: bool,
    /// The asker's form to word it anew.
    pub edit: Option<TalkForm>,
    /// The seller's form to answer, or to word his answer anew.
    pub reply: Option<TalkForm>,
    /// Whether the seller may put it first, or back in its place.
    pub can_pin: bool,
    /// The form to report it.
    pub report: Option<Field>,
    /// Whether whoever looks is an admin, who may hide it.
    pub can_judge: bool,
}

impl QuestionLine {
    /// Where a form of it is sent; one that comes back is shown where the question stands.
    pub fn action(&self, what: &str) -> String {
        format!("/questions/{}/{what}#question-{}", self.id, self.id)
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct AnswerLine {
    /// In the seller's words; none if they are hidden from whoever looks.
    pub text: Option<String>,
    /// When.
    pub at: Timestamp,
    /// Whether he changed it.
    pub is_edited: bool,
}
