//! Faults on a real server, end to end: a load that never gives up, a server that is killed or whose disk fails, and at
//! the end the books: everything acknowledged is there, nothing refused is, every watcher saw a gapless run, audit clean.

mod house;
mod kill;
mod unknown;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Where the binaries are, and what to do to them.
#[derive(Parser, Debug)]
#[command(name = "neighborbid-faults")]
struct Arguments {
    /// The server.
    #[arg(long)]
    server: PathBuf,
    /// The load generator.
    #[arg(long)]
    load: PathBuf,
    #[command(subcommand)]
    fault: Fault,
}

#[derive(Subcommand, Debug)]
enum Fault {
    /// Kills the server with signal 9 while bids come in, and starts it again, so many times.
    Kill {
        /// How often.
        #[arg(long, default_value_t = 50)]
        times: u32,
        /// Draws the moments; the same seed draws the same.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Lets fdatasync fail or die at COMMIT, with and without a reader that has the store open.
    CommitUnknown,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let binaries = house::Binaries { server: arguments.server, load: arguments.load };
    let result = match arguments.fault {
        Fault::Kill { times, seed } => kill::run(&binaries, times, seed),
        Fault::CommitUnknown => unknown::run(&binaries),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Writes one line to standard output.
fn say(line: impl std::fmt::Display) -> Result<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}
