//! `neighborbid member …` and `neighborbid admin …`: look after one member, in a running house or in a store at rest.

use std::io::{BufRead, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use clap::ArgMatches;
use store::Journal;
use store_postgres::Timekeeper;
use web::password::Passwords;

use crate::clocks;
use crate::command_line::say;
use crate::control::{self, Control, Request, Response};
use crate::folder::Folder;
use crate::settings::Settings;

/// Carries the command out and says what became of it.
///
/// # Errors
/// If neither a running house nor the folder's lock can be had.
pub fn run(settings: &Settings, arguments: &ArgMatches) -> Result<ExitCode> {
    let request = request(arguments)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let response = runtime.block_on(carry_out(settings, request))?;
    say(&response.words)?;
    Ok(if response.done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn request(arguments: &ArgMatches) -> Result<Request> {
    let (name, arguments) = arguments.subcommand().context("a command for the member is missing")?;
    let username = arguments.get_one::<String>("username").context("a username is missing")?.clone();
    match name {
        "show" => Ok(Request::Show { username }),
        "password" => Ok(Request::Password { username, password: read_password()? }),
        "suspend" => {
            let reason = arguments.get_one::<String>("reason").cloned();
            let reason = reason.unwrap_or_else(|| control::NO_REASON.to_owned());
            Ok(Request::Suspend { username, suspended: !arguments.get_flag("lift"), reason })
        }
        "grant" => Ok(Request::Admin { username, granted: true }),
        "revoke" => Ok(Request::Admin { username, granted: false }),
        other => bail!("there is no command {other:?} for a member"),
    }
}

/// One line of standard input; never an argument, where every process could read it.
fn read_password() -> Result<String> {
    let input = std::io::stdin().lock();
    if input.is_terminal() {
        write!(std::io::stderr().lock(), "new password: ")?;
    }
    let mut line = String::new();
    let mut input = input;
    input.read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

async fn carry_out(settings: &Settings, request: Request) -> Result<Response> {
    if let Some(response) = control::ask(&settings.data_dir, &request).await? {
        return Ok(response);
    }
    let passwords = Arc::new(Passwords::new(settings.web.password_cost, 1, clocks::chance()));
    if let Some(target) = &settings.database {
        let opened = store_postgres::open(target, Timekeeper::Database).await;
        let (_journal, records) = opened.context("opening the store")?;
        let control = Control { records: Arc::new(records), passwords, hub: None, clock: clocks::wall() };
        return Ok(control.carry_out(request).await);
    }
    if !settings.data_dir.join(store_sqlite::FILE_NAME).exists() {
        bail!("there is no store in {}", settings.data_dir.display());
    }
    let folder = Folder::take(&settings.data_dir)?;
    let (mut journal, records, _checkpointer) =
        store_sqlite::open(folder.path(), clocks::wall()).context("opening the store")?;
    let control = Control { records: Arc::new(records), passwords, hub: None, clock: clocks::wall() };
    let mut doing = Box::pin(control.carry_out(request));
    loop {
        tokio::select! {
            response = &mut doing => return Ok(response),
            () = journal.records_wait() => journal.serve_records().await,
        }
    }
}
