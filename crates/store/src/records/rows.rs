//! What the web's door takes and gives: members, auctions, lists, places.

use auction::{Auction, AuctionId, Item, PictureAddress, Seq, Time};
use ledger::{MemberId, Money};

use super::pictures::{CardPicture, PictureRow};

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
    /// Whether he is one of those who decide where the rules cannot.
    pub is_admin: bool,
    /// When he joined.
    pub created_at: Time,
}

impl Member {
    /// Whether he may decide where the rules cannot: an admin who is not suspended.
    pub fn acts_as_admin(&self) -> bool {
        self.is_admin && !self.suspended
    }
}

/// What a member changes about himself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberChange {
    /// The new nickname with its skeleton.
    pub nickname: Option<(String, String)>,
    /// The new region, or none.
    pub region: Option<Option<i64>>,
    /// What he says about himself now, or nothing.
    pub about: Option<Option<String>>,
    /// His new picture, or none.
    pub picture: Option<Option<PictureAddress>>,
}

/// Which name another member has, or what else stands in the way of making or changing a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The username.
    Username,
    /// A nickname that looks the same.
    Nickname,
    /// The picture is no upload of his.
    Picture,
    /// He has left.
    Left,
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

/// An auction with its item and who sells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuctionRow {
    /// What the rules look at.
    pub auction: Auction,
    /// What is sold.
    pub item: Item,
    /// What is known of each of its pictures, in their order.
    pub pictures: Vec<PictureRow>,
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
    /// How worn it is.
    pub condition: Option<auction::Condition>,
    /// Only what stands in one of these regions, all of them so near; instead of `region`, and of what is nationwide.
    pub near: Option<Near>,
    /// Only what ends at that time or before.
    pub ends_by: Option<Time>,
    /// Only what its last bid would buy: without a reserve, or with one that is met.
    pub reserve_met: bool,
    /// Only what has a buy-now price.
    pub buy_now: bool,
    /// Only what has a picture.
    pub pictured: bool,
    /// In which order.
    pub sort: Sort,
}

/// The regions near a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Near {
    /// Each region's number and how many metres off its centre lies, nearest first, at most [`NEARBY_MAX`].
    pub regions: Vec<(i64, i64)>,
}

/// The most regions that are near a place: more than lie within 20 km of any centre.
pub const NEARBY_MAX: usize = 1_500;

/// What a search has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// A page of it.
    pub page: Paged<ListingRow>,
    /// How much there is in all, where that is known without looking at more.
    pub count: Option<Count>,
}

/// How many, as far as they were counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// At least so many, at most [`COUNTED_MAX`].
    pub least: usize,
    /// Whether there may be more.
    pub has_more: bool,
}

/// Up to how many listings are counted and ranked.
pub const COUNTED_MAX: usize = 2_000;

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
    /// What answers the words best, of the newest [`COUNTED_MAX`] that hold them; without words, the newest.
    Best,
    /// What stands nearest, of the nearest [`COUNTED_MAX`]; the newest, if no nearness was asked for.
    Nearest,
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
    /// The first picture, if there is one.
    pub picture: Option<CardPicture>,
    /// Whether there is a reserve that is not met.
    pub is_below_reserve: bool,
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
    /// The first picture, if there is one.
    pub picture: Option<CardPicture>,
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
    /// The middle of a 읍/면/동.
    pub centre: Option<Centre>,
}

/// A place on the map, in millionths of a degree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Centre {
    /// North of the equator.
    pub latitude: i64,
    /// East of Greenwich.
    pub longitude: i64,
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
