//! The words of a search: the same tokens for what is kept and for what is sought, in every store.
//!
//! Lower-cased words as they stand, and for runs of Hangul every pair of neighbouring syllables, so that 의자 is found
//! in 의자를 and in 원목의자. A single syllable is sought as the beginning of a pair.

/// The most tokens kept of one text, and taken from one query.
pub const TOKENS_MAX: usize = 200;

/// One token to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sought {
    /// The token.
    pub token: String,
    /// Whether it is only the beginning of one.
    pub prefix: bool,
}

/// The tokens to keep for a text.
pub fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    for run in runs(text) {
        if run.chars().all(is_hangul) {
            let syllables: Vec<char> = run.chars().collect();
            tokens.extend(syllables.windows(2).map(|pair| pair.iter().collect::<String>()));
            tokens.extend(syllables.last().map(char::to_string));
        } else {
            tokens.push(run);
        }
    }
    tokens.truncate(TOKENS_MAX);
    tokens
}

/// The tokens to look for; all of them must be found. Empty if the query has no letters or digits.
pub fn sought(query: &str) -> Vec<Sought> {
    let mut sought = Vec::new();
    for run in runs(query) {
        let syllables: Vec<char> = run.chars().collect();
        if run.chars().all(is_hangul) && syllables.len() > 1 {
            let pairs =
                syllables.windows(2).map(|pair| Sought { token: pair.iter().collect(), prefix: false });
            sought.extend(pairs);
        } else {
            sought.push(Sought { token: run, prefix: true });
        }
    }
    sought.truncate(TOKENS_MAX);
    sought
}

/// The runs of letters and digits, lower-cased, Hangul apart from all else.
fn runs(text: &str) -> Vec<String> {
    let mut runs: Vec<String> = Vec::new();
    let mut hangul = None;
    for c in text.chars().flat_map(char::to_lowercase) {
        if !c.is_alphanumeric() {
            hangul = None;
            continue;
        }
        match runs.last_mut() {
            Some(run) if hangul == Some(is_hangul(c)) => run.push(c),
            _ => runs.push(c.to_string()),
        }
        hangul = Some(is_hangul(c));
    }
    runs
}

fn is_hangul(c: char) -> bool {
    ('가'..='힣').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn korean_is_found_by_pairs_of_syllables() {
        assert_eq!(tokens("원목 의자를 LG-55"), ["원목", "목", "의자", "자를", "를", "lg", "55"]);
        let found = |text: &str, query: &str| {
            let kept = tokens(text);
            let matches = |sought: &Sought| {
                kept.iter().any(|token| {
                    *token == sought.token || (sought.prefix && token.starts_with(&sought.token))
                })
            };
            sought(query).iter().all(matches)
        };
        for (text, query, is_found) in [
            ("원목의자를 팔아요", "의자", true),
            ("원목의자를 팔아요", "의", true),
            ("책상", "의자", false),
            ("LG 모니터 27인치", "lg 모니", true),
            ("LG 모니터 27인치", "27", true),
        ] {
            assert_eq!(found(text, query), is_found, "{query} in {text}");
        }
        assert!(sought(" !? ").is_empty());
    }
}
