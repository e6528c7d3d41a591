//! One node of several loses the way to the database: nothing gets through and no line breaks. The others go on, it says
//! that it is not ready, and goes on by itself when the way is there again, with all that was sent meanwhile delivered
//! late: nothing acknowledged is lost, nothing is done twice.

use std::net::TcpListener;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::house::Binaries;
use crate::market::{Market, no_deadlock, wait};
use crate::say;
use crate::spread::{self, Gate};
use crate::storm::{Cast, Storm};

/// Who takes part, for longer than the partitions and all that is waited for take.
const CAST: Cast = Cast { bidders: 64, in_flight: 2, watchers: 150, seconds: 45 };

/// How long nothing gets through: once for so short that what waits is still wanted on the other side, and once for
/// longer than a transaction may stand open.
const SHORT: Duration = Duration::from_secs(2);
const LONG: Duration = Duration::from_secs(12);

/// Runs so many nodes, the first of them behind a gate.
pub fn run(binaries: &Binaries, nodes: usize) -> Result<()> {
    let server = private_postgres::server();
    let database = server.database();
    let gate = Gate::default();
    let way = TcpListener::bind("127.0.0.1:0")?;
    let far = database.replace(&format!(":{}/", server.port()), &format!(":{}/", way.local_addr()?.port()));
    spread::before(vec![server.port()], way, gate.clone())?;
    let mut databases = vec![database.clone(); nodes];
    databases[0] = far;
    let mut market = Market::start(binaries, &databases, &[])?;
    let mut storm = Storm::start(binaries, &market.url, CAST)?;
    market.houses[0].wait_for_bids()?;
    sleep(SHORT);

    gate.shut();
    sleep(SHORT);
    gate.open();
    market.wait_until_ready(true)?;
    market.wait_for_more_bids()?;

    gate.shut();
    let began = storm.age();
    wait("the node says that it is not ready", || Ok(market.houses[0].status("/readyz") == 503))?;
    let before = market.houses[1].bid_count().context("no count of bids")?;
    for house in &market.houses[1..] {
        wait("the others go on", || Ok(house.status("/readyz") == 200 && house.bid_count() > Some(before)))?;
    }
    sleep(LONG.saturating_sub(storm.age() - began));
    gate.open();
    market.wait_until_ready(true)?;
    market.wait_for_more_bids()?;
    storm.must_go_on()?;

    let report = storm.finish()?;
    market.close()?;
    no_deadlock(server.said_of(&database).iter().map(String::as_str))?;
    report.must_be_served()?;
    report.say()?;
    say(format!(
        "one of {nodes} nodes twice lost the way to the database and went on by itself, the others all the while, the audit is clean"
    ))
}
