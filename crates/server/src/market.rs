//! The market behind the doors: store, engine, lane and followers, started in order and stopped in the opposite one.

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use engine::{Deposits, Engine, Follower, HouseClock, Lane, Settings as EngineSettings};
use live::{Hub, LocalBus, RedisBus};
use store::{Journal, Records};
use store_blobs::{Blobs, Limits};
use store_postgres::{PostgresJournal, Target, Timekeeper};
use store_sqlite::Checkpointer;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use web::darkroom::Darkroom;

use crate::clocks;
use crate::folder::Folder;
use crate::settings::Settings;

/// How the process ends when the lane cannot go on: start-up recovery decides what an unknown commit did.
const EXIT_FATAL: i32 = 70;

/// How long the follower may take for what is left when the house stops.
const FOLLOWS_WITHIN: Duration = Duration::from_secs(5);

/// How long the lanes may take for what waits when the house stops: together with the followers' time shorter than a
/// supervisor waits before it kills.
const LANES_END_WITHIN: Duration = Duration::from_secs(12);

/// A running market, without its doors.
pub struct Market {
    /// The way to the engine.
    pub engine: Engine,
    /// The web's door to the store.
    pub records: Arc<dyn Records>,
    /// Who watches what.
    pub hub: Arc<Hub>,
    /// Where pictures are made, kept and shown.
    pub darkroom: Arc<Darkroom>,
    /// The house's clock, the same for every room.
    pub clock: store::Clock,
    lanes: Vec<LaneThread>,
    tasks: JoinSet<()>,
    stop_followers: watch::Sender<bool>,
    _checkpointer: Option<Checkpointer>,
    _folder: Folder,
}

/// A store at work: the way to its lanes, their threads, and the web's door.
struct AtWork {
    engine: Engine,
    lanes: Vec<LaneThread>,
    records: Arc<dyn Records>,
    checkpointer: Option<Checkpointer>,
}

/// A lane's thread, and who hears when it has ended.
struct LaneThread {
    thread: JoinHandle<()>,
    ended: oneshot::Receiver<Infallible>,
}

impl Market {
    /// Opens the store, in the folder or in the database that the settings name, settles what an earlier process left, and
    /// starts the lanes and the followers.
    ///
    /// # Errors
    /// If the store cannot be opened, is newer than this release, or holds money of another kind.
    pub async fn start(settings: &Settings, folder: Folder) -> Result<Market> {
        let steady = clocks::steady();
        let house_clock = HouseClock::new(clocks::wall(), Arc::clone(&steady));
        let clock = house_clock.clock();
        let bus_between = settings.bus.clone().map(|address| RedisBus::new(address, clocks::number()));
        let hub = Hub::new(live::Settings::default(), clock.clone());
        let hub = Arc::new(match &bus_between {
            Some(bus) => hub.hinting(bus.hints()),
            None => hub,
        });
        let engine_settings = EngineSettings {
            deposits: settings.deposits,
            listing: settings.listing.clone(),
            clock: clock.clone(),
            steady,
            chance: Arc::new(clocks::number),
        };
        let bus = LocalBus::new(Arc::clone(&hub));
        let AtWork { engine, lanes, records, checkpointer } = match &settings.database {
            None => open_folder(&folder, engine_settings, bus)?,
            Some(target) => open_database(target, settings.lanes, engine_settings, bus).await?,
        };
        let darkroom = Arc::new(darkroom(settings, Arc::clone(&records), clock.clone())?);
        let (stop_followers, stopping) = watch::channel(false);
        let follower = Follower::new(Arc::clone(&records), Arc::clone(&hub), clock.clone(), stopping);
        let follower = follower.sweeping_by(house_clock.settled());
        let mut tasks = JoinSet::new();
        tasks.spawn(follower.run());
        let pacing = Arc::clone(&hub);
        tasks.spawn(async move { pacing.pace().await });
        if let Some(bus) = bus_between {
            tasks.spawn(bus.run(Arc::clone(&hub)));
        }
        Ok(Market {
            engine,
            records,
            hub,
            darkroom,
            clock,
            lanes,
            tasks,
            stop_followers,
            _checkpointer: checkpointer,
            _folder: folder,
        })
    }

    /// Resolves when a task that should run as long as the house has ended: a bug, and the house must not go on without
    /// it.
    pub async fn broken(&mut self) {
        if self.tasks.join_next().await.is_none() {
            std::future::pending::<()>().await;
        }
    }

    /// Finishes what waits, then ends. Nobody may hold a door any more. A lane that waits for a database that does not answer
    /// is not waited for without end: then the process ends here, as if it had been killed. Whoever it still owes an answer
    /// gets none, and what became of his command is found by his key, or by the lock step of whoever comes next.
    pub async fn stop(mut self) {
        // The follower takes what is left while there still is a writer; the pacer and the bus have no end of their own.
        self.stop_followers.send_replace(true);
        let followed = tokio::time::timeout(FOLLOWS_WITHIN, self.tasks.join_next()).await;
        if followed.is_err() {
            tracing::warn!("the follower did not end in time; the next start takes what is left");
        }
        self.engine.stop();
        if !have_ended(self.lanes, LANES_END_WITHIN).await {
            tracing::error!(
                within = ?LANES_END_WITHIN,
                "a lane did not end, as its store does not answer: the process ends, nobody is answered"
            );
            std::process::exit(EXIT_FATAL);
        }
        self.tasks.abort_all();
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Whether all lanes have ended within that time.
async fn have_ended(mut lanes: Vec<LaneThread>, within: Duration) -> bool {
    let all = async {
        for lane in &mut lanes {
            // Nothing is ever sent: it resolves when the thread lets go of its end.
            let _ = (&mut lane.ended).await;
        }
    };
    let in_time = tokio::time::timeout(within, all).await.is_ok();
    if in_time && lanes.into_iter().any(|lane| lane.thread.join().is_err()) {
        tracing::error!("a lane did not end well");
    }
    in_time
}

/// The store in the folder, SQLite: one lane, which owns the only connection that writes.
fn open_folder(folder: &Folder, settings: EngineSettings, bus: LocalBus) -> Result<AtWork> {
    let opened = store_sqlite::open(folder.path(), settings.clock.clone());
    let (journal, records, checkpointer) = opened.context("opening the store")?;
    refuse_other_money(journal.money()?.as_deref(), settings.deposits)?;
    let (engine, lane) = Lane::new(journal, settings, bus);
    let lanes = vec![run_lane(lane, 0)?];
    Ok(AtWork { engine, lanes, records: Arc::new(records), checkpointer: Some(checkpointer) })
}

/// The store in a database, PostgreSQL, beside other nodes: so many lanes, each with a connection of its own.
async fn open_database(
    target: &Target,
    lanes: usize,
    settings: EngineSettings,
    bus: LocalBus,
) -> Result<AtWork> {
    let opened = store_postgres::open(target, Timekeeper::Database).await;
    let (mut journal, records) = opened.context("opening the store")?;
    refuse_other_money(journal.money().await?.as_deref(), settings.deposits)?;
    // Its connection belongs to this runtime; each lane makes its own on its thread.
    drop(journal);
    let journals = (0..lanes).map(|_| PostgresJournal::new(target.clone(), Timekeeper::Database));
    let (engine, lanes) = Lane::several(journals, settings, bus);
    let lanes = lanes.into_iter().enumerate().map(|(number, lane)| run_lane(lane, number));
    let lanes = lanes.collect::<Result<_>>()?;
    Ok(AtWork { engine, lanes, records: Arc::new(records), checkpointer: None })
}

/// Where pictures are made, kept and shown.
fn darkroom(settings: &Settings, records: Arc<dyn Records>, clock: store::Clock) -> Result<Darkroom> {
    let blobs =
        Blobs::open(&settings.blobs, Limits::default(), clock).context("opening the place of pictures")?;
    let darkroom = Darkroom::new(blobs, records, settings.picture_workers);
    let workers = darkroom.workers();
    let mebibytes = workers.memory_bytes_max() / (1024 * 1024);
    tracing::info!(
        workers = workers.count(),
        mebibytes,
        "pictures are made here, in so much memory at the most"
    );
    if let (store_blobs::Settings::Folder(folder), Some(_)) = (&settings.blobs, &settings.database) {
        let folder = folder.display();
        tracing::info!(%folder, "pictures lie in a folder: every node of this market must have the same one");
    }
    Ok(darkroom)
}

/// Play money never mixes with real money: a store is of one kind from its first deposit, for ever.
fn refuse_other_money(money: Option<&str>, deposits: Deposits) -> Result<()> {
    match (money, deposits) {
        (Some("real"), Deposits::Demo) => bail!("the store holds real money: deposits = demo is refused"),
        (Some("demo"), Deposits::Manual) => bail!("the store holds play money: deposits = manual is refused"),
        _ => Ok(()),
    }
}

/// A lane has a thread of its own, and with it a connection that writes.
#[expect(clippy::disallowed_methods, reason = "the market owns the lane's thread and joins it")]
fn run_lane<J: Journal + Send + 'static>(lane: Lane<J>, number: usize) -> Result<LaneThread> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (ending, ended) = oneshot::channel();
    let run = move || {
        let _ending = ending;
        // A lane that is gone would leave a house that says `busy` for ever: whatever ends it ends the process.
        match catch_unwind(AssertUnwindSafe(|| runtime.block_on(lane.run()))) {
            // The name of a database that is still being looked up would keep the runtime, and whoever joins this thread.
            Ok(Ok(())) => return runtime.shutdown_background(),
            Ok(Err(engine::Fatal(failure))) => {
                tracing::error!(error = ?failure, "the store's state is unknown: the process ends, nobody is answered");
            }
            Err(_) => tracing::error!("the lane has a bug: the process ends, nobody is answered"),
        }
        std::process::exit(EXIT_FATAL);
    };
    let thread = std::thread::Builder::new().name(format!("lane-{number}")).spawn(run);
    Ok(LaneThread { thread: thread.context("starting the lane")?, ended })
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// A thread in a lane's place, which ends when it is told to.
    #[expect(clippy::disallowed_methods, reason = "it ends with the test")]
    fn thread() -> (mpsc::SyncSender<()>, LaneThread) {
        let (end, told) = mpsc::sync_channel::<()>(1);
        let (ending, ended) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let _ending = ending;
            let _ = told.recv();
        });
        (end, LaneThread { thread, ended })
    }

    #[tokio::test]
    async fn a_lane_that_hangs_is_not_waited_for_without_end() {
        let (end, good) = thread();
        let (never, hanging) = thread();
        drop(end);
        assert!(!have_ended(vec![good, hanging], Duration::from_millis(50)).await);
        drop(never);
    }

    #[tokio::test]
    async fn lanes_that_end_are_waited_for() {
        let (one, first) = thread();
        let (other, second) = thread();
        drop(one);
        let (ended, ()) =
            tokio::join!(have_ended(vec![first, second], LANES_END_WITHIN), async { drop(other) });
        assert!(ended);
    }
}
