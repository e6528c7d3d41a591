//! A connection's pulse: when to ping it, when it is given up for silent, and how fast it may talk.
//!
//! Pure: the moment is handed in, on a steady clock, as the time since the connection began.

use std::time::Duration;

/// How often the server asks whether anyone is still there.
pub(super) const PING_EVERY: Duration = Duration::from_secs(25);

/// How long an answer may take.
pub(super) const PONG_WITHIN: Duration = Duration::from_secs(10);

/// What to do when a deadline has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beat {
    /// Nothing yet.
    Rest,
    /// Ask whether anyone is there.
    Ping,
    /// Nobody is.
    Silent,
}

/// When a connection was asked, and whether it has answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pulse {
    ping_at: Duration,
    answer_by: Option<Duration>,
}

impl Pulse {
    /// The pulse of a connection that begins.
    pub(super) const fn new() -> Pulse {
        Pulse { ping_at: PING_EVERY, answer_by: None }
    }

    /// Something came from the client: it is there.
    pub(super) const fn heard(&mut self) {
        self.answer_by = None;
    }

    /// When to beat next.
    pub(super) fn due(&self) -> Duration {
        self.answer_by.map_or(self.ping_at, |by| by.min(self.ping_at))
    }

    /// What to do now. While the server does not listen, no answer can be missed.
    pub(super) fn beat(&mut self, now: Duration, is_listening: bool) -> Beat {
        if self.answer_by.is_some_and(|by| by <= now) {
            if is_listening {
                return Beat::Silent;
            }
            self.answer_by = Some(now + PONG_WITHIN);
        }
        if self.ping_at > now {
            return Beat::Rest;
        }
        self.ping_at = now + PING_EVERY;
        self.answer_by.get_or_insert(now + PONG_WITHIN);
        Beat::Ping
    }
}

/// How many messages a connection may still send: a second's worth at once, and as fast as they come back after that.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    per_second: u32,
    /// When all that was sent will have come back.
    whole_at: Duration,
}

impl Budget {
    /// A budget nothing was taken from.
    pub(super) const fn new(per_second: u32) -> Budget {
        Budget { per_second, whole_at: Duration::ZERO }
    }

    /// Takes one message; false if there is none left.
    pub(super) fn take(&mut self, now: Duration) -> bool {
        let message_takes = Duration::from_secs(1) / self.per_second.max(1);
        let whole_at = self.whole_at.max(now) + message_takes;
        if whole_at > now + message_takes * self.per_second {
            return false;
        }
        self.whole_at = whole_at;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn a_client_that_answers_is_pinged_every_25_seconds() {
        let mut pulse = Pulse::new();
        for ping in 1..=5 {
            assert_eq!(pulse.due(), at(25_000 * ping));
            assert_eq!(pulse.beat(at(25_000 * ping - 1), true), Beat::Rest);
            assert_eq!(pulse.beat(at(25_000 * ping), true), Beat::Ping);
            assert_eq!(pulse.due(), at(25_000 * ping + 10_000));
            pulse.heard();
        }
    }

    #[test]
    fn a_client_that_is_silent_for_10_seconds_after_a_ping_is_given_up() {
        let mut pulse = Pulse::new();
        assert_eq!(pulse.beat(at(25_000), true), Beat::Ping);
        assert_eq!(pulse.beat(at(34_999), true), Beat::Rest);
        assert_eq!(pulse.beat(at(35_000), true), Beat::Silent);
    }

    #[test]
    fn an_answer_that_the_server_did_not_listen_for_is_waited_for_again() {
        let mut pulse = Pulse::new();
        assert_eq!(pulse.beat(at(25_000), false), Beat::Ping);
        assert_eq!(pulse.beat(at(35_000), false), Beat::Rest);
        assert_eq!(pulse.due(), at(45_000));
        assert_eq!(pulse.beat(at(45_000), false), Beat::Rest);
        assert_eq!(pulse.beat(at(50_000), false), Beat::Ping);
        assert_eq!(pulse.beat(at(55_000), true), Beat::Silent);
    }

    #[test]
    fn twenty_messages_at_once_and_not_one_more() {
        let mut budget = Budget::new(20);
        for message in 1..=20 {
            assert!(budget.take(at(0)), "message {message}");
        }
        assert!(!budget.take(at(0)));
        assert!(!budget.take(at(49)));
        assert!(budget.take(at(50)), "one came back");
        assert!(!budget.take(at(50)));
        for _ in 0..20 {
            assert!(budget.take(at(60_000)));
        }
        assert!(!budget.take(at(60_000)), "rest does not save up more than a second's worth");
    }

    #[test]
    fn twenty_messages_a_second_may_go_on_for_ever() {
        let mut budget = Budget::new(20);
        for message in 0..10_000 {
            assert!(budget.take(at(50 * message)), "message {message}");
        }
    }
}
