//! Sets the stage through the public API: members, their money, their auctions. Names are new in every run. Signing up
//! costs the server a deliberate effort, so it is done eight at once and its time is reported apart.

use std::future::Future;
use std::sync::Mutex;

use anyhow::{Context, Result};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::{Value, json};

use crate::chance::{Chance, Key, KeyMaker};
use crate::clock;
use crate::http::Api;
use crate::progress::Step;

/// Members who are signed up at once.
const SIGN_UPS_AT_ONCE: usize = 8;
/// Other commands under way at once.
const COMMANDS_AT_ONCE: usize = 32;
/// The most that one deposit may bring, by the rules.
const DEPOSIT_LIMIT: i64 = 10_000_000;

/// Someone who is signed in.
#[derive(Clone, Debug)]
pub struct Member {
    /// Bearer token of the session.
    pub token: String,
}

/// An auction of this run: amounts lie on start + k · unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lot {
    /// Its place among the auctions of this run.
    pub index: u32,
    /// Its number on the server.
    pub id: i64,
    /// The first amount.
    pub start: i64,
    /// The step.
    pub unit: i64,
}

/// What auctions of a kind have in common.
#[derive(Clone, Copy, Debug)]
pub struct Listing {
    /// When they end, microseconds since 1970 on the server's clock.
    pub ends_at_us: i64,
    /// Minutes of the soft close.
    pub soft_close_minutes: u32,
    /// The first amount.
    pub start: i64,
    /// The step.
    pub unit: i64,
}

impl Listing {
    /// Open for a day, so that nothing of it ends near the run; amounts rise by 1, so that money lasts.
    pub fn open_all_day(server_now_us: i64) -> Self {
        let ends_at_us = server_now_us + 86_400 * clock::SECOND_US;
        Self { ends_at_us, soft_close_minutes: 3, start: 1, unit: 1 }
    }
}

/// Makes members, money and auctions.
#[derive(Debug)]
pub struct Stage {
    api: Api,
    /// Hundredths of a second at its start: tells this run's members from all others'.
    run: i64,
    keys: Mutex<KeyMaker>,
    /// Members made so far.
    made: Mutex<usize>,
}

impl Stage {
    /// For one run.
    pub fn new(api: Api, seed: u64) -> Self {
        let run = clock::wall_us() / 10_000 % 1_000_000_000;
        let keys = Mutex::new(KeyMaker::new(Chance::new(seed, u64::MAX)));
        Self { api, run, keys, made: Mutex::new(0) }
    }

    fn key(&self) -> Key {
        self.keys.lock().expect("making a key cannot panic").make(clock::wall_us())
    }

    /// Signs up members and signs them in.
    pub async fn members(&self, count: usize) -> Result<Vec<Member>> {
        let first = {
            let mut made = self.made.lock().expect("counting cannot panic");
            *made += count;
            *made - count
        };
        let numbers = first..first + count;
        at_once("signing up members", SIGN_UPS_AT_ONCE, count, numbers.map(|number| self.member(number)))
            .await
    }

    async fn member(&self, number: usize) -> Result<Member> {
        // Digits and a fixed letter only: no two nicknames look alike, whatever is held for confusable.
        let username = format!("b{}_{number}", self.run);
        let password = format!("only for load {}", self.run);
        let person = json!({"username": username, "password": password, "nickname": format!("B{}-{number}", self.run)});
        self.api.post("/members", None, self.key(), &person).await.context("signing up")?;
        let credentials = json!({"username": username, "password": password, "token": true});
        let session =
            self.api.post("/sessions", None, self.key(), &credentials).await.context("signing in")?;
        let token = session["token"].as_str().context("a session without its token")?.to_owned();
        Ok(Member { token })
    }

    /// Gives each member at least so much money, in as many deposits as that takes.
    pub async fn deposit(&self, members: &[Member], each: i64) -> Result<()> {
        let times = usize::try_from((each.max(1) - 1) / DEPOSIT_LIMIT + 1).context("too much money")?;
        let deposits = members.iter().flat_map(|member| std::iter::repeat_n(member, times));
        let calls = deposits.map(|member| self.deposit_once(member));
        at_once("depositing", COMMANDS_AT_ONCE, members.len() * times, calls).await?;
        Ok(())
    }

    async fn deposit_once(&self, member: &Member) -> Result<()> {
        let body = json!({"amount": DEPOSIT_LIMIT});
        self.api.post("/wallet/deposits", Some(&member.token), self.key(), &body).await?;
        Ok(())
    }

    /// Lists auctions, the sellers taking turns; `first` is the place of the first among all of this run.
    pub async fn auctions(
        &self,
        sellers: &[Member],
        listing: Listing,
        first: usize,
        count: usize,
    ) -> Result<Vec<Lot>> {
        let calls =
            (first..first + count).map(|index| self.auction(&sellers[index % sellers.len()], listing, index));
        at_once("listing auctions", COMMANDS_AT_ONCE, count, calls).await
    }

    async fn auction(&self, seller: &Member, listing: Listing, index: usize) -> Result<Lot> {
        let item = json!({
            "title": format!("Load {} item {index}", self.run),
            "description": "Made by the load generator to measure this server.",
            "start_price": listing.start,
            "bid_unit": listing.unit,
            "ends_at": clock::to_wire(listing.ends_at_us),
            "soft_close_minutes": listing.soft_close_minutes,
        });
        let auction = self.api.post("/auctions", Some(&seller.token), self.key(), &item).await?;
        let id = auction["id"].as_i64().context("an auction without its id")?;
        let index = u32::try_from(index).context("too many auctions")?;
        Ok(Lot { index, id, start: listing.start, unit: listing.unit })
    }
}

/// What the server says of an auction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Number of its last event.
    pub seq: i64,
    /// Its bids.
    pub bid_count: i64,
}

/// Reads how an auction stands.
pub async fn standing(api: &Api, id: i64) -> Result<Standing> {
    let body = api.get(&format!("/api/v1/auctions/{id}")).await?;
    let auction: Value = serde_json::from_slice(&body).context("an auction that is not JSON")?;
    let number = |name: &str| auction[name].as_i64().with_context(|| format!("auction {id} without {name}"));
    Ok(Standing { seq: number("seq")?, bid_count: number("bid_count")? })
}

/// Runs calls, so many at once, and gives their answers in order; the first error ends it.
pub async fn at_once<Answer, Call>(
    what: &str,
    limit: usize,
    count: usize,
    calls: impl Iterator<Item = Call>,
) -> Result<Vec<Answer>>
where
    Call: Future<Output = Result<Answer>>,
{
    let step = Step::counted(what, count);
    let answers = stream::iter(calls).buffered(limit).inspect(|_| step.advance());
    answers.try_collect().await.with_context(|| what.to_owned())
}
