//! The words of a search: the same tokens for what is kept and for what is sought, in every store.
//!
//! Texts are folded first (`fold`): lower-cased, of one width, syllables whole. Kept are words as they stand, and for
//! runs of Hangul every pair of neighbouring syllables, so that 의자 is found in 의자를 and in 원목의자. Of a title,
//! which is what people type the beginning of, each pair is kept again with the second syllable only begun (의ㅈ) or
//! without its final consonant (가바 of 가방), and as initial consonants (ㅇㅈ). Of a description only the pairs are kept.
//!
//! What is sought loses its particle, as that only widens the search, and the last syllable of a query may be half
//! typed. How well a title answers is for `rank` to say.

mod fold;
mod particle;
mod rank;

use std::collections::HashSet;

pub use fold::folded;
use fold::{initial, is_initial, is_of_a_word, is_syllable, open, split_final};
pub use particle::stem;
pub use rank::Query;

/// The most tokens kept of a title: all, for a title has at most a hundred characters.
const TITLE_TOKENS_MAX: usize = 420;

/// The most tokens kept of a description.
const DESCRIPTION_TOKENS_MAX: usize = 120;

/// The most things that one query looks for, each once: each costs a look into the index, and whoever types as many is not
/// helped by more. What stands behind them is not looked for.
const SOUGHT_MAX: usize = 24;

/// What stands behind a pair whose last syllable has lost its final consonant; no query holds it.
const OPEN: char = '·';

/// The longest word that is kept and sought, in characters; of a longer one, its beginning.
const WORD_CHARS_MAX: usize = 64;

/// One thing to look for: any of these alternatives, each of which is all of its tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sought {
    /// The alternatives; there is at least one, and none is empty.
    pub any: Vec<Vec<Token>>,
}

/// One token of the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The token.
    pub text: String,
    /// Whether it is only the beginning of one.
    pub prefix: bool,
}

/// The tokens to keep for a title and its description, each once, in the order of the text.
pub fn kept(title: &str, description: &str) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut kept: Vec<String> = title_tokens(title).into_iter().take(TITLE_TOKENS_MAX).collect();
    kept.retain(|token| seen.insert(token.clone()));
    let more = runs(&folded(description)).into_iter().flat_map(|run| plain_tokens(&run));
    kept.extend(more.filter(|token| seen.insert(token.clone())).take(DESCRIPTION_TOKENS_MAX));
    kept
}

/// The tokens to keep for a title without a description.
pub fn tokens(title: &str) -> Vec<String> {
    kept(title, "")
}

fn title_tokens(title: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    for run in runs(&folded(title)) {
        tokens.extend(plain_tokens(&run));
        let Run::Syllables(syllables) = run else { continue };
        for (one, other) in syllables.iter().zip(syllables.iter().skip(1)) {
            tokens.push([*one, initial(*other)].iter().collect());
            tokens.push([initial(*one), initial(*other)].iter().collect());
            let open = open(*other).filter(|open| open != other);
            tokens.extend(open.map(|open| [*one, open, OPEN].iter().collect::<String>()));
        }
        tokens.extend(syllables.last().map(|last| initial(*last).to_string()));
    }
    tokens
}

/// Words as they stand; of Hangul each pair of neighbours, and the last syllable alone.
fn plain_tokens(run: &Run) -> Vec<String> {
    match run {
        Run::Syllables(syllables) => {
            let mut tokens: Vec<String> = syllables.windows(2).map(|pair| pair.iter().collect()).collect();
            tokens.extend(syllables.last().map(char::to_string));
            tokens
        }
        Run::Initials(initials) => vec![word(initials)],
        Run::Other(letters) => vec![word(letters)],
    }
}

fn word(letters: &[char]) -> String {
    letters.iter().take(WORD_CHARS_MAX).collect()
}

/// What to look for, each once and `SOUGHT_MAX` at the most; all of it must be found. Empty if the query has no letters or digits.
pub fn sought(query: &str) -> Vec<Sought> {
    let words = words_of(&folded(query));
    let mut sought = Vec::new();
    for (at, runs) in words.iter().enumerate() {
        let is_last_word = at + 1 == words.len();
        for (at, run) in runs.iter().enumerate() {
            let ends_word = at + 1 == runs.len();
            match run {
                Run::Syllables(syllables) => {
                    let begun = match runs.get(at + 1) {
                        Some(Run::Initials(initials)) => initials.first().copied(),
                        _ => None,
                    };
                    seek_syllables(&mut sought, syllables, begun, ends_word, is_last_word);
                }
                Run::Initials(initials) if initials.len() > 1 => {
                    let pairs = initials.windows(2).map(|pair| exactly(pair.iter().collect()));
                    sought.extend(pairs);
                }
                // One consonant behind a syllable is sought with it.
                Run::Initials(_) if at > 0 && matches!(runs.get(at - 1), Some(Run::Syllables(_))) => {}
                Run::Initials(letters) | Run::Other(letters) => sought.push(beginning(word(letters))),
            }
        }
    }
    let mut once: Vec<Sought> = Vec::with_capacity(sought.len().min(SOUGHT_MAX));
    for one in sought {
        if once.len() < SOUGHT_MAX && !once.contains(&one) {
            once.push(one);
        }
    }
    once
}

/// Looks for a run of syllables, of which the next may be `begun`.
fn seek_syllables(
    sought: &mut Vec<Sought>,
    typed: &[char],
    begun: Option<char>,
    ends_word: bool,
    is_last_word: bool,
) {
    let syllables = if ends_word { stem(typed) } else { typed };
    let is_whole = syllables.len() == typed.len();
    let Some((last, before)) = syllables.split_last() else { return };
    sought.extend(before.windows(2).map(|pair| exactly(pair.iter().collect())));
    match (before.last(), begun) {
        (Some(first), Some(begun)) => {
            sought.push(exactly([*first, *last].iter().collect()));
            sought.push(exactly([*last, begun].iter().collect()));
        }
        (None, Some(begun)) => sought.push(exactly([*last, begun].iter().collect())),
        (Some(first), None) if ends_word && is_last_word && is_whole => {
            sought.push(half_typed(*first, *last));
        }
        (Some(first), None) => sought.push(exactly([*first, *last].iter().collect())),
        (None, None) => sought.push(single(*last, is_last_word)),
    }
}

/// A last syllable that may be half typed: 가바 finds 가방; 책사 finds 책상, and 책상 finds 책사용.
fn half_typed(first: char, last: char) -> Sought {
    let pair = |other: char| token([first, other].iter().collect(), false);
    let Some((open, next)) = split_final(last) else {
        let closed = token([first, last, OPEN].iter().collect(), false);
        return Sought { any: vec![vec![pair(last)], vec![closed]] };
    };
    let half = token([open, next].iter().collect(), false);
    Sought { any: vec![vec![pair(last)], vec![pair(open), half]] }
}

/// A single syllable is the beginning of a word; with a final consonant, perhaps that of the next syllable: 읮 finds 의자.
fn single(syllable: char, is_last_word: bool) -> Sought {
    let mut any = vec![vec![token(syllable.to_string(), true)]];
    if let Some((open, next)) = split_final(syllable).filter(|_| is_last_word) {
        any.push(vec![token([open, next].iter().collect(), false)]);
    }
    Sought { any }
}

fn exactly(text: String) -> Sought {
    Sought { any: vec![vec![token(text, false)]] }
}

fn beginning(text: String) -> Sought {
    Sought { any: vec![vec![token(text, true)]] }
}

fn token(text: String, prefix: bool) -> Token {
    Token { text, prefix }
}

/// Letters and digits without a gap, of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Run {
    Syllables(Vec<char>),
    Initials(Vec<char>),
    Other(Vec<char>),
}

impl Run {
    fn of(letter: char) -> Run {
        match letter {
            _ if is_syllable(letter) => Run::Syllables(vec![letter]),
            _ if is_initial(letter) => Run::Initials(vec![letter]),
            _ => Run::Other(vec![letter]),
        }
    }

    /// Takes a letter of its own kind; false if it is of another.
    fn take(&mut self, letter: char) -> bool {
        let (letters, is_same) = match self {
            Run::Syllables(letters) => (letters, is_syllable(letter)),
            Run::Initials(letters) => (letters, is_initial(letter)),
            Run::Other(letters) => (letters, !is_syllable(letter) && !is_initial(letter)),
        };
        if is_same {
            letters.push(letter);
        }
        is_same
    }
}

/// The words of a folded text, each as the runs that stand in it without a gap.
fn words_of(folded: &str) -> Vec<Vec<Run>> {
    let words = folded.split(|letter: char| !is_of_a_word(letter)).filter(|word| !word.is_empty());
    words
        .map(|word| {
            let mut runs: Vec<Run> = Vec::new();
            for letter in word.chars() {
                if !runs.last_mut().is_some_and(|run| run.take(letter)) {
                    runs.push(Run::of(letter));
                }
            }
            runs
        })
        .collect()
}

fn runs(folded: &str) -> Vec<Run> {
    words_of(folded).into_iter().flatten().collect()
}

/// A query that several texts are asked for.
#[derive(Clone, Debug)]
pub struct Wanted(Vec<Sought>);

impl Wanted {
    /// What a query looks for.
    pub fn of(query: &str) -> Wanted {
        Wanted(sought(query))
    }

    /// Whether a text with these [`tokens`] holds all of it, as a search would find a title. Nothing holds a query without a
    /// letter or digit.
    pub fn is_in(&self, kept: &[String]) -> bool {
        let is_there = |token: &Token| {
            let fits =
                |one: &String| if token.prefix { one.starts_with(&token.text) } else { *one == token.text };
            kept.iter().any(fits)
        };
        let is_found = |word: &Sought| word.any.iter().any(|all| all.iter().all(is_there));
        !self.0.is_empty() && self.0.iter().all(is_found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_halves_and_initials_are_kept() {
        assert_eq!(
            tokens("원목 의자를 LG-55"),
            [
                "원목", "목", "원ㅁ", "ㅇㅁ", "원모·", "ㅁ", "의자", "자를", "를", "의ㅈ", "ㅇㅈ", "자ㄹ",
                "ㅈㄹ", "자르·", "ㄹ", "lg", "55"
            ]
        );
        assert_eq!(kept("의자", "튼튼한 의자"), ["의자", "자", "의ㅈ", "ㅇㅈ", "ㅈ", "튼튼", "튼한", "한"]);
        let long: String = ('가'..='힣').take(5_000).collect();
        assert!(kept(&long, &long).len() <= TITLE_TOKENS_MAX + DESCRIPTION_TOKENS_MAX);
    }

    /// Whether an index that keeps the text would find it.
    fn finds(text: &str, query: &str) -> bool {
        let kept = tokens(text);
        let has = |token: &Token| {
            kept.iter().any(|kept| *kept == token.text || (token.prefix && kept.starts_with(&token.text)))
        };
        sought(query).iter().all(|sought| sought.any.iter().any(|all| all.iter().all(has)))
    }

    #[test]
    fn what_a_query_finds() {
        for (text, query, is_found) in [
            ("원목의자를 팔아요", "의자", true),
            ("원목의자를 팔아요", "의", true),
            ("책상", "의자", false),
            ("LG 모니터 27인치", "lg 모니", true),
            ("LG 모니터 27인치", "27", true),
            // Initial consonants, also those that keyboards have drawn together, and of another width.
            ("원목 의자", "ㅇㅈ", true),
            ("원목 의자", "ㅇ", true),
            ("원목 의자", "ㅇㅁㅇㅈ", false),
            ("원목의자", "ㅇㅁㅇㅈ", true),
            ("원목 의자", "ㅇㅁ ㅇㅈ", true),
            ("원목 의자", "ㅇㅅ", false),
            ("과속 방지턱", "ㄱㅅ", true),
            ("과속 방지턱", "ㄳ", true),
            ("의자", "ﾷﾸ", true),
            // Particles are passed over where two syllables are left.
            ("의자", "의자를", true),
            ("책상", "책상은", true),
            ("책상", "책상에서", true),
            ("가을 이불", "가을", true),
            ("가방", "가을", false),
            // A last syllable that is half typed.
            ("의자", "의ㅈ", true),
            ("의자", "읮", true),
            ("가방", "가바", true),
            ("가방 의자", "가바 의자", false),
            ("책상", "책사", true),
            ("책상", "책ㅅ", true),
            ("책상", "책ㅂ", false),
            ("고양이 집", "고야", true),
            ("고양이 집", "고얀", false),
            ("값싼 의자", "값ㅆ", true),
            // One case and one width.
            ("ＬＧ 그램", "lg", true),
            ("iPhone 15 Pro", "IPHONE pro", true),
            ("의자", "\u{110b}\u{1174}\u{110c}\u{1161}", true),
        ] {
            assert_eq!(finds(text, query), is_found, "{query} in {text}");
        }
        assert!(sought(" !? ").is_empty());
        assert_eq!(sought(&"가 ".repeat(1_000)).len(), 1);
        let many = |count: usize| (0..count).map(|word| format!("w{word}")).collect::<Vec<_>>().join(" ");
        for (query, count) in [
            ("의자 의자 의자", 2), // the last one may still be typed
            ("chair CHAIR chair desk", 2),
            (many(SOUGHT_MAX).as_str(), SOUGHT_MAX),
            (many(SOUGHT_MAX + 1).as_str(), SOUGHT_MAX),
        ] {
            assert_eq!(sought(query).len(), count, "{query}");
        }
    }

    #[test]
    fn a_text_holds_what_a_search_would_find() {
        for (text, query, expected) in [
            ("의자·소파", "의자", true),
            ("의자·소파", "의자를", true),
            ("의자·소파", "ㅇㅈ", true),
            ("의자·소파", "의ㅈ", true),
            ("의자·소파", "소", true),
            ("의자·소파", "책상", false),
            ("Chairs & sofas", "cha", true),
            ("Chairs & sofas", "sofas cha", true),
            ("Chairs & sofas", "airs", false),
            ("의자·소파", "!", false),
            ("", "의자", false),
        ] {
            assert_eq!(Wanted::of(query).is_in(&tokens(text)), expected, "{query} in {text}");
        }
    }
}
