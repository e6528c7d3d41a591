//! Keeping the pictures of items: numbered anew whenever the item is described anew.

use auction::Item;
use rusqlite::{Connection, Result};

use super::expect_one;

/// Those of an item.
pub(super) const NEW: &str =
    "INSERT INTO item_pictures (item, place, address, member, alt) VALUES (?1, ?2, ?3, ?4, ?5)";

/// Those that an auction keeps whose item is auctioned again.
pub(super) const OLD: &str =
    "INSERT INTO old_pictures (auction, place, address, member, alt) VALUES (?1, ?2, ?3, ?4, ?5)";

/// Writes all pictures of what is sold, by one of the two statements.
pub(super) fn keep(connection: &Connection, sql: &str, of: i64, item: &Item) -> Result<()> {
    for (place, picture) in (1_i64..).zip(&item.pictures) {
        let values = (of, place, picture.address, item.seller.0, &picture.alt);
        expect_one(connection.prepare_cached(sql)?.execute(values)?, "a picture of an item")?;
    }
    Ok(())
}

/// Writes them where there may be others.
pub(super) fn replace(connection: &Connection, of: i64, item: &Item) -> Result<()> {
    connection.prepare_cached("DELETE FROM item_pictures WHERE item = ?1")?.execute([of])?;
    keep(connection, NEW, of, item)
}
