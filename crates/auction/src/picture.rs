//! Pictures of an item: named by their contents, in the seller's order, each with words for those who do not see it.
//!
//! The rules know a picture by its address alone. That it was uploaded, by whom, and what it measures is the store's to say.

use ledger::MemberId;

use crate::listing::{FieldCode, FieldInvalid, wrong};
use crate::refusal::Refusal;
use crate::text::{Lines, text_fault};

/// SHA-256 of what was uploaded. Whoever has the same file has the same address.
pub type PictureAddress = [u8; 32];

/// The most pictures of an item.
pub const PICTURES_MAX: usize = 10;

/// The most characters of a picture's words, which are one line.
pub const ALT_CHARS_MAX: usize = 200;

/// A picture of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Which.
    pub address: PictureAddress,
    /// What is seen on it, in the seller's words; may be empty.
    pub alt: String,
}

/// How a list of pictures is called where its faults are named.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named {
    list: &'static str,
    alts: [&'static str; PICTURES_MAX],
}

/// The pictures of a listing.
pub(crate) const PICTURES: Named = Named {
    list: "pictures",
    alts: [
        "pictures[0].alt",
        "pictures[1].alt",
        "pictures[2].alt",
        "pictures[3].alt",
        "pictures[4].alt",
        "pictures[5].alt",
        "pictures[6].alt",
        "pictures[7].alt",
        "pictures[8].alt",
        "pictures[9].alt",
    ],
};

/// Pictures that are appended.
pub(crate) const ADDED: Named = Named {
    list: "add_pictures",
    alts: [
        "add_pictures[0].alt",
        "add_pictures[1].alt",
        "add_pictures[2].alt",
        "add_pictures[3].alt",
        "add_pictures[4].alt",
        "add_pictures[5].alt",
        "add_pictures[6].alt",
        "add_pictures[7].alt",
        "add_pictures[8].alt",
        "add_pictures[9].alt",
    ],
};

/// What is wrong with a list of pictures that comes behind those `before` it: `too_long` if they are more than
/// [`PICTURES_MAX`] together, `invalid` if one is there twice, and what is wrong with the words of each.
pub(crate) fn faults(named: &Named, before: &[Picture], pictures: &[Picture]) -> Vec<FieldInvalid> {
    let many = before.len().saturating_add(pictures.len()) > PICTURES_MAX;
    let is_twice = pictures.iter().enumerate().any(|(place, picture)| {
        let earlier = before.iter().chain(pictures.iter().take(place));
        earlier.into_iter().any(|other| other.address == picture.address)
    });
    let list = if many { Some(FieldCode::TooLong) } else { is_twice.then_some(FieldCode::Invalid) };
    let alts = named.alts.iter().zip(pictures).filter_map(|(field, picture)| {
        let fault = text_fault(&picture.alt, 0, ALT_CHARS_MAX, Lines::One);
        fault.map(|code| wrong(field, code))
    });
    list.map(|code| wrong(named.list, code)).into_iter().chain(alts).collect()
}

/// Each picture was uploaded by the seller. `uploaded` is sorted, and holds at least those of these that are.
///
/// # Errors
/// [`Refusal::PictureNotFound`] with the place of the first that was not: whether somebody else has it is nobody's business.
pub(crate) fn all_uploaded(
    pictures: &[Picture],
    seller: MemberId,
    uploaded: &[(MemberId, PictureAddress)],
) -> Result<(), Refusal> {
    let is_missing = |picture: &Picture| uploaded.binary_search(&(seller, picture.address)).is_err();
    match pictures.iter().position(is_missing) {
        Some(index) => Err(Refusal::PictureNotFound { index: i64::try_from(index).unwrap_or(i64::MAX) }),
        None => Ok(()),
    }
}
