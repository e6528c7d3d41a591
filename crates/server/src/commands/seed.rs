//! `neighborbid seed`: fills an empty store with members and auctions, for tests of size.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::ArgMatches;
use store_sqlite::seed::{Plan, Seeded};
use web::password::Passwords;

use crate::clocks;
use crate::command_line::say;
use crate::folder::Folder;
use crate::settings::Settings;

/// Every seeded member's password, so that anyone can sign in; the store is for tests.
const PASSWORD: &str = "neighborbid";

/// How often to say how far it has come, in rows.
const SAY_EVERY: u64 = 100_000;

/// Fills the store.
///
/// # Errors
/// If the store is not empty, or its folder is in use.
pub fn run(settings: &Settings, arguments: &ArgMatches) -> Result<ExitCode> {
    let number = |name: &str| arguments.get_one::<u64>(name).copied().unwrap_or_default();
    if settings.database.is_some() {
        bail!("seed fills a store in data_dir, not a database");
    }
    let folder = Folder::take(&settings.data_dir)?;
    let passwords = Passwords::new(settings.web.password_cost, 1, clocks::chance());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let hash = runtime.block_on(passwords.hash(PASSWORD));
    let hash = hash.map_err(|_| anyhow::anyhow!("the members' password could not be hashed"))?;
    let plan = Plan {
        auctions: number("auctions"),
        members: number("members"),
        now: clocks::wall()(),
        seed: number("seed"),
        password_hash: &hash,
    };
    let mut said = 0;
    let mut progress = |seeded: Seeded| {
        let rows = seeded.members + seeded.auctions;
        if rows >= said + SAY_EVERY {
            said = rows;
            // A reader who has left does not stop the seed.
            let _ = say(format!("{} members, {} auctions", seeded.members, seeded.auctions));
        }
    };
    store_sqlite::seed::seed(folder.path(), &plan, &mut progress).context("seeding the store")?;
    say(format!("seeded: sign in as member1 … member{} with the password {PASSWORD:?}", plan.members))?;
    Ok(ExitCode::SUCCESS)
}
