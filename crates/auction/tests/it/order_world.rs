//! A small world for what follows the hammer: one auction that was sold, its orders and offers, a clock set by hand. After
//! every command it checks what must hold whatever the command was.

use std::collections::{BTreeMap, BTreeSet};

use auction::{
    Aftermath, Auction, AuctionId, Bid, Bidder, Caller, Command, Effects, Item, ItemId, Ladder, Listing,
    ListingLimits, ListingStanding, Mark, MarkKind, NextOrder, OfferState, Order, OrderCommand, OrderId,
    OrderState, OrderStep, Refusal, Side, Span, Standing, Status, StepKind, Time, aftermath_deadline, decide,
};
use ledger::{Account, Book, MemberId, Money, PartsPerMillion, Reason, Transfer, Wallet};

pub const SELLER: MemberId = MemberId(100);
pub const ADMIN: MemberId = MemberId(900);
pub const STRANGER: MemberId = MemberId(901);
/// They bid 10,000, 11,000, 12,000, 13,000 and 14,000 won in this order: the last one wins.
pub const BIDDERS: [MemberId; 5] = [MemberId(1), MemberId(2), MemberId(3), MemberId(4), MemberId(5)];
pub const BUYER: MemberId = MemberId(5);
/// The runner-up, to whom it is offered first: his 13,000 won are forced up to 12,000 and one unit, 13,000.
pub const NEXT: MemberId = MemberId(4);

pub const PRICE: i64 = 14_000;
/// 3.5 % of the price, rounded half up.
pub const FEE: i64 = 490;
pub const MONEY: i64 = 1_000_000;

pub const RECEIPT: &str = "000123";
pub const MEETING: &str = "654321";
pub const WRONG: &str = "111111";

/// When the auction is sold and the order opened: a Monday, 12:00 in Korea (2026-11-16).
pub const SOLD: Time = Time(1_794_798_000_000_000);

/// What an accepted command has changed, for tests to look at.
#[derive(Debug)]
pub struct Told {
    pub steps: Vec<OrderStep>,
    pub marks: Vec<Mark>,
}

/// One sold auction and everything after it.
#[derive(Clone)]
pub struct OrderWorld {
    pub auction: Auction,
    pub book: Book,
    pub bidders: BTreeMap<MemberId, Bidder>,
    pub aftermath: Aftermath,
    /// Orders that are no longer the newest.
    pub earlier: Vec<Order>,
    pub steps: Vec<OrderStep>,
    pub marks: Vec<Mark>,
    pub suspended: Vec<MemberId>,
    pub blocked: Vec<MemberId>,
    pub admins: Vec<MemberId>,
    pub now: Time,
    /// All money of all members and the house.
    pub money: i64,
    pub escrow: i64,
    pub fees: i64,
    /// Every change of state that was seen: from, by what, to.
    pub seen: BTreeSet<(OrderState, &'static str, OrderState)>,
}

pub fn won(amount: i64) -> Money {
    Money::new(amount).unwrap()
}

fn listing() -> Listing {
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
        ends_at: SOLD,
        soft_close_minutes: 0,
        again: None,
    }
}

fn limits() -> ListingLimits {
    ListingLimits {
        minimum_duration: Span::minutes(10),
        ladder: Ladder::parse(auction::DEFAULT_LADDER).unwrap(),
        fee_rate: PartsPerMillion::new(35_000).unwrap(),
    }
}

impl OrderWorld {
    /// Listed a day before, with these first bidders and nothing else, still open.
    pub fn listed(bidders: usize) -> OrderWorld {
        let start = SOLD.minus(Span::days(1));
        let limits = limits();
        let standing =
            ListingStanding { suspended: false, barred: false, limits: &limits, again: None, pictures: &[] };
        let effects = listing().decide(AuctionId(1), ItemId(1), &standing, start).unwrap().effects;
        let wallet = |won_: i64| Wallet { available: won(won_), held: Money::ZERO, version: 1 };
        let members = BIDDERS.into_iter().map(|member| (member, wallet(MONEY)));
        let others = [SELLER, ADMIN, STRANGER].into_iter().map(|member| (member, wallet(0)));
        let mut world = OrderWorld {
            auction: effects.auction,
            book: Book::of(members.chain(others)),
            bidders: BTreeMap::new(),
            aftermath: Aftermath::default(),
            earlier: Vec::new(),
            steps: Vec::new(),
            marks: Vec::new(),
            suspended: Vec::new(),
            blocked: Vec::new(),
            admins: vec![ADMIN],
            now: start,
            money: MONEY * 5,
            escrow: 0,
            fees: 0,
            seen: BTreeSet::new(),
        };
        for (bidder, amount) in BIDDERS.into_iter().take(bidders).zip((10_000..).step_by(1_000)) {
            let bid = Bid { bidder, amount: Some(amount), maximum: None, terms: None };
            world.ask(&Command::Bid(bid)).unwrap();
        }
        world
    }

    /// Sold to [`BUYER`] for [`PRICE`] at [`SOLD`].
    pub fn sold() -> OrderWorld {
        let mut world = OrderWorld::listed(BIDDERS.len());
        world.now = SOLD;
        world.ask(&Command::Close).unwrap();
        assert_eq!((world.order().buyer, world.order().price), (BUYER, won(PRICE)));
        world
    }

    /// Sold, and fallen through by the buyer at [`SOLD`].
    pub fn fallen() -> OrderWorld {
        let mut world = OrderWorld::sold();
        world.order_command(OrderCommand::Cancel { member: BUYER }).unwrap();
        world.order_command(OrderCommand::Cancel { member: SELLER }).unwrap();
        world
    }

    /// Fallen through, and offered to [`NEXT`] at [`SOLD`].
    pub fn offered() -> OrderWorld {
        let mut world = OrderWorld::fallen();
        world.ask(&Command::Offer { seller: SELLER }).unwrap();
        world
    }

    pub fn order(&self) -> &Order {
        self.aftermath.order.as_ref().unwrap()
    }

    /// Sets the member's wallet by hand; the sum of all money is then another.
    pub fn give(&mut self, member: MemberId, wallet: Wallet) {
        self.money += wallet.available.won() - self.book.wallet(member).available.won();
        let others = BIDDERS.into_iter().chain([SELLER, ADMIN, STRANGER]);
        let wallets: Vec<_> = others.map(|other| (other, self.book.wallet(other))).collect();
        self.book = Book::of(wallets.into_iter().chain([(member, wallet)]));
    }

    pub fn deadline(&self) -> Option<Time> {
        aftermath_deadline(&self.aftermath)
    }

    pub fn order_command(&mut self, command: OrderCommand) -> Result<Told, Refusal> {
        let order = self.order().id;
        self.ask(&Command::Order { order, command: Box::new(command) })
    }

    /// The rows that a round has read for this command: no more than the rules may look at.
    fn rows(&self, command: &Command) -> Vec<&Bidder> {
        let order = self.aftermath.order.as_ref();
        let asked: Vec<MemberId> = [
            command.caller(),
            command.concerns(),
            self.auction.leader.map(|leader| leader.member),
            order.map(|order| order.buyer),
            self.aftermath.open_offer().map(|offer| offer.member),
        ]
        .into_iter()
        .flatten()
        .collect();
        let mut rivals: Vec<&Bidder> =
            self.bidders.values().filter(|bidder| bidder.counts_in(&self.auction)).collect();
        rivals.sort_by_key(|bidder| (std::cmp::Reverse(bidder.commitment), bidder.since));
        rivals.truncate(if command.needs_rivals() { 2 } else { 0 });
        let is_rival = |member| rivals.iter().any(|rival| rival.member == member);
        self.bidders
            .values()
            .filter(|bidder| asked.contains(&bidder.member) || is_rival(bidder.member))
            .collect()
    }

    /// Judges a command and, if it is accepted, takes over its effects.
    pub fn ask(&mut self, command: &Command) -> Result<Told, Refusal> {
        let caller = command.caller().map(|member| Caller {
            suspended: self.suspended.contains(&member),
            blocked: self.blocked.contains(&member),
            is_admin: self.admins.contains(&member),
        });
        let next = i64::try_from(self.earlier.len()).unwrap() + i64::from(self.aftermath.order.is_some());
        let rows = self.rows(command);
        let limits = limits();
        let standing = Standing {
            auction: &self.auction,
            book: &self.book,
            caller: caller.unwrap_or_default(),
            bidders: &rows,
            item: None,
            pictures: &[],
            aftermath: (self.auction.status == Status::Ended).then_some(&self.aftermath),
            next_order: NextOrder { id: OrderId(next + 1), receipt_code: 123, meeting_code: 654_321 },
            limits: &limits,
        };
        let effects = decide(&standing, command, self.now)?;
        Ok(self.take(command, effects))
    }

    fn take(&mut self, command: &Command, effects: Effects) -> Told {
        if self.auction.status == Status::Ended {
            assert_eq!(effects.auction, self.auction, "an auction that is over stays as it is");
            assert!(effects.events.is_empty(), "nothing is told after the terminal event");
        }
        let before = self.aftermath.order.clone();
        self.book.apply(&effects.posted);
        self.move_money(&effects);
        self.bidders.extend(effects.bidders.iter().map(|bidder| (bidder.member, bidder.clone())));
        self.auction = effects.auction;
        for order in effects.orders {
            match self.aftermath.order.take().filter(|newest| newest.id != order.id) {
                Some(newest) => self.earlier.push(newest),
                None => self.note_transition(before.as_ref(), &order, command),
            }
            self.aftermath.order = Some(order);
        }
        for offer in effects.offers {
            self.aftermath.offers.retain(|known| known.number != offer.number);
            self.aftermath.offers.push(offer);
        }
        self.steps.extend(effects.steps.iter().cloned());
        self.marks.extend(&effects.marks);
        self.check(&effects.posted.transfers);
        // Whoever is only out of the sum is told nobody.
        let is_silent = matches!(command, Command::TakeBack { .. });
        assert!(
            !effects.steps.is_empty()
                || is_silent
                || self.aftermath.order.is_none()
                || self.auction.status == Status::Open,
            "an order's command is told"
        );
        Told { steps: effects.steps, marks: effects.marks }
    }

    fn move_money(&mut self, effects: &Effects) {
        for transfer in &effects.posted.transfers {
            assert!(transfer.amount > Money::ZERO, "nothing is written for nothing");
            let amount = transfer.amount.won();
            self.escrow += if transfer.to == Account::Escrow { amount } else { 0 };
            self.escrow -= if transfer.from == Account::Escrow { amount } else { 0 };
            self.fees += if transfer.to == Account::Fees { amount } else { 0 };
        }
    }

    fn note_transition(&mut self, before: Option<&Order>, after: &Order, command: &Command) {
        let Some(before) = before.filter(|before| before.state != after.state) else { return };
        let by = if let Command::Order { command, .. } = command { command.name() } else { "deadline" };
        assert!(by != "deadline" || *command == Command::Close, "{command:?} changes no order's state");
        let transition = (before.state, by, after.state);
        assert!(OrderState::transitions().contains(&transition), "{transition:?} is in no table");
        self.seen.insert(transition);
    }

    /// What holds after every accepted command, whatever it was.
    fn check(&self, transfers: &[Transfer]) {
        self.check_money(transfers);
        let Some(newest) = &self.aftermath.order else { return };
        for order in self.earlier.iter().chain([newest]) {
            self.check_order(order);
        }
        for (earlier, later) in self.steps.iter().zip(self.steps.iter().skip(1)) {
            assert!(earlier.at <= later.at, "time never runs back along the steps");
        }
        let open = self.aftermath.offers.iter().filter(|offer| offer.state == OfferState::Open).count();
        assert!(open <= 1 && self.aftermath.offers.len() <= auction::OFFERS_MAX);
        assert!(open == 0 || newest.ended_at.is_some(), "an offer follows an order that is over");
        assert!(self.earlier.iter().all(|order| order.ended_at.is_some()), "one order at a time");
        assert_eq!(self.aftermath.is_over(), open == 0 && newest.ended_at.is_some());
        let is_overdue = newest.state == OrderState::Disputed && newest.due.is_none();
        assert_eq!(
            self.deadline().is_none(),
            self.aftermath.is_over() || is_overdue,
            "what is open is looked at"
        );
    }

    fn check_money(&self, transfers: &[Transfer]) {
        let wallets =
            BIDDERS.into_iter().chain([SELLER, ADMIN, STRANGER]).map(|member| self.book.wallet(member));
        let sum: i64 = wallets.map(|wallet| wallet.available.won() + wallet.held.won()).sum();
        assert_eq!(sum + self.escrow + self.fees, self.money, "money only moves");
        let newest = self.aftermath.order.iter().filter(|order| order.ended_at.is_none());
        assert_eq!(
            self.escrow,
            newest.map(|order| order.price.won()).sum::<i64>(),
            "escrow is the open order's"
        );
        let sum_of = |reason| -> i64 {
            let of = transfers.iter().filter(|transfer| transfer.reason == reason);
            of.map(|transfer| transfer.amount.won()).sum()
        };
        let left = sum_of(Reason::Payout) + sum_of(Reason::Fee) + sum_of(Reason::Refund);
        if left > 0 {
            let order = self.order();
            assert_eq!(left, order.price.won(), "payout + fee + refund = price");
            assert_eq!(order.refund.unwrap().won(), sum_of(Reason::Refund));
            assert_eq!(order.fee.unwrap().won(), sum_of(Reason::Fee));
        }
    }

    fn check_order(&self, order: &Order) {
        let steps: Vec<&OrderStep> = self.steps.iter().filter(|step| step.order == order.id).collect();
        let numbers: Vec<i64> = steps.iter().map(|step| step.seq).collect();
        assert_eq!(numbers, (1..=order.seq).collect::<Vec<i64>>(), "steps are numbered from 1 without a gap");
        assert!(order.seq <= auction::FREE_STEPS_MAX + 60, "an order's history has an end");
        assert_eq!(steps[0].kind, StepKind::Opened);
        let last = steps[steps.len() - 1];
        assert_eq!((last.state, last.at), (order.state, order.newest));
        if order.ended_at.is_none() {
            assert_eq!(last.due, order.due);
        }
        let is_over = matches!(order.state, OrderState::Done | OrderState::Refunded | OrderState::Split);
        assert_eq!(is_over, order.ended_at.is_some());
        assert_eq!((is_over, is_over), (order.refund.is_some(), order.fee.is_some()));
        assert!(order.wants_cancel.is_none() || order.state == OrderState::ToHandOver);
        assert!((0..=15).contains(&order.tries_in_all) && (0..=5).contains(&order.tries));
        if order.fell_through_by_buyer() {
            assert!(self.bidders[&order.buyer].is_out, "whoever let it fall through is out");
        }
        let marks = self.marks.iter().filter(|mark| mark.order == Some(order.id)).count();
        assert!(marks <= 1, "one mark for one order at most");
        for mark in &self.marks {
            assert!(matches!(mark.kind, MarkKind::SellerDefault | MarkKind::BuyerDefault));
        }
    }
}

/// The commands of one side or the other, in short.
pub fn ship(member: MemberId) -> OrderCommand {
    OrderCommand::Ship { member, carrier: "우체국".to_owned(), tracking: "6012345678901".to_owned() }
}

pub fn receive(member: MemberId) -> OrderCommand {
    OrderCommand::Receive { member }
}

pub fn receipt(member: MemberId, code: &str) -> OrderCommand {
    OrderCommand::EnterReceiptCode { member, code: code.to_owned() }
}

pub fn meeting(member: MemberId, code: &str) -> OrderCommand {
    OrderCommand::EnterMeetingCode { member, code: code.to_owned() }
}

pub fn cancel(member: MemberId) -> OrderCommand {
    OrderCommand::Cancel { member }
}

pub fn keep_on(member: MemberId) -> OrderCommand {
    OrderCommand::KeepOn { member }
}

pub fn dispute(member: MemberId) -> OrderCommand {
    OrderCommand::Dispute { member, text: "부서졌어요".to_owned() }
}

pub fn evidence(member: MemberId) -> OrderCommand {
    OrderCommand::Evidence { member, text: "사진".to_owned() }
}

pub fn divide(admin: MemberId, refund: i64, fault: Option<Side>) -> OrderCommand {
    OrderCommand::Decide { admin, refund, fault, reason: "판정".to_owned() }
}
