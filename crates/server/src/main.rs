//! Floor 5, *starts*: the one binary, its commands and its settings. The only room that knows all the others.

mod clocks;
mod command_line;
mod commands;
mod control;
mod demo;
mod folder;
mod market;
mod settings;
mod telemetry;

use std::process::ExitCode;

use anyhow::Result;
use clap::ArgMatches;
use settings::Settings;

fn main() -> ExitCode {
    let matches = command_line::command().get_matches();
    match run(&matches) {
        Ok(code) => code,
        Err(error) => {
            let _ = command_line::say_error(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(matches: &ArgMatches) -> Result<ExitCode> {
    let values = command_line::values(matches)?;
    let (name, arguments) = matches.subcommand().unwrap_or(("serve", matches));
    if name == "settings" {
        return commands::settings::run(&values);
    }
    let settings = Settings::read(&values)?;
    telemetry::start(&settings.log, settings.log_is_json)?;
    match name {
        "serve" => commands::serve::run(settings),
        "demo" => commands::demo::run(settings, arguments),
        "migrate" => commands::migrate::run(&settings),
        "audit" => commands::audit::run(&settings, arguments),
        "export" => commands::export::run(&settings, arguments),
        "import" => commands::import::run(&settings, arguments),
        "seed" => commands::seed::run(&settings, arguments),
        "member" | "admin" => commands::member::run(&settings, arguments),
        other => anyhow::bail!("there is no command {other:?}"),
    }
}
