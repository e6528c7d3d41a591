//! The key of a form: what was sent twice is done once, also by a browser without scripts.

use ledger::MemberId;
use store::Key;

use super::typed::Typed;
use crate::api::key;
use crate::failure::{Code, Problem};
use crate::state::WebState;

/// The key that a form brought with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormKey(String);

impl FormKey {
    /// The form's own key, as it was sent.
    pub fn of(typed: &mut Typed) -> FormKey {
        FormKey::from(typed.text("key"))
    }

    /// As it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key to ask by; a form that lost it gets a new one.
    pub fn key(&self, web: &WebState, member: MemberId) -> Key {
        let fresh = || Key { text: web.new_key().into(), member };
        key(&self.0, member).unwrap_or_else(fresh)
    }

    /// The key of the form as it comes back refused: the same while the outcome is open, so that pressing again asks the
    /// same again, else the fresh one.
    pub fn after(&self, problem: &Problem, fresh: String) -> String {
        if is_open(problem) && !self.0.is_empty() { self.0.clone() } else { fresh }
    }

    /// As [`FormKey::after`], where each form of a page adds a dot and its own name to one key.
    pub fn base_after(&self, problem: &Problem, fresh: String) -> String {
        let base = self.0.split_once('.').map(|(base, _)| base.to_owned());
        base.filter(|_| is_open(problem)).unwrap_or(fresh)
    }
}

impl From<String> for FormKey {
    fn from(sent: String) -> FormKey {
        FormKey(sent)
    }
}

/// Whether nobody knows yet what became of a call, or nothing did: it may be asked again by the same key.
pub fn is_open(problem: &Problem) -> bool {
    matches!(problem.code(), Code::OutcomeUnknown | Code::Busy | Code::Unavailable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_kept_while_the_outcome_is_open() {
        for (code, is_kept) in [
            (Code::OutcomeUnknown, true),
            (Code::Busy, true),
            (Code::Unavailable, true),
            (Code::AmountInvalid, false),
            (Code::KeyReused, false),
            (Code::Internal, false),
        ] {
            let (problem, sent) = (Problem::new(code), FormKey("0197-a.receipt-code".to_owned()));
            let kept = |same: &str| if is_kept { same.to_owned() } else { "fresh".to_owned() };
            assert_eq!(sent.after(&problem, "fresh".to_owned()), kept("0197-a.receipt-code"), "{code:?}");
            assert_eq!(sent.base_after(&problem, "fresh".to_owned()), kept("0197-a"), "{code:?}");
            assert_eq!(FormKey(String::new()).after(&problem, "fresh".to_owned()), "fresh");
        }
    }
}
