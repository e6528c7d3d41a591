//! Words that no file here may contain: they would tie the project to the machine it happened to be written on.

use crate::Violation;
use crate::tree::Tree;

/// Each word in two pieces, so that this file does not contain it, and what to say instead.
const FORBIDDEN: [(&str, &str, &str); 9] = [
    ("/wo", "rk/", "a path of one machine: name it relative to the repository"),
    ("/ro", "ot/", "a path of one machine: name it relative to the repository"),
    ("/home/", "runner", "a path of one machine: name it relative to the repository"),
    ("crates", ".io", "a registry's host: cargo knows where packages are"),
    ("npmjs", ".org", "a registry's host: npm knows where packages are"),
    ("npmjs", ".com", "a registry's host: npm knows where packages are"),
    ("pypi", ".org", "a registry's host: pip knows where packages are"),
    ("pythonhosted", ".org", "a registry's host: pip knows where packages are"),
    ("deb.debian", ".org", "a registry's host: apt knows where packages are"),
];
/// Written by cargo, which names its registry in every entry.
const BY_MACHINES: [&str; 1] = ["Cargo.lock"];

/// Every line with a forbidden word.
pub fn check(tree: &Tree) -> Vec<Violation> {
    let words = FORBIDDEN.map(|(first, second, why)| (format!("{first}{second}"), why));
    let mut found = Vec::new();
    for (path, text) in tree.texts().filter(|(path, _)| !BY_MACHINES.contains(path)) {
        for (line, content) in (1..).zip(text.lines()) {
            let hits = words.iter().filter(|(word, _)| content.contains(word.as_str()));
            found.extend(
                hits.map(|(word, why)| Violation::new(path, line, "words", format!("`{word}` is {why}"))),
            );
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_forbidden_word_is_found_anywhere() {
        for (first, second, _) in FORBIDDEN {
            let text = format!("fine\nsee {first}{second}something\n");
            let found = check(&Tree::of(&[("docs/operating.md", &text)]));
            assert_eq!(
                found.iter().map(|violation| violation.line).collect::<Vec<_>>(),
                [2],
                "{first}{second}"
            );
        }
    }

    #[test]
    fn what_cargo_writes_is_not_judged() {
        let text = FORBIDDEN.map(|(first, second, _)| format!("{first}{second}\n")).concat();
        assert_eq!(check(&Tree::of(&[("Cargo.lock", &text)])), []);
    }
}
