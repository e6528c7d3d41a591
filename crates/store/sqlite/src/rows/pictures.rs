//! Rows of pictures: those of an item in one column, the first of them for lists, and what is known of each.

use auction::{Picture, PictureAddress};
use rusqlite::types::Type;
use rusqlite::{Error, Result, Row};
use store::records::{CardPicture, PictureRow};

/// All pictures of what an auction sells in one column, in the order in which they are shown: of the item `i`, or as they
/// stood in `h`. One line for each, its address in hexadecimal and its words: these are a line by the rules.
macro_rules! all_columns {
    () => {
        "CASE WHEN h.auction IS NULL \
         THEN (SELECT group_concat(hex(p.address) || p.alt, char(10) ORDER BY p.place) FROM item_pictures p \
         WHERE p.item = i.id) \
         ELSE (SELECT group_concat(hex(p.address) || p.alt, char(10) ORDER BY p.place) FROM old_pictures p \
         WHERE p.auction = h.auction) END"
    };
}
pub(crate) use all_columns;

/// How many characters an address has in hexadecimal.
const ADDRESS_DIGITS: usize = 64;

/// The first picture of what an auction `a` sells, to be joined behind its item `i` and its history `h`.
pub(crate) const FIRST: &str = "LEFT JOIN item_pictures ip ON ip.item = i.id AND ip.place = 1 \
     LEFT JOIN old_pictures op ON op.auction = a.id AND op.place = 1 \
     LEFT JOIN pictures p ON p.address = CASE WHEN h.auction IS NULL THEN ip.address ELSE op.address END";

/// What lists show of it, in the order in which [`card`] reads it.
macro_rules! card_columns {
    () => {
        "p.address, CASE WHEN p.address IS NULL THEN NULL WHEN h.auction IS NULL THEN ip.alt ELSE op.alt END, \
         p.width, p.height, p.colour"
    };
}
pub(crate) use card_columns;

/// How many columns these are.
pub(crate) const CARD_WIDTH: usize = 5;

/// A picture's columns, in the order in which [`picture`] reads them.
pub(crate) const PICTURE_COLUMNS: &str = "address, width, height, colour, sizes, bytes";

/// Reads all pictures from column `at`.
pub(crate) fn all(row: &Row<'_>, at: usize) -> Result<Vec<Picture>> {
    let Some(lines) = row.get_ref(at)?.as_str_or_null()? else { return Ok(Vec::new()) };
    let torn = || Error::FromSqlConversionFailure(at, Type::Text, "not a line for each picture".into());
    lines.split('\n').map(|line| of_line(line).ok_or_else(torn)).collect()
}

fn of_line(line: &str) -> Option<Picture> {
    let (digits, alt) = line.split_at_checked(ADDRESS_DIGITS)?;
    let mut address: PictureAddress = [0; 32];
    for (byte, digits) in address.iter_mut().zip(digits.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(Picture { address, alt: alt.to_owned() })
}

/// Reads the first picture whose address is column `at`.
pub(crate) fn card(row: &Row<'_>, at: usize) -> Result<Option<CardPicture>> {
    let Some(address) = row.get::<_, Option<PictureAddress>>(at)? else { return Ok(None) };
    let (alt, width, height, colour) =
        (row.get(at + 1)?, row.get(at + 2)?, row.get(at + 3)?, row.get(at + 4)?);
    Ok(Some(CardPicture { address, alt, width, height, colour }))
}

/// Reads what is known of a picture.
pub(crate) fn picture(row: &Row<'_>) -> Result<PictureRow> {
    Ok(PictureRow {
        address: row.get(0)?,
        width: row.get(1)?,
        height: row.get(2)?,
        colour: row.get(3)?,
        sizes: row.get(4)?,
        bytes: row.get(5)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_an_address_and_words() {
        let hex = "AB".repeat(32);
        let read = |alt: &str| of_line(&format!("{hex}{alt}"));
        for alt in ["", "앞모습", "  "] {
            assert_eq!(read(alt), Some(Picture { address: [0xAB; 32], alt: alt.to_owned() }));
        }
        for torn in
            [String::new(), hex[1..].to_owned(), format!("{}가", &hex[2..]), format!("zz{}", &hex[2..])]
        {
            assert_eq!(of_line(&torn), None, "{torn}");
        }
    }
}
