//! `neighborbid audit`: everything a store can show of its promises, checked while it lives, or on a backup.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::ArgMatches;
use store_sqlite::audit::CheckResult;

use crate::command_line::say;
use crate::settings::Settings;

/// Prints a line for each check, with the rows it looked at, and the rows that break it.
///
/// # Errors
/// If there is no store, or it cannot be read.
pub fn run(settings: &Settings, arguments: &ArgMatches) -> Result<ExitCode> {
    let path = match arguments.get_one::<String>("backup") {
        Some(backup) => PathBuf::from(backup),
        None => settings.data_dir.join(store_sqlite::FILE_NAME),
    };
    audit(&path)
}

fn audit(path: &Path) -> Result<ExitCode> {
    let mut broken_pipe = None;
    let mut report = |result: &CheckResult| {
        if let Err(error) = print(result) {
            broken_pipe.get_or_insert(error);
        }
    };
    let summary = store_sqlite::audit::audit(path, &mut report)
        .with_context(|| format!("auditing {}", path.display()))?;
    if let Some(error) = broken_pipe {
        return Err(error.into());
    }
    say(format!("{} checks, {} rows, {} violations", summary.checks, summary.rows, summary.violations))?;
    Ok(if summary.violations == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print(result: &CheckResult) -> std::io::Result<()> {
    let verdict = if result.violations == 0 { "ok" } else { "BROKEN" };
    say(format!("{verdict:<7}{:<36}{:>12} rows", result.name, result.rows))?;
    result.examples.iter().try_for_each(|row| say(format!("       {row}")))
}
