//! Windows: at most so many per client in any span of time, counted in bounded memory.
//!
//! Each client has a window of its own that begins with its first request, so the request after the last allowed one is
//! refused exactly; what the window before had is counted in as far as it still overlaps. What is refused is not counted.

use std::collections::HashMap;
use std::sync::Mutex;

use auction::{Span, Time};

use super::{lock, seconds_up};

/// How many of something each client may have in a span of time.
pub struct Windows {
    limit: u32,
    length: Span,
    clients_max: usize,
    clients: Mutex<Clients>,
}

struct Clients {
    windows: HashMap<u128, Window>,
    swept_at: Time,
}

#[derive(Clone, Copy)]
struct Window {
    began: Time,
    count: u32,
    before: u32,
}

impl Windows {
    /// At most `limit` in `length` for each of at most `clients_max` clients.
    pub fn new(limit: u32, length: Span, clients_max: usize) -> Windows {
        let clients = Clients { windows: HashMap::new(), swept_at: Time(i64::MIN) };
        Windows { limit, length, clients_max, clients: Mutex::new(clients) }
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
        let fresh = Window { began: now, count: 0, before: 0 };
        let window = clients.windows.entry(client).or_insert(fresh);
        *window = self.moved_on(*window, now);
        let age = now.since(window.began);
        if self.counted(*window, age) >= u64::from(self.limit) {
            return Err(seconds_up(Span(self.length.0.saturating_sub(age.0))));
        }
        window.count += 1;
        Ok(())
    }

    /// The window that holds `now`. A clock that went back begins a new one: nobody waits for a wrong clock.
    fn moved_on(&self, window: Window, now: Time) -> Window {
        let age = now.since(window.began).0;
        if age < 0 || age >= self.length.0.saturating_mul(2) {
            Window { began: now, count: 0, before: 0 }
        } else if age >= self.length.0 {
            Window { began: window.began.plus(self.length), count: 0, before: window.count }
        } else {
            window
        }
    }

    fn counted(&self, window: Window, age: Span) -> u64 {
        let overlap = u128::try_from(self.length.0.saturating_sub(age.0)).unwrap_or_default();
        let length = u128::try_from(self.length.0).unwrap_or_default().max(1);
        let before = u128::from(window.before) * overlap / length;
        u64::from(window.count) + u64::try_from(before).unwrap_or(u64::MAX)
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
}
