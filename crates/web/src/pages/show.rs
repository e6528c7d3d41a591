//! Showing: the GET side of every page. A handler reads what the page needs in a bounded number of calls, fills the
//! page's description and lets it write itself.

pub mod admin;
pub mod auction;
pub mod cards;
pub mod controls;
pub mod deliveries;
pub mod design;
pub mod door;
pub mod edit;
pub mod history;
pub mod home;
pub mod installed;
pub mod leave;
pub mod member;
pub mod mine;
pub mod notice_settings;
pub mod notices;
pub mod order;
pub mod orders;
pub mod photos;
pub mod pictures;
pub mod places;
pub mod problem;
pub mod region;
pub mod reported;
pub mod rules;
pub mod sales;
pub mod saved;
pub mod sell;
pub mod settings;
pub mod standing;
pub mod still;
pub mod talk;
pub mod unsubscribe;
pub mod wallet;
pub mod worker;
