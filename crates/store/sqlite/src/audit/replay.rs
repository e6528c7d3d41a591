//! Replaying an auction: each event is judged again by the rules themselves, as what one command made of what stood.
//!
//! The rules are given money without end, and the bidders' parts as the events before have left them; what they decide
//! must be what is stored, event for event. What events hide is taken from elsewhere: a commitment is what was held for
//! it, so that a maximum raised in silence is found where the money moved; of a reserve it is known between which amounts
//! it must lie, and at the end whether it does. After the first difference the rest of the auction cannot be judged, and
//! is not.

mod bids;
mod reserve;
mod resets;
mod terms;

use std::panic::{AssertUnwindSafe, catch_unwind};

use auction::{
    Auction, Bidder, Caller, Command, DEFAULT_LADDER, Effects, Event, EventKind, ExtensionCause, Hand,
    LATEST_AFTER_LISTED_END, Ladder, ListingLimits, NextOrder, OUTAGE_GAP_MAX, OrderId, Participant, Seq,
    Span, Standing, Status, Time,
};
use ledger::{Account, Book, LIMIT, MemberId, Money, PartsPerMillion, Transfer, Wallet};
use rusqlite::Connection;

use self::reserve::Range;
use super::checks::Check;
use super::fact::Fact;
use super::money::Moved;
use super::notebook::{Notebook, Step};

/// One auction, as far as its events were replayed.
pub(super) struct Replay {
    /// As the rules leave it.
    pub(super) state: Auction,
    /// Its bidders in the order of their numbers, as the rules leave them.
    pub(super) parts: Vec<Part>,
    /// What the rules have moved of what is held.
    pub(super) moved: Moved,
    /// Whether an outage moved its end.
    pub(super) had_outage: bool,
    /// Where its reserve lies, if it has one.
    pub(super) range: Option<Range>,
    /// As it stands now: what is fixed once nobody edits it any more is taken from here.
    now: Auction,
    /// Whether the terms are those of now.
    is_settled: bool,
    /// Whether the reserve was met after the newest event.
    is_met: bool,
    /// Whether a row of the release before was among its events, which says nothing of what is hidden.
    pub(super) is_of_before: bool,
    /// Events of the last command that are still to come, the next one last.
    promised: Vec<Event>,
}

/// A bidder's part, without what is known from its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) member: MemberId,
    pub(super) commitment: Money,
    pub(super) hold: Money,
    /// Where his commitment was made at the earliest and at the latest: what is raised in silence has no event.
    pub(super) since: (Seq, Seq),
    /// What he has named himself at least and at most: beside a maximum it may be hidden.
    pub(super) named: (Money, Money),
    pub(super) is_out: bool,
    /// The place of the newest transfer that the rules have explained.
    place: i64,
}

/// Where the replay looks besides the events.
#[derive(Clone, Copy)]
pub(super) struct Sources<'a> {
    pub(super) connection: &'a Connection,
    pub(super) notebook: &'a Notebook,
}

/// Why an event is not what the rules say.
pub(super) enum Fault {
    /// In words, what they would have said instead.
    Rules(String),
    /// In words, what should have moved for it.
    Money(String),
    /// The store cannot be read.
    Read(rusqlite::Error),
}

impl Replay {
    /// Before the first event of an auction that stands like this now.
    pub(super) fn new(now: &Auction) -> Replay {
        let state = Auction {
            seq: Seq(0),
            terms: 1,
            status: Status::Scheduled,
            outcome: None,
            ends_at: now.listed_end,
            latest: now.listed_end.plus(LATEST_AFTER_LISTED_END),
            extensions: 0,
            seller_extensions: 0,
            outage: None,
            price: now.start,
            leader: None,
            bid_count: 0,
            afresh: Seq(0),
            seller_took_back: false,
            notes: 0,
            followed_by: None,
            bidders: 0,
            newest: Time(i64::MIN),
            ..now.clone()
        };
        let is_settled = now.terms == state.terms;
        Replay {
            range: Range::of(now),
            state,
            parts: Vec::new(),
            moved: Moved::default(),
            had_outage: false,
            now: now.clone(),
            is_settled,
            is_met: false,
            is_of_before: false,
            promised: Vec::new(),
        }
    }

    /// Whether the last command has had all its events.
    pub(super) fn is_between_commands(&self) -> bool {
        self.promised.is_empty()
    }

    /// Takes the next event, if the rules explain it.
    ///
    /// # Errors
    /// Why they do not.
    pub(super) fn take(&mut self, fact: &Fact, sources: Sources<'_>) -> Result<(), Fault> {
        self.is_of_before |= fact.is_row() && fact.rule.is_none();
        if let Some(promised) = self.promised.pop() {
            return same(fact, &promised);
        }
        self.assume_reserve(fact);
        match fact.kind().ok_or("its kind stands for nothing")? {
            EventKind::Listed => self.list(fact),
            EventKind::Edited => self.edit(fact),
            EventKind::Opened => {
                let opened = auction::open_if_due(&self.state, Time(fact.at));
                self.apply(fact, opened.ok_or("it was not due to open")?, sources)
            }
            EventKind::Extended => self.extend(fact, sources),
            EventKind::Bid => self.bid(fact, sources),
            EventKind::Auto => self.raise_to_reserve(fact, sources),
            EventKind::BuyNow => self.buy(fact, sources),
            EventKind::Reset => self.reset(fact, sources),
            EventKind::ReserveLowered => self.lower_reserve(fact, sources),
            EventKind::Closed => self.close(fact, sources),
            EventKind::Cancelled => {
                self.raise_in_silence(sources, None)?;
                let reason = fact.reason.clone();
                // A seller whose auction another cancelled is told so beside it.
                let by = fact.aside.map_or(Hand::Seller(self.state.seller), |_| Hand::House);
                self.decide(fact, None, &Command::Cancel { by, reason }, sources)
            }
        }?;
        self.narrow_reserve()
    }

    fn close(&mut self, fact: &Fact, sources: Sources<'_>) -> Result<(), Fault> {
        self.raise_in_silence(sources, None)?;
        if fact.at >= self.state.ends_at.0 {
            return self.decide(fact, None, &Command::Close, sources);
        }
        let seller = self.state.seller;
        self.decide(fact, None, &Command::SellNow { seller }, sources)
    }

    fn extend(&mut self, fact: &Fact, sources: Sources<'_>) -> Result<(), Fault> {
        let cause = fact.cause.and_then(|cause| usize::try_from(cause).ok());
        match cause.and_then(|cause| ExtensionCause::ALL.get(cause)) {
            Some(ExtensionCause::Seller) => {
                let moved = Time(fact.ends_at).since(self.state.ends_at);
                let (seller, hours) = (self.state.seller, moved.0 / Span::hours(1).0);
                self.decide(fact, None, &Command::Extend { seller, hours }, sources)
            }
            Some(ExtensionCause::Outage) | None => self.extend_for_outage(fact),
        }
    }

    /// An outage is not told of in full: where the end moved must be within what one can have moved it to.
    fn extend_for_outage(&mut self, fact: &Fact) -> Result<(), Fault> {
        let state = &mut self.state;
        if state.status != Status::Open {
            return Err("its end moved while it was not open".into());
        }
        let (at, moved) = (Time(fact.at), Time(fact.ends_at));
        let least = state.soft_close.max(Span::minutes(1));
        let most = state.soft_close.max(OUTAGE_GAP_MAX);
        if moved < state.ends_at.plus(least) || moved > state.ends_at.max(at).plus(most) {
            let words = format!("no outage moves its end from {} to {}", state.ends_at.0, fact.ends_at);
            return Err(Fault::Rules(words));
        }
        state.latest = state.latest.plus(moved.since(state.ends_at));
        state.ends_at = moved;
        state.extensions = state.extensions.saturating_add(1);
        (state.seq, state.newest) = (state.seq.next(), at);
        self.had_outage = true;
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

    /// Judges a command, which must have had this event first.
    fn decide(
        &mut self,
        fact: &Fact,
        bidder: Option<i64>,
        command: &Command,
        sources: Sources<'_>,
    ) -> Result<(), Fault> {
        self.assume_reserve(fact);
        let effects = self.judge(Time(fact.at), bidder.as_slice(), command)?;
        self.apply(fact, effects, sources)
    }

    /// What the rules make of a command, with the rows of the leader and of the bidders of these numbers.
    fn judge(&self, now: Time, bidders: &[i64], command: &Command) -> Result<Effects, Fault> {
        let book = self.book(command.caller());
        let leader = self.state.leader.map(|leader| leader.number);
        let others = bidders.iter().copied().filter(|number| Some(*number) != leader);
        let rows: Vec<Bidder> =
            leader.into_iter().chain(others).filter_map(|number| self.row(number)).collect();
        let limits = ListingLimits {
            minimum_duration: self.state.minimum_duration,
            ladder: Ladder::parse(DEFAULT_LADDER).map_err(|_| "the house's ladder is none")?,
            fee_rate: PartsPerMillion::default(),
        };
        let standing = Standing {
            auction: &self.state,
            book: &book,
            caller: Caller::default(),
            bidders: &rows.iter().collect::<Vec<_>>(),
            item: None,
            pictures: &[],
            aftermath: None,
            next_order: NextOrder { id: OrderId(1), receipt_code: 0, meeting_code: 0 },
            limits: &limits,
        };
        let decided = catch_unwind(AssertUnwindSafe(|| auction::decide(&standing, command, now)));
        let decided = decided.map_err(|_| "the rules cannot judge it")?;
        decided.map_err(|refusal| Fault::Rules(format!("the rules refuse it: {}", refusal.code())))
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

    fn apply(&mut self, fact: &Fact, effects: Effects, sources: Sources<'_>) -> Result<(), Fault> {
        self.take_effects(effects, sources)?;
        let first = self.promised.pop().ok_or("the rules say that nothing happened")?;
        same(fact, &first)
    }

    /// Takes over what the rules have decided; its events are still to come.
    fn take_effects(&mut self, effects: Effects, sources: Sources<'_>) -> Result<(), Fault> {
        let has_order = !effects.orders.is_empty();
        effects.bidders.iter().try_for_each(|bidder| self.take_part(bidder))?;
        for transfer in &effects.posted.transfers {
            self.moved.add_transfer(transfer, has_order);
            self.take_transfer(transfer, &effects.bidders, sources)?;
        }
        self.state = effects.auction;
        self.promised = effects.events;
        self.promised.reverse();
        Ok(())
    }

    /// What the rules say is held more or less, must have moved next. Whoever it is, his row has changed with it.
    fn take_transfer(
        &mut self,
        transfer: &Transfer,
        changed: &[Bidder],
        sources: Sources<'_>,
    ) -> Result<(), Fault> {
        let amount = transfer.amount.won();
        let (member, asked) = match (transfer.from, transfer.to) {
            (Account::Held(member), _) => (member, amount.saturating_neg()),
            (_, Account::Held(member)) => (member, amount),
            _ => return Ok(()),
        };
        let number = changed.iter().find(|row| row.member == member).map(|row| row.number);
        let place = number.and_then(|number| self.part(number)).map_or(i64::MIN, |part| part.place);
        let found = self.next_hold(member, place, sources)?;
        let Some(step) = found.filter(|step| step.amount == asked) else {
            let words = found.map_or_else(|| "nothing".to_owned(), |step| step.amount.to_string());
            let words = format!("member {}: {words} moved into what is held, not {asked}", member.0);
            return Err(Fault::Money(words));
        };
        if let Some(part) = number.and_then(|number| self.part_mut(number)) {
            part.place = step.place;
        }
        Ok(())
    }

    /// How what is held for a member changed next, behind a place.
    fn next_hold(&self, member: MemberId, place: i64, sources: Sources<'_>) -> Result<Option<Step>, Fault> {
        sources.notebook.next_hold(self.state.id.0, member.0, place).map_err(Fault::Read)
    }

    fn take_part(&mut self, bidder: &Bidder) -> Result<(), Fault> {
        let Bidder { member, number, commitment, hold, since, named, is_out, .. } = *bidder;
        if number == self.parts.len() as i64 + 1 {
            let (since, named) = ((since, since), (named, named));
            self.parts.push(Part { member, commitment, hold, since, named, is_out, place: i64::MIN });
            return Ok(());
        }
        let known = self.part_mut(number).filter(|part| part.member == member);
        let known = known.ok_or_else(|| format!("bidder {number} is not member {}", member.0))?;
        if known.since.1 != since {
            known.since = (since, since);
        }
        (known.commitment, known.hold, known.is_out) = (commitment, hold, is_out);
        known.named = (named, known.named.1.max(named));
        Ok(())
    }

    /// The row of Bidder `number`, as the rules read it.
    fn row(&self, number: i64) -> Option<Bidder> {
        let part = self.part(number)?;
        Some(Bidder {
            auction: self.state.id,
            member: part.member,
            number,
            commitment: part.commitment,
            since: part.since.1,
            named: part.named.0,
            hold: part.hold,
            is_out: part.is_out,
            vain: Vec::new(),
        })
    }

    /// The part of Bidder `number`.
    pub(super) fn part(&self, number: i64) -> Option<&Part> {
        self.parts.get(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    fn part_mut(&mut self, number: i64) -> Option<&mut Part> {
        self.parts.get_mut(usize::try_from(number).ok()?.checked_sub(1)?)
    }
}

impl Fault {
    /// Which check it breaks, and why; the store's own failure otherwise.
    pub(super) fn told(self) -> rusqlite::Result<(Check, String)> {
        match self {
            Fault::Rules(words) => Ok((Check::RulesExplainRows, words)),
            Fault::Money(words) => Ok((Check::MoneyFollowsEvents, words)),
            Fault::Read(error) => Err(error),
        }
    }
}

impl From<String> for Fault {
    fn from(words: String) -> Fault {
        Fault::Rules(words)
    }
}

impl From<&str> for Fault {
    fn from(words: &str) -> Fault {
        Fault::Rules(words.to_owned())
    }
}

/// A row of the release before names no rule.
fn same(fact: &Fact, expected: &Event) -> Result<(), Fault> {
    let mut expected = Fact::of(expected);
    expected.rule = expected.rule.filter(|_| fact.rule.is_some());
    if *fact == expected { Ok(()) } else { Err(Fault::Rules(fact.differences(&expected))) }
}
