//! A small world for the rules: one auction, some members, a clock that is set by hand.

use std::collections::BTreeMap;

use auction::{
    Auction, AuctionId, Bid, Bidder, Caller, Command, Effects, Event, Item, ItemId, Listing, ListingLimits,
    OrderId, Refusal, Span, Standing, Time, decide,
};
use ledger::{Account, Book, MemberId, Money, PartsPerMillion, Reason, Transfer, Wallet};

pub const SELLER: MemberId = MemberId(100);
pub const ANNA: MemberId = MemberId(1);
pub const BORA: MemberId = MemberId(2);
pub const CHUL: MemberId = MemberId(3);

/// The listing's moment; the auction runs for a day from here.
pub const NOON: Time = Time(1_000_000_000_000_000);

pub fn won(amount: i64) -> Money {
    Money::new(amount).unwrap()
}

/// One auction and the wallets around it.
pub struct World {
    pub auction: Auction,
    pub book: Book,
    pub bidders: BTreeMap<MemberId, Bidder>,
    pub blocked: Vec<MemberId>,
    pub suspended: Vec<MemberId>,
    pub transfers: Vec<Transfer>,
    pub now: Time,
}

/// What a test lists, before it changes what matters to it.
pub fn listing() -> Listing {
    let item = Item {
        seller: SELLER,
        title: "원목 의자".to_owned(),
        description: String::new(),
        category: None,
        condition: None,
        shipping_payer: None,
        region: None,
        nationwide: false,
    };
    Listing {
        item,
        start_price: 5_000,
        bid_unit: Some(1_000),
        buy_now_price: None,
        starts_at: None,
        ends_at: NOON.plus(Span::days(1)),
        soft_close_minutes: 3,
    }
}

pub fn limits() -> ListingLimits {
    ListingLimits {
        minimum_duration: Span::minutes(10),
        ladder: auction::Ladder::parse(auction::DEFAULT_LADDER).unwrap(),
        fee_rate: PartsPerMillion::default(),
    }
}

impl World {
    /// The listing of the test, and each member with so much money.
    pub fn of(listing: &Listing, limits: &ListingLimits, money: i64) -> World {
        let effects = listing.decide(AuctionId(1), ItemId(1), false, limits, NOON).unwrap();
        let wallet = |available| Wallet { available: won(available), held: Money::ZERO, version: 1 };
        let members = [ANNA, BORA, CHUL].map(|member| (member, wallet(money)));
        World {
            auction: effects.auction,
            book: Book::of(members.into_iter().chain([(SELLER, wallet(0))])),
            bidders: BTreeMap::new(),
            blocked: Vec::new(),
            suspended: Vec::new(),
            transfers: Vec::new(),
            now: NOON,
        }
    }

    pub fn simple() -> World {
        World::of(&listing(), &limits(), 1_000_000)
    }

    /// Judges a command and, if it is accepted, takes over its effects.
    pub fn ask(&mut self, command: &Command) -> Result<Vec<Event>, Refusal> {
        let before = self.auction.clone();
        let caller = command.caller().map(|member| Caller {
            suspended: self.suspended.contains(&member),
            blocked: self.blocked.contains(&member),
            number: self.bidders.get(&member).map(|bidder| bidder.number),
        });
        let standing = Standing {
            auction: &self.auction,
            book: &self.book,
            caller: caller.unwrap_or_default(),
            next_order: OrderId(1),
        };
        let effects = decide(&standing, command, self.now)?;
        self.check(&before, &effects);
        self.book.apply(&effects.posted);
        self.transfers.extend(&effects.posted.transfers);
        self.bidders.extend(effects.bidders.iter().map(|bidder| (bidder.member, *bidder)));
        self.auction = effects.auction;
        Ok(effects.events)
    }

    pub fn bid(&mut self, bidder: MemberId, amount: i64) -> Result<Vec<Event>, Refusal> {
        self.ask(&Command::Bid(Bid { bidder, amount, terms: None }))
    }

    pub fn buy_now(&mut self, buyer: MemberId) -> Result<Vec<Event>, Refusal> {
        self.ask(&Command::BuyNow { buyer, terms: None })
    }

    pub fn close(&mut self) -> Result<Vec<Event>, Refusal> {
        self.now = self.auction.ends_at;
        self.ask(&Command::Close)
    }

    /// What is held of each member's money.
    pub fn holds(&self) -> BTreeMap<MemberId, i64> {
        let held = |member: &MemberId| (*member, self.book.wallet(*member).held.won());
        [ANNA, BORA, CHUL].iter().map(held).filter(|(_, held)| *held > 0).collect()
    }

    /// What has passed through escrow into it.
    pub fn paid(&self) -> i64 {
        let paid = self.transfers.iter().filter(|transfer| transfer.to == Account::Escrow);
        paid.map(|transfer| transfer.amount.won()).sum()
    }

    pub fn sum_of(&self, reason: Reason) -> i64 {
        let of = self.transfers.iter().filter(|transfer| transfer.reason == reason);
        of.map(|transfer| transfer.amount.won()).sum()
    }

    /// What holds after every accepted command, whatever it was.
    fn check(&self, before: &Auction, effects: &Effects) {
        let after = &effects.auction;
        let numbers: Vec<i64> = effects.events.iter().map(|event| event.seq.0).collect();
        let expected: Vec<i64> = (before.seq.0 + 1..=after.seq.0).collect();
        assert_eq!(numbers, expected, "events are numbered on without a gap");
        assert!(after.price >= before.price, "the price never falls");
        assert!(after.ends_at >= before.ends_at, "the end never comes nearer");
        let rows = effects.events.iter().filter(|event| event.kind == auction::EventKind::Bid).count();
        assert_eq!(after.bid_count, before.bid_count + i64::try_from(rows).unwrap());
        for event in &effects.events {
            assert_eq!(
                (event.price, event.minimum, event.bid_count),
                (after.price, after.minimum(), after.bid_count)
            );
            assert_eq!(event.ends_at, after.ends_at);
        }
        let mut draft = self.book.clone();
        draft.apply(&effects.posted);
        let held: i64 = [ANNA, BORA, CHUL].iter().map(|member| draft.wallet(*member).held.won()).sum();
        let open = after.outcome.is_none();
        let lead = after.leader.filter(|_| open).map_or(0, |leader| leader.commitment.won());
        assert_eq!(held, lead, "exactly the leader's commitment is held");
        let sum = |book: &Book| -> i64 {
            let all = [ANNA, BORA, CHUL, SELLER].map(|member| book.wallet(member));
            all.iter().map(|wallet| wallet.available.won() + wallet.held.won()).sum()
        };
        let fees: i64 =
            effects.posted.transfers.iter().filter(|t| t.reason == Reason::Fee).map(|t| t.amount.won()).sum();
        assert_eq!(sum(&draft) + fees, sum(&self.book), "money only moves");
    }
}
