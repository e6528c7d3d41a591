//! `closing`: K auctions with a bid on each end in the same second, while bids elsewhere go on: how long after their
//! deadline they are seen settled, and what the others notice. The server must allow such short auctions.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::task::JoinSet;
use tokio::time::sleep_until;

use crate::aim::{Aim, Board};
use crate::answers::Takings;
use crate::arguments::Closing;
use crate::bidder::Window;
use crate::clock::{self, SECOND_US};
use crate::play::{Cast, Ground, perform};
use crate::progress::Step;
use crate::report::Report;
use crate::sampler::quantile_ms;
use crate::stage::{Listing, Lot, Member};
use crate::tally::latencies;

/// Members who list the auctions.
const SELLERS: usize = 8;
/// Auctions that each watcher follows; servers allow 200 on a connection.
const AUCTIONS_PER_WATCHER: usize = 200;
/// Auctions that are listed to learn how long listing takes.
const PROBES: usize = 64;
/// Seconds of bidding elsewhere that are measured before the deadline.
const SECONDS_BEFORE: i64 = 2;

/// Lists the auctions, bids on each, and watches them end.
pub async fn run(ground: &Ground<'_>, arguments: &Closing) -> Result<Report> {
    let members = ground.stage.members(arguments.bidders as usize).await?;
    ground.stage.deposit(&members, ground.money_for(arguments.pace.rate)).await?;
    let Listed { ending, elsewhere, deadline_us } = list(ground, arguments, members.len()).await?;
    let lots = [&ending[..], &elsewhere].concat();
    let board = Arc::new(Board::new(&lots));
    let before = bid_on_each(ground, &members, &ending, &board, arguments.in_flight).await?;
    let placed = before.iter().map(|takings| takings.receipts.len()).sum::<usize>();

    let mut around = ground.surroundings(&board);
    around.deadline_us = Some(deadline_us);
    let watchers = ground.watchers(&ending, ending.len().div_ceil(AUCTIONS_PER_WATCHER), &around).await?;
    let aims = elsewhere.iter().take(members.len());
    let aims = aims.map(|lot| Aim::Counter { lot: *lot, counter: Arc::new(AtomicI64::new(0)) }).collect();
    let bidders = ground.bidders(&members, aims, &board, arguments.pace.rate, arguments.in_flight).await?;
    let left_us = deadline_us - ground.server_now_us();
    if left_us < SECONDS_BEFORE * SECOND_US {
        bail!("the auctions ended while they were prepared ({placed} have a bid): give more --lead-seconds");
    }
    let open = wait_until_shortly_before(left_us).await;
    let stop = open + Duration::from_secs(ground.run.seconds + SECONDS_BEFORE.unsigned_abs());
    let window = Window { open, stop };
    let performance = perform(ground, Cast { lots, bidders, watchers, window, before }).await?;

    let mut report = Report::of(ground, &performance, arguments.pace.rate);
    report.parameter("auctions", arguments.auctions);
    report.parameter("bidders", arguments.bidders);
    report.parameter("in_flight", arguments.in_flight);
    report.figure("with_a_bid", placed as f64);
    tell_settled(&mut report, &performance.sights.settled_us, ending.len());
    Ok(report)
}

/// Adds how long after the deadline auctions were seen settled.
fn tell_settled(report: &mut Report, settled_us: &[u64], ending: usize) {
    let mut times = latencies();
    settled_us.iter().for_each(|micros| times.saturating_record(*micros));
    report.figure("settled", settled_us.len() as f64);
    report.figure("settled_p50_ms", quantile_ms(&times, 0.50));
    report.figure("settled_p99_ms", quantile_ms(&times, 0.99));
    report.figure("settled_last_ms", quantile_ms(&times, 1.0));
    if settled_us.len() < ending {
        report.violations.push(format!("{} auctions were not seen settled", ending - settled_us.len()));
    }
}

/// What was listed.
struct Listed {
    /// Auctions that end in the same second.
    ending: Vec<Lot>,
    /// Auctions that stay open; their places come behind.
    elsewhere: Vec<Lot>,
    /// When the first end, on the server's clock.
    deadline_us: i64,
}

/// Lists first what stays open, which tells how long listing takes, then what ends.
async fn list(ground: &Ground<'_>, arguments: &Closing, bidders: usize) -> Result<Listed> {
    let count = arguments.auctions as usize;
    let sellers = ground.stage.members(SELLERS).await?;
    let all_day = Listing::open_all_day(ground.server_now_us());
    let asked = clock::monotonic();
    let elsewhere = ground.stage.auctions(&sellers, all_day, count, PROBES.max(bidders)).await?;
    let each_takes = (clock::monotonic() - asked) / u32::try_from(elsewhere.len()).unwrap_or(1);
    let deadline_us = deadline(ground, arguments, each_takes);
    let listing = Listing { ends_at_us: deadline_us, soft_close_minutes: 0, start: 100, unit: 1 };
    let ending = ground.stage.auctions(&sellers, listing, 0, count).await?;
    Ok(Listed { ending, elsewhere, deadline_us })
}

/// When all end: late enough to list them, bid on them and watch them first.
fn deadline(ground: &Ground<'_>, arguments: &Closing, each_takes: Duration) -> i64 {
    let expected = 6.0 + 2.0 * each_takes.as_secs_f64() * f64::from(arguments.auctions);
    let lead = arguments.lead_seconds.unwrap_or(expected.ceil() as u64);
    ground.server_now_us() + i64::try_from(lead).unwrap_or(i64::MAX / SECOND_US).saturating_mul(SECOND_US)
}

/// Bids the start price on each auction; whatever is refused shows in the report.
async fn bid_on_each(
    ground: &Ground<'_>,
    members: &[Member],
    lots: &[Lot],
    board: &Arc<Board>,
    in_flight: u32,
) -> Result<Vec<Takings>> {
    let parts = members.len().min(lots.len());
    let part = |number: usize| Aim::Each { lots: lots.iter().copied().skip(number).step_by(parts).collect() };
    let aims = (0..parts).map(part).collect();
    let bidders = ground.bidders(members, aims, board, None, in_flight).await?;
    let _step = Step::timed("bidding on each auction");
    let now = clock::monotonic();
    let window = Window { open: now, stop: now + Duration::from_secs(3_600) };
    let mut bidding = JoinSet::new();
    for bidder in bidders {
        bidding.spawn(bidder.run(now, window));
    }
    let mut takings = Vec::new();
    while let Some(one) = bidding.join_next().await {
        takings.push(one.context("a bidder failed")?);
    }
    Ok(takings)
}

/// Waits until measuring has to begin; gives that moment.
async fn wait_until_shortly_before(left_us: i64) -> Instant {
    let ahead = u64::try_from(left_us - SECONDS_BEFORE * SECOND_US).unwrap_or(0);
    let open = clock::monotonic() + Duration::from_micros(ahead);
    let _step = Step::timed("waiting for the deadline");
    sleep_until(open.into()).await;
    open
}
