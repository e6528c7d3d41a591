//! The database fails over, twice: the primary dies under load, its synchronous standby takes over, and the market goes on
//! by itself with everything that was acknowledged. The second time a lane waits in COMMIT when the primary dies, for a standby that
//! has been sent what it commits and takes it only afterwards.

use std::thread::sleep;
use std::time::Duration;

use anyhow::{Result, bail};
use private_postgres::Pair;

use crate::house::Binaries;
use crate::market::{Market, no_deadlock, wait};
use crate::say;
use crate::storm::{Cast, Storm};

/// How long the load goes on, in seconds: longer than two failovers and a new copy take.
const LOAD_SECONDS: u64 = 40;

/// How long the market is left in peace, or without a database.
const PAUSE: Duration = Duration::from_secs(3);

/// How many commits wait for a standby that stands still.
const WAITING: &str = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";

/// Runs so many nodes over a pair, and lets the primary die twice.
pub fn run(binaries: &Binaries, nodes: usize) -> Result<()> {
    let mut pair = Pair::start();
    let mut market = Market::start(binaries, &vec![pair.database(); nodes], &[])?;
    let cast = Cast { bidders: 64, in_flight: 2, watchers: 150, seconds: LOAD_SECONDS };
    let mut storm = Storm::start(binaries, &market.url, cast)?;
    market.houses[0].wait_for_bids()?;
    sleep(PAUSE);

    pair.kill_primary();
    take_over(&mut pair, &mut market)?;
    pair.add_standby();
    market.wait_for_more_bids()?;

    pair.hold_standby();
    wait("a commit waits for the standby", || Ok(pair.ask(WAITING) != "0"))?;
    pair.kill_primary();
    pair.release_standby();
    take_over(&mut pair, &mut market)?;
    storm.must_go_on()?;

    let report = storm.finish()?;
    let again = market.figure("engine_rounds_again_total")?;
    market.close()?;
    no_deadlock(pair.said().lines())?;
    report.must_be_served()?;
    if report.heard("busy") == 0 {
        bail!("no bid heard `busy` while there was no database");
    }
    if again == 0 {
        bail!("no commit was left unknown by a primary that died in the middle of it");
    }
    report.say()?;
    say(format!(
        "the database failed over twice below {nodes} nodes: {again} rounds of unknown outcome were asked about, the audit is clean"
    ))
}

/// The market notices that its database is gone, goes on without it for a while, and by itself when the standby takes over.
fn take_over(pair: &mut Pair, market: &mut Market<'_>) -> Result<()> {
    market.wait_until_ready(false)?;
    sleep(PAUSE);
    pair.promote_standby();
    market.wait_until_ready(true)?;
    market.wait_for_more_bids()
}
