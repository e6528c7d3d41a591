//! The rules, by tables: one line a case, every refusal in its order.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test that finds nothing there, or whose sums wrap, has failed"
)]

mod bids;
mod chance;
mod closing;
mod editing;
mod item_pictures;
mod order_deadlines;
mod order_offers;
mod order_refusals;
mod order_steps;
mod order_walks;
mod order_world;
mod pictures;
mod properties;
mod refusals;
mod seller;
mod twins;
mod vectors;
mod world;
