//! Codes: six digits said aloud by one side and typed by the other. Guessing them is made hopeless by a count of wrong
//! tries, of both kinds together (rules §5).

use crate::listing::FieldCode;
use crate::order::change::Change;
use crate::order::{Side, StepKind, dispute};
use crate::refusal::Refusal;
use crate::time::Span;

/// How many digits a code has, leading zeros among them.
pub const CODE_DIGITS: usize = 6;

/// After so many wrong codes none is taken for [`CODE_LOCK`].
pub const TRIES_BEFORE_LOCK: i64 = 5;

/// How long no code is taken then.
pub const CODE_LOCK: Span = Span::hours(1);

/// So many wrong codes in all open a dispute.
pub const TRIES_BEFORE_DISPUTE: i64 = 15;

/// What is wrong with a code as it was typed, whatever it should be: not six ASCII digits, spaces around them aside.
pub(super) fn fault(code: &str) -> Option<FieldCode> {
    if read(code).is_some() { None } else { Some(FieldCode::Invalid) }
}

/// Whether the code typed is the one expected. A wrong one is accepted as a step that counts it: a refusal would leave no
/// trace to count by.
///
/// # Errors
/// [`Refusal::CodeLocked`] while too many were wrong.
pub(super) fn is_right(
    change: &mut Change<'_>,
    side: Side,
    code: &str,
    expected: i64,
) -> Result<bool, Refusal> {
    if let Some(until) = change.order.locked_until.filter(|until| change.now < *until) {
        return Err(Refusal::CodeLocked { until });
    }
    if read(code) == Some(expected) {
        return Ok(true);
    }
    count_wrong(change, side);
    Ok(false)
}

fn count_wrong(change: &mut Change<'_>, side: Side) {
    let by = change.order.member(side);
    let order = &mut change.order;
    order.tries = order.tries.saturating_add(1);
    order.tries_in_all = order.tries_in_all.saturating_add(1);
    change.tell(StepKind::WrongCode, Some(by), |_| {});
    if change.order.tries_in_all >= TRIES_BEFORE_DISPUTE {
        dispute::begin(change, None, None);
    } else if change.order.tries >= TRIES_BEFORE_LOCK {
        change.order.tries = 0;
        change.order.locked_until = Some(change.now.plus(CODE_LOCK));
        change.tell(StepKind::Locked, None, |_| {});
    }
}

fn read(code: &str) -> Option<i64> {
    let digits = code.trim();
    let is_code = digits.len() == CODE_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_six_digits() {
        for (typed, number) in [
            ("000123", Some(123)),
            (" 000123\n", Some(123)),
            ("999999", Some(999_999)),
            ("000000", Some(0)),
            ("", None),
            ("12345", None),
            ("1234567", None),
            ("+12345", None),
            ("-12345", None),
            ("12 345", None),
            ("12345a", None),
            ("１２３４５６", None),
            ("١٢٣", None),
        ] {
            assert_eq!(read(typed), number, "{typed:?}");
        }
    }
}
