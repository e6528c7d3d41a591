//! Deciding: one command against what stands, at the round's time, gives effects to be kept whole or a refusal.
//!
//! Cost: a few comparisons for a refusal; one copy of the auction and a handful of small vectors for an acceptance.
//! Order: checks first, each returning its reason in the published order; then effects; no way back. What the checks
//! have made impossible is asserted, not handled: an assertion here fails one command, never a stranger's.

use ledger::{Book, MemberId, OrderId, Posted};

use crate::Seq;
use crate::auction::{Auction, Outcome, Status};
use crate::bidder::Bidder;
use crate::bidding::{decide_bid, decide_buy_now};
use crate::closing::{decide_close, decide_outage};
use crate::command::Command;
use crate::editing::decide_edit;
use crate::event::{Event, EventKind};
use crate::item::Item;
use crate::listing::ListingLimits;
use crate::order::{self, Aftermath, Mark, Offer, Order, OrderStep};
use crate::picture::PictureAddress;
use crate::refusal::Refusal;
use crate::seller::{decide_cancel, decide_extend, decide_lower_reserve, decide_sell_now};
use crate::taking_back::decide_take_back;
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
    /// Which pictures were uploaded and by whom, sorted: at least those of the command that the caller has.
    pub pictures: &'a [(MemberId, PictureAddress)],
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
    /// An admin decides where the rules cannot, and never in what he has a part in himself.
    ///
    /// # Errors
    /// [`Refusal::NotAdmin`] to anybody else, to the seller, and to whoever has bid here.
    pub(crate) fn admin_without_a_part(&self, admin: MemberId) -> Result<(), Refusal> {
        let has_a_part = self.auction.seller == admin || self.bidder(admin).is_some();
        if self.caller.is_admin && !has_a_part { Ok(()) } else { Err(Refusal::NotAdmin) }
    }

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
        Command::Cancel { by, reason } => decide_cancel(standing, *by, reason.as_deref(), now),
        Command::Extend { seller, hours } => decide_extend(standing.auction, *seller, *hours, now),
        Command::LowerReserve { seller, reserve } => decide_lower_reserve(standing, *seller, *reserve, now),
        Command::Edit { seller, revision } => decide_edit(standing, *seller, revision, now),
        Command::TakeBack { member, by, reason } => {
            decide_take_back(standing, *member, *by, reason.as_deref(), now)
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

// Checks that several commands share.

pub(crate) fn only_seller(auction: &Auction, caller: MemberId) -> Result<(), Refusal> {
    if auction.seller == caller { Ok(()) } else { Err(Refusal::NotSeller) }
}

/// It is not over, and its end has not come.
pub(crate) fn is_running(auction: &Auction, now: Time) -> Result<(), Refusal> {
    if auction.outcome.is_some() || now >= auction.ends_at {
        return Err(Refusal::Closed { outcome: auction.outcome });
    }
    Ok(())
}

/// It is running, and its start has come.
pub(crate) fn takes_bids(auction: &Auction, now: Time) -> Result<(), Refusal> {
    is_running(auction, now)?;
    if now < auction.starts_at {
        return Err(Refusal::NotStarted { starts_at: auction.starts_at });
    }
    Ok(())
}

pub(crate) fn terms_in_force(auction: &Auction, seen: Option<i64>) -> Result<(), Refusal> {
    match seen {
        Some(seen) if seen < auction.terms => Err(Refusal::TermsChanged { terms: auction.terms }),
        Some(_) | None => Ok(()),
    }
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

    pub(crate) fn end(&mut self, outcome: Outcome) {
        self.auction.status = Status::Ended;
        self.auction.outcome = Some(outcome);
    }

    /// Appends an event of this kind with the auction's figures; `detail` sets what else the kind carries. So the
    /// auction must stand as the whole command leaves it before the first event is told.
    pub(crate) fn tell(&mut self, kind: EventKind, now: Time, detail: impl FnOnce(&mut Event)) {
        let seq: Seq = self.auction.seq.next();
        self.auction.seq = seq;
        self.auction.newest = now;
        let mut event = Event::of(&self.auction, seq, kind, now);
        detail(&mut event);
        self.events.push(event);
    }
}
