//! Searching by words: the newest listings that hold all of them.
//!
//! Of words that few titles hold, the index of words tells all matches. Words that very many hold are met soon by going
//! back from the newest; only where a long look back meets few, as of words that went out of use, has the index to tell
//! all of them after all.

use std::cmp::Reverse;

use store::listings::{Place, Seen, Wanted};
use store::pages;
use store::records::{Count, Found, Sort};
use store::words::{Sought, Token, sought};

use super::{MATCHES_MAX, in_rows, of_auctions};
use crate::pool::{Connection, Value};
use crate::rows::Result;

/// Up to how many matches the index of words is asked for all of them.
const MATCHES_TOLD_MAX: usize = 20_000;

/// How many titles a look back from the newest goes through.
const LOOKS_BACK_MAX: i64 = 200_000;

/// How many matches are looked at together where a page may be full of the first of them.
const STRETCH: usize = 250;

/// The page of what holds all of the words: newest first without end, in any other order of the newest matches.
pub(super) async fn page(store: &Connection, wanted: &Wanted, words: &str) -> Result<Found> {
    let Some(expression) = expression(words) else { return Ok(Found { page: pages::empty(), count: None }) };
    let is_newest = wanted.sort == Sort::Newest;
    let before = if is_newest { wanted.after.auction } else { i64::MAX };
    let enough = if is_newest { wanted.limit + 1 } else { MATCHES_MAX };
    let together = if is_newest { STRETCH } else { MATCHES_MAX };
    let mut seen = Seen::default();
    let newest = newest(store, &expression, before).await?;
    for auctions in newest.chunks(together) {
        let mut found = of_auctions(store, wanted, auctions).await?;
        found.rows.sort_unstable_by_key(|(place, ())| Reverse(place.auction));
        seen.rows.extend(found.rows);
        if seen.rows.len() >= enough {
            seen.rows.truncate(enough);
            seen.stopped = seen.rows.last().map(|(place, ())| *place);
            break;
        }
    }
    if seen.stopped.is_none() && newest.len() == MATCHES_MAX {
        seen.stopped = newest.last().map(|auction| Place { value: 0, auction: *auction });
    }
    if is_newest {
        return Ok(Found { page: in_rows(store, wanted.page_of(seen)).await?, count: None });
    }
    let count = Count { least: seen.rows.len(), has_more: seen.stopped.take().is_some() };
    Ok(Found { page: in_rows(store, wanted.page_of(seen)).await?, count: Some(count) })
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
/// `None` if there is not one letter or digit to look for.
pub(crate) fn expression(words: &str) -> Option<String> {
    let terms: Vec<String> = sought(words).iter().map(term).collect();
    (!terms.is_empty()).then(|| terms.join(" & "))
}

fn term(Sought { any }: &Sought) -> String {
    let all = |tokens: &Vec<Token>| tokens.iter().map(quoted).collect::<Vec<_>>().join(" & ");
    let any: Vec<String> = any.iter().map(all).collect();
    if any.len() > 1 { format!("({})", any.join(" | ")) } else { any.concat() }
}

fn quoted(token: &Token) -> String {
    let text = token.text.replace('\\', "\\\\").replace('\'', "''");
    format!("'{text}'{}", if token.prefix { ":*" } else { "" })
}

/// The tokens to keep for a title and its description: one after another, apart by a space, which none of them holds.
pub(crate) fn kept(title: &str, description: &str) -> String {
    store::words::kept(title, description).join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_taken_for_an_operator() {
        for (words, expected) in [
            ("의자를 LG", Some("'의자' & 'lg':*")),
            ("a | !b", Some("'a':* & 'b':*")),
            ("책상", Some("('책상' | '책사' & '사ㅇ')")),
            ("읮", Some("('읮':* | '의ㅈ')")),
            (" '\\ ! ", None),
        ] {
            assert_eq!(expression(words).as_deref(), expected, "{words}");
        }
    }
}
