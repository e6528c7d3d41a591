//! The report of a run: figures, facts, course and broken promises, as text, JSON or one HTML page.

mod html;
pub mod plot;
pub mod text;

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::Value;

use crate::clock;
use crate::meter::Machine;
use crate::play::{Ground, Performance};
use crate::sampler::{Measured, Point, quantile_ms, rounded};
use crate::soak::Course;
use crate::socket::Closes;
use crate::tally::Latencies;

pub use text::plain;

/// Everything that a run found out. Rates are of the measured window; `acknowledged` and `stored` of the whole run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Its name on the command line.
    pub scenario: &'static str,
    /// When it ended.
    pub ended_at: String,
    /// The server.
    pub url: String,
    /// `closed` or `open`.
    pub mode: &'static str,
    /// Intended bids or requests a second, in open mode.
    pub rate: Option<f64>,
    /// Length of the measured window.
    pub seconds: f64,
    /// Preparation: members, money, auctions, connections.
    pub set_up_seconds: f64,
    /// Reading everything back.
    pub verify_seconds: f64,
    /// The scenario's own arguments.
    pub parameters: BTreeMap<String, Value>,
    /// Accepted and refused.
    pub decided_per_s: f64,
    /// Accepted by the server.
    pub accepted_per_s: f64,
    /// Refused by the rules.
    pub refused_per_s: f64,
    /// Not decided because the server was full.
    pub busy_per_s: f64,
    /// Half of all answers came within this.
    pub p50_ms: f64,
    /// 99 of 100.
    pub p99_ms: f64,
    /// 999 of 1,000.
    pub p999_ms: f64,
    /// The slowest.
    pub max_ms: f64,
    /// Frames that reached watchers.
    pub frames_per_s: f64,
    /// Snapshots among them: how often a watcher was resynchronised.
    pub snapshots_per_s: f64,
    /// Half of all frames were at most this old.
    pub frame_p50_ms: f64,
    /// 99 of 100.
    pub frame_p99_ms: f64,
    /// The oldest.
    pub frame_max_ms: f64,
    /// Events left out without a snapshot; must be 0.
    pub gaps: u64,
    /// Bids acknowledged.
    pub acknowledged: u64,
    /// Bids stored; must be the same.
    pub stored: u64,
    /// Bids without an answer; must be 0.
    pub unanswered: u64,
    /// Connections renewed.
    pub reconnections: u64,
    /// Connections that the server closed, by its code.
    pub closes: Closes,
    /// Refusals of the whole run by code, `busy` among them.
    pub refusals: BTreeMap<String, u64>,
    /// The server's memory at the end of the window.
    pub server_rss_bytes: Option<u64>,
    /// The server's processor time within the window.
    pub server_cpu_seconds: Option<f64>,
    /// Our memory at its end.
    pub client_rss_bytes: Option<u64>,
    /// Our processor time within it.
    pub client_cpu_seconds: Option<f64>,
    /// What fdatasync of 4 KiB took on the server's disk, before and after the run.
    pub fdatasync_p50_ms: Option<f64>,
    /// 99 of 100 of them.
    pub fdatasync_p99_ms: Option<f64>,
    /// Figures that only this scenario has.
    pub figures: BTreeMap<String, f64>,
    /// What the database went through (`soak`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub soak: Option<Course>,
    /// The machine of the generator.
    pub machine: Machine,
    /// Broken promises, in words; empty after a clean run.
    pub violations: Vec<String>,
    /// The course, second by second.
    pub points: Vec<Point>,
    /// Distribution of the answers' latency: (percent, milliseconds).
    pub answer_percentiles: Vec<(f64, f64)>,
    /// Distribution of the frames' age.
    pub frame_percentiles: Vec<(f64, f64)>,
}

impl Report {
    /// Of a run with bidders and watchers.
    pub fn of(ground: &Ground<'_>, performance: &Performance, rate: Option<f64>) -> Self {
        let Performance { measured, takings, sights, comparison, set_up_seconds, verify_seconds } =
            performance;
        Self {
            set_up_seconds: rounded(*set_up_seconds),
            verify_seconds: rounded(*verify_seconds),
            gaps: sights.gaps,
            acknowledged: comparison.acknowledged,
            stored: comparison.stored,
            unanswered: takings.unanswered,
            reconnections: takings.reconnections + sights.reconnections,
            closes: performance.closes(),
            refusals: takings.refusals.clone(),
            violations: performance.violations(),
            ..Self::measured(ground, measured, rate)
        }
    }

    /// Of a window alone.
    pub fn measured(ground: &Ground<'_>, measured: &Measured, rate: Option<f64>) -> Self {
        let Measured { seconds, counts, answers, deliveries, .. } = measured;
        let per_second = |count: u64| rounded(if *seconds > 0.0 { count as f64 / seconds } else { 0.0 });
        let answer_ms = |quantile| rounded(quantile_ms(answers, quantile));
        let frame_ms = |quantile| rounded(quantile_ms(deliveries, quantile));
        Self {
            ended_at: clock::to_wire(clock::wall_us()),
            url: ground.api.base().to_owned(),
            mode: if rate.is_some() { "open" } else { "closed" },
            rate,
            seconds: rounded(*seconds),
            decided_per_s: per_second(counts.accepted + counts.refused),
            accepted_per_s: per_second(counts.accepted),
            refused_per_s: per_second(counts.refused),
            busy_per_s: per_second(counts.busy),
            p50_ms: answer_ms(0.50),
            p99_ms: answer_ms(0.99),
            p999_ms: answer_ms(0.999),
            max_ms: answer_ms(1.0),
            frames_per_s: per_second(counts.frames),
            snapshots_per_s: per_second(counts.snapshots),
            frame_p50_ms: frame_ms(0.50),
            frame_p99_ms: frame_ms(0.99),
            frame_max_ms: frame_ms(1.0),
            server_rss_bytes: measured.server_rss_bytes,
            server_cpu_seconds: measured.server_cpu_seconds.map(rounded),
            client_rss_bytes: measured.client_rss_bytes,
            client_cpu_seconds: measured.client_cpu_seconds.map(rounded),
            points: measured.points.clone(),
            answer_percentiles: distribution(answers),
            frame_percentiles: distribution(deliveries),
            ..Self::default()
        }
    }

    /// Notes an argument of the scenario.
    pub fn parameter(&mut self, name: &str, value: impl Into<Value>) {
        self.parameters.insert(name.to_owned(), value.into());
    }

    /// Notes a figure that only this scenario has.
    pub fn figure(&mut self, name: &str, value: f64) {
        self.figures.insert(name.to_owned(), rounded(value));
    }

    /// One JSON object, indented.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string_pretty(self).context("writing the report as JSON")
    }

    /// One HTML page that needs nothing else.
    pub fn to_html(&self) -> String {
        html::page(self)
    }
}

/// The points of a distribution that a plot needs: halving what lies beyond, down to the last value.
fn distribution(times: &Latencies) -> Vec<(f64, f64)> {
    if times.is_empty() {
        return Vec::new();
    }
    let mut points = Vec::new();
    let mut beyond = 1.0_f64;
    while beyond * times.len() as f64 >= 0.5 && points.len() < 64 {
        let quantile = 1.0 - beyond;
        points.push(((quantile * 100.0 * 1e6).round() / 1e6, rounded(quantile_ms(times, quantile))));
        beyond *= 0.707;
    }
    points.push((100.0, rounded(quantile_ms(times, 1.0))));
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::latencies;

    pub(super) fn sample() -> Report {
        let point =
            |at_s: f64| Point { at_s, decided_per_s: 40_000.0 + at_s, p99_ms: 9.5, ..Point::default() };
        Report {
            scenario: "storm",
            url: "http://127.0.0.1:3000".to_owned(),
            mode: "closed",
            seconds: 10.0,
            decided_per_s: 40_000.0,
            accepted_per_s: 12_345.6,
            p50_ms: 3.0,
            p99_ms: 9.5,
            max_ms: 31.0,
            acknowledged: 5,
            stored: 5,
            points: (1..=10).map(|second| point(f64::from(second))).collect(),
            answer_percentiles: vec![(0.0, 1.0), (50.0, 3.0), (99.0, 9.5), (100.0, 31.0)],
            ..Report::default()
        }
    }

    #[test]
    fn json_has_what_scripts_rely_on() {
        let json: Value = serde_json::from_str(&sample().to_json().unwrap()).unwrap();
        for name in [
            "scenario",
            "seconds",
            "decided_per_s",
            "accepted_per_s",
            "refused_per_s",
            "busy_per_s",
            "p50_ms",
            "p99_ms",
            "p999_ms",
            "frames_per_s",
            "frame_p99_ms",
            "gaps",
            "acknowledged",
            "stored",
            "server_rss_bytes",
            "server_cpu_seconds",
            "client_cpu_seconds",
            "machine",
            "violations",
        ] {
            assert!(json.get(name).is_some(), "{name}");
        }
        assert_eq!(json["decided_per_s"], 40_000.0);
        assert!(json["server_rss_bytes"].is_null());
    }

    #[test]
    fn a_distribution_ends_at_its_slowest() {
        let mut times = latencies();
        (1..=1_000).for_each(|millis| times.saturating_record(millis * 1_000));
        let points = distribution(&times);
        assert_eq!(points[0].0, 0.0);
        let (percent, slowest) = *points.last().unwrap();
        assert!(percent == 100.0 && (999.0..1_001.0).contains(&slowest));
        assert!(points.windows(2).all(|pair| pair[0].0 <= pair[1].0 && pair[0].1 <= pair[1].1));
        assert!(distribution(&latencies()).is_empty());
    }
}
