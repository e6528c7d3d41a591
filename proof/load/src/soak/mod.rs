//! `soak`: the same load for long against nodes on PostgreSQL, while a reader holds a snapshot for the middle of it, and
//! what the database went through meanwhile. Half of the bidders trade on a market, the others all want one auction.
//!
//! The load speaks the public API as in every scenario. Beside it stand two connections to the database itself: the
//! *reader* does what an audit or a dump does, it keeps one transaction open; the *observer* reads sizes and counters.

mod course;
mod database;
mod family;
mod observer;
mod trend;

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use store_postgres::Target;

use crate::aim::{Aim, Board};
use crate::arguments::{Pace, Run, positive};
use crate::chance::{Chance, Zipf};
use crate::play::{Cast, Ground, perform};
use crate::report::Report;
use crate::stage::Listing;

pub use self::course::Course;
use self::family::Families;

/// Members who list the auctions.
const SELLERS: usize = 8;
/// The longest soak, in minutes: a week. Receipts are kept in memory, 16 bytes for each accepted bid.
const MINUTES_MAX: f64 = 10_080.0;
/// Which part of the run passes before the reader takes its snapshot, and before he lets it go: 5 and 25 of 30 minutes.
const MIDDLE: (f64, f64) = (1.0 / 6.0, 5.0 / 6.0);

/// `soak`
#[derive(Debug, Args)]
pub struct Soak {
    #[command(flatten)]
    pub run: Run,
    #[command(flatten)]
    pub pace: Pace,
    /// Minutes that are measured, in place of --seconds.
    #[arg(long, value_parser = minutes, required_unless_present = "seconds")]
    pub minutes: Option<f64>,
    /// The nodes' database: postgres://user:password@host/database?sslmode=…
    #[arg(long, value_name = "ADDRESS")]
    pub database_url: String,
    /// When a reader holds a snapshot.
    #[arg(long, value_enum, default_value_t = Held::Middle)]
    pub reader: Held,
    /// Seconds between two looks at the database.
    #[arg(long, default_value_t = 10.0, value_parser = positive)]
    pub every: f64,
    /// Process id of a node on this machine, once for each; without any, --metrics-url says what the node costs.
    #[arg(long, value_name = "PID")]
    pub pid: Vec<u32>,
    /// Process id of the database's first process on this machine; those it started are added.
    #[arg(long, value_name = "PID")]
    pub database_pid: Option<u32>,
    /// Members who bid on the market, a connection each.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub bidders: u32,
    /// Members who all bid on one auction more, a connection each.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub hot_bidders: u32,
    /// Bids under way on each connection.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub in_flight: u32,
    /// Auctions of the market.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub auctions: u32,
    /// Exponent of Zipf's law on the market.
    #[arg(long, default_value_t = 1.0)]
    pub zipf: f64,
    /// Connections that share the auctions among them and tell the bidders the minimum.
    #[arg(long, default_value_t = 8)]
    pub watchers: u32,
}

/// When the reader holds his snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Held {
    /// For the four middle sixths of the run, so that before, with and after can be compared.
    Middle,
    /// From the first to the last moment.
    Whole,
    /// Not at all.
    Never,
}

impl Soak {
    /// Lets the minutes, if they were given, be the run's seconds, and the first node's process its server's.
    pub fn settle(&mut self) {
        if let Some(minutes) = self.minutes {
            self.run.seconds = (minutes * 60.0).ceil() as u64;
        }
        self.run.server_pid = self.run.server_pid.or(self.pid.first().copied());
    }
}

impl Held {
    /// From when to when he holds it.
    fn span(self, length: Duration) -> Option<(Duration, Duration)> {
        match self {
            Held::Middle => Some((length.mul_f64(MIDDLE.0), length.mul_f64(MIDDLE.1))),
            Held::Whole => Some((Duration::ZERO, length)),
            Held::Never => None,
        }
    }
}

fn minutes(text: &str) -> Result<f64, String> {
    let minutes = positive(text)?;
    if minutes <= MINUTES_MAX { Ok(minutes) } else { Err(format!("at most {MINUTES_MAX} minutes")) }
}

/// Sets up the market and the hot auction, and lets them trade while the database is watched.
pub async fn run(ground: &Ground<'_>, arguments: &Soak) -> Result<Report> {
    let target = Target::parse(&arguments.database_url).context("--database-url")?;
    if target_is_not_of(&target).await? {
        bail!("--database-url is no store of ours: it has no table of auctions");
    }
    let cast = cast(ground, arguments).await?;
    let window = cast.window;
    let span = arguments.reader.span(window.stop - window.open);
    let nodes = Families { nodes: arguments.pid.clone(), database: arguments.database_pid };
    let every = Duration::from_secs_f64(arguments.every);
    let (performance, observed, held) = tokio::join!(
        perform(ground, cast),
        observer::observe(ground, &target, &nodes, window, every),
        database::hold(&target, span.map(|(from, until)| (window.open + from, window.open + until))),
    );
    let performance = performance?;
    let mut report = Report::of(ground, &performance, arguments.pace.rate);
    report.violations.extend(held.err().map(|error| format!("the reader lost his snapshot: {error:#}")));
    report.soak = Some(Course::of(observed, &report.points, span));
    report.parameter("bidders", arguments.bidders);
    report.parameter("hot_bidders", arguments.hot_bidders);
    report.parameter("in_flight", arguments.in_flight);
    report.parameter("watchers", arguments.watchers);
    report.parameter("auctions", arguments.auctions);
    report.parameter("zipf", arguments.zipf);
    Ok(report)
}

/// Whether this database is another's: better found before ten minutes of signing up than after.
async fn target_is_not_of(target: &Target) -> Result<bool> {
    let tables = database::Observer::connect(target).await?.tables().await?;
    Ok(!tables.contains_key("auctions"))
}

async fn cast(ground: &Ground<'_>, arguments: &Soak) -> Result<Cast> {
    let (on_market, on_hot) = (arguments.bidders as usize, arguments.hot_bidders as usize);
    let members = ground.stage.members(on_market + on_hot).await?;
    ground.stage.deposit(&members, ground.money_for(arguments.pace.rate)).await?;
    let sellers = ground.stage.members(SELLERS).await?;
    // They end a day after the run does: nothing of it ends within.
    let until_us = i64::try_from(ground.run.seconds).unwrap_or_default().saturating_mul(1_000_000);
    let listing = Listing::open_all_day(ground.server_now_us() + until_us);
    let lots = ground.stage.auctions(&sellers, listing, 0, arguments.auctions as usize + 1).await?;
    let (hot, market) = lots.split_last().context("there is at least one auction")?;
    let board = Arc::new(Board::new(&lots));
    let (shared, law) = (Arc::new(market.to_vec()), Arc::new(Zipf::new(market.len(), arguments.zipf)));
    let on_one_of_many = |number: usize| Aim::Zipf {
        lots: shared.clone(),
        law: law.clone(),
        board: board.clone(),
        chance: Chance::new(ground.run.seed, number as u64),
    };
    let counter = Arc::new(AtomicI64::new(0));
    let on_the_hot_one = |_| Aim::Counter { lot: *hot, counter: counter.clone() };
    let aims = (0..on_market).map(on_one_of_many).chain((0..on_hot).map(on_the_hot_one)).collect();
    let bidders = ground.bidders(&members, aims, &board, arguments.pace.rate, arguments.in_flight).await?;
    let around = ground.surroundings(&board);
    let watchers = ground.watchers(&lots, arguments.watchers as usize, &around).await?;
    let window = ground.window();
    Ok(Cast { lots, bidders, watchers, window, before: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reader_holds_the_middle() {
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        let (from, until) = Held::Middle.span(minutes(30)).unwrap();
        assert_eq!((from.as_secs_f64().round(), until.as_secs_f64().round()), (300.0, 1_500.0));
        assert_eq!(Held::Whole.span(minutes(1)), Some((Duration::ZERO, minutes(1))));
        assert_eq!(Held::Never.span(minutes(1)), None);
    }

    #[test]
    fn a_soak_lasts_a_week_at_most() {
        assert!(minutes("10080").is_ok() && minutes("10080.1").is_err() && minutes("0").is_err());
    }
}
