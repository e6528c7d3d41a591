//! A story: the memory model and another store live through the same random market, each under an engine of its own, and
//! must not differ.
//!
//! Every call, its key, everything that admins and sellers do by the web's door and every tick of the clock are the same for
//! both; so must be every answer, from time to time all that the stores say of themselves, and at the end all that was kept.

mod bids;
mod sales;
mod seen;
mod stage;
mod teller;
mod time;

use auction::Time;
use engine::Deposits;

use super::memory::Memory;
use super::{HandClock, UnderTest, invariants};
use stage::Stage;
use teller::Teller;
use time::Passing;

pub use seen::{Seen, must_be_seen};

/// How many members take part; the last of them begins without money.
pub(super) const MEMBERS: i64 = 6;

/// How many steps lie between two comparisons of all that the stores say.
const STEPS_BETWEEN_LOOKS: u64 = 20;

/// One in so many seeds has real money, which an admin enters and pays out.
const SEEDS_OF_REAL_MONEY: u64 = 3;

/// Lives through so many steps from one seed, and says what came up.
pub async fn same_story<B: UnderTest>(
    seed: u64,
    steps: u64,
    clock: &HandClock,
    memory: &mut Memory,
    other: &mut B,
) -> Seen {
    let deposits = match seed.is_multiple_of(SEEDS_OF_REAL_MONEY) {
        true => Deposits::Manual,
        false => Deposits::Demo,
    };
    let mut teller = Teller::new(seed, clock, deposits);
    let mut pair = Pair {
        memory: Stage::open(memory, clock, seed, deposits).await,
        other: Stage::open(other, clock, seed, deposits).await,
        clock: clock.clone(),
    };
    for _ in 0..MEMBERS {
        let members = (pair.memory.add_member().await, pair.other.add_member().await);
        assert_eq!(members.0, members.1, "seed {seed}");
    }
    pair.perform(&teller.opening_deeds()).await;
    for step in 1..=steps {
        let calls = match step {
            1 => teller.opening_calls(),
            _ => teller.calls(pair.memory.market()),
        };
        let answers = (pair.memory.turn(&calls).await, pair.other.turn(&calls).await);
        assert_eq!(answers.0, answers.1, "seed {seed}, step {step}: {calls:?}");
        teller.seen.note(&calls, &answers.0);
        let deeds = teller.deeds(pair.memory.market());
        pair.perform(&deeds).await;
        let passing = teller.time(pair.memory.market());
        pair.pass(passing).await;
        if step.is_multiple_of(STEPS_BETWEEN_LOOKS) {
            pair.compare(&teller, step).await;
            // Numbers that one of them leaves out would make every answer differ from here on.
            if !B::LEAVES_GAPS {
                pair = pair.open_again().await;
            }
        }
    }
    pair.compare(&teller, steps).await;
    invariants::hold(pair.memory.market(), seed);
    let histories = (pair.memory.history().await, pair.other.history().await);
    assert_eq!(histories.0, histories.1, "seed {seed}");
    teller.seen.see(pair.memory.market());
    pair.memory.close();
    pair.other.close();
    teller.seen
}

/// The two stores, side by side.
struct Pair<'a, B: UnderTest> {
    memory: Stage<'a, Memory>,
    other: Stage<'a, B>,
    clock: HandClock,
}

impl<B: UnderTest> Pair<'_, B> {
    async fn perform(&mut self, deeds: &[super::deed::Deed]) {
        for deed in deeds {
            let done = (self.memory.perform(deed).await, self.other.perform(deed).await);
            assert_eq!(done.0, done.1, "{deed:?}");
        }
    }

    async fn pass(&mut self, passing: Vec<Passing>) {
        for one in passing {
            match one {
                Passing::Unminded(span) => {
                    self.clock.pass(span);
                    self.turn().await;
                }
                Passing::Late(span) => {
                    self.clock.pass(span);
                    self.beat().await;
                    self.turn().await;
                }
                Passing::Lived(until) => self.live(until).await,
            }
        }
    }

    /// Time is lived through: the house never rests, and comes to everything when it is due.
    async fn live(&mut self, until: Time) {
        while self.clock.now() < until {
            let now = self.clock.now();
            let due = (self.memory.next_due(until).await, self.other.next_due(until).await);
            assert_eq!(due.0, due.1, "what is due next");
            let next = due.0.map_or(until, |due| due.at);
            self.clock.pass(next.max(now.plus(time::TICK)).since(now));
            self.beat().await;
            self.turn().await;
        }
    }

    async fn beat(&mut self) {
        let beats = (self.memory.beat().await, self.other.beat().await);
        assert_eq!(beats.0, beats.1);
    }

    async fn turn(&mut self) {
        self.memory.turn(&[]).await;
        self.other.turn(&[]).await;
    }

    async fn compare(&mut self, teller: &Teller, step: u64) {
        let seed = teller.seed();
        let extent = teller.extent(self.memory.market());
        let says = (self.memory.says(extent, teller).await, self.other.says(extent, teller).await);
        assert_eq!(says.0, says.1, "seed {seed}, step {step}");
        let unasked = (self.memory.unasked(extent).await, self.other.unasked(extent).await);
        assert_eq!(unasked.0, unasked.1, "seed {seed}, step {step}: what is read unasked");
    }

    async fn open_again(self) -> Self {
        let Pair { memory, other, clock } = self;
        Pair { memory: memory.open_again(&clock).await, other: other.open_again(&clock).await, clock }
    }
}
