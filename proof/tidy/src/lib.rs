//! Reads the whole repository as text and says where it breaks the rules of the house; it changes nothing.
//!
//! A rule is a function from what was read to the places that break it. Nothing here needs a compiler: the shape of the
//! packages comes from `cargo metadata`, all else from the files. A rule stays only while it is right every time: one
//! that cries wolf is removed, not silenced.

pub mod arrows;
pub mod documents;
pub mod licences;
pub mod packages;
pub mod shape;
pub mod source;
pub mod territory;
pub mod tree;
pub mod words;

use packages::Package;
use std::fmt;
use tree::Tree;

/// One place that breaks one rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The file, relative to the root of the repository.
    pub path: String,
    /// The line, counted from 1; 1 where the whole file is meant.
    pub line: usize,
    /// The rule's short name.
    pub rule: &'static str,
    /// What is wrong and what to do instead.
    pub text: String,
}

impl Violation {
    /// A violation of `rule` at `line` of `path`.
    pub fn new(path: &str, line: usize, rule: &'static str, text: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, rule, text: text.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}: {}", self.path, self.line, self.rule, self.text)
    }
}

/// Every rule over everything, in order of path and line.
pub fn check(tree: &Tree, packages: &[Package]) -> Vec<Violation> {
    let mut found = Vec::new();
    found.extend(arrows::check(packages));
    found.extend(licences::check(tree, packages));
    found.extend(packages::check(tree, packages));
    found.extend(shape::check(tree));
    found.extend(territory::check(tree));
    found.extend(words::check(tree));
    found.extend(documents::check(tree));
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_is_printed_as_one_line_an_editor_can_jump_to() {
        let violation = Violation::new("crates/web/src/lib.rs", 7, "sql", "SQL belongs to the store");
        assert_eq!(violation.to_string(), "crates/web/src/lib.rs:7: sql: SQL belongs to the store");
    }

    #[test]
    fn violations_come_in_order_of_path_and_line() {
        let tree = Tree::of(&[
            ("deny.toml", "[licenses]\nallow = [\"MIT\"]\n"),
            ("docs/b.md", "[gone](nowhere.md)\n"),
            ("docs/a.md", "fine\n\n[gone](nowhere.md)\n[gone](elsewhere.md)\n"),
        ]);
        let lines: Vec<_> = check(&tree, &[]).into_iter().map(|found| (found.path, found.line)).collect();
        assert_eq!(lines, [("docs/a.md".into(), 3), ("docs/a.md".into(), 4), ("docs/b.md".into(), 1)]);
    }
}
