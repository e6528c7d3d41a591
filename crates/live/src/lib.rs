//! Floor 2, *tells*: what was committed becomes frames, and every watcher gets each of them once, in order, or a fresh
//! snapshot that says where it stands.
//!
//! [`frame`] owns the public bytes of a fact. A bus carries [`Told`] from the engine to the hubs; it may drop, repeat and
//! reorder, for no truth lies in it. The [`Hub`] keeps one ring of frames for each watched auction and one cursor for
//! each subscription, so its memory does not depend on how fast anyone reads. The store is unknown here: where a ring
//! lacks something, its owner is told and brings it.

mod bus;
#[cfg(test)]
mod example;
pub mod frame;
mod hub;
mod lock;

pub use bus::{BusAddress, BusFigures, Hints, LocalBus, NoBusAddress, RedisBus, Told, ToldAuction};
pub use frame::Frame;
pub use hub::{Clock, Connection, Hub, RING_FRAMES, Settings, Subscribed};
