//! Windows: at most so many per client in any span of time, counted in bounded memory.
//!
//! Each client has a window of its own that begins with its first request, so the request after the last allowed one is
//! refused exactly; what the window before had is counted in as far as it still overlaps. What is refused is not counted.
//!
//! Where several nodes count together, the windows of all clients begin at whole multiples of their length, so that every
//! node means the same window. A node tells what it counted itself and hears what all counted; neither is ever added to
//! what was there, so that telling twice, or not hearing once, does no harm.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use auction::{Span, Time};

use super::{lock, seconds_up};

/// How many of something each client may have in a span of time.
pub struct Windows {
    limit: u32,
    length: Span,
    clients_max: usize,
    together: bool,
    clients: Mutex<Clients>,
}

struct Clients {
    windows: HashMap<u128, Window>,
    /// Who was counted since the other nodes were last told; nobody, where there are none.
    untold: HashSet<u128>,
    swept_at: Time,
}

#[derive(Clone, Copy)]
struct Window {
    began: Time,
    /// What this node counted.
    here: u32,
    /// What the other nodes counted, as far as it was heard.
    elsewhere: u32,
    /// What all counted in the window before, as far as it was heard.
    before: u32,
}

impl Window {
    const fn of(began: Time) -> Window {
        Window { began, here: 0, elsewhere: 0, before: 0 }
    }

    const fn count(self) -> u32 {
        self.here.saturating_add(self.elsewhere)
    }
}

/// What this node counted of one client in one window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CountHere {
    pub(super) client: u128,
    pub(super) began: Time,
    pub(super) here: u32,
}

/// What all nodes together counted of one client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CountOfAll {
    /// In the window that was told of; what was told is in it.
    pub(super) count: u32,
    /// In the window before that.
    pub(super) before: u32,
}

impl Windows {
    /// At most `limit` in `length` for each of at most `clients_max` clients.
    pub fn new(limit: u32, length: Span, clients_max: usize) -> Windows {
        let clients = Clients { windows: HashMap::new(), untold: HashSet::new(), swept_at: Time(i64::MIN) };
        Windows { limit, length, clients_max, together: false, clients: Mutex::new(clients) }
    }

    /// The same, where several nodes count `together`.
    pub(super) fn together(self, together: bool) -> Windows {
        Windows { together, ..self }
    }

    /// How long a window is.
    pub(super) const fn length(&self) -> Span {
        self.length
    }

    /// Counts one for a client.
    ///
    /// # Errors
    /// The seconds to wait, if the limit is reached.
    pub fn admit(&self, client: u128, now: Time) -> Result<(), u64> {
        let mut clients = lock(&self.clients);
        if !clients.windows.contains_key(&client) && !self.has_room(&mut clients, now) {
            // So many clients at once that no limit per client could help; refusing all new ones would only help them.
            return Ok(());
        }
        let window = clients.windows.entry(client).or_insert(self.fresh(now));
        *window = self.moved_on(*window, now);
        let age = now.since(window.began);
        if self.counted(*window, age) >= u64::from(self.limit) {
            return Err(seconds_up(Span(self.length.0.saturating_sub(age.0))));
        }
        window.here = window.here.saturating_add(1);
        if self.together {
            clients.untold.insert(client);
        }
        Ok(())
    }

    /// What the other nodes were not told of at most so many clients; it counts as told from here on.
    pub(super) fn untold(&self, clients_max: usize) -> Vec<CountHere> {
        let mut clients = lock(&self.clients);
        let Clients { windows, untold, .. } = &mut *clients;
        let told: Vec<u128> = untold.iter().copied().take(clients_max).collect();
        let count_here = |client| {
            untold.remove(&client);
            let window = windows.get(&client)?;
            Some(CountHere { client, began: window.began, here: window.here })
        };
        told.into_iter().filter_map(count_here).collect()
    }

    /// Forgets who is untold, when there is nobody to tell: the next request of each says it again.
    pub(super) fn tell_nobody(&self) {
        lock(&self.clients).untold.clear();
    }

    /// Takes in what all nodes counted, after they were told `tally`. What is counted never falls by it.
    pub(super) fn hear(&self, tally: CountHere, heard: CountOfAll) {
        let mut clients = lock(&self.clients);
        let Some(window) = clients.windows.get_mut(&tally.client) else { return };
        if window.began == tally.began {
            window.elsewhere = window.elsewhere.max(heard.count.saturating_sub(tally.here));
            window.before = window.before.max(heard.before);
        } else if window.began == tally.began.plus(self.length) {
            window.before = window.before.max(heard.count);
        }
    }

    /// A client's first window that holds `now`.
    const fn fresh(&self, now: Time) -> Window {
        let age = if self.together { now.0.rem_euclid(self.length.0) } else { 0 };
        Window::of(now.minus(Span(age)))
    }

    /// The window that holds `now`. A clock that went back begins a new one: nobody waits for a wrong clock.
    fn moved_on(&self, window: Window, now: Time) -> Window {
        let age = now.since(window.began).0;
        if age < 0 || age >= self.length.0.saturating_mul(2) {
            self.fresh(now)
        } else if age >= self.length.0 {
            Window { before: window.count(), ..Window::of(window.began.plus(self.length)) }
        } else {
            window
        }
    }

    fn counted(&self, window: Window, age: Span) -> u64 {
        let overlap = u128::try_from(self.length.0.saturating_sub(age.0)).unwrap_or_default();
        let length = u128::try_from(self.length.0).unwrap_or_default().max(1);
        let before = u128::from(window.before) * overlap / length;
        u64::from(window.count()) + u64::try_from(before).unwrap_or(u64::MAX)
    }

    /// Whether one more client can be remembered; old windows make room, looked through at most once in a length.
    fn has_room(&self, clients: &mut Clients, now: Time) -> bool {
        if clients.windows.len() < self.clients_max {
            return true;
        }
        if now.since(clients.swept_at) >= self.length || now < clients.swept_at {
            clients.swept_at = now;
            let old = self.length.0.saturating_mul(2);
            clients.windows.retain(|_, window| (0..old).contains(&now.since(window.began).0));
            let Clients { windows, untold, .. } = clients;
            untold.retain(|client| windows.contains_key(client));
        }
        clients.windows.len() < self.clients_max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Span = Span::minutes(1);

    fn at(seconds: i64) -> Time {
        Time(1_000_000_000_000).plus(Span::seconds(seconds))
    }

    #[test]
    fn the_one_after_the_last_is_refused_exactly() {
        let windows = Windows::new(10_000, MINUTE, 10);
        for request in 0..10_000 {
            assert_eq!(windows.admit(1, at(request / 200)), Ok(()), "request {request}");
        }
        assert_eq!(windows.admit(1, at(59)), Err(1));
        assert_eq!(windows.admit(1, at(50)), Err(10));
        assert_eq!(windows.admit(2, at(50)), Ok(()), "another client is not touched");
    }

    #[test]
    fn the_window_before_counts_as_far_as_it_overlaps() {
        let windows = Windows::new(100, MINUTE, 10);
        let admitted = |seconds| (0..200).filter(|_| windows.admit(1, at(seconds)).is_ok()).count();
        assert_eq!(admitted(0), 100);
        assert_eq!(admitted(60), 0);
        assert_eq!(admitted(90), 50);
        assert_eq!(admitted(300), 100);
    }

    #[test]
    fn a_clock_that_goes_back_makes_nobody_wait() {
        let windows = Windows::new(1, MINUTE, 10);
        assert_eq!(windows.admit(1, at(3_600)), Ok(()));
        assert_eq!(windows.admit(1, at(0)), Ok(()));
        assert!(windows.admit(1, at(0)).is_err());
    }

    #[test]
    fn memory_is_bounded_and_old_clients_make_room() {
        let windows = Windows::new(1, MINUTE, 3);
        for client in 0..5 {
            assert_eq!(windows.admit(client, at(0)), Ok(()));
        }
        assert_eq!(lock(&windows.clients).windows.len(), 3);
        assert_eq!(windows.admit(4, at(1)), Ok(()), "nobody remembers it, so it is let in");
        assert_eq!(windows.admit(4, at(130)), Ok(()));
        assert!(windows.admit(4, at(131)).is_err(), "old ones made room");
        assert_eq!(lock(&windows.clients).windows.len(), 1);
    }

    // The window of a minute that holds `at(20)` to `at(79)` is one for every client, where nodes count together.

    /// Tells what `from` counted to `to`, as if both had told all they counted of client 1.
    fn tell(from: &Windows, to: &Windows) {
        let told = from.untold(10);
        let [tally] = told[..] else { panic!("one client was counted: {told:?}") };
        let here = lock(&to.clients).windows.get(&1).map_or(0, |window| window.here);
        to.hear(CountHere { here, ..tally }, CountOfAll { count: tally.here + here, before: 0 });
    }

    #[test]
    fn what_another_node_counted_counts_here() {
        let nodes = [(); 2].map(|()| Windows::new(100, MINUTE, 10).together(true));
        let admitted =
            |node: usize, seconds| (0..200).filter(|_| nodes[node].admit(1, at(seconds)).is_ok()).count();
        for _ in 0..60 {
            assert_eq!(nodes[0].admit(1, at(20)), Ok(()));
        }
        assert_eq!(nodes[1].admit(1, at(25)), Ok(()));
        tell(&nodes[0], &nodes[1]);
        assert_eq!(admitted(1, 26), 39, "one hundred together");
        assert_eq!(nodes[1].admit(1, at(30)), Err(50), "the window began at the whole minute for both");
        assert_eq!(admitted(1, 110), 50, "and half of them overlap half a minute into the next");
    }

    #[test]
    fn hearing_twice_or_less_changes_nothing() {
        let windows = Windows::new(10, MINUTE, 10).together(true);
        assert_eq!(windows.admit(1, at(20)), Ok(()));
        let told = windows.untold(10);
        assert_eq!(told, [CountHere { client: 1, began: at(20), here: 1 }]);
        assert_eq!(windows.untold(10), []);
        for count in [8, 8, 1, 0] {
            windows.hear(told[0], CountOfAll { count, before: 0 });
        }
        assert_eq!((0..20).filter(|_| windows.admit(1, at(21)).is_ok()).count(), 2);
    }

    #[test]
    fn what_is_heard_late_counts_as_before() {
        let windows = Windows::new(100, MINUTE, 10).together(true);
        assert_eq!(windows.admit(1, at(79)), Ok(()));
        let told = windows.untold(10);
        assert_eq!(windows.admit(1, at(80)), Ok(()));
        windows.hear(told[0], CountOfAll { count: 90, before: 0 });
        assert_eq!((0..100).filter(|_| windows.admit(1, at(80)).is_ok()).count(), 9);
        windows.hear(windows.untold(10)[0], CountOfAll { count: 10, before: 80 });
        assert!(windows.admit(1, at(80)).is_err(), "what was known does not become less");
        windows.hear(told[0], CountOfAll { count: 500, before: 500 });
        assert_eq!(windows.admit(1, at(300)), Ok(()), "nor is what is long ago counted");
    }

    #[test]
    fn telling_is_bounded_and_the_rest_stays_for_the_next_time() {
        let windows = Windows::new(10, MINUTE, 10).together(true);
        for client in 0..5 {
            assert_eq!(windows.admit(client, at(0)), Ok(()));
        }
        assert_eq!(windows.untold(3).len(), 3);
        assert_eq!(windows.untold(3).len(), 2);
        assert_eq!(windows.admit(1, at(0)), Ok(()));
        windows.tell_nobody();
        assert_eq!(windows.untold(3), []);
    }
}
