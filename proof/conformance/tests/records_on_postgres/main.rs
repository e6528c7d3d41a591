//! The checks of the web's door on PostgreSQL, each with a database and an engine of its own; and, on rows written by
//! hand, what an engine would take long to come to.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

mod auctions;
mod follow;
mod house;
mod listings;
mod matches;
mod members;
mod money;
mod nodes;
mod plans;
mod pool;
mod suite;
mod sweep;
