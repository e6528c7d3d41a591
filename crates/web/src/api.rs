//! The JSON API: one file per resource, each with its handlers and the shapes it shows to clients.
//!
//! The wire's names and shapes are a contract with other people's programs; no inner type is serialised.

pub mod acts;
pub mod admin;
pub mod auctions;
pub mod bids;
pub mod blocks;
pub mod debts;
pub mod deliveries;
pub mod editing;
pub mod engine_door;
pub mod events;
pub mod export;
pub mod fees;
pub mod fields;
pub mod leaving;
pub mod listing;
pub mod me;
pub mod members;
pub mod moment;
pub mod notes;
pub mod notices;
pub mod offers;
pub mod openapi;
pub mod order_commands;
pub mod orders;
pub mod pages;
pub mod pictures;
pub mod places;
pub mod preferences;
pub mod profile;
pub mod questions;
pub mod reviews;
pub mod saved;
pub mod seller;
pub mod sent;
pub mod sessions;
pub mod statement;
pub mod suggest;
pub mod uploads;
pub mod wallet;
pub mod watching;
pub mod withdrawals;

pub use engine_door::{
    ANSWER_WITHIN, Placed, key, key_of, order, order_auction, order_bid, order_deposit, order_offer,
    order_step, order_withdrawal,
};
