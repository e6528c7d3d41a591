//! The load beneath a fault: bidders and watchers of one auction who never give up, and at the end a report that was
//! held against the store.

use std::process::Child;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::house::{Binaries, finish};
use crate::say;

/// What a bidder may hear and still be served: what the rules say, and that the house is full or its store away.
const REFUSALS_ALLOWED: [&str; 4] = ["below_minimum", "busy", "unavailable", "outcome_unknown"];

/// Who takes part, and for how long.
#[derive(Clone, Copy)]
pub struct Cast {
    /// Members who bid, a connection each.
    pub bidders: u32,
    /// Bids under way on each of them.
    pub in_flight: u32,
    /// Connections that watch.
    pub watchers: u32,
    /// How long bids are made.
    pub seconds: u64,
}

/// A load that runs, and is ended with its owner.
pub struct Storm {
    load: Option<Child>,
    began: Instant,
}

impl Storm {
    /// Starts it against whatever is served there.
    #[expect(clippy::disallowed_methods, reason = "how long faults go on is measured here and nowhere else")]
    pub fn start(binaries: &Binaries, url: &str, cast: Cast) -> Result<Storm> {
        let [bidders, in_flight, watchers] =
            [cast.bidders, cast.in_flight, cast.watchers].map(|count| count.to_string());
        let seconds = cast.seconds.to_string();
        let who = ["--bidders", &bidders, "--in-flight", &in_flight, "--watchers", &watchers];
        let how = ["--seconds", &seconds, "--survive", "--warm-up", "0", "--verify", "full", "--json"];
        let load = binaries.start_load(url, &[&["storm"][..], &who, &how].concat())?;
        Ok(Storm { load: Some(load), began: Instant::now() })
    }

    /// How long it has run, its setting up included.
    #[expect(clippy::disallowed_methods, reason = "how long faults go on is measured here and nowhere else")]
    pub fn age(&self) -> Duration {
        self.began.elapsed()
    }

    /// Fails if it has ended.
    pub fn must_go_on(&mut self) -> Result<()> {
        let load = self.load.as_mut().context("it is finished once")?;
        if load.try_wait()?.is_none() {
            return Ok(());
        }
        if let Some(load) = self.load.take() {
            finish(load)?;
        }
        bail!("the load ended before the last fault")
    }

    /// Waits until it ends, which must be without a broken promise, and gives its report.
    pub fn finish(mut self) -> Result<Report> {
        let load = self.load.take().context("it is finished once")?;
        Ok(Report(serde_json::from_str(&finish(load)?).context("the report of the load")?))
    }
}

impl Drop for Storm {
    fn drop(&mut self) {
        if let Some(load) = &mut self.load {
            let _ = load.kill();
            let _ = load.wait();
        }
    }
}

/// What the load says of its run.
pub struct Report(Value);

impl Report {
    /// One of its whole numbers.
    pub fn count(&self, name: &str) -> Result<u64> {
        self.0[name].as_u64().with_context(|| format!("the report has no {name}"))
    }

    /// How many bids heard this code.
    pub fn heard(&self, code: &str) -> u64 {
        self.0["refusals"][code].as_u64().unwrap_or_default()
    }

    /// How many connections were closed with each code.
    pub fn closes(&self) -> Result<Vec<(String, u64)>> {
        let closes = self.0["closes"].as_object().context("the report has no closes")?;
        Ok(closes.iter().map(|(code, count)| (code.clone(), count.as_u64().unwrap_or_default())).collect())
    }

    /// Fails if a bid heard anything but what a rule or a house that is full for a while may say.
    pub fn must_be_served(&self) -> Result<()> {
        let refusals = self.0["refusals"].as_object().context("the report has no refusals")?;
        match refusals.keys().find(|code| !REFUSALS_ALLOWED.contains(&code.as_str())) {
            Some(code) => bail!("{} bids heard `{code}`", self.heard(code)),
            None => Ok(()),
        }
    }

    /// Says in a line what was promised and kept.
    pub fn say(&self) -> Result<()> {
        let counted = ["acknowledged", "stored", "gaps", "reconnections"]
            .map(|name| Ok(format!("{name} {}", self.count(name)?)))
            .into_iter()
            .collect::<Result<Vec<_>>>()?;
        say(format!("{}, busy {}", counted.join(", "), self.heard("busy")))
    }
}
