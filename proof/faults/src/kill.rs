//! Kill -9 under load, again and again: nothing acknowledged is lost, nothing refused appears, no watcher sees a gap.

use std::thread::sleep;

use anyhow::Result;

use crate::chance::Chance;
use crate::house::{Binaries, House};
use crate::say;
use crate::storm::{Cast, Storm};

/// The shortest time between two kills, in milliseconds.
const LIFE_MS_MIN: u64 = 150;

/// How much longer it may be, in milliseconds.
const LIFE_MS_SPREAD: u64 = 700;

/// Kills so many times while a load runs that asks again with the same keys, then checks the books.
pub fn run(binaries: &Binaries, times: u32, seed: u64) -> Result<()> {
    let mut house = House::new(binaries)?;
    house.start()?;
    let seconds = (u64::from(times) * (LIFE_MS_MIN + LIFE_MS_SPREAD)).div_ceil(1_000) + 5;
    let cast = Cast { bidders: 16, in_flight: 4, watchers: 16, seconds };
    let mut storm = Storm::start(binaries, &house.url(), cast)?;
    house.wait_for_bids()?;
    let mut chance = Chance::new(seed);
    for _ in 0..times {
        sleep(chance.time(LIFE_MS_MIN, LIFE_MS_SPREAD));
        storm.must_go_on()?;
        house.kill()?;
        house.start()?;
    }
    let report = storm.finish()?;
    house.kill()?;
    house.audit()?;
    report.say()?;
    say(format!("killed {times} times: everything acknowledged is there, the audit is clean"))
}
