//! What the web's door takes and gives of notices on their way out of the house: what a member wants, where he can be
//! reached, and what waits to be sent.
//!
//! A delivery is written in the transaction of its notice: one for each member, auction, kind and channel, which carries
//! the number of the newest notice. Whoever sends claims it first, for [`LEASE`], sends, and settles it; a claim that
//! nobody settled runs out and the delivery is tried again. So each is sent *at least* once or ends as failed or dropped,
//! and twice only if its sender died between the sending and the settling. A repeat is told by what is sent: an e-mail's
//! `Message-ID` and a push's `Topic` are made of the notice's number and its auction alone. Several nodes share the work
//! through their claims.

mod wishes;

use async_trait::async_trait;
use auction::{AuctionId, Span, Time};
use ledger::{MemberId, Money};

use super::profile::Left;
use super::{NoticeKind, Page, Paged, SearchTold, TokenHash};
use crate::failure::Result;

pub use self::wishes::{Channel, MINUTES_OF_A_DAY, NoticeGroup, QuietHours, Wish, Wishes};

/// How a member can be reached, and how he wants to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// What he wants.
    pub wishes: Wishes,
    /// When he wants nothing.
    pub quiet: Option<QuietHours>,
    /// The language he is written to in, as the web names it; empty if he never said.
    pub language: String,
    /// The address that he has confirmed.
    pub email: Option<String>,
    /// The address that waits to be confirmed.
    pub unconfirmed: Option<String>,
    /// With how many browsers he has subscribed.
    pub browsers: i64,
}

/// What changes of a member's reach; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReachChange {
    /// What he wants.
    pub wishes: Option<Wishes>,
    /// When he wants nothing; `Some(None)` for never.
    pub quiet: Option<Option<QuietHours>>,
    /// The language he is written to in.
    pub language: Option<String>,
}

/// How many confirmations a member may ask for within [`CONFIRMATION_VALID`].
pub const CONFIRMATIONS_MAX: i64 = 5;

/// For how long a confirmation may be answered.
pub const CONFIRMATION_VALID: Span = Span::days(1);

/// An address that a member says is his.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAddress {
    /// Whose.
    pub member: MemberId,
    /// The address.
    pub email: String,
    /// The hash of what only a reader of that address will know.
    pub token: TokenHash,
    /// When he said so.
    pub at: Time,
}

/// How many browsers a member may subscribe with.
pub const SUBSCRIPTIONS_MAX: usize = 10;

/// A browser to which notices are pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// SHA-256 of the endpoint, by which it is known.
    pub address: [u8; 32],
    /// Where its push service takes messages.
    pub endpoint: String,
    /// The browser's public key: an uncompressed point of P-256, 65 bytes.
    pub key: Vec<u8>,
    /// The browser's secret that messages are bound to, 16 bytes.
    pub secret: Vec<u8>,
}

/// Why a browser is not subscribed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscribeRefused {
    /// The member has [`SUBSCRIPTIONS_MAX`] already.
    TooMany,
    /// He has left, or there is no such member.
    Left,
}

/// A secret of the house that all of its nodes share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secret {
    /// The private key by which push services know the house.
    Vapid,
    /// What addresses for unsubscribing are signed with.
    Unsubscribing,
}

impl Secret {
    /// Its name in a store.
    pub const fn name(self) -> &'static str {
        match self {
            Secret::Vapid => "vapid",
            Secret::Unsubscribing => "unsubscribing",
        }
    }
}

/// For how long a claimed delivery is nobody else's: longer than any sending takes.
pub const LEASE: Span = Span::minutes(5);

/// The most deliveries that are claimed together.
pub const CLAIMED_TOGETHER_MAX: usize = 32;

/// How often a delivery is tried before it counts as failed.
pub const TRIES_MAX: i64 = 8;

/// How often a push is tried while a browser's service refuses the house, if an e-mail can take its place: that goes out
/// then, and nobody waits for whoever sets the house right. A push that has no other way is tried [`TRIES_MAX`] times. The
/// browser stays subscribed either way.
pub const REFUSALS_MAX: i64 = 2;

/// What the reason of a failure begins with when the house itself was refused: its password or its key is wrong.
pub const HOUSE_FAULT: &str = "house: ";

/// Of the same auction and kind a member gets at most one e-mail in so long; what happens meanwhile is in the next. A
/// letter that is on its way counts as one that he got.
pub const EMAIL_GAP: Span = Span::minutes(10);

/// For how long what was sent or dropped is remembered.
pub const SETTLED_KEPT: Span = Span::days(7);

/// For how long what has failed is shown to admins.
pub const FAILED_KEPT: Span = Span::days(30);

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// It waits to be sent, or is being sent.
    Waiting,
    /// Whoever carries it has taken it.
    Sent,
    /// It was tried often enough, or refused for good.
    Failed,
    /// Nobody needs it any more.
    Dropped,
}

impl DeliveryState {
    /// Every state, in the order of their numbers in a store.
    pub const ALL: [DeliveryState; 4] =
        [DeliveryState::Waiting, DeliveryState::Sent, DeliveryState::Failed, DeliveryState::Dropped];
}

/// A claimed delivery, with all there is to know for sending it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The notice.
    pub notice: i64,
    /// By which way.
    pub channel: Channel,
    /// To whom.
    pub member: MemberId,
    /// What it is about.
    pub kind: NoticeKind,
    /// On which auction.
    pub auction: AuctionId,
    /// Its title.
    pub title: String,
    /// The amount it speaks of, if any.
    pub amount: Option<Money>,
    /// When it happened.
    pub at: Time,
    /// Until when it is claimed; settling says it again.
    pub claimed_until: Time,
    /// How often it was tried, this time among them.
    pub tries: i64,
    /// The search that it tells of, if that is still kept; then `title` is what it is called.
    pub search: Option<SearchTold>,
    /// Whether the notice was read, or renewed, meanwhile.
    pub is_seen: bool,
    /// Whether the auction has an outcome, or its end has passed.
    pub is_over: bool,
    /// How the member can be reached now.
    pub reach: Reach,
    /// The browsers he has subscribed with, if it is for them.
    pub browsers: Vec<Subscription>,
}

/// What is to be done with a claimed delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It is sent.
    Send,
    /// It waits until then, which is no try.
    Wait(Time),
    /// It is not needed any more, and why.
    Drop(&'static str),
    /// It was claimed too often and never settled.
    Fail(&'static str),
}

impl Delivery {
    /// What is to be done with it now. It is not sent if it was read meanwhile, if the member no longer wants it or cannot be
    /// reached, or if it speaks of an auction in which he could still do something and that is over: `outbid` after
    /// the end helps nobody, and that is how what waited for the end of the quiet hours is dropped. Nothing is so urgent
    /// that it breaks the quiet hours: who wants to be woken turns them off.
    pub fn judge(&self, now: Time) -> Judgement {
        let Reach { wishes, quiet, email, .. } = &self.reach;
        // Who leaves the choice to the house gets what was written down for him: an e-mail may stand in for a push that
        // came to nothing, though he has other browsers.
        let has_push = self.channel == Channel::Push && self.reach.browsers > 0;
        if self.is_seen {
            return Judgement::Drop("seen");
        }
        if !wishes.channels(self.kind, has_push, email.is_some()).contains(&self.channel) {
            return Judgement::Drop("not_wanted");
        }
        if self.is_over && needs_a_running_auction(self.kind) {
            return Judgement::Drop("over");
        }
        if self.tries > TRIES_MAX {
            return Judgement::Fail("never_settled");
        }
        match quiet.and_then(|quiet| quiet.over_at(now)) {
            Some(over) => Judgement::Wait(over),
            None => Judgement::Send,
        }
    }

    /// Whether an e-mail takes its place if it comes to nothing: it was a push because the house had the choice, and the
    /// member has an address.
    pub fn falls_to_email(&self) -> bool {
        let ways = |has_push| self.reach.wishes.channels(self.kind, has_push, self.reach.email.is_some());
        self.channel == Channel::Push
            && !ways(true).contains(&Channel::Email)
            && ways(false).contains(&Channel::Email)
    }
}

/// Whether a notice helps only as long as its auction runs.
const fn needs_a_running_auction(kind: NoticeKind) -> bool {
    matches!(
        kind,
        NoticeKind::Outbid
            | NoticeKind::NewBid
            | NoticeKind::EndingSoon
            | NoticeKind::Extended
            | NoticeKind::Afresh
            | NoticeKind::MaximumCut
            | NoticeKind::Edited
    )
}

/// When a delivery is tried again after so many tries: half a minute after the first, four times as long after each, six
/// hours at the most. `chance` moves it by a quarter at the most, so that what failed together does not come back together.
pub fn try_again_at(now: Time, tries: i64, chance: u8) -> Time {
    let doublings = u32::try_from(tries.clamp(1, 8) - 1).unwrap_or_default() * 2;
    let wait = (Span::seconds(30).0 << doublings).min(Span::hours(6).0);
    now.plus(Span(wait - wait / 4 + wait / 2 * i64::from(chance) / 255))
}

/// What came of a claimed delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Which notice.
    pub notice: i64,
    /// On which way.
    pub channel: Channel,
    /// Until when it was claimed.
    pub claimed_until: Time,
    /// What came of it.
    pub end: SettledAs,
    /// Whether an e-mail takes its place, see [`Delivery::falls_to_email`]: only of a push that has failed or was dropped.
    pub by_email: bool,
    /// When.
    pub at: Time,
}

/// How a claim ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettledAs {
    /// It was taken.
    Sent,
    /// It is over without success, and why.
    Failed(String),
    /// Nobody needs it, and why.
    Dropped(String),
    /// It waits until then and was no try.
    Put(Time),
    /// It failed and is tried again then.
    Again(Time, String),
}

/// A delivery that has failed, or that was tried in vain and is tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedDelivery {
    /// Which notice.
    pub notice: i64,
    /// On which way.
    pub channel: Channel,
    /// To whom.
    pub member: MemberId,
    /// What it is about.
    pub kind: NoticeKind,
    /// On which auction.
    pub auction: AuctionId,
    /// How often it was tried.
    pub tries: i64,
    /// Since when it has failed; of what is tried again, when that is.
    pub failed_at: Time,
    /// Why.
    pub reason: String,
}

/// How many of those that are tried again an admin sees.
pub const TROUBLED_SHOWN_MAX: usize = 20;

/// Among how many of those that wait, soonest first, they are looked for.
pub const TROUBLED_LOOKED_AT_MAX: i64 = 1_000;

/// At how many the counting of deliveries ends: so many means so many or more.
pub const DELIVERIES_COUNTED_MAX: i64 = 10_000;

/// How many deliveries there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeliveryCounts {
    /// That wait, or are being sent.
    pub waiting: i64,
    /// That have failed.
    pub failed: i64,
}

/// The part of the web's door that is about deliveries.
#[async_trait]
pub trait DeliveryRecords: Send + Sync {
    /// How a member can be reached, and how he wants to be.
    async fn reach(&self, member: MemberId) -> Result<Reach>;
    /// Changes what a member wants.
    async fn change_reach(
        &self,
        member: MemberId,
        change: ReachChange,
    ) -> Result<std::result::Result<(), Left>>;
    /// Notes an address that its member is to confirm, in place of one that waits; false if he has asked for
    /// [`CONFIRMATIONS_MAX`] of late.
    async fn ask_confirmation(&self, new: NewAddress) -> Result<std::result::Result<bool, Left>>;
    /// Confirms the address that this token was sent to, once; whose it is then, none if it is unknown or too old.
    async fn confirm_address(&self, token: TokenHash, now: Time) -> Result<Option<(MemberId, String)>>;
    /// Forgets a member's address, confirmed or not.
    async fn remove_address(&self, member: MemberId) -> Result<()>;
    /// Subscribes a browser, which is the member's alone from then on; again takes its new keys.
    async fn subscribe(
        &self,
        member: MemberId,
        new: Subscription,
        at: Time,
    ) -> Result<std::result::Result<(), SubscribeRefused>>;
    /// Ends the subscription of a browser; only that member's, if one is named. Whether there was one.
    async fn end_subscription(&self, address: [u8; 32], of: Option<MemberId>) -> Result<bool>;
    /// The house's secret of that name: the one that is kept, or else this one, which is kept from then on.
    async fn secret(&self, secret: Secret, fresh: [u8; 32]) -> Result<[u8; 32]>;
    /// Claims deliveries whose time has come, for [`LEASE`], soonest first; at most [`CLAIMED_TOGETHER_MAX`].
    async fn claim_deliveries(&self, now: Time, limit: usize) -> Result<Vec<Delivery>>;
    /// Settles a delivery, if it still is claimed so and of the same notice; whether it was.
    async fn settle_delivery(&self, settled: Settled) -> Result<bool>;
    /// The deliveries that have failed, newest notice first.
    async fn failed_deliveries(&self, page: Page) -> Result<Paged<FailedDelivery>>;
    /// Deliveries that were tried in vain and are tried again, soonest first: at most [`TROUBLED_SHOWN_MAX`] of the first
    /// [`TROUBLED_LOOKED_AT_MAX`] that wait.
    async fn troubled_deliveries(&self) -> Result<Vec<FailedDelivery>>;
    /// Has a failed delivery tried again, with all its tries; whether there was one.
    async fn retry_delivery(&self, notice: i64, channel: Channel, now: Time) -> Result<bool>;
    /// Removes some deliveries that were settled so long ago that nobody asks for them; true if there may be more.
    async fn sweep_deliveries(&self, now: Time) -> Result<bool>;
    /// How many deliveries there are, of each counted up to [`DELIVERIES_COUNTED_MAX`].
    async fn delivery_counts(&self) -> Result<DeliveryCounts>;
}

#[cfg(test)]
mod tests;
