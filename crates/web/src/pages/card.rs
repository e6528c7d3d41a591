//! An auction as a card: in the rail, in the grid, in lists and in the preview of the sell page.

use askama::Template;
use jiff::Timestamp;

use super::{Heart, Photo, Shell, State, picture};

/// An auction at a glance.
#[derive(Clone, Debug)]
pub struct Card {
    /// The auction's id.
    pub id: i64,
    /// The auction's newest event that this card knows.
    pub seq: i64,
    /// The title, as the seller wrote it.
    pub title: String,
    /// The first picture, if there is one.
    pub photo: Option<Photo>,
    /// What is shown in place of a picture.
    pub picture: Picture,
    /// The neighbourhood, or none.
    pub place: Option<String>,
    /// What it is to the viewer.
    pub state: State,
    /// The viewer's number in this auction, once there is a bid of the viewer's.
    pub number: Option<i64>,
    /// The price now, in won; before the first bid the start price.
    pub price: i64,
    /// Bids so far.
    pub bid_count: i64,
    /// The start.
    pub starts_at: Timestamp,
    /// The end.
    pub ends_at: Timestamp,
    /// When it did end, for one that is over, where that is known.
    pub ended_at: Option<Timestamp>,
    /// The price at which it can be bought at once, in won.
    pub buy_now_price: Option<i64>,
    /// The heart; none on what the viewer sells, and where there is no list to put it on.
    pub heart: Option<Heart>,
}

/// Some cards and nothing else.
#[derive(Template)]
#[template(path = "parts/cards.html")]
pub struct CardsPart {
    /// For the words of the cards.
    pub shell: Shell,
    /// The cards.
    pub cards: Vec<Card>,
}

impl Card {
    /// Whether bids are taken and it ends within three minutes.
    pub fn is_ending(&self, shell: &Shell) -> bool {
        const WITHIN_MICROSECONDS: i64 = 180_000_000;
        let left = self.ends_at.as_microsecond() - shell.now.as_microsecond();
        self.state.takes_bids() && left <= WITHIN_MICROSECONDS
    }
}

/// A drawing that stands for an item without pictures.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The category's word (`furniture`, `digital` …); one without a drawing of its own gets a parcel.
    pub category: String,
    /// Any number of the item's own, so that two chairs do not look the same.
    pub variant: i64,
}

impl Picture {
    /// The drawing as SVG, hidden from screen readers; print it with `|safe`.
    pub fn svg(&self) -> String {
        picture::drawing(&self.category, self.variant)
    }
}

/// What others thought of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reputation {
    /// 0–100.
    pub score: i64,
    /// From how many reviews.
    pub count: i64,
}
