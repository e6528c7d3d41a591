//! Telemetry: one log on standard error, readable or JSON; never secrets, hidden amounts or addresses.

use anyhow::{Context, Result};
use tracing_subscriber::EnvFilter;

/// Starts the log.
///
/// # Errors
/// If `filter` cannot be read, or a log was started before.
pub fn start(filter: &str, is_json: bool) -> Result<()> {
    let filter = EnvFilter::try_new(filter).with_context(|| format!("log = {filter:?}"))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if is_json { log.json().try_init() } else { log.try_init() };
    started.map_err(|error| anyhow::anyhow!("starting the log: {error}"))
}
