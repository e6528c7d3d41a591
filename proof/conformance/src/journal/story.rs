//! A story: two stores live through the same random market, each under an engine of its own, and must not differ.
//!
//! Every call, its key and every tick of the clock are the same for both; so must be every answer, and from time to time
//! all that the stores say of themselves. Both are closed and opened again in between.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use auction::{AuctionId, Bid, Command, Refusal, Span};
use engine::{Accepted, Answer, Call, Deposits, Engine, Lane, Reply, Settings};
use ledger::MemberId;
use live::{Hub, LocalBus};
use store::Key;
use tokio::sync::oneshot;

use super::acts::{chair, limits};
use super::chance::Chance;
use super::snapshot::Snapshot;
use super::{HandClock, History, UnderTest};

/// How many members take part; the last of them begins without money.
const MEMBERS: i64 = 6;

/// How many steps lie between two comparisons of all that the stores say.
const STEPS_BETWEEN_LOOKS: u64 = 20;

/// What came up in a story: codes of answers, and outcomes and kinds of events. A story in which too little came up has
/// shown nothing.
pub type Seen = BTreeSet<String>;

/// Lives through so many steps from one seed.
pub async fn same_story<A: UnderTest, B: UnderTest>(
    seed: u64,
    steps: u64,
    clock: &HandClock,
    one: &mut A,
    other: &mut B,
) -> Seen {
    let mut teller = Teller::new(seed, clock);
    let mut stages = (Stage::open(one, clock).await, Stage::open(other, clock).await);
    for _ in 0..MEMBERS {
        let members = (stages.0.add_member().await, stages.1.add_member().await);
        assert_eq!(members.0, members.1, "seed {seed}");
    }
    for step in 1..=steps {
        let calls = teller.calls();
        let answers = (stages.0.turn(&calls).await, stages.1.turn(&calls).await);
        assert_eq!(answers.0, answers.1, "seed {seed}, step {step}: {calls:?}");
        teller.learn(&calls, &answers.0);
        if let Some((seller, member)) = teller.block() {
            stages.0.block(seller, member).await;
            stages.1.block(seller, member).await;
        }
        if let Some((member, suspended)) = teller.suspension() {
            stages.0.suspend(member, suspended).await;
            stages.1.suspend(member, suspended).await;
        }
        for span in teller.time() {
            clock.pass(span);
            stages.0.turn(&[]).await;
            stages.1.turn(&[]).await;
        }
        if step.is_multiple_of(STEPS_BETWEEN_LOOKS) {
            let says = (stages.0.says(&teller).await, stages.1.says(&teller).await);
            assert_eq!(says.0, says.1, "seed {seed}, step {step}");
            // Numbers that one of them leaves out would make every answer differ from here on.
            if !A::LEAVES_GAPS && !B::LEAVES_GAPS {
                stages = (stages.0.open_again(clock).await, stages.1.open_again(clock).await);
            }
        }
    }
    let histories = (stages.0.history().await, stages.1.history().await);
    assert_eq!(histories.0, histories.1, "seed {seed}");
    teller.see(&histories.0);
    stages.0.close();
    stages.1.close();
    teller.seen
}

/// A store under an engine.
struct Stage<'a, S: UnderTest> {
    store: &'a mut S,
    engine: Engine,
    lane: Lane<S::Journal>,
}

impl<'a, S: UnderTest> Stage<'a, S> {
    async fn open(store: &'a mut S, clock: &HandClock) -> Stage<'a, S> {
        let settings = Settings {
            deposits: Deposits::Demo,
            listing: limits(),
            clock: clock.clock(),
            steady: clock.steady(),
        };
        let hub = Arc::new(Hub::new(live::Settings::default(), clock.clock()));
        let (engine, mut lane) = Lane::new(store.open().await, settings, LocalBus::new(hub));
        lane.begin().await.expect("the house opens");
        Stage { store, engine, lane }
    }

    async fn open_again(self, clock: &HandClock) -> Stage<'a, S> {
        Stage::open(self.close(), clock).await
    }

    fn close(mut self) -> &'a mut S {
        self.store.close(self.lane.journal());
        self.store
    }

    /// One turn of the lane with these calls.
    async fn turn(&mut self, calls: &[(Call, Key)]) -> Vec<Option<Answer>> {
        let mut receivers = Vec::new();
        for (call, key) in calls {
            let (sender, receiver) = oneshot::channel();
            let submitted = self.engine.submit(call.clone(), key.clone(), Reply::One(sender));
            submitted.expect("there is room for a few calls");
            receivers.push(receiver);
        }
        self.lane.step().await.expect("the lane goes on");
        receivers.iter_mut().map(|receiver| receiver.try_recv().ok()).collect()
    }

    async fn add_member(&mut self) -> MemberId {
        self.store.add_member(self.lane.journal()).await
    }

    async fn block(&mut self, seller: MemberId, member: MemberId) {
        self.store.block(self.lane.journal(), seller, member).await;
    }

    async fn suspend(&mut self, member: MemberId, suspended: bool) {
        self.store.set_suspended(self.lane.journal(), member, suspended).await;
    }

    async fn says(&mut self, teller: &Teller) -> Snapshot {
        let auctions = teller.auctions() + 1;
        Snapshot::of(self.lane.journal(), auctions, MEMBERS + 1, &teller.keys.iter().cloned().collect()).await
    }

    async fn history(&mut self) -> History {
        self.store.history(self.lane.journal()).await
    }
}

/// Makes up what happens next.
struct Teller {
    chance: Chance,
    clock: HandClock,
    /// The least amount each auction takes, as far as was heard.
    minimums: BTreeMap<AuctionId, i64>,
    /// Every key that was used.
    keys: Vec<Key>,
    seen: Seen,
}

impl Teller {
    fn new(seed: u64, clock: &HandClock) -> Teller {
        let (minimums, keys) = (BTreeMap::new(), Vec::new());
        Teller { chance: Chance::new(seed), clock: clock.clone(), minimums, keys, seen: Seen::new() }
    }

    fn auctions(&self) -> i64 {
        self.minimums.last_key_value().map_or(0, |(id, _)| id.0)
    }

    fn member(&mut self) -> MemberId {
        MemberId(self.chance.within(1, MEMBERS))
    }

    /// The calls of one turn, each with its key; now and then a key that was used before.
    fn calls(&mut self) -> Vec<(Call, Key)> {
        let calls = self.chance.within(0, 12);
        (0..calls).map(|_| self.call()).collect()
    }

    fn call(&mut self) -> (Call, Key) {
        let call = self.new_call();
        let member = call.caller().unwrap_or(MemberId(1));
        if self.chance.once_in(15) && !self.keys.is_empty() {
            let place = self.chance.within(0, self.keys.len() as i64 - 1);
            let text = self.keys[place as usize].text.clone();
            let key = Key { text, member };
            self.keys.push(key.clone());
            return (call, key);
        }
        let key = Key { text: format!("key-{:05}", self.keys.len()).into(), member };
        self.keys.push(key.clone());
        (call, key)
    }

    fn new_call(&mut self) -> Call {
        let member = MemberId(self.chance.within(1, MEMBERS));
        // The newest auctions are the liveliest.
        let newest = self.auctions().max(1);
        let beyond = i64::from(self.chance.once_in(40));
        let auction = AuctionId(self.chance.within((newest - 8).max(1), newest + beyond));
        let command = match self.chance.within(1, 100) {
            1..=8 => {
                let amounts = [30_000, 1_000_000, 10_000_000, 10_000_001, 0, -5];
                return Call::Deposit { member, amount: self.chance.of(&amounts) };
            }
            9..=18 => return self.list(member),
            19..=78 => {
                let minimum = self.minimums.get(&auction).copied().unwrap_or(1_000);
                let more =
                    self.chance.of(&[0, 0, 0, 0, 1_000, 5_000, 100, 1, -1, -5_000, 2_000_000, i64::MAX / 2]);
                let amount = if self.chance.once_in(60) { -more } else { minimum.saturating_add(more) };
                let terms = self.chance.of(&[None, None, Some(1), Some(0)]);
                Command::Bid(Bid { bidder: member, amount, terms })
            }
            79..=86 => {
                Command::BuyNow { buyer: member, terms: self.chance.of(&[None, None, Some(1), Some(0)]) }
            }
            87..=93 => Command::SellNow { seller: member },
            _ => {
                let reason = self.chance.of(&[None, Some("고장 났어요")]).map(str::to_owned);
                Command::Cancel { seller: member, reason }
            }
        };
        Call::Auction { auction, command }
    }

    fn list(&mut self, seller: MemberId) -> Call {
        let now = self.clock.now();
        let mut listing = chair(seller, now);
        listing.start_price = self.chance.of(&[1, 1_000, 9_000, 95_000, 0]);
        listing.bid_unit = self.chance.of(&[None, None, Some(1_000), Some(500)]);
        let factor = self.chance.of(&[None, None, Some(1), Some(2), Some(11)]);
        listing.buy_now_price = factor.map(|factor| listing.start_price * factor);
        let starts_in = self.chance.of(&[None, None, None, Some(5), Some(20)]);
        listing.starts_at = starts_in.map(|minutes| now.plus(Span::minutes(minutes)));
        let opens = listing.starts_at.unwrap_or(now);
        listing.ends_at = opens.plus(Span::minutes(self.chance.of(&[10, 11, 15, 30, 60, 9])));
        listing.soft_close_minutes = self.chance.of(&[0, 1, 3, 10, 4]);
        Call::List(Box::new(listing))
    }

    /// Seconds, or now and then minutes lived through, or an outage.
    fn time(&mut self) -> Vec<Span> {
        match self.chance.within(1, 40) {
            1 => vec![Span::seconds(self.chance.within(31, 3_000))],
            2..=9 => vec![Span::seconds(25); self.chance.within(1, 16) as usize],
            10..=15 => vec![],
            _ => vec![Span(self.chance.within(1, Span::seconds(20).0))],
        }
    }

    fn block(&mut self) -> Option<(MemberId, MemberId)> {
        self.chance.once_in(40).then(|| (self.member(), self.member()))
    }

    fn suspension(&mut self) -> Option<(MemberId, bool)> {
        self.chance.once_in(25).then(|| (self.member(), self.chance.once_in(3)))
    }

    /// What the answers tell about the next sensible amounts.
    fn learn(&mut self, calls: &[(Call, Key)], answers: &[Option<Answer>]) {
        for ((call, _), answer) in calls.iter().zip(answers) {
            let code = match answer {
                None => "unanswered",
                Some(Answer::Accepted(accepted)) => {
                    if let Accepted::Auction { event, .. } = accepted {
                        let minimum = event.minimum.map_or(1_000, ledger::Money::won);
                        self.minimums.insert(event.auction, minimum);
                    }
                    "accepted"
                }
                Some(Answer::Refused(refusal)) => {
                    if let (Refusal::BelowMinimum { minimum: Some(minimum) }, Some(auction)) =
                        (refusal, call.auction())
                    {
                        self.minimums.insert(auction, minimum.won());
                    }
                    refusal.code()
                }
                Some(Answer::KeyReused) => "key_reused",
                Some(Answer::Busy) => "busy",
                Some(Answer::Internal) => "internal",
            };
            self.seen.insert(code.to_owned());
        }
    }

    fn see(&mut self, history: &History) {
        for event in &history.events {
            self.seen.insert(event.kind.name().to_owned());
            self.seen.extend(event.outcome.map(|outcome| outcome.name().to_owned()));
        }
    }
}
