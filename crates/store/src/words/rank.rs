//! How well a title answers a query: the same figure in every store, made from the title alone.

use super::fold::{initial, is_of_a_word, is_syllable, open, split_final};
use super::particle::{is_particle, stem};
use super::{Run, folded, words_of};

/// A query made ready to be compared with titles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    terms: Vec<Vec<Pattern>>,
}

/// One way of reading a term: letter by letter.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    units: Vec<Unit>,
    /// Whether a word that is just this is the word that was meant, or the term may still go on.
    is_whole: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Exactly(char),
    /// A syllable that begins with this consonant.
    Begins(char),
    /// A syllable that may still get a final consonant.
    Opens(char),
}

impl Query {
    /// How many ranks there are; 0 is the best.
    pub const RANKS: i64 = 4;

    /// Reads a query.
    pub fn of(query: &str) -> Query {
        let words = words_of(&folded(query));
        let last = words.len().saturating_sub(1);
        let terms = words.iter().enumerate().map(|(at, runs)| patterns(runs, at == last));
        Query { terms: terms.collect() }
    }

    /// 0: every word of the query is a word of the title, but for its particle. 1: every one begins a word of it. 2:
    /// every one stands in it. 3: something of it is found elsewhere.
    pub fn rank(&self, title: &str) -> i64 {
        let letters: Vec<char> = folded(title).chars().collect();
        let words = || letters.split(|letter| !is_of_a_word(*letter)).filter(|word| !word.is_empty());
        let worst = self.terms.iter().map(|term| words().map(|word| found(term, word)).min());
        worst.map(|rank| rank.unwrap_or(Query::RANKS - 1)).max().unwrap_or_default()
    }
}

/// How well a word answers a term.
fn found(term: &[Pattern], word: &[char]) -> i64 {
    term.iter().map(|pattern| pattern.found(word)).min().unwrap_or(Query::RANKS - 1)
}

/// The ways of reading a word of a query: as typed, without its particle, with its last syllable half typed.
fn patterns(runs: &[Run], is_last: bool) -> Vec<Pattern> {
    let only_initials = runs.iter().all(|run| matches!(run, Run::Initials(_)));
    let typed: Vec<Unit> = runs
        .iter()
        .enumerate()
        .flat_map(|(at, run)| match run {
            Run::Initials(letters) if at > 0 || only_initials => {
                letters.iter().copied().map(Unit::Begins).collect::<Vec<_>>()
            }
            Run::Syllables(letters) | Run::Initials(letters) | Run::Other(letters) => {
                letters.iter().copied().map(Unit::Exactly).collect()
            }
        })
        .collect();
    let mut patterns = vec![Pattern { units: typed.clone(), is_whole: true }];
    let Some(Run::Syllables(last_run)) = runs.last() else { return patterns };
    let before = typed.len() - last_run.len();
    let stem = stem(last_run);
    if stem.len() < last_run.len() {
        patterns.push(Pattern { units: typed[..before + stem.len()].to_vec(), is_whole: true });
    }
    if let Some((last, rest)) = last_run.split_last().filter(|_| is_last) {
        let mut units = typed[..before + rest.len()].to_vec();
        match split_final(*last) {
            Some((open, next)) => units.extend([Unit::Exactly(open), Unit::Begins(next)]),
            None => units.push(Unit::Opens(*last)),
        }
        patterns.push(Pattern { units, is_whole: false });
    }
    patterns
}

impl Pattern {
    fn found(&self, word: &[char]) -> i64 {
        let length = self.units.len();
        let is_at = |at: usize| word[at..].iter().zip(&self.units).all(|(letter, unit)| unit.is(*letter));
        let mut places = (0..(word.len() + 1).saturating_sub(length)).filter(|at| is_at(*at));
        match places.next() {
            Some(0) if self.is_whole && self.ends_in(word) => 0,
            Some(0) => 1,
            Some(_) => 2,
            None => Query::RANKS - 1,
        }
    }

    /// Whether nothing but a particle follows in the word.
    fn ends_in(&self, word: &[char]) -> bool {
        let (head, rest) = word.split_at(self.units.len());
        rest.is_empty() || head.last().is_some_and(|last| is_syllable(*last) && is_particle(rest, *last))
    }
}

impl Unit {
    fn is(self, letter: char) -> bool {
        match self {
            Unit::Exactly(wanted) => wanted == letter,
            Unit::Begins(wanted) => is_syllable(letter) && initial(letter) == wanted,
            Unit::Opens(wanted) => open(letter) == Some(wanted),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_ranked() {
        for (query, title, rank) in [
            ("의자", "원목 의자", 0),
            ("의자", "의자를 팔아요", 0),
            ("의자를", "원목 의자", 0),
            ("의자", "의자커버", 1),
            ("의자", "원목의자", 2),
            ("의자", "책상", 3),
            ("원목 의자", "의자와 원목", 0),
            ("원목 의자", "원목 의자커버", 1),
            ("원목 의자", "통원목 의자커버", 2),
            ("원목 의자", "의자", 3),
            ("ㅇㅈ", "의자", 0),
            ("ㅇㅈ", "원목의자", 2),
            ("의ㅈ", "의자", 0),
            ("가바", "가방", 1),
            ("가바", "가바", 0),
            ("읮", "의자", 1),
            ("고양이", "고양이", 0),
            ("고양이", "고양시 망원동", 1),
            ("lg", "LG 그램", 0),
            ("그램 lg", "ＬＧ그램", 2),
            ("맥북", "MacBook", 3),
            ("", "의자", 0),
        ] {
            assert_eq!(Query::of(query).rank(title), rank, "{query} in {title}");
        }
    }
}
