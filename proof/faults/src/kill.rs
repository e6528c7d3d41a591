//! Kill -9 under load, again and again: nothing acknowledged is lost, nothing refused appears, no watcher sees a gap.

use std::thread::sleep;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::house::{Binaries, House, finish};
use crate::say;

/// The shortest time between two kills, in milliseconds.
const LIFE_MS_MIN: u64 = 150;

/// How much longer it may be, in milliseconds.
const LIFE_MS_SPREAD: u64 = 700;

/// Kills so many times while a load runs that asks again with the same keys, then checks the books.
pub fn run(binaries: &Binaries, times: u32, seed: u64) -> Result<()> {
    let mut house = House::new(binaries)?;
    house.start()?;
    let seconds = (u64::from(times) * (LIFE_MS_MIN + LIFE_MS_SPREAD)).div_ceil(1_000) + 5;
    let seconds = seconds.to_string();
    let mut load = house.load(&[
        "storm",
        "--bidders",
        "16",
        "--in-flight",
        "4",
        "--watchers",
        "16",
        "--seconds",
        &seconds,
        "--survive",
        "--warm-up",
        "0",
        "--verify",
        "full",
        "--json",
    ])?;
    house.wait_for_bids()?;
    let mut draw = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    for kill in 1..=times {
        draw ^= draw << 13;
        draw ^= draw >> 7;
        draw ^= draw << 17;
        sleep(Duration::from_millis(LIFE_MS_MIN + draw % LIFE_MS_SPREAD));
        if load.try_wait()?.is_some() {
            finish(load)?;
            bail!("the load ended before the {kill}th kill");
        }
        house.kill()?;
        house.start()?;
    }
    let report = finish(load)?;
    house.kill()?;
    house.audit()?;
    for name in ["acknowledged", "stored", "gaps"] {
        if let Some(line) = report.lines().find(|line| line.trim_start().starts_with(&format!("\"{name}\"")))
        {
            say(line.trim().trim_end_matches(','))?;
        }
    }
    say(format!("killed {times} times: everything acknowledged is there, the audit is clean"))
}
