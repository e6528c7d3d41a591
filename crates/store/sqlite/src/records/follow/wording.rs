//! Words of listings: made with each new or edited listing, and made anew where an older rule or an import made them.

use rusqlite::{Connection, OptionalExtension, Result};

use crate::rows::{HISTORY, word};

/// How many listings get new words together.
const TOGETHER_MAX: i64 = 100;

/// Writes the words of a listing, in place of those it has.
pub(super) fn word(connection: &Connection, auction: i64) -> Result<()> {
    let sql = concat!(
        "SELECT ",
        word!("title"),
        ", ",
        word!("description"),
        " FROM auctions a JOIN items i ON i.id = a.item "
    );
    let sql = format!("{sql} {HISTORY} WHERE a.id = ?1");
    let texts = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
    let found = connection.prepare_cached(&sql)?.query_row([auction], texts).optional()?;
    let Some((title, description)) = found else { return Ok(()) };
    let words = store::words::kept(&title, &description).join(" ");
    connection.prepare_cached("DELETE FROM listing_words WHERE rowid = ?1")?.execute([auction])?;
    let sql = "INSERT INTO listing_words (rowid, words) VALUES (?1, ?2)";
    connection.prepare_cached(sql)?.execute((auction, words)).map(|_| ())
}

/// Whether words wait to be made anew.
pub(in crate::records) fn waits(connection: &Connection) -> Result<bool> {
    let found = connection.prepare_cached("SELECT 1 FROM unworded LIMIT 1")?.query_row([], |_| Ok(()));
    Ok(found.optional()?.is_some())
}

/// Makes some of them; true if there may be more.
pub(in crate::records) fn make(connection: &Connection) -> Result<bool> {
    let mut statement =
        connection.prepare_cached("SELECT auction FROM unworded ORDER BY auction DESC LIMIT ?1")?;
    let waiting: Vec<i64> = statement.query_map([TOGETHER_MAX], |row| row.get(0))?.collect::<Result<_>>()?;
    let mut done = connection.prepare_cached("DELETE FROM unworded WHERE auction = ?1")?;
    for auction in &waiting {
        word(connection, *auction)?;
        done.execute([auction])?;
    }
    Ok(waiting.len() as i64 == TOGETHER_MAX)
}
