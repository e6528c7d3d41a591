//! A member who bids over one connection, closed loop (so many under way) or open loop (on schedule). Answers are
//! matched to bids by key; a bid whose answer did not come is asked for again with the same key, never forgotten.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tokio::time::sleep_until;

use crate::aim::{Aim, Bid, Board};
use crate::answers::{Book, Pending, Takings};
use crate::chance::KeyMaker;
use crate::clock;
use crate::socket::{Door, Socket, Use, count_close};
use crate::stage::Member;
use crate::tally::Tally;

/// Unanswered bids on a connection beyond which an open loop sends no more; their schedule goes on.
const PENDING_LIMIT: usize = 4_096;
/// Bids sent in one flush.
const FLUSH_LIMIT: usize = 256;
/// How long after the end the last answers are waited for: longer than a server keeps a bid open (10 s).
const PATIENCE: Duration = Duration::from_secs(12);
/// How long after the end a broken connection is still renewed.
const GRACE: Duration = Duration::from_secs(30);
/// Pause before a broken connection is renewed, and before a bid of unknown outcome is asked for again.
const PAUSE: Duration = Duration::from_millis(250);

/// When a run is measured: from `open` to `stop`; what comes before is the warm-up.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Measuring begins.
    pub open: Instant,
    /// Nothing new is sent from here on.
    pub stop: Instant,
}

/// How a bidder is driven.
#[derive(Clone, Copy, Debug)]
pub enum Tempo {
    /// As soon as an answer comes the next bid goes, so that this many are under way.
    Closed(usize),
    /// A bid at each of these intervals from a first moment on, whatever the server does.
    Open {
        /// The first intended moment.
        first: Duration,
        /// Between two of them.
        interval: Duration,
    },
}

impl Tempo {
    /// Bidder `number` of `count` who keep `rate` bids a second together, or else `in_flight` each.
    pub fn of(rate: Option<f64>, in_flight: u32, number: usize, count: usize) -> Self {
        match rate {
            Some(rate) if rate > 0.0 => {
                let interval = Duration::from_secs_f64((count as f64 / rate).min(1e6));
                Tempo::Open { first: interval.mul_f64(number as f64 / count as f64), interval }
            }
            _ => Tempo::Closed(in_flight as usize),
        }
    }
}

/// A member who bids over one connection.
pub struct Bidder {
    door: Door,
    member: Member,
    tempo: Tempo,
    keys: KeyMaker,
    survive: bool,
    tally: Arc<Tally>,
    book: Book,
    socket: Option<Socket>,
}

/// What a bidder is made of.
pub struct Equipment {
    /// Where the sockets are.
    pub door: Door,
    /// Who bids.
    pub member: Member,
    /// How.
    pub tempo: Tempo,
    /// On what.
    pub aim: Aim,
    /// What is known of prices.
    pub board: Arc<Board>,
    /// Makes the keys.
    pub keys: KeyMaker,
    /// Where it is counted.
    pub tally: Arc<Tally>,
    /// Whether a broken connection is renewed.
    pub survive: bool,
}

impl Bidder {
    /// Connects and signs in.
    pub async fn connect(number: usize, equipment: Equipment) -> Result<Self> {
        let Equipment { door, member, tempo, aim, board, keys, tally, survive } = equipment;
        let mut socket = Socket::connect(&door, Use::Bidding).await?;
        socket.authenticate(&member.token).await?;
        let book = Book::new(number, aim, board);
        Ok(Self { door, member, tempo, keys, survive, tally, book, socket: Some(socket) })
    }

    /// Bids until the window closes and every answer has come.
    pub async fn run(mut self, begin: Instant, window: Window) -> Takings {
        let mut schedule = Schedule::new(self.tempo, begin);
        while let Err(error) = self.converse(&mut schedule, window).await {
            self.socket = None;
            count_close(&mut self.book.takings.closes, &error);
            self.book.line_broke();
            let too_late = clock::monotonic() > window.stop + GRACE;
            if !self.survive || too_late || self.renew(window).await.is_err() {
                self.book.takings.trouble = Some(format!("{error:#}"));
                break;
            }
        }
        if let Some(socket) = self.socket.take() {
            socket.close().await;
        }
        self.book.hand_over(&self.tally);
        self.book.takings.unanswered = self.book.open() as u64;
        self.book.takings
    }

    async fn renew(&mut self, window: Window) -> Result<()> {
        loop {
            tokio::time::sleep(PAUSE).await;
            if let Ok(mut socket) = Socket::connect(&self.door, Use::Bidding).await
                && socket.authenticate(&self.member.token).await.is_ok()
            {
                self.socket = Some(socket);
                self.book.takings.reconnections += 1;
                return Ok(());
            }
            if clock::monotonic() > window.stop + GRACE {
                bail!("the server did not come back");
            }
        }
    }

    /// One connection's talk, to its end or the end of the window.
    async fn converse(&mut self, schedule: &mut Schedule, window: Window) -> Result<()> {
        let Some(socket) = &mut self.socket else { bail!("there is no connection") };
        let book = &mut self.book;
        send_again(socket, book).await?;
        let mut ask_again_at = None;
        // Set anew only when it changes: a closed loop wakes by its answers.
        let mut alarm = pin!(sleep_until(window.stop.into()));
        loop {
            let now = clock::monotonic();
            if now < window.stop {
                fill(socket, book, schedule, &mut self.keys, now).await?;
            }
            if book.open() == 0 && (now >= window.stop || book.aim.is_exhausted()) {
                return Ok(());
            }
            if now > window.stop + PATIENCE {
                bail!("{} bids were not answered within 12 s after the end", book.open());
            }
            if ask_again_at.is_some_and(|at| now >= at) {
                ask_again_at = None;
                send_again(socket, book).await?;
            }
            let wake = next_wake(schedule, ask_again_at, now, window);
            if alarm.deadline() != wake.into() {
                alarm.as_mut().reset(wake.into());
            }
            // What is read at once arrived at once.
            let mut arrived = None;
            tokio::select! {
                biased;
                taken = socket.batch(|frame| book.take(frame, *arrived.get_or_insert_with(clock::monotonic))) => {
                    taken.map(|_| ())?;
                }
                () = &mut alarm => {}
            }
            book.hand_over(&self.tally);
            if book.has_unknown() && ask_again_at.is_none() {
                ask_again_at = Some(clock::monotonic() + PAUSE);
            }
        }
    }
}

/// When to look up from waiting for answers.
fn next_wake(schedule: &Schedule, ask_again_at: Option<Instant>, now: Instant, window: Window) -> Instant {
    let edge =
        if now < window.stop { window.stop } else { window.stop + PATIENCE + Duration::from_millis(1) };
    let due = if now < window.stop { schedule.next_due() } else { None };
    [due, ask_again_at].into_iter().flatten().fold(edge, Instant::min)
}

/// The moments at which an open loop sends, or the number that a closed loop keeps under way.
struct Schedule {
    tempo: Tempo,
    due: Instant,
}

impl Schedule {
    fn new(tempo: Tempo, begin: Instant) -> Self {
        let first = match tempo {
            Tempo::Closed(_) => Duration::ZERO,
            Tempo::Open { first, .. } => first,
        };
        Self { tempo, due: begin + first }
    }

    /// Whether a bid is to be sent now; gives the moment from which its latency counts.
    fn take(&mut self, pending: usize, now: Instant) -> Option<Instant> {
        match self.tempo {
            Tempo::Closed(in_flight) => (pending < in_flight).then_some(now),
            Tempo::Open { interval, .. } => {
                if self.due > now || pending >= PENDING_LIMIT {
                    return None;
                }
                let due = self.due;
                self.due += interval;
                Some(due)
            }
        }
    }

    fn next_due(&self) -> Option<Instant> {
        matches!(self.tempo, Tempo::Open { .. }).then_some(self.due)
    }
}

/// Sends what the schedule asks for now, in one flush.
async fn fill(
    socket: &mut Socket,
    book: &mut Book,
    schedule: &mut Schedule,
    keys: &mut KeyMaker,
    now: Instant,
) -> Result<()> {
    let wall = clock::wall_us();
    let mut sent = 0;
    while sent < FLUSH_LIMIT && !book.aim.is_exhausted() {
        let Some(since) = schedule.take(book.under_way(), now) else {
            break;
        };
        let Some(bid) = book.aim.next() else { break };
        let pending = Pending { key: keys.make(wall), since, bid, in_doubt: false };
        book.sent(pending);
        socket.queue(message(&pending)).await?;
        sent += 1;
    }
    if sent == 0 { Ok(()) } else { socket.flush().await }
}

/// Asks for the outcome of bids again, with the keys that they had.
async fn send_again(socket: &mut Socket, book: &mut Book) -> Result<()> {
    for pending in book.ask_unknown_again() {
        socket.queue(message(&pending)).await?;
    }
    socket.flush().await
}

fn message(pending: &Pending) -> String {
    let Bid { id, amount, .. } = pending.bid;
    format!(r#"{{"type":"bid","id":{id},"amount":{amount},"terms":1,"key":"{}"}}"#, pending.key.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_loop_counts_from_the_intended_moment_and_a_closed_one_from_now() {
        let begin = clock::monotonic();
        let interval = Duration::from_millis(10);
        let mut open = Schedule::new(Tempo::Open { first: Duration::ZERO, interval }, begin);
        let late = begin + Duration::from_millis(25);
        let taken: Vec<_> = std::iter::from_fn(|| open.take(0, late)).collect();
        assert_eq!(taken, [begin, begin + interval, begin + 2 * interval]);
        assert_eq!(open.take(PENDING_LIMIT, begin + Duration::from_secs(1)), None);
        let mut closed = Schedule::new(Tempo::Closed(2), begin);
        assert_eq!((closed.take(1, late), closed.take(2, late)), (Some(late), None));
    }

    #[test]
    fn a_rate_is_shared_and_staggered() {
        let Tempo::Open { first, interval } = Tempo::of(Some(1_000.0), 8, 1, 4) else { panic!("open") };
        assert_eq!((first, interval), (Duration::from_millis(1), Duration::from_millis(4)));
        assert!(matches!(Tempo::of(None, 8, 0, 4), Tempo::Closed(8)));
    }
}
