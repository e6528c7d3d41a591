//! The web's door: members, sessions, blocks, lists, pages, notices, and reading auctions, money and events.
//!
//! Reads never wait for a round; each is interrupted after [`READ_SECONDS_MAX`]. Writes are small, wait in a bounded
//! mailbox of their own (`Failure::Busy` when it is full) and are committed before they are answered. Nothing here
//! writes auctions, wallets or transfers.

mod after;
mod delivery;
mod money;
mod news;
mod pictures;
mod profile;
mod rows;
mod saved;
mod talk;
mod watching;

use async_trait::async_trait;
use auction::{Aftermath, Auction, AuctionId, Event, ItemId, Order, OrderId, Seq, Time};
use ledger::{MemberId, Money};

use crate::admin::{Act, Withdrawal};
use crate::debt::Debt;
use crate::failure::Result;

pub use after::{
    NewReview, OrderPage, OrderRow, REVIEW_WITHIN, Reputation, ReviewRefused, ReviewRow, STEPS_MAX,
};
pub use delivery::{
    CLAIMED_TOGETHER_MAX, CONFIRMATION_VALID, CONFIRMATIONS_MAX, Channel, DELIVERIES_COUNTED_MAX, Delivery,
    DeliveryCounts, DeliveryRecords, DeliveryState, EMAIL_GAP, FAILED_KEPT, FailedDelivery, HOUSE_FAULT,
    Judgement, LEASE, MINUTES_OF_A_DAY, NewAddress, NoticeGroup, QuietHours, REFUSALS_MAX, Reach,
    ReachChange, SETTLED_KEPT, SUBSCRIPTIONS_MAX, Secret, Settled, SettledAs, SubscribeRefused, Subscription,
    TRIES_MAX, TROUBLED_LOOKED_AT_MAX, TROUBLED_SHOWN_MAX, Wish, Wishes, try_again_at,
};
pub use money::{Balance, DepositRow, HoldRow, TransferFilter, TransferRow, WalletPage};
pub use news::{Followed, Heard, Moment, NOTICED_OF_A_MEMBER_MAX, NoticeKind, NoticeRow, Noticed};
pub use pictures::{
    CLAIMED_FOR, CardPicture, NewPicture, PictureRecords, PictureRefused, PictureRow, UPLOADS_COUNTED_FOR,
    UPLOADS_KEPT, UPLOADS_UNUSED_MAX, Upload,
};
pub use profile::{
    ABOUT_CHARS_MAX, ANSWERS_COUNT_FOR, ANSWERS_LOOKED_AT, ANSWERS_MIN, Left, OwnBid, Profile,
    ProfileRecords, Removal, RemovalRefused, Shelf, SoldOn, Ties, answers_within,
};
pub use rows::{
    AuctionRow, BiddingRow, COUNTED_MAX, Category, Centre, Count, Found, Health, ListingRow, Member,
    MemberChange, NEARBY_MAX, Near, NewMember, Page, Paged, Region, Search, Session, Sort, Taken, TokenHash,
};
pub use saved::{
    ARRIVALS_KEPT, ARRIVALS_LOOKED_AT_MAX, Look, NewSearch, SAVED_SEARCHES_MAX, SEARCHES_TOGETHER_MAX,
    SaveRefused, SavedRecords, SavedSearch, SearchTold, TOLD_AGAIN_AFTER,
};
pub use talk::{
    ASKED_WITHIN, AnswerRow, Asking, NewQuestion, QUESTIONS_COUNTED_MAX, QUESTIONS_MAX, QuestionId,
    QuestionRow, REPORTS_SHOWN_MAX, Remark, ReportRow, ReportedRow, Says, TALK_CHARS_MAX, TALK_CHARS_MIN,
    TalkRecords, TalkRefused, Talked, UNANSWERED_MAX, Verdict,
};
pub use watching::{ENDING_SOON, Heart, WATCHED_MAX, WATCHLISTS_COUNTED_MAX, WatchRecords, WatchRefused};

/// A read that takes longer is interrupted and answered `Unavailable`.
pub const READ_SECONDS_MAX: u64 = 1;

/// The most rows of a page, but for events.
pub const PAGE_ROWS_MAX: usize = 100;

/// The most events of a page.
pub const EVENTS_MAX: usize = 1_000;

/// The most edits of an auction that are shown: the newest.
pub const EDITS_MAX: usize = 50;

/// How many minutes before an auction's end bids are counted by.
pub const CLOSE_MINUTES: i64 = 30;

/// How many events, the newest, are looked at for that.
pub const CLOSE_EVENTS_MAX: i64 = 20_000;

/// The web's door to a store.
#[async_trait]
pub trait Records:
    PictureRecords + DeliveryRecords + ProfileRecords + SavedRecords + TalkRecords + WatchRecords + Send + Sync
{
    // Members and sessions.

    /// Makes a member.
    async fn create_member(&self, member: NewMember) -> Result<std::result::Result<Member, Taken>>;
    /// The member of that number.
    async fn member(&self, id: MemberId) -> Result<Option<Member>>;
    /// Those of these members who exist, in no order; only the first [`PAGE_ROWS_MAX`] are looked at.
    async fn members(&self, ids: &[MemberId]) -> Result<Vec<Member>>;
    /// The member of that username with the hash of his password.
    async fn credentials(&self, username: &str) -> Result<Option<(Member, String)>>;
    /// Changes how a member presents himself. A picture must be an upload of his.
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
    /// Suspends a member, with a chore for each auction where his bids count that is not over or may still be offered, and each of
    /// his own that is not over; `act` says by whom and why, and is kept with it. False if there is no such member, or he is suspended already.
    async fn suspend(&self, id: MemberId, act: Act) -> Result<bool>;
    /// Lifts a suspension; what was taken back stays so. False if there is no such member, or he is not suspended.
    async fn restore(&self, id: MemberId, act: Act) -> Result<bool>;
    /// Makes a member an admin, or none any more. False if there is no such member, or it is so already.
    async fn set_admin(&self, id: MemberId, is_admin: bool, act: Act) -> Result<bool>;
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
    /// A seller blocks a member from bidding on his auctions, from the next bid on, with a chore for each of his auctions
    /// that is not over or may still be offered, and where the member's bids count; the reason, if there is one, is public where it takes a lead.
    async fn block(
        &self,
        seller: MemberId,
        member: MemberId,
        reason: Option<String>,
        at: Time,
    ) -> Result<std::result::Result<(), Left>>;
    /// A seller lifts a block.
    async fn unblock(&self, seller: MemberId, member: MemberId) -> Result<()>;
    /// Whether a seller blocks a member.
    async fn is_blocked(&self, seller: MemberId, member: MemberId) -> Result<bool>;
    /// Those of these members whom a seller blocks, in no order; only the first [`PAGE_ROWS_MAX`] are looked at.
    async fn blocked(&self, seller: MemberId, members: &[MemberId]) -> Result<Vec<MemberId>>;

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
    /// A member's two balances as of a moment, before anything that was kept at or after it: what a statement opens with.
    async fn balance(&self, member: MemberId, at: Time) -> Result<Balance>;
    /// A member's withdrawals, newest first.
    async fn withdrawals(&self, member: MemberId, page: Page) -> Result<Paged<Withdrawal>>;
    /// The withdrawals that wait for an admin, oldest first.
    async fn withdrawals_waiting(&self, page: Page) -> Result<Paged<Withdrawal>>;
    /// The deposits that were taken back and of which something is missing, by their numbers.
    async fn debts(&self, page: Page) -> Result<Paged<Debt>>;
    /// A member's deposits, the highest numbers first, however much else moved in his wallet since.
    async fn deposits(&self, member: MemberId, page: Page) -> Result<Paged<DepositRow>>;
    /// What a member lacks in all, after deposits of his were taken back.
    async fn missing(&self, member: MemberId) -> Result<Money>;
    /// What the house earned and has not taken out.
    async fn fees(&self) -> Result<Money>;

    // What follows a sale.

    /// An order with all there is to it; who may see it is for the caller to judge.
    async fn order(&self, id: OrderId) -> Result<Option<OrderPage>>;
    /// The newest order and the offers of an auction.
    async fn aftermath(&self, auction: AuctionId) -> Result<Aftermath>;
    /// The newest order of each of these auctions that has one, in no order; only the first [`PAGE_ROWS_MAX`] are looked at.
    async fn newest_orders(&self, auctions: &[AuctionId]) -> Result<Vec<Order>>;
    /// A member's orders, as buyer and as seller, newest first.
    async fn orders(&self, member: MemberId, page: Page) -> Result<Paged<OrderRow>>;
    /// The disputes that wait for an admin, oldest first.
    async fn disputes(&self, page: Page) -> Result<Paged<OrderRow>>;
    /// Writes a review, once for each side of an order that is over.
    async fn write_review(&self, review: NewReview) -> Result<std::result::Result<(), ReviewRefused>>;
    /// The reviews about a member that are shown at `now` (both wrote, or the time is over), newest first.
    async fn reviews(&self, about: MemberId, now: Time, page: Page) -> Result<Paged<ReviewRow>>;
    /// What a member's past says of him, as of `now`.
    async fn reputation(&self, member: MemberId, now: Time) -> Result<Reputation>;
    /// Lifts a member's marks: those made until now no longer keep him from listing, and stay on his record.
    async fn lift_marks(&self, member: MemberId, act: Act) -> Result<bool>;
    /// What admins did that concerns a member (himself, or an order in which he is a side), newest first; without one, all.
    async fn acts(&self, concerning: Option<MemberId>, page: Page) -> Result<Paged<Act>>;

    // Auctions.

    /// An auction with its item and its pictures.
    async fn auction(&self, id: AuctionId) -> Result<Option<AuctionRow>>;
    /// A member's part in an auction: his number and highest commitment.
    async fn part(&self, auction: AuctionId, member: MemberId) -> Result<Option<auction::Bidder>>;
    /// The newest event number of each of these auctions that exists.
    async fn heads(&self, auctions: &[AuctionId]) -> Result<Vec<(AuctionId, Seq)>>;
    /// Events after `since`, oldest first, at most `limit` (≤ [`EVENTS_MAX`]).
    async fn events(&self, auction: AuctionId, since: Seq, limit: usize) -> Result<Vec<Event>>;
    /// Those of these auctions that exist as they stand, in no order, each with its events after the one beside it, oldest
    /// first, at most `limit` (≤ [`EVENTS_MAX`]) of each and none newer than the auction.
    async fn standings(&self, known: &[(AuctionId, Seq)], limit: usize)
    -> Result<Vec<(Auction, Vec<Event>)>>;
    /// The rows of the bid history, newest first; the cursor is the last `seq` seen.
    async fn bids(&self, auction: AuctionId, page: Page) -> Result<Paged<Event>>;
    /// How many bids came in each whole minute before an auction's `end`, its last minute first: of [`CLOSE_MINUTES`], or of
    /// as many as the newest [`CLOSE_EVENTS_MAX`] events of the auction cover whole.
    async fn bids_each_minute(&self, auction: AuctionId, end: Time) -> Result<Vec<i64>>;
    /// The events that raised the number of an auction's terms, newest first, at most [`EDITS_MAX`]; each with its note, if
    /// one was added.
    async fn edits(&self, auction: AuctionId) -> Result<Vec<Event>>;
    /// The auctions of an item as they stand, newest first.
    async fn auctions_of(&self, item: ItemId, page: Page) -> Result<Paged<ListingRow>>;
    /// Who the numbers of an auction are: for the seller.
    async fn bidders(&self, auction: AuctionId) -> Result<Vec<(i64, Member)>>;
    /// Searches the listing table, at most 2 s behind.
    async fn find(&self, search: Search, page: Page) -> Result<Found>;
    /// The same, without how much there is.
    async fn listings(&self, search: Search, page: Page) -> Result<Paged<ListingRow>> {
        Ok(self.find(search, page).await?.page)
    }
    /// How many open auctions stand in each of these ranges of regions, in the order asked for, each counted up to
    /// [`COUNTED_MAX`]; only the first [`PAGE_ROWS_MAX`] ranges are counted.
    async fn open_within(&self, ranges: &[(i64, i64)]) -> Result<Vec<Count>>;
    /// Makes the words of some listings anew that were made by an older rule, or by an import; true if there are more.
    async fn word_anew(&self) -> Result<bool>;
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
    /// Tells those who watch an auction or have bid on it, but for its seller, that it ends within [`ENDING_SOON`]: once for
    /// each auction and member, whoever calls and however often, and some at a time. The time is that of the newest
    /// heartbeat, by which auctions end too; while nobody keeps one, nothing ends.
    async fn tell_endings(&self) -> Result<Followed>;
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
