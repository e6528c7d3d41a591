//! A fact: an event as it stands in its row, before anyone asks whether its numbers make sense.

use auction::{Event, EventKind, ExtensionCause, Outcome, PriceRule, ReserveStatus};
use ledger::Money;
use rusqlite::{Result, Row};

use crate::rows::number_of;

/// An event's columns, in the order in which [`Fact::read`] reads them.
pub(super) const FACT_COLUMNS: &str = "seq, kind, at, actor, actor_number, amount, price, minimum, bid_count, leader, \
     leader_number, ends_at, outcome, reason, cause, reserve, rule, terms, aside";

/// One event, column by column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fact {
    pub(super) seq: i64,
    pub(super) kind: i64,
    pub(super) at: i64,
    pub(super) actor: Option<i64>,
    pub(super) actor_number: Option<i64>,
    pub(super) amount: Option<i64>,
    pub(super) price: i64,
    pub(super) minimum: Option<i64>,
    pub(super) bid_count: i64,
    pub(super) leader: Option<i64>,
    pub(super) leader_number: Option<i64>,
    pub(super) ends_at: i64,
    pub(super) outcome: Option<i64>,
    pub(super) reason: Option<String>,
    pub(super) cause: Option<i64>,
    pub(super) reserve: i64,
    pub(super) rule: Option<i64>,
    pub(super) terms: Option<i64>,
    pub(super) aside: Option<i64>,
}

impl Fact {
    /// Reads one from the first columns.
    pub(super) fn read(row: &Row<'_>) -> Result<Fact> {
        Ok(Fact {
            seq: row.get(0)?,
            kind: row.get(1)?,
            at: row.get(2)?,
            actor: row.get(3)?,
            actor_number: row.get(4)?,
            amount: row.get(5)?,
            price: row.get(6)?,
            minimum: row.get(7)?,
            bid_count: row.get(8)?,
            leader: row.get(9)?,
            leader_number: row.get(10)?,
            ends_at: row.get(11)?,
            outcome: row.get(12)?,
            reason: row.get(13)?,
            cause: row.get(14)?,
            reserve: row.get(15)?,
            rule: row.get(16)?,
            terms: row.get(17)?,
            aside: row.get(18)?,
        })
    }

    /// How this event would stand in its row.
    pub(super) fn of(event: &Event) -> Fact {
        Fact {
            seq: event.seq.0,
            kind: number_of(&EventKind::ALL, &event.kind),
            at: event.at.0,
            actor: event.actor.map(|actor| actor.member.0),
            actor_number: event.actor.map(|actor| actor.number),
            amount: event.amount.map(Money::won),
            price: event.price.won(),
            minimum: event.minimum.map(Money::won),
            bid_count: event.bid_count,
            leader: event.leader.map(|leader| leader.member.0),
            leader_number: event.leader.map(|leader| leader.number),
            ends_at: event.ends_at.0,
            outcome: event.outcome.map(|outcome| number_of(&Outcome::ALL, &outcome)),
            reason: event.reason.clone(),
            cause: event.cause.map(|cause| number_of(&ExtensionCause::ALL, &cause)),
            reserve: number_of(&ReserveStatus::ALL, &event.reserve),
            rule: event.rule.map(|rule| number_of(&PriceRule::ALL, &rule)),
            terms: event.terms,
            aside: event.aside.map(|member| member.0),
        }
    }

    /// What happened, if the number stands for anything.
    pub(super) fn kind(&self) -> Option<EventKind> {
        usize::try_from(self.kind).ok().and_then(|kind| EventKind::ALL.get(kind)).copied()
    }

    /// Which rule made its price, if it says so and the number stands for one.
    pub(super) fn price_rule(&self) -> Option<PriceRule> {
        let rule = self.rule.and_then(|rule| usize::try_from(rule).ok())?;
        PriceRule::ALL.get(rule).copied()
    }

    /// What it says of the reserve, if the number stands for anything.
    pub(super) fn reserve_status(&self) -> Option<ReserveStatus> {
        usize::try_from(self.reserve).ok().and_then(|status| ReserveStatus::ALL.get(status)).copied()
    }

    /// Whether every number that stands for a word stands for one.
    pub(super) fn is_readable(&self) -> bool {
        let has_rule = self.rule.is_none() || self.price_rule().is_some();
        self.kind().is_some() && has_rule && self.reserve_status().is_some()
    }

    /// Whether it is a row of the bid history.
    pub(super) fn is_row(&self) -> bool {
        self.kind().is_some_and(EventKind::is_row)
    }

    /// Whether nothing may come after it.
    pub(super) fn is_last(&self) -> bool {
        matches!(self.kind(), Some(EventKind::Closed | EventKind::Cancelled))
    }

    /// Every column in which it differs from `other`, with its own value first.
    pub(super) fn differences(&self, other: &Fact) -> String {
        let number = |number: i64| number.to_string();
        let optional =
            |number: Option<i64>| number.map_or_else(|| "none".to_owned(), |number| number.to_string());
        let columns = |fact: &Fact| {
            [
                ("seq", number(fact.seq)),
                ("kind", number(fact.kind)),
                ("at", number(fact.at)),
                ("actor", optional(fact.actor)),
                ("actor_number", optional(fact.actor_number)),
                ("amount", optional(fact.amount)),
                ("price", number(fact.price)),
                ("minimum", optional(fact.minimum)),
                ("bid_count", number(fact.bid_count)),
                ("leader", optional(fact.leader)),
                ("leader_number", optional(fact.leader_number)),
                ("ends_at", number(fact.ends_at)),
                ("outcome", optional(fact.outcome)),
                ("reason", fact.reason.clone().unwrap_or_default()),
                ("cause", optional(fact.cause)),
                ("reserve", number(fact.reserve)),
                ("rule", optional(fact.rule)),
                ("terms", optional(fact.terms)),
                ("aside", optional(fact.aside)),
            ]
        };
        let pairs = columns(self).into_iter().zip(columns(other));
        let differing = pairs.filter(|(own, other)| own != other);
        let words: Vec<String> =
            differing.map(|((name, own), (_, other))| format!("{name} {own} instead of {other}")).collect();
        words.join("; ")
    }
}
