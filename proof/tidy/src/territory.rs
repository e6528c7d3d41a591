//! What belongs to one room only: SQL to the store, environment and files to the server, and to the pure rooms nothing
//! that could differ between two runs.
//!
//! Tests are free: a test may open a folder of its own or plant a broken row.

use crate::Violation;
use crate::source::{Source, has_word};
use crate::tree::Tree;

/// How a statement begins. In capitals, as all SQL here is written.
const STATEMENTS: [&str; 13] = [
    "SELECT ",
    "INSERT INTO ",
    "INSERT OR ",
    "UPDATE ",
    "DELETE FROM ",
    "CREATE TABLE",
    "CREATE INDEX",
    "CREATE UNIQUE INDEX",
    "ALTER TABLE",
    "DROP TABLE",
    "PRAGMA ",
    "BEGIN IMMEDIATE",
    "TRUNCATE ",
];
/// What no pure room may say: each can differ between two runs, or lose a won.
const IMPURE: [&str; 11] = [
    "f32",
    "f64",
    "HashMap",
    "HashSet",
    "async",
    "SystemTime",
    "Instant",
    "thread",
    "Mutex",
    "RwLock",
    "RefCell",
];

/// Every place where a room does what only another may.
pub fn check(tree: &Tree) -> Vec<Violation> {
    let rooms = || tree.texts().filter(|(path, _)| path.starts_with("crates/"));
    let astray = rooms().filter(|(path, _)| path.ends_with(".sql") && room(path) != "store");
    let mut found: Vec<_> =
        astray.map(|(path, _)| Violation::new(path, 1, "sql", "SQL belongs to the store")).collect();

    let product = rooms().filter(|(path, _)| path.ends_with(".rs") && is_product(path));
    let sources: Vec<_> = product.map(|(path, text)| (path, Source::read(text))).collect();
    let tests: Vec<_> = sources.iter().flat_map(|(path, source)| test_files(path, source)).collect();
    for (path, source) in &sources {
        if !tests.iter().any(|test| belongs_to(path, test)) {
            found.extend(sql(path, source));
            found.extend(outside(path, source));
            found.extend(impure(path, source));
        }
    }
    found
}

/// Where the modules stand that `path` declares for tests alone, without their ending.
fn test_files(path: &str, source: &Source) -> Vec<String> {
    let whole = path.trim_end_matches(".rs");
    let folder = ["/mod", "/lib", "/main"].iter().find_map(|end| whole.strip_suffix(end)).unwrap_or(whole);
    source.test_modules.iter().map(|name| format!("{folder}/{name}")).collect()
}

fn belongs_to(path: &str, module: &str) -> bool {
    path.strip_prefix(module).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

fn room(path: &str) -> &str {
    path.split('/').nth(1).unwrap_or_default()
}

/// Whether a file is part of what ships, not a test.
fn is_product(path: &str) -> bool {
    let in_source = path.split('/').any(|part| part == "src");
    in_source && !path.split('/').any(|part| part == "tests" || part == "tests.rs")
}

fn sql(path: &str, source: &Source) -> Vec<Violation> {
    if room(path) == "store" {
        return Vec::new();
    }
    let statements = source.literals().filter(|(_, inside)| is_statement(inside));
    statements.map(|(line, _)| Violation::new(path, line, "sql", "SQL belongs to the store")).collect()
}

fn is_statement(inside: &str) -> bool {
    let inside = inside.trim_start();
    STATEMENTS.iter().any(|begin| inside.starts_with(begin))
        || inside.lines().any(|line| line.trim_start().starts_with("SELECT ") || line.contains(" FROM "))
}

fn outside(path: &str, source: &Source) -> Vec<Violation> {
    let forbidden: &[&str] = match room(path) {
        "server" => &[],
        "store" => &["env"],
        _ => &["env", "fs"],
    };
    let used = |module: &&&str| source_uses(source, module);
    let lines = forbidden.iter().filter_map(|module| Some((module, used(&module)?)));
    let text = |module| format!("`{module}` belongs to the server: take what you need as a parameter");
    lines.map(|(module, line)| Violation::new(path, line, "outside", text(module))).collect()
}

/// The first line that names `std::module` or `tokio::module`, also inside a list of imports.
fn source_uses(source: &Source, module: &str) -> Option<usize> {
    let mut in_list = false;
    for (line, code) in source.lines() {
        let opens = ["use std::{", "use tokio::{"].iter().any(|begin| code.contains(begin));
        let direct = ["std::", "tokio::"].iter().any(|root| names(code, root, module));
        in_list = in_list || opens;
        if direct || (in_list && has_word(code, module)) {
            return Some(line);
        }
        in_list = in_list && !code.contains(';');
    }
    None
}

fn names(code: &str, root: &str, module: &str) -> bool {
    code.match_indices(root).any(|(at, _)| {
        let rest = &code[at + root.len()..];
        let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
        rest[..end] == *module
    })
}

fn impure(path: &str, source: &Source) -> Vec<Violation> {
    if !["ledger", "auction"].contains(&room(path)) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (line, code) in source.lines() {
        for word in IMPURE.iter().filter(|word| has_word(code, word)) {
            let text = format!("`{word}` in a pure room: nothing here may differ between two runs");
            found.push(Violation::new(path, line, "pure", text));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn rules(path: &str, text: &str, expected: &[(usize, &str)]) {
        let found = check(&Tree::of(&[(path, text)]));
        let rules: Vec<_> = found.iter().map(|violation| (violation.line, violation.rule)).collect();
        assert_eq!(rules, expected, "{found:?}");
    }

    #[test]
    fn sql_outside_the_store_is_found() {
        let statement = "fn a() {\n    q(\"SELECT id FROM members\");\n}\n";
        rules("crates/web/src/members.rs", statement, &[(2, "sql")]);
        rules("crates/server/src/audit.rs", "const A: &str = r#\"\n  UPDATE a SET b = 1\"#;", &[(1, "sql")]);
        rules("crates/web/src/a.rs", "q(\"WITH t AS (1) SELECT a FROM t\");", &[(1, "sql")]);
        rules("crates/web/migrations/1.sql", "", &[(1, "sql")]);
        rules("crates/store/sqlite/src/records.rs", statement, &[]);
        rules("crates/web/tests/members.rs", statement, &[]);
        rules("crates/web/src/members.rs", "// SELECT id FROM members\nt(\"Select a region\");", &[]);
        rules("crates/web/src/a.rs", "#[cfg(test)]\nmod tests {\n    q(\"DELETE FROM a\");\n}\n", &[]);
    }

    #[test]
    fn files_that_are_compiled_for_tests_alone_are_free() {
        let statement = "q(\"DELETE FROM a\");";
        let tree = Tree::of(&[
            ("crates/web/src/lib.rs", "mod pages;"),
            ("crates/web/src/pages/mod.rs", "#[cfg(test)]\nmod gallery;\nmod gallery_of_all;"),
            ("crates/web/src/pages/gallery.rs", statement),
            ("crates/web/src/pages/gallery/sample.rs", statement),
            ("crates/web/src/pages/gallery_of_all.rs", statement),
        ]);
        let found: Vec<_> = check(&tree).into_iter().map(|violation| violation.path).collect();
        assert_eq!(found, ["crates/web/src/pages/gallery_of_all.rs"]);
    }

    #[test]
    fn environment_and_files_belong_to_the_server() {
        rules("crates/web/src/a.rs", "let a = std::env::var(\"A\");", &[(1, "outside")]);
        rules("crates/engine/src/a.rs", "\nuse std::fs;", &[(2, "outside")]);
        rules("crates/live/src/a.rs", "use std::{\n    fmt,\n    fs,\n};", &[(3, "outside")]);
        rules("crates/live/src/a.rs", "use tokio::fs::File;", &[(1, "outside")]);
        rules("crates/store/sqlite/src/a.rs", "use std::fs;\nuse std::env;", &[(2, "outside")]);
        rules("crates/server/src/settings.rs", "use std::{env, fs};", &[]);
        rules("crates/web/src/a.rs", "use std::{fmt, io};\nlet env = 1;\nlet a = env!(\"A\");", &[]);
    }

    #[test]
    fn a_pure_room_says_nothing_that_can_differ() {
        rules("crates/auction/src/a.rs", "use std::collections::HashMap;", &[(1, "pure")]);
        rules("crates/ledger/src/a.rs", "fn a(b: i64) -> f64 {", &[(1, "pure")]);
        rules("crates/ledger/src/a.rs", "// no f64, no async\nuse std::collections::BTreeMap;", &[]);
        rules("crates/engine/src/a.rs", "use std::collections::HashMap;", &[]);
    }
}
