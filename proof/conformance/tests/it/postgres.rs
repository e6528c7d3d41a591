//! What only happens where several connections write: races, deadlocks, and connections that are lost.

pub mod audit;
mod bus;
mod conflicts;
mod deliveries;
pub mod hazards;
mod hearing;
mod lanes;
mod leaving;
mod live_node;
mod newest_order;
pub mod node;
mod opening;
mod owing;
mod pictures;
mod plans;
mod silence;
pub mod store;
mod suspension;
mod together;
mod unknown;
mod way;
