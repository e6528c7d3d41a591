//! Resets again: bids that were taken back. With a beaten bidder's, the price falls to what the others force; whose bids
//! were taken back before, without moving the price, no event tells, so those who may be out are passed over.

use auction::{Command, Hand, Leader, PriceRule};
use ledger::{MemberId, Money};
use rusqlite::OptionalExtension;

use super::super::fact::Fact;
use super::{Fault, Replay, Sources};

impl Replay {
    pub(super) fn reset(&mut self, fact: &Fact, sources: Sources<'_>) -> Result<(), Fault> {
        let member = MemberId(fact.aside.ok_or("it does not say whose bids were taken back")?);
        let command = Command::TakeBack { member, by: Hand::House, reason: fact.reason.clone() };
        match fact.price_rule() {
            Some(PriceRule::Afresh) => {
                self.raise_in_silence(sources, None)?;
                self.decide(fact, None, &command, sources)
            }
            Some(PriceRule::TakenBack) => self.without_beaten(fact, member, &command, sources),
            _ => Err("no rule of resets made its price".into()),
        }
    }

    /// The price is what the highest of the remaining bidders forces; whoever stands above him must be out by now.
    fn without_beaten(
        &mut self,
        fact: &Fact,
        member: MemberId,
        command: &Command,
        sources: Sources<'_>,
    ) -> Result<(), Fault> {
        let leader = self.state.leader.ok_or("nobody leads")?;
        let taken = self.parts.iter().position(|part| part.member == member);
        let taken = taken.map(|place| place as i64 + 1).ok_or("he has not bid")?;
        let mut rivals: Vec<i64> = (1..=self.parts.len() as i64)
            .filter(|number| ![taken, leader.number].contains(number))
            .filter(|number| self.row(*number).is_some_and(|row| row.counts_in(&self.state)))
            .collect();
        let rank = |number: &i64| {
            let part = self.part(*number);
            part.map(|part| (std::cmp::Reverse(part.commitment), part.since.1))
        };
        rivals.sort_by_key(rank);
        self.assume_reserve(fact);
        let mut out = Vec::new();
        for rival in rivals.into_iter().map(Some).chain([None]) {
            if self.falls_to(fact, leader, [Some(taken), rival], command, sources)? {
                for number in out {
                    if let Some(part) = self.part_mut(number) {
                        part.is_out = true;
                    }
                }
                return Ok(());
            }
            let Some(rival) = rival else { break };
            if self.still_counts(rival, sources)? {
                break;
            }
            out.push(rival);
        }
        Err("the price is not what the remaining bidders force".into())
    }

    /// Whether the price falls to what the event says if only this rival remains; then it is taken.
    fn falls_to(
        &mut self,
        fact: &Fact,
        leader: Leader,
        bidders: [Option<i64>; 2],
        command: &Command,
        sources: Sources<'_>,
    ) -> Result<bool, Fault> {
        let price = Money::new(fact.price).ok_or("a price below 0")?;
        let bidders: Vec<i64> = bidders.into_iter().flatten().collect();
        let known = self.part(leader.number).map(|part| part.named);
        let (least, most) = known.unwrap_or_default();
        let reserve = self.state.reserve;
        let is_met = reserve.is_some_and(|reserve| leader.commitment >= reserve);
        // What is hidden and may have kept the price up: an amount that he named beside a maximum, and the reserve.
        let by_name = (price > least && price <= most).then_some((price, reserve));
        let may_be = |range: super::Range| is_met && range.holds(price);
        let by_reserve = self.range.is_some_and(may_be).then_some((least, Some(price)));
        for (named, reserve) in [Some((least, reserve)), by_reserve, by_name].into_iter().flatten() {
            if let Some(part) = self.part_mut(leader.number) {
                part.named.0 = named;
            }
            self.state.reserve = reserve;
            let effects = self.judge(auction::Time(fact.at), &bidders, command)?;
            if effects.events.first().is_some_and(|event| event.price == price) {
                self.apply(fact, effects, sources)?;
                return Ok(true);
            }
        }
        if let Some(part) = self.part_mut(leader.number) {
            part.named.0 = least;
        }
        self.state.reserve = reserve;
        Ok(false)
    }

    /// Whether this bidder certainly counted: as he stands now he is not out, and his commitment is the one he had.
    fn still_counts(&self, number: i64, sources: Sources<'_>) -> Result<bool, Fault> {
        let Some(part) = self.part(number) else { return Ok(false) };
        let sql = "SELECT 1 FROM bidders WHERE auction = ?1 AND member = ?2 AND is_out = 0 AND since <= ?3";
        let mut statement = sources.connection.prepare_cached(sql).map_err(Fault::Read)?;
        let found = statement
            .query_row((self.state.id.0, part.member.0, part.since.1.0), |_| Ok(()))
            .optional()
            .map_err(Fault::Read)?;
        Ok(found.is_some())
    }
}
