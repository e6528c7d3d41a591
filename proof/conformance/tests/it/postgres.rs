//! What only happens where several connections write: races, deadlocks, and connections that are lost.

pub mod audit;
mod hazards;
mod lanes;
pub mod node;
mod opening;
mod plans;
pub mod store;
mod unknown;
