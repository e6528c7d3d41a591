//! Several nodes on one PostgreSQL, with a Redis between them: nodes die and stand still, database connections are cut, and
//! Redis dies, stands still and comes back empty, at random. Nothing acknowledged is lost.

use std::thread::sleep;
use std::time::Duration;

use anyhow::{Result, bail};
use private_postgres::Server;
use private_redis::Redis;

use crate::chance::Chance;
use crate::house::Binaries;
use crate::market::{Market, no_deadlock, wait};
use crate::say;
use crate::storm::{Cast, Storm};

/// The shortest time between two faults, in milliseconds.
const LIFE_MS_MIN: u64 = 300;

/// How much longer it may be, in milliseconds.
const LIFE_MS_SPREAD: u64 = 1_200;

/// The shortest time that a node stands still, in milliseconds.
const STILL_MS_MIN: u64 = 1_000;

/// How much longer it may be, in milliseconds: longer than a transaction may stand open.
const STILL_MS_SPREAD: u64 = 6_000;

/// How long the load goes on before the first fault and behind the last, in seconds.
const AROUND_SECONDS: u64 = 8;

/// How often what happened.
#[derive(Debug, Default)]
struct Happened {
    killed: u32,
    frozen: u32,
    cut: u32,
    redis_killed: u32,
    redis_paused: u32,
}

/// What the bus between the nodes does now.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bus {
    Runs,
    IsDead,
    StandsStill,
}

/// A market while things happen to it.
struct Fate<'a> {
    market: Market<'a>,
    server: &'static Server,
    database: String,
    chance: Chance,
    /// Until when each node stands still, if it does.
    still_until: Vec<Option<Duration>>,
    redis: Redis,
    bus: Bus,
    happened: Happened,
}

/// Runs so many nodes, and lets something happen to them for so many seconds while a load runs that asks again with the
/// same keys.
pub fn run(binaries: &Binaries, nodes: usize, seconds: u64, seed: u64) -> Result<()> {
    let server = private_postgres::server();
    let database = server.database();
    let redis = Redis::start();
    let settings = [("NEIGHBORBID_BUS_URL", &*redis.address())];
    let market = Market::start(binaries, &vec![database.clone(); nodes], &settings)?;
    let cast = Cast { bidders: 64, in_flight: 2, watchers: 300, seconds: seconds + AROUND_SECONDS };
    let mut storm = Storm::start(binaries, &market.url, cast)?;
    market.houses[0].wait_for_bids()?;
    let nodes_reached = u64::try_from(nodes)?;
    wait("the bus reaches every node", || Ok(market.figure("live_bus_up")? == nodes_reached))?;
    let mut fate = Fate {
        market,
        server,
        database: database.clone(),
        chance: Chance::new(seed),
        still_until: vec![None; nodes],
        redis,
        bus: Bus::Runs,
        happened: Happened::default(),
    };
    let end = storm.age() + Duration::from_secs(seconds);
    while storm.age() < end {
        sleep(fate.chance.time(LIFE_MS_MIN, LIFE_MS_SPREAD));
        storm.must_go_on()?;
        fate.let_go_on(storm.age())?;
        fate.strike(storm.age())?;
    }
    fate.let_go_on(Duration::MAX)?;
    // The bus stays as it is: everybody must reach the end without it, too.
    let Fate { market, happened, redis, .. } = fate;
    let report = storm.finish()?;
    drop(redis);
    market.close()?;
    no_deadlock(server.said_of(&database).iter().map(String::as_str))?;
    report.must_be_served()?;
    report.say()?;
    let Happened { killed, frozen, cut, redis_killed, redis_paused } = happened;
    if [killed, frozen, cut, redis_killed, redis_paused].contains(&0) {
        bail!("one kind of fault never happened, let it go on for longer: {happened:?}");
    }
    say(format!(
        "{nodes} nodes: {killed} killed, {frozen} frozen, {cut} times connections cut, Redis {redis_killed} times killed and \
         {redis_paused} times paused, no deadlock, the audit is clean"
    ))
}

impl Fate<'_> {
    /// Lets something happen to something.
    fn strike(&mut self, now: Duration) -> Result<()> {
        let node = self.chance.one_of(self.market.houses.len());
        let house = &mut self.market.houses[node];
        house.must_live()?;
        match self.chance.one_of(8) {
            0..=2 => {
                house.kill()?;
                self.still_until[node] = None;
                house.start()?;
                self.happened.killed += 1;
            }
            3 | 4 => {
                house.freeze()?;
                let until = now + self.chance.time(STILL_MS_MIN, STILL_MS_SPREAD);
                self.still_until[node].get_or_insert(until);
                self.happened.frozen += 1;
            }
            5 => {
                cut_connections(self.server, &self.database, self.chance.draw());
                self.happened.cut += 1;
            }
            _ => self.strike_the_bus(),
        }
        Ok(())
    }

    /// Lets Redis die or stand still, or come back if it has.
    fn strike_the_bus(&mut self) {
        self.bus = match self.bus {
            Bus::Runs if self.chance.one_of(2) == 0 => {
                self.redis.kill();
                self.happened.redis_killed += 1;
                Bus::IsDead
            }
            Bus::Runs => {
                self.redis.pause();
                self.happened.redis_paused += 1;
                Bus::StandsStill
            }
            Bus::IsDead => {
                self.redis.start_again();
                Bus::Runs
            }
            Bus::StandsStill => {
                self.redis.go_on();
                Bus::Runs
            }
        };
    }

    /// Lets those go on who have stood still for long enough.
    fn let_go_on(&mut self, now: Duration) -> Result<()> {
        for (house, until) in self.market.houses.iter().zip(&mut self.still_until) {
            if until.take_if(|until| *until <= now).is_some() {
                house.go_on()?;
            }
        }
        Ok(())
    }
}

/// Cuts about half of the market's connections to the database, drawn by their numbers.
fn cut_connections(server: &Server, database: &str, draw: u64) {
    let odd = draw % 2;
    let sql = format!(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid % 2 = {odd}"
    );
    server.ask(database, &sql);
}
