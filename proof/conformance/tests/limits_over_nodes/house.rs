//! A market of several nodes on one store, each a web server of its own, by a clock that the test sets.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use auction::{Ladder, ListingLimits, Span, Time};
use engine::{Deposits, Engine, Lane};
use ledger::PartsPerMillion;
use live::{Hub, LocalBus};
use store::Records;
use store_blobs::{Blobs, Limits};
use store_sqlite::{Checkpointer, SqliteJournal};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use web::darkroom::Darkroom;
use web::limits::SharedCount;
use web::settings::{PasswordCost, PublicUrl};
use web::{ProcessFigures, ServeLimits, WebParts, WebSettings, WebState};

/// 2027-01-15T00:00:00Z, a whole minute.
const BEGAN: Time = Time(1_799_971_200_000_000);

/// Requests of an address in a minute.
pub const REQUESTS: usize = 100;

/// Calls of an address in a minute that hash a password.
pub const PASSWORD_CALLS: usize = 20;

/// The password of every member.
pub const PASSWORD: &str = "moon over the river";

/// How long a node waits for a Redis that runs, however slow the machine is.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often an exchange is asked for until Redis can be reached.
const EXCHANGES_MAX: usize = 100;

/// Two nodes and what they share.
pub struct Market {
    pub nodes: [Node; 2],
    clock: Arc<AtomicI64>,
    engine: Engine,
    lane: Option<JoinHandle<()>>,
    _checkpointer: Checkpointer,
    _folder: TempDir,
}

/// One web server.
pub struct Node {
    address: SocketAddr,
    state: Arc<WebState>,
    _serving: JoinSet<()>,
}

/// What was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// In seconds.
    pub retry_after: Option<u64>,
}

/// Refused for so many seconds.
pub const fn wait(seconds: u64) -> Answer {
    Answer { status: 429, retry_after: Some(seconds) }
}

/// Answered so.
pub const fn answer(status: u16) -> Answer {
    Answer { status, retry_after: None }
}

impl Market {
    /// Two nodes that count together in the Redis at `url`, both connected to it.
    pub async fn sharing(url: &str) -> Market {
        Market::patient(url, PATIENCE).await
    }

    /// The same, waiting so long for Redis.
    pub async fn patient(url: &str, patience: Duration) -> Market {
        let folder = tempfile::tempdir().unwrap();
        let now = Arc::new(AtomicI64::new(BEGAN.0));
        let reading = Arc::clone(&now);
        let clock: store::Clock = Arc::new(move || Time(reading.load(Ordering::SeqCst)));
        let (journal, records, checkpointer) = store_sqlite::open(folder.path(), clock.clone()).unwrap();
        let records: Arc<dyn Records> = Arc::new(records);
        let hub = Arc::new(Hub::new(live::Settings::default(), clock.clone()));
        let (engine, lane) =
            Lane::new(journal, engine_settings(clock.clone()), LocalBus::new(Arc::clone(&hub)));
        let lane = Some(run_lane(lane));
        let folder_of_pictures = store_blobs::Settings::Folder(folder.path().join("pictures"));
        let blobs = Blobs::open(&folder_of_pictures, Limits::default(), clock.clone()).unwrap();
        let darkroom = Arc::new(Darkroom::new(blobs, Arc::clone(&records), 1));
        let node = async |number: u64| {
            let parts = WebParts {
                records: Arc::clone(&records),
                engine: engine.clone(),
                hub: Arc::clone(&hub),
                darkroom: Arc::clone(&darkroom),
                settings: web_settings(),
                clock: clock.clone(),
                chance: chance(number),
                process: Arc::new(ProcessFigures::default),
                stopping: CancellationToken::new(),
                tasks: TaskTracker::new(),
                shared_count: Some(SharedCount::new(url, "market").unwrap().patient(patience)),
            };
            Node::start(parts).await
        };
        let nodes = [node(1).await, node(2).await];
        let market = Market { nodes, clock: now, engine, lane, _checkpointer: checkpointer, _folder: folder };
        for node in &market.nodes {
            node.reach().await;
        }
        market
    }

    /// Moves the clock.
    pub fn pass(&self, span: Span) {
        self.clock.fetch_add(span.0, Ordering::SeqCst);
    }
}

impl Drop for Market {
    fn drop(&mut self) {
        self.nodes.iter().for_each(|node| node.state.stopping.cancel());
        self.engine.stop();
        if let Some(lane) = self.lane.take() {
            lane.join().unwrap();
        }
    }
}

impl Node {
    async fn start(mut parts: WebParts) -> Node {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        parts.settings.public_url = PublicUrl::loopback(address.port());
        let state = WebState::new(parts);
        let serving =
            web::serve(listener, web::routes(&state), ServeLimits::default(), state.stopping.clone());
        let mut tasks = JoinSet::new();
        tasks.spawn(async { serving.await.unwrap() });
        Node { address, state, _serving: tasks }
    }

    /// Tells the other node what was counted here, and hears what it told, now instead of within a second.
    pub async fn exchange(&self) -> bool {
        self.state.limits.exchange().await
    }

    /// Comes back when Redis was reached.
    pub async fn reach(&self) {
        for _ in 0..EXCHANGES_MAX {
            if self.exchange().await {
                return;
            }
        }
        panic!("Redis was not reached");
    }

    /// So many requests that cost nothing but their count; how many were let in.
    pub async fn look(&self, times: usize) -> usize {
        let mut let_in = 0;
        for _ in 0..times {
            let_in += usize::from(self.ask("GET", "/api/v1/categories", "").await.status == 200);
        }
        let_in
    }

    /// One request.
    pub async fn look_once(&self) -> Answer {
        self.ask("GET", "/api/v1/categories", "").await
    }

    /// A new member.
    pub async fn member(&self, username: &str) {
        let body = format!(r#"{{"username":"{username}","password":"{PASSWORD}","nickname":"{username}"}}"#);
        assert_eq!(self.ask("POST", "/api/v1/members", &body).await.status, 201);
    }

    /// An attempt to sign in.
    pub async fn sign_in(&self, username: &str, password: &str) -> Answer {
        let body = format!(r#"{{"username":"{username}","password":"{password}","token":true}}"#);
        self.ask("POST", "/api/v1/sessions", &body).await
    }

    /// So many attempts with a wrong password, each of which is judged.
    pub async fn fail(&self, username: &str, times: usize) {
        for time in 0..times {
            assert_eq!(self.sign_in(username, "a wrong one").await, answer(401), "attempt {time}");
        }
    }

    async fn ask(&self, method: &str, path: &str, body: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        let retry_after = answer.lines().find_map(|line| line.strip_prefix("retry-after: "));
        Answer { status, retry_after: retry_after.map(|seconds| seconds.trim().parse().unwrap()) }
    }
}

fn web_settings() -> WebSettings {
    WebSettings {
        password_cost: PasswordCost { memory_kib: 8, passes: 1 },
        requests_per_minute: u32::try_from(REQUESTS).unwrap(),
        password_calls_per_minute: u32::try_from(PASSWORD_CALLS).unwrap(),
        ..WebSettings::default()
    }
}

fn engine_settings(clock: store::Clock) -> engine::Settings {
    let listing = ListingLimits {
        minimum_duration: Span::seconds(1),
        ladder: Ladder::parse(auction::DEFAULT_LADDER).unwrap(),
        fee_rate: PartsPerMillion::new(0).unwrap(),
    };
    engine::Settings {
        deposits: Deposits::Demo,
        listing,
        clock,
        steady: Arc::new(|| Span(0)),
        chance: Arc::new(|| 0),
    }
}

#[expect(clippy::disallowed_methods, reason = "the market joins the lane's thread when it is dropped")]
fn run_lane(lane: Lane<SqliteJournal>) -> JoinHandle<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    std::thread::spawn(move || runtime.block_on(lane.run()).unwrap())
}

/// Chance that never repeats, on no node.
fn chance(node: u64) -> web::Chance {
    let chances = AtomicU64::new(node << 32);
    Arc::new(move |bytes: &mut [u8]| {
        for chunk in bytes.chunks_mut(8) {
            let next = chances.fetch_add(1, Ordering::SeqCst).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            chunk.copy_from_slice(&next.to_le_bytes()[..chunk.len()]);
        }
    })
}
