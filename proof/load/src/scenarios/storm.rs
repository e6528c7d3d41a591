//! `storm`: one hot auction; N bidders with F bids under way each draw rising amounts from one counter. Who is late is
//! refused, so the share of accepted bids is the scheduler's; what the server decides a second is its own figure.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use anyhow::Result;

use crate::aim::{Aim, Board};
use crate::arguments::Storm;
use crate::play::{Cast, Ground, perform};
use crate::report::Report;
use crate::stage::Listing;

/// Sets up one auction, bidders and watchers, and lets them storm.
pub async fn run(ground: &Ground<'_>, arguments: &Storm) -> Result<Report> {
    let members = ground.stage.members(arguments.bidders as usize).await?;
    ground.stage.deposit(&members, ground.money_for(arguments.pace.rate)).await?;
    let sellers = ground.stage.members(1).await?;
    let listing = Listing::open_all_day(ground.server_now_us());
    let lots = ground.stage.auctions(&sellers, listing, 0, 1).await?;
    let board = Arc::new(Board::new(&lots));
    let counter = Arc::new(AtomicI64::new(0));
    let aims = members.iter().map(|_| Aim::Counter { lot: lots[0], counter: counter.clone() }).collect();
    let bidders = ground.bidders(&members, aims, &board, arguments.pace.rate, arguments.in_flight).await?;
    let around = ground.surroundings(&board);
    let watchers = ground.watchers(&lots, arguments.watchers as usize, &around).await?;
    let window = ground.window();
    let performance = perform(ground, Cast { lots, bidders, watchers, window, before: Vec::new() }).await?;
    let mut report = Report::of(ground, &performance, arguments.pace.rate);
    report.parameter("bidders", arguments.bidders);
    report.parameter("in_flight", arguments.in_flight);
    report.parameter("watchers", arguments.watchers);
    Ok(report)
}
