//! The command line: one flag for each setting, and the commands.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Result;
use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::settings::{DEFAULT_FILE, Values, all, variable};

/// The whole command line.
pub fn command() -> Command {
    let settings = all().map(|setting| {
        let default = if setting.default.is_empty() { "none" } else { setting.default };
        Arg::new(setting.name)
            .long(setting.name.replace('_', "-"))
            .value_name(setting.name.to_ascii_uppercase())
            .global(true)
            .help(format!("{} [env: {}] [default: {default}]", setting.help, variable(setting.name)))
            .hide_short_help(!matches!(setting.name, "listen" | "data_dir" | "public_url"))
    });
    Command::new("neighborbid")
        .version(clap::crate_version!())
        .about("A real-time auction house for neighbourhoods, from one binary.")
        .args(settings)
        .arg(Arg::new("config").long("config").global(true).help(format!(
            "settings file [env: NEIGHBORBID_CONFIG] [default: {DEFAULT_FILE}, if it is there]"
        )))
        .subcommand(Command::new("serve").about("Serves the auction house (what happens without a command)"))
        .subcommand(
            Command::new("demo").about("Serves a living sample market from a folder of its own").arg(number(
                "seed",
                "1",
                "the same seed makes the same neighbours do the same",
            )),
        )
        .subcommand(Command::new("migrate").about("Brings the store's schema up to date and ends"))
        .subcommand(Command::new("settings").about("Prints every setting with its origin"))
        .subcommand(audit())
        .subcommand(export())
        .subcommand(import())
        .subcommand(seed())
        .subcommand(member())
        .subcommand(admin())
}

fn audit() -> Command {
    let backup =
        Arg::new("backup").long("backup").value_name("FILE").help("a copy instead of the store itself");
    Command::new("audit")
        .about("Checks every promise that the store can show; exit 1 if one is broken")
        .arg(backup)
}

fn export() -> Command {
    Command::new("export")
        .about("Writes the whole market to a file, to be imported into another store")
        .arg(
            Arg::new("to")
                .long("to")
                .value_name("FILE")
                .required(true)
                .help("a new file, or - for standard output"),
        )
        .arg(flag(
            "while-running",
            "beside a running house, for a trial: what comes later is not in the file",
        ))
        .arg(flag("without-audit", "does not audit the store first"))
}

fn import() -> Command {
    Command::new("import")
        .about("Takes an exported market into a new store; run again, it goes on where it was stopped")
        .arg(
            Arg::new("from")
                .long("from")
                .value_name("FILE")
                .required(true)
                .help("what export wrote, or - for standard input"),
        )
        .arg(flag("dry-run", "reads and checks the whole file, and writes nothing"))
        .arg(flag("without-audit", "does not audit the store afterwards"))
}

fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

fn number(name: &'static str, default: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_parser(clap::value_parser!(u64)).default_value(default).help(help)
}

fn seed() -> Command {
    Command::new("seed")
        .about("Fills an empty store, for tests of size")
        .arg(number("auctions", "1000", "how many auctions"))
        .arg(number("members", "100", "how many members"))
        .arg(number("seed", "1", "the same seed makes the same store"))
}

fn member() -> Command {
    let name = || Arg::new("username").required(true).help("who, by username");
    Command::new("member")
        .about("Looks after one member, in a running house or in a store at rest")
        .subcommand_required(true)
        .subcommand(Command::new("show").about("Prints what the house knows of a member").arg(name()))
        .subcommand(
            Command::new("password")
                .about("Sets a new password, read from standard input, and ends his sessions")
                .arg(name()),
        )
        .subcommand(
            Command::new("suspend")
                .about("Keeps a member from bidding and listing; his bids are taken back, his auctions cancelled")
                .arg(name())
                .arg(Arg::new("reason").long("reason").value_name("TEXT").help("why; the member may read it"))
                .arg(lift()),
        )
}

fn admin() -> Command {
    let name = || Arg::new("username").required(true).help("who, by username");
    Command::new("admin")
        .about("Says who decides where the rules cannot: disputes, withdrawals, suspensions")
        .subcommand_required(true)
        .subcommand(Command::new("grant").about("Makes a member an admin").arg(name()))
        .subcommand(Command::new("revoke").about("Makes him none any more").arg(name()))
}

fn lift() -> Arg {
    flag("lift", "lifts the suspension instead")
}

/// The settings' values: flags, then environment, then file, then defaults.
///
/// # Errors
/// If the settings file cannot be read.
pub fn values(matches: &ArgMatches) -> Result<Values> {
    // A global flag is found where it was given: beside the command or behind it.
    let deepest =
        matches.subcommand().map_or(matches, |(_, inner)| inner.subcommand().map_or(inner, |(_, last)| last));
    let flag = |name: &str| deepest.try_get_one::<String>(name).ok().flatten().cloned();
    let environment = |name: &str| std::env::var(name).ok();
    let file = flag("config").or_else(|| environment("NEIGHBORBID_CONFIG")).map(PathBuf::from);
    Values::gather(flag, environment, file)
}

/// Writes one line to standard output.
///
/// # Errors
/// If nobody reads it any more.
pub fn say(line: impl std::fmt::Display) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{line}")
}

/// Writes one line to standard error, where standard output is taken by what was asked for.
///
/// # Errors
/// If nobody reads it any more.
pub fn say_aside(line: impl std::fmt::Display) -> io::Result<()> {
    writeln!(io::stderr().lock(), "{line}")
}

/// One of the two.
pub type Say = fn(String) -> io::Result<()>;

/// Writes an error with its causes to standard error.
///
/// # Errors
/// If nobody reads it any more.
pub fn say_error(error: &anyhow::Error) -> io::Result<()> {
    writeln!(io::stderr().lock(), "error: {error:#}")
}
