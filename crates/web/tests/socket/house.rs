//! A running house: store, engine, follower and web on a port of its own, with its own folder and its own clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::thread::JoinHandle;

use auction::{AuctionId, Bid, Command, DEFAULT_LADDER, Item, Ladder, Listing, ListingLimits, Span, Time};
use engine::{Accepted, Answer, Call, Deposits, Follower, Lane, Settings};
use ledger::{MemberId, PartsPerMillion};
use live::{Hub, LocalBus};
use sha2::{Digest, Sha256};
use store::records::{NewMember, Session};
use store::{Key, Records};
use store_blobs::{Blobs, Limits};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use web::darkroom::Darkroom;
use web::settings::{PasswordCost, PublicUrl};
use web::{ProcessFigures, ServeLimits, WebParts, WebSettings, WebState};

use crate::client::Client;

/// When every story begins.
pub const START: Time = Time(1_793_620_800_000_000);

/// A house that serves until it is dropped or stopped.
pub struct House {
    pub state: Arc<WebState>,
    pub port: u16,
    now: Arc<AtomicI64>,
    keys: AtomicU64,
    lane: Option<JoinHandle<()>>,
    tasks: JoinSet<()>,
    _stop_follower: watch::Sender<bool>,
    _checkpointer: store_sqlite::Checkpointer,
    _folder: TempDir,
}

/// A member with a session.
pub struct Person {
    pub id: MemberId,
    pub token: String,
}

impl House {
    /// A house without limits of rate.
    pub async fn open() -> House {
        House::with(WebSettings { rate_limits: false, ..WebSettings::default() }).await
    }

    pub async fn with(settings: WebSettings) -> House {
        let folder = TempDir::new().expect("a folder for the test");
        let now = Arc::new(AtomicI64::new(START.0));
        let clock: store::Clock = {
            let now = Arc::clone(&now);
            Arc::new(move || Time(now.load(Ordering::Relaxed)))
        };
        let (journal, records, checkpointer) =
            store_sqlite::open(folder.path(), Arc::clone(&clock)).expect("a new store opens");
        let records: Arc<dyn Records> = Arc::new(records);
        let hub = Arc::new(Hub::new(live::Settings::default(), hub_clock()));
        let (engine, lane) =
            Lane::new(journal, engine_settings(Arc::clone(&clock)), LocalBus::new(Arc::clone(&hub)));
        let (stop_follower, stopping_follower) = watch::channel(false);
        let follower =
            Follower::new(Arc::clone(&records), Arc::clone(&hub), Arc::clone(&clock), stopping_follower);
        let mut tasks = JoinSet::new();
        tasks.spawn(follower.run());
        let pacing = Arc::clone(&hub);
        tasks.spawn(async move { pacing.pace().await });

        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("it has an address").port();
        let (stopping, serving) = (CancellationToken::new(), TaskTracker::new());
        let cheap = PasswordCost { memory_kib: 8, passes: 1 };
        let settings =
            WebSettings { public_url: PublicUrl::loopback(port), password_cost: cheap, ..settings };
        let folder_of_pictures = store_blobs::Settings::Folder(folder.path().join("pictures"));
        let blobs =
            Blobs::open(&folder_of_pictures, Limits::default(), clock.clone()).expect("a new folder opens");
        let darkroom = Arc::new(Darkroom::new(blobs, Arc::clone(&records), 1));
        let state = WebState::new(WebParts {
            records,
            engine,
            hub,
            darkroom,
            settings,
            clock,
            chance: counted_chance(),
            process: Arc::new(ProcessFigures::default),
            stopping: stopping.clone(),
            tasks: serving,
            shared_count: None,
        });
        let routes = web::routes(&state);
        tasks.spawn(async move {
            web::serve(listener, routes, ServeLimits::default(), stopping).await.expect("the listener works");
        });
        House {
            state,
            port,
            now,
            keys: AtomicU64::new(0),
            lane: Some(run(lane)),
            tasks,
            _stop_follower: stop_follower,
            _checkpointer: checkpointer,
            _folder: folder,
        }
    }

    /// Moves the house's clock.
    pub fn pass(&self, span: Span) {
        self.now.fetch_add(span.0, Ordering::Relaxed);
    }

    /// A key nobody has used yet.
    pub fn key(&self) -> String {
        format!("key-{}", self.keys.fetch_add(1, Ordering::Relaxed))
    }

    /// A member with a session, and with so much money.
    pub async fn person(&self, name: &str, money: i64) -> Person {
        let member = NewMember {
            username: name.to_owned(),
            nickname: name.to_owned(),
            skeleton: name.to_owned(),
            password_hash: "none".to_owned(),
            region: None,
            at: START,
        };
        let made = self.state.records.create_member(member).await.expect("the store works");
        let id = made.expect("the name is free").id;
        let token = format!("{name:A<43}");
        let session = Session {
            token: Sha256::digest(&token).into(),
            member: id,
            created_at: START,
            seen_at: START,
            expires_at: START.plus(Span::days(90)),
        };
        let begun = self.state.records.create_session(session, "none".to_owned()).await;
        assert!(begun.expect("the store works"), "the hash is the member's");
        if money > 0 {
            self.ask(id, Call::Deposit { member: id, amount: money }).await;
        }
        Person { id, token }
    }

    /// An auction that takes bids from 1,000 won on, in steps of 1,000.
    pub async fn auction(&self, seller: &Person, buy_now_price: Option<i64>) -> AuctionId {
        let item = Item {
            seller: seller.id,
            title: "원목 의자".to_owned(),
            description: String::new(),
            category: None,
            condition: None,
            shipping_payer: None,
            region: None,
            nationwide: true,
            pictures: Vec::new(),
        };
        let listing = Listing {
            item,
            start_price: 1_000,
            bid_unit: Some(1_000),
            reserve_price: None,
            buy_now_price,
            starts_at: None,
            ends_at: START.plus(Span::days(1)),
            soft_close_minutes: 3,
            again: None,
        };
        match self.ask(seller.id, Call::List(Box::new(listing))).await {
            Accepted::Auction { event, .. } => event.auction,
            other => panic!("a listing was answered {other:?}"),
        }
    }

    /// A bid by another way than the socket.
    pub async fn bid(&self, bidder: &Person, auction: AuctionId, amount: i64) {
        let command =
            Command::Bid(Bid { bidder: bidder.id, amount: Some(amount), maximum: None, terms: None });
        self.ask(bidder.id, Call::Auction { auction, command }).await;
    }

    async fn ask(&self, member: MemberId, call: Call) -> Accepted {
        let key = Key { text: self.key().into(), member };
        match self.state.engine.ask(call, key).await {
            Some(Answer::Accepted(accepted)) => accepted,
            other => panic!("not accepted: {other:?}"),
        }
    }

    /// A stranger's socket, its `hello` read.
    pub async fn stranger(&self) -> Client {
        let mut client = Client::connect(self.port, &[]).await.expect("anyone may watch");
        client.expect("hello").await;
        client
    }

    /// A member's socket, all that greets him read.
    pub async fn socket_of(&self, person: &Person) -> Client {
        let cookie = format!("session={}", person.token);
        let mut client =
            Client::connect(self.port, &[("cookie", &cookie)]).await.expect("a member may connect");
        for greeting in ["hello", "wallet", "unread"] {
            client.expect(greeting).await;
        }
        client
    }

    /// The server begins to stop.
    pub fn stop(&self) {
        self.state.stopping.cancel();
        self.state.hub.stop();
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.tasks.abort_all();
        self.state.engine.stop();
        let ended = self.lane.take().map(JoinHandle::join);
        if !std::thread::panicking() {
            ended.expect("it ran").expect("the lane ends well");
        }
    }
}

/// The hub's clock jumps ahead at every look, so that its pace never makes a test wait.
fn hub_clock() -> live::Clock {
    let looks = AtomicI64::new(0);
    Arc::new(move || START.plus(Span::seconds(looks.fetch_add(1, Ordering::Relaxed))))
}

/// Different bytes each time; no test needs more.
fn counted_chance() -> web::Chance {
    let drawn = AtomicU64::new(0);
    Arc::new(move |bytes| {
        let number = drawn.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        bytes.iter_mut().zip(number.iter().cycle()).for_each(|(byte, new)| *byte = *new);
    })
}

fn engine_settings(clock: store::Clock) -> Settings {
    let limits = ListingLimits {
        minimum_duration: Span::seconds(1),
        ladder: Ladder::parse(DEFAULT_LADDER).expect("the default is a ladder"),
        fee_rate: PartsPerMillion::default(),
    };
    Settings {
        deposits: Deposits::Demo,
        listing: limits,
        clock,
        steady: Arc::new(|| Span(0)),
        chance: Arc::new(|| 0),
    }
}

#[expect(clippy::disallowed_methods, reason = "the house of a test owns its lane's thread and joins it")]
fn run(lane: Lane<store_sqlite::SqliteJournal>) -> JoinHandle<()> {
    let run = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        assert!(runtime.block_on(lane.run()).is_ok(), "the lane can go on");
    };
    std::thread::Builder::new().name("lane".to_owned()).spawn(run).expect("a thread")
}
