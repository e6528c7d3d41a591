//! The web as its clients see it: real requests to a real server on a port of its own, with a store of its own.
//!
//! Every answer is held against the OpenAPI document on the way: what is not described there fails the test.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

mod admin;
mod ask;
mod auctions;
mod authority;
mod bad_input;
mod bids;
mod browser;
mod compression;
mod delivery;
mod delivery_api;
mod delivery_faults;
mod described;
mod editing;
mod health;
mod hidden_maximum;
mod house;
mod leaving;
mod limits;
mod maximums;
mod members;
mod notices;
mod offers;
mod orders;
mod outside;
mod pages;
mod pages_admin;
mod pages_edits;
mod pages_forms;
mod pages_maximums;
mod pages_order;
mod pages_pictures;
mod pages_seller;
mod pages_talk;
mod pictures;
mod price_vectors;
mod questions;
mod saved;
mod searching;
mod seller;
mod serving;
mod sessions;
mod statement;
mod taking;
mod uploads;
mod wallet;
mod watching;
mod withdrawals;
