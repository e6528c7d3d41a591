//! Searching by words: the newest listings that hold all of them.

use rusqlite::{Connection, Result};
use store::listings::Wanted;
use store::pages;
use store::records::{Count, Found, Sort};
use store::words::{Sought, Token, sought};

use super::{GLANCE_COLUMNS, MATCHES_MAX, in_rows, look};

/// The page of what holds all of the words: newest first without end, in any other order of the newest matches.
pub(super) fn page(connection: &Connection, wanted: &Wanted, words: &str) -> Result<Found> {
    let Some(expression) = expression(words) else { return Ok(Found { page: pages::empty(), count: None }) };
    let is_newest = wanted.sort == Sort::Newest;
    let before = if is_newest { wanted.after.auction } else { i64::MAX };
    let enough = if is_newest { wanted.limit + 1 } else { MATCHES_MAX };
    let mut statement = connection.prepare_cached(&sql())?;
    let mut rows = statement.query((expression, before))?;
    let mut seen = look(wanted, &mut rows, enough, MATCHES_MAX)?;
    if is_newest {
        return Ok(Found { page: in_rows(connection, wanted.page_of(seen))?, count: None });
    }
    let count = Count { least: seen.rows.len(), has_more: seen.stopped.take().is_some() };
    Ok(Found { page: in_rows(connection, wanted.page_of(seen))?, count: Some(count) })
}

/// The matches, newest first; read one by one, as far as the page needs them.
pub(crate) fn sql() -> String {
    format!(
        "SELECT {GLANCE_COLUMNS} FROM listing_words CROSS JOIN listings ON listings.auction = listing_words.rowid \
         WHERE listing_words MATCH ?1 AND listing_words.rowid < ?2 ORDER BY listing_words.rowid DESC"
    )
}

/// The words as the index is asked for them: each token quoted, so that none is taken for an operator; all of them.
/// `None` if there is not one letter or digit to look for.
pub(crate) fn expression(words: &str) -> Option<String> {
    let terms: Vec<String> = sought(words).iter().map(term).collect();
    (!terms.is_empty()).then(|| terms.join(" AND "))
}

fn term(Sought { any }: &Sought) -> String {
    let all = |tokens: &Vec<Token>| {
        let tokens: Vec<String> = tokens.iter().map(quoted).collect();
        if tokens.len() > 1 { format!("({})", tokens.join(" AND ")) } else { tokens.concat() }
    };
    let any: Vec<String> = any.iter().map(all).collect();
    if any.len() > 1 { format!("({})", any.join(" OR ")) } else { any.concat() }
}

fn quoted(token: &Token) -> String {
    format!("\"{}\"{}", token.text.replace('"', "\"\""), if token.prefix { "*" } else { "" })
}
