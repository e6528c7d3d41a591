//! The web's door on PostgreSQL: reads and small writes, each on a connection of the pool.
//!
//! Each method says what it is doing and on which share it runs; the statements stand in the file of their subject. A
//! read is cut off after a second, a write is committed before it is answered. Nothing here writes auctions, transfers,
//! or a wallet but the empty one of a new member.

mod admin;
mod auctions;
mod delivery;
mod follow;
mod health;
mod leaving;
mod listings;
mod members;
mod money;
mod notices;
mod orders;
mod pictures;
mod places;
mod plans;
mod profile;
mod reach;
mod reviews;
mod saved;
mod sessions;
mod standings;
mod sweep;
mod talk;
mod watching;

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use auction::{Aftermath, Auction, AuctionId, Bidder, Event, ItemId, Order, OrderId, Seq, Time};
use ledger::{MemberId, Money};
use store::records::{
    AuctionRow, Balance, BiddingRow, Category, Count, DepositRow, Followed, Found, Health, Heard, Left,
    ListingRow, Member, MemberChange, Moment, NewMember, NewReview, NoticeRow, Noticed, OrderPage, OrderRow,
    Page, Paged, Region, Reputation, ReviewRefused, ReviewRow, Search, Session, Taken, TokenHash,
    TransferFilter, TransferRow, WalletPage,
};
use store::{Act, Debt, Pace, Records, Result, Withdrawal};

use crate::connection::Target;
use crate::pool::Pool;

pub(crate) use self::listings::matches::kept as kept_words;
pub use self::plans::record_statements;

/// How many connections answer what is found by its key.
pub const POINT_CONNECTIONS: usize = 2;

/// How many connections read what nobody waits for: following, sweeping, comparing.
pub const FOLLOWER_CONNECTIONS: usize = 1;

/// How many connections answer all other reads, searches among them.
pub const SEARCH_CONNECTIONS: usize = 4;

/// How many connections keep what the web and the follower write.
pub const WRITE_CONNECTIONS: usize = 2;

/// The web's door; its clones are the same door.
#[derive(Clone)]
pub struct PostgresRecords {
    /// For what is found by its key in a few rows, such as who asks: bids and sockets wait for it, and never for a search.
    points: Pool,
    /// For what nobody waits for: following, sweeping, comparing.
    followers: Pool,
    /// For all other reads.
    searches: Pool,
    writes: Pool,
    swept: Arc<Mutex<sweep::Position>>,
    endings: Arc<Mutex<follow::endings::Position>>,
    pace: Arc<Mutex<Pace>>,
}

impl PostgresRecords {
    pub(crate) fn new(target: Target) -> PostgresRecords {
        let points = Pool::reading(&target, POINT_CONNECTIONS);
        PostgresRecords {
            followers: Pool::reading(&target, FOLLOWER_CONNECTIONS),
            searches: Pool::reading(&target, SEARCH_CONNECTIONS),
            writes: Pool::writing(&target, WRITE_CONNECTIONS, &points),
            points,
            swept: Arc::default(),
            endings: Arc::default(),
            pace: Arc::default(),
        }
    }
}

#[async_trait]
impl Records for PostgresRecords {
    async fn create_member(&self, member: NewMember) -> Result<std::result::Result<Member, Taken>> {
        let store = self.writes.lend("making a member").await?;
        match store.write(members::create(&store, &member)).await? {
            Some(made) => Ok(Ok(made)),
            None => store.read(members::taken(&store, &member)).await.map(Err),
        }
    }

    async fn member(&self, id: MemberId) -> Result<Option<Member>> {
        let store = self.points.lend("reading a member").await?;
        store.read(members::by_number(&store, id)).await
    }

    async fn members(&self, ids: &[MemberId]) -> Result<Vec<Member>> {
        let store = self.searches.lend("reading members").await?;
        store.read(members::by_numbers(&store, ids)).await
    }

    async fn credentials(&self, username: &str) -> Result<Option<(Member, String)>> {
        let store = self.points.lend("reading credentials").await?;
        store.read(members::credentials(&store, username)).await
    }

    async fn change_member(
        &self,
        id: MemberId,
        change: MemberChange,
    ) -> Result<std::result::Result<Member, Taken>> {
        let store = self.writes.lend("changing a member").await?;
        match store.write(members::change(&store, id, change)).await? {
            Ok(Some(changed)) => Ok(Ok(changed)),
            Ok(None) => match store.read(members::why_unchanged(&store, id)).await? {
                Some(why) => Ok(Err(why)),
                None => Err(store.refuse("a member who is there")),
            },
            Err(taken) => Ok(Err(taken)),
        }
    }

    async fn set_password(
        &self,
        id: MemberId,
        hash: String,
        known: Option<String>,
        keep: Option<TokenHash>,
    ) -> Result<bool> {
        let store = self.writes.lend("setting a password").await?;
        store.write_together(members::set_password(&store, id, &hash, known.as_deref(), keep)).await
    }

    async fn suspend(&self, id: MemberId, act: Act) -> Result<bool> {
        let store = self.writes.lend("suspending a member").await?;
        store.write_together(admin::suspend(&store, id, &act)).await
    }

    async fn restore(&self, id: MemberId, act: Act) -> Result<bool> {
        let store = self.writes.lend("lifting a suspension").await?;
        store.write_together(admin::restore(&store, id, &act)).await
    }

    async fn set_admin(&self, id: MemberId, is_admin: bool, act: Act) -> Result<bool> {
        let store = self.writes.lend("naming an admin").await?;
        store.write_together(admin::set_admin(&store, id, is_admin, &act)).await
    }

    async fn create_session(&self, session: Session, known: String) -> Result<bool> {
        let store = self.writes.lend("beginning a session").await?;
        store.write(sessions::create(&store, &session, &known)).await
    }

    async fn session(&self, token: TokenHash) -> Result<Option<(Session, Member)>> {
        let store = self.points.lend("reading a session").await?;
        store.read(sessions::by_token(&store, token)).await
    }

    async fn touch_session(&self, token: TokenHash, seen_at: Time) -> Result<()> {
        let store = self.writes.lend("noting a session").await?;
        store.write(sessions::touch(&store, token, seen_at)).await
    }

    async fn end_session(&self, token: TokenHash) -> Result<()> {
        let store = self.writes.lend("ending a session").await?;
        store.write(sessions::end(&store, token)).await
    }

    async fn end_sessions(&self, member: MemberId) -> Result<()> {
        let store = self.writes.lend("ending a member's sessions").await?;
        store.write(sessions::end_all(&store, member)).await
    }

    async fn block(
        &self,
        seller: MemberId,
        member: MemberId,
        reason: Option<String>,
        at: Time,
    ) -> Result<std::result::Result<(), Left>> {
        let store = self.writes.lend("blocking a member").await?;
        store.write_together(admin::block(&store, seller, member, reason.as_deref(), at)).await
    }

    async fn unblock(&self, seller: MemberId, member: MemberId) -> Result<()> {
        let store = self.writes.lend("lifting a block").await?;
        store.write(members::unblock(&store, seller, member)).await
    }

    async fn is_blocked(&self, seller: MemberId, member: MemberId) -> Result<bool> {
        let store = self.points.lend("reading a block").await?;
        store.read(members::is_blocked(&store, seller, member)).await
    }

    async fn blocked(&self, seller: MemberId, members: &[MemberId]) -> Result<Vec<MemberId>> {
        let store = self.searches.lend("reading blocks").await?;
        store.read(members::blocked(&store, seller, members)).await
    }

    async fn wallet(&self, member: MemberId) -> Result<WalletPage> {
        let store = self.points.lend("reading a wallet").await?;
        store.read(money::wallet(&store, member)).await
    }

    async fn wallets(&self, members: &[MemberId]) -> Result<Vec<(MemberId, ledger::Wallet)>> {
        let store = self.followers.lend("reading wallets").await?;
        store.read(money::wallets(&store, members)).await
    }

    async fn transfers(
        &self,
        member: MemberId,
        filter: TransferFilter,
        page: Page,
    ) -> Result<Paged<TransferRow>> {
        let store = self.searches.lend("reading transfers").await?;
        store.read(money::transfers(&store, member, filter, &page)).await
    }

    async fn balance(&self, member: MemberId, at: Time) -> Result<Balance> {
        let store = self.searches.lend("reading a balance").await?;
        store.read(money::balance(&store, member, at)).await
    }

    async fn withdrawals(&self, member: MemberId, page: Page) -> Result<Paged<Withdrawal>> {
        let store = self.searches.lend("reading withdrawals").await?;
        store.read(money::withdrawals(&store, member, &page)).await
    }

    async fn withdrawals_waiting(&self, page: Page) -> Result<Paged<Withdrawal>> {
        let store = self.searches.lend("reading what is to be paid out").await?;
        store.read(money::withdrawals_waiting(&store, &page)).await
    }

    async fn debts(&self, page: Page) -> Result<Paged<Debt>> {
        let store = self.searches.lend("reading debts").await?;
        store.read(money::debts(&store, &page)).await
    }

    async fn deposits(&self, member: MemberId, page: Page) -> Result<Paged<DepositRow>> {
        let store = self.searches.lend("reading deposits").await?;
        store.read(money::deposits(&store, member, &page)).await
    }

    async fn missing(&self, member: MemberId) -> Result<Money> {
        let store = self.points.lend("reading what a member lacks").await?;
        store.read(money::missing(&store, member)).await
    }

    async fn fees(&self) -> Result<Money> {
        let store = self.searches.lend("reading what the house earned").await?;
        store.read(money::fees(&store)).await
    }

    async fn order(&self, id: OrderId) -> Result<Option<OrderPage>> {
        let store = self.points.lend("reading an order").await?;
        store.read(orders::page(&store, id)).await
    }

    async fn aftermath(&self, auction: AuctionId) -> Result<Aftermath> {
        let store = self.points.lend("reading what followed an auction").await?;
        store.read(orders::of_auction(&store, auction)).await
    }

    async fn newest_orders(&self, auctions: &[AuctionId]) -> Result<Vec<Order>> {
        let store = self.searches.lend("reading newest orders").await?;
        store.read(orders::newest(&store, auctions)).await
    }

    async fn orders(&self, member: MemberId, page: Page) -> Result<Paged<OrderRow>> {
        let store = self.searches.lend("reading orders").await?;
        store.read(orders::of_member(&store, member, &page)).await
    }

    async fn disputes(&self, page: Page) -> Result<Paged<OrderRow>> {
        let store = self.searches.lend("reading disputes").await?;
        store.read(orders::disputes(&store, &page)).await
    }

    async fn write_review(&self, review: NewReview) -> Result<std::result::Result<(), ReviewRefused>> {
        let store = self.writes.lend("writing a review").await?;
        store.write_together(reviews::write(&store, &review)).await
    }

    async fn reviews(&self, about: MemberId, now: Time, page: Page) -> Result<Paged<ReviewRow>> {
        let store = self.searches.lend("reading reviews").await?;
        store.read(reviews::about(&store, about, now, &page)).await
    }

    async fn reputation(&self, member: MemberId, now: Time) -> Result<Reputation> {
        let store = self.searches.lend("reading a reputation").await?;
        store.read(reviews::reputation(&store, member, now)).await
    }

    async fn lift_marks(&self, member: MemberId, act: Act) -> Result<bool> {
        let store = self.writes.lend("lifting marks").await?;
        store.write_together(admin::lift_marks(&store, member, &act)).await
    }

    async fn acts(&self, concerning: Option<MemberId>, page: Page) -> Result<Paged<Act>> {
        let store = self.searches.lend("reading what admins did").await?;
        store.read(admin::acts(&store, concerning, &page)).await
    }

    async fn auction(&self, id: AuctionId) -> Result<Option<AuctionRow>> {
        let store = self.points.lend("reading an auction").await?;
        store.read(auctions::by_number(&store, id)).await
    }

    async fn part(&self, auction: AuctionId, member: MemberId) -> Result<Option<Bidder>> {
        let store = self.points.lend("reading a part").await?;
        store.read(auctions::part(&store, auction, member)).await
    }

    async fn heads(&self, auctions: &[AuctionId]) -> Result<Vec<(AuctionId, Seq)>> {
        let store = self.followers.lend("reading heads").await?;
        store.read(auctions::heads(&store, auctions)).await
    }

    async fn events(&self, auction: AuctionId, since: Seq, limit: usize) -> Result<Vec<Event>> {
        let store = self.points.lend("reading events").await?;
        store.read(auctions::events(&store, auction, since, limit)).await
    }

    async fn standings(
        &self,
        known: &[(AuctionId, Seq)],
        limit: usize,
    ) -> Result<Vec<(Auction, Vec<Event>)>> {
        let store = self.points.lend("reading what was missed").await?;
        store.read(standings::standings(&store, known, limit)).await
    }

    async fn bids(&self, auction: AuctionId, page: Page) -> Result<Paged<Event>> {
        let store = self.searches.lend("reading bids").await?;
        store.read(auctions::bids(&store, auction, &page)).await
    }

    async fn bids_each_minute(&self, auction: AuctionId, end: Time) -> Result<Vec<i64>> {
        let store = self.points.lend("counting the bids of a close").await?;
        store.read(auctions::bids_each_minute(&store, auction, end)).await
    }

    async fn edits(&self, auction: AuctionId) -> Result<Vec<Event>> {
        let store = self.points.lend("reading what was changed").await?;
        store.read(auctions::edits(&store, auction)).await
    }

    async fn auctions_of(&self, item: ItemId, page: Page) -> Result<Paged<ListingRow>> {
        let store = self.points.lend("reading an item's auctions").await?;
        store.read(auctions::of_item(&store, item, &page)).await
    }

    async fn bidders(&self, auction: AuctionId) -> Result<Vec<(i64, Member)>> {
        let store = self.searches.lend("reading bidders").await?;
        store.read(auctions::bidders(&store, auction)).await
    }

    async fn find(&self, search: Search, page: Page) -> Result<Found> {
        let store = self.searches.lend("searching listings").await?;
        store.read(listings::search(&store, &search, &page)).await
    }

    async fn open_within(&self, ranges: &[(i64, i64)]) -> Result<Vec<Count>> {
        let store = self.searches.lend("counting what stands in regions").await?;
        store.read(listings::open_within(&store, ranges)).await
    }

    async fn word_anew(&self) -> Result<bool> {
        let waits = {
            let store = self.followers.lend("looking for words to make").await?;
            store.read(follow::wording::waits(&store)).await?
        };
        if !waits {
            return Ok(false);
        }
        let store = self.writes.lend("making words anew").await?;
        store.write_together(follow::wording::make(&store)).await
    }

    async fn selling(&self, member: MemberId, page: Page) -> Result<Paged<ListingRow>> {
        let store = self.searches.lend("reading what is sold").await?;
        store.read(auctions::selling(&store, member, &page)).await
    }

    async fn bidding(&self, member: MemberId, page: Page) -> Result<Paged<BiddingRow>> {
        let store = self.searches.lend("reading what is bid on").await?;
        store.read(auctions::bidding(&store, member, &page)).await
    }

    async fn notices(&self, member: MemberId, page: Page) -> Result<Paged<NoticeRow>> {
        let store = self.searches.lend("reading notices").await?;
        store.read(notices::notices(&store, member, &page)).await
    }

    async fn unread(&self, member: MemberId) -> Result<i64> {
        let store = self.points.lend("counting notices").await?;
        store.read(notices::unread(&store, member)).await
    }

    async fn read_notices(&self, member: MemberId, up_to: i64, at: Time) -> Result<()> {
        let store = self.writes.lend("marking notices as read").await?;
        while store.write(notices::read(&store, member, up_to, at)).await? {}
        Ok(())
    }

    async fn heard(&self, since: Option<Moment>) -> Result<Heard> {
        let store = self.points.lend("hearing what others kept").await?;
        store.read(follow::hearing::heard(&store, since)).await
    }

    async fn noticed(&self, since: Option<i64>, members: &[MemberId]) -> Result<Noticed> {
        let store = self.followers.lend("reading new notices").await?;
        store.read(notices::noticed(&store, since, members)).await
    }

    async fn follow(&self) -> Result<Followed> {
        let pace = *self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let found = async {
            let store = self.followers.lend("reading what to follow").await?;
            store.read(follow::find(&store, pace)).await
        };
        let found = found.await;
        *self.pace.lock().unwrap_or_else(PoisonError::into_inner) =
            pace.after(&found.as_ref().map(|found| found.as_ref().and_then(|found| found.rest)));
        let Some(found) = found? else { return Ok(Followed::default()) };
        let store = self.writes.lend("following rounds").await?;
        store.write_together(follow::keep(&store, found)).await
    }

    async fn tell_endings(&self) -> Result<Followed> {
        let position = *self.endings.lock().unwrap_or_else(PoisonError::into_inner);
        let found = {
            let store = self.followers.lend("looking for what ends soon").await?;
            store.read(follow::endings::find(&store, position)).await?
        };
        let Some(found) = found else { return Ok(Followed::default()) };
        let (next, more) = (found.next, found.has_more());
        let followed = if found.is_empty() {
            Followed { notices: Vec::new(), more }
        } else {
            let store = self.writes.lend("telling what ends soon").await?;
            store.write_together(follow::endings::keep(&store, found)).await?
        };
        *self.endings.lock().unwrap_or_else(PoisonError::into_inner) = next;
        Ok(followed)
    }

    async fn sweep(&self, now: Time) -> Result<bool> {
        let position = self.swept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let step = {
            let store = self.followers.lend("looking for what may go").await?;
            store.read(sweep::Step::look(&store, &position, now)).await?
        };
        let (next, has_more) = (step.next.clone(), step.is_full());
        if !step.is_empty() {
            let store = self.writes.lend("removing what may go").await?;
            store.write_together(step.remove(&store, now)).await?;
        }
        *self.swept.lock().unwrap_or_else(PoisonError::into_inner) = next;
        Ok(has_more)
    }

    async fn regions(&self) -> Result<Vec<Region>> {
        let store = self.searches.lend("reading regions").await?;
        store.read(places::regions(&store)).await
    }

    async fn categories(&self) -> Result<Vec<Category>> {
        let store = self.searches.lend("reading categories").await?;
        store.read(places::categories(&store)).await
    }

    async fn health(&self) -> Result<Health> {
        let store = self.points.lend("reading the store's health").await?;
        store.read(health::health(&store)).await
    }
}
