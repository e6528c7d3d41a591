//! Several nodes on one PostgreSQL: nodes and database connections die at random, nothing acknowledged is lost.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::house::{Binaries, House, finish};
use crate::{say, spread};

/// The shortest time between two deaths, in milliseconds.
const LIFE_MS_MIN: u64 = 300;

/// How much longer it may be, in milliseconds.
const LIFE_MS_SPREAD: u64 = 1_200;

/// How long a run goes on for each death, in milliseconds, with the starts of nodes.
const DEATH_MS: u64 = LIFE_MS_MIN + LIFE_MS_SPREAD + 500;

/// How long the load goes on behind the last death, and how long it takes to set up, in seconds.
const AROUND_SECONDS: u64 = 8;

/// Runs so many nodes, and lets something die so many times while a load runs that asks again with the same keys.
pub fn run(binaries: &Binaries, nodes: usize, times: u32, seed: u64) -> Result<()> {
    let server = private_postgres::server();
    let database = server.database();
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    let mut houses = (0..nodes)
        .map(|_| {
            let house = House::new(binaries)?.set("NEIGHBORBID_DATABASE_URL", &database);
            Ok(house.set("NEIGHBORBID_PUBLIC_URL", &url))
        })
        .collect::<Result<Vec<House<'_>>>>()?;
    houses.iter_mut().try_for_each(House::start)?;
    spread::before(houses.iter().map(House::port).collect(), listener)?;

    let seconds = (u64::from(times) * DEATH_MS).div_ceil(1_000) + AROUND_SECONDS;
    let seconds = seconds.to_string();
    let arguments = ["--bidders", "64", "--in-flight", "2", "--watchers", "300", "--seconds", &seconds];
    let others = ["--survive", "--warm-up", "0", "--verify", "full", "--json"];
    let arguments: Vec<&str> = ["storm"].into_iter().chain(arguments).chain(others).collect();
    let mut load = binaries.start_load(&url, &arguments)?;
    houses[0].wait_for_bids()?;
    let mut draw = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let (mut killed, mut cut) = (0, 0);
    for death in 1..=times {
        draw ^= draw << 13;
        draw ^= draw >> 7;
        draw ^= draw << 17;
        sleep(Duration::from_millis(LIFE_MS_MIN + draw % LIFE_MS_SPREAD));
        if load.try_wait()?.is_some() {
            finish(load)?;
            bail!("the load ended before the {death}th death");
        }
        if draw.is_multiple_of(3) {
            cut_connections(&database, draw)?;
            cut += 1;
        } else {
            let house = &mut houses[(draw >> 8) as usize % nodes];
            house.must_live()?;
            house.kill()?;
            house.start()?;
            killed += 1;
        }
    }
    let report = finish(load)?;
    houses.iter_mut().try_for_each(House::must_live)?;
    houses.iter_mut().try_for_each(House::kill)?;
    houses[0].audit()?;
    let said = server.said_of(&database);
    if let Some(line) = said.iter().find(|line| line.contains("deadlock")) {
        bail!("the database saw a deadlock: {line}");
    }
    for name in ["acknowledged", "stored", "gaps"] {
        let quoted = format!("\"{name}\"");
        if let Some(line) = report.lines().find(|line| line.trim_start().starts_with(&quoted)) {
            say(line.trim().trim_end_matches(','))?;
        }
    }
    say(format!(
        "{nodes} nodes: {killed} killed, {cut} times connections cut, no deadlock, the audit is clean"
    ))
}

/// Cuts about half of the market's connections to the database, drawn by their numbers.
fn cut_connections(database: &str, draw: u64) -> Result<()> {
    let odd = draw % 2;
    let sql = format!(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid % 2 = {odd}"
    );
    let done = Command::new(psql()?).args([database, "-qAt", "-c", &sql]).output().context("running psql")?;
    if !done.status.success() {
        bail!("psql: {}", String::from_utf8_lossy(&done.stderr));
    }
    Ok(())
}

/// The newest psql there is.
fn psql() -> Result<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").context("PostgreSQL is not installed")?;
    let found =
        versions.flatten().map(|version| version.path().join("bin/psql")).filter(|path| path.exists());
    found.max().context("psql is not installed")
}
