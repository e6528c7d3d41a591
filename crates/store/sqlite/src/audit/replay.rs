//! Replaying an auction: each event is judged again by the rules themselves, as what one command made of what stood.
//!
//! The rules are given money without end, and the member's part as the events before have left it; what they decide must
//! be what is stored, event for event. After the first difference the rest of the auction cannot be judged, and is not.

use std::panic::{AssertUnwindSafe, catch_unwind};

use auction::{
    Auction, Bid, Bidder, Caller, Command, DEFAULT_LADDER, Effects, Event, EventKind, ExtensionCause, Hand,
    LATEST_AFTER_LISTED_END, Ladder, ListingLimits, NextOrder, OUTAGE_GAP_MAX, OrderId, Participant, Seq,
    Span, Standing, Status, Time,
};
use ledger::{Book, LIMIT, MemberId, Money, PartsPerMillion, Wallet};

use super::fact::Fact;
use super::money::Moved;

/// One auction, as far as its events were replayed.
pub(super) struct Replay {
    /// As the rules leave it.
    pub(super) state: Auction,
    /// Its bidders in the order of their numbers, as the rules leave them.
    pub(super) parts: Vec<Part>,
    /// What the rules have moved.
    pub(super) moved: Moved,
    /// Events of the last command that are still to come, the next one last.
    promised: Vec<Event>,
}

/// A bidder's part, without what is known from its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) member: MemberId,
    pub(super) commitment: Money,
    pub(super) hold: Money,
}

impl Replay {
    /// Before the first event of an auction that stands like this now: what was fixed when it was listed stays, all else
    /// is as it was then.
    pub(super) fn new(now: &Auction) -> Replay {
        let state = Auction {
            seq: Seq(0),
            status: Status::Scheduled,
            outcome: None,
            ends_at: now.listed_end,
            latest: now.listed_end.plus(LATEST_AFTER_LISTED_END),
            extensions: 0,
            outage: None,
            price: now.start,
            leader: None,
            bid_count: 0,
            bidders: 0,
            newest: Time(i64::MIN),
            ..now.clone()
        };
        Replay { state, parts: Vec::new(), moved: Moved::default(), promised: Vec::new() }
    }

    /// Whether the last command has had all its events.
    pub(super) fn is_between_commands(&self) -> bool {
        self.promised.is_empty()
    }

    /// Takes the next event, if the rules explain it.
    ///
    /// # Errors
    /// In words, what they would have said instead.
    pub(super) fn take(&mut self, fact: &Fact) -> Result<(), String> {
        if let Some(promised) = self.promised.pop() {
            return same(fact, &promised);
        }
        let at = Time(fact.at);
        match fact.kind().ok_or("its kind stands for nothing")? {
            EventKind::Listed => self.list(fact),
            EventKind::Opened => {
                let opened = auction::open_if_due(&self.state, at).ok_or("it was not due to open")?;
                self.apply(fact, opened)
            }
            EventKind::Extended => self.extend(fact),
            EventKind::Bid => {
                let amount = fact.amount.ok_or("a bid without an amount")?;
                self.decide(fact, |bidder| {
                    Command::Bid(Bid { bidder, amount: Some(amount), maximum: None, terms: None })
                })
            }
            EventKind::BuyNow => self.decide(fact, |buyer| Command::BuyNow { buyer, terms: None }),
            EventKind::Closed if at >= self.state.ends_at => self.decide_by(None, &Command::Close, fact),
            EventKind::Closed => {
                let seller = self.state.seller;
                self.decide_by(Some((seller, None)), &Command::SellNow { seller }, fact)
            }
            EventKind::Cancelled => {
                let (seller, reason) = (self.state.seller, fact.reason.clone());
                let by = Hand::Seller(seller);
                self.decide_by(Some((seller, None)), &Command::Cancel { by, reason }, fact)
            }
            EventKind::Auto | EventKind::Reset | EventKind::Edited | EventKind::ReserveLowered => {
                Err("it cannot be replayed yet".to_owned())
            }
        }
    }

    fn list(&mut self, fact: &Fact) -> Result<(), String> {
        let state = &mut self.state;
        if state.seq != Seq(0) {
            return Err("it was listed already".to_owned());
        }
        if Time(fact.at) > state.starts_at {
            return Err("it was listed after its start".to_owned());
        }
        (state.seq, state.newest) = (Seq(1), Time(fact.at));
        same(fact, &self.event(EventKind::Listed))
    }

    /// An outage is not told of in full: where the end moved must be within what one can have moved it to.
    fn extend(&mut self, fact: &Fact) -> Result<(), String> {
        let state = &mut self.state;
        if state.status != Status::Open {
            return Err("its end moved while it was not open".to_owned());
        }
        let (at, moved) = (Time(fact.at), Time(fact.ends_at));
        let least = state.soft_close.max(Span::minutes(1));
        let most = state.soft_close.max(OUTAGE_GAP_MAX);
        if moved < state.ends_at.plus(least) || moved > state.ends_at.max(at).plus(most) {
            return Err(format!("no outage moves its end from {} to {}", state.ends_at.0, fact.ends_at));
        }
        state.latest = state.latest.plus(moved.since(state.ends_at));
        state.ends_at = moved;
        state.extensions = state.extensions.saturating_add(1);
        (state.seq, state.newest) = (state.seq.next(), at);
        same(fact, &Event { cause: Some(ExtensionCause::Outage), ..self.event(EventKind::Extended) })
    }

    /// An event with the auction's figures as they stand.
    fn event(&self, kind: EventKind) -> Event {
        let state = &self.state;
        Event {
            auction: state.id,
            seq: state.seq,
            kind,
            at: state.newest,
            actor: None,
            amount: None,
            price: state.price,
            minimum: state.minimum(),
            bid_count: state.bid_count,
            leader: state.leader.map(|leader| Participant { member: leader.member, number: leader.number }),
            ends_at: state.ends_at,
            outcome: state.outcome,
            reason: None,
            cause: None,
            reserve: state.reserve_status(),
            rule: None,
            terms: None,
            aside: None,
        }
    }

    fn decide(&mut self, fact: &Fact, command: impl FnOnce(MemberId) -> Command) -> Result<(), String> {
        let member = MemberId(fact.actor.ok_or("nobody's doing")?);
        let number =
            fact.actor_number.filter(|number| self.part(*number).is_some_and(|part| part.member == member));
        self.decide_by(Some((member, number)), &command(member), fact)
    }

    fn decide_by(
        &mut self,
        caller: Option<(MemberId, Option<i64>)>,
        command: &Command,
        fact: &Fact,
    ) -> Result<(), String> {
        let (member, number) = caller.unzip();
        let book = self.book(member);
        let row = number.flatten().and_then(|number| Some((number, *self.part(number)?)));
        let row = row.map(|(number, part)| Bidder {
            auction: self.state.id,
            member: part.member,
            number,
            commitment: part.commitment,
            since: Seq(1),
            named: part.commitment,
            hold: part.hold,
            is_out: false,
            vain: Vec::new(),
        });
        let limits = ListingLimits {
            minimum_duration: self.state.minimum_duration,
            ladder: Ladder::parse(DEFAULT_LADDER).map_err(|_| "the house's ladder is none".to_owned())?,
            fee_rate: PartsPerMillion::default(),
        };
        let standing = Standing {
            auction: &self.state,
            book: &book,
            caller: Caller::default(),
            bidders: &row.iter().collect::<Vec<_>>(),
            item: None,
            aftermath: None,
            next_order: NextOrder { id: OrderId(1), receipt_code: 0, meeting_code: 0 },
            limits: &limits,
        };
        let decided = catch_unwind(AssertUnwindSafe(|| auction::decide(&standing, command, Time(fact.at))));
        let decided = decided.map_err(|_| "the rules cannot judge it".to_owned())?;
        let effects = decided.map_err(|refusal| format!("the rules refuse it: {}", refusal.code()))?;
        self.apply(fact, effects)
    }

    /// Money without end for whoever asks; what is held for the leader is his commitment.
    fn book(&self, caller: Option<MemberId>) -> Book {
        let leader = self.state.leader;
        let wallet = |member: MemberId| {
            let own = leader.filter(|leader| leader.member == member);
            let held = own.map_or(Money::ZERO, |leader| leader.commitment);
            (member, Wallet { available: LIMIT, held, version: 0 })
        };
        let members = leader.map(|leader| leader.member).into_iter().chain(caller).chain([self.state.seller]);
        Book::of(members.map(wallet))
    }

    fn apply(&mut self, fact: &Fact, effects: Effects) -> Result<(), String> {
        for transfer in &effects.posted.transfers {
            self.moved.add_transfer(transfer, !effects.orders.is_empty());
        }
        effects.bidders.iter().try_for_each(|bidder| self.take_part(bidder))?;
        self.state = effects.auction;
        self.promised = effects.events;
        self.promised.reverse();
        let first = self.promised.pop().ok_or("the rules say that nothing happened")?;
        same(fact, &first)
    }

    fn take_part(&mut self, bidder: &Bidder) -> Result<(), String> {
        let Bidder { member, number, commitment, hold, .. } = *bidder;
        if number == self.parts.len() as i64 + 1 {
            self.parts.push(Part { member, commitment, hold });
            return Ok(());
        }
        let known = self.part(number).copied().filter(|part| part.member == member);
        let known = known.ok_or_else(|| format!("bidder {number} is not member {}", member.0))?;
        let commitment = known.commitment.max(commitment);
        self.parts[number as usize - 1] = Part { member, commitment, hold };
        Ok(())
    }

    /// The part of Bidder `number`.
    pub(super) fn part(&self, number: i64) -> Option<&Part> {
        self.parts.get(usize::try_from(number).ok()?.checked_sub(1)?)
    }
}

fn same(fact: &Fact, expected: &Event) -> Result<(), String> {
    let expected = Fact::of(expected);
    if *fact == expected { Ok(()) } else { Err(fact.differences(&expected)) }
}
