//! `market`: many auctions of very different popularity; each bid is the minimum that its bidder sees on an auction
//! drawn by Zipf's law. What is seen comes from answers and from watchers who share the auctions among them.

use std::sync::Arc;

use anyhow::Result;

use crate::aim::{Aim, Board};
use crate::arguments::Market;
use crate::chance::{Chance, Zipf};
use crate::play::{Cast, Ground, perform};
use crate::report::Report;
use crate::stage::Listing;

/// Members who list the auctions.
const SELLERS: usize = 8;

/// Sets up the market and lets it trade.
pub async fn run(ground: &Ground<'_>, arguments: &Market) -> Result<Report> {
    let members = ground.stage.members(arguments.bidders as usize).await?;
    ground.stage.deposit(&members, ground.money_for(arguments.pace.rate)).await?;
    let sellers = ground.stage.members(SELLERS).await?;
    let listing = Listing::open_all_day(ground.server_now_us());
    let lots = ground.stage.auctions(&sellers, listing, 0, arguments.auctions as usize).await?;
    let board = Arc::new(Board::new(&lots));
    let (shared, law) = (Arc::new(lots.clone()), Arc::new(Zipf::new(lots.len(), arguments.zipf)));
    let aim = |number: usize| Aim::Zipf {
        lots: shared.clone(),
        law: law.clone(),
        board: board.clone(),
        chance: Chance::new(ground.run.seed, number as u64),
    };
    let aims = (0..members.len()).map(aim).collect();
    let bidders = ground.bidders(&members, aims, &board, arguments.pace.rate, arguments.in_flight).await?;
    let around = ground.surroundings(&board);
    let watchers = ground.watchers(&lots, arguments.watchers as usize, &around).await?;
    let window = ground.window();
    let performance = perform(ground, Cast { lots, bidders, watchers, window, before: Vec::new() }).await?;
    let mut report = Report::of(ground, &performance, arguments.pace.rate);
    report.parameter("bidders", arguments.bidders);
    report.parameter("in_flight", arguments.in_flight);
    report.parameter("watchers", arguments.watchers);
    report.parameter("auctions", arguments.auctions);
    report.parameter("zipf", arguments.zipf);
    Ok(report)
}
