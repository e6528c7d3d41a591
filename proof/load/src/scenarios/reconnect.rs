//! `reconnect`: all watchers of a moving auction are cut at once and come back at once, each with the last sequence
//! number it saw: how long until they stand where the auction stands, without a gap.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::aim::{Aim, Board};
use crate::arguments::Reconnect;
use crate::bidder::Window;
use crate::play::{Cast, Ground, perform};
use crate::report::Report;
use crate::sampler::quantile_ms;
use crate::stage::Listing;
use crate::tally::latencies;

/// Time to watch between a return and the next cut.
const REST: Duration = Duration::from_secs(1);

/// Connects the watchers, then cuts them as often as asked, evenly over the window.
pub async fn run(ground: &Ground<'_>, arguments: &Reconnect) -> Result<Report> {
    let rate = Some(arguments.events_per_second);
    let members = ground.stage.members(1).await?;
    ground.stage.deposit(&members, ground.money_for(rate)).await?;
    let sellers = ground.stage.members(1).await?;
    let listing = Listing::open_all_day(ground.server_now_us());
    let lots = ground.stage.auctions(&sellers, listing, 0, 1).await?;
    let board = Arc::new(Board::new(&lots));
    let aims = vec![Aim::Counter { lot: lots[0], counter: Arc::new(AtomicI64::new(0)) }];
    let bidders = ground.bidders(&members, aims, &board, rate, 1).await?;
    let around = ground.surroundings(&board);
    let watchers = ground.watchers(&lots, arguments.watchers as usize, &around).await?;
    let window = around_cuts(ground.window(), arguments);
    around.cuts.get_or_init(|| cuts(window, arguments));
    let performance = perform(ground, Cast { lots, bidders, watchers, window, before: Vec::new() }).await?;

    let mut times = latencies();
    performance.sights.resumed_us.iter().for_each(|micros| times.saturating_record(*micros));
    let resumed = performance.sights.resumed_us.len();
    let mut report = Report::of(ground, &performance, rate);
    report.parameter("watchers", arguments.watchers);
    report.parameter("events_per_second", arguments.events_per_second);
    report.parameter("away_seconds", arguments.away_seconds);
    report.parameter("times", arguments.times);
    report.figure("resumed", resumed as f64);
    report.figure("resumed_p50_ms", quantile_ms(&times, 0.50));
    report.figure("resumed_p99_ms", quantile_ms(&times, 0.99));
    report.figure("resumed_last_ms", quantile_ms(&times, 1.0));
    let expected = arguments.watchers as usize * arguments.times as usize;
    if resumed < expected {
        report.violations.push(format!("{} times a watcher did not come back", expected - resumed));
    }
    Ok(report)
}

/// A window that is long enough for every cut and return.
fn around_cuts(window: Window, arguments: &Reconnect) -> Window {
    let apart = away(arguments) + REST;
    let stop = window.stop.max(window.open + apart * (arguments.times + 1));
    Window { stop, ..window }
}

/// When all are cut and when they come back: evenly spread over the window.
fn cuts(window: Window, arguments: &Reconnect) -> Vec<(Instant, Instant)> {
    let apart = (window.stop - window.open) / (arguments.times + 1);
    let moments = (1..=arguments.times).map(|time| window.open + apart * time);
    moments.map(|at| (at, at + away(arguments))).collect()
}

fn away(arguments: &Reconnect) -> Duration {
    Duration::from_secs_f64(arguments.away_seconds.clamp(0.0, 3_600.0))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::arguments::{Arguments, Command, Scenario};
    use crate::clock;

    #[test]
    fn nobody_is_cut_while_away_and_all_are_back_before_the_end() {
        let words =
            ["neighborbid-load", "reconnect", "--times", "4", "--away-seconds", "3", "--seconds", "1"];
        let command = Arguments::try_parse_from(words).unwrap().command;
        let Command::Scenario(Scenario::Reconnect(arguments)) = command else { panic!("reconnect") };
        let open = clock::monotonic();
        let window = around_cuts(Window { open, stop: open + Duration::from_secs(1) }, &arguments);
        let cuts = cuts(window, &arguments);
        assert_eq!(cuts.len(), 4);
        assert!(cuts.windows(2).all(|pair| pair[0].1 + REST <= pair[1].0));
        assert!(cuts.iter().all(|(at, back)| *at > open && *back + REST <= window.stop));
    }
}
