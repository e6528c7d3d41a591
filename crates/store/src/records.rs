//! The web's door: members, sessions, blocks, lists, pages, notices, and reading auctions, money and events.
//!
//! Reads never wait for a round; each is interrupted after [`READ_SECONDS_MAX`]. Writes are small, wait in a bounded
//! mailbox of their own (`Failure::Busy` when it is full) and are committed before they are answered. Nothing here
//! writes auctions, wallets or transfers.

mod news;

use async_trait::async_trait;
use auction::{Auction, AuctionId, Event, Item, OrderId, Seq, Time};
use ledger::{MemberId, Money, Reason, TransferId};

use crate::failure::Result;

pub use news::{Followed, Heard, Moment, NOTICED_OF_A_MEMBER_MAX, NoticeKind, NoticeRow, Noticed};

/// A read that takes longer is interrupted and answered `Unavailable`.
pub const READ_SECONDS_MAX: u64 = 1;

/// The most rows of a page, but for events.
pub const PAGE_ROWS_MAX: usize = 100;

/// The most events of a page.
pub const EVENTS_MAX: usize = 1_000;

/// The web's door to a store.
#[async_trait]
pub trait Records: Send + Sync {
    // Members and sessions.

    /// Makes a member.
    async fn create_member(&self, member: NewMember) -> Result<std::result::Result<Member, Taken>>;
    /// The member of that number.
    async fn member(&self, id: MemberId) -> Result<Option<Member>>;
    /// The member of that username with the hash of his password.
    async fn credentials(&self, username: &str) -> Result<Option<(Member, String)>>;
    /// Changes nickname or region.
    async fn change_member(
        &self,
        id: MemberId,
        change: MemberChange,
    ) -> Result<std::result::Result<Member, Taken>>;
    /// Sets a new password's hash, if his is `known` or that is none, and ends his sessions but `keep`; whether it did.
    async fn set_password(
        &self,
        id: MemberId,
        hash: String,
        known: Option<String>,
        keep: Option<TokenHash>,
    ) -> Result<bool>;
    /// Suspends a member, or lifts it; false if there is no such member.
    async fn set_suspended(&self, id: MemberId, suspended: bool) -> Result<bool>;
    /// Begins a session, if `known` still is the hash of the member's password; whether it did. So a sign-in that was
    /// judged by a password which is changed meanwhile comes to nothing.
    async fn create_session(&self, session: Session, known: String) -> Result<bool>;
    /// The session of that token, also one that has expired, with its member.
    async fn session(&self, token: TokenHash) -> Result<Option<(Session, Member)>>;
    /// Notes that a session was used, so that it lives on.
    async fn touch_session(&self, token: TokenHash, seen_at: Time) -> Result<()>;
    /// Ends one session.
    async fn end_session(&self, token: TokenHash) -> Result<()>;
    /// Ends every session of a member.
    async fn end_sessions(&self, member: MemberId) -> Result<()>;
    /// A seller blocks a member from bidding on his auctions, from the next bid on.
    async fn block(&self, seller: MemberId, member: MemberId, at: Time) -> Result<()>;
    /// A seller lifts a block.
    async fn unblock(&self, seller: MemberId, member: MemberId) -> Result<()>;
    /// Whether a seller blocks a member.
    async fn is_blocked(&self, seller: MemberId, member: MemberId) -> Result<bool>;

    // Money.

    /// A member's wallet with his open holds.
    async fn wallet(&self, member: MemberId) -> Result<WalletPage>;
    /// The wallets of these members, without their holds, in no order.
    async fn wallets(&self, members: &[MemberId]) -> Result<Vec<(MemberId, ledger::Wallet)>>;
    /// A member's transfers, newest first.
    async fn transfers(
        &self,
        member: MemberId,
        filter: TransferFilter,
        page: Page,
    ) -> Result<Paged<TransferRow>>;
    /// An order, if the member is one of its two sides.
    async fn order(&self, id: OrderId, member: MemberId) -> Result<Option<OrderRow>>;
    /// The order of an auction, if the member is one of its two sides.
    async fn order_of(&self, auction: AuctionId, member: MemberId) -> Result<Option<OrderRow>>;

    // Auctions.

    /// An auction with its item.
    async fn auction(&self, id: AuctionId) -> Result<Option<AuctionRow>>;
    /// A member's part in an auction: his number and highest commitment.
    async fn part(&self, auction: AuctionId, member: MemberId) -> Result<Option<auction::Bidder>>;
    /// The newest event number of each of these auctions that exists.
    async fn heads(&self, auctions: &[AuctionId]) -> Result<Vec<(AuctionId, Seq)>>;
    /// Events after `since`, oldest first, at most `limit` (≤ [`EVENTS_MAX`]).
    async fn events(&self, auction: AuctionId, since: Seq, limit: usize) -> Result<Vec<Event>>;
    /// The rows of the bid history, newest first; the cursor is the last `seq` seen.
    async fn bids(&self, auction: AuctionId, page: Page) -> Result<Paged<Event>>;
    /// Who the numbers of an auction are: for the seller.
    async fn bidders(&self, auction: AuctionId) -> Result<Vec<(i64, Member)>>;
    /// Searches the listing table, at most 2 s behind.
    async fn listings(&self, search: Search, page: Page) -> Result<Paged<ListingRow>>;
    /// A member's own auctions, newest first.
    async fn selling(&self, member: MemberId, page: Page) -> Result<Paged<ListingRow>>;
    /// The auctions a member has bid on, newest first, with his part in each.
    async fn bidding(&self, member: MemberId, page: Page) -> Result<Paged<BiddingRow>>;

    // Notices.

    /// A member's notices, newest first.
    async fn notices(&self, member: MemberId, page: Page) -> Result<Paged<NoticeRow>>;
    /// How many of a member's notices are unread.
    async fn unread(&self, member: MemberId) -> Result<i64>;
    /// Marks a member's notices as read, up to and with that number.
    async fn read_notices(&self, member: MemberId, up_to: i64, at: Time) -> Result<()>;
    /// Takes the next rounds into notices and listings, each round once; says what came of it.
    async fn follow(&self) -> Result<Followed>;
    /// Removes what has outlived its time: sessions, keys, notices. One small step, to be taken again and again; true if
    /// the next would find more right away.
    async fn sweep(&self, now: Time) -> Result<bool>;

    /// What has been kept since that moment by any process on this store, and when the next question shall begin; the first
    /// asks without one, and hears from when on. A store that only one process opens has nothing to tell and no moment.
    async fn heard(&self, _since: Option<Moment>) -> Result<Heard> {
        Ok(Heard::default())
    }

    /// What these members were newly told by any process on this store, since the notice of that number; the first asks
    /// without one, and learns the newest. A store that only one process opens says nothing.
    async fn noticed(&self, _since: Option<i64>, _members: &[MemberId]) -> Result<Noticed> {
        Ok(Noticed::default())
    }

    // Places and kinds.

    /// Every region, parents before children.
    async fn regions(&self) -> Result<Vec<Region>>;
    /// Every category, parents before children.
    async fn categories(&self) -> Result<Vec<Category>>;

    /// Whether the store answers, and what it says of itself.
    async fn health(&self) -> Result<Health>;
}

/// What a new member brings.
#[derive(Clone, Debug)]
pub struct NewMember {
    /// `[a-z0-9_]{3,24}`.
    pub username: String,
    /// As shown to others.
    pub nickname: String,
    /// What two nicknames that look alike have in common.
    pub skeleton: String,
    /// argon2id, with its parameters.
    pub password_hash: String,
    /// Where he lives.
    pub region: Option<i64>,
    /// When he joined.
    pub at: Time,
}

/// A person with an account here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// His number.
    pub id: MemberId,
    /// For signing in; nobody else sees it.
    pub username: String,
    /// As shown to others.
    pub nickname: String,
    /// Where he lives.
    pub region: Option<i64>,
    /// By an admin.
    pub suspended: bool,
    /// When he joined.
    pub created_at: Time,
}

/// What a member changes about himself.
#[derive(Clone, Debug, Default)]
pub struct MemberChange {
    /// The new nickname with its skeleton.
    pub nickname: Option<(String, String)>,
    /// The new region, or none.
    pub region: Option<Option<i64>>,
}

/// Which name another member has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The username.
    Username,
    /// A nickname that looks the same.
    Nickname,
}

/// SHA-256 of a session's token; the token itself is never stored.
pub type TokenHash = [u8; 32];

/// A sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Of its token.
    pub token: TokenHash,
    /// Whose.
    pub member: MemberId,
    /// When it began.
    pub created_at: Time,
    /// When it was last used, to the minute.
    pub seen_at: Time,
    /// When it ends at the latest.
    pub expires_at: Time,
}

/// A member's money at a glance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WalletPage {
    /// The two accounts and the version.
    pub wallet: ledger::Wallet,
    /// Where the held money is, newest auction first, at most [`PAGE_ROWS_MAX`].
    pub holds: Vec<HoldRow>,
}

/// An open hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldRow {
    /// On which auction.
    pub auction: AuctionId,
    /// Its title.
    pub title: String,
    /// How much.
    pub amount: Money,
}

/// Which transfers to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TransferFilter {
    /// At or after.
    pub from: Option<Time>,
    /// Before.
    pub to: Option<Time>,
    /// For this reason only.
    pub reason: Option<Reason>,
}

/// A member's transfer as he sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferRow {
    /// Its number.
    pub id: TransferId,
    /// Whose balance fell.
    pub from: ledger::Account,
    /// Whose balance rose.
    pub to: ledger::Account,
    /// How much.
    pub amount: Money,
    /// Why.
    pub reason: Reason,
    /// For which auction.
    pub auction: Option<AuctionId>,
    /// Its title.
    pub title: Option<String>,
    /// For which order.
    pub order: Option<OrderId>,
    /// When.
    pub at: Time,
}

/// An order as its two sides see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRow {
    /// Its number.
    pub id: OrderId,
    /// Of which auction.
    pub auction: AuctionId,
    /// What was sold.
    pub title: String,
    /// Who pays.
    pub buyer: MemberId,
    /// Who is paid.
    pub seller: MemberId,
    /// The hammer price.
    pub price: Money,
    /// What the house kept of it.
    pub fee: Money,
    /// When.
    pub at: Time,
}

/// An auction with its item and who sells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuctionRow {
    /// What the rules look at.
    pub auction: Auction,
    /// What is sold.
    pub item: Item,
    /// Who sells it.
    pub seller: Member,
}

/// What to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Words, all of which must be found.
    pub words: String,
    /// This region, all below it, and everything nationwide.
    pub region: Option<i64>,
    /// This category and all below it.
    pub category: Option<i64>,
    /// Where it stands.
    pub status: Option<auction::Status>,
    /// At least this price.
    pub min_price: Option<Money>,
    /// At most this price.
    pub max_price: Option<Money>,
    /// In which order.
    pub sort: Sort,
}

/// In which order to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Newest listing first.
    #[default]
    Newest,
    /// Soonest end first.
    Ending,
    /// Cheapest first.
    PriceAscending,
    /// Dearest first.
    PriceDescending,
    /// Most bids first.
    Bids,
}

/// One auction in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListingRow {
    /// Which.
    pub auction: AuctionId,
    /// As of which event.
    pub seq: Seq,
    /// The title.
    pub title: String,
    /// Who sells.
    pub seller: MemberId,
    /// The category.
    pub category: Option<i64>,
    /// The region.
    pub region: Option<i64>,
    /// Shown everywhere.
    pub nationwide: bool,
    /// How worn it is.
    pub condition: Option<auction::Condition>,
    /// Where it stands.
    pub status: auction::Status,
    /// How it ended.
    pub outcome: Option<auction::Outcome>,
    /// The price.
    pub price: Money,
    /// The buy-now price.
    pub buy_now: Option<Money>,
    /// How many bids.
    pub bid_count: i64,
    /// From when it takes bids.
    pub starts_at: Time,
    /// Until when.
    pub ends_at: Time,
}

/// An auction with a member's part in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BiddingRow {
    /// The auction as it stands, not as listed.
    pub auction: Auction,
    /// Its title.
    pub title: String,
    /// The category.
    pub category: Option<i64>,
    /// The region.
    pub region: Option<i64>,
    /// Shown everywhere.
    pub nationwide: bool,
    /// The member's number and highest commitment.
    pub part: auction::Bidder,
}

/// A neighbourhood, or what holds neighbourhoods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// Our own number; a region's descendants are the numbers up to `last`.
    pub id: i64,
    /// The last number below it.
    pub last: i64,
    /// What holds it.
    pub parent: Option<i64>,
    /// 1: 시/도, 2: 시/군/구, 3: 읍/면/동.
    pub level: i64,
    /// Its own name.
    pub name: String,
}

/// A kind of thing, in two levels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Our own number.
    pub id: i64,
    /// The kind above it.
    pub parent: Option<i64>,
    /// The stable word that pages translate.
    pub slug: String,
}

/// What a store says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// The schema's version.
    pub schema: i64,
    /// The last heartbeat kept.
    pub heartbeat: Option<Time>,
    /// How many kept rounds the followers have not yet taken.
    pub rounds_behind: i64,
}

/// Which page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Where the last page ended, as the store said it; from the beginning if absent. One that the store never said
    /// leads to an empty page.
    pub cursor: Option<String>,
    /// How many rows at the most.
    pub limit: usize,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paged<T> {
    /// Its rows.
    pub items: Vec<T>,
    /// Where the next page begins, if there is one. A page may hold fewer rows than asked for, even none, and not be the
    /// last: where much has to be looked at to find little, a page ends after a bounded look.
    pub next: Option<String>,
}
