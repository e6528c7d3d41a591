//! The newest listings that hold words, however many hold them: looked for from the newest back, a stretch of auction numbers at
//! a time. How many a stretch held says how long the next one has to be.
//!
//! The index of words knows in which blocks of numbers a listing lies, of four sizes. A stretch is asked for by the few
//! blocks that make it up, so of the words' listings those of other blocks are passed over. Words of which only the beginning is
//! given are another matter: all that begin so are read from the index whatever the blocks. They are looked for title by
//! title, as long as a short way back is enough.

use std::cmp::Reverse;

use crate::pool::Connection;
use crate::rows::Result;

/// The sizes of the blocks, as powers of two, as the index has them; two bits below a block's number say which it is of.
const SIZES: [u32; 4] = [11, 14, 17, 20];
const SIZE_BITS: u32 = 2;

/// How many numbers the first stretch has, and how many times as far as all before it any other goes at most.
const FIRST: i64 = 1 << 13;
const FARTHER_MAX: i64 = 1 << 7;

/// The same where beginnings of words are looked for.
const FIRST_OF_BEGINNINGS: i64 = 1 << 10;
const FARTHER_OF_BEGINNINGS_MAX: i64 = 1 << 10;

/// The longest stretch that is looked through title by title.
const BY_TITLE_MAX: i64 = 1 << 15;

/// What is left is nearly all if it is so many times what is newer.
const MOST_OF_ALL: i64 = 4;

/// The longest stretch that is looked through by blocks; numbers so far apart are of an import, and few.
const IN_BLOCKS_MAX: i64 = 1 << 30;

/// A look back through all that hold the words.
pub(super) struct Newest<'a> {
    store: &'a Connection,
    expression: &'a str,
    way: WayBack,
}

/// How far a look back has come.
struct WayBack {
    asks_beginnings: bool,
    /// Where it began; all before it is wanted.
    begun: i64,
    /// What is before is still to be looked for.
    end: i64,
    /// No title has a number before the one, and none has the other or a later one.
    oldest: i64,
    newest: i64,
    /// How many were found from `end` to `begun`.
    found: i64,
}

impl<'a> Newest<'a> {
    /// Begins with the newest before that auction.
    pub(super) async fn before(
        store: &'a Connection,
        expression: &'a str,
        asks_beginnings: bool,
        before: i64,
    ) -> Result<Newest<'a>> {
        let row = store.query_one(ENDS, &[&before]).await?;
        let end_of = |newest: Option<i64>| newest.map_or(i64::MIN, |newest| newest.saturating_add(1));
        let (begun, newest) = (end_of(row.try_get(1)?), end_of(row.try_get(2)?));
        let oldest = row.try_get::<_, Option<i64>>(0)?.unwrap_or(begun);
        let way = WayBack { asks_beginnings, begun, end: begun, oldest, newest, found: 0 };
        Ok(Newest { store, expression, way })
    }

    /// The next so many matches, newest first; fewer only if there are no more.
    pub(super) async fn next(&mut self, count: usize) -> Result<Vec<i64>> {
        let mut found = Vec::with_capacity(count);
        while !self.way.is_over() && found.len() < count {
            let missing = (count - found.len()) as i64;
            let (start, look) = self.way.stretch(missing);
            let mut more = self.look(start, look, missing).await?;
            more.sort_unstable_by_key(|auction| Reverse(*auction));
            self.way.come(start, &more, missing);
            found.extend(more);
        }
        Ok(found)
    }

    /// The newest of those in a stretch, in any order.
    async fn look(&self, start: i64, look: Look, count: i64) -> Result<Vec<i64>> {
        let (expression, end) = (&self.expression, &self.way.end);
        let rows = match look {
            Look::ByTitle => self.store.query(BY_TITLE, &[expression, &start, end, &count]).await?,
            Look::InBlocks => {
                let blocks = blocks(start, *end);
                self.store.query(IN_BLOCKS, &[expression, &blocks, end, &count]).await?
            }
            Look::InAll => self.store.query(IN_ALL, &[expression, end, &count]).await?,
        };
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }
}

impl WayBack {
    const fn is_over(&self) -> bool {
        self.end <= self.oldest
    }

    /// A stretch was looked through from there on for so many, newest first: all are known that it holds, or as many as were
    /// asked for.
    fn come(&mut self, start: i64, more: &[i64], asked: i64) {
        let found = more.len() as i64;
        self.found += found;
        self.end = more.last().copied().filter(|_| found == asked).unwrap_or(start);
    }

    /// How long a stretch should hold what is missing, by what was found so far. Each is at least as long as all before it
    /// together, so that their number grows only with the number of digits of what there is, wherever the matches lie.
    fn span(&self, missing: i64) -> i64 {
        let (first, farther) = if self.asks_beginnings {
            (FIRST_OF_BEGINNINGS, FARTHER_OF_BEGINNINGS_MAX)
        } else {
            (FIRST, FARTHER_MAX)
        };
        let looked = self.begun - self.end;
        let most = looked.saturating_mul(farther);
        let likely = missing.saturating_mul(looked).checked_div(self.found).unwrap_or(most);
        likely.saturating_add(likely / 4).min(most).max(looked).max(first)
    }

    /// Where the next stretch begins, and how it is looked through.
    fn stretch(&self, missing: i64) -> (i64, Look) {
        let span = self.span(missing);
        if self.asks_beginnings && span <= BY_TITLE_MAX {
            return (self.end.saturating_sub(span).max(self.oldest), Look::ByTitle);
        }
        let start = start_of(self.end, span);
        if start > self.oldest && span <= IN_BLOCKS_MAX {
            return (start, Look::InBlocks);
        }
        let left = self.end.saturating_sub(self.oldest);
        let is_most = left / MOST_OF_ALL >= self.newest - self.end || left > IN_BLOCKS_MAX;
        (round_down(self.oldest, SIZES[0]), if is_most { Look::InAll } else { Look::InBlocks })
    }
}

/// How a stretch is looked through.
#[derive(Debug)]
enum Look {
    /// Title by title.
    ByTitle,
    /// By the index of words, in its blocks.
    InBlocks,
    /// By the index of words alone, with what is newer: what is left is nearly all.
    InAll,
}

/// Where a stretch of about that length begins: at the edge of a block that is not small beside it.
fn start_of(end: i64, span: i64) -> i64 {
    let size = SIZES.into_iter().rev().find(|size| span >> size >= 4).unwrap_or(SIZES[0]);
    round_down(end.saturating_sub(span), size)
}

fn round_down(number: i64, size: u32) -> i64 {
    number >> size << size
}

/// The largest blocks that make up a stretch which begins at the edge of one; the last may go beyond its end.
fn blocks(start: i64, end: i64) -> Vec<i64> {
    let mut blocks = Vec::new();
    let mut at = start;
    while at < end {
        let fits = |size: u32| round_down(at, size) == at && end - at >= 1 << size;
        let kind = (0..SIZES.len()).rev().find(|kind| fits(SIZES[*kind])).unwrap_or(0);
        blocks.push((at >> SIZES[kind] << SIZE_BITS) | kind as i64);
        at = at.saturating_add(1 << SIZES[kind]);
    }
    blocks
}

/// The oldest of all titles, the newest before an auction, and the newest of all.
pub(crate) const ENDS: &str = "SELECT (SELECT auction FROM listing_words ORDER BY auction LIMIT 1), \
     (SELECT auction FROM listing_words WHERE auction < $1 ORDER BY auction DESC LIMIT 1), \
     (SELECT auction FROM listing_words ORDER BY auction DESC LIMIT 1)";

/// The newest matches in some blocks; the sums keep the plan away from every index but that of words.
pub(crate) const IN_BLOCKS: &str = "SELECT auction FROM listing_words WHERE words @@ $1::text::tsquery \
     AND (ARRAY[auction >> 11 << 2, auction >> 14 << 2 | 1, auction >> 17 << 2 | 2, auction >> 20 << 2 | 3]) && $2 \
     AND auction + 0 < $3 ORDER BY auction + 0 DESC LIMIT $4";

/// The newest of all matches.
pub(crate) const IN_ALL: &str = "SELECT auction FROM listing_words WHERE words @@ $1::text::tsquery \
     AND auction + 0 < $2 ORDER BY auction + 0 DESC LIMIT $3";

/// The newest matches from an auction on, title by title; the offset keeps the plan away from the index of words.
pub(crate) const BY_TITLE: &str = "SELECT auction FROM \
     (SELECT auction, words FROM listing_words WHERE auction >= $2 AND auction < $3 ORDER BY auction DESC OFFSET 0) newest \
     WHERE words @@ $1::text::tsquery ORDER BY auction DESC LIMIT $4";

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks for so many among these matches, newest first, of titles numbered from 1 to `titles`: what was found, how many
    /// stretches that took, and how many titles were gone through one by one.
    fn walked(
        matches: &[i64],
        titles: i64,
        asks_beginnings: bool,
        pages: &[usize],
    ) -> (Vec<i64>, usize, i64) {
        let (begun, newest) = (titles + 1, titles + 1);
        let mut way = WayBack { asks_beginnings, begun, end: begun, oldest: 1, newest, found: 0 };
        let (mut all, mut stretches, mut by_title) = (Vec::new(), 0, 0);
        for count in pages {
            let enough = all.len() + count;
            while !way.is_over() && all.len() < enough {
                let missing = (enough - all.len()) as i64;
                let (start, look) = way.stretch(missing);
                let held = matches.iter().copied().filter(|at| (start..way.end).contains(at));
                let more: Vec<i64> = held.take(enough - all.len()).collect();
                if let Look::ByTitle = look {
                    by_title += way.end
                        - more.last().copied().filter(|_| more.len() as i64 == missing).unwrap_or(start);
                }
                stretches += 1;
                way.come(start, &more, missing);
                all.extend(more);
            }
        }
        (all, stretches, by_title)
    }

    #[test]
    fn few_stretches_find_all_wherever_the_matches_lie() {
        for titles in [1, 1_000, 1_000_000, 1 << 40] {
            for (held, within) in
                [(0, 1), (1, 1), (240, 1_000), (249, 1_000), (1_999, 10_000), (5_000, 700_000)]
            {
                let step = (within / held.max(1)).max(1);
                for asks_beginnings in [false, true] {
                    for pages in [&[2_000][..], &[250, 1_750]] {
                        let matches: Vec<i64> =
                            (0..held).map(|at| titles - at * step).filter(|at| *at > 0).collect();
                        let (found, stretches, by_title) = walked(&matches, titles, asks_beginnings, pages);
                        let said =
                            format!("{held} within {within} of {titles}, {asks_beginnings}, {pages:?}");
                        assert_eq!(found, matches[..matches.len().min(2_000)], "{said}");
                        assert!(stretches <= 40, "{said}: {stretches} stretches");
                        assert!(by_title <= 2 * BY_TITLE_MAX, "{said}: {by_title} titles");
                    }
                }
            }
        }
    }

    /// The numbers of a block.
    fn numbers(block: i64) -> (i64, i64) {
        let size = SIZES[usize::try_from(block & 3).unwrap()];
        let first = block >> SIZE_BITS << size;
        (first, first + (1 << size))
    }

    #[test]
    fn blocks_make_up_their_stretch_without_a_gap() {
        for end in [1, 2_047, 2_048, 2_049, 16_383, 1_000_401, 1 << 20, (1 << 20) + 1, 40_000_000] {
            for span in [1, FIRST, 10_000, 70_000, 1 << 17, 300_000, 1 << 21, 1 << 24] {
                let start = start_of(end, span).max(0);
                assert!(end - start >= span.min(end), "{start} to {end} is shorter than {span}");
                let blocks = blocks(start, end);
                assert!(blocks.len() < 64, "{} blocks from {start} to {end}", blocks.len());
                let mut at = start;
                for block in blocks {
                    let (first, behind) = numbers(block);
                    assert_eq!(first, at, "from {start} to {end}");
                    at = behind;
                }
                assert!(at >= end && at - end < 1 << SIZES[0], "from {start} to {end}, and not {at}");
            }
        }
    }
}
