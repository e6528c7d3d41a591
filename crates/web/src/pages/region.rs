//! A region's page: what holds it, what lies below it, and what is for sale there.

use askama::Template;

use super::{Card, Choice, Shell, State};

/// `/regions` and `/regions/서울/마포구`
#[derive(Template)]
#[template(path = "region.html")]
pub struct RegionPage {
    /// The frame.
    pub shell: Shell,
    /// Its whole name; none if there is no such region.
    pub name: Option<String>,
    /// Its own address, by which it is known.
    pub address: String,
    /// What holds it, from the whole country down, and itself: address and name.
    pub crumbs: Vec<Choice>,
    /// What lies right below it with how much stands there, or what may have been meant.
    pub below: Vec<(Choice, String)>,
    /// Where to search it.
    pub search: String,
    /// What is for sale there.
    pub cards: Vec<Card>,
}

impl RegionPage {
    /// The search of it as it may be kept.
    pub fn query(&self) -> &str {
        self.search.split_once('?').map_or("", |(_, query)| query)
    }
}
