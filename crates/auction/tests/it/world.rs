//! A small world for the rules: one auction, some members, a clock that is set by hand. After every accepted command it
//! asserts what always holds.

use auction::{
    Aftermath, Auction, AuctionId, Bid, Bidder, Caller, Command, Effects, Event, EventKind, Hand, Item,
    ItemId, Listing, ListingLimits, ListingStanding, Mark, NextOrder, Offer, Order, OrderId, PictureAddress,
    Refusal, ReserveStatus, Seq, Span, Standing, Time, decide,
};
use ledger::{Account, Book, MemberId, Money, PartsPerMillion, Transfer, Wallet};

pub const SELLER: MemberId = MemberId(100);
pub const ADMIN: MemberId = MemberId(200);
pub const ANNA: MemberId = MemberId(1);
pub const BORA: MemberId = MemberId(2);
pub const CHUL: MemberId = MemberId(3);
pub const DAON: MemberId = MemberId(4);
pub const HANA: MemberId = MemberId(5);

/// Those who bid.
pub const BIDDERS: [MemberId; 5] = [ANNA, BORA, CHUL, DAON, HANA];

/// The listing's moment; the auction runs for a day from here.
pub const NOON: Time = Time(1_000_000_000_000_000);

pub fn won(amount: i64) -> Money {
    Money::new(amount).unwrap()
}

/// One auction and the wallets around it.
#[derive(Clone)]
pub struct World {
    pub auction: Auction,
    pub item: Item,
    pub limits: ListingLimits,
    pub book: Book,
    pub bidders: Vec<Bidder>,
    pub orders: Vec<Order>,
    pub offers: Vec<Offer>,
    pub marks: Vec<Mark>,
    pub blocked: Vec<MemberId>,
    pub suspended: Vec<MemberId>,
    /// Which pictures were uploaded, sorted: the seller has twenty.
    pub uploaded: Vec<(MemberId, PictureAddress)>,
    pub transfers: Vec<Transfer>,
    pub now: Time,
    /// The amount of the latest row of the history.
    latest_row: Option<Money>,
    /// All the money there is.
    total: i64,
    /// Rows of kind `bid` since it was listed or last started afresh.
    bid_rows: i64,
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
        pictures: Vec::new(),
    };
    Listing {
        item,
        start_price: 5_000,
        bid_unit: Some(1_000),
        reserve_price: None,
        buy_now_price: None,
        starts_at: None,
        ends_at: NOON.plus(Span::days(1)),
        soft_close_minutes: 3,
        again: None,
    }
}

pub fn limits() -> ListingLimits {
    ListingLimits {
        minimum_duration: Span::minutes(10),
        ladder: auction::Ladder::parse(auction::DEFAULT_LADDER).unwrap(),
        fee_rate: PartsPerMillion::default(),
    }
}

pub fn listing_standing(limits: &ListingLimits) -> ListingStanding<'_> {
    ListingStanding { suspended: false, barred: false, limits, again: None, pictures: &[] }
}

impl World {
    /// The listing of the test, and each member with so much money.
    pub fn of(listing: &Listing, limits: &ListingLimits, money: i64) -> World {
        let listed = listing.decide(AuctionId(1), ItemId(1), &listing_standing(limits), NOON).unwrap();
        let wallet = |available| Wallet { available: won(available), held: Money::ZERO, version: 1 };
        let members = BIDDERS.map(|member| (member, wallet(money)));
        World {
            auction: listed.effects.auction,
            item: listing.item.clone(),
            limits: limits.clone(),
            book: Book::of(members.into_iter().chain([(SELLER, wallet(0)), (ADMIN, wallet(0))])),
            bidders: Vec::new(),
            orders: Vec::new(),
            offers: Vec::new(),
            marks: Vec::new(),
            blocked: Vec::new(),
            suspended: Vec::new(),
            uploaded: (0..20).map(|number| (SELLER, [number; 32])).collect(),
            transfers: Vec::new(),
            now: NOON,
            latest_row: None,
            total: BIDDERS.iter().map(|_| money).sum(),
            bid_rows: 0,
        }
    }

    pub fn simple() -> World {
        World::of(&listing(), &limits(), 1_000_000)
    }

    /// Judges a command and, if it is accepted, takes over its effects.
    pub fn ask(&mut self, command: &Command) -> Result<Vec<Event>, Refusal> {
        let effects = self.judge(command)?;
        let before = std::mem::replace(&mut self.auction, effects.auction.clone());
        self.book.apply(&effects.posted);
        for bidder in &effects.bidders {
            match self.bidders.iter_mut().find(|row| row.member == bidder.member) {
                Some(row) => row.clone_from(bidder),
                None => self.bidders.push(bidder.clone()),
            }
        }
        self.transfers.extend(&effects.posted.transfers);
        for order in &effects.orders {
            self.orders.retain(|known| known.id != order.id);
            self.orders.push(order.clone());
        }
        for offer in &effects.offers {
            self.offers.retain(|known| known.number != offer.number);
            self.offers.push(*offer);
        }
        self.marks.extend(&effects.marks);
        if let Some(item) = &effects.item {
            self.item.clone_from(item);
        }
        self.check(&before, &effects);
        Ok(effects.events)
    }

    /// Judges a command, and nothing else.
    pub fn judge(&self, command: &Command) -> Result<Effects, Refusal> {
        let caller = command.caller().map(|member| Caller {
            suspended: self.suspended.contains(&member),
            blocked: self.blocked.contains(&member),
            is_admin: member == ADMIN,
        });
        let bidders: Vec<&Bidder> = self.bidders.iter().collect();
        let aftermath = self
            .auction
            .outcome
            .map(|_| Aftermath { order: self.orders.last().cloned(), offers: self.offers.clone() });
        let id = OrderId(self.orders.iter().map(|order| order.id.0).max().unwrap_or_default() + 1);
        let standing = Standing {
            auction: &self.auction,
            book: &self.book,
            caller: caller.unwrap_or_default(),
            bidders: &bidders,
            item: Some(&self.item),
            pictures: &self.uploaded,
            aftermath: aftermath.as_ref(),
            next_order: NextOrder { id, receipt_code: 123_456, meeting_code: 654_321 },
            limits: &self.limits,
        };
        decide(&standing, command, self.now)
    }

    /// A plain bid.
    pub fn bid(&mut self, bidder: MemberId, amount: i64) -> Result<Vec<Event>, Refusal> {
        self.offer(bidder, Some(amount), None)
    }

    /// A maximum alone.
    pub fn maximum(&mut self, bidder: MemberId, maximum: i64) -> Result<Vec<Event>, Refusal> {
        self.offer(bidder, None, Some(maximum))
    }

    pub fn offer(
        &mut self,
        bidder: MemberId,
        amount: Option<i64>,
        maximum: Option<i64>,
    ) -> Result<Vec<Event>, Refusal> {
        self.ask(&Command::Bid(Bid { bidder, amount, maximum, terms: None }))
    }

    pub fn buy_now(&mut self, buyer: MemberId) -> Result<Vec<Event>, Refusal> {
        self.ask(&Command::BuyNow { buyer, terms: None })
    }

    pub fn close(&mut self) -> Result<Vec<Event>, Refusal> {
        self.now = self.auction.ends_at;
        self.ask(&Command::Close)
    }

    pub fn lower(&mut self, reserve: i64) -> Result<Vec<Event>, Refusal> {
        self.ask(&Command::LowerReserve { seller: SELLER, reserve })
    }

    /// The seller takes a member's bids back, and says why.
    pub fn take_back(&mut self, member: MemberId) -> Result<Vec<Event>, Refusal> {
        let reason = Some("연락이 안 돼요".to_owned());
        self.ask(&Command::TakeBack { member, by: Hand::Seller(SELLER), reason })
    }

    pub fn row(&self, member: MemberId) -> &Bidder {
        self.bidders.iter().find(|row| row.member == member).unwrap()
    }

    /// What is held of each member's money.
    pub fn holds(&self) -> Vec<(MemberId, i64)> {
        let held = |member: &MemberId| (*member, self.book.wallet(*member).held.won());
        BIDDERS.iter().map(held).filter(|(_, held)| *held > 0).collect()
    }

    /// What waits in escrow.
    pub fn escrow(&self) -> i64 {
        self.balance(Account::Escrow)
    }

    /// The balance of an account of the house: the sum of its transfers.
    pub fn balance(&self, account: Account) -> i64 {
        let moved = self.transfers.iter().map(|transfer| {
            let amount = transfer.amount.won();
            i64::from(transfer.to == account) * amount - i64::from(transfer.from == account) * amount
        });
        moved.sum()
    }

    /// What holds after every accepted command, whatever it was.
    fn check(&mut self, before: &Auction, effects: &Effects) {
        self.count_rows(before, effects);
        let after = &self.auction;
        for (at, event) in (before.seq.0 + 1..).zip(&effects.events) {
            assert_eq!(event.seq, Seq(at), "events are numbered on without a gap");
            let ends = matches!(event.kind, EventKind::Closed | EventKind::Cancelled);
            assert_eq!(event.outcome, after.outcome.filter(|_| ends));
            assert_eq!(
                (event.price, event.minimum, event.bid_count, event.ends_at, event.reserve),
                (after.price, after.minimum(), after.bid_count, after.ends_at, after.reserve_status())
            );
            let leader = after.leader.map(|leader| (leader.member, leader.number));
            assert_eq!(event.leader.map(|leader| (leader.member, leader.number)), leader);
            if let Some(actor) = event.actor {
                assert_eq!(self.row(actor.member).number, actor.number, "whoever acts has a row");
            }
        }
        let newest = effects.events.last().map_or(before.seq, |event| event.seq);
        assert_eq!(after.seq, newest);
        if effects.events.is_empty() {
            let silent = Auction { leader: after.leader, ..before.clone() };
            assert_eq!(*after, silent, "what is silent changes nothing that anyone else can see");
        }
        assert_eq!(self.bidders.len() as u64, after.bidders.unsigned_abs(), "everyone who bid has one row");
        self.check_money();
        if after.outcome.is_none() {
            self.check_prices();
        }
    }

    /// Rows and prices never fall but by a reset, and the latest row says the price.
    fn count_rows(&mut self, before: &Auction, effects: &Effects) {
        let after = &self.auction;
        let mut may_fall = false;
        for event in effects.events.iter().filter(|event| event.kind.is_row()) {
            let amount = event.amount.unwrap();
            may_fall |= event.kind == EventKind::Reset;
            assert!(may_fall || self.latest_row.is_none_or(|latest| amount >= latest), "a row fell");
            self.latest_row = Some(amount);
            self.bid_rows += i64::from(event.kind == EventKind::Bid);
            assert!(event.rule.is_some(), "every row says which rule made its price");
        }
        if after.leader.is_none() && before.leader.is_some() {
            self.bid_rows = 0;
        }
        may_fall |= effects.item.is_some();
        assert!(may_fall || after.price >= before.price, "the price fell");
        assert!(effects.item.is_some() || after.ends_at >= before.ends_at, "the end came nearer");
        assert_eq!(after.bid_count, self.bid_rows, "bids are counted");
        if let Some(latest) = self.latest_row {
            assert_eq!(latest, after.price, "the latest row says the price");
        }
    }

    fn check_money(&self) {
        let leader = self.auction.leader.filter(|_| self.auction.outcome.is_none());
        for member in BIDDERS {
            let expected = leader.filter(|leader| leader.member == member);
            let expected = expected.map_or(Money::ZERO, |leader| leader.commitment);
            assert_eq!(self.book.wallet(member).held, expected, "exactly the leader's commitment is held");
        }
        for row in &self.bidders {
            assert_eq!(row.hold, self.book.wallet(row.member).held, "rows say what is held");
        }
        let members = BIDDERS.iter().chain([&SELLER, &ADMIN]).map(|member| self.book.wallet(*member));
        let sum: i64 = members.map(|wallet| wallet.available.won() + wallet.held.won()).sum();
        let house = self.escrow() + self.balance(Account::Fees);
        assert_eq!(sum + house, self.total, "money only moves");
    }

    /// beaten ≤ price ≤ the leader's commitment; below the buy-now price; at the reserve exactly when it is reached.
    fn check_prices(&self) {
        let auction = &self.auction;
        let Some(leader) = auction.leader else {
            assert_eq!(auction.price, auction.start, "nobody leads at the start price");
            return;
        };
        assert!(auction.price <= leader.commitment, "the leader pays no more than he said");
        assert_eq!(self.row(leader.member).commitment, leader.commitment, "his row says the same");
        for row in self.bidders.iter().filter(|row| row.member != leader.member && row.counts_in(auction)) {
            assert!(row.commitment <= auction.price, "whoever is beaten would not pay more");
        }
        assert!(auction.buy_now.is_none_or(|buy_now| auction.price < buy_now), "it would have been bought");
        if let Some(reserve) = auction.reserve {
            let reached = leader.commitment >= reserve;
            assert_eq!(reached, auction.price >= reserve, "the price shows whether the reserve is met");
            assert_eq!(reached, auction.reserve_status() == ReserveStatus::Met);
        }
    }
}
