//! The JSON API: one file per resource, each with its handlers and the shapes it shows to clients.
//!
//! The wire's names and shapes are a contract with other people's programs; no inner type is serialised.

pub mod auctions;
pub mod bids;
pub mod blocks;
pub mod engine_door;
pub mod events;
pub mod fields;
pub mod listing;
pub mod me;
pub mod members;
pub mod moment;
pub mod notices;
pub mod openapi;
pub mod orders;
pub mod pages;
pub mod places;
pub mod seller;
pub mod sent;
pub mod sessions;
pub mod wallet;

pub use engine_door::{ANSWER_WITHIN, key, key_of, order, order_auction, order_deposit};
