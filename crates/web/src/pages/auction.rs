//! One auction: what it is, what it costs now, how long, and the box to bid in.

use askama::Template;
use jiff::Timestamp;

use super::{
    AdminControls, Ask, Cancel, Card, Chart, Edit, Extend, Follows, Heart, Photo, Picture, Reputation,
    SellerControls, Shell, State, Talk, Trace,
};
use crate::words;

/// So many characters of a description go along where an address is shared.
const SHARED_CHARS: usize = 120;

/// `/auctions/{id}`
#[derive(Template)]
#[template(path = "auction.html")]
pub struct AuctionPage {
    /// The frame.
    pub shell: Shell,
    /// The auction's id.
    pub id: i64,
    /// Its newest event that this page knows.
    pub seq: i64,
    /// The number of its terms, sent along with a bid.
    pub terms: i64,
    /// The title.
    pub title: String,
    /// The description; line breaks are kept.
    pub description: String,
    /// The category's name, if any.
    pub category: Option<String>,
    /// Its pictures, in the order in which they are shown.
    pub photos: Vec<Photo>,
    /// What is shown in place of a picture.
    pub picture: Picture,
    /// The neighbourhood's name; none with `nationwide` means anywhere.
    pub place: Option<String>,
    /// Sold to the whole country.
    pub nationwide: bool,
    /// `new`, `s`, `a`, `b` or `c`.
    pub condition: Option<String>,
    /// `seller` or `buyer`: who pays the shipping.
    pub shipping_payer: Option<String>,
    /// Who sells.
    pub seller: Seller,
    /// What it is to the viewer.
    pub state: State,
    /// Who looks.
    pub viewer: Viewer,
    /// The price now; before the first bid the start price.
    pub price: i64,
    /// The start price.
    pub start_price: i64,
    /// The least amount accepted next; none when nothing more can be bid.
    pub minimum: Option<i64>,
    /// By how much the price rises at least, from where it stands.
    pub step: i64,
    /// The fixed bid unit; none with the ladder.
    pub bid_unit: Option<i64>,
    /// The price at which it can be bought at once.
    pub buy_now_price: Option<i64>,
    /// Bids so far.
    pub bid_count: i64,
    /// The heart; none for the seller.
    pub heart: Option<Heart>,
    /// Who looks on now.
    pub watchers: i64,
    /// The start.
    pub starts_at: Timestamp,
    /// The end as it stands.
    pub ends_at: Timestamp,
    /// When it did end, for one that is over: bought, sold at once or cancelled, that was before the end it had.
    pub ended_at: Option<Timestamp>,
    /// The end that no late bid can move any further.
    pub latest: Timestamp,
    /// Minutes of the soft close; 0 is none.
    pub soft_close_minutes: i64,
    /// How often the seller has moved the end.
    pub seller_extensions: i64,
    /// What everyone may know of the reserve.
    pub reserve: Reserve,
    /// Notes that the seller added, oldest first.
    pub notes: Vec<Note>,
    /// What was changed since the terms that whoever bids has seen, oldest first; empty unless a bid was refused for it.
    pub changes: Vec<Change>,
    /// That the auction began anew, if it did.
    pub afresh: Option<Afresh>,
    /// The auction that sells the item again, if one does.
    pub followed_by: Option<i64>,
    /// Other auctions of the same item that are over, newest first.
    pub earlier: Vec<Earlier>,
    /// The reason a cancelled auction carries.
    pub cancel_reason: Option<String>,
    /// The order, for its two sides.
    pub order: Option<i64>,
    /// The bid form; none for whoever cannot bid here (guests have one that leads to the sign-in).
    pub form: BidForm,
    /// The newest bids, newest first.
    pub history: Vec<HistoryLine>,
    /// The prices so far, for the chart.
    pub chart: Chart,
    /// The prices over time, by who made them.
    pub trace: Trace,
    /// The questions and answers.
    pub talk: Talk,
    /// What the seller can do, for the seller alone.
    pub controls: Option<SellerControls>,
    /// What an admin can do, for one who has no part in it.
    pub admin: Option<AdminControls>,
    /// What else ends soon nearby.
    pub others: Vec<Card>,
}

/// Who sells.
#[derive(Clone, Debug)]
pub struct Seller {
    /// The member's id.
    pub id: i64,
    /// The nickname.
    pub nickname: String,
    /// What others thought; none before the first review.
    pub reputation: Option<Reputation>,
    /// Finished sales, where they were counted.
    pub sales: Option<i64>,
}

/// Who looks at the auction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// Nobody is signed in.
    Guest,
    /// The seller.
    Seller,
    /// Any other member.
    Member {
        /// The member's number in this auction, once there is a bid.
        number: Option<i64>,
        /// What is held for the member here.
        held: i64,
        /// What the member can use, without what is held here.
        available: i64,
        /// Up to how much the house bids for the member who leads, if that is more than the price shows. For this member's
        /// eyes alone.
        maximum: Option<i64>,
    },
}

/// What everyone may know of a reserve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reserve {
    /// There is none.
    #[default]
    None,
    /// For the price as it stands it would not be sold.
    NotMet,
    /// It would be sold.
    Met,
}

impl Reserve {
    /// The word used in `data-reserve`.
    pub fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::NotMet => "not_met",
            Self::Met => "met",
        }
    }

    /// The key of its name.
    pub fn key(self) -> String {
        format!("reserve-{}", self.code())
    }
}

/// A note that the seller added to what was said before.
#[derive(Clone, Debug)]
pub struct Note {
    /// In his words.
    pub text: String,
    /// When.
    pub at: Timestamp,
}

/// What an edit changed.
#[derive(Clone, Debug)]
pub struct Change {
    /// The note that was added; none if the listing itself was changed.
    pub note: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// An auction that began anew because the leader's bids were taken back.
#[derive(Clone, Debug)]
pub struct Afresh {
    /// Why, in the words of whoever took them back.
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// An earlier auction of the same item.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// Its id.
    pub id: i64,
    /// How it ended, for everyone.
    pub state: State,
    /// The price at its end.
    pub price: i64,
    /// When that was, where it is known.
    pub ended: Option<Timestamp>,
}

/// The bid form as it stands.
#[derive(Clone, Debug, Default)]
pub struct BidForm {
    /// A fresh UUIDv7 for the bid.
    pub key: String,
    /// A fresh UUIDv7 for buying at once.
    pub buy_key: String,
    /// The amount in the field: the minimum, or what `?amount=` or a refused form brought.
    pub amount: Option<i64>,
    /// What a refused form brought that is no amount, shown as it was typed.
    pub typed: Option<String>,
    /// The maximum in its field, as it was typed.
    pub maximum: String,
    /// The sentence of a refusal, shown in the box.
    pub fault: Option<String>,
    /// An unusual bid that was sent and waits for a second yes (the form then carries `confirmed`).
    pub confirm: Option<Doubted>,
}

/// A bid that is asked about once more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doubted {
    /// The amount, if one was sent.
    pub amount: Option<i64>,
    /// The maximum, if one was sent.
    pub maximum: Option<i64>,
    /// The price for which it would buy at once, if it would.
    pub buys: Option<i64>,
}

/// One line of the history.
#[derive(Clone, Debug)]
pub struct HistoryLine {
    /// The event's number.
    pub seq: i64,
    /// `bid`, `auto`, `buy_now` or `reset`.
    pub kind: String,
    /// The bidder's number in this auction.
    pub number: i64,
    /// The bidder's name, for those who may know it.
    pub name: Option<String>,
    /// Whether it is the viewer's own.
    pub mine: bool,
    /// The amount.
    pub amount: i64,
    /// The key of why the price is what it is, by what everyone can see; none for what was bid before that was kept.
    pub why: Option<&'static str>,
    /// Why bids were taken back, in the words of whoever did.
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// Why a price is what it is, in the order in which that is explained.
pub const WHY: [&str; 9] =
    ["start", "named", "overtaken", "beaten", "matched", "reserve", "buy_now", "taken_back", "afresh"];

impl Seller {
    /// The first letter of the nickname, for the round mark.
    pub fn initial(&self) -> String {
        self.nickname.chars().take(1).collect()
    }
}

impl AuctionPage {
    /// How many pictures there are.
    pub fn photo_count(&self) -> i64 {
        i64::try_from(self.photos.len()).unwrap_or(i64::MAX)
    }

    /// What is said of it where its address is shared: the first of its description, else where and how it is.
    pub fn shared(&self) -> String {
        let words = self.description.split_whitespace().collect::<Vec<_>>().join(" ");
        if words.is_empty() {
            return self.shell.t("site-line");
        }
        let short: String = words.chars().take(SHARED_CHARS).collect();
        if short.len() < words.len() { format!("{short}…") } else { short }
    }

    /// The word in the bid box's `data-state`.
    pub fn box_state(&self) -> &'static str {
        match (&self.viewer, self.state) {
            (Viewer::Seller, state) if !state.is_over() => "own",
            (_, State::Scheduled) => "scheduled",
            (_, State::Open | State::Ending) => "open",
            (_, State::Leading) => "leading",
            (_, State::Outbid) => "outbid",
            (_, State::Won) => "won",
            (_, State::Lost) => "lost",
            (_, State::Closing | State::Sold | State::Unsold | State::ReserveNotMet | State::Cancelled) => {
                "ended"
            }
        }
    }

    /// The minimum and two larger steps, none above the price that buys at once.
    pub fn amounts(&self) -> Vec<i64> {
        let Some(minimum) = self.minimum else {
            return Vec::new();
        };
        let most = self.buy_now_price.unwrap_or(i64::MAX);
        let mut amounts: Vec<i64> = [0, 2, 4]
            .into_iter()
            .map(|steps| minimum.saturating_add(self.step.saturating_mul(steps)).min(most))
            .collect();
        amounts.dedup();
        amounts
    }

    /// The amount that stands in the field.
    pub fn amount(&self) -> Option<i64> {
        self.form.amount.or(self.minimum)
    }

    /// The amount in the field with its thousands apart, or nothing.
    pub fn amount_text(&self) -> String {
        if let Some(typed) = &self.form.typed {
            return typed.clone();
        }
        self.amount().map(words::digits).unwrap_or_default()
    }

    /// Whether the bid form is on the page.
    pub fn has_form(&self) -> bool {
        self.viewer != Viewer::Seller && (self.state.takes_bids() || self.state == State::Scheduled)
    }

    /// The viewer's number here, as `data-me` carries it.
    pub fn me(&self) -> String {
        match self.viewer {
            Viewer::Member { number: Some(number), .. } => number.to_string(),
            _ => String::new(),
        }
    }

    /// What the viewer can use here, own hold counted in; none for guests and the seller.
    pub fn usable(&self) -> Option<i64> {
        match self.viewer {
            Viewer::Member { held, available, .. } => Some(available.saturating_add(held)),
            _ => None,
        }
    }

    /// Up to how much the house bids for the viewer, if that is hidden from everyone else.
    pub fn maximum(&self) -> Option<i64> {
        match self.viewer {
            Viewer::Member { maximum, .. } => maximum,
            _ => None,
        }
    }

    /// What would be held for what stands in the form: the maximum, or the amount where there is none. What is held for
    /// a leader never becomes less.
    pub fn commitment(&self) -> Option<i64> {
        let named = words::amount_typed(&self.form.maximum).or(self.amount());
        named.map(|named| named.max(self.maximum().unwrap_or_default()))
    }

    /// Whether the part of the form for a maximum is open from the start.
    pub fn shows_maximum(&self) -> bool {
        !self.form.maximum.is_empty()
    }

    /// The rules of price that can make a price here, in the order in which they are explained.
    pub fn rules(&self) -> Vec<&'static str> {
        let can_be = |why: &&str| match *why {
            "reserve" => self.reserve != Reserve::None,
            "buy_now" => self.buy_now_price.is_some(),
            _ => true,
        };
        WHY.into_iter().filter(can_be).collect()
    }

    /// Where a question is sent; one that comes back is shown where the questions are.
    pub fn ask_action(&self) -> String {
        format!("/auctions/{}/questions#questions", self.id)
    }

    /// What is held for the viewer here.
    pub fn held(&self) -> i64 {
        match self.viewer {
            Viewer::Member { held, .. } => held,
            _ => 0,
        }
    }

    /// When it did end, or will as it stands.
    pub fn end(&self) -> &Timestamp {
        self.ended_at.as_ref().unwrap_or(&self.ends_at)
    }

    /// Whether late bids can no longer move the end.
    pub fn is_final(&self) -> bool {
        self.soft_close_minutes > 0 && self.ends_at >= self.latest
    }
}
