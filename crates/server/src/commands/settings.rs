//! `neighborbid settings`: every setting with its value and where that comes from.

use std::process::ExitCode;

use anyhow::Result;

use crate::command_line::say;
use crate::settings::{SECRET, Settings, Values};

/// Prints them in the form of the settings file, then says whether the house would start with them.
///
/// # Errors
/// If a value cannot be read.
pub fn run(values: &Values) -> Result<ExitCode> {
    for (name, value, origin) in values.iter() {
        let is_secret = SECRET.contains(&name) && !value.is_empty();
        let shown = if is_secret { "(set)" } else { value };
        say(format!("{name} = {shown:?}  # {origin}"))?;
    }
    Settings::read(values)?;
    Ok(ExitCode::SUCCESS)
}
