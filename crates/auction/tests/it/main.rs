//! The rules, by tables: one line a case, every refusal in its order.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that finds nothing there has failed"
)]

mod closing;
mod refusals;
mod vectors;
mod world;
