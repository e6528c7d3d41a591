//! Searching by words: the newest listings that hold all of them.

use rusqlite::{Connection, Result};
use store::records::{ListingRow, Paged, Sort};
use store::words::sought;

use super::{LISTING_COLUMNS, MATCHES_MAX, Wanted};
use store::pages;

/// The page of what holds all of the words: newest first without end, in any other order of the newest matches.
pub(super) fn page(connection: &Connection, wanted: &Wanted, words: &str) -> Result<Paged<ListingRow>> {
    let Some(expression) = expression(words) else { return Ok(pages::empty()) };
    let is_newest = wanted.sort == Sort::Newest;
    let before = if is_newest { wanted.after.auction } else { i64::MAX };
    let enough = if is_newest { wanted.limit + 1 } else { MATCHES_MAX };
    let mut statement = connection.prepare_cached(&sql())?;
    let mut rows = statement.query((expression, before))?;
    let mut seen = wanted.look(&mut rows, enough, MATCHES_MAX)?;
    if !is_newest {
        seen.stopped = None;
    }
    Ok(wanted.page_of_seen(seen))
}

/// The matches, newest first; read one by one, as far as the page needs them.
pub(crate) fn sql() -> String {
    format!(
        "SELECT {LISTING_COLUMNS} FROM listing_words CROSS JOIN listings ON listings.auction = listing_words.rowid \
         WHERE listing_words MATCH ?1 AND listing_words.rowid < ?2 ORDER BY listing_words.rowid DESC"
    )
}

/// The words as the index is asked for them: each token quoted, so that none is taken for an operator; all of them.
/// `None` if there is not one letter or digit to look for.
fn expression(words: &str) -> Option<String> {
    let quoted = |token: &str| format!("\"{}\"", token.replace('"', "\"\""));
    let terms: Vec<String> = sought(words)
        .iter()
        .map(|sought| format!("{}{}", quoted(&sought.token), if sought.prefix { "*" } else { "" }))
        .collect();
    (!terms.is_empty()).then(|| terms.join(" "))
}
