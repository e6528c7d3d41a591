//! Random stories: rounds told by a bus that drops, repeats and reorders, readers of every speed who come, go and
//! resume, and an owner who looks after the heads now and then. Whatever happens, each reader sees a run without a gap
//! or a newer snapshot, and at rest everyone is at the end. One seed, one story.

use super::*;
use crate::example::{dice, figure};

const STORIES: u64 = 400;
const STEPS: u64 = 300;
const AUCTIONS: i64 = 3;
const READERS: u64 = 5;

/// A reader who checks all he reads.
struct Reader {
    connection: Connection,
    /// The newest event he knows of each auction he watches; `None` before his snapshot.
    seen: BTreeMap<i64, Option<i64>>,
    bytes_max: usize,
}

struct Story {
    house: House,
    seed: u64,
    /// How many events the store has of each auction.
    heads: BTreeMap<i64, i64>,
    /// Told, but not yet carried over.
    bus: Vec<Told>,
    readers: Vec<Reader>,
    snapshots: u64,
    replays: u64,
    gaps: u64,
}

impl Reader {
    fn see(&mut self, frame: &Frame) -> bool {
        let (id, seq) = (figure(frame, "id"), figure(frame, "seq"));
        let seen = self.seen.get_mut(&id).unwrap_or_else(|| panic!("{frame:?} was not asked for"));
        let is_snapshot = frame.as_str().starts_with(r#"{"type":"auction""#);
        match *seen {
            Some(before) if is_snapshot => assert!(seq > before, "{frame:?} after {before} says nothing new"),
            Some(before) => assert_eq!(seq, before + 1, "a gap before {frame:?}"),
            None => assert!(is_snapshot, "{frame:?} came before any snapshot"),
        }
        *seen = Some(seq);
        is_snapshot
    }
}

impl Story {
    fn new(seed: u64) -> Story {
        let house = House::with(Settings { ring_frames: 6, burst_frames: 5, ..Settings::default() });
        let reader = |slow: u64| Reader {
            connection: house.hub.connect(),
            seen: BTreeMap::new(),
            bytes_max: [1, 700, usize::MAX][usize::try_from(slow % 3).expect("small")],
        };
        let readers = (0..READERS).map(reader).collect();
        let heads = (1..=AUCTIONS).map(|id| (id, 2)).collect();
        Story { house, seed, heads, bus: Vec::new(), readers, snapshots: 0, replays: 0, gaps: 0 }
    }

    fn dice(&mut self, below: u64) -> u64 {
        dice(&mut self.seed, below)
    }

    fn some_auction(&mut self) -> i64 {
        1 + i64::try_from(self.dice(3)).expect("small") % AUCTIONS
    }

    fn some_reader(&mut self) -> usize {
        usize::try_from(self.dice(READERS)).expect("small")
    }

    fn step(&mut self) {
        match self.dice(12) {
            0..=2 => self.commit(),
            3..=4 => self.carry(),
            5 => self.house.pass(i64::try_from(dice(&mut self.seed, 80)).expect("small")),
            6 => drop(self.house.hub.turn()),
            7..=8 => {
                let reader = self.some_reader();
                self.collect(reader);
            }
            9 => self.subscribe(),
            10 => self.unsubscribe(),
            _ => self.look_after(),
        }
    }

    /// A round is committed; the bus gets it once, twice or not at all.
    fn commit(&mut self) {
        let id = self.some_auction();
        let count = [1, 1, 2, 9][usize::try_from(self.dice(4)).expect("small")];
        let head = self.heads.get_mut(&id).expect("it exists");
        let round = told(id, *head + 1, *head + count);
        *head += count;
        for _ in 0..[1, 1, 1, 1, 1, 2, 0][usize::try_from(self.dice(7)).expect("small")] {
            self.bus.push(round.clone());
        }
    }

    /// The bus carries one round over, mostly the oldest.
    fn carry(&mut self) {
        let chance = self.dice(5);
        if !self.bus.is_empty() {
            let index = if chance == 0 {
                usize::try_from(self.seed >> 40).expect("fits") % self.bus.len()
            } else {
                0
            };
            self.house.hub.publish(self.bus.remove(index));
            self.gaps += u64::from(!self.house.hub.behind().is_empty());
        }
    }

    /// The owner compares heads, and brings what is missing: with its events, or sometimes without.
    fn look_after(&mut self) {
        for (id, head) in self.house.hub.watched() {
            let stored = self.heads[&id.0];
            if stored > head.0 {
                let brought = if self.dice(3) == 0 { Vec::new() } else { events(id.0, head.0 + 1, stored) };
                self.house.hub.resync(state(id.0, stored), brought);
            }
        }
    }

    fn subscribe(&mut self) {
        let (index, id, resumes) = (self.some_reader(), self.some_auction(), self.dice(2) == 0);
        let since = self.readers[index].seen.get(&id).copied().flatten().filter(|_| resumes);
        // Before it subscribes anew it has seen all that it takes in, so its run goes on from `since` or from a snapshot.
        self.readers[index].seen.insert(id, since);
        let mut answer = self.readers[index].connection.subscribe(AuctionId(id), since.map(Seq));
        loop {
            match answer {
                Subscribed::Following => break,
                Subscribed::NeedsState { .. } => {
                    if self.dice(2) == 0 {
                        self.commit();
                        self.carry();
                    }
                    self.house.hub.resync(state(id, self.heads[&id]), Vec::new());
                    answer = self.readers[index].connection.subscribe(AuctionId(id), since.map(Seq));
                }
                Subscribed::NeedsEvents { after } => {
                    self.replays += 1;
                    if self.dice(2) == 0 {
                        self.commit();
                        self.carry();
                    }
                    let last = (after.0 + 5).min(self.heads[&id]);
                    for event in events(id, after.0 + 1, last) {
                        self.readers[index].see(&frame::event(&event));
                    }
                    answer = self.readers[index].connection.replayed(AuctionId(id), Seq(last));
                }
            }
        }
    }

    /// A reader leaves an auction; he remembers where he was and may resume.
    fn unsubscribe(&mut self) {
        let (index, id) = (self.some_reader(), self.some_auction());
        self.readers[index].connection.unsubscribe(AuctionId(id));
    }

    fn collect(&mut self, index: usize) -> bool {
        let reader = &mut self.readers[index];
        let mut frames = Vec::new();
        let more = reader.connection.collect(reader.bytes_max, &mut frames);
        for frame in &frames {
            self.snapshots += u64::from(reader.see(frame));
        }
        more
    }

    /// Everything is carried over and looked after, and everyone reads to the end.
    fn rest(&mut self) {
        while !self.bus.is_empty() {
            self.carry();
        }
        self.look_after();
        self.house.pass(1_000);
        self.house.hub.turn();
        for index in 0..self.readers.len() {
            while self.collect(index) {}
            for (id, seen) in &self.readers[index].seen {
                if self.readers[index].connection.watches(AuctionId(*id)) {
                    assert_eq!(*seen, Some(self.heads[id]), "a reader of auction {id} is not at the end");
                }
            }
        }
    }
}

#[test]
fn every_reader_sees_a_run_without_a_gap_or_a_newer_snapshot() {
    let (mut snapshots, mut replays, mut gaps) = (0, 0, 0);
    for seed in 0..STORIES {
        let mut story = Story::new(seed);
        for _ in 0..STEPS {
            story.step();
        }
        story.rest();
        snapshots += story.snapshots;
        replays += story.replays;
        gaps += story.gaps;
    }
    assert!(snapshots > 1_000 && replays > 1_000 && gaps > 1_000, "{snapshots} {replays} {gaps}");
}
