//! The shape of files: how long they are, what they are called, and that each one of ours says first what it is.

use crate::Violation;
use crate::tree::Tree;

/// A longer file holds a second idea.
pub const LINES_MAX: usize = 500;
/// An opening sentence shorter than this says nothing.
const SENTENCE_LETTERS_MIN: usize = 30;
/// What people write by hand, by extension; scripts without one are listed by name.
const WRITTEN: [&str; 9] = ["rs", "js", "mjs", "ts", "css", "html", "sql", "ftl", "sh"];
const SCRIPTS: [&str; 2] = ["check", ".ci/run"];
/// Names of drawers: they say that something was put away, not what it is.
const DRAWERS: [&str; 11] =
    ["util", "utils", "helper", "helpers", "common", "manager", "managers", "misc", "type", "types", "imp"];

/// Every file that is too long, badly named or that does not say what it is.
pub fn check(tree: &Tree) -> Vec<Violation> {
    let lengths = tree.texts().filter_map(|(path, text)| too_long(path, text));
    let names = tree.paths().filter_map(badly_named);
    let openings = tree.texts().filter_map(|(path, text)| without_opening(path, text));
    lengths.chain(names).chain(openings).collect()
}

fn too_long(path: &str, text: &str) -> Option<Violation> {
    let written = SCRIPTS.contains(&path) || extension(path).is_some_and(|end| WRITTEN.contains(&end));
    let lines = text.lines().count();
    let text = format!("{lines} lines, {LINES_MAX} at most: look for the second idea");
    (written && lines > LINES_MAX).then(|| Violation::new(path, LINES_MAX + 1, "length", text))
}

fn badly_named(path: &str) -> Option<Violation> {
    let inside = path.strip_prefix("crates/").or_else(|| path.strip_prefix("proof/"))?;
    let drawer = inside.split('/').map(stem).find(|part| is_drawer(part))?;
    let text = format!("`{drawer}` is a drawer: name the file after the thing in it");
    Some(Violation::new(path, 1, "name", text))
}

fn is_drawer(stem: &str) -> bool {
    let version = stem.rsplit_once("_v").is_some_and(|(_, end)| is_number(end));
    DRAWERS.contains(&stem) || stem.starts_with("new_") || version
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn without_opening(path: &str, text: &str) -> Option<Violation> {
    let in_source = path.split('/').any(|part| part == "src") && extension(path) == Some("rs");
    let first = text.lines().next().unwrap_or_default();
    let sentence = first.strip_prefix("//!").unwrap_or_default().trim();
    let said = sentence.chars().count() >= SENTENCE_LETTERS_MIN;
    let text = format!(
        "begin with `//!` and a sentence ({SENTENCE_LETTERS_MIN} letters or more) that says what this is"
    );
    (in_source && !said).then(|| Violation::new(path, 1, "opening", text))
}

fn extension(path: &str) -> Option<&str> {
    path.rsplit('/').next()?.rsplit_once('.').map(|(_, end)| end)
}

fn stem(part: &str) -> &str {
    part.split_once('.').map_or(part, |(stem, _)| stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPENING: &str = "//! Says what this file is and what it promises.\n";

    #[track_caller]
    fn rules(path: &str, text: &str, expected: &[&str]) {
        let found = check(&Tree::of(&[(path, text)]));
        let rules: Vec<_> = found.iter().map(|violation| violation.rule).collect();
        assert_eq!(rules, expected, "{found:?}");
    }

    #[test]
    fn a_file_ends_at_the_limit() {
        let at = "a\n".repeat(LINES_MAX);
        rules("crates/web/static/page.css", &at, &[]);
        rules("crates/web/static/page.css", &format!("{at}a\n"), &["length"]);
        rules("check", &format!("{at}a"), &["length"]);
        rules("Cargo.lock", &format!("{at}a\n"), &[]);
    }

    #[test]
    fn a_drawer_is_found() {
        rules("crates/web/src/utils.rs", OPENING, &["name"]);
        rules("crates/web/src/common/money.rs", OPENING, &["name"]);
        rules("crates/web/static/new_page.css", "", &["name"]);
        rules("proof/browser/forms_v2.mjs", "", &["name"]);
        rules("crates/web/locales/types.test.ftl", "", &["name"]);
        rules("crates/live/src/hub.rs", OPENING, &[]);
        rules("crates/live/src/over_view.rs", OPENING, &[]);
        rules("docs/common.md", "", &[]);
    }

    #[test]
    fn a_file_says_first_what_it_is() {
        rules("crates/live/src/hub.rs", "use std::fmt;\n", &["opening"]);
        rules("crates/live/src/hub.rs", "//! The hub.\n", &["opening"]);
        rules("crates/live/src/hub.rs", "", &["opening"]);
        rules("crates/live/tests/hub.rs", "use std::fmt;\n", &[]);
    }
}
