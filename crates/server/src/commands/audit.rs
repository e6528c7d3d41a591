//! `neighborbid audit`: everything a store can show of its promises, checked while it lives, on a copy, or on a backup.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::ArgMatches;
use store::copy::{Rows, Table};
use store_postgres::Target;
use store_sqlite::audit::CheckResult;
use store_sqlite::copy::Copy;
use tempfile::TempDir;

use crate::command_line::{Say, say};
use crate::settings::Settings;

/// What the name of a copy's folder begins with.
const COPY_PREFIX: &str = "neighborbid-audit-";

/// Prints a line for each check, with the rows it looked at, and the rows that break it.
///
/// # Errors
/// If there is no store, or it cannot be read.
pub fn run(settings: &Settings, arguments: &ArgMatches) -> Result<ExitCode> {
    let is_sound = match arguments.get_one::<String>("backup") {
        Some(backup) => audit(&PathBuf::from(backup), say)?,
        None => audit_store(settings, say)?,
    };
    Ok(if is_sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Audits the store that the settings name, and tells of each check; whether all of them hold.
///
/// # Errors
/// If there is no store, or it cannot be read.
pub fn audit_store(settings: &Settings, say: Say) -> Result<bool> {
    match &settings.database {
        Some(target) => audit_copy(target, say),
        None => audit(&settings.data_dir.join(store_sqlite::FILE_NAME), say),
    }
}

/// Audits a database as it is now: copies what the checks read, looks at the copy, and throws it away.
fn audit_copy(target: &Target, say: Say) -> Result<bool> {
    let folder = TempDir::with_prefix(COPY_PREFIX).context("making a folder for the copy")?;
    let path = folder.path().join(store_sqlite::FILE_NAME);
    let mut copy = Copy::begin(&path).context("making the copy")?;
    let tables = copy.tables().to_vec();
    say(format!("copying {} tables of the database to {}", tables.len(), folder.path().display()))?;
    let mut rows_copied: u64 = 0;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut take = |table: &Table, rows: Rows| {
        rows_copied += rows.len() as u64;
        copy.take(table, rows)
    };
    runtime.block_on(store_postgres::copy(target, &tables, &mut take)).context("copying the database")?;
    copy.finish().context("putting the copy in order")?;
    say(format!("copied {rows_copied} rows"))?;
    let is_sound = audit(&path, say);
    folder.close().context("removing the copy")?;
    is_sound
}

fn audit(path: &Path, say: Say) -> Result<bool> {
    let mut broken_pipe = None;
    let mut report = |result: &CheckResult| {
        if let Err(error) = print(result, say) {
            broken_pipe.get_or_insert(error);
        }
    };
    let summary = store_sqlite::audit::audit(path, &mut report)
        .with_context(|| format!("auditing {}", path.display()))?;
    if let Some(error) = broken_pipe {
        return Err(error.into());
    }
    say(format!("{} checks, {} rows, {} violations", summary.checks, summary.rows, summary.violations))?;
    Ok(summary.violations == 0)
}

fn print(result: &CheckResult, say: Say) -> std::io::Result<()> {
    let verdict = if result.violations == 0 { "ok" } else { "BROKEN" };
    say(format!("{verdict:<7}{:<36}{:>12} rows", result.name, result.rows))?;
    result.examples.iter().try_for_each(|row| say(format!("       {row}")))
}
