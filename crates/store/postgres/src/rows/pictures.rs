//! Rows of pictures: those of an item in two columns, the first of them for lists, and what is known of each.

use auction::{Picture, PictureAddress};
use store::records::{CardPicture, PictureRow};
use tokio_postgres::Row;

use super::Result;
use crate::failure::Fault;

/// All pictures of what an auction sells in two columns, addresses and words, in the order in which they are shown: of the
/// item `i`, or as they stood in `h`.
macro_rules! all_columns {
    () => {
        "CASE WHEN h.auction IS NULL \
         THEN ARRAY(SELECT p.address FROM item_pictures p WHERE p.item = i.id ORDER BY p.place) \
         ELSE ARRAY(SELECT p.address FROM old_pictures p WHERE p.auction = h.auction ORDER BY p.place) END, \
         CASE WHEN h.auction IS NULL \
         THEN ARRAY(SELECT p.alt FROM item_pictures p WHERE p.item = i.id ORDER BY p.place) \
         ELSE ARRAY(SELECT p.alt FROM old_pictures p WHERE p.auction = h.auction ORDER BY p.place) END"
    };
}
pub(crate) use all_columns;

/// The first picture of what an auction `a` sells, to be joined behind its item `i` and its history `h`.
macro_rules! first {
    () => {
        " LEFT JOIN item_pictures ip ON ip.item = i.id AND ip.place = 1 \
         LEFT JOIN old_pictures op ON op.auction = a.id AND op.place = 1 \
         LEFT JOIN pictures p ON p.address = CASE WHEN h.auction IS NULL THEN ip.address ELSE op.address END "
    };
}
pub(crate) use first;

/// The words of that picture.
macro_rules! first_alt {
    () => {
        "CASE WHEN p.address IS NULL THEN NULL WHEN h.auction IS NULL THEN ip.alt ELSE op.alt END"
    };
}
pub(crate) use first_alt;

/// What lists show of it, in the order in which [`card`] reads it.
macro_rules! card_columns {
    () => {
        concat!("p.address, ", $crate::rows::pictures::first_alt!(), ", p.width, p.height, p.colour")
    };
}
pub(crate) use card_columns;

/// How many columns these are.
pub(crate) const CARD_WIDTH: usize = 5;

/// A picture's columns, in the order in which [`picture`] reads them.
macro_rules! picture_columns {
    () => {
        "address, width, height, colour, sizes, bytes"
    };
}
pub(crate) use picture_columns;

/// Reads all pictures from column `at` and the next.
pub(crate) fn all(row: &Row, at: usize) -> Result<Vec<Picture>> {
    let addresses: Vec<&[u8]> = row.try_get(at)?;
    let alts: Vec<String> = row.try_get(at + 1)?;
    if addresses.len() != alts.len() {
        return Err(Fault::Row(format!("column {at} holds more or fewer pictures than the next has words")));
    }
    let pictures = addresses.into_iter().zip(alts);
    pictures.map(|(bytes, alt)| Ok(Picture { address: address_of(bytes, at)?, alt })).collect()
}

/// Reads an address from column `at`.
pub(crate) fn address(row: &Row, at: usize) -> Result<PictureAddress> {
    address_of(row.try_get(at)?, at)
}

fn address_of(bytes: &[u8], at: usize) -> Result<PictureAddress> {
    bytes.try_into().map_err(|_| Fault::Row(format!("column {at} does not hold a picture's address")))
}

/// Reads the first picture whose address is column `at`.
pub(crate) fn card(row: &Row, at: usize) -> Result<Option<CardPicture>> {
    let Some(bytes) = row.try_get::<_, Option<&[u8]>>(at)? else { return Ok(None) };
    Ok(Some(CardPicture {
        address: address_of(bytes, at)?,
        alt: row.try_get(at + 1)?,
        width: row.try_get(at + 2)?,
        height: row.try_get(at + 3)?,
        colour: row.try_get(at + 4)?,
    }))
}

/// Reads what is known of a picture.
pub(crate) fn picture(row: &Row) -> Result<PictureRow> {
    Ok(PictureRow {
        address: address(row, 0)?,
        width: row.try_get(1)?,
        height: row.try_get(2)?,
        colour: row.try_get(3)?,
        sizes: row.try_get(4)?,
        bytes: row.try_get(5)?,
    })
}
