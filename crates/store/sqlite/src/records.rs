//! The web's door on SQLite: reads on the readers beside the writer, small writes through the second mailbox.
//!
//! Each method says what it is doing and where it runs; the statements stand in the file of their subject. A read is cut
//! off after a second, a write is committed before it is answered. Nothing here writes auctions, wallets or transfers.

mod admin;
mod auctions;
mod delivery;
mod follow;
mod leaving;
mod listings;
mod members;
mod money;
mod notices;
mod orders;
mod pictures;
pub(crate) mod places;
mod profile;
mod reach;
mod reviews;
mod saved;
mod sessions;
mod standings;
mod sweep;
mod talk;
#[cfg(test)]
mod tests;
mod watching;

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use auction::{Aftermath, Auction, AuctionId, Bidder, Event, ItemId, Order, OrderId, Seq, Time};
use ledger::{MemberId, Money};
use rusqlite::{Connection, OptionalExtension};
use store::records::{
    AuctionRow, Balance, BiddingRow, Category, Count, DepositRow, Followed, Found, Health, Left, ListingRow,
    Member, MemberChange, NewMember, NewReview, NoticeRow, OrderPage, OrderRow, Page, Paged, Region,
    Reputation, ReviewRefused, ReviewRow, Search, Session, Taken, TokenHash, TransferFilter, TransferRow,
    WalletPage,
};
use store::{Act, Debt, Pace, Records, Result, Withdrawal};

use crate::journal::{fees, missing_of};
use crate::readers::Readers;
use crate::writes::Writes;

/// The web's door; its clones are the same door.
#[derive(Clone)]
pub struct SqliteRecords {
    /// For what is found by its key in a few rows, such as who asks: bids and sockets wait for it, and never for a search.
    points: Readers,
    /// For what nobody waits for: following, sweeping, comparing.
    followers: Readers,
    /// For all other reads.
    searches: Readers,
    writes: Writes,
    swept: Arc<Mutex<sweep::Position>>,
    endings: Arc<Mutex<follow::endings::Position>>,
    pace: Arc<Mutex<Pace>>,
}

impl SqliteRecords {
    pub(crate) fn new(
        points: Readers,
        followers: Readers,
        searches: Readers,
        writes: Writes,
    ) -> SqliteRecords {
        SqliteRecords {
            points,
            followers,
            searches,
            writes,
            swept: Arc::default(),
            endings: Arc::default(),
            pace: Arc::default(),
        }
    }
}

#[async_trait]
impl Records for SqliteRecords {
    async fn create_member(&self, member: NewMember) -> Result<std::result::Result<Member, Taken>> {
        self.writes.run("making a member", move |store| members::create(store, member)).await
    }

    async fn member(&self, id: MemberId) -> Result<Option<Member>> {
        self.points.run("reading a member", move |store| members::by_number(store, id)).await
    }

    async fn members(&self, ids: &[MemberId]) -> Result<Vec<Member>> {
        let ids = ids.to_vec();
        self.searches.run("reading members", move |store| members::by_numbers(store, &ids)).await
    }

    async fn credentials(&self, username: &str) -> Result<Option<(Member, String)>> {
        let username = username.to_owned();
        self.points.run("reading credentials", move |store| members::credentials(store, &username)).await
    }

    async fn change_member(
        &self,
        id: MemberId,
        change: MemberChange,
    ) -> Result<std::result::Result<Member, Taken>> {
        self.writes.run("changing a member", move |store| members::change(store, id, change)).await
    }

    async fn set_password(
        &self,
        id: MemberId,
        hash: String,
        known: Option<String>,
        keep: Option<TokenHash>,
    ) -> Result<bool> {
        let set = move |store: &Connection| members::set_password(store, id, &hash, known.as_deref(), keep);
        self.writes.run("setting a password", set).await
    }

    async fn suspend(&self, id: MemberId, act: Act) -> Result<bool> {
        self.writes.run("suspending a member", move |store| admin::suspend(store, id, &act)).await
    }

    async fn restore(&self, id: MemberId, act: Act) -> Result<bool> {
        self.writes.run("lifting a suspension", move |store| admin::restore(store, id, &act)).await
    }

    async fn set_admin(&self, id: MemberId, is_admin: bool, act: Act) -> Result<bool> {
        self.writes.run("naming an admin", move |store| admin::set_admin(store, id, is_admin, &act)).await
    }

    async fn create_session(&self, session: Session, known: String) -> Result<bool> {
        self.writes.run("beginning a session", move |store| sessions::create(store, &session, &known)).await
    }

    async fn session(&self, token: TokenHash) -> Result<Option<(Session, Member)>> {
        self.points.run("reading a session", move |store| sessions::by_token(store, token)).await
    }

    async fn touch_session(&self, token: TokenHash, seen_at: Time) -> Result<()> {
        self.writes.run("noting a session", move |store| sessions::touch(store, token, seen_at)).await
    }

    async fn end_session(&self, token: TokenHash) -> Result<()> {
        self.writes.run("ending a session", move |store| sessions::end(store, token)).await
    }

    async fn end_sessions(&self, member: MemberId) -> Result<()> {
        self.writes.run("ending a member's sessions", move |store| sessions::end_all(store, member)).await
    }

    async fn block(
        &self,
        seller: MemberId,
        member: MemberId,
        reason: Option<String>,
        at: Time,
    ) -> Result<std::result::Result<(), Left>> {
        let block = move |store: &Connection| admin::block(store, seller, member, reason.as_deref(), at);
        self.writes.run("blocking a member", block).await
    }

    async fn unblock(&self, seller: MemberId, member: MemberId) -> Result<()> {
        self.writes.run("lifting a block", move |store| members::unblock(store, seller, member)).await
    }

    async fn is_blocked(&self, seller: MemberId, member: MemberId) -> Result<bool> {
        self.points.run("reading a block", move |store| members::is_blocked(store, seller, member)).await
    }

    async fn blocked(&self, seller: MemberId, members: &[MemberId]) -> Result<Vec<MemberId>> {
        let members = members.to_vec();
        self.searches.run("reading blocks", move |store| members::blocked(store, seller, &members)).await
    }

    async fn wallet(&self, member: MemberId) -> Result<WalletPage> {
        self.points.run("reading a wallet", move |store| money::wallet(store, member)).await
    }

    async fn wallets(&self, members: &[MemberId]) -> Result<Vec<(MemberId, ledger::Wallet)>> {
        let members = members.to_vec();
        self.followers.run("reading wallets", move |store| money::wallets(store, &members)).await
    }

    async fn transfers(
        &self,
        member: MemberId,
        filter: TransferFilter,
        page: Page,
    ) -> Result<Paged<TransferRow>> {
        let read = move |store: &Connection| money::transfers(store, member, filter, &page);
        self.searches.run("reading transfers", read).await
    }

    async fn balance(&self, member: MemberId, at: Time) -> Result<Balance> {
        self.searches.run("reading a balance", move |store| money::balance(store, member, at)).await
    }

    async fn withdrawals(&self, member: MemberId, page: Page) -> Result<Paged<Withdrawal>> {
        self.searches.run("reading withdrawals", move |store| money::withdrawals(store, member, &page)).await
    }

    async fn withdrawals_waiting(&self, page: Page) -> Result<Paged<Withdrawal>> {
        self.searches
            .run("reading what is to be paid out", move |store| money::withdrawals_waiting(store, &page))
            .await
    }

    async fn debts(&self, page: Page) -> Result<Paged<Debt>> {
        self.searches.run("reading debts", move |store| money::debts(store, &page)).await
    }

    async fn deposits(&self, member: MemberId, page: Page) -> Result<Paged<DepositRow>> {
        self.searches.run("reading deposits", move |store| money::deposits(store, member, &page)).await
    }

    async fn missing(&self, member: MemberId) -> Result<Money> {
        self.points.run("reading what a member lacks", move |store| missing_of(store, member)).await
    }

    async fn fees(&self) -> Result<Money> {
        self.searches.run("reading what the house earned", fees).await
    }

    async fn order(&self, id: OrderId) -> Result<Option<OrderPage>> {
        self.points.run("reading an order", move |store| orders::page(store, id)).await
    }

    async fn aftermath(&self, auction: AuctionId) -> Result<Aftermath> {
        let read = move |store: &Connection| orders::of_auction(store, auction);
        self.points.run("reading what followed an auction", read).await
    }

    async fn newest_orders(&self, auctions: &[AuctionId]) -> Result<Vec<Order>> {
        let auctions = auctions.to_vec();
        self.searches.run("reading newest orders", move |store| orders::newest(store, &auctions)).await
    }

    async fn orders(&self, member: MemberId, page: Page) -> Result<Paged<OrderRow>> {
        self.searches.run("reading orders", move |store| orders::of_member(store, member, &page)).await
    }

    async fn disputes(&self, page: Page) -> Result<Paged<OrderRow>> {
        self.searches.run("reading disputes", move |store| orders::disputes(store, &page)).await
    }

    async fn write_review(&self, review: NewReview) -> Result<std::result::Result<(), ReviewRefused>> {
        self.writes.run("writing a review", move |store| reviews::write(store, &review)).await
    }

    async fn reviews(&self, about: MemberId, now: Time, page: Page) -> Result<Paged<ReviewRow>> {
        self.searches.run("reading reviews", move |store| reviews::about(store, about, now, &page)).await
    }

    async fn reputation(&self, member: MemberId, now: Time) -> Result<Reputation> {
        let read = move |store: &Connection| reviews::reputation(store, member, now);
        self.searches.run("reading a reputation", read).await
    }

    async fn lift_marks(&self, member: MemberId, act: Act) -> Result<bool> {
        self.writes.run("lifting marks", move |store| admin::lift_marks(store, member, &act)).await
    }

    async fn acts(&self, concerning: Option<MemberId>, page: Page) -> Result<Paged<Act>> {
        let read = move |store: &Connection| admin::acts(store, concerning, &page);
        self.searches.run("reading what admins did", read).await
    }

    async fn auction(&self, id: AuctionId) -> Result<Option<AuctionRow>> {
        self.points.run("reading an auction", move |store| auctions::by_number(store, id)).await
    }

    async fn part(&self, auction: AuctionId, member: MemberId) -> Result<Option<Bidder>> {
        self.points.run("reading a part", move |store| auctions::part(store, auction, member)).await
    }

    async fn heads(&self, auctions: &[AuctionId]) -> Result<Vec<(AuctionId, Seq)>> {
        let auctions = auctions.to_vec();
        self.followers.run("reading heads", move |store| auctions::heads(store, &auctions)).await
    }

    async fn events(&self, auction: AuctionId, since: Seq, limit: usize) -> Result<Vec<Event>> {
        self.points.run("reading events", move |store| auctions::events(store, auction, since, limit)).await
    }

    async fn standings(
        &self,
        known: &[(AuctionId, Seq)],
        limit: usize,
    ) -> Result<Vec<(Auction, Vec<Event>)>> {
        let known = known.to_vec();
        let reading = move |store: &_| standings::standings(store, &known, limit);
        self.points.run("reading what was missed", reading).await
    }

    async fn bids(&self, auction: AuctionId, page: Page) -> Result<Paged<Event>> {
        self.searches.run("reading bids", move |store| auctions::bids(store, auction, &page)).await
    }

    async fn bids_each_minute(&self, auction: AuctionId, end: Time) -> Result<Vec<i64>> {
        self.points
            .run("counting the bids of a close", move |store| auctions::bids_each_minute(store, auction, end))
            .await
    }

    async fn edits(&self, auction: AuctionId) -> Result<Vec<Event>> {
        self.points.run("reading what was changed", move |store| auctions::edits(store, auction)).await
    }

    async fn auctions_of(&self, item: ItemId, page: Page) -> Result<Paged<ListingRow>> {
        self.points
            .run("reading an item's auctions", move |store| auctions::of_item(store, item, &page))
            .await
    }

    async fn bidders(&self, auction: AuctionId) -> Result<Vec<(i64, Member)>> {
        self.searches.run("reading bidders", move |store| auctions::bidders(store, auction)).await
    }

    async fn find(&self, search: Search, page: Page) -> Result<Found> {
        self.searches.run("searching listings", move |store| listings::search(store, &search, &page)).await
    }

    async fn open_within(&self, ranges: &[(i64, i64)]) -> Result<Vec<Count>> {
        let ranges = ranges.to_vec();
        self.searches
            .run("counting what stands in regions", move |store| listings::open_within(store, &ranges))
            .await
    }

    async fn word_anew(&self) -> Result<bool> {
        let waits = self.followers.run("looking for words to make", follow::wording::waits).await?;
        if !waits {
            return Ok(false);
        }
        self.writes.run("making words anew", follow::wording::make).await
    }

    async fn selling(&self, member: MemberId, page: Page) -> Result<Paged<ListingRow>> {
        self.searches.run("reading what is sold", move |store| auctions::selling(store, member, &page)).await
    }

    async fn bidding(&self, member: MemberId, page: Page) -> Result<Paged<BiddingRow>> {
        self.searches
            .run("reading what is bid on", move |store| auctions::bidding(store, member, &page))
            .await
    }

    async fn notices(&self, member: MemberId, page: Page) -> Result<Paged<NoticeRow>> {
        self.searches.run("reading notices", move |store| notices::notices(store, member, &page)).await
    }

    async fn unread(&self, member: MemberId) -> Result<i64> {
        self.points.run("counting notices", move |store| notices::unread(store, member)).await
    }

    async fn read_notices(&self, member: MemberId, up_to: i64, at: Time) -> Result<()> {
        let doing = "marking notices as read";
        while self.writes.run(doing, move |store| notices::read(store, member, up_to, at)).await? {}
        Ok(())
    }

    async fn follow(&self) -> Result<Followed> {
        let pace = *self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let find = move |store: &Connection| follow::find(store, pace);
        let found = self.followers.run("reading what to follow", find).await;
        *self.pace.lock().unwrap_or_else(PoisonError::into_inner) =
            pace.after(&found.as_ref().map(|found| found.as_ref().and_then(|found| found.rest)));
        let Some(found) = found? else { return Ok(Followed::default()) };
        self.writes.run("following rounds", move |store| follow::keep(store, found)).await
    }

    async fn tell_endings(&self) -> Result<Followed> {
        let position = *self.endings.lock().unwrap_or_else(PoisonError::into_inner);
        let find = move |store: &Connection| follow::endings::find(store, position);
        let found = self.followers.run("looking for what ends soon", find).await?;
        let Some(found) = found else { return Ok(Followed::default()) };
        let (next, more) = (found.next, found.has_more());
        let followed = if found.is_empty() {
            Followed { notices: Vec::new(), more }
        } else {
            let keep = move |store: &Connection| follow::endings::keep(store, found);
            self.writes.run("telling what ends soon", keep).await?
        };
        *self.endings.lock().unwrap_or_else(PoisonError::into_inner) = next;
        Ok(followed)
    }

    async fn sweep(&self, now: Time) -> Result<bool> {
        let position = self.swept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let look = move |store: &Connection| sweep::Step::look(store, &position, now);
        let step = self.followers.run("looking for what may go", look).await?;
        let (next, has_more) = (step.next.clone(), step.is_full());
        if !step.is_empty() {
            self.writes.run("removing what may go", move |store| step.remove(store, now)).await?;
        }
        *self.swept.lock().unwrap_or_else(PoisonError::into_inner) = next;
        Ok(has_more)
    }

    async fn regions(&self) -> Result<Vec<Region>> {
        self.searches.run("reading regions", places::regions).await
    }

    async fn categories(&self) -> Result<Vec<Category>> {
        self.searches.run("reading categories", places::categories).await
    }

    async fn health(&self) -> Result<Health> {
        self.points.run("reading the store's health", health).await
    }
}

fn health(connection: &Connection) -> rusqlite::Result<Health> {
    let sql = "SELECT at FROM heartbeat WHERE id = 1";
    let heartbeat = connection.prepare_cached(sql)?.query_row([], |row| row.get(0).map(Time)).optional()?;
    // Rounds are numbered without a gap, so nothing has to be counted.
    let sql = "SELECT coalesce(max(0, (SELECT max(id) FROM rounds) - round), 0) FROM followers WHERE name = 'market'";
    Ok(Health {
        schema: connection.pragma_query_value(None, "user_version", |row| row.get(0))?,
        heartbeat,
        rounds_behind: connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?,
    })
}
