//! `rising`: an auction per connection, amounts in order on each, so that every bid is accepted: what the server can
//! accept a second, with all the writing that this means.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use anyhow::Result;

use crate::aim::{Aim, Board};
use crate::arguments::Rising;
use crate::play::{Cast, Ground, perform};
use crate::report::Report;
use crate::stage::Listing;

/// Sets up an auction for each bidder and lets them bid.
pub async fn run(ground: &Ground<'_>, arguments: &Rising) -> Result<Report> {
    let count = arguments.bidders as usize;
    let members = ground.stage.members(count).await?;
    ground.stage.deposit(&members, ground.money_for(arguments.pace.rate)).await?;
    let sellers = ground.stage.members(1).await?;
    let listing = Listing::open_all_day(ground.server_now_us());
    let lots = ground.stage.auctions(&sellers, listing, 0, count).await?;
    let board = Arc::new(Board::new(&lots));
    let aims =
        lots.iter().map(|lot| Aim::Counter { lot: *lot, counter: Arc::new(AtomicI64::new(0)) }).collect();
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
