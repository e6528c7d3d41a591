//! What only happens where several connections write: races, deadlocks, and connections that are lost.

mod audit;
mod hazards;
mod lanes;
mod node;
mod opening;
mod plans;
mod silence;
pub mod store;
mod unknown;
mod way;
