//! `neighborbid demo`: the whole house with a living sample market, from a folder of its own.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use auction::Span;
use clap::ArgMatches;
use engine::Deposits;
use web::password::Passwords;

use crate::clocks;
use crate::commands::serve;
use crate::demo::Demo;
use crate::settings::Settings;

/// Where the sample market lives unless a folder is named.
const FOLDER: &str = "./demo-data";

/// Sample auctions may be short, so that a newcomer sees one end.
const MINIMUM_DURATION: Span = Span::minutes(1);

/// Serves the sample market until a signal says stop.
///
/// # Errors
/// As `serve`.
pub fn run(mut settings: Settings, arguments: &ArgMatches) -> Result<ExitCode> {
    if !settings.has_data_dir {
        settings.move_to(FOLDER.into());
    }
    settings.deposits = Deposits::Demo;
    settings.web.deposits = Deposits::Demo;
    settings.listing.minimum_duration = MINIMUM_DURATION;
    settings.web.minimum_duration = MINIMUM_DURATION;
    let cost = settings.web.password_cost;
    let seed = arguments.get_one::<u64>("seed").copied().unwrap_or_default();
    serve::run_beside(settings, move |market, stopping| {
        let demo = Demo {
            engine: market.engine.clone(),
            records: Arc::clone(&market.records),
            darkroom: Arc::clone(&market.darkroom),
            clock: market.clock.clone(),
            passwords: Passwords::new(cost, 1, clocks::chance()),
            seed,
        };
        Some(Box::pin(demo.run(stopping)))
    })
}
