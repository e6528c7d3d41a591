//! Documents hold together: every relative link leads somewhere, and every decision has a number of its own.

use crate::Violation;
use crate::tree::Tree;
use std::collections::BTreeMap;

/// Where decisions are kept.
const DECISIONS: &str = "docs/decisions/";

/// Every broken relative link in Markdown, and every decision that is badly numbered.
pub fn check(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for (path, text) in tree.texts().filter(|(path, _)| path.ends_with(".md")) {
        let broken = links(text).into_iter().filter(|(_, target)| !leads_somewhere(tree, path, target));
        let text = |target| format!("`{target}` leads nowhere");
        found.extend(broken.map(|(line, target)| Violation::new(path, line, "link", text(target))));
    }
    found.extend(decisions(tree));
    found
}

fn decisions(tree: &Tree) -> Vec<Violation> {
    let mut by_number: BTreeMap<&str, &str> = BTreeMap::new();
    let mut found = Vec::new();
    for (path, name) in tree.paths().filter_map(|path| Some((path, path.strip_prefix(DECISIONS)?))) {
        let Some((number, _)) = name.split_once('-').filter(|(number, _)| is_decision_number(number)) else {
            found.push(Violation::new(path, 1, "decision", "call it NNNN-what-was-decided.md"));
            continue;
        };
        if let Some(first) = by_number.insert(number, path) {
            found.push(Violation::new(path, 1, "decision", format!("{number} is taken by {first}")));
        }
    }
    found
}

fn is_decision_number(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The targets of all links outside code, each with its line: `[…](target)`, `[…]: target`, `src="…"`, `href="…"`.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (line, content) in (1..).zip(text.lines()) {
        if content.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            let outside = content.split('`').step_by(2);
            found.extend(outside.flat_map(links_in).map(|target| (line, target)));
        }
    }
    found
}

fn links_in(piece: &str) -> Vec<&str> {
    let between = |begin: &'static str, end: char| {
        piece.match_indices(begin).filter_map(move |(at, _)| piece[at + begin.len()..].split(end).next())
    };
    let first_word = |target: &str| target.split_whitespace().next().map(str::len);
    let inline = between("](", ')');
    let defined = between("]: ", '\n').filter(|_| piece.trim_start().starts_with('['));
    let html = between("src=\"", '"').chain(between("href=\"", '"'));
    inline.chain(defined).chain(html).filter_map(|target| target.get(..first_word(target)?)).collect()
}

fn leads_somewhere(tree: &Tree, from: &str, target: &str) -> bool {
    let target = target.trim_start_matches('<').trim_end_matches('>');
    let path = target.split(['#', '?']).next().unwrap_or_default();
    let elsewhere = target.contains("://") || target.starts_with("mailto:");
    if elsewhere || path.is_empty() {
        return true;
    }
    resolve(from, path).is_some_and(|resolved| tree.holds(&resolved))
}

/// The path of `target` as seen from the file `from`; none if it leads out of the repository.
fn resolve(from: &str, target: &str) -> Option<String> {
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let whole = match target.strip_prefix('/') {
        Some(from_the_root) => from_the_root.to_owned(),
        None => format!("{folder}/{target}"),
    };
    let mut parts = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn broken(path: &str, text: &str, expected: &[usize]) {
        let tree = Tree::of(&[("README.md", ""), ("docs/words.md", ""), ("docs/a.png", ""), (path, text)]);
        let found = check(&tree);
        assert_eq!(found.iter().map(|violation| violation.line).collect::<Vec<_>>(), expected, "{found:?}");
    }

    #[test]
    fn relative_links_lead_somewhere() {
        broken("A.md", "[words](docs/words.md#bid) ![a](./docs/a.png \"a picture\") [docs](docs/)", &[]);
        broken(
            "docs/b.md",
            "[up](../README.md), [beside](words.md), [root](/README.md), [far](https://x.y/z)",
            &[],
        );
        broken("docs/b.md", "[here](#part) `[code](nowhere.md)`\n```\n[code](nowhere.md)\n```\n", &[]);
        broken("docs/b.md", "fine\n[gone](README.md)", &[2]);
        broken("docs/b.md", "[out](../../etc/passwd)", &[1]);
        broken("docs/b.md", "[gone]: nowhere.md", &[1]);
        broken("docs/b.md", "<img src=\"nowhere.png\"> <a href=\"words.md\">", &[1]);
    }

    #[test]
    fn decisions_have_numbers_of_their_own() {
        let tree = Tree::of(&[
            ("docs/decisions/0001-first.md", ""),
            ("docs/decisions/0002-second.md", ""),
            ("docs/decisions/0002-second-again.md", ""),
            ("docs/decisions/third.md", ""),
        ]);
        let found: Vec<_> = check(&tree).into_iter().map(|violation| violation.path).collect();
        assert_eq!(found, ["docs/decisions/0002-second.md", "docs/decisions/third.md"]);
    }
}
