//! The demo: a living market in a minute. Neighbours with money, things for sale, and bidders who bid on them, through
//! the same engine and by the same rules as everyone; play money only, in a folder of its own.

mod cast;
mod chance;
mod drawn;
mod orders;
mod talk;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use auction::{
    Auction, AuctionId, Bid, Command, Condition, Item, Listing, Picture, ShippingPayer, Span, Status, Time,
};
use engine::{Accepted, Answer, Call, Engine};
use ledger::MemberId;
use store::records::{NewMember, Page, Search, Sort};
use store::{Act, ActKind, Clock, Key, Records};
use tokio_util::sync::CancellationToken;
use web::darkroom::Darkroom;
use web::password::Passwords;

use cast::{NEIGHBOURS, PASSWORD, THINGS, Thing};
use chance::Chance;
use drawn::drawn;

/// How long a bidder thinks at the least, and how much longer he may.
const THINKS_MS: (u64, u64) = (400, 1_600);

/// A new thing is listed after so many bids or attempts.
const BIDS_BETWEEN_LISTINGS: u32 = 25;

/// A neighbour looks after his orders after so many bids or attempts.
const BIDS_BETWEEN_ORDERS: u32 = 4;

/// Somebody asks or answers after so many bids or attempts.
const BIDS_BETWEEN_QUESTIONS: u32 = 3;

/// One in so many neighbours watches a thing that is new.
const WATCHES_ONE_IN: u64 = 3;

/// How many auctions a bidder looks at.
const LOOKS_AT: usize = 24;

/// What each neighbour pays in: so many times the most a single deposit may be.
const DEPOSITS: u32 = 3;

/// Everything the demo needs of the house.
pub struct Demo {
    /// The way to the engine.
    pub engine: Engine,
    /// The web's door to the store.
    pub records: Arc<dyn Records>,
    /// Where pictures are made and kept.
    pub darkroom: Arc<Darkroom>,
    /// The market's clock.
    pub clock: Clock,
    /// Where the neighbours' password is hashed.
    pub passwords: Passwords,
    /// The same seed makes the same neighbours do the same.
    pub seed: u64,
}

impl Demo {
    /// Fills the market if it is empty, and keeps it alive until `stopping`.
    pub async fn run(self, stopping: CancellationToken) {
        let live = async {
            if let Err(error) = self.live().await {
                tracing::error!(error = format!("{error:#}"), "the demo has ended");
            }
        };
        stopping.run_until_cancelled(live).await;
    }

    async fn live(&self) -> Result<()> {
        let mut chance = Chance::new(self.seed ^ u64::try_from((self.clock)().0).unwrap_or_default() >> 24);
        let neighbours = self.neighbours().await?;
        self.appoint(neighbours[0]).await?;
        let mut things = THINGS.iter().cycle();
        for (at, thing) in THINGS.iter().enumerate() {
            // A few end while a newcomer watches, the others over the next days.
            let minutes = if at < 6 { 3 + 3 * at as i64 } else { 40 + 170 * at as i64 };
            let seller = neighbours[at % neighbours.len()];
            let auction = self.list(thing, seller, Span::minutes(minutes), &mut chance).await?;
            self.watch(auction, seller, &neighbours, &mut chance).await?;
        }
        tracing::info!(
            "the demo is alive: sign in as {} with the password {PASSWORD:?}",
            NEIGHBOURS[0].username
        );
        let mut attempts: u32 = 0;
        loop {
            let pause = THINKS_MS.0 + chance.below(THINKS_MS.1);
            tokio::time::sleep(Duration::from_millis(pause)).await;
            self.bid(&neighbours, &mut chance).await?;
            attempts += 1;
            if attempts.is_multiple_of(BIDS_BETWEEN_ORDERS) {
                self.follow_orders(&neighbours, &mut chance).await?;
            }
            if attempts.is_multiple_of(BIDS_BETWEEN_QUESTIONS) {
                self.talk(&neighbours, &mut chance).await?;
            }
            if attempts.is_multiple_of(BIDS_BETWEEN_LISTINGS) {
                let seller = neighbours[chance.index(neighbours.len())];
                let thing = things.next().context("there are things to sell")?;
                let minutes = 4 + chance.below(12) as i64;
                let auction = self.list(thing, seller, Span::minutes(minutes), &mut chance).await?;
                self.watch(auction, seller, &neighbours, &mut chance).await?;
            }
        }
    }

    /// The neighbours; made, with money, if this is the first time.
    async fn neighbours(&self) -> Result<Vec<MemberId>> {
        let regions = self.records.regions().await?;
        let mut members = Vec::new();
        let mut hash = None;
        for neighbour in &NEIGHBOURS {
            if let Some((member, _)) = self.records.credentials(neighbour.username).await? {
                members.push(member.id);
                continue;
            }
            if hash.is_none() {
                let made = self.passwords.hash(PASSWORD).await;
                hash = Some(made.map_err(|_| anyhow::anyhow!("the demo's password could not be hashed"))?);
            }
            let new = NewMember {
                username: neighbour.username.to_owned(),
                nickname: neighbour.nickname.to_owned(),
                skeleton: neighbour.nickname.to_owned(),
                password_hash: hash.clone().unwrap_or_default(),
                region: regions.iter().find(|region| region.name == neighbour.place).map(|region| region.id),
                at: (self.clock)(),
            };
            match self.records.create_member(new).await? {
                Ok(member) => members.push(member.id),
                Err(taken) => bail!("{}: {taken:?} is taken", neighbour.username),
            }
            let id = *members.last().context("a member was made")?;
            for time in 0..DEPOSITS {
                let call = Call::Deposit { member: id, amount: ledger::DEPOSIT_LIMIT.won() };
                self.ask(call, id, &format!("demo-deposit-{time}")).await?;
            }
        }
        Ok(members)
    }

    /// The first neighbour is an admin, so that a newcomer sees what one sees.
    async fn appoint(&self, member: MemberId) -> Result<()> {
        let (reason, at) = (crate::control::NO_REASON.to_owned(), (self.clock)());
        let (kind, member_id) = (ActKind::Granted, Some(member));
        let act = Act {
            admin: None,
            kind,
            member: member_id,
            auction: None,
            order: None,
            withdrawal: None,
            reason,
            at,
        };
        // Whoever is one already stays one.
        self.records.set_admin(member, true, act).await.map(|_| ()).map_err(Into::into)
    }

    /// Some neighbours put a thing on their watchlists.
    async fn watch(
        &self,
        auction: AuctionId,
        seller: MemberId,
        neighbours: &[MemberId],
        chance: &mut Chance,
    ) -> Result<()> {
        for neighbour in neighbours.iter().filter(|neighbour| **neighbour != seller) {
            if chance.below(WATCHES_ONE_IN) == 0 {
                // A full watchlist is no reason to end the demo.
                let _ = self.records.watch(*neighbour, auction, (self.clock)()).await?;
            }
        }
        Ok(())
    }

    /// The pictures that the seller takes of a thing: the more there is to see of it, the more.
    async fn pictures(&self, thing: &Thing, seller: MemberId, now: Time) -> Result<Vec<Picture>> {
        let mut pictures = Vec::new();
        for view in 0..thing.views() {
            let category = thing.category;
            let drawn = tokio::task::spawn_blocking(move || drawn(category, view)).await??;
            let place = self.darkroom.workers().enter(seller, None);
            let place = place.map_err(|busy| anyhow::anyhow!("no place for a picture: {busy:?}"))?;
            let made = self.darkroom.take(place, seller, now, drawn.file.into()).await;
            let made = made.map_err(|refused| anyhow::anyhow!("a picture of {category}: {refused:?}"))?;
            pictures.push(Picture { address: made.address, alt: drawn.alt.to_owned() });
        }
        Ok(pictures)
    }

    async fn list(
        &self,
        thing: &Thing,
        seller: MemberId,
        lasts: Span,
        chance: &mut Chance,
    ) -> Result<AuctionId> {
        let now = (self.clock)();
        let member = self.records.member(seller).await?.context("a neighbour is a member")?;
        let categories = self.records.categories().await?;
        let item = Item {
            seller,
            title: thing.title.to_owned(),
            description: thing.description.to_owned(),
            category: categories
                .iter()
                .find(|category| category.slug == thing.category)
                .map(|category| category.id),
            condition: Condition::ALL.get(chance.index(Condition::ALL.len())).copied(),
            shipping_payer: ShippingPayer::ALL.get(chance.index(2)).copied(),
            region: member.region,
            nationwide: chance.below(3) == 0,
            pictures: self.pictures(thing, seller, now).await?,
        };
        let listing = Listing {
            item,
            start_price: thing.start,
            bid_unit: Some(1_000),
            reserve_price: thing.reserve,
            buy_now_price: thing.buy_now,
            starts_at: None,
            ends_at: now.plus(lasts),
            soft_close_minutes: 1,
            again: None,
        };
        let key = format!("demo-list-{}-{}", now.0, chance.below(1 << 32));
        match self.ask(Call::List(Box::new(listing)), seller, &key).await? {
            Accepted::Auction { event, .. } => Ok(event.auction),
            other => bail!("a listing was answered {other:?}"),
        }
    }

    /// One neighbour looks at what ends soon, and bids if it still is worth it to him.
    async fn bid(&self, neighbours: &[MemberId], chance: &mut Chance) -> Result<()> {
        let search = Search { status: Some(Status::Open), sort: Sort::Ending, ..Search::default() };
        let page = self.records.listings(search, Page { cursor: None, limit: LOOKS_AT }).await?;
        if page.items.is_empty() {
            return Ok(());
        }
        // What ends sooner draws more eyes.
        let at = chance.index(page.items.len()).min(chance.index(page.items.len()));
        let bidder = neighbours[chance.index(neighbours.len())];
        let Some(row) = self.records.auction(page.items[at].auction).await? else { return Ok(()) };
        let auction = row.auction;
        let Some(worth) = worth_bidding(&auction, bidder, chance) else { return Ok(()) };
        // Some say how far they would go and let the house bid for them.
        let (amount, maximum) =
            if chance.below(3) == 0 { (None, Some(worth.most)) } else { (Some(worth.amount), None) };
        let command = Command::Bid(Bid { bidder, amount, maximum, terms: Some(auction.terms) });
        let key = format!("demo-bid-{}-{}", (self.clock)().0, chance.below(1 << 32));
        // Someone may have been quicker; that is what an auction is for.
        let call = Call::Auction { auction: auction.id, command };
        self.engine.ask(call, Key { text: key.into(), member: bidder }).await;
        Ok(())
    }

    async fn ask(&self, call: Call, member: MemberId, key: &str) -> Result<Accepted> {
        match self.engine.ask(call, Key { text: key.into(), member }).await {
            Some(Answer::Accepted(accepted)) => Ok(accepted),
            other => bail!("the house answered {other:?}"),
        }
    }
}

/// What a thing is worth to a bidder.
struct Worth {
    /// What he offers now.
    amount: i64,
    /// How far he would go; never as far as to buy at once.
    most: i64,
}

/// What the bidder offers, if he does not lead already and the price is not yet beyond what he would pay.
fn worth_bidding(auction: &Auction, bidder: MemberId, chance: &mut Chance) -> Option<Worth> {
    let minimum = auction.minimum()?.won();
    let taste = taste_of(bidder, auction.id);
    let most = auction.start.won().saturating_mul(2 + taste % 7);
    let is_his = auction.seller == bidder || auction.is_led_by(bidder);
    if is_his || minimum > most {
        return None;
    }
    let step = auction.increments.at(auction.price).won();
    let below_buy_now = auction.buy_now.map_or(i64::MAX, |buy_now| buy_now.won() - step);
    let within = |amount: i64| amount.min(below_buy_now).max(minimum);
    let more = if chance.below(4) == 0 { step * chance.below(3) as i64 } else { 0 };
    let steps = (most - minimum) / step;
    Some(Worth { amount: within(minimum + more), most: within(minimum + steps * step) })
}

/// What a thing is worth differs from neighbour to neighbour.
fn taste_of(bidder: MemberId, auction: AuctionId) -> i64 {
    (bidder.0.wrapping_mul(31) ^ auction.0.wrapping_mul(17)).rem_euclid(97)
}
