//! A room may use rooms on lower floors, none on its own floor or above, and nothing in `crates/` may use `proof/`.
//!
//! The floors stand here and in ARCHITECTURE.md. A package inside another's folder (`crates/store/sqlite`) is a child of
//! that room and may use the room's contract; a leaf is a child that uses nothing of ours and is used by its room alone.
//! The two pure floors may depend on nothing but what is listed.

use crate::Violation;
use crate::packages::{Dependency, Kind, Package};

/// The rooms by their folder in `crates/`, each with its floor.
const FLOORS: [(&str, u8); 7] =
    [("ledger", 0), ("auction", 1), ("store", 2), ("live", 2), ("engine", 3), ("web", 4), ("server", 5)];

/// The pure rooms with all that they may depend on: `(room, linked, for tests)`.
const PURE: [(&str, &[&str], &[&str]); 2] =
    [("ledger", &[], &["proptest", "serde_json"]), ("auction", &["ledger"], &["proptest", "serde_json"])];

/// The leaves: children that know nothing of the house and that only their room knows, as `(leaf, room)`.
const LEAVES: [(&str, &str); 2] = [("crates/web/pictures", "crates/web"), ("crates/web/post", "crates/web")];

/// Every arrow between our packages that does not point down, and every arrow out of a pure room that is not allowed.
pub fn check(packages: &[Package]) -> Vec<Violation> {
    let mut found = Vec::new();
    for package in packages {
        let Some(folder) = package.folder.as_deref().filter(|folder| folder.starts_with("crates/")) else {
            continue;
        };
        let faults = package.dependencies.iter().filter_map(|asked| fault(folder, asked));
        found.extend(faults.map(|text| Violation::new(&package.manifest(), 1, "arrows", text)));
        if floor(folder).is_none() {
            let text =
                format!("the room `{}` has no floor: give it one here and in ARCHITECTURE.md", room(folder));
            found.push(Violation::new(&package.manifest(), 1, "arrows", text));
        }
    }
    found
}

/// What is wrong with one dependency of the package in `folder`, if anything.
fn fault(folder: &str, asked: &Dependency) -> Option<String> {
    let name = &asked.name;
    if let Some((room, linked, tests)) = PURE.iter().find(|(pure, _, _)| *pure == room(folder)) {
        let allowed = linked.contains(&name.as_str())
            || (asked.kind == Kind::Development && tests.contains(&name.as_str()));
        return (!allowed).then(|| format!("{room} is pure and may not depend on `{name}`"));
    }
    let target = asked.folder.as_deref()?;
    if target.starts_with("proof/") {
        return Some(format!(
            "nothing in crates/ may use `{name}`: proof looks at the house, never the reverse"
        ));
    }
    if LEAVES.iter().any(|(leaf, _)| *leaf == folder) {
        return Some(format!("{folder} is a leaf and may not use `{name}`"));
    }
    if let Some((leaf, room)) = LEAVES.iter().find(|(leaf, _)| *leaf == target) {
        return (folder != *room).then(|| format!("only {room} may use {leaf}"));
    }
    if is_child(folder, target) {
        return None;
    }
    let (from, to) = (floor(folder)?, floor(target)?);
    (to >= from).then(|| format!("floor {from} may not use `{name}` on floor {to}: arrows only go down"))
}

fn is_child(folder: &str, of: &str) -> bool {
    folder.strip_prefix(of).is_some_and(|rest| rest.starts_with('/'))
}

fn room(folder: &str) -> &str {
    folder.split('/').nth(1).unwrap_or_default()
}

fn floor(folder: &str) -> Option<u8> {
    let room = room(folder);
    FLOORS.iter().find(|(name, _)| *name == room).map(|(_, floor)| *floor)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One package in `folder` that asks for `names`, each a folder of ours or a stranger's name.
    #[track_caller]
    fn check_one(folder: &str, kind: Kind, asked: &str, allowed: bool) {
        let ours = asked.contains('/');
        let name = asked.rsplit('/').next().expect("a split has a last part");
        let dependency = Dependency { name: name.to_owned(), kind, folder: ours.then(|| asked.to_owned()) };
        let package =
            Package { folder: Some(folder.to_owned()), dependencies: vec![dependency], ..Package::default() };
        let found = check(&[package]);
        assert_eq!(found.is_empty(), allowed, "{folder} using {asked}: {found:?}");
    }

    #[test]
    fn arrows_go_down() {
        check_one("crates/engine", Kind::Normal, "crates/store", true);
        check_one("crates/server", Kind::Normal, "crates/ledger", true);
        check_one("crates/web", Kind::Normal, "axum", true);
        check_one("crates/store", Kind::Normal, "crates/live", false);
        check_one("crates/live", Kind::Development, "crates/store", false);
        check_one("crates/engine", Kind::Normal, "crates/web", false);
        check_one("crates/engine", Kind::Development, "crates/server", false);
    }

    #[test]
    fn a_child_uses_its_rooms_contract_but_not_its_twin() {
        check_one("crates/store/sqlite", Kind::Normal, "crates/store", true);
        check_one("crates/store/sqlite", Kind::Normal, "crates/store/postgres", false);
        check_one("crates/store", Kind::Normal, "crates/store/sqlite", false);
        check_one("crates/engine", Kind::Normal, "crates/store/sqlite", true);
    }

    #[test]
    fn a_leaf_is_used_by_its_room_alone_and_uses_nothing_of_ours() {
        check_one("crates/web", Kind::Normal, "crates/web/pictures", true);
        check_one("crates/server", Kind::Normal, "crates/web/pictures", false);
        check_one("crates/engine", Kind::Normal, "crates/web/pictures", false);
        check_one("crates/web/pictures", Kind::Normal, "crates/web", false);
        check_one("crates/web/pictures", Kind::Development, "crates/ledger", false);
        check_one("crates/web/pictures", Kind::Normal, "image", true);
    }

    #[test]
    fn nothing_in_crates_uses_proof() {
        check_one("crates/server", Kind::Development, "proof/load", false);
        check_one("crates/ledger", Kind::Development, "proof/sim", false);
        check_one("proof/load", Kind::Normal, "proof/tidy", true);
    }

    #[test]
    fn the_pure_rooms_depend_on_nothing_else() {
        check_one("crates/auction", Kind::Normal, "crates/ledger", true);
        check_one("crates/auction", Kind::Development, "proptest", true);
        check_one("crates/auction", Kind::Normal, "serde_json", false);
        check_one("crates/ledger", Kind::Normal, "rand", false);
        check_one("crates/ledger", Kind::Build, "proptest", false);
    }

    #[test]
    fn a_room_without_a_floor_is_found() {
        check_one("crates/attic", Kind::Normal, "serde", false);
    }
}
