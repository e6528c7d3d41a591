//! Delays between attempts to sign in: guessing gets slow, and nobody is ever locked out. The rule stands in `rule`; here
//! is what is remembered of each client, in bounded memory.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Mutex;

use auction::Time;

use super::lock;
use super::rule::{Known, Tried};

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

impl SignInDelays {
    /// Delays that remember at most `tries_max` members, addresses and pairs of both.
    pub fn new(tries_max: usize) -> SignInDelays {
        SignInDelays { tries_max, tries: Mutex::default() }
    }

    /// What is known that bears on an attempt.
    pub(super) fn known(&self, username: &str, address: u128, now: Time) -> Known {
        lock(&self.tries).known(username, address, now)
    }

    /// Remembers what came to be known elsewhere.
    pub(super) fn keep(&self, username: &str, address: u128, known: Known, now: Time) {
        lock(&self.tries).keep(username, address, known, self.tries_max, now);
    }

    /// Applies a rule to what is known of an attempt; what the rule says.
    pub(super) fn change<T>(
        &self,
        username: &str,
        address: u128,
        now: Time,
        rule: fn(&mut Known, Time) -> T,
    ) -> T {
        let mut tries = lock(&self.tries);
        let mut known = tries.known(username, address, now);
        let answer = rule(&mut known, now);
        tries.keep(username, address, known, self.tries_max, now);
        answer
    }
}

impl Tries {
    /// What bears on an attempt.
    fn known(&self, username: &str, address: u128, now: Time) -> Known {
        Known {
            pair: self.pairs.known(&(Box::from(username), address), now),
            member: self.members.known(username, now),
            address: self.addresses.known(&address, now),
        }
    }

    /// Remembers what is known after an attempt.
    fn keep(&mut self, username: &str, address: u128, known: Known, clients_max: usize, now: Time) {
        self.pairs.keep((Box::from(username), address), known.pair, clients_max, now);
        self.addresses.keep(address, known.address, clients_max, now);
        self.members.keep(Box::from(username), known.member, clients_max, now);
    }
}

impl<K> Default for Clients<K> {
    fn default() -> Clients<K> {
        Clients { tried: HashMap::new() }
    }
}

/// What is let go of first when room is needed: what is forgotten, then what is not trusted, then what is oldest.
fn worth(tried: &Tried, now: Time) -> (bool, bool, Time) {
    (tried.trusted, !tried.is_forgotten(now), tried.last)
}

impl<K: Hash + Eq> Clients<K> {
    /// What is known of a client, unless it was so long ago that it is forgotten. Trust stays until room is needed.
    fn known<Q>(&self, key: &Q, now: Time) -> Option<Tried>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.tried.get(key).and_then(|tried| tried.if_known(now))
    }

    /// Remembers what is known of a client, if anything is; the least worth make room for it.
    fn keep(&mut self, key: K, tried: Option<Tried>, clients_max: usize, now: Time) {
        let Some(tried) = tried else { return };
        if self.tried.len() >= clients_max && !self.tried.contains_key(&key) {
            self.let_go(clients_max.div_ceil(LET_GO), now);
        }
        self.tried.insert(key, tried);
    }

    /// Lets go of so many that are worth the least.
    fn let_go(&mut self, count: usize, now: Time) {
        let mut worths: Vec<_> = self.tried.values().map(|tried| worth(tried, now)).collect();
        let Some(last) = count.min(worths.len()).checked_sub(1) else { return };
        let (below, bound, _) = worths.select_nth_unstable(last);
        let bound = *bound;
        // Of those worth just as much as the last that goes, only as many as must.
        let mut alike = below.iter().filter(|worth| **worth == bound).count() + 1;
        self.tried.retain(|_, tried| match worth(tried, now).cmp(&bound) {
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
    use auction::Span;

    use super::*;
    use crate::limits::rule::{ADDRESS_FREE_ATTEMPTS, ATTACK, FREE_ATTEMPTS};

    impl SignInDelays {
        fn attempt(&self, username: &str, address: u128, now: Time) -> Result<(), u64> {
            self.change(username, address, now, Known::attempt)
        }

        fn not_judged(&self, username: &str, address: u128, now: Time) {
            self.change(username, address, now, Known::not_judged);
        }

        fn succeeded(&self, username: &str, address: u128, now: Time) {
            self.change(username, address, now, Known::succeeded);
        }
    }

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
