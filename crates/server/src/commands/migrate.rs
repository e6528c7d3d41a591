//! `neighborbid migrate`: brings the store's schema up to date and ends.

use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::clocks;
use crate::command_line::say;
use crate::folder::Folder;
use crate::settings::Settings;

/// Migrates the store; making a new one is a migration from nothing.
///
/// # Errors
/// If the folder is in use, or the store is newer than this release.
pub fn run(settings: &Settings) -> Result<ExitCode> {
    if let Some(target) = &settings.database {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(store_postgres::migrate(target)).context("migrating the store")?;
        say(format!("the store has schema {}", store_postgres::SCHEMA_VERSION))?;
        return Ok(ExitCode::SUCCESS);
    }
    let folder = Folder::take(&settings.data_dir)?;
    drop(store_sqlite::open(folder.path(), clocks::wall()).context("opening the store")?);
    say(format!("the store has schema {}", store_sqlite::SCHEMA_VERSION))?;
    Ok(ExitCode::SUCCESS)
}
