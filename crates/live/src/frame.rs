//! Frames: the public bytes of committed facts, made once each and the same for everyone.
//!
//! What is written here is a contract with other people's programs: names, order and shapes stay as they are, and the
//! tests hold yesterday's bytes. A member appears only by the number he has in the auction; absent means absent, and only
//! `minimum` may be null. Private frames, which only one member gets, are in `private`.

mod object;
mod private;
mod time;

use std::fmt;

use auction::{Auction, Event, EventKind, Time};
use bytes::Bytes;

pub use private::{
    Figure, Notice, Refused, accepted, error, hello, mine, notice, pong, refused, unread, wallet,
};
pub use time::time;

use object::Object;

/// One JSON object as it goes over the wire: UTF-8 by construction, and shared, not copied, between its readers.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame(Bytes);

impl Frame {
    /// The bytes, shared: a text message can be made of them without a copy.
    pub fn into_bytes(self) -> Bytes {
        self.0
    }

    /// The text.
    ///
    /// # Panics
    /// Never: a frame is made from text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a frame is made from text")
    }

    /// How many bytes it has; none is empty.
    pub(crate) fn size(&self) -> usize {
        self.0.len()
    }
}

impl From<String> for Frame {
    fn from(text: String) -> Frame {
        Frame(Bytes::from(text))
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The frame of an event, for sockets and for `GET /auctions/{id}/events` alike.
pub fn event(event: &Event) -> Frame {
    let mut frame = if event.kind.is_row() { row(event) } else { turn(event) };
    frame.number("price", event.price.won());
    frame.number_or_null("minimum", event.minimum.map(|minimum| minimum.won()));
    frame.number("bid_count", event.bid_count);
    frame.number_if("leader", event.leader.map(|leader| leader.number));
    if event.kind.is_row() {
        frame.number_if("bidder", event.actor.map(|actor| actor.number));
    }
    frame.text("reserve", event.reserve.name());
    frame.time("ends_at", event.ends_at);
    frame.time("at", event.at);
    if event.kind.is_row() {
        frame.text_if("rule", event.rule.map(|rule| rule.name()));
        frame.text_if("reason", event.reason.as_deref());
    }
    frame.finish()
}

/// The start of a row of the bid history.
fn row(event: &Event) -> Object {
    let mut frame = Object::new("bid");
    frame.number("id", event.auction.0);
    frame.number("seq", event.seq.0);
    frame.text("kind", event.kind.name());
    frame.number_if("amount", event.amount.map(|amount| amount.won()));
    frame
}

/// The start of anything else that happens in an auction's life, with what its kind carries.
fn turn(event: &Event) -> Object {
    let mut frame = Object::new(event.kind.name());
    frame.number("id", event.auction.0);
    frame.number("seq", event.seq.0);
    frame.text_if("cause", event.cause.map(|cause| cause.name()));
    frame.text_if("outcome", event.outcome.map(|outcome| outcome.name()));
    if event.kind == EventKind::Closed {
        frame.number_if("amount", event.amount.map(|amount| amount.won()));
        frame.number_if("winner", event.actor.map(|actor| actor.number));
    }
    if event.kind == EventKind::Edited {
        frame.number_if("terms", event.terms);
        frame.text_if("note", event.reason.as_deref());
    } else {
        frame.text_if("reason", event.reason.as_deref());
    }
    frame
}

/// The snapshot of an auction: where it stands as of its `seq`, and how many look on.
pub fn auction(auction: &Auction, watchers: usize, now: Time) -> Frame {
    let mut frame = Object::new("auction");
    frame.number("id", auction.id.0);
    frame.number("seq", auction.seq.0);
    frame.time("now", now);
    frame.number("terms", auction.terms);
    frame.text("status", auction.status.name());
    frame.text_if("outcome", auction.outcome.map(|outcome| outcome.name()));
    frame.number("price", auction.price.won());
    frame.number_or_null("minimum", auction.minimum().map(|minimum| minimum.won()));
    frame.number("bid_count", auction.bid_count);
    frame.number_if("leader", auction.leader.map(|leader| leader.number));
    frame.text("reserve", auction.reserve_status().name());
    frame.number_if("buy_now_price", auction.buy_now.map(|price| price.won()));
    frame.time("starts_at", auction.starts_at);
    frame.time("ends_at", auction.ends_at);
    frame.time("latest", auction.latest);
    frame.number("extensions", auction.extensions);
    frame.number("watchers", i64::try_from(watchers).unwrap_or(i64::MAX));
    frame.finish()
}

#[cfg(test)]
mod tests;
