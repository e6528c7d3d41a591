//! Bids again: the maximum behind a row is what was held for it, and what the leader raised in silence is what was held
//! besides. A raise is judged as late as it can have been made, for nothing tells when it was.

use auction::{Bid, Command, Leader, PriceRule};
use ledger::{MemberId, Money};

use super::super::fact::Fact;
use super::{Fault, Replay, Sources};

/// Whose row it is.
#[derive(Clone, Copy)]
struct Actor {
    member: MemberId,
    /// His number, if he has bid before.
    number: Option<i64>,
}

impl Replay {
    pub(super) fn bid(&mut self, fact: &Fact, sources: Sources<'_>) -> Result<(), Fault> {
        self.settle()?;
        let actor = self.actor(fact)?;
        let amount = fact.amount.and_then(Money::new).ok_or("a bid without an amount")?;
        let leader = self.state.leader;
        match leader.filter(|leader| leader.member == actor.member) {
            Some(own) => self.bid_over_oneself(fact, own, amount, sources),
            None if fact.leader == Some(actor.member.0) => self.take_lead(fact, actor, amount, sources),
            None => self.challenge(fact, actor, amount, sources),
        }
    }

    pub(super) fn buy(&mut self, fact: &Fact, sources: Sources<'_>) -> Result<(), Fault> {
        self.settle()?;
        self.raise_in_silence(sources, None)?;
        let actor = self.actor(fact)?;
        let command = Command::BuyNow { buyer: actor.member, terms: None };
        self.decide(fact, actor.number, &command, sources)
    }

    fn actor(&self, fact: &Fact) -> Result<Actor, Fault> {
        let member = MemberId(fact.actor.ok_or("nobody's doing")?);
        let is_his = |number: &i64| self.part(*number).is_some_and(|part| part.member == member);
        let number = fact.actor_number.filter(is_his);
        // Without his number what was held of his money would be read from the beginning, and a row that names another's would be
        // taken for a fault of the money wherever more than once was held.
        if number.is_none() && self.parts.iter().any(|part| part.member == member) {
            return Err("it names a number that is not his".into());
        }
        Ok(Actor { member, number })
    }

    /// The leader names an amount: his commitment rises with it where it is not above it already.
    fn bid_over_oneself(
        &mut self,
        fact: &Fact,
        own: Leader,
        amount: Money,
        sources: Sources<'_>,
    ) -> Result<(), Fault> {
        loop {
            let commitment = self.state.leader.map_or(own.commitment, |leader| leader.commitment);
            let reached = self.next_raise(sources)?.and_then(|more| commitment.plus(more));
            match reached.filter(|reached| commitment < amount && *reached != amount) {
                Some(maximum) => self.raise_once(maximum, sources)?,
                None => break,
            }
        }
        let bid = Bid { bidder: own.member, amount: Some(amount.won()), maximum: None, terms: None };
        self.decide(fact, None, &Command::Bid(bid), sources)?;
        self.name(own.number, amount, Some(amount));
        Ok(())
    }

    /// He takes the lead: what is held of his money is all that he has committed himself to.
    fn take_lead(
        &mut self,
        fact: &Fact,
        actor: Actor,
        amount: Money,
        sources: Sources<'_>,
    ) -> Result<(), Fault> {
        self.raise_in_silence(sources, None)?;
        let place = actor.number.and_then(|number| self.part(number)).map_or(i64::MIN, |part| part.place);
        let held = self.next_hold(actor.member, place, sources)?;
        let Some(commitment) = held.map(|held| held.amount).filter(|held| *held > 0) else {
            return Err(Fault::Money(format!("nothing was held of member {}'s money", actor.member.0)));
        };
        self.assume_reserve(fact);
        let is_named = match fact.price_rule() {
            // Where the reserve is met by this row, the amount may be either.
            Some(PriceRule::Reserve) => self.state.reserve != Some(amount),
            Some(PriceRule::Named) | None => true,
            Some(_) => false,
        };
        let named = is_named.then_some(amount);
        let bid = Bid {
            bidder: actor.member,
            amount: named.map(Money::won),
            maximum: Some(commitment),
            terms: None,
        };
        self.decide(fact, actor.number, &Command::Bid(bid), sources)?;
        if let Some(leader) = self.state.leader {
            self.name(leader.number, amount, named);
        }
        Ok(())
    }

    /// The leader's commitment reaches his, all of which is told.
    fn challenge(
        &mut self,
        fact: &Fact,
        actor: Actor,
        amount: Money,
        sources: Sources<'_>,
    ) -> Result<(), Fault> {
        self.raise_in_silence(sources, Some(amount))?;
        let bid = Bid { bidder: actor.member, amount: None, maximum: Some(amount.won()), terms: None };
        self.decide(fact, actor.number, &Command::Bid(bid), sources)?;
        if let Some(number) = fact.actor_number {
            self.name(number, amount, None);
        }
        Ok(())
    }

    /// He has named no more than this, and this if it is known.
    fn name(&mut self, number: i64, most: Money, known: Option<Money>) {
        if let Some(part) = self.part_mut(number) {
            part.named = (known.unwrap_or(part.named.0), part.named.1.max(most));
        }
    }

    /// What the leader raised in silence, until his commitment reaches an amount, or all of it.
    pub(super) fn raise_in_silence(
        &mut self,
        sources: Sources<'_>,
        until: Option<Money>,
    ) -> Result<(), Fault> {
        while let Some(leader) = self.state.leader {
            let is_enough = until.is_some_and(|until| leader.commitment >= until);
            let more = if is_enough { None } else { self.next_raise(sources)? };
            let Some(maximum) = more.and_then(|more| leader.commitment.plus(more)) else { break };
            self.raise_once(maximum, sources)?;
        }
        Ok(())
    }

    /// By how much more was held for the leader next, before anything was released.
    pub(super) fn next_raise(&self, sources: Sources<'_>) -> Result<Option<Money>, Fault> {
        let Some(leader) = self.state.leader else { return Ok(None) };
        let place = self.part(leader.number).map_or(i64::MIN, |part| part.place);
        let step = self.next_hold(leader.member, place, sources)?;
        Ok(step.and_then(|step| Money::new(step.amount)))
    }

    /// A maximum raised so that nobody sees it: no row, no event, no extension.
    pub(super) fn raise_once(&mut self, maximum: Money, sources: Sources<'_>) -> Result<(), Fault> {
        let leader = self.state.leader.ok_or("nobody leads")?;
        let since = self.part(leader.number).map(|part| part.since.0);
        self.keep_reserve();
        let effects = self.judge(self.state.newest, &[], &Replay::raise(leader.member, maximum))?;
        if !effects.events.is_empty() {
            return Err("a maximum was raised to the reserve, and no row tells it".into());
        }
        self.take_effects(effects, sources)?;
        if let (Some(part), Some(since)) = (self.part_mut(leader.number), since) {
            part.since.0 = since;
        }
        self.narrow_reserve()
    }

    /// The command with which a leader raises his maximum.
    pub(super) fn raise(bidder: MemberId, maximum: Money) -> Command {
        Command::Bid(Bid { bidder, amount: None, maximum: Some(maximum.won()), terms: None })
    }
}
