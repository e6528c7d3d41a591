//! A rolling restart under load: each node is told to stop, ends in order and is started again. Every socket is told so
//! with 1012 and comes back, readers are answered, and nothing acknowledged is lost.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::house::{Binaries, ask, status};
use crate::market::{Market, no_deadlock, wait};
use crate::say;
use crate::storm::{Cast, Storm};

/// Who takes part.
const CAST: Cast = Cast { bidders: 64, in_flight: 2, watchers: 150, seconds: 20 };

/// How long somebody rests who reads a page again and again.
const READING_PAUSE: Duration = Duration::from_millis(20);

/// Runs so many nodes, and restarts them one after another.
pub fn run(binaries: &Binaries, nodes: usize) -> Result<()> {
    let server = private_postgres::server();
    let database = server.database();
    let mut market = Market::start(binaries, &vec![database.clone(); nodes], &[])?;
    let mut storm = Storm::start(binaries, &market.url, CAST)?;
    market.houses[0].wait_for_bids()?;
    let sockets = u64::from(CAST.bidders + CAST.watchers);
    wait("everybody is there", || Ok(market.figure("live_watchers")? >= sockets))?;
    let balancer = market.url.rsplit(':').next().and_then(|port| port.parse().ok());
    let balancer = balancer.context("the balancer has a port")?;

    let is_over = AtomicBool::new(false);
    let (told, read) = thread::scope(|scope| -> Result<(u64, u64)> {
        let reader = scope.spawn(|| read_on(balancer, &is_over));
        let told = restart_each(&mut market, &mut storm, sockets);
        is_over.store(true, Ordering::Relaxed);
        let read = reader.join().map_err(|_| anyhow::anyhow!("the reader failed"))?;
        Ok((told?, read?))
    })?;
    let report = storm.finish()?;
    market.close()?;
    no_deadlock(server.said_of(&database).iter().map(String::as_str))?;
    report.must_be_served()?;
    // Bids that arrive where the socket closes are asked again elsewhere; nothing that was begun is left in doubt.
    let in_doubt = ["outcome_unknown", "unavailable"].map(|code| (code, report.heard(code)));
    if in_doubt.iter().any(|(_, times)| *times > 0) {
        bail!("a stop that goes in order left bids in doubt: {in_doubt:?}");
    }
    let closes = report.closes()?;
    if closes != [("1012".to_owned(), told)] {
        bail!("{told} sockets were on nodes that stopped, and this is how they were closed: {closes:?}");
    }
    if report.count("reconnections")? < told {
        bail!("of {told} sockets that were closed only {} came back", report.count("reconnections")?);
    }
    report.say()?;
    say(format!(
        "{nodes} nodes restarted in turn: {told} sockets closed with 1012 and all came back, {read} pages read, the audit is clean"
    ))
}

/// Stops and starts each node; gives how many sockets were on them when they were told to stop.
fn restart_each(market: &mut Market<'_>, storm: &mut Storm, sockets: u64) -> Result<u64> {
    let mut told = 0;
    for node in 0..market.houses.len() {
        storm.must_go_on()?;
        let house = &mut market.houses[node];
        told += house.figure("live_watchers")?;
        house.stop()?;
        house.start()?;
        wait("everybody is back", || Ok(market.figure("live_watchers")? >= sockets))?;
        market.wait_for_more_bids()?;
    }
    Ok(told)
}

/// Reads a page through the balancer until it is over; gives how often. A line that is cut is tried once more, as any
/// browser does; an answer must be the page.
fn read_on(port: u16, is_over: &AtomicBool) -> Result<u64> {
    let mut read = 0;
    while !is_over.load(Ordering::Relaxed) {
        let page = || ask(port, "GET", "/", "").ok().filter(|answer| !answer.is_empty());
        let answer = page().or_else(page).context("a page was not answered twice")?;
        if status(&answer) != 200 {
            bail!("a page was answered with: {answer}");
        }
        read += 1;
        thread::sleep(READING_PAUSE);
    }
    Ok(read)
}
