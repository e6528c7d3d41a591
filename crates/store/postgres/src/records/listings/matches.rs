//! Searching by words: the newest listings that hold all of them.
//!
//! Of words that few titles hold, the index of words tells all matches. Words that very many hold are met soon by going
//! back from the newest; only where a long look back meets few, as of words that went out of use, has the index to tell
//! all of them after all.

use std::cmp::Reverse;

use store::records::{ListingRow, Paged, Sort};
use store::words::sought;

use super::{MATCHES_MAX, Place, Seen, Wanted, of_auctions};
use crate::pool::{Connection, Value};
use crate::rows::Result;
use store::pages;

/// Up to how many matches the index of words is asked for all of them.
const MATCHES_TOLD_MAX: usize = 20_000;

/// How many titles a look back from the newest goes through.
const LOOKS_BACK_MAX: i64 = 200_000;

/// How many matches are looked at together.
const STRETCH: usize = 250;

/// The longest token that PostgreSQL can hold, in bytes; no title has a longer one.
const TOKEN_BYTES_MAX: usize = 2_046;

/// The page of what holds all of the words: newest first without end, in any other order of the newest matches.
pub(super) async fn page(store: &Connection, wanted: &Wanted, words: &str) -> Result<Paged<ListingRow>> {
    let Some(expression) = expression(words) else { return Ok(pages::empty()) };
    let is_newest = wanted.sort == Sort::Newest;
    let before = if is_newest { wanted.after.auction } else { i64::MAX };
    let enough = if is_newest { wanted.limit + 1 } else { MATCHES_MAX };
    let mut seen = Seen::default();
    let newest = newest(store, &expression, before).await?;
    'looking: for auctions in newest.chunks(STRETCH) {
        let mut rows = of_auctions(store, &wanted.sieve, auctions).await?;
        rows.sort_by_key(|row| Reverse(row.auction));
        for row in rows {
            let place = Place::of(wanted.sort, &row);
            seen.rows.push(row);
            if seen.rows.len() == enough {
                seen.stopped = Some(place);
                break 'looking;
            }
        }
    }
    if seen.stopped.is_none() && newest.len() == MATCHES_MAX {
        seen.stopped = newest.last().map(|auction| Place { value: 0, auction: *auction });
    }
    if !is_newest {
        seen.stopped = None;
    }
    Ok(wanted.page_of_seen(seen))
}

/// The newest matches before that auction, newest first, at most [`MATCHES_MAX`].
async fn newest(store: &Connection, expression: &str, before: i64) -> Result<Vec<i64>> {
    let (told_max, matches_max) = (MATCHES_TOLD_MAX as i64 + 1, MATCHES_MAX as i64);
    let mut found = auctions(store, ALL, &[&expression, &before, &told_max]).await?;
    if found.len() > MATCHES_TOLD_MAX {
        found = auctions(store, NEWEST, &[&expression, &before, &matches_max, &LOOKS_BACK_MAX]).await?;
        if found.len() < MATCHES_MAX {
            found = auctions(store, NEWEST_OF_ALL, &[&expression, &before, &matches_max]).await?;
        }
    }
    found.sort_unstable_by_key(|auction| Reverse(*auction));
    found.truncate(MATCHES_MAX);
    Ok(found)
}

async fn auctions(store: &Connection, sql: &str, values: &[Value<'_>]) -> Result<Vec<i64>> {
    store.query(sql, values).await?.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// The matches, in any order; the sum keeps the plan away from every index but that of words.
pub(crate) const ALL: &str =
    "SELECT auction FROM listing_words WHERE words @@ $1::text::tsquery AND auction + 0 < $2 LIMIT $3";

/// The matches among the newest titles.
pub(crate) const NEWEST: &str = "SELECT auction FROM \
     (SELECT auction, words FROM listing_words WHERE auction < $2 ORDER BY auction DESC LIMIT $4) newest \
     WHERE words @@ $1::text::tsquery LIMIT $3";

/// The newest of all matches.
pub(crate) const NEWEST_OF_ALL: &str = "SELECT auction FROM listing_words \
     WHERE words @@ $1::text::tsquery AND auction + 0 < $2 ORDER BY auction + 0 DESC LIMIT $3";

/// The words as the index is asked for them: each token quoted, so that none is taken for an operator; all of them.
/// `None` if there is not one letter or digit to look for, or a word that no title can hold.
fn expression(words: &str) -> Option<String> {
    let sought = sought(words);
    if sought.is_empty() || sought.iter().any(|sought| sought.token.len() > TOKEN_BYTES_MAX) {
        return None;
    }
    let quoted = |token: &str| format!("'{}'", token.replace('\\', "\\\\").replace('\'', "''"));
    let terms: Vec<String> = sought
        .iter()
        .map(|sought| format!("{}{}", quoted(&sought.token), if sought.prefix { ":*" } else { "" }))
        .collect();
    Some(terms.join(" & "))
}

/// The tokens to keep for a title: one after another, apart by a space, which none of them holds.
pub(crate) fn kept(title: &str) -> String {
    let tokens = store::words::tokens(title);
    let fitting: Vec<String> = tokens.into_iter().filter(|token| token.len() <= TOKEN_BYTES_MAX).collect();
    fitting.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_taken_for_an_operator() {
        assert_eq!(expression("의자를 LG").as_deref(), Some("'의자' & '자를' & 'lg':*"));
        assert_eq!(expression("a | !b").as_deref(), Some("'a':* & 'b':*"));
        assert_eq!(expression(" '\\ ! "), None);
        assert_eq!(expression(&"a".repeat(TOKEN_BYTES_MAX + 1)), None);
        assert!(expression(&"a".repeat(TOKEN_BYTES_MAX)).is_some());
    }
}
