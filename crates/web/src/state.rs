//! The web's state: what every handler holds. `Records` and an `Engine`, and nothing that could change a price or a
//! balance by itself; time and chance as the server handed them in.

use std::sync::Arc;

use auction::Time;
use engine::Engine;
use live::Hub;
use store::{Clock, Records};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::darkroom::Darkroom;
use crate::delivery::Delivering;
use crate::health::{Metrics, StoreHealth};
use crate::limits::{Limits, NodeName, SharedCount};
use crate::password::Passwords;
use crate::places::Places;
use crate::settings::WebSettings;

/// Fills a slice with bytes that nobody can guess.
pub type Chance = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// What the process costs, as the system tells the server.
pub type Process = Arc<dyn Fn() -> ProcessFigures + Send + Sync>;

/// What the process costs at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ProcessFigures {
    /// Memory in use.
    pub resident_memory_bytes: u64,
    /// Time on the processors since the start.
    pub cpu_seconds: f64,
}

/// What the server hands in.
pub struct WebParts {
    /// The web's door to the store.
    pub records: Arc<dyn Records>,
    /// The way to the engine.
    pub engine: Engine,
    /// Who watches what.
    pub hub: Arc<Hub>,
    /// Where pictures are made, kept and shown.
    pub darkroom: Arc<Darkroom>,
    /// What the owner has decided.
    pub settings: WebSettings,
    /// The time.
    pub clock: Clock,
    /// Chance.
    pub chance: Chance,
    /// What the process costs.
    pub process: Process,
    /// Cancelled when the server stops: sockets close with 1012, `/readyz` says no.
    pub stopping: CancellationToken,
    /// Owns the tasks that outlive a request, which the server waits for.
    pub tasks: TaskTracker,
    /// What counts clients over all nodes of the market, if there are several; on each node its own.
    pub shared_count: Option<SharedCount>,
}

/// What every handler holds.
pub struct WebState {
    /// The web's door to the store.
    pub records: Arc<dyn Records>,
    /// The way to the engine.
    pub engine: Engine,
    /// Who watches what.
    pub hub: Arc<Hub>,
    /// Where pictures are made, kept and shown.
    pub darkroom: Arc<Darkroom>,
    /// What the owner has decided.
    pub settings: WebSettings,
    /// Cancelled when the server stops.
    pub stopping: CancellationToken,
    /// Owns the tasks that outlive a request.
    pub tasks: TaskTracker,
    /// How much any one client may ask for.
    pub limits: Limits,
    /// Where passwords are hashed.
    pub passwords: Passwords,
    /// Regions and categories.
    pub places: Places,
    /// What is counted.
    pub metrics: Metrics,
    /// What goes out of the house.
    pub delivering: Delivering,
    /// What the store last said of itself.
    pub store_health: StoreHealth,
    clock: Clock,
    chance: Chance,
    process: Process,
}

impl WebState {
    /// The state, from its parts. With a shared count it begins to count, in a task among `tasks`.
    ///
    /// # Panics
    /// With a shared count, outside a runtime.
    pub fn new(parts: WebParts) -> Arc<WebState> {
        let settings = parts.settings;
        let shared_count = parts.shared_count.map(|count| {
            let mut node = NodeName::default();
            (parts.chance)(&mut node);
            count.of_node(node)
        });
        let is_shared = shared_count.is_some();
        let state = Arc::new(WebState {
            limits: Limits::new(&settings, shared_count),
            passwords: Passwords::new(settings.password_cost, settings.hashing_threads, parts.chance.clone()),
            places: Places::default(),
            metrics: Metrics::default(),
            store_health: StoreHealth::default(),
            delivering: Delivering::new(&settings),
            records: parts.records,
            engine: parts.engine,
            hub: parts.hub,
            darkroom: parts.darkroom,
            settings,
            stopping: parts.stopping,
            tasks: parts.tasks,
            clock: parts.clock,
            chance: parts.chance,
            process: parts.process,
        });
        if is_shared {
            let sharing = Arc::clone(&state);
            state.tasks.spawn(async move { sharing.limits.share(&sharing.stopping).await });
        }
        state
    }

    /// The time.
    pub fn now(&self) -> Time {
        (self.clock)()
    }

    /// So many bytes that nobody can guess.
    pub fn chance_bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.chance)(&mut bytes);
        bytes
    }

    /// A key for a command that brings none, as a form without JavaScript: a UUIDv7, so that keys stay in order of time.
    pub fn new_key(&self) -> String {
        let millis = u64::try_from(self.now().0 / 1_000).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &self.chance_bytes()).into_uuid().to_string()
    }

    /// What the process costs now.
    pub(crate) fn process(&self) -> ProcessFigures {
        (self.process)()
    }
}
