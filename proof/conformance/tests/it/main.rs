//! The suite on every store that there is.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

mod audit;
mod forgotten;
mod invariants;
mod journal;
mod moving;
mod once;
mod postgres;
mod seed;
mod stores;
mod stories;
