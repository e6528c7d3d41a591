//! A commit whose outcome is unknown, on a real disk path: a tracer lets fdatasync of the write-ahead log fail, or kills
//! the server inside it. Nobody may be told anything false: what was acknowledged is there, and nothing refused comes back.

use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::house::{Binaries, House, finish};
use crate::say;

/// One way for a commit to end in doubt.
struct Doubt {
    name: &'static str,
    /// What the tracer does to fdatasync, counted in each thread.
    inject: &'static str,
    /// Whether another process reads the store meanwhile.
    reader: bool,
    /// Whether it ends the server, which then is started again.
    kills: bool,
}

const DOUBTS: [Doubt; 3] = [
    Doubt {
        name: "EIO in fdatasync at COMMIT",
        inject: "error=EIO:when=150+97",
        reader: false,
        kills: false,
    },
    Doubt {
        name: "EIO in fdatasync at COMMIT, a reader beside",
        inject: "error=EIO:when=150+97",
        reader: true,
        kills: false,
    },
    Doubt { name: "killed inside fdatasync", inject: "signal=KILL:when=150", reader: false, kills: true },
];

/// How long to look between two looks at the processes.
const PAUSE: Duration = Duration::from_millis(100);

/// Runs each doubt under load, and checks the books.
pub fn run(binaries: &Binaries) -> Result<()> {
    DOUBTS.iter().try_for_each(|doubt| run_one(binaries, doubt))
}

fn run_one(binaries: &Binaries, doubt: &Doubt) -> Result<()> {
    let mut house = House::new(binaries)?;
    house.start()?;
    let mut load = house.load(&[
        "storm",
        "--bidders",
        "8",
        "--in-flight",
        "4",
        "--watchers",
        "4",
        "--seconds",
        "8",
        "--survive",
        "--warm-up",
        "0",
        "--verify",
        "full",
        "--json",
    ])?;
    house.wait_for_bids()?;
    let mut tracer = trace(&house, doubt)?;
    let (mut reader, mut restarts) = (None, 0);
    while load.try_wait()?.is_none() {
        if house.has_ended()?.is_some() {
            house.start()?;
            restarts += 1;
        }
        if doubt.reader && reader.as_mut().is_none_or(has_ended) {
            reader = Some(house.read_all()?);
        }
        sleep(PAUSE);
    }
    let report = finish(load)?;
    house.kill()?;
    tracer.wait()?;
    reader.as_mut().map(Child::wait).transpose()?;
    house.audit()?;
    let trace = std::fs::read_to_string(house.beside("trace"))?;
    // Only what was injected counts: the tracer also writes down that the server is killed at the end of every run.
    let faults = trace.lines().filter(|line| line.contains("EIO") && line.contains("INJECTED")).count();
    let has_struck = if doubt.kills { restarts > 0 } else { faults > 0 };
    if !has_struck {
        bail!("{}: the tracer let nothing fail", doubt.name);
    }
    let acknowledged = report.lines().find(|line| line.contains("\"acknowledged\"")).unwrap_or_default();
    let acknowledged = acknowledged.trim();
    say(format!("{}: {faults} times EIO, {restarts} restarts, {acknowledged} audit clean", doubt.name))
}

/// Attaches the tracer to the running server.
fn trace(house: &House<'_>, doubt: &Doubt) -> Result<Child> {
    let pid = house.pid().context("a server runs")?.to_string();
    let inject = format!("inject=fsync,fdatasync:{}", doubt.inject);
    Command::new("strace")
        .args(["-f", "-qq", "-e", "trace=fsync,fdatasync", "-e", &inject, "-p", &pid, "-o"])
        .arg(house.beside("trace"))
        .stdin(Stdio::null())
        .spawn()
        .context("starting strace")
}

fn has_ended(child: &mut Child) -> bool {
    !matches!(child.try_wait(), Ok(None))
}
