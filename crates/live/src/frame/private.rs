//! Private frames: what one connection or one member is told, and nobody else.

use auction::{AuctionId, Seq, Time};
use ledger::{MemberId, Money, Wallet};

use crate::frame::Frame;
use crate::frame::object::Object;

/// A figure of a refusal: what a client needs to do better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure<'a> {
    /// An amount or a count.
    Number(i64),
    /// There is none, said aloud: `minimum` when nothing more can be bid.
    Null,
    /// A stable name.
    Text(&'a str),
    /// A moment.
    Time(Time),
}

/// The first frame of a connection, and the answer to `authenticate`.
pub fn hello(now: Time, member: Option<MemberId>) -> Frame {
    let mut frame = Object::new("hello");
    frame.time("now", now);
    frame.number_if("member", member.map(|member| member.0));
    frame.finish()
}

/// A command was done; `silent` if it changed nothing that others may see. Without an event there is no `seq`.
pub fn accepted(key: &str, auction: AuctionId, seq: Option<Seq>, silent: bool) -> Frame {
    let mut frame = Object::new("accepted");
    frame.text("key", key);
    frame.number("id", auction.0);
    frame.number_if("seq", seq.map(|seq| seq.0));
    frame.flag_if("silent", silent);
    frame.finish()
}

/// A command that was not done.
#[derive(Clone, Copy, Debug)]
pub struct Refused<'a> {
    /// The command's key, if it had one.
    pub key: Option<&'a str>,
    /// The auction it was for, if it named one.
    pub auction: Option<AuctionId>,
    /// The stable code.
    pub code: &'a str,
    /// What the code carries, in this order.
    pub figures: &'a [(&'static str, Figure<'a>)],
    /// The sentence for people, in the connection's language.
    pub title: &'a str,
}

/// A command was not done, and why.
pub fn refused(refused: &Refused<'_>) -> Frame {
    let mut frame = Object::new("refused");
    frame.text_if("key", refused.key);
    frame.number_if("id", refused.auction.map(|auction| auction.0));
    frame.text("code", refused.code);
    for (name, figure) in refused.figures {
        match *figure {
            Figure::Number(number) => frame.number(name, number),
            Figure::Null => frame.number_or_null(name, None),
            Figure::Text(text) => frame.text(name, text),
            Figure::Time(time) => frame.time(name, time),
        }
    }
    frame.text("title", refused.title);
    frame.finish()
}

/// A member's own part in an auction: his number there, and what is held of his money for it while he leads.
pub fn mine(auction: AuctionId, bidder: i64, held: Money) -> Frame {
    let mut frame = Object::new("mine");
    frame.number("id", auction.0);
    frame.number("bidder", bidder);
    frame.flag("leading", !held.is_zero());
    frame.number("held", held.won());
    frame.finish()
}

/// Something a member should know.
#[derive(Clone, Copy, Debug)]
pub struct Notice<'a> {
    /// Its number.
    pub id: i64,
    /// The stable name of what it is about.
    pub kind: &'a str,
    /// On which auction.
    pub auction: AuctionId,
    /// That auction's title.
    pub title: &'a str,
    /// The amount it speaks of, if any.
    pub amount: Option<Money>,
    /// Of a saved search: its number, and how many new things fit. Then the title is what it is called.
    pub search: Option<(i64, i64)>,
    /// When.
    pub at: Time,
}

/// A notice, pushed as it is written.
pub fn notice(notice: &Notice<'_>) -> Frame {
    let mut frame = Object::new("notice");
    frame.number("id", notice.id);
    frame.text("kind", notice.kind);
    frame.number("auction_id", notice.auction.0);
    frame.text("title", notice.title);
    frame.number_if("amount", notice.amount.map(Money::won));
    frame.number_if("search_id", notice.search.map(|(id, _)| id));
    frame.number_if("count", notice.search.map(|(_, count)| count));
    frame.time("at", notice.at);
    frame.finish()
}

/// How many notices a member has not read.
pub fn unread(count: i64) -> Frame {
    let mut frame = Object::new("unread");
    frame.number("count", count);
    frame.finish()
}

/// A member's money; clients keep the newest version.
pub fn wallet(wallet: Wallet) -> Frame {
    let mut frame = Object::new("wallet");
    frame.number("version", wallet.version);
    frame.number("available", wallet.available.won());
    frame.number("held", wallet.held.won());
    frame.finish()
}

/// The answer to a ping: what it carried, and the time.
pub fn pong(at: Option<i64>, now: Time) -> Frame {
    let mut frame = Object::new("pong");
    frame.number_if("at", at);
    frame.time("now", now);
    frame.finish()
}

/// A message that was not understood or not allowed and was no command; names the auction or the field if there is one.
pub fn error(code: &str, auction: Option<AuctionId>, field: Option<&str>) -> Frame {
    let mut frame = Object::new("error");
    frame.text("code", code);
    frame.number_if("id", auction.map(|auction| auction.0));
    frame.text_if("field", field);
    frame.finish()
}
