//! `browse`: pages at a steady rate, whatever the server does; latency counts from the intended moment. Auctions are
//! those that the server has, or a few of our own on an empty one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::sleep_until;

use crate::arguments::Browse;
use crate::chance::Chance;
use crate::clock;
use crate::http::Api;
use crate::play::Ground;
use crate::report::Report;
use crate::sampler::{measure, quantile_ms, rounded};
use crate::stage::Listing;
use crate::tally::{Counts, Latencies, Tally, latencies};

/// Auctions listed on a server that has none.
const OWN_AUCTIONS: usize = 20;
/// Requests under way beyond which further ones count as failed: nobody waits behind so many.
const UNDER_WAY_LIMIT: usize = 2_000;

/// What kind of page it was, how long it took, and whether it came.
struct Visit {
    home: bool,
    micros: u64,
    came: bool,
}

/// Visits pages until the window closes.
pub async fn run(ground: &Ground<'_>, arguments: &Browse) -> Result<Report> {
    let auctions = auctions(ground).await?;
    let window = ground.window();
    let set_up_seconds = (clock::monotonic() - ground.began).as_secs_f64();
    let visiting = visits(ground, arguments, &auctions, window.open, window.stop);
    let measuring = measure(&ground.tally, &ground.api, &ground.meter, window);
    let (mut measured, visits) = tokio::join!(measuring, visiting);
    measured.add_stragglers(&ground.tally);
    let [home, auction] = [true, false].map(|home| times(&visits, home));
    let failed = visits.iter().filter(|visit| !visit.came).count();
    let mut report = Report::measured(ground, &measured, Some(arguments.rate));
    report.set_up_seconds = rounded(set_up_seconds);
    report.parameter("home_share", arguments.home_share);
    report.parameter("auctions_known", auctions.len());
    report.figure("pages_per_s", measured.counts.pages as f64 / measured.seconds);
    report.figure("page_errors", failed as f64);
    for (name, times) in [("home", home), ("auction", auction)] {
        report.figure(&format!("{name}_p50_ms"), quantile_ms(&times, 0.50));
        report.figure(&format!("{name}_p99_ms"), quantile_ms(&times, 0.99));
        report.figure(&format!("{name}_max_ms"), quantile_ms(&times, 1.0));
    }
    if failed > 0 {
        report.violations.push(format!("{failed} pages did not come"));
    }
    Ok(report)
}

/// Numbers of auctions to read.
async fn auctions(ground: &Ground<'_>) -> Result<Vec<i64>> {
    let page = ground.api.get("/api/v1/auctions?limit=100").await?;
    let page: Value = serde_json::from_slice(&page).context("a list that is not JSON")?;
    let ids = page["items"].as_array().into_iter().flatten().filter_map(|auction| auction["id"].as_i64());
    let found: Vec<_> = ids.collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let sellers = ground.stage.members(1).await?;
    let listing = Listing::open_all_day(ground.server_now_us());
    let lots = ground.stage.auctions(&sellers, listing, 0, OWN_AUCTIONS).await?;
    Ok(lots.iter().map(|lot| lot.id).collect())
}

/// Sends requests on schedule from now on; keeps those that belong to the window.
async fn visits(
    ground: &Ground<'_>,
    arguments: &Browse,
    auctions: &[i64],
    open: Instant,
    stop: Instant,
) -> Vec<Visit> {
    let interval = Duration::from_secs_f64((1.0 / arguments.rate).clamp(1e-6, 1e6));
    let mut chance = Chance::new(ground.run.seed, 0);
    let mut under_way = JoinSet::new();
    let mut done = Vec::new();
    let mut due = clock::monotonic();
    while due < stop {
        sleep_until(due.into()).await;
        let home = chance.fraction() < arguments.home_share;
        let path = if home {
            arguments.home_path.clone()
        } else {
            format!("{}{}", arguments.auction_path, auctions[chance.below(auctions.len())])
        };
        while let Some(Ok((intended, visit))) = under_way.try_join_next() {
            done.push((intended, visit));
        }
        if under_way.len() < UNDER_WAY_LIMIT {
            under_way.spawn(visit(ground.api.clone(), ground.tally.clone(), path, home, due));
        } else {
            done.push((due, Visit { home, micros: 0, came: false }));
        }
        due += interval;
    }
    while let Some(visit) = under_way.join_next().await {
        done.extend(visit.ok());
    }
    done.into_iter().filter(|(intended, _)| *intended >= open).map(|(_, visit)| visit).collect()
}

async fn visit(api: Api, tally: Arc<Tally>, path: String, home: bool, intended: Instant) -> (Instant, Visit) {
    let came = api.read(&path).await.is_ok_and(|answer| answer.status.is_success());
    let micros = clock::micros_between(intended, clock::monotonic());
    tally.add(&Counts { pages: u64::from(came), page_errors: u64::from(!came), ..Counts::default() });
    tally.answers.record(usize::from(home), [micros]);
    (intended, Visit { home, micros, came })
}

fn times(visits: &[Visit], home: bool) -> Latencies {
    let mut times = latencies();
    let chosen = visits.iter().filter(|visit| visit.home == home && visit.came);
    chosen.for_each(|visit| times.saturating_record(visit.micros));
    times
}
