//! Looks at the tally each second of the measured window: the run's course, and its sums.

use std::time::Duration;

use serde::Serialize;
use tokio::time::sleep_until;

use crate::bidder::Window;
use crate::clock;
use crate::http::Api;
use crate::meter::{self, Meter};
use crate::progress::Step;
use crate::tally::{Counts, Latencies, Tally, latencies};

/// One second of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Point {
    /// Seconds since measuring began.
    pub at_s: f64,
    /// Accepted and refused bids a second.
    pub decided_per_s: f64,
    /// Accepted bids a second.
    pub accepted_per_s: f64,
    /// Refused bids a second.
    pub refused_per_s: f64,
    /// Bids a second that heard `busy`.
    pub busy_per_s: f64,
    /// Frames a second that reached watchers.
    pub frames_per_s: f64,
    /// Pages a second that were answered.
    pub pages_per_s: f64,
    /// Half of the answers took at most this long.
    pub p50_ms: f64,
    /// 99 of 100 answers took at most this long.
    pub p99_ms: f64,
    /// 99 of 100 frames were at most this old.
    pub frame_p99_ms: f64,
    /// The server's resident memory.
    pub server_rss_bytes: Option<u64>,
}

/// What the window showed.
#[derive(Debug)]
pub struct Measured {
    /// Its real length.
    pub seconds: f64,
    /// What was counted in it.
    pub counts: Counts,
    /// Its course.
    pub points: Vec<Point>,
    /// Latencies of answers; those to bids of the window that came later are added by [`Measured::add_stragglers`].
    pub answers: Latencies,
    /// Ages of frames.
    pub deliveries: Latencies,
    /// The server's memory at its end.
    pub server_rss_bytes: Option<u64>,
    /// The server's processor time within it.
    pub server_cpu_seconds: Option<f64>,
    /// Our own.
    pub client_cpu_seconds: Option<f64>,
    /// Our memory at its end.
    pub client_rss_bytes: Option<u64>,
}

impl Measured {
    /// Adds what came in after the window closed: the slowest answers are among it and must not be left out.
    pub fn add_stragglers(&mut self, tally: &Tally) {
        merge(&mut self.answers, &tally.answers.take());
        merge(&mut self.deliveries, &tally.deliveries.take());
    }
}

fn merge(whole: &mut Latencies, part: &Latencies) {
    whole.add(part).expect("all histograms have the same bounds");
}

/// A percentile in milliseconds, 0 if nothing was timed.
pub fn quantile_ms(times: &Latencies, quantile: f64) -> f64 {
    if times.is_empty() { 0.0 } else { times.value_at_quantile(quantile) as f64 / 1_000.0 }
}

/// To three decimals: more would be noise.
pub fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

/// Watches the window from before it opens until it closes.
pub async fn measure(tally: &Tally, api: &Api, meter: &Meter, window: Window) -> Measured {
    let step = Step::timed("warming up");
    sleep_until(window.open.into()).await;
    drop((tally.answers.take(), tally.deliveries.take()));
    let (server_before, own_before) = (meter.read(api).await, meter::own());
    let (began, before) = (clock::monotonic(), tally.counts());
    let mut sums = (latencies(), latencies());
    let (mut last, mut last_at) = (before, began);
    let mut points = Vec::new();
    while last_at < window.stop {
        let next = (last_at + Duration::from_secs(1)).min(window.stop);
        sleep_until(next.into()).await;
        let (now, counts) = (clock::monotonic(), tally.counts());
        let (answers, deliveries) = (tally.answers.take(), tally.deliveries.take());
        merge(&mut sums.0, &answers);
        merge(&mut sums.1, &deliveries);
        let mut point = point(&counts.since(&last), (now - last_at).as_secs_f64(), &answers, &deliveries);
        point.at_s = rounded((now - began).as_secs_f64());
        point.server_rss_bytes = meter.read(api).await.rss_bytes;
        step.say(summary(&point));
        points.push(point);
        (last, last_at) = (counts, now);
    }
    let (server, own) = (meter.read(api).await, meter::own());
    let between = |after: Option<f64>, before: Option<f64>| Some(after? - before?);
    Measured {
        seconds: (last_at - began).as_secs_f64(),
        counts: last.since(&before),
        points,
        answers: sums.0,
        deliveries: sums.1,
        server_rss_bytes: server.rss_bytes,
        server_cpu_seconds: between(server.cpu_seconds, server_before.cpu_seconds),
        client_cpu_seconds: between(own.cpu_seconds, own_before.cpu_seconds),
        client_rss_bytes: own.rss_bytes,
    }
}

fn point(counts: &Counts, seconds: f64, answers: &Latencies, deliveries: &Latencies) -> Point {
    let per_second = |count: u64| {
        if seconds > 0.0 { count as f64 / seconds } else { 0.0 }
    };
    Point {
        at_s: 0.0,
        decided_per_s: per_second(counts.accepted + counts.refused),
        accepted_per_s: per_second(counts.accepted),
        refused_per_s: per_second(counts.refused),
        busy_per_s: per_second(counts.busy),
        frames_per_s: per_second(counts.frames),
        pages_per_s: per_second(counts.pages),
        p50_ms: quantile_ms(answers, 0.50),
        p99_ms: quantile_ms(answers, 0.99),
        frame_p99_ms: quantile_ms(deliveries, 0.99),
        server_rss_bytes: None,
    }
}

fn summary(point: &Point) -> String {
    format!(
        "{:.0} s: {:.0} decided/s, {:.0} accepted/s, {:.0} frames/s, p99 {:.1} ms",
        point.at_s, point.decided_per_s, point.accepted_per_s, point.frames_per_s, point.p99_ms
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_rates_of_its_own_interval() {
        let counts = Counts { accepted: 30, refused: 70, busy: 5, frames: 10, ..Counts::default() };
        let mut answers = latencies();
        (1..=100).for_each(|millis| answers.saturating_record(millis * 1_000));
        let point = point(&counts, 0.5, &answers, &latencies());
        assert_eq!((point.decided_per_s, point.accepted_per_s, point.busy_per_s), (200.0, 60.0, 10.0));
        assert!((49.9..50.1).contains(&point.p50_ms) && (98.9..99.1).contains(&point.p99_ms));
        assert_eq!(point.frame_p99_ms, 0.0);
    }
}
