//! Deciding: one command against what stands, at the round's time, gives effects to be kept whole or a refusal.
//!
//! Cost: a few comparisons for a refusal; one copy of the auction and a handful of small vectors for an acceptance.
//! Order: checks first, each returning its reason in the published order; then effects; no way back. What the checks
//! have made impossible is asserted, not handled: an assertion here fails one command, never a stranger's.

use ledger::{Book, LIMIT, MemberId, Money, OrderId, Posted};

use crate::Seq;
use crate::auction::{Auction, Leader, Outcome, Status};
use crate::bidder::Bidder;
use crate::command::{Bid, Command, Hand, Outage};
use crate::event::{Event, EventKind, ExtensionCause, Participant, PriceRule};
use crate::item::Item;
use crate::listing::ListingLimits;
use crate::order::{self, Aftermath, Mark, Offer, Order, OrderStep};
use crate::refusal::{Field, Refusal};
use crate::settlement;
use crate::time::Time;

/// What stands before the command: everything the decision looks at.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// The auction.
    pub auction: &'a Auction,
    /// The wallets of caller, leader, seller, and of the sides of order and offer, at least.
    pub book: &'a Book,
    /// Who asks.
    pub caller: Caller,
    /// The rows of the caller, the leader, the member whom the command concerns, the order's buyer and the member of the
    /// open offer, where there are any; and, if the command needs rivals, of those with the highest commitments that
    /// count. In no order, each once.
    pub bidders: &'a [&'a Bidder],
    /// The item as it is described, if the command needs it.
    pub item: Option<&'a Item>,
    /// What stands after the hammer, if the auction is over.
    pub aftermath: Option<&'a Aftermath>,
    /// What an order made by this command gets.
    pub next_order: NextOrder,
    /// What the house lays down for auctions listed now.
    pub limits: &'a ListingLimits,
}

/// What an order that is opened gets from outside the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextOrder {
    /// Its number.
    pub id: OrderId,
    /// By chance, 0 to 999,999.
    pub receipt_code: i64,
    /// By chance, 0 to 999,999.
    pub meeting_code: i64,
}

/// What the rules ask about the member who calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// By an admin.
    pub suspended: bool,
    /// By this seller.
    pub blocked: bool,
    /// Whether he is one of those who decide where the rules cannot.
    pub is_admin: bool,
}

/// All that an accepted command changes. Kept whole or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effects {
    /// The auction afterwards.
    pub auction: Auction,
    /// In order, numbered on from where the auction stood. Empty if it is silent, or about an order.
    pub events: Vec<Event>,
    /// What money did.
    pub posted: Posted,
    /// Each bidder's row that changed, as it stands afterwards.
    pub bidders: Vec<Bidder>,
    /// The item, if its description changed.
    pub item: Option<Item>,
    /// Each order that was opened or changed, as it stands afterwards.
    pub orders: Vec<Order>,
    /// What happened to orders, in order, numbered on within each.
    pub steps: Vec<OrderStep>,
    /// Each offer that was made or answered, as it stands afterwards.
    pub offers: Vec<Offer>,
    /// What was written on records.
    pub marks: Vec<Mark>,
}

impl Standing<'_> {
    /// The member's row in this auction.
    pub fn bidder(&self, member: MemberId) -> Option<&Bidder> {
        self.bidders.iter().find(|bidder| bidder.member == member).copied()
    }
}

/// Judges one command.
///
/// # Errors
/// The first reason in the published order (rules §2); then nothing was changed.
pub fn decide(standing: &Standing<'_>, command: &Command, now: Time) -> Result<Effects, Refusal> {
    match command {
        Command::Bid(bid) => decide_bid(standing, bid, now),
        Command::BuyNow { buyer, terms } => decide_buy_now(standing, *buyer, *terms, now),
        Command::SellNow { seller } => decide_sell_now(standing, *seller, now),
        Command::Cancel { by: Hand::Seller(seller), reason } => {
            decide_cancel(standing, *seller, reason.as_deref(), now)
        }
        Command::Close if standing.auction.status == Status::Ended => order::due(standing, now),
        Command::Close => decide_close(standing, now),
        Command::ExtendForOutage(outage) if standing.auction.status == Status::Ended => {
            order::outage(standing, *outage, now)
        }
        Command::ExtendForOutage(outage) => decide_outage(standing.auction, *outage, now),
        Command::Offer { seller } => order::offer(standing, *seller, now),
        Command::AcceptOffer { member } => order::accept_offer(standing, *member, now),
        Command::DeclineOffer { member } => order::decline_offer(standing, *member, now),
        Command::Order { order, command } => order::decide(standing, *order, command, now),
        Command::Cancel { .. }
        | Command::Extend { .. }
        | Command::LowerReserve { .. }
        | Command::Edit { .. }
        | Command::TakeBack { .. } => Err(Refusal::TooLate),
    }
}

/// Opens a scheduled auction whose start has come; whoever finds it due does so first, in the same round.
pub fn open_if_due(auction: &Auction, now: Time) -> Option<Effects> {
    if auction.status != Status::Scheduled || now < auction.starts_at {
        return None;
    }
    let mut effects = Effects::on(auction);
    effects.auction.status = Status::Open;
    effects.tell(EventKind::Opened, now, |_| {});
    Some(effects)
}

fn decide_bid(standing: &Standing<'_>, bid: &Bid, now: Time) -> Result<Effects, Refusal> {
    let auction = standing.auction;
    may_buy(standing, bid.bidder, now)?;
    terms_in_force(auction, bid.terms)?;
    let amount = bid
        .amount
        .or(bid.maximum)
        .and_then(Money::new)
        .filter(|amount| !amount.is_zero() && *amount <= LIMIT);
    let amount = amount.ok_or(Refusal::amount_invalid())?;
    let minimum = auction.minimum();
    if minimum.is_none_or(|minimum| amount < minimum) {
        return Err(Refusal::BelowMinimum { minimum });
    }
    if let Some((below, above)) = auction.increments.off_grid(auction.start, amount) {
        return Err(Refusal::OffStep { field: Field::Amount, below, above });
    }
    let commitment = auction.buy_now.map_or(amount, |buy_now| amount.min(buy_now));
    funds_for(standing, bid.bidder, commitment)?;
    if auction.buy_now.is_some_and(|buy_now| amount >= buy_now) {
        return Ok(purchase(standing, bid.bidder, commitment, now));
    }
    Ok(lead(standing, bid.bidder, commitment, now))
}

fn decide_buy_now(
    standing: &Standing<'_>,
    buyer: MemberId,
    terms: Option<i64>,
    now: Time,
) -> Result<Effects, Refusal> {
    may_buy(standing, buyer, now)?;
    let price = standing.auction.buy_now.ok_or(Refusal::NoBuyNow)?;
    terms_in_force(standing.auction, terms)?;
    funds_for(standing, buyer, price)?;
    Ok(purchase(standing, buyer, price, now))
}

fn decide_sell_now(standing: &Standing<'_>, seller: MemberId, now: Time) -> Result<Effects, Refusal> {
    let auction = standing.auction;
    only_seller(auction, seller)?;
    takes_bids(auction, now)?;
    if now < auction.starts_at.plus(auction.minimum_duration) {
        return Err(Refusal::TooEarly);
    }
    if auction.in_soft_close(now) {
        return Err(Refusal::TooLate);
    }
    let leader = auction.leader.ok_or(Refusal::NoLeader)?;
    Ok(sell(standing, leader, now))
}

fn decide_cancel(
    standing: &Standing<'_>,
    seller: MemberId,
    reason: Option<&str>,
    now: Time,
) -> Result<Effects, Refusal> {
    let auction = standing.auction;
    only_seller(auction, seller)?;
    if auction.outcome.is_some() || now >= auction.ends_at {
        return Err(Refusal::Closed { outcome: auction.outcome });
    }
    if auction.bid_count > 0 {
        return Err(Refusal::TooLate);
    }
    let mut effects = Effects::on(auction);
    effects.end(Outcome::Cancelled);
    effects.tell(EventKind::Cancelled, now, |event| {
        event.reason = reason.map(str::to_owned);
    });
    Ok(effects)
}

fn decide_close(standing: &Standing<'_>, now: Time) -> Result<Effects, Refusal> {
    let auction = standing.auction;
    if auction.outcome.is_some() {
        return Err(Refusal::Closed { outcome: auction.outcome });
    }
    if auction.status != Status::Open || now < auction.ends_at {
        return Err(Refusal::NotDue);
    }
    if let Some(leader) = auction.leader {
        return Ok(sell(standing, leader, now));
    }
    let mut effects = Effects::on(auction);
    effects.end(Outcome::Unsold);
    effects.tell(EventKind::Closed, now, |_| {});
    Ok(effects)
}

fn decide_outage(auction: &Auction, outage: Outage, now: Time) -> Result<Effects, Refusal> {
    let touched = auction.touched_by(outage).filter(|_| auction.status == Status::Open);
    let outage = touched.ok_or(Refusal::NotDue)?;
    let mut effects = Effects::on(auction);
    effects.auction.extend_for_outage(outage);
    effects.tell(EventKind::Extended, now, |event| {
        event.cause = Some(ExtensionCause::Outage);
    });
    Ok(effects)
}

// Checks, in the published order.

fn only_seller(auction: &Auction, caller: MemberId) -> Result<(), Refusal> {
    if auction.seller == caller { Ok(()) } else { Err(Refusal::NotSeller) }
}

fn takes_bids(auction: &Auction, now: Time) -> Result<(), Refusal> {
    if auction.outcome.is_some() || now >= auction.ends_at {
        return Err(Refusal::Closed { outcome: auction.outcome });
    }
    if now < auction.starts_at {
        return Err(Refusal::NotStarted { starts_at: auction.starts_at });
    }
    Ok(())
}

fn may_buy(standing: &Standing<'_>, caller: MemberId, now: Time) -> Result<(), Refusal> {
    takes_bids(standing.auction, now)?;
    if standing.auction.seller == caller {
        return Err(Refusal::OwnAuction);
    }
    if standing.caller.suspended {
        return Err(Refusal::Suspended);
    }
    if standing.caller.blocked {
        return Err(Refusal::Blocked);
    }
    Ok(())
}

fn terms_in_force(auction: &Auction, seen: Option<i64>) -> Result<(), Refusal> {
    match seen {
        Some(seen) if seen < auction.terms => Err(Refusal::TermsChanged { terms: auction.terms }),
        Some(_) | None => Ok(()),
    }
}

/// The whole commitment must be there; what is already held for him here counts.
fn funds_for(standing: &Standing<'_>, member: MemberId, required: Money) -> Result<(), Refusal> {
    let own_hold = own_hold(standing.auction, member);
    let available =
        standing.book.wallet(member).available.plus(own_hold).expect("a wallet's sum fits in 63 bits");
    if available < required { Err(Refusal::InsufficientFunds { required, available }) } else { Ok(()) }
}

fn own_hold(auction: &Auction, member: MemberId) -> Money {
    auction.leader.filter(|leader| leader.member == member).map_or(Money::ZERO, |leader| leader.commitment)
}

// Effects.

/// A plain bid takes the lead, or raises it: the price is the bid, all of it is held, the beaten hold is released.
fn lead(standing: &Standing<'_>, bidder: MemberId, commitment: Money, now: Time) -> Effects {
    let mut effects = Effects::on(standing.auction);
    let number = effects.number_of(standing.bidder(bidder));
    let mut draft = standing.book.draft();
    let own = own_hold(standing.auction, bidder);
    if let Some(beaten) = standing.auction.leader.filter(|leader| leader.member != bidder) {
        draft
            .release(beaten.member, beaten.commitment, standing.auction.id)
            .expect("the leader's bid is held");
        let row = standing.bidder(beaten.member).expect("a round reads the leader's row");
        effects.bidders.push(Bidder { hold: Money::ZERO, ..row.clone() });
    }
    let more = commitment.minus_or_zero(own);
    draft.hold(bidder, more, standing.auction.id).expect("funds were checked before");
    effects.posted = draft.finish();

    let since = standing.auction.seq.next();
    let leader = Leader { member: bidder, number, commitment, since };
    let auction = &mut effects.auction;
    auction.leader = Some(leader);
    auction.price = commitment;
    auction.bid_count = auction.bid_count.saturating_add(1);
    auction.extend_for_late_bid(now);
    effects.bidders.push(effects.bidder(leader, commitment));
    effects.tell(EventKind::Bid, now, |event| {
        event.actor = event.leader;
        event.amount = Some(commitment);
        event.rule = Some(PriceRule::Named);
    });
    effects
}

/// Releases the leader's hold, then the buyer pays exactly `price`, and the auction is over.
fn purchase(standing: &Standing<'_>, buyer: MemberId, price: Money, now: Time) -> Effects {
    let mut effects = Effects::on(standing.auction);
    let number = effects.number_of(standing.bidder(buyer));
    let mut draft = standing.book.draft();
    if let Some(leader) = standing.auction.leader {
        draft
            .release(leader.member, leader.commitment, standing.auction.id)
            .expect("the leader's bid is held");
        if leader.member != buyer {
            let row = standing.bidder(leader.member).expect("a round reads the leader's row");
            effects.bidders.push(Bidder { hold: Money::ZERO, ..row.clone() });
        }
    }
    settlement::buy(standing.auction, buyer, price, &mut draft);
    effects.posted = draft.finish();

    let leader = Leader { member: buyer, number, commitment: price, since: standing.auction.seq.next() };
    effects.auction.leader = Some(leader);
    effects.auction.price = price;
    effects.end(Outcome::Bought);
    effects.bidders.push(Bidder { hold: Money::ZERO, ..effects.bidder(leader, price) });
    Order::open(standing, buyer, price, now, &mut effects);
    let bought = |event: &mut Event| {
        event.actor = event.leader;
        event.amount = Some(price);
    };
    effects.tell(EventKind::BuyNow, now, |event| {
        bought(event);
        event.outcome = None;
        event.rule = Some(PriceRule::BuyNow);
    });
    effects.tell(EventKind::Closed, now, bought);
    effects
}

/// The leader wins at the price, and the auction is over.
fn sell(standing: &Standing<'_>, leader: Leader, now: Time) -> Effects {
    let mut effects = Effects::on(standing.auction);
    let mut draft = standing.book.draft();
    settlement::win(standing.auction, leader, &mut draft);
    effects.posted = draft.finish();
    let price = effects.auction.price;
    effects.end(Outcome::Sold);
    let row = standing.bidder(leader.member).expect("a round reads the leader's row");
    effects.bidders.push(Bidder { hold: Money::ZERO, ..row.clone() });
    Order::open(standing, leader.member, price, now, &mut effects);
    effects.tell(EventKind::Closed, now, |event| {
        event.actor = Some(Participant { member: leader.member, number: leader.number });
        event.amount = Some(price);
    });
    effects
}

impl Effects {
    pub(crate) fn on(auction: &Auction) -> Effects {
        Effects {
            auction: auction.clone(),
            events: Vec::new(),
            posted: Posted::default(),
            bidders: Vec::new(),
            item: None,
            orders: Vec::new(),
            steps: Vec::new(),
            offers: Vec::new(),
            marks: Vec::new(),
        }
    }

    /// The number of a member with this row; one who has none yet gets the next.
    fn number_of(&mut self, row: Option<&Bidder>) -> i64 {
        row.map_or_else(
            || {
                self.auction.bidders = self.auction.bidders.saturating_add(1);
                self.auction.bidders
            },
            |row| row.number,
        )
    }

    fn bidder(&self, leader: Leader, named: Money) -> Bidder {
        let Leader { member, number, commitment, since } = leader;
        let auction = self.auction.id;
        Bidder {
            auction,
            member,
            number,
            commitment,
            since,
            named,
            hold: commitment,
            is_out: false,
            vain: Vec::new(),
        }
    }

    fn end(&mut self, outcome: Outcome) {
        self.auction.status = Status::Ended;
        self.auction.outcome = Some(outcome);
    }

    /// Appends an event of this kind with the auction's figures; `detail` sets what else the kind carries.
    pub(crate) fn tell(&mut self, kind: EventKind, now: Time, detail: impl FnOnce(&mut Event)) {
        let seq: Seq = self.auction.seq.next();
        self.auction.seq = seq;
        self.auction.newest = now;
        let mut event = Event::of(&self.auction, seq, kind, now);
        detail(&mut event);
        self.events.push(event);
    }
}
