//! One auction: what it is, what it costs now, how long, and the box to bid in.

use askama::Template;
use jiff::Timestamp;

use super::{Card, Chart, Picture, Reputation, Shell, State};
use crate::words;

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
    /// Who looks on now.
    pub watchers: i64,
    /// The start.
    pub starts_at: Timestamp,
    /// The end as it stands.
    pub ends_at: Timestamp,
    /// The end that no late bid can move any further.
    pub latest: Timestamp,
    /// Minutes of the soft close; 0 is none.
    pub soft_close_minutes: i64,
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
    /// What the seller can do, for the seller alone.
    pub controls: Option<SellerControls>,
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
    },
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
    /// The sentence of a refusal, shown in the box.
    pub fault: Option<String>,
    /// An unusual amount that was sent and waits for a second yes (the form then carries `confirmed`).
    pub confirm: Option<i64>,
    /// With `confirm`: the price for which the amount would buy at once.
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
    /// When.
    pub at: Timestamp,
}

/// What the seller can do now.
#[derive(Clone, Debug, Default)]
pub struct SellerControls {
    /// A fresh UUIDv7 for selling at once.
    pub sell_key: String,
    /// A fresh UUIDv7 for cancelling.
    pub cancel_key: String,
    /// Whether it can be sold to the leader at once.
    pub can_sell: bool,
    /// The leader's name.
    pub leader: Option<String>,
    /// Whether it can be cancelled.
    pub can_cancel: bool,
    /// The reason as typed, when it was refused.
    pub reason: String,
    /// The sentence of a refusal.
    pub fault: Option<String>,
}

impl Seller {
    /// The first letter of the nickname, for the round mark.
    pub fn initial(&self) -> String {
        self.nickname.chars().take(1).collect()
    }
}

impl AuctionPage {
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
            (_, State::Closing | State::Sold | State::Unsold | State::Cancelled) => "ended",
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

    /// What is held for the viewer here.
    pub fn held(&self) -> i64 {
        match self.viewer {
            Viewer::Member { held, .. } => held,
            _ => 0,
        }
    }

    /// Whether late bids can no longer move the end.
    pub fn is_final(&self) -> bool {
        self.soft_close_minutes > 0 && self.ends_at >= self.latest
    }
}
