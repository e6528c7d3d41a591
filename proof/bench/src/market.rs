//! The engine under test: a lane on SQLite, bidders with money, auctions, and as many bids under way as asked for.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use auction::{AuctionId, Bid, Command, Item, Ladder, Listing, ListingLimits, Span, Time};
use engine::{Accepted, Answer, Call, Deposits, Engine, Follower, Lane, Reply, Settings};
use ledger::{MemberId, PartsPerMillion};
use live::{Hub, LocalBus};
use store::records::NewMember;
use store::{Clock, Key, Records};
use store_sqlite::{SqliteJournal, SqliteRecords};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::{Arguments, Kind, Measured, stopwatch};

/// The seller's number; the bidders follow.
const SELLER: MemberId = MemberId(1);

/// Who leads everywhere, if bids are to be answered: behind the others.
const fn leader_of_all(bidders: i64) -> MemberId {
    MemberId(bidders + 2)
}

/// What his maximums are together: less than he paid in.
const ANSWERS_UP_TO: i64 = 190_000_000;

/// Places the bids and measures.
pub async fn measure(arguments: &Arguments, folder: &Path, out: &mut impl Write) -> Result<Measured> {
    let clock = wall();
    let (journal, records, checkpointer) = store_sqlite::open(folder, clock.clone())?;
    let hub = Arc::new(Hub::new(live::Settings::default(), clock.clone()));
    let (engine, lane) = Lane::new(journal, settings(clock.clone())?, LocalBus::new(Arc::clone(&hub)));
    let lane = run(lane)?;
    // Notices and lists are followed beside the rounds, as in a house.
    let (stop_following, stopping) = watch::channel(false);
    let follower = Follower::new(Arc::new(records.clone()), hub, clock.clone(), stopping);
    let mut followers = JoinSet::new();
    if !arguments.no_followers {
        followers.spawn(follower.run());
    }
    let mut keys = Keys { clock, made: 0 };
    let auctions = prepare(arguments, &engine, &records, &mut keys).await?;
    let measured = storm(arguments, &engine, &auctions, &mut keys, out).await;
    stop_following.send_replace(true);
    while followers.join_next().await.is_some() {}
    engine.stop();
    if lane.join().is_err() {
        bail!("the lane did not end well");
    }
    drop(checkpointer);
    let audited = store_sqlite::audit::audit(&folder.join(store_sqlite::FILE_NAME), &mut |_| {})?;
    writeln!(out, "audit: {} rows, {} violations", audited.rows, audited.violations)?;
    if !audited.is_clean() {
        bail!("the books do not balance");
    }
    measured
}

async fn prepare(
    arguments: &Arguments,
    engine: &Engine,
    records: &SqliteRecords,
    keys: &mut Keys,
) -> Result<Vec<AuctionId>> {
    let (leads, leader) = (arguments.kind == Kind::Answered, leader_of_all(arguments.bidders));
    let each_may = auction::VAIN_BIDS_MAX as u64 * arguments.bidders as u64 * arguments.auctions as u64;
    if leads && arguments.bids > each_may {
        bail!("only {each_may} bids are answered within an hour: more bidders, or more auctions");
    }
    let members = 0..=arguments.bidders + i64::from(leads);
    at_once(members.map(|member| join_in(records.clone(), format!("member_{member}")))).await?;
    let bidders = (2..=arguments.bidders + 1).chain(leads.then_some(leader.0)).map(MemberId);
    let pay_in = |member| pay_in(engine.clone(), member, std::array::from_fn(|_| keys.next(member)));
    at_once(bidders.map(pay_in)).await?;
    let mut auctions = Vec::new();
    for _ in 0..arguments.auctions {
        let call = Call::List(Box::new(listing(keys.now())));
        match accepted(engine.ask(call, keys.next(SELLER)).await)? {
            Accepted::Auction { event, .. } => auctions.push(event.auction),
            other => bail!("a listing was answered with {other:?}"),
        }
    }
    if leads {
        for auction in &auctions {
            let call = bid(Kind::Overtake, *auction, leader, ANSWERS_UP_TO / arguments.auctions);
            accepted(engine.ask(call, keys.next(leader)).await)?;
        }
    }
    Ok(auctions)
}

/// How many members join or pay in at once.
const AT_ONCE: usize = 256;

/// Lets all of them run, so many at once.
async fn at_once<F>(tasks: impl Iterator<Item = F>) -> Result<()>
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    let mut running = JoinSet::new();
    for task in tasks {
        if running.len() == AT_ONCE
            && let Some(done) = running.join_next().await
        {
            done??;
        }
        running.spawn(task);
    }
    while let Some(done) = running.join_next().await {
        done??;
    }
    Ok(())
}

async fn join_in(records: SqliteRecords, name: String) -> Result<()> {
    let (at, skeleton, password_hash) = (Time(0), name.clone(), String::new());
    let member =
        NewMember { username: name.clone(), nickname: name, skeleton, password_hash, region: None, at };
    if records.create_member(member).await?.is_err() {
        bail!("a member's name is taken in an empty store");
    }
    Ok(())
}

async fn pay_in(engine: Engine, member: MemberId, keys: [Key; DEPOSITS]) -> Result<()> {
    for key in keys {
        let call = Call::Deposit { member, amount: ledger::DEPOSIT_LIMIT.won() };
        accepted(engine.ask(call, key).await)?;
    }
    Ok(())
}

fn bid(kind: Kind, auction: AuctionId, bidder: MemberId, amount: i64) -> Call {
    let (amount, maximum) = if kind == Kind::Overtake { (None, Some(amount)) } else { (Some(amount), None) };
    Call::Auction { auction, command: Command::Bid(Bid { bidder, amount, maximum, terms: Some(1) }) }
}

/// So many deposits of ten million make every bidder rich enough for all that he bids.
const DEPOSITS: usize = 20;

async fn storm(
    arguments: &Arguments,
    engine: &Engine,
    auctions: &[AuctionId],
    keys: &mut Keys,
    out: &mut impl Write,
) -> Result<Measured> {
    let (to, mut answers) = engine::answers(arguments.in_flight);
    let rounds_before = engine.figures().rounds;
    let (elapsed, mut sent, mut accepted, mut lap) = (stopwatch(), 0_u64, 0_u64, (0_u64, 0.0));
    let mut draw = 88_172_645_463_325_252_u64;
    // Where somebody leads from the start, the start price is taken.
    let mut prices = vec![i64::from(arguments.kind == Kind::Answered); auctions.len()];
    while accepted < arguments.bids {
        while sent < arguments.bids && sent - accepted < arguments.in_flight as u64 {
            draw ^= draw << 13;
            draw ^= draw >> 7;
            draw ^= draw << 17;
            let at = (draw % auctions.len() as u64) as usize;
            prices[at] += 1;
            let bidder = MemberId(2 + (sent as i64) % arguments.bidders);
            let call = bid(arguments.kind, auctions[at], bidder, prices[at]);
            let reply = Reply::Many { to: to.clone(), tag: sent };
            engine.submit(call, keys.next(bidder), reply).map_err(|_| anyhow::anyhow!("busy"))?;
            sent += 1;
        }
        for (_, answer) in answers.recv().await.context("the lane has ended")? {
            match answer {
                Answer::Accepted(_) => accepted += 1,
                other => bail!("a rising bid was answered {other:?}"),
            }
        }
        if accepted - lap.0 >= arguments.every {
            let now = elapsed();
            writeln!(out, "{accepted} bids: {:.0} accepted/s", (accepted - lap.0) as f64 / (now - lap.1))?;
            lap = (accepted, now);
        }
    }
    let rounds = (engine.figures().rounds - rounds_before).max(1);
    Ok(Measured { bids: accepted, seconds: elapsed(), bids_a_round: accepted as f64 / rounds as f64 })
}

fn accepted(answer: Option<Answer>) -> Result<Accepted> {
    match answer {
        Some(Answer::Accepted(accepted)) => Ok(accepted),
        other => bail!("answered {other:?}"),
    }
}

fn settings(clock: Clock) -> Result<Settings> {
    let ladder = Ladder::parse(auction::DEFAULT_LADDER).map_err(|why| anyhow::anyhow!("{why:?}"))?;
    let fee_rate = PartsPerMillion::default();
    let elapsed = stopwatch();
    Ok(Settings {
        deposits: Deposits::Demo,
        listing: ListingLimits { minimum_duration: Span::minutes(10), ladder, fee_rate },
        clock,
        steady: Arc::new(move || Span((elapsed() * 1e6) as i64)),
        // Codes are for orders, and none is looked at here.
        chance: Arc::new(|| 0),
    })
}

fn listing(now: Time) -> Listing {
    let item = Item {
        seller: SELLER,
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
        ends_at: now.plus(Span::days(1)),
        soft_close_minutes: 3,
        again: None,
    }
}

/// Keys as clients make them, in order of time.
struct Keys {
    clock: Clock,
    made: u64,
}

impl Keys {
    fn now(&self) -> Time {
        (self.clock)()
    }

    fn next(&mut self, member: MemberId) -> Key {
        self.made += 1;
        let millis = self.now().0 / 1_000;
        let (high, low) = (millis >> 16, millis & 0xffff);
        let text = format!(
            "{high:08x}-{low:04x}-7{:03x}-8{:03x}-{:012x}",
            self.made >> 48 & 0xfff,
            self.made >> 36 & 0xfff,
            self.made
        );
        Key { text: text.into(), member }
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn wall() -> Clock {
    Arc::new(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Time(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    })
}

#[expect(clippy::disallowed_methods, reason = "the benchmark owns the lane's thread and joins it")]
fn run(lane: Lane<SqliteJournal>) -> Result<std::thread::JoinHandle<()>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let run = move || runtime.block_on(lane.run()).expect("the lane runs to its end");
    std::thread::Builder::new().name("lane".to_owned()).spawn(run).context("starting the lane")
}
