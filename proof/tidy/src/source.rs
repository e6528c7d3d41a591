//! One Rust file taken apart: its code without words, its string literals, and the line where its tests begin.
//!
//! Rules about code must not be fooled by a comment, and rules about SQL look at nothing but literals. This is a scanner of
//! tokens' edges only; it trusts that the compiler accepts the file.

/// A Rust file taken apart. Line numbers count from 1.
#[derive(Debug)]
pub struct Source {
    /// The code, with comments and the insides of literals blanked; each line stands where it stood.
    pub code: String,
    /// String literals, each with the line where it begins.
    pub strings: Vec<(usize, String)>,
    /// The line of the first `#[cfg(test)]` that opens a module: all below it is tests.
    pub tests_from: usize,
    /// The names of modules in files of their own that are compiled for tests alone.
    pub test_modules: Vec<String>,
}

impl Source {
    /// Takes `text` apart.
    pub fn read(text: &str) -> Self {
        let mut scanner =
            Scanner { text, bytes: text.as_bytes(), at: 0, code: Vec::new(), strings: Vec::new() };
        while scanner.at < scanner.bytes.len() {
            scanner.step();
        }
        let code = String::from_utf8_lossy(&scanner.code).into_owned();
        let strings = scanner.strings.into_iter().map(|(at, inside)| (line_at(text, at), inside)).collect();
        let (tests_from, test_modules) = (find_tests(&code), find_test_modules(&code));
        Self { code, strings, tests_from, test_modules }
    }

    /// The lines of code before the tests, each with its number.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..self.tests_from).zip(self.code.lines())
    }

    /// The string literals before the tests, each with its line.
    pub fn literals(&self) -> impl Iterator<Item = (usize, &str)> {
        let before = move |(line, _): &&(usize, String)| *line < self.tests_from;
        self.strings.iter().filter(before).map(|(line, inside)| (*line, inside.as_str()))
    }
}

/// Whether `word` stands in `line` by itself, not as part of a longer name.
pub fn has_word(line: &str, word: &str) -> bool {
    let in_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back().is_some_and(in_name);
        let after = line[at + word.len()..].chars().next().is_some_and(in_name);
        !before && !after
    })
}

fn line_at(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// Every line right below a `#[cfg(test)]`, with its number.
fn below_cfg_test(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = || code.lines().map(str::trim);
    let pairs = (2..).zip(lines().zip(lines().skip(1)));
    pairs.filter(|(_, (above, _))| *above == "#[cfg(test)]").map(|(line, (_, below))| (line, below))
}

fn find_tests(code: &str) -> usize {
    let opening = below_cfg_test(code).find(|(_, below)| has_word(below, "mod") && below.ends_with('{'));
    opening.map_or(usize::MAX, |(line, _)| line - 1)
}

fn find_test_modules(code: &str) -> Vec<String> {
    let name = |below: &str| below.strip_suffix(';')?.rsplit_once("mod ").map(|(_, name)| name.to_owned());
    below_cfg_test(code).filter_map(|(_, below)| name(below)).collect()
}

struct Scanner<'text> {
    text: &'text str,
    bytes: &'text [u8],
    at: usize,
    code: Vec<u8>,
    strings: Vec<(usize, String)>,
}

impl Scanner<'_> {
    fn step(&mut self) {
        let rest = &self.bytes[self.at..];
        match rest {
            [b'/', b'/', ..] => self.blank(length_to(rest, b"\n")),
            [b'/', b'*', ..] => self.blank(comment_length(rest)),
            [b'"', ..] => self.literal(1, string_length(rest), 1),
            [b'r', ..] if !self.follows_a_name() => match raw_edges(rest) {
                Some(hashes) => self.raw_literal(hashes),
                None => self.keep(1),
            },
            [b'\'', ..] => self.blank_or_keep_quote(),
            _ => self.keep(1),
        }
    }

    /// `b`, `c` before `r` belong to the literal, any other letter makes the `r` the end of a name.
    fn follows_a_name(&self) -> bool {
        let in_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii();
        match self.code.as_slice() {
            [.., before, b'b' | b'c'] => in_name(*before),
            [b'b' | b'c'] | [] => false,
            [.., before] => in_name(*before),
        }
    }

    fn keep(&mut self, length: usize) {
        self.code.extend_from_slice(&self.bytes[self.at..self.at + length]);
        self.at += length;
    }

    fn blank(&mut self, length: usize) {
        let end = (self.at + length).min(self.bytes.len());
        let blanked = self.bytes[self.at..end].iter().map(|byte| if *byte == b'\n' { b'\n' } else { b' ' });
        self.code.extend(blanked);
        self.at = end;
    }

    fn literal(&mut self, opening: usize, length: usize, closing: usize) {
        let inside = self.at + opening..(self.at + length).saturating_sub(closing).max(self.at + opening);
        self.strings.push((self.at, self.text.get(inside).unwrap_or_default().to_owned()));
        self.blank(length);
    }

    fn raw_literal(&mut self, hashes: usize) {
        let opening = hashes + 2;
        let mut end = vec![b'"'];
        end.resize(hashes + 1, b'#');
        let inside = length_to(&self.bytes[self.at + opening..], &end);
        self.literal(opening, opening + inside + end.len(), end.len());
    }

    fn blank_or_keep_quote(&mut self) {
        let rest = &self.text[self.at + 1..];
        let mut letters = rest.char_indices();
        match (letters.next(), letters.next()) {
            (Some((_, '\\')), Some((escaped, letter))) => {
                let skipped = escaped + letter.len_utf8();
                self.blank(1 + skipped + length_to(&rest.as_bytes()[skipped..], b"'") + 1);
            }
            (Some(_), Some((closing, '\''))) => self.blank(1 + closing + 1),
            _ => self.keep(1),
        }
    }
}

fn length_to(rest: &[u8], end: &[u8]) -> usize {
    rest.windows(end.len()).position(|window| window == end).unwrap_or(rest.len())
}

fn comment_length(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        match &rest[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] if depth == 1 => return at + 2,
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    at
}

fn string_length(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    rest.len()
}

/// How many hashes open the raw string that begins at this `r`, if one does.
fn raw_edges(rest: &[u8]) -> Option<usize> {
    let hashes = rest[1..].iter().take_while(|byte| **byte == b'#').count();
    (rest.get(1 + hashes) == Some(&b'"')).then_some(hashes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, code: &str, strings: &[(usize, &str)]) {
        let source = Source::read(text);
        let squeezed: Vec<&str> = source.code.split_whitespace().collect();
        assert_eq!(squeezed.join(" "), code);
        let found: Vec<_> = source.strings.iter().map(|(line, inside)| (*line, inside.as_str())).collect();
        assert_eq!(found, strings);
        assert_eq!(source.code.lines().count(), text.lines().count(), "each line stays where it stood");
    }

    #[test]
    fn comments_and_literals_are_blanked() {
        check("a // b \"c\"\nd", "a d", &[]);
        check("a /* b /* c */ \" */ d", "a d", &[]);
        check("f(\"one\",\n\"t\\\"wo\")", "f( , )", &[(1, "one"), (2, "t\\\"wo")]);
        check("r\"raw\\\" + r#\"a \"quoted\" word\"#;", "+ ;", &[(1, "raw\\"), (1, "a \"quoted\" word")]);
        check("br#\"bytes\"# b\"more\"", "b b", &[(1, "bytes"), (1, "more")]);
        check("for\"x\"", "for", &[(1, "x")]);
    }

    #[test]
    fn a_quote_mark_is_a_letter_or_a_lifetime() {
        check("x('\"') y \"s\"", "x( ) y", &[(1, "s")]);
        check("x('\\'') y('\\u{1F600}')", "x( ) y( )", &[]);
        check("fn f<'a>(x: &'a str)", "fn f<'a>(x: &'a str)", &[]);
        check("'가' 'a: loop", "'a: loop", &[]);
    }

    #[test]
    fn tests_begin_at_their_module() {
        assert_eq!(Source::read("fn a() {}\n#[cfg(test)]\nmod tests {\n").tests_from, 2);
        assert_eq!(Source::read("#[cfg(test)]\nmod tests;\nfn a() {}\n").tests_from, usize::MAX);
        assert_eq!(Source::read("// #[cfg(test)]\nmod tests {\n").tests_from, usize::MAX);
    }

    #[test]
    fn a_word_stands_by_itself() {
        assert!(has_word("let x: f64 = 1.0;", "f64"));
        assert!(!has_word("to_f64x()", "f64") && !has_word("as_f64()", "f64"));
    }
}
