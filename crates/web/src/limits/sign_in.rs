//! Delays between attempts to sign in: guessing gets slow, and nobody is ever locked out.
//!
//! What waits is always one address: after a few failures for a member it waits longer and longer, up to half a minute;
//! after many failures for any members, up to a quarter of one. While a member is under attack from many addresses, an
//! address that never signed in as him must knock and come back once, seconds later; how many others knock makes no
//! difference to it. So whatever others do, a member gets in from his own address within seconds.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Mutex;

use auction::{Span, Time};

use super::{lock, seconds_up};

/// Failures for one member from one address before it waits.
const FREE_ATTEMPTS: u32 = 5;
/// The longest wait of one address for one member.
const WAIT_MAX: Span = Span::seconds(30);
/// Failures from one address, for whomever, before it waits.
const ADDRESS_FREE_ATTEMPTS: u32 = 30;
/// The longest wait of one address for whomever.
const ADDRESS_WAIT_MAX: Span = Span::seconds(15);
/// Failures for one member, from wherever, that are an attack.
const ATTACK: u32 = 50;
/// How long after a knock a strange address may try, while a member is under attack.
const KNOCK: Span = Span::seconds(5);
/// Failures are forgotten after so long without another.
const FORGOTTEN: Span = Span::minutes(15);
/// Which part of all clients is let go of at once when room is needed: looking through them costs.
const LET_GO: usize = 16;

/// Who must wait before trying to sign in again.
pub struct SignInDelays {
    tries_max: usize,
    tries: Mutex<Tries>,
}

#[derive(Default)]
struct Tries {
    pairs: Clients<(Box<str>, u128)>,
    members: Clients<Box<str>>,
    addresses: Clients<u128>,
}

/// What is known of each client.
struct Clients<K> {
    tried: HashMap<K, Tried>,
}

#[derive(Clone, Copy)]
struct Tried {
    failures: u32,
    last: Time,
    next: Time,
    trusted: bool,
}

impl Tried {
    const fn never(now: Time) -> Tried {
        Tried { failures: 0, last: now, next: now, trusted: false }
    }

    fn is_forgotten(&self, now: Time) -> bool {
        !(0..FORGOTTEN.0).contains(&now.since(self.last).0)
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

    /// What is let go of first when room is needed: what is forgotten, then what is not trusted, then what is oldest.
    fn worth(&self, now: Time) -> (bool, bool, Time) {
        (self.trusted, !self.is_forgotten(now), self.last)
    }
}

impl SignInDelays {
    /// Delays that remember at most `tries_max` members, addresses and pairs of both.
    pub fn new(tries_max: usize) -> SignInDelays {
        SignInDelays { tries_max, tries: Mutex::default() }
    }

    /// Begins an attempt, which counts as failed until it succeeded, so that many at once are no way around.
    ///
    /// # Errors
    /// The seconds that this address must wait.
    pub fn attempt(&self, username: &str, address: u128, now: Time) -> Result<(), u64> {
        let mut tries = lock(&self.tries);
        let max = self.tries_max;
        let pair = (Box::from(username), address);
        let under_attack = tries.members.known(username, now).is_some_and(|member| member.failures >= ATTACK);
        let strange = tries.pairs.known(&pair, now).is_none();
        if under_attack && strange {
            tries.pairs.remembered(pair, max, now).next = now.plus(KNOCK);
            return Err(seconds_up(KNOCK));
        }
        let pair_next = tries.pairs.known(&pair, now).map(|tried| tried.next);
        let address_next = tries.addresses.known(&address, now).map(|tried| tried.next);
        let next = pair_next.max(address_next).filter(|next| *next > now);
        if let Some(next) = next {
            return Err(seconds_up(next.since(now)));
        }
        tries.pairs.remembered(pair, max, now).fail(FREE_ATTEMPTS, WAIT_MAX, now);
        tries.addresses.remembered(address, max, now).fail(ADDRESS_FREE_ATTEMPTS, ADDRESS_WAIT_MAX, now);
        tries.members.remembered(Box::from(username), max, now).fail(u32::MAX, Span(0), now);
        Ok(())
    }

    /// The attempt came to no verdict: it is taken back, and the next need not wait for it.
    pub fn not_judged(&self, username: &str, address: u128, now: Time) {
        let mut tries = lock(&self.tries);
        let pair = (Box::from(username), address);
        let Tries { pairs, members, addresses } = &mut *tries;
        let tried =
            [pairs.tried.get_mut(&pair), members.tried.get_mut(username), addresses.tried.get_mut(&address)];
        for tried in tried.into_iter().flatten() {
            tried.take_back(now);
        }
    }

    /// The attempt was the member himself: his failures from here are forgotten, and the address is known to him.
    pub fn succeeded(&self, username: &str, address: u128, now: Time) {
        let mut tries = lock(&self.tries);
        if let Some(tried) = tries.pairs.tried.get_mut(&(Box::from(username), address)) {
            *tried = Tried { trusted: true, ..Tried::never(now) };
        }
        if let Some(tried) = tries.members.tried.get_mut(username) {
            tried.failures = tried.failures.saturating_sub(1);
        }
        if let Some(tried) = tries.addresses.tried.get_mut(&address) {
            tried.take_back(now);
        }
    }
}

impl<K> Default for Clients<K> {
    fn default() -> Clients<K> {
        Clients { tried: HashMap::new() }
    }
}

impl<K: Hash + Eq> Clients<K> {
    /// What is known of a client, unless it was so long ago that it is forgotten. Trust stays until room is needed.
    fn known<Q>(&self, key: &Q, now: Time) -> Option<&Tried>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.tried.get(key).filter(|tried| tried.trusted || !tried.is_forgotten(now))
    }

    /// A client's entry, begun anew if it was forgotten; the least worth make room for it.
    fn remembered(&mut self, key: K, clients_max: usize, now: Time) -> &mut Tried {
        if self.tried.len() >= clients_max && !self.tried.contains_key(&key) {
            self.let_go(clients_max.div_ceil(LET_GO), now);
        }
        let tried = self.tried.entry(key).or_insert(Tried::never(now));
        if tried.is_forgotten(now) {
            *tried = Tried { trusted: tried.trusted, ..Tried::never(now) };
        }
        tried
    }

    /// Lets go of so many that are worth the least.
    fn let_go(&mut self, count: usize, now: Time) {
        let mut worths: Vec<_> = self.tried.values().map(|tried| tried.worth(now)).collect();
        let Some(last) = count.min(worths.len()).checked_sub(1) else { return };
        let (below, bound, _) = worths.select_nth_unstable(last);
        let bound = *bound;
        // Of those worth just as much as the last that goes, only as many as must.
        let mut alike = below.iter().filter(|worth| **worth == bound).count() + 1;
        self.tried.retain(|_, tried| match tried.worth(now).cmp(&bound) {
            Ordering::Less => false,
            Ordering::Equal if alike > 0 => {
                alike -= 1;
                false
            }
            Ordering::Equal | Ordering::Greater => true,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time(1_000_000_000_000).plus(Span::seconds(seconds))
    }

    #[test]
    fn an_address_waits_longer_and_longer_but_never_for_ever() {
        let delays = SignInDelays::new(100);
        for _ in 0..FREE_ATTEMPTS {
            assert_eq!(delays.attempt("mira", 1, at(0)), Ok(()));
        }
        assert_eq!(delays.attempt("mira", 1, at(0)), Err(1));
        let mut now = 1;
        for wait in [2, 4, 8, 16, 30, 30, 30] {
            assert_eq!(delays.attempt("mira", 1, at(now)), Ok(()));
            assert_eq!(delays.attempt("mira", 1, at(now)), Err(wait));
            now += i64::try_from(wait).expect("small");
        }
        assert_eq!(delays.attempt("mira", 2, at(now - 1)), Ok(()), "another address does not wait");
        assert_eq!(delays.attempt("noru", 1, at(now - 1)), Ok(()), "nor does another member, yet");
    }

    #[test]
    fn success_forgets_the_failures() {
        let delays = SignInDelays::new(100);
        for _ in 0..100 {
            assert_eq!(delays.attempt("mira", 1, at(0)), Ok(()));
            delays.succeeded("mira", 1, at(0));
        }
    }

    #[test]
    fn an_address_that_tries_many_members_waits_too() {
        let delays = SignInDelays::new(1_000);
        for member in 0..ADDRESS_FREE_ATTEMPTS {
            assert_eq!(delays.attempt(&format!("member{member}"), 1, at(0)), Ok(()));
        }
        assert_eq!(delays.attempt("another", 1, at(0)), Err(1));
        assert_eq!(delays.attempt("another", 2, at(0)), Ok(()));
    }

    #[test]
    fn a_member_under_attack_from_everywhere_still_gets_in() {
        let delays = SignInDelays::new(1_000);
        let home = 7;
        delays.attempt("mira", home, at(0)).expect("before the attack");
        delays.succeeded("mira", home, at(0));
        for address in 100..100 + u128::from(ATTACK) {
            assert_eq!(delays.attempt("mira", address, at(60)), Ok(()));
        }
        assert_eq!(delays.attempt("mira", 500, at(61)), Err(5), "a stranger must knock");
        assert_eq!(delays.attempt("mira", home, at(61)), Ok(()), "home is known");
        let cafe = 8;
        assert_eq!(delays.attempt("mira", cafe, at(62)), Err(5));
        for address in 1_000..1_100 {
            assert_eq!(delays.attempt("mira", address, at(63)), Err(5));
        }
        assert_eq!(delays.attempt("mira", cafe, at(67)), Ok(()), "who waited gets in, whoever else knocks");
    }

    #[test]
    fn an_attempt_without_a_verdict_does_not_count() {
        let delays = SignInDelays::new(100);
        for _ in 0..100 {
            assert_eq!(delays.attempt("mira", 1, at(0)), Ok(()));
            delays.not_judged("mira", 1, at(0));
        }
        for _ in 0..FREE_ATTEMPTS {
            assert_eq!(delays.attempt("mira", 1, at(0)), Ok(()), "they begin at nothing");
        }
        assert_eq!(delays.attempt("mira", 1, at(0)), Err(1));
        assert_eq!(lock(&delays.tries).members.tried["mira"].failures, FREE_ATTEMPTS);
    }

    #[test]
    fn when_memory_is_full_the_oldest_stranger_makes_room() {
        let delays = SignInDelays::new(100);
        let home = 7;
        delays.attempt("mira", home, at(0)).expect("before the attack");
        delays.succeeded("mira", home, at(0));
        for address in 1_000..1_200 {
            let _ = delays.attempt("mira", address, at(1));
        }
        let cafe = 8;
        assert_eq!(delays.attempt("mira", cafe, at(2)), Err(5));
        assert_eq!(delays.attempt("mira", cafe, at(7)), Ok(()), "who knocked gets in though memory is full");
        assert_eq!(delays.attempt("mira", home, at(7)), Ok(()), "whom the house trusts stays known");
        for _ in 1..FREE_ATTEMPTS {
            assert_eq!(delays.attempt("mira", cafe, at(7)), Ok(()));
        }
        assert_eq!(delays.attempt("mira", cafe, at(7)), Err(1), "and guessing is slow all the same");
    }

    #[test]
    fn memory_is_bounded() {
        let delays = SignInDelays::new(10);
        for address in 0..100 {
            assert_eq!(
                delays.attempt("mira", address, at(0)).is_ok(),
                address < u128::from(ATTACK),
                "{address}"
            );
        }
        let tries = lock(&delays.tries);
        assert!(
            tries.pairs.tried.len() <= 10
                && tries.addresses.tried.len() <= 10
                && tries.members.tried.len() <= 10
        );
    }
}
