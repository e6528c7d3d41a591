//! What the web's door takes and gives of pictures: what was uploaded, by whom, and what may go.
//!
//! A picture's bytes lie elsewhere, under its address. Whoever keeps them writes them, has the picture kept here, and then
//! looks whether they still lie there; whoever takes them away claims the picture first and has it forgotten last. So no
//! picture that is kept here lacks its bytes for longer than an upload takes.

use async_trait::async_trait;
use auction::{PictureAddress, Span, Time};
use ledger::MemberId;

use super::{Page, Paged};
use crate::failure::Result;

/// The most pictures that a member may upload within [`UPLOADS_COUNTED_FOR`] and use for nothing.
pub const UPLOADS_UNUSED_MAX: usize = 200;

/// For how long an upload counts that is used for nothing.
pub const UPLOADS_COUNTED_FOR: Span = Span::days(1);

/// For how long an upload is kept that is used for nothing.
pub const UPLOADS_KEPT: Span = Span::days(1);

/// For how long a claimed picture is nobody else's: longer than anybody needs to take its bytes away.
pub const CLAIMED_FOR: Span = Span::minutes(60);

/// A picture that somebody has uploaded, and that was made ready to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureRow {
    /// SHA-256 of what was uploaded.
    pub address: PictureAddress,
    /// How wide it is, in pixels.
    pub width: i64,
    /// How high it is, in pixels.
    pub height: i64,
    /// What it looks like before it is there: 0xRRGGBB.
    pub colour: i64,
    /// Which renditions there are; only whoever made them knows what it means.
    pub sizes: i64,
    /// How many bytes all of them take.
    pub bytes: i64,
}

/// An upload to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewPicture {
    /// What was uploaded. Of a picture that is known already nothing is changed.
    pub picture: PictureRow,
    /// By whom.
    pub member: MemberId,
    /// When.
    pub at: Time,
}

/// Why an upload is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureRefused {
    /// The member has uploaded [`UPLOADS_UNUSED_MAX`] pictures of late and uses none of them.
    TooMany,
    /// The same file is just being taken away: it must be uploaded again in a moment.
    Going,
    /// The member has left, or there is none.
    Left,
}

/// Whose upload of which picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Upload {
    /// Which picture.
    pub address: PictureAddress,
    /// Whose.
    pub member: MemberId,
}

/// The first picture of what an auction sells, as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardPicture {
    /// Which.
    pub address: PictureAddress,
    /// The seller's words for it.
    pub alt: String,
    /// How wide it is, in pixels.
    pub width: i64,
    /// How high it is, in pixels.
    pub height: i64,
    /// What it looks like before it is there: 0xRRGGBB.
    pub colour: i64,
}

/// The part of the web's door that is about pictures.
#[async_trait]
pub trait PictureRecords: Send + Sync {
    /// Keeps an upload; once more, if it was kept before, and then it is as young as the newest.
    async fn keep_picture(&self, new: NewPicture) -> Result<std::result::Result<(), PictureRefused>>;
    /// Whether the member may upload one more picture that nobody has yet, by what is known at `at`: asked before its bytes are
    /// written, so that nothing lies there of what is refused. [`PictureRecords::keep_picture`] stays the judge; never `Going`.
    async fn may_upload(&self, member: MemberId, at: Time)
    -> Result<std::result::Result<(), PictureRefused>>;
    /// Those of these pictures that there are, in no order; only the first [`super::PAGE_ROWS_MAX`] are looked at.
    async fn pictures(&self, addresses: &[PictureAddress]) -> Result<Vec<PictureRow>>;
    /// What is known of a picture that this member has uploaded; none if he has not, or if his upload was removed.
    async fn uploaded_picture(&self, upload: Upload) -> Result<Option<PictureRow>>;
    /// Uploads from before that moment that no item and no old auction of their members shows, by address. A page is a bounded
    /// look: it may hold few of them, even none, and not be the last.
    async fn unused_pictures(&self, before: Time, page: Page) -> Result<Paged<Upload>>;
    /// Removes an upload from before that moment that still is unused; whether it did. One that is being listed at the same
    /// time is listed or removed, never both.
    async fn remove_picture(&self, upload: Upload, before: Time) -> Result<bool>;
    /// Claims pictures that nobody has any more, for [`CLAIMED_FOR`]: the caller takes their bytes away, and has each forgotten.
    /// Until then nobody can upload them.
    async fn claim_pictures(&self, now: Time, limit: usize) -> Result<Vec<PictureAddress>>;
    /// Claims addresses that no picture is known of, as [`PictureRecords::claim_pictures`] claims pictures: those of them whose
    /// bytes the caller may take away, as nobody can upload them until each is forgotten. Only the first
    /// [`super::PAGE_ROWS_MAX`] are looked at. If the caller never returns they are claimed again like any other.
    async fn claim_strays(&self, addresses: &[PictureAddress], now: Time) -> Result<Vec<PictureAddress>>;
    /// Forgets a picture whose bytes are gone, if it was claimed at that moment and by nobody since; whether it did.
    async fn forget_picture(&self, address: PictureAddress, claimed_at: Time) -> Result<bool>;
}
