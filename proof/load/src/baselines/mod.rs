//! `baselines`: the engine in process on PostgreSQL beside the ways in which bids are usually taken, a transaction for
//! each. All write the same rows in the same tables on the same server, followers beside all of them, in turn
//! (A B C D D C B A); what is compared are ratios of neighbours. Afterwards every database is audited.

mod alone;
mod arena;
mod cell;
mod door;
mod house;
mod lease;
mod pool;
mod report;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;

use self::arena::Arena;
use self::cell::{Cell, Load, RICH_AUCTIONS, Shape, Way};
use self::door::{Form, System};
use self::report::Report;
use crate::clock;
use crate::meter::{self, Machine};
use crate::progress::Step;
use crate::sampler::{quantile_ms, rounded};
use crate::tally::Latencies;

/// Bids of the rich one under way at once.
const RICH_LEVEL: usize = 32;

/// A trial that picks the size of a pool lasts this part of a cell.
const TRIAL_PART: u32 = 4;

/// `baselines`
#[derive(Debug, Args)]
pub struct Baselines {
    /// A PostgreSQL on which databases may be made and removed, postgres://…; one of its own if not said.
    #[arg(long, value_name = "URL")]
    pub database_url: Option<String>,
    /// A Redis, redis://…; one of its own if not said.
    #[arg(long, value_name = "URL")]
    pub redis_url: Option<String>,
    /// Seconds that each cell is measured.
    #[arg(long, default_value_t = 4.0, value_parser = crate::arguments::positive)]
    pub seconds: f64,
    /// Seconds before them that count for nothing but acknowledged = stored.
    #[arg(long, default_value_t = 0.5, value_parser = crate::arguments::positive)]
    pub warm_up: f64,
    /// Bidders, each with one bid under way.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 64, 256])]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=4_096))]
    pub levels: Vec<u32>,
    /// What to compare.
    #[arg(long, value_enum, value_delimiter = ',')]
    #[arg(default_values = ["ours", "row-lock", "optimistic", "distributed-lock"])]
    pub systems: Vec<System>,
    /// Who bids on what.
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["hot", "market", "rich"])]
    pub shape: Vec<Shape>,
    /// Auctions of the market.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(100..=100_000))]
    pub auctions: u32,
    /// Sizes of a baseline's pool; the best for each level is found in a short trial.
    #[arg(long, value_delimiter = ',', default_values_t = [4, 8, 16, 32])]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub pools: Vec<u32>,
    /// How often each comparison goes there and back.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub repeats: u32,
    /// Folder on the database's disk; how long fdatasync takes there is measured before and after the run. With a
    /// PostgreSQL of its own, where that is.
    #[arg(long, value_name = "DIR")]
    pub sync_probe: Option<PathBuf>,
    /// Threads of the bidders; lanes have their own.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub threads: u16,
    /// Seed of every choice made by chance.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Write the report as JSON instead of text.
    #[arg(long)]
    pub json: bool,
}

/// A run under way: each system's database, and what was found so far.
struct Run<'a> {
    plan: &'a Baselines,
    redis: String,
    arenas: BTreeMap<System, Arena>,
    cells: Vec<Cell>,
    step: Step,
}

impl Baselines {
    /// Measures, verifies and writes the report; true if nothing is wrong with what is stored.
    pub async fn run(&self) -> Result<bool> {
        let own_redis = self.redis_url.is_none().then(private_redis::Redis::start);
        let redis = self.redis_url.clone().or(own_redis.as_ref().map(private_redis::Redis::address));
        let server = self.database_url.clone().unwrap_or_else(|| private_postgres::server().database());
        let own_folder = self.database_url.is_none().then(std::env::temp_dir);
        let probe = self.sync_probe.clone().or(own_folder);
        let machine = Machine::read();
        let mut syncs = probe.as_deref().map(meter::sync_probe).transpose()?;
        let report = self.measure(&server, &redis.unwrap_or_default()).await?;
        if let (Some(before), Some(folder)) = (&mut syncs, probe.as_deref()) {
            before.add(meter::sync_probe(folder)?)?;
        }
        let sync_ms =
            |quantile| syncs.as_ref().map(|times: &Latencies| rounded(quantile_ms(times, quantile)));
        let report = Report {
            fdatasync_p50_ms: sync_ms(0.50),
            fdatasync_p99_ms: sync_ms(0.99),
            machine,
            ended_at: clock::to_wire(clock::wall_us()),
            ..report
        };
        let text = if self.json { report.to_json()? } else { report.to_text() };
        writeln!(io::stdout(), "{}", text.trim_end()).context("writing the report")?;
        Ok(report.violations.is_empty())
    }

    /// Every cell, and then every database verified.
    async fn measure(&self, server: &str, redis: &str) -> Result<Report> {
        ensure!(!self.pools.is_empty() && !self.systems.is_empty(), "there is nothing to compare");
        let step = Step::timed("setting up");
        let highest = self.levels.iter().copied().max().unwrap_or_default() as usize;
        let bidders = (2 * highest).max(RICH_AUCTIONS);
        let rich = self.shape.contains(&Shape::Rich).then_some(System::Ours);
        let asked: BTreeSet<System> = self.systems.iter().copied().chain(rich).collect();
        let mut arenas = BTreeMap::new();
        for system in asked {
            let arena = Arena::build(server, system.name(), bidders, 1 + self.auctions as usize).await?;
            arenas.insert(system, arena);
        }
        let mut run = Run { plan: self, redis: redis.to_owned(), arenas, cells: Vec::new(), step };
        for shape in &self.shape {
            if *shape == Shape::Rich {
                run.rich().await?;
                continue;
            }
            for level in &self.levels {
                run.compare(*shape, *level as usize).await?;
            }
        }
        run.finish(self.seconds).await
    }
}

impl Run<'_> {
    /// All systems at one level, there and back, each built as a trial found best.
    async fn compare(&mut self, shape: Shape, level: usize) -> Result<()> {
        let mut ways = Vec::new();
        for system in self.plan.systems.clone() {
            ways.push(self.best_way(system, shape, level).await?);
        }
        self.there_and_back(&ways.iter().map(|way| (*way, shape)).collect::<Vec<_>>(), level).await
    }

    /// The rich one on two lanes and on one, and many on two.
    async fn rich(&mut self) -> Result<()> {
        let ours = |width| Way { system: System::Ours, form: Form::Statements, width };
        let two = ours(house::LANES);
        let turns =
            [(two, Shape::Spread), (two, Shape::Rich), (ours(1), Shape::Rich), (ours(1), Shape::Spread)];
        self.there_and_back(&turns, RICH_LEVEL).await
    }

    async fn there_and_back(&mut self, turns: &[(Way, Shape)], level: usize) -> Result<()> {
        for _ in 0..self.plan.repeats {
            for (way, shape) in turns.iter().chain(turns.iter().rev()) {
                let cell = self.cell(*way, *shape, level, 1).await?;
                self.cells.push(cell);
            }
        }
        Ok(())
    }

    /// The form and size that take the most bids in a short trial; with more connections than bidders some would idle.
    async fn best_way(&mut self, system: System, shape: Shape, level: usize) -> Result<Way> {
        if system == System::Ours {
            return Ok(Way { system, form: Form::Statements, width: house::LANES });
        }
        let mut widths: Vec<usize> = self.plan.pools.iter().map(|size| (*size as usize).min(level)).collect();
        widths.sort_unstable();
        widths.dedup();
        let forms = system.forms().iter();
        let ways: Vec<Way> = forms
            .flat_map(|form| widths.iter().map(|width| Way { system, form: *form, width: *width }))
            .collect();
        let mut best = (ways[0], -1.0);
        for way in ways.iter().filter(|_| ways.len() > 1) {
            let trial = self.cell(*way, shape, level, TRIAL_PART).await?;
            if trial.accepted_per_s > best.1 {
                best = (*way, trial.accepted_per_s);
            }
        }
        Ok(best.0)
    }

    async fn cell(&mut self, way: Way, shape: Shape, level: usize, part: u32) -> Result<Cell> {
        let plan = self.plan;
        self.step.say(format!("{} bidders, {shape:?}: {}, {}", level, way.system.name(), way.width));
        let load = Load {
            shape,
            level,
            warm_up: Duration::from_secs_f64(plan.warm_up) / part.min(2),
            measured: Duration::from_secs_f64(plan.seconds) / part,
            seed: plan.seed,
        };
        let arena = self.arenas.get_mut(&way.system).context("a system without a database")?;
        let cell = cell::run(arena, way, load, &self.redis).await;
        cell.with_context(|| format!("{} with {level} bidders, {shape:?}", way.system.name()))
    }

    /// Verifies every database, and removes those in which nothing is wrong.
    async fn finish(self, seconds: f64) -> Result<Report> {
        let mut report = Report::of(self.cells, seconds);
        for (system, arena) in self.arenas {
            self.step.say(format!("auditing {}", system.name()));
            let wrong = arena.verify().await?;
            report.verified.insert(system.name(), arena.acknowledged);
            if wrong.is_empty() {
                arena.remove().await?;
            }
            report.violations.extend(wrong.iter().map(|words| format!("{}: {words}", system.name())));
        }
        Ok(report)
    }
}
