//! A house for one test: store, engine, hub and web, on a port and in a folder of its own, by a clock that the test sets.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Instant;

use auction::{Ladder, ListingLimits, Span, Time};
use engine::{Deposits, Engine, Lane};
use ledger::{MemberId, PartsPerMillion};
use live::{Hub, LocalBus};
use serde_json::{Value, json};
use store::{Act, ActKind, Records};
use store_blobs::{Blobs, Limits};
use store_sqlite::{Checkpointer, SqliteJournal};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use web::darkroom::Darkroom;
use web::settings::{PasswordCost, PublicUrl};
use web::{ProcessFigures, ServeLimits, WebParts, WebSettings, WebState};

use crate::ask::{Answer, Ask};
use crate::described::Described;

/// 2027-01-15T00:00:00Z.
pub const BEGAN: Time = Time(1_799_971_200_000_000);

/// What a test may want otherwise.
pub struct Wishes {
    pub web: WebSettings,
    pub serve: ServeLimits,
    pub deposits: Deposits,
    pub ladder: String,
    /// In parts per million.
    pub fee_rate: i64,
    /// Where pictures lie, if not in the house's own folder.
    pub blobs: Option<Blobs>,
}

impl Default for Wishes {
    fn default() -> Wishes {
        let web = WebSettings {
            password_cost: PasswordCost { memory_kib: 8, passes: 1 },
            minimum_duration: Span::seconds(1),
            ..WebSettings::default()
        };
        Wishes {
            web,
            serve: ServeLimits::default(),
            deposits: Deposits::Demo,
            ladder: auction::DEFAULT_LADDER.to_owned(),
            fee_rate: 0,
            blobs: None,
        }
    }
}

/// A running house.
pub struct House {
    pub address: SocketAddr,
    pub state: Arc<WebState>,
    pub described: Arc<Described>,
    pub metrics: SocketAddr,
    pub records: Arc<dyn Records>,
    clock: Arc<AtomicI64>,
    engine: Engine,
    keys: AtomicU64,
    lane: Option<JoinHandle<()>>,
    tasks: JoinSet<()>,
    _checkpointer: Checkpointer,
    folder: TempDir,
}

impl House {
    pub async fn new() -> House {
        House::wishing(Wishes::default()).await
    }

    pub async fn wishing(wishes: Wishes) -> House {
        let folder = tempfile::tempdir().unwrap();
        let now = Arc::new(AtomicI64::new(BEGAN.0));
        let reading = Arc::clone(&now);
        let clock: store::Clock = Arc::new(move || Time(reading.load(Ordering::SeqCst)));
        let (journal, records, checkpointer) = store_sqlite::open(folder.path(), clock.clone()).unwrap();
        let records: Arc<dyn Records> = Arc::new(records);
        let hub = Arc::new(Hub::new(live::Settings::default(), clock.clone()));
        let settings = engine_settings(&wishes, clock.clone());
        let (engine, lane) = Lane::new(journal, settings, LocalBus::new(Arc::clone(&hub)));
        let lane = run_lane(lane);

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let metrics_listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let metrics = metrics_listener.local_addr().unwrap();
        let chances = AtomicU64::new(1);
        let folder_of_pictures = store_blobs::Settings::Folder(folder.path().join("pictures"));
        let blobs = wishes
            .blobs
            .unwrap_or_else(|| Blobs::open(&folder_of_pictures, Limits::default(), clock.clone()).unwrap());
        let darkroom = Arc::new(Darkroom::new(blobs, Arc::clone(&records), 1));
        let state = WebState::new(WebParts {
            records: Arc::clone(&records),
            engine: engine.clone(),
            hub,
            darkroom,
            settings: WebSettings { public_url: PublicUrl::loopback(address.port()), ..wishes.web },
            clock,
            chance: Arc::new(move |bytes: &mut [u8]| fill(&chances, bytes)),
            process: Arc::new(|| ProcessFigures { resident_memory_bytes: 4_096, cpu_seconds: 1.5 }),
            stopping: CancellationToken::new(),
            tasks: TaskTracker::new(),
            shared_count: None,
        });
        let mut tasks = JoinSet::new();
        let stopping = &state.stopping;
        let public = web::serve(listener, web::routes(&state), wishes.serve.clone(), stopping.clone());
        let figures =
            web::serve(metrics_listener, web::metrics_routes(&state), wishes.serve, stopping.clone());
        tasks.spawn(async { public.await.unwrap() });
        tasks.spawn(async { figures.await.unwrap() });
        let described = Arc::new(Described::read(address).await);
        let (lane, keys) = (Some(lane), AtomicU64::new(0));
        House {
            address,
            state,
            described,
            metrics,
            records,
            clock: now,
            engine,
            keys,
            lane,
            tasks,
            _checkpointer: checkpointer,
            folder,
        }
    }

    /// A request to the house; the answer is held against the document.
    pub fn ask(&self, method: &'static str, path: &str) -> Ask {
        Ask::new(self.address, Some(Arc::clone(&self.described)), method, path)
    }

    /// A form as a browser sends it that holds this session, for tests that stop a part of the house meanwhile.
    pub async fn form(&self, path: &str, session: &str, fields: &str) -> Answer {
        let ask = self.ask("POST", path).header("accept", "text/html").header("accept-language", "ko");
        let ask = ask.header("content-type", "application/x-www-form-urlencoded");
        let ask = ask.header("origin", &format!("http://{}", self.address));
        ask.header("cookie", &format!("session={session}")).bytes(fields).send().await
    }

    /// A call that needs a key, with a fresh one.
    pub fn order(&self, path: &str, by: &str, body: Value) -> Ask {
        let key = format!("key-{}", self.keys.fetch_add(1, Ordering::SeqCst));
        self.ask("POST", path).by(by).key(&key).json(body)
    }

    pub fn now(&self) -> Time {
        Time(self.clock.load(Ordering::SeqCst))
    }

    /// Where the house keeps the bytes of its pictures.
    pub fn pictures(&self) -> std::path::PathBuf {
        self.folder.path().join("pictures")
    }

    /// Moves the clock.
    pub fn pass(&self, span: Span) {
        self.clock.fetch_add(span.0, Ordering::SeqCst);
    }

    /// Moves the clock until an auction's page has so long left.
    pub async fn pass_until_left(&self, auction: &str, left: Span) {
        let id = auction.rsplit('/').next().unwrap().parse().unwrap();
        let row = self.records.auction(auction::AuctionId(id)).await.unwrap().unwrap();
        self.pass(row.auction.ends_at.minus(left).since(self.now()));
    }

    /// The moment so long from now, as clients write it.
    pub fn ahead(&self, span: Span) -> String {
        live::frame::time(self.now().plus(span))
    }

    /// Brings lists and notices up to what is kept.
    pub async fn follow(&self) {
        while self.records.follow().await.unwrap().more {}
    }

    /// A new member, signed in: his number and his token.
    pub async fn member(&self, username: &str) -> (i64, String) {
        let sign_up = json!({"username": username, "password": PASSWORD, "nickname": username});
        let made = self.ask("POST", "/api/v1/members").json(sign_up).send().await;
        assert_eq!(made.status, 201, "{}", made.body);
        let id = made.body["id"].as_i64().unwrap();
        (id, self.token(username).await)
    }

    /// A new admin, signed in: his number and his token.
    pub async fn admin(&self, username: &str) -> (i64, String) {
        let (id, token) = self.member(username).await;
        let act = Act {
            admin: None,
            kind: ActKind::Granted,
            member: Some(MemberId(id)),
            auction: None,
            order: None,
            withdrawal: None,
            reason: "the operator's word".to_owned(),
            at: self.now(),
        };
        assert!(self.records.set_admin(MemberId(id), true, act).await.unwrap());
        (id, token)
    }

    /// A new token of a member.
    pub async fn token(&self, username: &str) -> String {
        let sign_in = json!({"username": username, "password": PASSWORD, "token": true});
        let given = self.ask("POST", "/api/v1/sessions").json(sign_in).send().await;
        assert_eq!(given.status, 201, "{}", given.body);
        given.body["token"].as_str().unwrap().to_owned()
    }

    /// A new member with money.
    pub async fn rich_member(&self, username: &str, won: i64) -> (i64, String) {
        let (id, token) = self.member(username).await;
        let paid = self.order("/api/v1/wallet/deposits", &token, json!({"amount": won})).send().await;
        assert_eq!(paid.status, 201, "{}", paid.body);
        (id, token)
    }

    /// A new auction from 5,000 won by 1,000, for an hour unless said otherwise; its number.
    pub async fn auction(&self, seller: &str, more: Value) -> i64 {
        let mut listing = json!({
            "title": "원목 의자", "description": "두 해 썼어요", "start_price": 5_000,
            "ends_at": self.ahead(Span::hours(1)),
        });
        listing.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let listed = self.order("/api/v1/auctions", seller, listing).send().await;
        assert_eq!(listed.status, 201, "{}", listed.body);
        listed.body["id"].as_i64().unwrap()
    }

    /// Ends the engine's lane.
    pub fn stop_engine(&mut self) {
        self.engine.stop();
        if let Some(lane) = self.lane.take() {
            lane.join().unwrap();
        }
    }

    /// Stops serving, and waits until every request under way has ended.
    pub async fn stop_serving(&mut self) {
        self.state.stopping.cancel();
        while self.tasks.join_next().await.is_some() {}
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.state.stopping.cancel();
        self.stop_engine();
    }
}

/// The password of every member of a test.
pub const PASSWORD: &str = "moon over the river";

fn engine_settings(wishes: &Wishes, clock: store::Clock) -> engine::Settings {
    engine::Settings {
        deposits: wishes.deposits,
        listing: ListingLimits {
            minimum_duration: wishes.web.minimum_duration,
            ladder: Ladder::parse(&wishes.ladder).unwrap(),
            fee_rate: PartsPerMillion::new(wishes.fee_rate).unwrap(),
        },
        clock,
        steady: steady(),
        chance: codes(),
    }
}

#[expect(clippy::disallowed_methods, reason = "a test owns its engine's steady clock")]
fn steady() -> engine::Steady {
    let zero = Instant::now();
    Arc::new(move || Span(i64::try_from(zero.elapsed().as_micros()).unwrap()))
}

#[expect(clippy::disallowed_methods, reason = "the house joins the lane's thread when it is dropped")]
fn run_lane(lane: Lane<SqliteJournal>) -> JoinHandle<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    std::thread::spawn(move || runtime.block_on(lane.run()).unwrap())
}

/// Codes of six digits that differ from one another, of which none has a zero in front.
fn codes() -> engine::Chance {
    let drawn = AtomicU64::new(0);
    Arc::new(move || {
        let next = drawn.fetch_add(1, Ordering::SeqCst) % 1_000;
        (500_000 + next) << 32 | (100_000 + next)
    })
}

/// Chance that never repeats and never surprises.
fn fill(chances: &AtomicU64, bytes: &mut [u8]) {
    for chunk in bytes.chunks_mut(8) {
        let next = chances.fetch_add(1, Ordering::SeqCst).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        chunk.copy_from_slice(&next.to_le_bytes()[..chunk.len()]);
    }
}
