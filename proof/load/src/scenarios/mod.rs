//! The scenarios: each sets its stage, lets it play, and adds the figures that only it has to the report.

mod browse;
mod closing;
mod market;
mod reconnect;
mod rising;
mod storm;
mod watch;

use anyhow::Result;

use crate::arguments::Scenario;
use crate::meter::{self, Machine};
use crate::play::Ground;
use crate::report::Report;
use crate::sampler::quantile_ms;
use crate::soak;

/// Runs one scenario and reports.
pub async fn run(scenario: &Scenario) -> Result<Report> {
    let run = scenario.run();
    let machine = Machine::read();
    let mut syncs = run.sync_probe.as_deref().map(meter::sync_probe).transpose()?;
    let ground = Ground::find(run).await?;
    let mut report = match scenario {
        Scenario::Storm(arguments) => storm::run(&ground, arguments).await?,
        Scenario::Rising(arguments) => rising::run(&ground, arguments).await?,
        Scenario::Market(arguments) => market::run(&ground, arguments).await?,
        Scenario::Watch(arguments) => watch::run(&ground, arguments).await?,
        Scenario::Closing(arguments) => closing::run(&ground, arguments).await?,
        Scenario::Browse(arguments) => browse::run(&ground, arguments).await?,
        Scenario::Reconnect(arguments) => reconnect::run(&ground, arguments).await?,
        Scenario::Soak(arguments) => soak::run(&ground, arguments).await?,
    };
    if let (Some(before), Some(folder)) = (&mut syncs, run.sync_probe.as_deref()) {
        before.add(meter::sync_probe(folder)?)?;
        report.fdatasync_p50_ms = Some(quantile_ms(before, 0.50));
        report.fdatasync_p99_ms = Some(quantile_ms(before, 0.99));
    }
    report.scenario = scenario.name();
    report.machine = machine;
    Ok(report)
}
