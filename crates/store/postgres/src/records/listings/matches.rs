//! Searching by words: the newest listings that hold all of them.

use std::cmp::Reverse;

use store::listings::{Place, Seen, Wanted};
use store::pages;
use store::records::{Count, Found, Sort};
use store::words::{Sought, Token, sought};

use super::newest::Newest;
use super::{MATCHES_MAX, in_rows, of_auctions};
use crate::pool::Connection;
use crate::rows::Result;

/// How many matches are looked at first where a page may be full of them.
const STRETCH: usize = 250;

/// The page of what holds all of the words: newest first without end, in any other order of the newest matches.
pub(super) async fn page(store: &Connection, wanted: &Wanted, words: &str) -> Result<Found> {
    let Some(expression) = expression(words) else { return Ok(Found { page: pages::empty(), count: None }) };
    let is_newest = wanted.sort == Sort::Newest;
    let before = if is_newest { wanted.after.auction } else { i64::MAX };
    let enough = if is_newest { wanted.limit + 1 } else { MATCHES_MAX };
    let mut newest = Newest::before(store, &expression, asks_beginnings(words), before).await?;
    let mut seen = Seen::default();
    let mut together = if is_newest { STRETCH } else { MATCHES_MAX };
    let mut left = MATCHES_MAX;
    while left > 0 {
        let auctions = newest.next(together.min(left)).await?;
        let Some(last) = auctions.last() else { break };
        let mut found = of_auctions(store, wanted, &auctions).await?;
        found.rows.sort_unstable_by_key(|(place, ())| Reverse(place.auction));
        seen.rows.extend(found.rows);
        left -= auctions.len();
        if seen.rows.len() >= enough {
            seen.rows.truncate(enough);
            seen.stopped = seen.rows.last().map(|(place, ())| *place);
            break;
        }
        seen.stopped = (left == 0).then_some(Place { value: 0, auction: *last });
        together = MATCHES_MAX;
    }
    if is_newest {
        return Ok(Found { page: in_rows(store, wanted, seen).await?, count: None });
    }
    let count = Count { least: seen.rows.len(), has_more: seen.stopped.take().is_some() };
    Ok(Found { page: in_rows(store, wanted, seen).await?, count: Some(count) })
}

/// Whether any of the words is only the beginning of what is looked for.
fn asks_beginnings(words: &str) -> bool {
    sought(words).iter().flat_map(|sought| sought.any.iter().flatten()).any(|token| token.prefix)
}

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
