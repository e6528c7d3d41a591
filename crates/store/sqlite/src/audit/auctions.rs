//! Auctions: each one's events in order, a range at a time, and at their end the auction as it stands.

use auction::{Auction, EventKind, PriceRule};
use rusqlite::{Connection, OptionalExtension, Result, Row};

use super::checks::{Check, Findings};
use super::fact::{FACT_COLUMNS, Fact};
use super::money::Money;
use super::replay::{Fault, Replay, Sources};
use super::standing;
use super::strays;
use super::{Reading, Steps};
use crate::rows;

/// What an auction costs a read beside its events, counted in events.
const AUCTION_COST: usize = 8;

/// How many bidders of one auction are kept in mind; an auction with more cannot be audited.
const BIDDERS_MAX: usize = 2_000_000;

/// Where the walk over a pass's auctions stands.
struct Walk {
    after: i64,
    /// The auction at hand, if its events did not fit in the last read.
    life: Option<Life>,
    is_done: bool,
}

/// One auction's events so far.
pub(super) struct Life {
    /// The auction as it stood when it was first read; what is fixed at listing is taken from here.
    pub(super) auction: Auction,
    /// The newest event taken.
    pub(super) last: Option<Fact>,
    /// The amount of the newest bid or purchase taken.
    last_amount: Option<i64>,
    /// The rules' own view, until an event differs from it.
    pub(super) replay: Option<Replay>,
}

/// Compares every auction of this pass with its events and with all that belongs to it.
pub(super) fn compare(
    reading: &Reading<'_>,
    steps: &Steps,
    money: &mut Money,
    findings: &mut Findings,
) -> Result<()> {
    let mut walk = Walk { after: money.auctions.after(), life: None, is_done: false };
    while !walk.is_done {
        reading.once(|connection| match money.catch_up(connection, findings)? {
            true => walk.some(connection, steps.events_per_read, money, findings),
            false => Ok(()),
        })?;
    }
    Ok(())
}

impl Walk {
    /// Walks on for as long as one read may take.
    fn some(
        &mut self,
        connection: &Connection,
        mut budget: usize,
        money: &mut Money,
        findings: &mut Findings,
    ) -> Result<()> {
        while budget > 0 {
            let life = match self.life.take() {
                Some(mut life) => {
                    life.refresh(connection)?;
                    Some(life)
                }
                None => self.next(connection, money, findings)?,
            };
            let Some(mut life) = life else {
                if self.is_done {
                    return Ok(());
                }
                continue;
            };
            let sources = Sources { connection, notebook: &money.notebook };
            let taken = life.take_events(sources, budget, findings)?;
            if taken == budget {
                self.life = Some(life);
                return Ok(());
            }
            budget -= taken;
            budget = budget
                .saturating_sub(AUCTION_COST + standing::compare(connection, &mut life, money, findings)?);
        }
        Ok(())
    }

    /// Begins with the next auction; `None` if there is none, or if it cannot be read.
    fn next(
        &mut self,
        connection: &Connection,
        money: &Money,
        findings: &mut Findings,
    ) -> Result<Option<Life>> {
        let upto = money.auctions.upto().min(money.bounds().auction);
        let sql = format!(
            "SELECT {} FROM auctions WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT 1",
            rows::AUCTION_COLUMNS
        );
        let found = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, rows::auction(row, 0)));
        let found = connection.prepare_cached(&sql)?.query_row((self.after, upto), found).optional()?;
        let Some((id, auction)) = found else {
            self.is_done = true;
            let before = if money.auctions.upto() == i64::MAX { i64::MAX } else { upto.saturating_add(1) };
            strays::between(connection, self.after, before, findings)?;
            return Ok(None);
        };
        strays::between(connection, self.after, id, findings)?;
        self.after = id;
        findings.expect(Check::Readable, auction.is_ok(), || match &auction {
            Ok(_) => String::new(),
            Err(error) => format!("auction {id}: {error}"),
        });
        Ok(auction.ok().map(Life::new))
    }
}

impl Life {
    fn new(auction: Auction) -> Life {
        let replay = Some(Replay::new(&auction));
        Life { auction, last: None, last_amount: None, replay }
    }

    /// Takes the next events, at most `limit`; how many there were.
    fn take_events(&mut self, sources: Sources<'_>, limit: usize, findings: &mut Findings) -> Result<usize> {
        let sql = format!(
            "SELECT {FACT_COLUMNS} FROM events WHERE auction = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3"
        );
        let mut statement = sources.connection.prepare_cached(&sql)?;
        let after = self.last.as_ref().map_or(i64::MIN, |last| last.seq);
        let mut rows = statement.query((self.auction.id.0, after, limit as i64))?;
        let mut taken = 0;
        while let Some(row) = rows.next()? {
            self.take(Fact::read(row)?, sources, findings)?;
            taken += 1;
        }
        if self.replay.as_ref().is_some_and(|replay| replay.parts.len() > BIDDERS_MAX) {
            let words = "an auction has more bidders than an audit can keep in mind";
            return Err(rusqlite::Error::ToSqlConversionFailure(words.into()));
        }
        Ok(taken)
    }

    fn take(&mut self, fact: Fact, sources: Sources<'_>, findings: &mut Findings) -> Result<()> {
        self.check_order(&fact, findings);
        self.check_figures(&fact, findings);
        if let Some(replay) = &mut self.replay {
            let explained = replay.take(&fact, sources);
            let fault = explained.err().map(Fault::told).transpose()?;
            findings.expect(Check::RulesExplainRows, true, String::new);
            if let Some((check, words)) = fault {
                findings.wrong(check, || format!("{}: {words}", self.name(&fact)));
                self.replay = None;
            }
        }
        if fact.is_row() {
            self.last_amount = fact.amount;
        }
        self.last = Some(fact);
        Ok(())
    }

    /// Reads the terms again where they may have changed since the last read: while nobody has bid.
    fn refresh(&mut self, connection: &Connection) -> Result<()> {
        let Some(replay) = self.replay.as_mut().filter(|replay| replay.parts.is_empty()) else {
            return Ok(());
        };
        let sql = format!("SELECT {} FROM auctions WHERE id = ?1", rows::AUCTION_COLUMNS);
        let now = connection
            .prepare_cached(&sql)?
            .query_row([self.auction.id.0], |row| Ok(rows::auction(row, 0)))
            .optional()?;
        if let Some(Ok(now)) = now {
            replay.refresh(&now);
            self.auction = now;
        }
        Ok(())
    }

    /// That it comes when it may come.
    fn check_order(&self, fact: &Fact, findings: &mut Findings) {
        let last = self.last.as_ref();
        let next = last.map_or(Some(1), |last| last.seq.checked_add(1));
        findings.expect(Check::EventsWithoutHole, next == Some(fact.seq), || {
            format!("{}: number {next:?} is missing", self.name(fact))
        });
        findings.expect(Check::NothingAfterTheEnd, last.is_none_or(|last| !last.is_last()), || {
            format!("{}: comes after the end", self.name(fact))
        });
        findings.expect(Check::TimeNeverFalls, last.is_none_or(|last| last.at <= fact.at), || {
            format!("{}: at {}, before the event before it", self.name(fact), fact.at)
        });
        findings.expect(Check::Readable, fact.is_readable(), || {
            let Fact { kind, rule, reserve, .. } = fact;
            format!("{}: kind {kind}, rule {rule:?} or reserve {reserve} stands for nothing", self.name(fact))
        });
        if fact.is_row() {
            let (starts_at, ends_at) = (self.auction.starts_at.0, last.map_or(i64::MIN, |last| last.ends_at));
            let is_after_the_end = last.is_none_or(Fact::is_last);
            let in_time = starts_at <= fact.at && fact.at < ends_at && !is_after_the_end;
            findings.expect(Check::BidsInTime, in_time, || {
                format!("{}: at {}, open from {starts_at} to {ends_at}", self.name(fact), fact.at)
            });
        }
    }

    /// That its figures follow from those before it.
    fn check_figures(&self, fact: &Fact, findings: &mut Findings) {
        let last = self.last.as_ref();
        let is = |kind: EventKind| fact.kind() == Some(kind);
        let before = last.map_or(0, |last| last.bid_count);
        let is_afresh = is(EventKind::Reset) && fact.price_rule() == Some(PriceRule::Afresh);
        let bids = if is_afresh { 0 } else { before.saturating_add(i64::from(is(EventKind::Bid))) };
        findings.expect(Check::BidCount, fact.bid_count == bids, || {
            format!("{}: counts {} bids, there are {bids}", self.name(fact), fact.bid_count)
        });
        self.check_price(fact, findings);
        let seller = Some(self.auction.seller.0);
        let is_sellers = fact.leader == seller || (fact.is_row() && fact.actor == seller);
        findings.expect(Check::SellerNeverBids, !is_sellers, || {
            format!("{}: by the seller, member {}", self.name(fact), self.auction.seller.0)
        });
        if fact.is_row() {
            let rises = is(EventKind::Reset) || self.last_amount.is_none_or(|last| Some(last) <= fact.amount);
            findings.expect(Check::AmountsRise, rises, || {
                format!("{}: amount {:?} after {:?}", self.name(fact), fact.amount, self.last_amount)
            });
        }
        if is(EventKind::Bid) || is(EventKind::BuyNow) {
            let minimum = last.and_then(|last| last.minimum);
            // A purchase that follows from another's bid has none before it.
            let is_free = is(EventKind::BuyNow) && minimum.is_none();
            let reaches = is_free || (minimum.is_some() && fact.amount >= minimum);
            findings.expect(Check::BidsReachTheMinimum, reaches, || {
                format!("{}: amount {:?}, the minimum was {minimum:?}", self.name(fact), fact.amount)
            });
        }
    }

    /// That its price is the latest row's amount. The terms may set another until the first bid, and of a challenger's
    /// row the price is told by the row behind it.
    fn check_price(&self, fact: &Fact, findings: &mut Findings) {
        let price = match fact.kind() {
            Some(EventKind::Listed | EventKind::Edited) if self.last_amount.is_none() => fact.price,
            Some(EventKind::Bid) if fact.price_rule() == Some(PriceRule::Matched) => {
                fact.price.max(fact.amount.unwrap_or_default())
            }
            _ if fact.is_row() => fact.amount.unwrap_or_default(),
            _ => self.last.as_ref().map_or(self.auction.start.won(), |last| last.price),
        };
        findings.expect(Check::PriceIsLatestRow, fact.price == price, || {
            format!("{}: price {}, the latest row says {price}", self.name(fact), fact.price)
        });
    }

    fn name(&self, fact: &Fact) -> String {
        format!("auction {}, event {}", self.auction.id.0, fact.seq)
    }
}
