//! The course that most scenarios share: bidders bid and watchers watch for a window, then everybody is waited for,
//! and what was acknowledged and shown is held against what is stored. Also the ground that a run stands on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::aim::{Aim, Board};
use crate::answers::Takings;
use crate::arguments::Run;
use crate::bidder::{Bidder, Equipment, Tempo, Window};
use crate::chance::{Chance, KeyMaker};
use crate::clock;
use crate::http::Api;
use crate::meter::{self, Meter};
use crate::sampler::{self, Measured};
use crate::socket::{Closes, Door, Socket, Use};
use crate::stage::{Lot, Member, Stage, at_once};
use crate::stored::{self, Comparison};
use crate::tally::Tally;
use crate::watcher::{Sights, Surroundings, Watcher};

/// Connections opened at once.
const CONNECTS_AT_ONCE: usize = 64;
/// Files that a process needs beside its connections.
const OTHER_FILES: u64 = 300;
/// More bids a second than any server of today decides; so much money is given out.
const FASTEST_BIDS_PER_SECOND: i64 = 150_000;

/// What every scenario needs.
pub struct Ground<'run> {
    /// What was asked for.
    pub run: &'run Run,
    /// The HTTP half of the server.
    pub api: Api,
    /// The live half.
    pub door: Door,
    /// Makes members, money and auctions.
    pub stage: Stage,
    /// Where everything is counted.
    pub tally: Arc<Tally>,
    /// Where the server's cost is read.
    pub meter: Meter,
    /// How far the server's clock is ahead of ours.
    pub ahead_us: i64,
    /// When the run began.
    pub began: Instant,
    /// Streams of chance given to key makers so far: no two of them make the same key.
    streams: AtomicU64,
}

impl<'run> Ground<'run> {
    /// Finds the server.
    pub async fn find(run: &'run Run) -> Result<Self> {
        let api = Api::new(&run.url)?;
        let door = Door { authority: api.authority().to_owned(), origin: run.origin.clone() };
        let mut socket = Socket::connect(&door, Use::Watching).await.context("the server's live door")?;
        let ahead_us = socket.clock_ahead_us().await?;
        socket.close().await;
        let meter = match (run.server_pid, &run.metrics_url) {
            (Some(pid), _) => Meter::Process(pid),
            (None, Some(url)) => Meter::Metrics { url: url.clone(), token: run.metrics_token.clone() },
            (None, None) => Meter::Blind,
        };
        let stage = Stage::new(api.clone(), run.seed);
        Ok(Self {
            run,
            api,
            door,
            stage,
            tally: Arc::new(Tally::new()),
            meter,
            ahead_us,
            began: clock::monotonic(),
            streams: AtomicU64::new(0),
        })
    }

    /// The server's wall clock, microseconds since 1970.
    pub fn server_now_us(&self) -> i64 {
        clock::wall_us() + self.ahead_us
    }

    /// Money that lasts for amounts that rise by one with every bid of the run.
    pub fn money_for(&self, bids_per_second: Option<f64>) -> i64 {
        let seconds =
            i64::try_from(self.run.seconds + self.run.warm_up + 1).unwrap_or(i64::MAX / 1_000_000_000);
        let rate = bids_per_second.map_or(FASTEST_BIDS_PER_SECOND, |rate| rate.ceil() as i64 + 1);
        seconds.saturating_mul(rate)
    }

    /// Connects and signs in a bidder for each aim.
    pub async fn bidders(
        &self,
        members: &[Member],
        aims: Vec<Aim>,
        board: &Arc<Board>,
        rate: Option<f64>,
        in_flight: u32,
    ) -> Result<Vec<Bidder>> {
        let count = aims.len();
        let calls = aims.into_iter().zip(members).enumerate().map(|(number, (aim, member))| {
            let keys = KeyMaker::new(Chance::new(self.run.seed, self.streams.fetch_add(1, Relaxed)));
            let equipment = Equipment {
                door: self.door.clone(),
                member: member.clone(),
                tempo: Tempo::of(rate, in_flight, number, count),
                aim,
                board: board.clone(),
                keys,
                tally: self.tally.clone(),
                survive: self.run.survive,
            };
            Bidder::connect(number, equipment)
        });
        at_once("connecting bidders", CONNECTS_AT_ONCE, count, calls).await
    }

    /// What watchers share.
    pub fn surroundings(&self, board: &Arc<Board>) -> Surroundings {
        Surroundings {
            door: self.door.clone(),
            tally: self.tally.clone(),
            board: board.clone(),
            ahead_us: self.ahead_us,
            survive: self.run.survive,
            deadline_us: None,
            cuts: Arc::default(),
        }
    }

    /// Connects watchers: each gets its share of the auctions, or, when they outnumber the auctions, one of them.
    pub async fn watchers(&self, lots: &[Lot], count: usize, around: &Surroundings) -> Result<Vec<Watcher>> {
        need_files(count)?;
        let calls = (0..count).map(|number| {
            let share: Vec<Lot> = share_of(lots, number, count);
            async move { Watcher::connect(number, &share, around.clone()).await }
        });
        at_once("connecting watchers", CONNECTS_AT_ONCE, count, calls).await
    }

    /// A window that begins now, with its warm-up first.
    pub fn window(&self) -> Window {
        let open = clock::monotonic() + Duration::from_secs(self.run.warm_up);
        Window { open, stop: open + Duration::from_secs(self.run.seconds) }
    }
}

fn share_of(lots: &[Lot], number: usize, count: usize) -> Vec<Lot> {
    if count >= lots.len() {
        return vec![lots[number % lots.len()]];
    }
    lots.iter().copied().skip(number).step_by(count).collect()
}

fn need_files(connections: usize) -> Result<()> {
    let (needed, allowed) = (connections as u64 + OTHER_FILES, meter::raise_open_files());
    if needed > allowed {
        bail!("{needed} open files are needed and {allowed} are allowed: raise the limit (ulimit -n)");
    }
    Ok(())
}

/// Who takes part.
pub struct Cast {
    /// All auctions of the run, in the order of their places.
    pub lots: Vec<Lot>,
    /// Those who bid.
    pub bidders: Vec<Bidder>,
    /// Those who watch.
    pub watchers: Vec<Watcher>,
    /// When it is measured.
    pub window: Window,
    /// What was acknowledged before the window (`closing`).
    pub before: Vec<Takings>,
}

/// How it went.
pub struct Performance {
    /// What the window showed.
    pub measured: Measured,
    /// What bidders brought home.
    pub takings: Takings,
    /// What watchers brought home.
    pub sights: Sights,
    /// How the store compares.
    pub comparison: Comparison,
    /// Seconds from the beginning of the run to the window's warm-up.
    pub set_up_seconds: f64,
    /// Seconds that the comparison took.
    pub verify_seconds: f64,
}

/// Plays it from the warm-up to the comparison with the store.
pub async fn perform(ground: &Ground<'_>, cast: Cast) -> Result<Performance> {
    let Cast { lots, bidders, watchers, window, before } = cast;
    let begin = clock::monotonic();
    let set_up_seconds = (begin - ground.began).as_secs_f64();
    let (tell_heads, heads_told) = watch::channel(None);
    let mut watching = JoinSet::new();
    for watcher in watchers {
        watching.spawn(watcher.run(heads_told.clone()));
    }
    let mut bidding = JoinSet::new();
    for bidder in bidders {
        bidding.spawn(bidder.run(begin, window));
    }
    let mut measured = sampler::measure(&ground.tally, &ground.api, &ground.meter, window).await;
    let mut takings = Takings::default();
    before.into_iter().for_each(|earlier| takings.add(earlier));
    while let Some(bidder) = bidding.join_next().await {
        takings.add(bidder.context("a bidder failed")?);
    }
    let verifying = clock::monotonic();
    let standings = stored::heads(&ground.api, &lots).await?;
    let heads = standings.iter().map(|standing| standing.seq).collect();
    // Without watchers nobody listens, and that is no error.
    drop(tell_heads.send(Some(Arc::new(heads))));
    let mut sights = Sights::default();
    while let Some(watcher) = watching.join_next().await {
        sights.add(watcher.context("a watcher failed")?);
    }
    measured.add_stragglers(&ground.tally);
    let receipts = std::mem::take(&mut takings.receipts);
    let witnessed = std::mem::take(&mut sights.witnessed);
    let comparison =
        stored::compare(&ground.api, &lots, &standings, receipts, witnessed, ground.run.verify).await?;
    let verify_seconds = (clock::monotonic() - verifying).as_secs_f64();
    Ok(Performance { measured, takings, sights, comparison, set_up_seconds, verify_seconds })
}

impl Performance {
    /// Connections that the server closed, of bidders and watchers.
    pub fn closes(&self) -> Closes {
        let mut closes = self.takings.closes.clone();
        add_closes(&mut closes, self.sights.closes.clone());
        closes
    }

    /// Everything that must not be, in words; empty after a clean run.
    pub fn violations(&self) -> Vec<String> {
        let mut found = self.comparison.violations();
        let mut check = |count: u64, what: &str| {
            if count > 0 {
                found.push(format!("{count} {what}"));
            }
        };
        check(self.sights.gaps, "gaps were seen by watchers without a snapshot");
        check(self.sights.disorder, "frames came out of order");
        check(self.sights.unknown, "frames were none that the API describes");
        check(self.sights.behind, "auctions were not seen to their end within 10 s");
        check(self.takings.unanswered, "bids were never answered");
        check(self.takings.strays, "answers belonged to no bid");
        let troubles = [&self.takings.trouble, &self.sights.trouble];
        found.extend(
            troubles.into_iter().flatten().map(|trouble| format!("a connection ended early: {trouble}")),
        );
        found
    }
}

fn add_closes(closes: &mut Closes, others: Closes) {
    others.into_iter().for_each(|(code, count)| *closes.entry(code).or_default() += count);
}

impl Takings {
    /// Adds another bidder's; of troubles the first is kept.
    pub fn add(&mut self, other: Takings) {
        self.receipts.extend(other.receipts);
        for (code, count) in other.refusals {
            *self.refusals.entry(code).or_default() += count;
        }
        self.unanswered += other.unanswered;
        self.strays += other.strays;
        self.reconnections += other.reconnections;
        add_closes(&mut self.closes, other.closes);
        self.trouble = self.trouble.take().or(other.trouble);
    }
}

impl Sights {
    /// Adds another watcher's; of troubles the first is kept.
    fn add(&mut self, other: Sights) {
        self.gaps += other.gaps;
        self.disorder += other.disorder;
        self.unknown += other.unknown;
        self.put_off += other.put_off;
        self.behind += other.behind;
        self.reconnections += other.reconnections;
        add_closes(&mut self.closes, other.closes);
        self.resumed_us.extend(other.resumed_us);
        self.settled_us.extend(other.settled_us);
        self.witnessed.extend(other.witnessed);
        self.trouble = self.trouble.take().or(other.trouble);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn watchers_share_the_auctions_or_crowd_on_them() {
        let lots: Vec<_> =
            (0..5).map(|index| Lot { index, id: i64::from(index), start: 1, unit: 1 }).collect();
        let ids = |number, count| share_of(&lots, number, count).iter().map(|lot| lot.id).collect::<Vec<_>>();
        assert_eq!((ids(0, 2), ids(1, 2)), (vec![0, 2, 4], vec![1, 3]));
        assert_eq!((ids(0, 5), ids(6, 7)), (vec![0], vec![1]));
    }

    #[test]
    fn takings_add_up() {
        let mut sum = Takings::default();
        for trouble in [None, Some("first".to_owned()), Some("second".to_owned())] {
            let refusals = [("below_minimum".to_owned(), 2)].into_iter().collect();
            sum.add(Takings { refusals, unanswered: 1, trouble, ..Takings::default() });
        }
        assert_eq!((sum.refusals["below_minimum"], sum.unanswered), (6, 3));
        assert_eq!(sum.trouble.as_deref(), Some("first"));
    }
}
