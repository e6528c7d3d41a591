//! `watch`: many connections on auctions that move at a steady pace: frames a second, how old they are, and what a
//! connection costs the server while nothing happens.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use anyhow::Result;

use crate::aim::{Aim, Board};
use crate::arguments::Watch;
use crate::play::{Cast, Ground, perform};
use crate::report::Report;
use crate::stage::Listing;

/// Connects the watchers, lets them idle, then lets the auctions move.
pub async fn run(ground: &Ground<'_>, arguments: &Watch) -> Result<Report> {
    let auctions = arguments.auctions as usize;
    let moving = arguments.events_per_second > 0.0;
    let rate = moving.then_some(arguments.events_per_second * auctions as f64);
    let members = ground.stage.members(if moving { auctions } else { 0 }).await?;
    ground.stage.deposit(&members, ground.money_for(rate)).await?;
    let sellers = ground.stage.members(1).await?;
    let listing = Listing::open_all_day(ground.server_now_us());
    let lots = ground.stage.auctions(&sellers, listing, 0, auctions).await?;
    let board = Arc::new(Board::new(&lots));
    let aims = lots.iter().take(members.len());
    let aims = aims.map(|lot| Aim::Counter { lot: *lot, counter: Arc::new(AtomicI64::new(0)) }).collect();
    let bidders = ground.bidders(&members, aims, &board, rate, 1).await?;
    tokio::time::sleep(Duration::from_secs(arguments.idle_seconds)).await;
    let before = ground.meter.read(&ground.api).await.rss_bytes;
    let around = ground.surroundings(&board);
    let watchers = ground.watchers(&lots, arguments.connections as usize, &around).await?;
    tokio::time::sleep(Duration::from_secs(arguments.idle_seconds)).await;
    let after = ground.meter.read(&ground.api).await.rss_bytes;
    let window = ground.window();
    let performance = perform(ground, Cast { lots, bidders, watchers, window, before: Vec::new() }).await?;
    let mut report = Report::of(ground, &performance, rate);
    report.parameter("connections", arguments.connections);
    report.parameter("events_per_second", arguments.events_per_second);
    report.parameter("auctions", arguments.auctions);
    if let (Some(before), Some(after)) = (before, after) {
        let each = (after as f64 - before as f64) / f64::from(arguments.connections);
        report.figure("server_rss_before_bytes", before as f64);
        report.figure("server_rss_idle_bytes", after as f64);
        report.figure("server_rss_per_connection_bytes", each);
    }
    Ok(report)
}
