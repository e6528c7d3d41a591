//! A connection that watches auctions and holds the server to its promise: per auction in order and without a gap, or
//! a fresh snapshot. It resumes with `since` after its line was cut, and at the end waits until it has seen everything.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tokio::sync::watch;
use tokio::time::sleep_until;

use crate::aim::Board;
use crate::answers::Receipt;
use crate::clock;
use crate::scan::{self, Kind, field};
use crate::socket::{Closes, Door, Socket, Use, count_close};
use crate::stage::Lot;
use crate::tally::{Counts, Tally};

/// How long a watcher may take to see all that was stored when the run ended.
const CATCH_UP_LIMIT: Duration = Duration::from_secs(10);
/// How long a subscription may take to bring a watcher up to date.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);
/// Pause before a broken connection is renewed.
const PAUSE: Duration = Duration::from_millis(250);
/// Attempts to renew it: thirty seconds' worth.
const ATTEMPTS: u32 = 120;

/// With what a subscription is put off that the store cannot begin now.
const AWAY: [&[u8]; 2] = [b"unavailable", b"busy"];

/// The last event of each auction of the run, told when it is over.
pub type Heads = Arc<Vec<i64>>;

/// Where a watcher stands on one auction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    lot: Lot,
    /// The last event seen; none before the first snapshot.
    seq: Option<i64>,
    /// The event that it has to reach; 0 stands for any.
    target: i64,
    settled: bool,
}

/// How a frame fits behind the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    Next,
    Snapshot,
    /// Events were left out without a snapshot.
    Gap,
    /// An event that was seen before, or a snapshot from before it.
    Back,
}

impl Cursor {
    /// Not subscribed yet.
    pub fn new(lot: Lot) -> Self {
        Self { lot, seq: None, target: 0, settled: false }
    }

    fn is_there(&self) -> bool {
        self.seq >= Some(self.target)
    }

    fn step(&mut self, snapshot: bool, seq: i64) -> Fit {
        let fit = match self.seq {
            Some(last) if seq < last || (seq == last && !snapshot) => Fit::Back,
            _ if snapshot => Fit::Snapshot,
            Some(last) if seq == last + 1 => Fit::Next,
            _ => Fit::Gap,
        };
        if fit != Fit::Back {
            self.seq = Some(seq);
        }
        fit
    }
}

/// What a watcher brings home.
#[derive(Debug, Default)]
pub struct Sights {
    /// Events that were left out without a snapshot: each is a broken promise.
    pub gaps: u64,
    /// Events or snapshots out of order, or for auctions never asked for.
    pub disorder: u64,
    /// Frames that the API does not describe.
    pub unknown: u64,
    /// Subscriptions that could not begin because the store was away; each was asked for again.
    pub put_off: u64,
    /// Auctions on which it had not seen everything ten seconds after the end.
    pub behind: u64,
    /// Times that the connection was renewed.
    pub reconnections: u64,
    /// Times that the server closed it.
    pub closes: Closes,
    /// Microseconds from the return of a cut connection until it stood where the auction stood.
    pub resumed_us: Vec<u64>,
    /// Microseconds from the deadline until an auction was seen settled (`closing`).
    pub settled_us: Vec<u64>,
    /// Every bid seen, for the one watcher who is a witness.
    pub witnessed: Vec<Receipt>,
    /// Why it ended early, if it did.
    pub trouble: Option<String>,
}

/// What all watchers of a run share.
#[derive(Clone)]
pub struct Surroundings {
    /// Where the sockets are.
    pub door: Door,
    /// Where it is counted.
    pub tally: Arc<Tally>,
    /// What is known of prices.
    pub board: Arc<Board>,
    /// How far the server's clock is ahead of ours.
    pub ahead_us: i64,
    /// Whether a connection that breaks by itself is renewed.
    pub survive: bool,
    /// When the watched auctions end, on the server's clock, if that is what is measured.
    pub deadline_us: Option<i64>,
    /// When the connections are cut and when they come back; set, if at all, before they begin to watch.
    pub cuts: Arc<OnceLock<Vec<(Instant, Instant)>>>,
}

/// A connection that watches.
pub struct Watcher {
    around: Surroundings,
    socket: Option<Socket>,
    eye: Eye,
    cuts_done: usize,
}

/// The part of a watcher that takes frames.
struct Eye {
    number: usize,
    /// By the auctions' numbers.
    cursors: Vec<Cursor>,
    witness: bool,
    sights: Sights,
    counts: Counts,
    latencies: Vec<u64>,
}

impl Watcher {
    /// Connects, subscribes, and waits for all snapshots.
    pub async fn connect(number: usize, lots: &[Lot], around: Surroundings) -> Result<Self> {
        let mut cursors: Vec<_> = lots.iter().copied().map(Cursor::new).collect();
        cursors.sort_unstable_by_key(|cursor| cursor.lot.id);
        let eye = Eye {
            number,
            cursors,
            witness: number == 0,
            sights: Sights::default(),
            counts: Counts::default(),
            latencies: Vec::new(),
        };
        let mut watcher = Self { around, socket: None, eye, cuts_done: 0 };
        watcher.subscribe().await?;
        match tokio::time::timeout(ANSWER_LIMIT, watcher.reach_targets()).await {
            Ok(reached) => reached.map(|()| watcher),
            Err(_) => bail!("no snapshot within 30 s after subscribing"),
        }
    }

    /// Opens a connection and asks for everything behind what was seen.
    async fn subscribe(&mut self) -> Result<()> {
        let mut socket = Socket::connect(&self.around.door, Use::Watching).await?;
        for cursor in &self.eye.cursors {
            socket.queue(Socket::subscribe(cursor.lot.id, cursor.seq)).await?;
        }
        socket.flush().await?;
        self.socket = Some(socket);
        Ok(())
    }

    /// Reads until every cursor is where it has to be.
    async fn reach_targets(&mut self) -> Result<()> {
        while !self.eye.cursors.iter().all(Cursor::is_there) {
            self.read().await?;
        }
        Ok(())
    }

    /// Reads one batch.
    async fn read(&mut self) -> Result<()> {
        let Self { socket, eye, around, .. } = self;
        let Some(socket) = socket else { bail!("there is no connection") };
        let put_off = eye.sights.put_off;
        let outcome = socket.batch(|frame| eye.take(frame, around)).await;
        eye.hand_over(&around.tally);
        if eye.sights.put_off > put_off {
            bail!("a subscription could not begin");
        }
        outcome.map(|_| ())
    }

    /// Watches until it is told where the auctions ended and has seen them there.
    pub async fn run(mut self, mut finish: watch::Receiver<Option<Heads>>) -> Sights {
        while let Err(error) = self.follow(&mut finish).await {
            self.socket = None;
            count_close(&mut self.eye.sights.closes, &error);
            if !self.around.survive || self.renew().await.is_err() {
                self.eye.sights.trouble = Some(format!("{error:#}"));
                break;
            }
        }
        if let Some(socket) = self.socket.take() {
            socket.close().await;
        }
        self.eye.sights
    }

    async fn renew(&mut self) -> Result<()> {
        for _ in 0..ATTEMPTS {
            tokio::time::sleep(PAUSE).await;
            if self.subscribe().await.is_ok() {
                self.eye.sights.reconnections += 1;
                return Ok(());
            }
        }
        bail!("the server did not come back")
    }

    /// Reads on one connection, with the cuts that are planned, until the end was seen.
    async fn follow(&mut self, finish: &mut watch::Receiver<Option<Heads>>) -> Result<()> {
        loop {
            let told = finish.borrow_and_update().clone();
            if let Some(heads) = told {
                return self.catch_up(&heads).await;
            }
            let cuts = self.around.cuts.get();
            let cut = cuts.and_then(|cuts| cuts.get(self.cuts_done)).copied();
            let (cut_at, back) = cut.unwrap_or((clock::monotonic(), clock::monotonic()));
            tokio::select! {
                biased;
                Err(error) = self.read_on() => return Err(error),
                told = finish.changed() => if told.is_err() { bail!("the run was given up") },
                () = sleep_until(cut_at.into()), if cut.is_some() => self.be_cut(back).await?,
            }
        }
    }

    /// Reads until the line ends.
    async fn read_on(&mut self) -> Result<()> {
        loop {
            self.read().await?;
        }
    }

    /// Loses its line, comes back at `back`, and measures how long it takes to stand where the auctions stood then.
    async fn be_cut(&mut self, back: Instant) -> Result<()> {
        self.cuts_done += 1;
        self.socket = None;
        // A cut that comes late, because the last return took so long, is not counted against this one.
        let back = back.max(clock::monotonic());
        sleep_until(back.into()).await;
        for cursor in &mut self.eye.cursors {
            cursor.target = self.around.board.seq(cursor.lot.index);
        }
        self.subscribe().await?;
        self.eye.sights.reconnections += 1;
        match tokio::time::timeout(ANSWER_LIMIT, self.reach_targets()).await {
            Ok(reached) => reached?,
            Err(_) => bail!("not up to date within 30 s after it came back"),
        }
        self.eye.sights.resumed_us.push(clock::micros_between(back, clock::monotonic()));
        Ok(())
    }

    /// At rest everyone reaches the end; who does not within ten seconds is behind.
    async fn catch_up(&mut self, heads: &Heads) -> Result<()> {
        for cursor in &mut self.eye.cursors {
            cursor.target = heads.get(cursor.lot.index as usize).copied().unwrap_or(0);
        }
        if let Ok(reached) = tokio::time::timeout(CATCH_UP_LIMIT, self.reach_targets()).await {
            return reached;
        }
        self.eye.sights.behind = self.eye.cursors.iter().filter(|cursor| !cursor.is_there()).count() as u64;
        Ok(())
    }
}

impl Eye {
    fn take(&mut self, frame: &[u8], around: &Surroundings) {
        let kind = scan::kind(frame);
        if kind == Kind::Error && scan::text(frame, &field::CODE).is_some_and(|code| AWAY.contains(&code)) {
            self.sights.put_off += 1;
        } else if kind == Kind::Unknown || kind == Kind::Error {
            self.sights.unknown += 1;
        }
        let snapshot = kind == Kind::Auction;
        if !snapshot && !kind.is_event() {
            return;
        }
        self.counts.frames += 1;
        self.counts.snapshots += u64::from(snapshot);
        let (id, seq) = (scan::number(frame, &field::ID), scan::number(frame, &field::SEQ));
        let (Some(id), Some(seq)) = (id, seq) else {
            self.sights.unknown += 1;
            return;
        };
        let Ok(at) = self.cursors.binary_search_by_key(&id, |cursor| cursor.lot.id) else {
            self.sights.disorder += 1;
            return;
        };
        match self.cursors[at].step(snapshot, seq) {
            Fit::Next | Fit::Snapshot => {}
            Fit::Gap => self.sights.gaps += 1,
            Fit::Back => self.sights.disorder += 1,
        }
        self.learn(at, kind, seq, frame, around);
    }

    /// What the frame tells beside its number: the price, how old it is, that the auction is settled.
    fn learn(&mut self, at: usize, kind: Kind, seq: i64, frame: &[u8], around: &Surroundings) {
        let auction = self.cursors[at].lot.index;
        if let Some(minimum) = scan::number(frame, &field::MINIMUM) {
            around.board.minimum_heard(auction, minimum);
        }
        let ended =
            kind == Kind::Closed || (kind == Kind::Auction && scan::text(frame, &field::OUTCOME).is_some());
        let timed = kind.is_event() || (ended && around.deadline_us.is_some());
        let now_us = if timed { clock::wall_us() + around.ahead_us } else { 0 };
        if let Some(made) = scan::time(frame, &field::AT).filter(|_| kind.is_event()) {
            self.latencies.push(u64::try_from(now_us - made).unwrap_or(0));
        }
        if let Some(deadline) = around.deadline_us.filter(|_| ended && !self.cursors[at].settled) {
            self.cursors[at].settled = true;
            self.counts.settled += 1;
            self.sights.settled_us.push(u64::try_from(now_us - deadline).unwrap_or(0));
        }
        if let Some(amount) =
            scan::number(frame, &field::AMOUNT).filter(|_| self.witness && kind == Kind::Bid)
        {
            let seq = u32::try_from(seq).unwrap_or(u32::MAX);
            self.sights.witnessed.push(Receipt { auction, seq, amount });
        }
    }

    /// Gives what was counted to the shared tally.
    fn hand_over(&mut self, tally: &Tally) {
        tally.add(&std::mem::take(&mut self.counts));
        if !self.latencies.is_empty() {
            tally.deliveries.record(self.number, self.latencies.drain(..));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOT: Lot = Lot { index: 0, id: 1, start: 1, unit: 1 };

    /// Feeds (is it a snapshot?, seq) to a cursor that stands at `from`.
    fn fits(from: Option<i64>, frames: &[(bool, i64)]) -> Vec<Fit> {
        let mut cursor = Cursor { seq: from, ..Cursor::new(LOT) };
        frames.iter().map(|&(snapshot, seq)| cursor.step(snapshot, seq)).collect()
    }

    #[test]
    fn frames_follow_one_another_or_a_snapshot() {
        use Fit::{Back, Gap, Next, Snapshot};
        assert_eq!(fits(None, &[(true, 5), (false, 6), (false, 7)]), [Snapshot, Next, Next]);
        assert_eq!(fits(None, &[(true, 5), (false, 7), (false, 8)]), [Snapshot, Gap, Next]);
        assert_eq!(fits(None, &[(true, 5), (true, 9), (false, 10)]), [Snapshot, Snapshot, Next]);
        assert_eq!(fits(None, &[(true, 5), (false, 5), (false, 6)]), [Snapshot, Back, Next]);
        assert_eq!(fits(None, &[(true, 5), (true, 4)]), [Snapshot, Back]);
        assert_eq!(fits(None, &[(false, 2)]), [Gap]);
        assert_eq!(fits(Some(41), &[(false, 42), (false, 44)]), [Next, Gap]);
        assert_eq!(fits(Some(41), &[(true, 41), (false, 42)]), [Snapshot, Next]);
    }

    #[test]
    fn a_witness_keeps_bids_and_the_settled_are_counted_once() {
        let around = Surroundings {
            door: Door { authority: String::new(), origin: None },
            tally: Arc::new(Tally::new()),
            board: Arc::new(Board::new(&[LOT])),
            ahead_us: 0,
            survive: false,
            deadline_us: Some(clock::wall_us() - 1_000_000),
            cuts: Arc::default(),
        };
        let mut eye = Eye {
            number: 0,
            cursors: vec![Cursor::new(LOT)],
            witness: true,
            sights: Sights::default(),
            counts: Counts::default(),
            latencies: Vec::new(),
        };
        let at = clock::to_wire(clock::wall_us());
        eye.take(br#"{"type":"hello","now":"x"}"#, &around);
        eye.take(br#"{"type":"auction","id":1,"seq":1,"minimum":1}"#, &around);
        let bid =
            format!(r#"{{"type":"bid","id":1,"seq":2,"kind":"bid","amount":8,"minimum":9,"at":"{at}"}}"#);
        eye.take(bid.as_bytes(), &around);
        eye.take(br#"{"type":"closed","id":1,"seq":3,"outcome":"sold"}"#, &around);
        eye.take(br#"{"type":"auction","id":1,"seq":3,"outcome":"sold"}"#, &around);
        eye.take(br#"{"type":"bid","id":99,"seq":2}"#, &around);
        eye.take(br#"{"type":"error","code":"unavailable","id":1}"#, &around);
        assert_eq!((eye.counts.frames, eye.counts.snapshots, eye.counts.settled), (5, 2, 1));
        assert_eq!((eye.sights.gaps, eye.sights.disorder, eye.sights.unknown), (0, 1, 0));
        assert_eq!(eye.sights.put_off, 1);
        assert_eq!(eye.sights.witnessed, [Receipt { auction: 0, seq: 2, amount: 8 }]);
        assert_eq!((eye.latencies.len(), around.board.minimum(0)), (1, 9));
        assert!(eye.sights.settled_us[0] >= 1_000_000);
    }
}
