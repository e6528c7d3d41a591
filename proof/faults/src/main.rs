//! Faults on a real server, or on several nodes, end to end: a load that never gives up, a server that is killed, whose disk
//! fails or is full, whose database fails over or is cut off, and at the end the books: everything acknowledged is there, nothing refused is, every watcher saw a gapless run, audit
//! clean.

mod chance;
mod disk;
mod failover;
mod full;
mod house;
mod kill;
mod market;
mod nodes;
mod partition;
mod rolling;
mod spread;
mod storm;
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
    /// Leaves no room on the disk while bids come in, and makes room again, so many times.
    DiskFull {
        /// How often.
        #[arg(long, default_value_t = 2)]
        times: u32,
        /// How long each time; after 30 seconds the house has an outage to make good.
        #[arg(long, default_value_t = 2)]
        seconds: u64,
    },
    /// Runs several nodes on one PostgreSQL behind a plain load balancer; nodes die and stand still, database connections are
    /// cut, and the Redis between them dies and stands still, at random.
    Nodes {
        /// How many nodes.
        #[arg(long, default_value_t = 3)]
        nodes: usize,
        /// How long things happen.
        #[arg(long, default_value_t = 120)]
        seconds: u64,
        /// Draws what and when; the same seed draws the same.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Kills the primary of several nodes' database under load, twice; its synchronous standby takes over.
    Failover {
        /// How many nodes.
        #[arg(long, default_value_t = 3)]
        nodes: usize,
    },
    /// Takes the way to the database from one of several nodes under load, and gives it back, twice.
    Partition {
        /// How many nodes.
        #[arg(long, default_value_t = 3)]
        nodes: usize,
    },
    /// Stops and starts several nodes under load, one after another.
    Rolling {
        /// How many nodes.
        #[arg(long, default_value_t = 3)]
        nodes: usize,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let binaries = house::Binaries { server: arguments.server, load: arguments.load };
    let result = match arguments.fault {
        Fault::Kill { times, seed } => kill::run(&binaries, times, seed),
        Fault::CommitUnknown => unknown::run(&binaries),
        Fault::DiskFull { times, seconds } => full::run(&binaries, times, seconds),
        Fault::Nodes { nodes, seconds, seed } => nodes::run(&binaries, nodes, seconds, seed),
        Fault::Failover { nodes } => failover::run(&binaries, nodes),
        Fault::Partition { nodes } => partition::run(&binaries, nodes),
        Fault::Rolling { nodes } => rolling::run(&binaries, nodes),
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
