//! A lane: one loop that owns one writing connection: gather → lock and read → decide → keep → answer → tell.
//!
//! It never waits for more than it has found; bids can never fill the closer's share, nor one member everyone's. When a
//! commit's outcome is unknown nobody is told anything and the same round runs again; if that fails too the lane ends,
//! the process with it, and start-up recovery decides.

mod forgotten;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use auction::{AuctionId, ListingLimits, OUTAGE_REACH, Outage, Span, Time};
use ledger::MemberId;
use live::LocalBus;
use store::{Clock, Due, Failure, Journal, Portion};

use crate::answer::{Answer, Reply};
use crate::call::Deposits;
use crate::closer::{Closer, LOOK_MAX};
use crate::figures::Figures;
use crate::mailbox::{Asked, Engine, Mailbox, mailboxes};
use crate::round::{self, Heartbeat, Kept, Limbo, Ran};

/// How many commands share a round at the most.
pub(crate) const COMMANDS_IN_A_ROUND_MAX: usize = 512;

/// How many of one member's commands share a round at the most; the others wait for the next.
pub(crate) const COMMANDS_OF_A_MEMBER_MAX: usize = 64;

/// How many closings share a round while bids wait; all of it when none do.
pub(crate) const CLOSINGS_BESIDE_BIDS_MAX: usize = COMMANDS_IN_A_ROUND_MAX / 4;

/// A command that waited longer hears `busy`.
pub(crate) const AGE_MAX: Span = Span::seconds(2);

/// How many auctions one look takes while an outage is made good.
pub const OUTAGE_PAGE: usize = 512;

/// How often one round is tried on a store elsewhere before everyone in it hears `busy`, however many commands it holds. Where
/// each try fails at once that takes half a second.
const ROUND_TRIES_MAX: u32 = 5;

/// How often the log says that the store can keep nothing: its disk may be the full one.
const AWAY_TOLD_EVERY: Span = Span::seconds(10);

/// A difference between the store's clock and ours that is shorter is only the time that reading takes.
const CLOCKS_APART_MIN: Span = Span::seconds(1);

/// How many chores share a round.
const CHORES_TOGETHER_MAX: usize = 64;

/// How often the lane looks at what is due and keeps the heartbeat.
const TICK: Duration = Duration::from_secs(1);

/// A clock that only goes forward, from an origin of its own; for ages and pauses, never for the market's time.
pub type Steady = Arc<dyn Fn() -> Span + Send + Sync>;

/// Draws chance, for the codes of orders: nobody can guess what comes next.
pub type Chance = Arc<dyn Fn() -> u64 + Send + Sync>;

/// What the engine must know.
#[derive(Clone)]
pub struct Settings {
    /// Where deposits come from.
    pub deposits: Deposits,
    /// What is copied to auctions listed now.
    pub listing: ListingLimits,
    /// The market's clock; a round's time is read by the journal, this one only says what is due.
    pub clock: Clock,
    /// For ages and pauses.
    pub steady: Steady,
    /// For the codes of orders.
    pub chance: Chance,
}

/// The lane cannot go on: what a commit did is unknown and the store does not answer. The process must end, so that
/// start-up recovery decides.
#[derive(Debug)]
pub struct Fatal(pub Failure);

/// One loop over one journal.
pub struct Lane<J> {
    journal: J,
    settings: Settings,
    mailbox: Mailbox,
    bus: LocalBus,
    figures: Arc<Figures>,
    closer: Closer,
    /// Commands taken from the mailbox that had no room in their round.
    put_off: VecDeque<Asked>,
    last_tick: Option<Span>,
    /// When the log last said that the store can keep nothing; none while it can.
    away_told: Option<Span>,
    /// How far the store's clock is ahead of ours, if it is a store elsewhere with a clock of its own.
    ahead: Span,
    /// Whether everything that must be looked at once was found to have its deadline.
    is_armed: bool,
}

/// What the lane has to do next.
enum Woken {
    /// A command came, was put off before, or records wait.
    Work(Option<Box<Asked>>),
    /// A second has passed, or a deadline has come.
    Tick,
    /// The engine is to end.
    Stop,
}

impl<J: Journal> Lane<J> {
    /// A lane over a journal, and the way to it.
    pub fn new(journal: J, settings: Settings, bus: LocalBus) -> (Engine, Lane<J>) {
        let (engine, mut lanes) = Lane::several([journal], settings, bus);
        (engine, lanes.remove(0))
    }

    /// A lane over each of these journals of one store, and the way to them: each auction has its lane.
    ///
    /// # Panics
    /// Without a journal.
    pub fn several(
        journals: impl IntoIterator<Item = J>,
        settings: Settings,
        bus: LocalBus,
    ) -> (Engine, Vec<Lane<J>>) {
        let journals: Vec<J> = journals.into_iter().collect();
        assert!(!journals.is_empty(), "an engine has a lane");
        let figures = Arc::new(Figures::default());
        let (engine, mailboxes) =
            mailboxes(journals.len(), Arc::clone(&settings.steady), Arc::clone(&figures));
        let (portions, lanes) = (mailboxes.len(), journals.into_iter().zip(mailboxes));
        let lane = |(index, (journal, mailbox)): (usize, (J, Mailbox))| Lane {
            journal,
            settings: settings.clone(),
            mailbox,
            bus: bus.clone(),
            figures: Arc::clone(&figures),
            closer: Closer::of(Portion::of(index, portions)),
            put_off: VecDeque::new(),
            last_tick: None,
            away_told: None,
            ahead: Span::default(),
            is_armed: false,
        };
        (engine, lanes.enumerate().map(lane).collect())
    }

    /// Runs until the engine is stopped, and then once more for all that waits.
    ///
    /// # Errors
    /// [`Fatal`]: the process must end without answering anyone.
    pub async fn run(mut self) -> Result<(), Fatal> {
        self.begin().await?;
        loop {
            let first = match self.wait().await {
                Woken::Work(first) => first.map(|asked| *asked),
                Woken::Tick => None,
                Woken::Stop => break,
            };
            self.put_off.extend(first);
            self.step().await?;
        }
        while !self.put_off.is_empty() || !self.mailbox.commands.is_empty() {
            self.step().await?;
        }
        self.journal.serve_records().await;
        // A last round carries the heartbeat, and like any other finds an outage that was put off. Without it the house seems
        // to have left a little earlier than it did: that costs nobody anything.
        self.run_whole(Vec::new(), Heartbeat::Minded).await.map(|_| ())
    }

    /// Makes good an outage, if there was one, before anyone is served, by the store's clock. What cannot be made good now is
    /// found again by the first round. Before it, deadlines that are missing are put back: what the outage touched is found by
    /// these.
    pub async fn begin(&mut self) -> Result<(), Fatal> {
        self.is_armed = false;
        self.arm_forgotten().await?;
        self.run_whole(Vec::new(), Heartbeat::Minded).await.map(|_| ())
    }

    /// One turn without waiting: a round of what is there, what is due, and what `Records` asked to be written.
    pub async fn step(&mut self) -> Result<(), Fatal> {
        self.tick_if_due().await?;
        let batch = self.gather();
        if !batch.is_empty() {
            self.run_whole(batch, Heartbeat::Minded).await?;
        }
        self.journal.serve_records().await;
        Ok(())
    }

    /// The market's time, as the store has it.
    fn now(&self) -> Time {
        (self.settings.clock)().plus(self.ahead)
    }

    async fn wait(&mut self) -> Woken {
        if !self.put_off.is_empty() {
            return Woken::Work(None);
        }
        let pause = self.pause();
        tokio::select! {
            biased;
            asked = self.mailbox.commands.recv() => asked.map_or(Woken::Stop, |asked| Woken::Work(Some(Box::new(asked)))),
            () = self.journal.records_wait() => Woken::Work(None),
            _ = self.mailbox.stopping.wait_for(|stop| *stop) => Woken::Stop,
            () = tokio::time::sleep(pause) => Woken::Tick,
        }
    }

    /// How long nothing is to be done unless someone comes.
    fn pause(&self) -> Duration {
        let soonest = self.closer.soonest().map(|at| at.since(self.now()));
        let soonest = soonest.map(|span| Duration::from_micros(u64::try_from(span.0).unwrap_or_default()));
        soonest.map_or(TICK, |soonest| soonest.min(TICK))
    }

    /// Each second: keeps the heartbeat, and looks for what is due.
    async fn tick_if_due(&mut self) -> Result<(), Fatal> {
        let steady = (self.settings.steady)();
        if self.last_tick.is_some_and(|last| Span(steady.0 - last.0) < round::HEARTBEAT_EVERY) {
            return Ok(());
        }
        self.last_tick = Some(steady);
        let now = self.now();
        let heartbeat = match self.journal.heartbeat().await {
            Ok(heartbeat) => heartbeat,
            Err(failure) => {
                self.tell_away(&failure);
                return Ok(());
            }
        };
        if heartbeat.is_none_or(|last| now.since(last) >= round::HEARTBEAT_EVERY || now < last) {
            // An empty round carries the heartbeat, and finds a clock that jumped while nobody asked for anything.
            self.run_whole(Vec::new(), Heartbeat::Minded).await?;
        }
        self.arm_forgotten().await?;
        let until = self.closer.next_look(now);
        match self.journal.due(self.closer.portion(), None, until, LOOK_MAX).await {
            Ok(due) => due.into_iter().for_each(|due| self.closer.learn(due, now)),
            Err(failure) => {
                tracing::warn!(error = ?failure, "what is due could not be read; the next sweep tries again")
            }
        }
        self.do_chores().await
    }

    /// What follows from blocks and suspensions, one command an auction, each once; what is left over waits for the next
    /// second.
    async fn do_chores(&mut self) -> Result<(), Fatal> {
        let chores = match self.journal.chores(self.closer.portion(), CHORES_TOGETHER_MAX).await {
            Ok(chores) => chores,
            Err(failure) => {
                tracing::warn!(error = ?failure, "chores could not be read; the next second tries again");
                return Ok(());
            }
        };
        if chores.is_empty() {
            return Ok(());
        }
        let steady = (self.settings.steady)();
        let batch = chores.into_iter().map(|chore| round::chore(chore, steady)).collect();
        self.run_whole(batch, Heartbeat::Minded).await.map(|_| ())
    }

    /// Takes what waits: closings within their share, then commands, each member's within his.
    fn gather(&mut self) -> Vec<Asked> {
        let now = self.now();
        let steady = (self.settings.steady)();
        let bids_wait = !self.put_off.is_empty() || !self.mailbox.commands.is_empty();
        let share = if bids_wait { CLOSINGS_BESIDE_BIDS_MAX } else { COMMANDS_IN_A_ROUND_MAX };
        let mut batch: Vec<Asked> =
            self.closer.take(now, share).into_iter().map(|auction| round::close(auction, steady)).collect();
        let mut of_member: HashMap<MemberId, usize> = HashMap::new();
        let mut again = VecDeque::new();
        let mut put_off = std::mem::take(&mut self.put_off);
        while batch.len() < COMMANDS_IN_A_ROUND_MAX && again.len() < COMMANDS_IN_A_ROUND_MAX {
            let Some(asked) = put_off.pop_front().or_else(|| self.receive()) else {
                break;
            };
            if Span(steady.0 - asked.at.0) > AGE_MAX {
                self.answer(vec![(asked, Answer::Busy)]);
                continue;
            }
            let count = asked.member().map(|member| of_member.entry(member).or_default());
            match count {
                Some(count) if *count >= COMMANDS_OF_A_MEMBER_MAX => again.push_back(asked),
                count => {
                    count.into_iter().for_each(|count| *count += 1);
                    batch.push(asked);
                }
            }
        }
        again.extend(put_off);
        self.put_off = again;
        batch
    }

    fn receive(&mut self) -> Option<Asked> {
        self.mailbox.commands.try_recv().ok()
    }

    /// Runs a batch to its end: whole, again where a commit's outcome is unknown, in halves where the store rejects it.
    /// Gives the failure that puts it off, if it makes an outage good: that must happen whole, or be begun again.
    async fn run_whole(&mut self, batch: Vec<Asked>, heartbeat: Heartbeat) -> Result<Option<Failure>, Fatal> {
        let mut batches = vec![batch];
        while let Some(mut batch) = batches.pop() {
            match self.run_once(&batch, heartbeat).await? {
                Ok(kept) => self.conclude(batch, kept),
                Err(Failure::Rejected { doing, source }) if batch.len() > 1 => {
                    tracing::warn!(doing, error = %source, commands = batch.len(), "a round was rejected and is split");
                    let second = batch.split_off(batch.len() / 2);
                    batches.push(second);
                    batches.push(batch);
                }
                Err(Failure::Rejected { doing, source }) => {
                    let key = batch.first().and_then(|asked| asked.key.as_ref()).map(|key| &*key.text);
                    tracing::error!(doing, key, error = %source, "the store rejects one command");
                    self.answer(batch.into_iter().map(|asked| (asked, Answer::Internal)).collect());
                }
                Err(failure) if heartbeat == Heartbeat::LeftAlone => return postponed(failure),
                Err(failure) => {
                    self.tell_away(&failure);
                    self.answer(batch.into_iter().map(|asked| (asked, Answer::Busy)).collect());
                }
            }
        }
        Ok(None)
    }

    /// One round, run again if its commit's outcome is unknown: once on a store in our own hands, else until it is known.
    async fn run_once(
        &mut self,
        batch: &[Asked],
        heartbeat: Heartbeat,
    ) -> Result<Result<Kept, Failure>, Fatal> {
        let (mut limbo, mut tries) = (Limbo::default(), 0);
        loop {
            let was_unknown = limbo.must_commit;
            let ran = round::run(&mut self.journal, &self.settings, batch, heartbeat, &mut limbo).await;
            match ran {
                Ok(Ran::Kept(kept)) => return Ok(Ok(kept)),
                // Rounds that make an outage good find none; boxed, because they are run by this very function.
                Ok(Ran::Outage(outage)) => match Box::pin(self.make_good(outage)).await? {
                    None => {}
                    Some(failure) if was_unknown => drop(self.ask_again(failure).await?),
                    Some(failure) => return Ok(Err(failure)),
                },
                // A store that is away for a while will answer what became of the round; until then nobody is told.
                Err(failure) if was_unknown => {
                    limbo.must_commit = true;
                    let failure = self.ask_again(failure).await?;
                    // Behind the locks nothing is in doubt any more: what the first run kept would have been found.
                    if let Failure::Rejected { .. } = failure {
                        return Ok(Err(failure));
                    }
                }
                Err(failure @ Failure::Unknown { .. }) => {
                    tracing::error!(error = ?failure, "a commit's outcome is unknown; the same round runs again");
                    self.figures.ran_a_round_again();
                }
                // A connection that was lost, or a lock that took too long: nothing was kept, so the same round may run again,
                // but not while the house waits for its end.
                Err(failure @ Failure::Unavailable { .. }) => {
                    tries += 1;
                    if tries == ROUND_TRIES_MAX || self.is_stopping() || !self.journal.regain().await {
                        return Ok(Err(failure));
                    }
                }
                Err(failure) => return Ok(Err(failure)),
            }
        }
    }

    fn is_stopping(&self) -> bool {
        *self.mailbox.stopping.borrow()
    }

    /// Waits until a store elsewhere may say what became of a commit; a store in our own hands has to be opened anew, and
    /// whoever is told to stop does not wait.
    async fn ask_again(&mut self, failure: Failure) -> Result<Failure, Fatal> {
        self.tell_away(&failure);
        if self.is_stopping() || !self.journal.regain().await { Err(Fatal(failure)) } else { Ok(failure) }
    }

    /// Extends every open auction that the outage touched, page by page; only then the heartbeat goes on, so that a
    /// crash in between, or a store that cannot keep a page now, finds the same outage again, and each auction is extended
    /// once for it. Gives the failure that puts it off; until then nobody is served.
    async fn make_good(&mut self, outage: Outage) -> Result<Option<Failure>, Fatal> {
        let mut after: Option<Due> = None;
        loop {
            let until = outage.back.plus(OUTAGE_REACH);
            let due = match self.journal.due(Portion::WHOLE, after, until, OUTAGE_PAGE).await {
                Ok(due) => due,
                Err(failure) => return postponed(failure),
            };
            let Some(last) = due.last().copied() else { break };
            let steady = (self.settings.steady)();
            let batch: Vec<Asked> =
                due.iter().map(|due| round::extend_for_outage(due.auction, outage, steady)).collect();
            if let Some(failure) = self.run_whole(batch, Heartbeat::LeftAlone).await? {
                return Ok(Some(failure));
            }
            after = Some(last);
        }
        if let Some(failure) = self.make_good_to_orders(outage).await? {
            return Ok(Some(failure));
        }
        if let Err(failure) = self.journal.beat().await {
            // Whether a heartbeat of a store elsewhere was kept is found by the next round.
            let is_found = matches!(failure, Failure::Unknown { .. }) && self.journal.regain().await;
            return if is_found { Ok(Some(failure)) } else { postponed(failure) };
        }
        tracing::warn!(?outage, "the house was away, or its clock jumped; open auctions were extended");
        Ok(None)
    }

    /// Orders and offers get back all of the lost time, however far off their deadlines are.
    async fn make_good_to_orders(&mut self, outage: Outage) -> Result<Option<Failure>, Fatal> {
        let mut after = AuctionId(0);
        loop {
            let open = match self.journal.open_aftermaths(after, OUTAGE_PAGE).await {
                Ok(open) => open,
                Err(failure) => return postponed(failure),
            };
            let Some(last) = open.last().copied() else { return Ok(None) };
            let steady = (self.settings.steady)();
            let batch: Vec<Asked> =
                open.into_iter().map(|auction| round::extend_for_outage(auction, outage, steady)).collect();
            if let Some(failure) = self.run_whole(batch, Heartbeat::LeftAlone).await? {
                return Ok(Some(failure));
            }
            after = last;
        }
    }

    /// Says in the log, now and then, that everyone hears `busy` because the store can keep nothing.
    fn tell_away(&mut self, failure: &Failure) {
        let steady = (self.settings.steady)();
        if self.away_told.is_none_or(|told| Span(steady.0 - told.0) >= AWAY_TOLD_EVERY) {
            tracing::error!(error = ?failure, "the store cannot keep a round now; everyone hears busy until it can");
            self.away_told = Some(steady);
        }
    }

    /// Answers, then tells, then notes what is due.
    fn conclude(&mut self, batch: Vec<Asked>, kept: Kept) {
        if kept.changed {
            self.figures.kept_a_round();
            if self.away_told.take().is_some() {
                tracing::warn!("the store keeps rounds again");
            }
        }
        self.answer(batch.into_iter().zip(kept.answers).collect());
        if let Some(told) = kept.told {
            self.bus.publish(told);
        }
        // Behind is believed at once: a close that comes early is a round for nothing, one that comes late by what reading
        // takes harms nobody.
        let is_apart = kept.ahead.0 < 0 || kept.ahead.0 >= CLOCKS_APART_MIN.0;
        self.ahead = if is_apart { kept.ahead } else { Span::default() };
        let now = self.now();
        kept.due.into_iter().for_each(|due| self.closer.learn(due, now));
    }

    /// Answers every caller, in one message for each connection.
    fn answer(&self, answered: Vec<(Asked, Answer)>) {
        let mut of_connection: HashMap<u64, (crate::AnswerSender, Vec<(u64, Answer)>)> = HashMap::new();
        for (asked, answer) in answered {
            if asked.key.is_some() {
                self.figures.answered(&answer);
            }
            match asked.reply {
                // Whoever asked may have left; what was done is done all the same.
                Reply::One(sender) => drop(sender.send(answer)),
                Reply::Many { to, tag } => {
                    of_connection.entry(to.id()).or_insert_with(|| (to, Vec::new())).1.push((tag, answer));
                }
                Reply::Nobody => {}
            }
        }
        of_connection.into_values().for_each(|(to, answers)| to.send(answers));
    }

    /// The journal, for a simulator that looks at what was kept.
    pub fn journal(&mut self) -> &mut J {
        &mut self.journal
    }
}

/// What is certainly not kept may wait, such as for room on the disk; anything else ends the lane.
fn postponed(failure: Failure) -> Result<Option<Failure>, Fatal> {
    match failure {
        Failure::Unavailable { .. } => Ok(Some(failure)),
        Failure::Rejected { .. } | Failure::Unknown { .. } | Failure::Busy => Err(Fatal(failure)),
    }
}
