//! The hazards that an engine must end, by name, and what it does by itself, on the memory model of the store.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that finds nothing there has failed"
)]

mod aftermath;
mod forgotten;
mod hazards;
mod money;
mod outage;
mod rounds;
mod world;
