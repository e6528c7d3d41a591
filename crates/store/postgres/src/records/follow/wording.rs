//! Words of listings: made with each new or edited listing, and made anew where an older rule or an import made them.

use crate::pool::Connection;
use crate::records::listings::matches;
use crate::rows::{Result, history, word};

use super::take_turn;

/// How many listings get new words together.
const TOGETHER_MAX: i64 = 200;

/// The words of what these auctions sell.
const TEXTS: &str = concat!(
    "SELECT a.id, ",
    word!("title"),
    ", ",
    word!("description"),
    " FROM unnest($1::bigint[]) AS wanted (auction) JOIN auctions a ON a.id = wanted.auction \
     JOIN items i ON i.id = a.item",
    history!()
);

/// Writes the words of listings, in place of those they have.
pub(super) async fn word(store: &Connection, auctions: &[i64]) -> Result<()> {
    if auctions.is_empty() {
        return Ok(());
    }
    let (mut numbers, mut words): (Vec<i64>, Vec<String>) = (Vec::new(), Vec::new());
    for row in store.query(TEXTS, &[&auctions]).await? {
        numbers.push(row.try_get(0)?);
        words.push(matches::kept(row.try_get(1)?, row.try_get(2)?));
    }
    let sql = "INSERT INTO listing_words (auction, words) \
               SELECT auction, array_to_tsvector(string_to_array(words, ' ')) \
               FROM unnest($1::bigint[], $2::text[]) AS w (auction, words) \
               ON CONFLICT (auction) DO UPDATE SET words = excluded.words";
    store.execute(sql, &[&numbers, &words]).await.map(|_| ())
}

/// Those whose words wait to be made anew.
pub(in crate::records) const WAITING: &str = "SELECT auction FROM unworded ORDER BY auction DESC LIMIT $1";

/// Whether words wait to be made anew.
pub(in crate::records) async fn waits(store: &Connection) -> Result<bool> {
    Ok(store.query_opt(WAITING, &[&1_i64]).await?.is_some())
}

/// Makes some of them; true if there may be more. Calls take turns, with following too.
pub(in crate::records) async fn make(store: &Connection) -> Result<bool> {
    take_turn(store).await?;
    let rows = store.query(WAITING, &[&TOGETHER_MAX]).await?;
    let waiting = rows.iter().map(|row| Ok(row.try_get(0)?)).collect::<Result<Vec<i64>>>()?;
    word(store, &waiting).await?;
    store.execute("DELETE FROM unworded WHERE auction = ANY($1)", &[&waiting]).await?;
    Ok(waiting.len() as i64 == TOGETHER_MAX)
}
