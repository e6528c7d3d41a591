//! The conformance suite: the same checks for every store, so that twins cannot drift apart.
//!
//! A check is handed an empty store and panics where a promise is broken; who opens the store, and runs an engine before
//! it, is the caller's business: `tests/` does so for each store there is.
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a check that finds a promise broken panics"
)]

pub mod journal;
pub mod records;
