//! The checks of the web's door, on a store that an engine fills.

pub mod delivery;
pub mod leaving;
pub mod market;
pub mod members;
pub mod notices;
pub mod owing;
pub mod people;
pub mod pictures;
pub mod profiles;
pub mod sales;
pub mod saved;
pub mod search;
pub mod talk;
pub mod watching;

use std::cell::Cell;

use auction::{AuctionId, Bid, Command, Item, Listing, Order, OrderCommand, Span, Time};
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
        let item = Item { title: title.to_owned(), ..plain(seller) };
        self.list_item(item, buy_now_price).await
    }

    async fn list_item(&self, item: Item, buy_now_price: Option<i64>) -> AuctionId {
        self.list_as(Listing { buy_now_price, ..listing(item) }).await
    }

    /// One with a reserve.
    async fn list_reserved(&self, seller: MemberId, title: &str, reserve: i64) -> AuctionId {
        let item = Item { title: title.to_owned(), ..plain(seller) };
        self.list_as(Listing { reserve_price: Some(reserve), ..listing(item) }).await
    }

    async fn list_as(&self, listing: Listing) -> AuctionId {
        let seller = listing.seller();
        match self.accepted(seller, Call::List(Box::new(listing))).await {
            Accepted::Auction { event, .. } => event.auction,
            other => panic!("a listing was answered {other:?}"),
        }
    }

    async fn maximum(&self, bidder: MemberId, auction: AuctionId, maximum: i64) {
        let bid = Bid { bidder, amount: None, maximum: Some(maximum), terms: None };
        self.command(auction, Command::Bid(bid)).await;
    }

    async fn bid(&self, bidder: MemberId, auction: AuctionId, amount: i64) {
        let command = Command::Bid(Bid { bidder, amount: Some(amount), maximum: None, terms: None });
        self.accepted(bidder, Call::Auction { auction, command }).await;
    }

    async fn buy_now(&self, buyer: MemberId, auction: AuctionId) {
        let command = Command::BuyNow { buyer, terms: None };
        self.accepted(buyer, Call::Auction { auction, command }).await;
    }

    /// Has one command to an auction accepted.
    async fn command(&self, auction: AuctionId, command: Command) -> Accepted {
        let member = command.caller().expect("a member asks");
        self.accepted(member, Call::Auction { auction, command }).await
    }

    /// The newest order of an auction.
    async fn order(&self, auction: AuctionId) -> Order {
        self.records.aftermath(auction).await.unwrap().order.expect("it was sold")
    }

    /// Has one step of an auction's newest order accepted.
    async fn step(&self, auction: AuctionId, command: OrderCommand) {
        let order = self.order(auction).await.id;
        self.command(auction, Command::Order { order, command: Box::new(command) }).await;
    }

    /// The sale falls through by the buyer, and the seller agrees.
    async fn fall_through(&self, auction: AuctionId) {
        let Order { buyer, seller, .. } = self.order(auction).await;
        for member in [buyer, seller] {
            self.step(auction, OrderCommand::Cancel { member }).await;
        }
    }

    async fn accepted(&self, member: MemberId, call: Call) -> Accepted {
        self.keys.set(self.keys.get() + 1);
        let key = Key { text: format!("key-{:06}", self.keys.get()).into(), member };
        match self.engine.ask(call, key).await {
            Some(Answer::Accepted(accepted)) => accepted,
            other => panic!("answered {other:?}"),
        }
    }

    /// Has a call refused; under which code.
    async fn refused(&self, member: MemberId, call: Call) -> &'static str {
        self.keys.set(self.keys.get() + 1);
        let key = Key { text: format!("key-{:06}", self.keys.get()).into(), member };
        match self.engine.ask(call, key).await {
            Some(Answer::Refused(refusal)) => refusal.code(),
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

fn plain(seller: MemberId) -> Item {
    Item {
        seller,
        title: String::new(),
        description: String::new(),
        category: None,
        condition: None,
        shipping_payer: None,
        region: None,
        nationwide: false,
        pictures: Vec::new(),
    }
}

fn listing(item: Item) -> Listing {
    Listing {
        item,
        start_price: 1_000,
        bid_unit: Some(1_000),
        reserve_price: None,
        buy_now_price: None,
        starts_at: None,
        ends_at: NOW.plus(Span::days(1)),
        soft_close_minutes: 3,
        again: None,
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
