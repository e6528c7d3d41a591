//! Public reasons: why a seller or an admin takes something back, in their own words.

use crate::listing::wrong;
use crate::refusal::Refusal;
use crate::text::{Lines, text_fault};

/// The most characters of a public reason.
pub const REASON_CHARS_MAX: usize = 500;

/// The reason as it will be read; none if nothing was written.
///
/// # Errors
/// [`Refusal::Invalid`] if it is too long, or something in it is hidden.
pub(crate) fn readable(reason: Option<&str>) -> Result<Option<String>, Refusal> {
    let Some(reason) = reason.filter(|reason| !reason.trim().is_empty()) else { return Ok(None) };
    match text_fault(reason, 1, REASON_CHARS_MAX, Lines::Any) {
        Some(code) => Err(Refusal::Invalid { errors: vec![wrong("reason", code)] }),
        None => Ok(Some(reason.to_owned())),
    }
}
