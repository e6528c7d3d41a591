//! The hazards that an engine must end, by name, on the memory model of the store.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that finds nothing there has failed"
)]

mod hazards;
mod outage;
mod rounds;
mod world;
