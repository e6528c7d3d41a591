//! What nodes and the database cost, from /proc: a node is a process, the database is a family of them that shares
//! memory. What cannot be read is absent, never guessed.

use std::fs;

use crate::http::Api;
use crate::meter::{Meter, Reading, kilobytes};

/// Processes that are added to the database's first at most.
const CHILDREN_MAX: usize = 1_000;

/// The processes that a soak looks at.
#[derive(Clone, Debug, Default)]
pub struct Families {
    /// The nodes.
    pub nodes: Vec<u32>,
    /// The database's first process.
    pub database: Option<u32>,
}

impl Families {
    /// All nodes together; of none, what the metrics of one say, if there are any.
    pub async fn nodes(&self, api: &Api, otherwise: &Meter) -> Reading {
        if self.nodes.is_empty() {
            return otherwise.read(api).await;
        }
        let mut readings = Vec::with_capacity(self.nodes.len());
        for pid in &self.nodes {
            readings.push(Meter::Process(*pid).read(api).await);
        }
        sum(&readings)
    }

    /// The database's first process and those that it has started. Memory that they share is counted once.
    pub async fn database(&self, api: &Api) -> Reading {
        let Some(first) = self.database else { return Reading::default() };
        let listed = fs::read_to_string(format!("/proc/{first}/task/{first}/children")).unwrap_or_default();
        let children = listed.split_whitespace().filter_map(|pid| pid.parse().ok()).take(CHILDREN_MAX);
        let mut readings = vec![Reading { rss_bytes: None, cpu_seconds: reaped_seconds(first) }];
        for pid in std::iter::once(first).chain(children) {
            let cpu_seconds = Meter::Process(pid).read(api).await.cpu_seconds;
            let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
            readings.push(Reading { rss_bytes: kilobytes(&rollup, "Pss:"), cpu_seconds });
        }
        sum(&readings)
    }
}

/// Each sum of what is known; unknown if nothing is.
fn sum(readings: &[Reading]) -> Reading {
    Reading {
        rss_bytes: readings.iter().filter_map(|one| one.rss_bytes).reduce(|one, other| one + other),
        cpu_seconds: readings.iter().filter_map(|one| one.cpu_seconds).reduce(|one, other| one + other),
    }
}

/// Processor time of those of its children that have ended: vacuums come and go.
fn reaped_seconds(pid: u32) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let ticks = reaped_ticks(&stat)?;
    Some(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}

/// The name stands in parentheses and may hold anything, so it is skipped.
fn reaped_ticks(stat: &str) -> Option<u64> {
    let mut fields = stat[stat.rfind(')')? + 1..].split_whitespace();
    let user: u64 = fields.nth(13)?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_of_ended_children_is_read() {
        let stat = "42 (a) name (x)) S 1 42 42 0 -1 4194304 100 0 0 0 250 50 7 8 20 0 4 0 100 1000 10";
        assert_eq!(reaped_ticks(stat), Some(15));
        assert_eq!(reaped_ticks(""), None);
    }

    #[test]
    fn what_is_unknown_of_all_stays_unknown() {
        let known = |bytes| Reading { rss_bytes: Some(bytes), cpu_seconds: None };
        assert_eq!(sum(&[known(1), Reading::default(), known(2)]), known(3));
    }
}
