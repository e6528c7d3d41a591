//! The checks of the web's door, on a store that an engine fills.

pub mod market;
pub mod members;
pub mod notices;

use std::cell::Cell;

use auction::{AuctionId, Bid, Command, Item, Listing, Span, Time};
use engine::{Accepted, Answer, Call, Engine};
use ledger::MemberId;
use store::records::{NewMember, NoticeRow, Page, Paged};
use store::{Key, Records};

/// The time at which everything in a check happens; the caller's clock must say it.
pub const NOW: Time = Time(1_700_000_000_000_000);

/// A store under test: the web's door, and the way to the engine before it.
pub struct House<'a> {
    /// The door under test.
    pub records: &'a dyn Records,
    /// What fills the store.
    pub engine: &'a Engine,
    keys: Cell<u64>,
}

impl<'a> House<'a> {
    /// A house over an empty store whose engine runs already.
    pub fn new(records: &'a dyn Records, engine: &'a Engine) -> House<'a> {
        House { records, engine, keys: Cell::new(0) }
    }

    async fn member(&self, name: &str) -> MemberId {
        self.records.create_member(new_member(name)).await.unwrap().unwrap().id
    }

    /// A member with a million won.
    async fn rich_member(&self, name: &str) -> MemberId {
        let member = self.member(name).await;
        self.accepted(member, Call::Deposit { member, amount: 1_000_000 }).await;
        member
    }

    /// Has an auction of this title listed, for a day, with a unit of 1,000 and perhaps a buy-now price.
    async fn list(&self, seller: MemberId, title: &str, buy_now_price: Option<i64>) -> AuctionId {
        let item = Item {
            seller,
            title: title.to_owned(),
            description: String::new(),
            category: None,
            condition: None,
            shipping_payer: None,
            region: None,
            nationwide: false,
        };
        self.list_item(item, buy_now_price).await
    }

    async fn list_item(&self, item: Item, buy_now_price: Option<i64>) -> AuctionId {
        let seller = item.seller;
        let listing = Listing {
            item,
            start_price: 1_000,
            bid_unit: Some(1_000),
            reserve_price: None,
            buy_now_price,
            starts_at: None,
            ends_at: NOW.plus(Span::days(1)),
            soft_close_minutes: 3,
            again: None,
        };
        match self.accepted(seller, Call::List(Box::new(listing))).await {
            Accepted::Auction { event, .. } => event.auction,
            other => panic!("a listing was answered {other:?}"),
        }
    }

    async fn bid(&self, bidder: MemberId, auction: AuctionId, amount: i64) {
        let command = Command::Bid(Bid { bidder, amount: Some(amount), maximum: None, terms: None });
        self.accepted(bidder, Call::Auction { auction, command }).await;
    }

    async fn buy_now(&self, buyer: MemberId, auction: AuctionId) {
        let command = Command::BuyNow { buyer, terms: None };
        self.accepted(buyer, Call::Auction { auction, command }).await;
    }

    async fn accepted(&self, member: MemberId, call: Call) -> Accepted {
        self.keys.set(self.keys.get() + 1);
        let key = Key { text: format!("key-{:06}", self.keys.get()).into(), member };
        match self.engine.ask(call, key).await {
            Some(Answer::Accepted(accepted)) => accepted,
            other => panic!("answered {other:?}"),
        }
    }

    /// Follows until no round waits.
    async fn follow(&self) -> Vec<(MemberId, NoticeRow)> {
        let mut notices = Vec::new();
        loop {
            let followed = self.records.follow().await.unwrap();
            notices.extend(followed.notices);
            if !followed.more {
                return notices;
            }
        }
    }
}

fn new_member(name: &str) -> NewMember {
    NewMember {
        username: name.to_owned(),
        nickname: name.to_uppercase(),
        skeleton: name.to_owned(),
        password_hash: format!("hash of {name}"),
        region: None,
        at: NOW,
    }
}

/// All rows of a list, read in pages of so many.
async fn all<T>(limit: usize, list: impl AsyncFn(Page) -> Paged<T>) -> Vec<T> {
    let (mut rows, mut cursor) = (Vec::new(), None);
    loop {
        let page = list(Page { cursor, limit }).await;
        assert!(page.items.len() <= limit, "a page holds more than was asked for");
        rows.extend(page.items);
        match page.next {
            Some(next) => cursor = Some(next),
            None => return rows,
        }
    }
}
