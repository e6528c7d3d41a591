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

/// What is known of one client: of a member from one address, of a member from wherever, or of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tried {
    pub(super) failures: u32,
    pub(super) last: Time,
    pub(super) next: Time,
    pub(super) trusted: bool,
}

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
        let next = pair_next.max(self.address.map(|tried| tried.next)).filter(|next| *next > now);
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
        for tried in [&mut self.pair, &mut self.member, &mut self.address].into_iter().flatten() {
            tried.take_back(now);
        }
    }

    /// The attempt was the member himself: his failures from here are forgotten, and the address is known to him.
    pub(super) fn succeeded(&mut self, now: Time) {
        if let Some(tried) = &mut self.pair {
            *tried = Tried { trusted: true, ..Tried::never(now) };
        }
        if let Some(tried) = &mut self.member {
            tried.failures = tried.failures.saturating_sub(1);
        }
        if let Some(tried) = &mut self.address {
            tried.take_back(now);
        }
    }

    /// What is known of each client, whether it was known here or there.
    pub(super) fn or_newer(self, there: Known) -> Known {
        Known {
            pair: Tried::newer(self.pair, there.pair),
            member: Tried::newer(self.member, there.member),
            address: Tried::newer(self.address, there.address),
        }
    }
}

impl Tried {
    /// Of a client that did not try until now.
    pub(super) const fn never(now: Time) -> Tried {
        Tried { failures: 0, last: now, next: now, trusted: false }
    }

    pub(super) fn is_forgotten(&self, now: Time) -> bool {
        !(0..FORGOTTEN.0).contains(&now.since(self.last).0)
    }

    /// Whether it still bears on an attempt. Trust stays.
    pub(super) fn is_known(&self, now: Time) -> bool {
        self.trusted || !self.is_forgotten(now)
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

    /// Whichever was changed last; as old, it is `there`. Whom either trusts is trusted.
    fn newer(here: Option<Tried>, there: Option<Tried>) -> Option<Tried> {
        let (Some(here), Some(there)) = (here, there) else { return here.or(there) };
        let newer = if here.last > there.last { here } else { there };
        Some(Tried { trusted: here.trusted || there.trusted, ..newer })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time(1_000_000_000_000).plus(Span::seconds(seconds))
    }

    fn tried(failures: u32, last: i64, next: i64) -> Tried {
        Tried { failures, last: at(last), next: at(next), trusted: false }
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
        assert_eq!(known.pair, Some(Tried { trusted: true, ..Tried::never(at(100)) }));
        assert_eq!(known.member.map(|member| member.failures), Some(FREE_ATTEMPTS - 1));
        assert_eq!(known.address.map(|address| address.failures), Some(FREE_ATTEMPTS - 1));
    }

    #[test]
    fn of_two_counts_the_newer_holds_and_trust_is_never_lost() {
        let trusted = Tried { trusted: true, ..tried(0, 90, 90) };
        for (here, there, together) in [
            (None, None, None),
            (Some(tried(2, 90, 90)), None, Some(tried(2, 90, 90))),
            (None, Some(tried(2, 90, 90)), Some(tried(2, 90, 90))),
            (Some(tried(2, 91, 91)), Some(tried(3, 90, 90)), Some(tried(2, 91, 91))),
            (Some(tried(2, 90, 90)), Some(tried(3, 91, 91)), Some(tried(3, 91, 91))),
            (Some(tried(3, 90, 90)), Some(tried(0, 90, 90)), Some(tried(0, 90, 90))),
            (Some(trusted), Some(tried(3, 91, 91)), Some(Tried { trusted: true, ..tried(3, 91, 91) })),
        ] {
            let pair = |pair| Known { pair, ..Known::default() };
            assert_eq!(pair(here).or_newer(pair(there)), pair(together), "{here:?} or {there:?}");
        }
    }
}
