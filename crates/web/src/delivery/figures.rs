//! What is counted of deliveries: what became of them on each way, since the start of this node.

use std::sync::atomic::{AtomicU64, Ordering};

use store::records::Channel;

/// What became of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was taken.
    Sent,
    /// It will be tried again.
    Again,
    /// It was given up.
    Failed,
    /// Nobody needed it any more.
    Dropped,
}

impl Fate {
    /// Every fate.
    pub const ALL: [Fate; 4] = [Fate::Sent, Fate::Again, Fate::Failed, Fate::Dropped];

    const fn name(self, channel: Channel) -> &'static str {
        match (channel, self) {
            (Channel::Push, Fate::Sent) => "push_sent",
            (Channel::Push, Fate::Again) => "push_again",
            (Channel::Push, Fate::Failed) => "push_failed",
            (Channel::Push, Fate::Dropped) => "push_dropped",
            (Channel::Email, Fate::Sent) => "email_sent",
            (Channel::Email, Fate::Again) => "email_again",
            (Channel::Email, Fate::Failed) => "email_failed",
            (Channel::Email, Fate::Dropped) => "email_dropped",
        }
    }
}

/// How many fates there are on all ways.
const COUNTERS: usize = Channel::ALL.len() * Fate::ALL.len();

/// The counters.
#[derive(Debug, Default)]
pub struct DeliveryFigures([AtomicU64; COUNTERS]);

impl DeliveryFigures {
    /// Counts one.
    pub fn count(&self, channel: Channel, fate: Fate) {
        self.0[channel as usize * Fate::ALL.len() + fate as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Every counter with its name.
    pub fn now(&self) -> [(&'static str, u64); COUNTERS] {
        std::array::from_fn(|at| {
            let (channel, fate) = (Channel::ALL[at / Fate::ALL.len()], Fate::ALL[at % Fate::ALL.len()]);
            (fate.name(channel), self.0[at].load(Ordering::Relaxed))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fate_has_its_own_counter() {
        let figures = DeliveryFigures::default();
        figures.count(Channel::Email, Fate::Failed);
        let counted: Vec<_> = figures.now().into_iter().filter(|(_, count)| *count > 0).collect();
        assert_eq!(counted, [("email_failed", 1)]);
        let names: std::collections::BTreeSet<_> = figures.now().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), COUNTERS);
    }
}
