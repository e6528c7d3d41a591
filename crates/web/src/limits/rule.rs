//! The rule of sign-in delays: what an attempt to sign in does to what is known, and how long it must wait. It is pure, and
//! the same whether what is known was counted by this node or by all of them.
//!
//! What waits is always one address: after a few failures for a member it waits longer and longer, up to half a minute;
//! after many failures for any members, up to a quarter of one. While a member is under attack from many addresses, an
//! address that never signed in as him must knock and come back once, seconds later; how many others knock makes no
//! difference to it. So whatever others do, a member gets in from his own address within seconds.

use auction::{Span, Time};

use super::seconds_up;

/// Failures for one member from one address before it waits.
pub(super) const FREE_ATTEMPTS: u32 = 5;
/// The longest wait of one address for one member.
const WAIT_MAX: Span = Span::seconds(30);
/// Failures from one address, for whomever, before it waits.
pub(super) const ADDRESS_FREE_ATTEMPTS: u32 = 30;
/// The longest wait of one address for whomever.
const ADDRESS_WAIT_MAX: Span = Span::seconds(15);
/// Failures for one member, from wherever, that are an attack.
pub(super) const ATTACK: u32 = 50;
/// How long after a knock a strange address may try, while a member is under attack.
const KNOCK: Span = Span::seconds(5);
/// Failures are forgotten after so long without another.
pub(super) const FORGOTTEN: Span = Span::minutes(15);
/// How far the time of a lowering may be ahead: it is a microsecond later each time within one microsecond.
const LOWERED_AHEAD_MAX: Span = Span::seconds(1);

/// What is known of one client: of a member from one address, of a member from wherever, or of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tried {
    pub(super) failures: u32,
    pub(super) last: Time,
    pub(super) next: Time,
    /// When a success cleared the pair, or when something was last taken back of what counts several; [`NEVER`] if nothing
    /// was. It grows each time, so that of two counts it tells which one knows of less.
    pub(super) lowered: Time,
    pub(super) trusted: bool,
}

/// Before everything that happens.
pub(super) const NEVER: Time = Time(i64::MIN);

/// What is known that bears on one attempt; none of what never tried or is forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// Of the member from this address.
    pub(super) pair: Option<Tried>,
    /// Of the member from wherever.
    pub(super) member: Option<Tried>,
    /// Of the address, for whomever.
    pub(super) address: Option<Tried>,
}

impl Known {
    /// Begins an attempt, which counts as failed until it succeeded, so that many at once are no way around.
    ///
    /// # Errors
    /// The seconds that this address must wait.
    pub(super) fn attempt(&mut self, now: Time) -> Result<(), u64> {
        let under_attack = self.member.is_some_and(|member| member.failures >= ATTACK);
        if under_attack && self.pair.is_none() {
            self.pair = Some(Tried { next: now.plus(KNOCK), ..Tried::never(now) });
            return Err(seconds_up(KNOCK));
        }
        // Trust outlasts what is forgotten, but nobody waits for that: by a wrong clock it could be for hours.
        let pair_next = self.pair.filter(|tried| !tried.is_forgotten(now)).map(|tried| tried.next);
        let address_next = self.address.filter(|tried| !tried.is_forgotten(now)).map(|tried| tried.next);
        let next = pair_next.max(address_next).filter(|next| *next > now);
        if let Some(next) = next {
            return Err(seconds_up(next.since(now)));
        }
        Tried::begun(&mut self.pair, now).fail(FREE_ATTEMPTS, WAIT_MAX, now);
        Tried::begun(&mut self.address, now).fail(ADDRESS_FREE_ATTEMPTS, ADDRESS_WAIT_MAX, now);
        Tried::begun(&mut self.member, now).fail(u32::MAX, Span(0), now);
        Ok(())
    }

    /// The attempt came to no verdict: it is taken back, and the next need not wait for it.
    pub(super) fn not_judged(&mut self, now: Time) {
        if let Some(tried) = &mut self.pair {
            // It was not the member, so the pair is not cleared: a node alone would clear what all counted.
            tried.take_back(now);
        }
        for tried in [&mut self.member, &mut self.address].into_iter().flatten() {
            tried.take_back(now);
            tried.lower(now);
        }
    }

    /// The attempt was the member himself: his failures from here are forgotten, and the address is known to him.
    pub(super) fn succeeded(&mut self, now: Time) {
        if let Some(tried) = &mut self.pair {
            tried.lower(now);
            *tried = Tried { trusted: true, lowered: tried.lowered, ..Tried::never(now) };
        }
        if let Some(tried) = &mut self.member {
            tried.failures = tried.failures.saturating_sub(1);
            tried.lower(now);
        }
        if let Some(tried) = &mut self.address {
            tried.take_back(now);
            tried.lower(now);
        }
    }

    /// What is known of each client, by this node, which may have decided alone, and `there`, where all nodes count. No
    /// failure that either knows is lost, unless the other knows that it was cleared or taken back since. A node alone may
    /// only clear a pair: one success of many members takes back one failure, not what others counted.
    pub(super) fn joined(self, there: Known) -> Known {
        let pair = match (self.pair, there.pair) {
            (Some(here), Some(there)) if here.is_lowered_since(there) => {
                Some(Tried { trusted: here.trusted || there.trusted, ..here })
            }
            (here, there) => Tried::joined(here, there),
        };
        Known {
            pair,
            member: Tried::joined(self.member, there.member),
            address: Tried::joined(self.address, there.address),
        }
    }

    /// What a rule could have left behind, of what somebody wrote: nobody waits longer than the rule says, only a pair is
    /// trusted, and what is forgotten is nothing.
    pub(super) fn bounded(self, now: Time) -> Known {
        let knocks = self.pair.is_some_and(|pair| pair.failures == 0);
        let bounded = |tried: Option<Tried>, wait_max, can_be_trusted| {
            let tried = tried?;
            let trusted = tried.trusted && can_be_trusted;
            let next = tried.next.min(tried.last.plus(wait_max));
            let lowered = tried.lowered.min(now.plus(LOWERED_AHEAD_MAX));
            Tried { next, lowered, trusted, ..tried }.if_known(now)
        };
        Known {
            pair: bounded(self.pair, if knocks { KNOCK } else { WAIT_MAX }, true),
            member: bounded(self.member, Span(0), false),
            address: bounded(self.address, ADDRESS_WAIT_MAX, false),
        }
    }
}

impl Tried {
    /// Of a client that did not try until now.
    pub(super) const fn never(now: Time) -> Tried {
        Tried { failures: 0, last: now, next: now, lowered: NEVER, trusted: false }
    }

    pub(super) fn is_forgotten(&self, now: Time) -> bool {
        !(0..FORGOTTEN.0).contains(&now.since(self.last).0)
    }

    /// What of it still bears on an attempt. Trust stays; the failures beside it are forgotten.
    pub(super) fn if_known(self, now: Time) -> Option<Tried> {
        if !self.is_forgotten(now) {
            return Some(self);
        }
        let last = self.last.min(now.minus(FORGOTTEN));
        self.trusted.then(|| Tried { trusted: true, ..Tried::never(last) })
    }

    /// Whether it says no more than if nothing were known.
    pub(super) fn is_nothing(&self, now: Time) -> bool {
        self.failures == 0 && !self.trusted && self.next <= now
    }

    /// What is known of a client, begun anew if it was forgotten.
    fn begun(tried: &mut Option<Tried>, now: Time) -> &mut Tried {
        let tried = tried.get_or_insert(Tried::never(now));
        if tried.is_forgotten(now) {
            *tried = Tried { trusted: tried.trusted, ..Tried::never(now) };
        }
        tried
    }

    /// One more failure; after `free` of them the next attempt waits, twice as long each time.
    fn fail(&mut self, free: u32, wait_max: Span, now: Time) {
        self.failures = self.failures.saturating_add(1);
        self.last = now;
        if self.failures >= free {
            let doubled = Span::seconds(1 << (self.failures - free).min(20));
            self.next = now.plus(doubled.min(wait_max));
        }
    }

    /// One failure less; the next attempt need not wait for it.
    fn take_back(&mut self, now: Time) {
        self.failures = self.failures.saturating_sub(1);
        self.next = now;
    }

    /// Notes that it came to be less, later than all that was known.
    fn lower(&mut self, now: Time) {
        self.lowered = now.max(self.last).max(self.lowered.plus(Span(1)));
    }

    /// Whether it came to be less after all that the other knows.
    fn is_lowered_since(&self, other: Tried) -> bool {
        self.lowered > other.lowered && self.lowered >= other.last
    }

    /// The more of both, unless it was lowered `there` since. Whom either trusts is trusted.
    fn joined(here: Option<Tried>, there: Option<Tried>) -> Option<Tried> {
        let (Some(here), Some(there)) = (here, there) else { return here.or(there) };
        let trusted = here.trusted || there.trusted;
        if there.is_lowered_since(here) {
            return Some(Tried { trusted, ..there });
        }
        Some(Tried {
            failures: here.failures.max(there.failures),
            last: here.last.max(there.last),
            next: here.next.max(there.next),
            lowered: here.lowered.max(there.lowered),
            trusted,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time(1_000_000_000_000).plus(Span::seconds(seconds))
    }

    fn tried(failures: u32, last: i64, next: i64) -> Tried {
        Tried { failures, last: at(last), next: at(next), lowered: NEVER, trusted: false }
    }

    /// What an attempt at second 100 hears.
    #[track_caller]
    fn check(pair: Option<Tried>, member: Option<Tried>, address: Option<Tried>, answer: Result<(), u64>) {
        let before = Known { pair, member, address };
        let mut known = before;
        assert_eq!(known.attempt(at(100)), answer, "{before:?}");
        let failed = |tried: Option<Tried>| tried.map_or(0, |tried| tried.failures);
        let counted = [
            failed(known.pair) - failed(before.pair),
            failed(known.member) - failed(before.member),
            failed(known.address) - failed(before.address),
        ];
        assert_eq!(counted, [u32::from(answer.is_ok()); 3], "what waits is not counted: {before:?}");
    }

    #[test]
    fn an_attempt_waits_for_what_is_known_and_nothing_else() {
        check(None, None, None, Ok(()));
        check(Some(tried(4, 90, 90)), None, None, Ok(()));
        check(Some(tried(9, 90, 117)), None, None, Err(17));
        check(Some(tried(9, 70, 100)), None, None, Ok(()));
        check(None, None, Some(tried(40, 99, 114)), Err(14));
        check(Some(tried(9, 95, 105)), None, Some(tried(40, 99, 114)), Err(14));
        check(None, Some(tried(ATTACK - 1, 99, 99)), None, Ok(()));
        check(None, Some(tried(ATTACK, 99, 99)), None, Err(5));
        let trusted_by_a_wrong_clock = Tried { trusted: true, ..tried(9, 5_000, 5_030) };
        let mut known = Known { pair: Some(trusted_by_a_wrong_clock), ..Known::default() };
        assert_eq!(known.attempt(at(100)), Ok(()));
        check(Some(tried(0, 95, 100)), Some(tried(ATTACK, 99, 99)), None, Ok(()));
    }

    #[test]
    fn a_knock_is_all_that_is_noted_of_a_stranger_under_an_attack() {
        let attack = Known { member: Some(tried(ATTACK, 99, 99)), ..Known::default() };
        let mut known = attack;
        known.attempt(at(100)).expect_err("he must knock");
        assert_eq!(known, Known { pair: Some(tried(0, 100, 105)), ..attack });
    }

    #[test]
    fn what_comes_to_no_verdict_leaves_no_failure() {
        let mut known = Known { pair: Some(tried(FREE_ATTEMPTS - 1, 50, 50)), ..Known::default() };
        known.attempt(at(100)).expect("there was one left");
        known.not_judged(at(100));
        assert_eq!(known.attempt(at(100)), Ok(()), "there still is");
        assert_eq!(known.attempt(at(100)), Err(1));
    }

    #[test]
    fn success_forgets_the_pairs_failures_and_trusts_the_address() {
        let mut known = Known::default();
        for _ in 0..FREE_ATTEMPTS {
            known.attempt(at(100)).expect("free");
        }
        known.succeeded(at(100));
        assert_eq!(known.pair, Some(Tried { trusted: true, lowered: at(100), ..Tried::never(at(100)) }));
        assert_eq!(known.member.map(|member| member.failures), Some(FREE_ATTEMPTS - 1));
        assert_eq!(known.address.map(|address| address.failures), Some(FREE_ATTEMPTS - 1));
    }

    fn lowered(lowered: i64, tried: Tried) -> Tried {
        Tried { lowered: at(lowered), ..tried }
    }

    #[test]
    fn of_two_counts_no_failure_and_no_trust_is_lost() {
        let trusted = Tried { trusted: true, ..tried(0, 90, 90) };
        for (here, there, together) in [
            (None, None, None),
            (Some(tried(2, 90, 90)), None, Some(tried(2, 90, 90))),
            (None, Some(tried(2, 90, 90)), Some(tried(2, 90, 90))),
            (Some(tried(2, 91, 91)), Some(tried(3, 90, 90)), Some(tried(3, 91, 91))),
            (Some(tried(1, 95, 95)), Some(tried(9, 90, 106)), Some(tried(9, 95, 106))),
            (Some(tried(2, 90, 90)), Some(tried(3, 91, 91)), Some(tried(3, 91, 91))),
            (Some(trusted), Some(tried(3, 91, 91)), Some(Tried { trusted: true, ..tried(3, 91, 91) })),
        ] {
            let all = |tried| Known { pair: tried, member: tried, address: tried };
            assert_eq!(all(here).joined(all(there)), all(together), "{here:?} or {there:?}");
        }
    }

    #[test]
    fn what_was_lowered_since_holds_but_a_node_alone_clears_only_a_pair() {
        let many = tried(9, 90, 106);
        for (here, there, pair, others) in [
            (lowered(90, tried(0, 90, 90)), many, lowered(90, tried(0, 90, 90)), lowered(90, many)),
            (lowered(89, tried(0, 90, 90)), many, lowered(89, many), lowered(89, many)),
            (
                many,
                lowered(90, tried(8, 90, 90)),
                lowered(90, tried(8, 90, 90)),
                lowered(90, tried(8, 90, 90)),
            ),
            (many, lowered(89, tried(8, 89, 89)), lowered(89, many), lowered(89, many)),
            (lowered(90, many), lowered(90, tried(8, 90, 90)), lowered(90, many), lowered(90, many)),
        ] {
            let all = |tried| Known { pair: Some(tried), member: Some(tried), address: Some(tried) };
            let together = Known { pair: Some(pair), ..all(others) };
            assert_eq!(all(here).joined(all(there)), together, "{here:?} or {there:?}");
        }
    }

    #[test]
    fn a_success_that_the_others_did_not_hear_of_holds_over_their_older_failures() {
        let mut there = Known { pair: Some(tried(3, 90, 90)), ..Known::default() };
        there.attempt(at(100)).expect("free");
        let mut here = there;
        here.succeeded(at(100));
        let mut known = here.joined(there);
        assert_eq!(known.pair, here.pair);
        for _ in 0..FREE_ATTEMPTS {
            assert_eq!(known.attempt(at(100)), Ok(()), "they begin at nothing");
        }
    }

    #[test]
    fn attempts_at_once_on_two_nodes_that_succeed_leave_nothing_behind() {
        let [mut one, mut other, mut redis] = [Known::default(); 3];
        for second in 100..140 {
            for (node, rule) in [
                (true, Known::attempt as fn(&mut Known, Time) -> Result<(), u64>),
                (false, Known::attempt),
                (true, |known, now| {
                    known.succeeded(now);
                    Ok(())
                }),
                (false, |known, now| {
                    known.succeeded(now);
                    Ok(())
                }),
            ] {
                let here = if node { &mut one } else { &mut other };
                *here = here.joined(redis);
                assert_eq!(rule(here, at(second)), Ok(()), "second {second}");
                redis = *here;
            }
        }
        assert_eq!(redis.address.map(|address| address.failures), Some(0));
        assert_eq!(redis.member.map(|member| member.failures), Some(0));
    }

    #[test]
    fn what_no_rule_could_have_left_behind_is_bounded() {
        let trusted = |tried| Tried { trusted: true, ..tried };
        for (found, pair, member, address) in [
            (tried(9, 90, 5_000), tried(9, 90, 120), tried(9, 90, 90), tried(9, 90, 105)),
            (tried(0, 90, 5_000), tried(0, 90, 95), tried(0, 90, 90), tried(0, 90, 105)),
            (trusted(tried(9, 90, 91)), trusted(tried(9, 90, 91)), tried(9, 90, 90), tried(9, 90, 91)),
            (
                lowered(9_000, tried(1, 90, 90)),
                lowered(101, tried(1, 90, 90)),
                lowered(101, tried(1, 90, 90)),
                lowered(101, tried(1, 90, 90)),
            ),
        ] {
            let known = Known { pair: Some(found), member: Some(found), address: Some(found) };
            let bounded = Known { pair: Some(pair), member: Some(member), address: Some(address) };
            assert_eq!(known.bounded(at(100)), bounded, "{found:?}");
        }
        let forgotten = Some(trusted(tried(9, -900, -900)));
        let known = Known { pair: forgotten, member: forgotten, address: forgotten }.bounded(at(100));
        assert_eq!(known, Known { pair: Some(trusted(tried(0, -900, -900))), ..Known::default() });
        let by_a_wrong_clock = Some(tried(40, 5_000, 5_015));
        assert_eq!(Known { address: by_a_wrong_clock, ..Known::default() }.attempt(at(100)), Ok(()));
    }
}
