//! The load generator: measures any NeighborBid server through its public API alone, and checks that what it was told
//! is what was kept. Ends with 0 after a clean run, 1 when a promise was broken or the run failed.

mod aim;
mod answers;
mod arguments;
mod baselines;
mod bidder;
mod chance;
mod clock;
mod http;
mod meter;
mod play;
mod progress;
#[cfg(test)]
mod rehearsal;
mod report;
mod sampler;
mod scan;
mod scenarios;
mod soak;
mod socket;
mod stage;
mod stored;
mod tally;
mod watcher;

use std::fs;
use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use tokio::runtime::{Builder, Runtime};

use crate::arguments::{Arguments, Command, Run, Scenario};
use crate::report::Report;

fn main() -> ExitCode {
    let measured = match Arguments::parse().command {
        Command::Scenario(mut scenario) => {
            if let Scenario::Soak(soak) = &mut scenario {
                soak.settle();
            }
            measure(&scenario)
        }
        Command::Baselines(plan) => runtime(plan.threads).and_then(|runtime| runtime.block_on(plan.run())),
    };
    match measured {
        Ok(clean) => ExitCode::from(u8::from(!clean)),
        Err(error) => {
            // If not even standard error takes it, nobody can be told.
            drop(writeln!(io::stderr(), "neighborbid-load: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Runs the scenario and writes its report; true if no promise was broken.
fn measure(scenario: &Scenario) -> Result<bool> {
    let run = scenario.run();
    let report = runtime(run.threads)?.block_on(scenarios::run(scenario))?;
    write(run, &report)?;
    Ok(report.violations.is_empty())
}

/// One thread by default: tasks then never wake each other across threads, and the server keeps the other processors.
fn runtime(threads: u16) -> Result<Runtime> {
    let mut builder = match threads {
        1 => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    if threads > 1 {
        builder.worker_threads(usize::from(threads));
    }
    builder.enable_all().build().context("starting the generator")
}

fn write(run: &Run, report: &Report) -> Result<()> {
    if let Some(path) = &run.html {
        fs::write(path, report.to_html()).with_context(|| format!("writing {}", path.display()))?;
    }
    if let Some(path) = &run.json_file {
        fs::write(path, report.to_json()?).with_context(|| format!("writing {}", path.display()))?;
    }
    let text = if run.json { report.to_json()? } else { report.to_text() };
    writeln!(io::stdout(), "{}", text.trim_end()).context("writing the report")
}
