//! Measures the engine in process on SQLite with everything on: keys, holds, events, deadlines, full durability.
//!
//! Beside it, in the same run on the same disk, the same rows are written raw: one bulk insert a transaction of as many
//! bids, without reading, deciding or answering. The share of that is the figure that says what deciding costs.

mod market;
mod raw;

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, ValueEnum};

/// What to measure.
#[derive(Parser, Debug)]
#[command(name = "neighborbid-bench")]
pub struct Arguments {
    /// How many bids to place.
    #[arg(long, default_value_t = 500_000)]
    bids: u64,
    /// How many members bid.
    #[arg(long, default_value_t = 64)]
    bidders: i64,
    /// On how many auctions, drawn evenly.
    #[arg(long, default_value_t = 1)]
    auctions: i64,
    /// How many commands are under way at once.
    #[arg(long, default_value_t = 512)]
    in_flight: usize,
    /// How often to say how fast it is going, in bids.
    #[arg(long, default_value_t = 500_000)]
    every: u64,
    /// Where to put the stores; a temporary folder if not said.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// How bids are made.
    #[arg(long, value_enum, default_value = "plain")]
    kind: Kind,
    /// Leaves the followers out: no notices, no lists; for seeing what they cost.
    #[arg(long)]
    no_followers: bool,
    /// Leaves the raw insert out.
    #[arg(long)]
    no_raw: bool,
}

/// How bids are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Amounts, each above the last: each takes the lead.
    Plain,
    /// Maximums, each above the last: each takes the lead.
    Overtake,
    /// Amounts below the maximum of one who leads from the start: each is answered at once, so that it writes two events. A
    /// member may make so few of them in an hour that there must be many.
    Answered,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let folder = match &arguments.folder {
        Some(folder) => tempfile::tempdir_in(folder)?,
        None => tempfile::tempdir()?,
    };
    let mut out = std::io::stdout().lock();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let engine = runtime.block_on(market::measure(&arguments, folder.path(), &mut out))?;
    writeln!(
        out,
        "engine: {} accepted in {:.2} s = {:.0} accepted/s, {:.1} bids a round",
        engine.bids,
        engine.seconds,
        engine.per_second(),
        engine.bids_a_round
    )?;
    if !arguments.no_raw {
        let raw = raw::measure(&arguments, folder.path(), engine.bids_a_round)?;
        writeln!(out, "raw insert: {:.0} bids/s", raw.per_second())?;
        writeln!(out, "engine / raw: {:.2}", engine.per_second() / raw.per_second())?;
    }
    Ok(())
}

/// What was measured.
pub struct Measured {
    /// Bids written.
    pub bids: u64,
    /// In how long.
    pub seconds: f64,
    /// Together in one transaction, on average.
    pub bids_a_round: f64,
}

impl Measured {
    /// Bids a second.
    pub fn per_second(&self) -> f64 {
        self.bids as f64 / self.seconds
    }
}

/// A stopwatch.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
pub fn stopwatch() -> impl Fn() -> f64 {
    let zero = std::time::Instant::now();
    move || zero.elapsed().as_secs_f64()
}
