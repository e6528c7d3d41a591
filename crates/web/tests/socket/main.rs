//! The socket, spoken to by a real client over a real line: every promise of the live contract, and every limit at it
//! and one past it. No test waits for time to pass: what needs time has pure tests beside its code.

mod bad_input;
mod client;
mod commands;
mod house;
mod limits;
mod questions;
mod resuming;
mod sessions;
mod watching;
