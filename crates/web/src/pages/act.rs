//! Acting: the POST side of every page, for browsers with and without scripts. A form that is accepted leads on to a
//! page that says so; one that is refused comes back as it was typed, with the reason in words.

pub mod admin;
pub mod admin_auction;
pub mod auction;
pub mod deliveries;
pub mod door;
pub mod edit;
mod files;
pub mod leave;
pub mod listing;
pub mod member;
pub mod notice_settings;
pub mod notices;
pub mod offer;
pub mod order;
pub mod reported;
pub mod saved;
pub mod sell;
pub mod seller;
pub mod sent;
pub mod settings;
pub mod taking;
pub mod talk;
pub mod unsubscribe;
pub mod wallet;
pub mod watching;
