//! What the web's door takes and gives of a member himself: how he presents himself, what he has sold, what is his to take
//! along, and that he leaves.

use async_trait::async_trait;
use auction::{AuctionId, Seq, Span, Time};
use ledger::{MemberId, Money};

use super::pictures::PictureRow;
use super::{ListingRow, Page, Paged, QuestionRow, ReviewRow, Session};
use crate::failure::Result;

/// The most characters that a member says about himself.
pub const ABOUT_CHARS_MAX: usize = 300;

/// How far back answers count towards how fast a seller answers.
pub const ANSWERS_COUNT_FOR: Span = Span::days(90);

/// From how many answers on it is said how fast a seller answers.
pub const ANSWERS_MIN: usize = 3;

/// How many of his newest auctions, and how many answers of these, are looked at for it.
pub const ANSWERS_LOOKED_AT: usize = 500;

/// How a member presents himself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// What he says about himself.
    pub about: Option<String>,
    /// His picture.
    pub picture: Option<PictureRow>,
    /// Half of his answers of the last [`ANSWERS_COUNT_FOR`] took no longer; none below [`ANSWERS_MIN`] of them.
    pub answers_within: Option<Span>,
    /// When he left; his name says no more who he was.
    pub left_at: Option<Time>,
}

/// Which of a member's auctions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// Those that are not over.
    Live,
    /// Those that do not take bids yet.
    Scheduled,
    /// Those that have begun and are not over.
    Open,
    /// Those that are over.
    Ended,
}

/// What a member sold on one day, and did not have to give back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoldOn {
    /// Which day: how many days after the moment that was asked for.
    pub day: i64,
    /// How many things.
    pub count: i64,
    /// For how much in all.
    pub sum: i64,
    /// What their start prices were in all.
    pub start_sum: i64,
}

/// A bid that a member made, or that the house made for him.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnBid {
    /// On which auction.
    pub auction: AuctionId,
    /// Its number there.
    pub seq: Seq,
    /// What it was.
    pub kind: auction::EventKind,
    /// How much.
    pub amount: Money,
    /// When.
    pub at: Time,
}

/// What still ties a member to the market. Whoever leaves leaves nothing behind that is owed by him or to him.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ties {
    /// That he is suspended: whoever leaves may sign up anew, and nothing of him is kept by which he would be known.
    pub is_suspended: bool,
    /// That he is an admin, and there is no other who can do anything.
    pub is_last_admin: bool,
    /// What he may use, where money is worth anything: play money, which nobody can take out, ties nobody.
    pub available: Money,
    /// What is held by his leading bids.
    pub held: Money,
    /// His withdrawals that wait to be paid out.
    pub withdrawals: i64,
    /// What he lacks after deposits of his were taken back.
    pub owed: Money,
    /// His auctions that are not over.
    pub auctions: i64,
    /// His auctions that are over and are being offered to another bidder.
    pub offers: i64,
    /// His orders that are under way, as buyer and as seller.
    pub orders: i64,
}

impl Ties {
    /// Whether nothing ties him any more.
    pub fn are_none(&self) -> bool {
        *self == Ties::default()
    }
}

/// A member's wish to leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// Who.
    pub member: MemberId,
    /// The hash of the password by which he was recognised.
    pub known: String,
    /// What he is called from now on.
    pub nickname: String,
    /// When.
    pub at: Time,
}

/// Nothing was kept: whoever it was for has left, or there is no such member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left;

/// Why a member could not leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemovalRefused {
    /// His password is another than the one he was recognised by, or he has left already.
    Password,
    /// He is still tied to the market.
    Tied(Ties),
}

/// The part of the web's door that is about a member himself.
#[async_trait]
pub trait ProfileRecords: Send + Sync {
    /// How a member presents himself, as of `now`; `None` if there is no such member.
    async fn profile(&self, member: MemberId, now: Time) -> Result<Option<Profile>>;
    /// A member's auctions of one kind as they stand, newest first.
    async fn shelf(&self, member: MemberId, shelf: Shelf, page: Page) -> Result<Paged<ListingRow>>;
    /// What a member sold at or after `from` and before `until`, by days of 24 hours after `from`, without those on which he
    /// sold nothing. What was given back counts no more.
    async fn sold(&self, seller: MemberId, from: Time, until: Time) -> Result<Vec<SoldOn>>;
    /// A member's bids, by auction and number.
    async fn own_bids(&self, member: MemberId, page: Page) -> Result<Paged<OwnBid>>;
    /// The reviews that a member wrote, shown or not, newest first.
    async fn own_reviews(&self, author: MemberId, page: Page) -> Result<Paged<ReviewRow>>;
    /// The questions that a member asked, newest first.
    async fn own_questions(&self, asker: MemberId, page: Page) -> Result<Paged<QuestionRow>>;
    /// The questions that a member answered under his auctions, by auction, newest first.
    async fn own_answers(&self, seller: MemberId, page: Page) -> Result<Paged<QuestionRow>>;
    /// Whom a member blocks from bidding, and since when, by number.
    async fn own_blocks(&self, seller: MemberId, page: Page) -> Result<Paged<(MemberId, Time)>>;
    /// A member's sessions, also those that have expired; at most [`super::PAGE_ROWS_MAX`].
    async fn own_sessions(&self, member: MemberId) -> Result<Vec<Session>>;
    /// What still ties a member to the market.
    async fn ties(&self, member: MemberId) -> Result<Ties>;
    /// Lets a member leave, unless something ties him: what is personal is erased, what he left in books of the market stays
    /// under the name that is handed in. No round of his runs meanwhile, and none after it finds him able to do anything.
    async fn remove_member(&self, removal: Removal) -> Result<std::result::Result<(), RemovalRefused>>;
}

/// What is said of so many answers that took so long each, in any order: the time within which half of them came.
pub fn answers_within(mut took: Vec<i64>) -> Option<Span> {
    took.sort_unstable();
    let middle = took.len().checked_sub(1)? / 2;
    took.get(middle).copied().filter(|_| took.len() >= ANSWERS_MIN).map(Span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_answers_came_within() {
        for (took, within) in [
            (vec![], None),
            (vec![5], None),
            (vec![5, 6], None),
            (vec![9, 1, 5], Some(5)),
            (vec![9, 1, 5, 7], Some(5)),
            (vec![0, 0, 100], Some(0)),
        ] {
            assert_eq!(answers_within(took.clone()), within.map(Span), "{took:?}");
        }
    }

    #[test]
    fn any_tie_ties() {
        assert!(Ties::default().are_none());
        for tied in [
            Ties { available: Money::WON, ..Ties::default() },
            Ties { held: Money::WON, ..Ties::default() },
            Ties { owed: Money::WON, ..Ties::default() },
            Ties { withdrawals: 1, ..Ties::default() },
            Ties { auctions: 1, ..Ties::default() },
            Ties { offers: 1, ..Ties::default() },
            Ties { orders: 1, ..Ties::default() },
        ] {
            assert!(!tied.are_none(), "{tied:?}");
        }
    }
}
