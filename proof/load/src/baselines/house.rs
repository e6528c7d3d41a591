//! A house in this process, over a database of its own: lanes, the follower, members with money, auctions.
//!
//! It is opened for every cell and stopped behind it, so that no follower of one system works in the time of another.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use auction::{AuctionId, Item, Ladder, Listing, ListingLimits, Span, Time};
use engine::{Accepted, Answer, Call, Deposits, Engine, Follower, Lane, Settings};
use futures_util::future::try_join_all;
use ledger::{MemberId, PartsPerMillion};
use live::{Hub, LocalBus};
use store::records::NewMember;
use store::{Clock, Key, Records};
use store_postgres::{PostgresJournal, PostgresRecords, Target, Timekeeper};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::chance::{Chance, KeyMaker};
use crate::clock;

/// As many lanes as a node has by default.
pub const LANES: usize = 2;

/// So many deposits of ten million make every bidder rich enough for all that he bids.
const DEPOSITS: usize = 8;

/// How many calls of the setting-up are under way at once.
const TOGETHER_MAX: usize = 32;

/// How long the follower may need for what the bids have left.
const FOLLOWS_WITHIN: Duration = Duration::from_secs(120);

/// The engine at work.
pub struct House {
    /// The way to it.
    pub engine: Engine,
    records: PostgresRecords,
    lanes: Vec<JoinHandle<()>>,
    followers: JoinSet<()>,
    stop_following: watch::Sender<bool>,
}

/// Who bids on what.
#[derive(Clone, Debug)]
pub struct Cast {
    /// The bidders.
    pub bidders: Vec<MemberId>,
    /// The auctions, open for a day; the first is the hot one.
    pub auctions: Vec<AuctionId>,
}

impl House {
    /// Opens the store there, and starts so many lanes and the follower, as a node does.
    pub async fn open(target: &Target, lanes: usize) -> Result<House> {
        let (journal, records) = store_postgres::open(target, Timekeeper::Database).await?;
        drop(journal);
        let hub = Arc::new(Hub::new(live::Settings::default(), wall()));
        let journals = (0..lanes).map(|_| PostgresJournal::new(target.clone(), Timekeeper::Database));
        let (engine, lanes) = Lane::several(journals, settings()?, LocalBus::new(Arc::clone(&hub)));
        let lanes = lanes.into_iter().map(run).collect::<Result<_>>()?;
        let (stop_following, stopping) = watch::channel(false);
        let mut followers = JoinSet::new();
        followers.spawn(Follower::new(Arc::new(records.clone()), hub, wall(), stopping).run());
        Ok(House { engine, records, lanes, followers, stop_following })
    }

    /// Lets the follower take what is left, then ends; gives the seconds that the follower was behind.
    pub async fn stop(mut self) -> Result<f64> {
        let began = clock::monotonic();
        self.stop_following.send_replace(true);
        let followed = tokio::time::timeout(FOLLOWS_WITHIN, self.followers.join_next()).await;
        let behind = (clock::monotonic() - began).as_secs_f64();
        self.engine.stop();
        for lane in self.lanes {
            let joined = tokio::task::spawn_blocking(move || lane.join()).await;
            if !matches!(joined, Ok(Ok(()))) {
                bail!("a lane did not end well");
            }
        }
        match followed {
            Ok(Some(Ok(()))) => Ok(behind),
            _ => bail!("the follower did not end well within {FOLLOWS_WITHIN:?}"),
        }
    }

    /// Makes a seller, bidders with money, and auctions.
    pub async fn prepare(&self, bidders: usize, auctions: usize) -> Result<Cast> {
        let mut keys = KeyMaker::new(Chance::new(0, 0));
        let seller = self.member(0).await?;
        let numbers: Vec<usize> = (1..=bidders).collect();
        let mut made = Vec::new();
        for some in numbers.chunks(TOGETHER_MAX) {
            made.extend(try_join_all(some.iter().map(|number| self.member(*number))).await?);
        }
        for some in made.chunks(TOGETHER_MAX) {
            for _ in 0..DEPOSITS {
                let deposit = |member: &MemberId| {
                    let call = Call::Deposit { member: *member, amount: ledger::DEPOSIT_LIMIT.won() };
                    self.accepted(call, key(&mut keys, *member))
                };
                try_join_all(some.iter().map(deposit)).await?;
            }
        }
        let mut open = Vec::new();
        for at in (0..auctions).step_by(TOGETHER_MAX) {
            let list = |_| self.accepted(Call::List(Box::new(listing(seller))), key(&mut keys, seller));
            let listed = try_join_all((at..auctions.min(at + TOGETHER_MAX)).map(list)).await?;
            open.extend(listed.into_iter().filter_map(|accepted| match accepted {
                Accepted::Auction { event, .. } => Some(event.auction),
                _ => None,
            }));
        }
        if open.len() != auctions {
            bail!("a listing was answered as a deposit");
        }
        Ok(Cast { bidders: made, auctions: open })
    }

    async fn member(&self, number: usize) -> Result<MemberId> {
        let name = format!("member_{number}");
        let (skeleton, password_hash, at) = (name.clone(), String::new(), Time(clock::wall_us()));
        let member =
            NewMember { username: name.clone(), nickname: name, skeleton, password_hash, region: None, at };
        match self.records.create_member(member).await? {
            Ok(member) => Ok(member.id),
            Err(_) => bail!("a member's name is taken in an empty store"),
        }
    }

    async fn accepted(&self, call: Call, key: Key) -> Result<Accepted> {
        match self.engine.ask(call, key).await {
            Some(Answer::Accepted(accepted)) => Ok(accepted),
            other => bail!("setting up was answered {other:?}"),
        }
    }
}

/// The next key of a member.
pub fn key(keys: &mut KeyMaker, member: MemberId) -> Key {
    Key { text: keys.make(clock::wall_us()).as_str().into(), member }
}

fn wall() -> Clock {
    Arc::new(|| Time(clock::wall_us()))
}

/// What the house lays down for its auctions.
pub fn limits() -> Result<ListingLimits> {
    let ladder = Ladder::parse(auction::DEFAULT_LADDER).map_err(|why| anyhow::anyhow!("{why:?}"))?;
    let fee_rate = PartsPerMillion::default();
    Ok(ListingLimits { minimum_duration: Span::minutes(10), ladder, fee_rate })
}

fn settings() -> Result<Settings> {
    let zero = clock::monotonic();
    Ok(Settings {
        deposits: Deposits::Demo,
        listing: limits()?,
        clock: wall(),
        steady: Arc::new(move || {
            let micros = clock::micros_between(zero, clock::monotonic());
            Span(i64::try_from(micros).unwrap_or(i64::MAX))
        }),
        // Codes are for orders, and none is looked at here.
        chance: Arc::new(|| 0),
    })
}

fn listing(seller: MemberId) -> Listing {
    let item = Item {
        seller,
        title: "원목 의자".to_owned(),
        description: String::new(),
        category: None,
        condition: None,
        shipping_payer: None,
        region: None,
        nationwide: true,
        pictures: Vec::new(),
    };
    Listing {
        item,
        start_price: 1,
        bid_unit: Some(1),
        reserve_price: None,
        buy_now_price: None,
        starts_at: None,
        ends_at: Time(clock::wall_us()).plus(Span::days(1)),
        soft_close_minutes: 3,
        again: None,
    }
}

#[expect(clippy::disallowed_methods, reason = "the house owns the lane's thread and joins it")]
fn run(lane: Lane<PostgresJournal>) -> Result<JoinHandle<()>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let run = move || {
        if let Err(engine::Fatal(failure)) = runtime.block_on(lane.run()) {
            // Whoever joins the thread says that it failed; why, stands here.
            panic!("a lane ended: {failure:?}");
        }
    };
    std::thread::Builder::new().name("lane".to_owned()).spawn(run).context("starting a lane")
}
