//! Floor 4, *shows*: pages, the JSON API and sockets. Strangers are checked here, and everything they send is judged
//! before it goes further down.
//!
//! A handler holds `Records` and an `Engine` and nothing else that could change anything: what touches an auction or
//! money is asked of the engine with a key, all else is a plain call to `Records`. [`mod@routes`] shows every address.

pub mod api;
pub mod caller;
pub mod compression;
mod contact;
pub mod darkroom;
pub mod delivery;
pub mod failure;
pub mod health;
pub mod limits;
pub mod nickname;
pub mod order_turns;
pub mod pages;
pub mod password;
pub mod places;
pub mod routes;
pub mod saved;
pub mod security;
pub mod serve;
pub mod settings;
pub mod socket;
pub mod state;
pub mod words;

pub use routes::{metrics_routes, routes};
pub use serve::{ServeLimits, serve};
pub use settings::WebSettings;
pub use state::{Chance, Process, ProcessFigures, WebParts, WebState};
