//! A full disk under load: bids and sign-ups are refused with a stable code, reads are answered, the server lives on, and
//! when there is room again it goes on by itself. What was acknowledged is stored, nothing else is, the audit is clean.

use std::process::Child;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::disk::Disk;
use crate::house::{Binaries, House, finish, status};
use crate::say;

/// How long to wait between two looks.
const PAUSE: Duration = Duration::from_millis(200);

/// How many looks it may take until the house refuses, or takes, what is to be written.
const LOOKS_MAX: u32 = 150;

/// How many looks a full disk is looked at for each of its seconds.
const LOOKS_IN_A_SECOND: u64 = 5;

/// What the load takes beside each full disk, in seconds: to begin, and to go on afterwards.
const OTHER_SECONDS: u64 = 3;

/// Fills the disk so many times, each for so many seconds, and checks the books.
pub fn run(binaries: &Binaries, times: u32, seconds: u64) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut disk = Disk::below(folder.path());
    let mut house = House::at(binaries, folder.path())?;
    house.start()?;
    // Looking takes time too: twice as long as the disk is to be full.
    let lasts = u64::from(times) * (2 * seconds + OTHER_SECONDS);
    let mut load = storm(&house, lasts)?;
    house.wait_for_bids()?;
    let mut market = Market { house: &mut house, newcomers: 0 };
    let mut refused = 0;
    for _ in 0..times {
        disk.fill(market.house)?;
        market.wait_until("is full", Writes::Refused)?;
        for _ in 0..seconds * LOOKS_IN_A_SECOND {
            market.reads_are_answered()?;
            refused += u64::from(market.sign_up()? == Writes::Refused);
            sleep(PAUSE);
        }
        disk.make_room()?;
        market.wait_until("has room again", Writes::Taken)?;
        if load.try_wait()?.is_some() {
            finish(load)?;
            bail!("the load ended before the disk had been full {times} times");
        }
    }
    let report = finish(load)?;
    if house.has_ended()?.is_some() {
        bail!("the server did not outlive the full disk");
    }
    house.kill()?;
    house.audit()?;
    let busy = report.lines().find(|line| line.trim_start().starts_with("\"busy\":"));
    let busy = busy.context("no bid heard `busy` while the disk was full")?.trim().trim_end_matches(',');
    if report.contains("\"internal\":") {
        bail!("a bid heard `internal`: {report}");
    }
    let acknowledged = report.lines().find(|line| line.contains("\"acknowledged\"")).unwrap_or_default();
    let acknowledged = acknowledged.trim();
    say(format!("{}, {times} times: bids heard {busy}, {refused} sign-ups were refused, ", disk.way()))?;
    say(format!("every read was answered, {acknowledged} audit clean"))
}

fn storm(house: &House<'_>, seconds: u64) -> Result<Child> {
    let seconds = seconds.to_string();
    let who = ["storm", "--bidders", "8", "--in-flight", "4", "--watchers", "4", "--seconds", &seconds];
    house.load(&[&who[..], &["--survive", "--warm-up", "0", "--verify", "full", "--json"]].concat())
}

/// What became of something that is to be written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Writes {
    Taken,
    Refused,
}

/// The house as somebody outside sees it.
struct Market<'a, 'b> {
    house: &'a mut House<'b>,
    newcomers: u32,
}

impl Market<'_, '_> {
    /// Somebody new signs up; refused is only what has the code that the documents promise.
    fn sign_up(&mut self) -> Result<Writes> {
        self.newcomers += 1;
        let name = format!("newcomer{}", self.newcomers);
        let who = format!(
            "{{\"username\":\"{name}\",\"password\":\"moon over the river\",\"nickname\":\"{name}\"}}"
        );
        let answer = self.house.ask("POST", "/api/v1/members", &who)?;
        match status(&answer) {
            201 => Ok(Writes::Taken),
            503 if answer.contains("\"code\":\"unavailable\"") => Ok(Writes::Refused),
            _ => bail!("a sign-up on a full disk heard: {answer}"),
        }
    }

    /// What is stored can be read, by people and programs.
    fn reads_are_answered(&mut self) -> Result<()> {
        if let Some(status) = self.house.has_ended()? {
            bail!("the server ended while the disk was full: {status}");
        }
        for path in ["/api/v1/auctions/1", "/auctions/1", "/", "/healthz"] {
            let answer = self.house.ask("GET", path, "")?;
            if status(&answer) != 200 {
                bail!("GET {path} on a full disk: {answer}");
            }
        }
        Ok(())
    }

    fn wait_until(&mut self, what: &str, writes: Writes) -> Result<()> {
        for _ in 0..LOOKS_MAX {
            self.reads_are_answered()?;
            if self.sign_up()? == writes {
                return Ok(());
            }
            sleep(PAUSE);
        }
        bail!("the house does not notice that the disk {what}")
    }
}
