//! Every dependency comes from the public registry and under a licence on the list in deny.toml.
//!
//! The list is read from deny.toml so that there is one list, whichever tool reads it.

use crate::Violation;
use crate::packages::Package;
use crate::tree::Tree;

/// How cargo names the public registry; in pieces, because no file of ours may name its host.
const PUBLIC: [&str; 2] = ["registry+https://github.com/rust-lang/crates", ".io-index"];
/// Where the list stands.
const LIST: &str = "deny.toml";

/// Every dependency whose licence is not allowed or unknown, or that comes from elsewhere.
pub fn check(tree: &Tree, packages: &[Package]) -> Vec<Violation> {
    let allowed = match read_list(tree.text(LIST).unwrap_or_default()) {
        Ok(allowed) if !allowed.is_empty() => allowed,
        Ok(_) => {
            return vec![Violation::new(LIST, 1, "licences", "`[licenses] allow` names no licence")];
        }
        Err(error) => return vec![Violation::new(LIST, 1, "licences", error.message())],
    };
    packages.iter().filter_map(|package| Some(violation(package, fault(package, &allowed)?))).collect()
}

fn violation(package: &Package, text: String) -> Violation {
    Violation::new("Cargo.lock", 1, "licences", format!("{} {}: {text}", package.name, package.version))
}

fn read_list(text: &str) -> Result<Vec<String>, toml::de::Error> {
    let deny: toml::Table = text.parse()?;
    let list =
        deny.get("licenses").and_then(|licenses| licenses.get("allow")).and_then(toml::Value::as_array);
    Ok(list.into_iter().flatten().filter_map(toml::Value::as_str).map(str::to_owned).collect())
}

fn fault(package: &Package, allowed: &[String]) -> Option<String> {
    match &package.source {
        Some(source) if *source != PUBLIC.concat() => {
            return Some(format!("comes from {source}, not from the public registry"));
        }
        None if package.folder.is_none() => return Some("comes from outside this repository".to_owned()),
        _ => {}
    }
    let Some(licence) = &package.licence else {
        return Some("names no licence".to_owned());
    };
    (!is_allowed(licence, allowed)).then(|| format!("`{licence}` is not within the list in {LIST}"))
}

/// Whether an SPDX expression can be satisfied by the allowed licences. Older packages write `/` for `OR`.
fn is_allowed(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut words = words.as_slice();
    any_of(&mut words, allowed) && words.is_empty()
}

fn any_of(words: &mut &[&str], allowed: &[String]) -> bool {
    let mut holds = all_of(words, allowed);
    while take(words, "OR") {
        let other = all_of(words, allowed);
        holds = holds || other;
    }
    holds
}

fn all_of(words: &mut &[&str], allowed: &[String]) -> bool {
    let mut holds = one(words, allowed);
    while take(words, "AND") {
        let other = one(words, allowed);
        holds = holds && other;
    }
    holds
}

fn one(words: &mut &[&str], allowed: &[String]) -> bool {
    if take(words, "(") {
        let holds = any_of(words, allowed);
        return take(words, ")") && holds;
    }
    let Some((name, rest)) = words.split_first() else {
        return false;
    };
    *words = rest;
    if !take(words, "WITH") {
        return allowed.iter().any(|licence| licence == name);
    }
    let Some((exception, rest)) = words.split_first() else {
        return false;
    };
    *words = rest;
    let whole = format!("{name} WITH {exception}");
    allowed.contains(&whole)
}

fn take(words: &mut &[&str], word: &str) -> bool {
    match words.split_first() {
        Some((first, rest)) if *first == word => {
            *words = rest;
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_expression(expression: &str, expected: bool) {
        let allowed =
            ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "Unicode-3.0"].map(str::to_owned);
        assert_eq!(is_allowed(expression, &allowed), expected, "{expression}");
    }

    #[test]
    fn expressions_are_judged() {
        check_expression("MIT", true);
        check_expression("GPL-3.0-only", false);
        check_expression("GPL-3.0-only OR MIT", true);
        check_expression("MIT/Apache-2.0", true);
        check_expression("(MIT OR GPL-2.0) AND Unicode-3.0", true);
        check_expression("MIT AND GPL-2.0", false);
        check_expression("MIT OR Apache-2.0 AND GPL-2.0", true);
        check_expression("Apache-2.0 WITH LLVM-exception", true);
        check_expression("GPL-2.0 WITH Classpath-exception-2.0", false);
        check_expression("(MIT", false);
        check_expression("", false);
    }

    fn package(licence: Option<&str>, source: Option<String>) -> Package {
        Package { name: "x".into(), licence: licence.map(str::to_owned), source, ..Package::default() }
    }

    fn found(package: Package) -> usize {
        let tree = Tree::of(&[("deny.toml", "[licenses]\nallow = [\"MIT\"]\n")]);
        check(&tree, &[package]).len()
    }

    #[test]
    fn a_foreign_licence_or_source_is_found() {
        assert_eq!(found(package(Some("MIT"), Some(PUBLIC.concat()))), 0);
        assert_eq!(found(package(Some("AGPL-3.0"), Some(PUBLIC.concat()))), 1);
        assert_eq!(found(package(None, Some(PUBLIC.concat()))), 1);
        assert_eq!(found(package(Some("MIT"), Some("git+https://example.org/x".into()))), 1);
        assert_eq!(found(package(Some("MIT"), None)), 1, "a path outside the repository");
    }

    #[test]
    fn a_missing_list_is_found() {
        assert_eq!(check(&Tree::of(&[]), &[]).len(), 1);
        assert_eq!(check(&Tree::of(&[("deny.toml", "not toml at all =")]), &[]).len(), 1);
    }
}
