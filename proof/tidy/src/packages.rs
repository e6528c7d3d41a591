//! The packages that cargo builds this workspace from, read from `cargo metadata`, and the one rule about their manifests.

use crate::Violation;
use crate::tree::Tree;
use serde_json::Value;

/// One package: ours or somebody else's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence as an SPDX expression, if it names one.
    pub licence: Option<String>,
    /// Where it came from; absent for packages on this disk.
    pub source: Option<String>,
    /// The folder of its manifest relative to the root, for packages below the root.
    pub folder: Option<String>,
    /// What it asks for, of every kind.
    pub dependencies: Vec<Dependency>,
}

impl Package {
    /// The path of its manifest relative to the root, or its name when it is not below the root.
    pub fn manifest(&self) -> String {
        match &self.folder {
            Some(folder) if folder.is_empty() => "Cargo.toml".to_owned(),
            Some(folder) => format!("{folder}/Cargo.toml"),
            None => self.name.clone(),
        }
    }
}

/// One line of a manifest that asks for another package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dependency {
    /// The package asked for.
    pub name: String,
    /// What for.
    pub kind: Kind,
    /// Its folder relative to the root, when it is asked for by a path below the root.
    pub folder: Option<String>,
}

/// What a dependency is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// To be linked.
    #[default]
    Normal,
    /// For tests, examples and benches.
    Development,
    /// For the build script.
    Build,
}

/// Reads what `cargo metadata --format-version 1` printed.
///
/// # Errors
/// When it is not JSON.
pub fn read(printed: &[u8]) -> Result<Vec<Package>, serde_json::Error> {
    let metadata: Value = serde_json::from_slice(printed)?;
    let root = metadata["workspace_root"].as_str().unwrap_or_default();
    Ok(array(&metadata["packages"]).map(|package| read_package(package, root)).collect())
}

/// Every package of ours takes the house's lints, by inheriting them or, on the two pure floors, by stricter ones.
pub fn check(tree: &Tree, packages: &[Package]) -> Vec<Violation> {
    let ours = packages.iter().filter(|package| package.folder.is_some());
    let without = ours.filter(|package| {
        let text = tree.text(&package.manifest()).unwrap_or_default();
        !text.lines().any(|line| line.starts_with("[lints"))
    });
    without
        .map(|package| Violation::new(&package.manifest(), 1, "lints", "say `[lints] workspace = true`"))
        .collect()
}

fn read_package(package: &Value, root: &str) -> Package {
    let manifest = package["manifest_path"].as_str().unwrap_or_default();
    let folder = manifest.trim_end_matches("Cargo.toml").trim_end_matches('/');
    Package {
        name: text(&package["name"]).unwrap_or_default(),
        version: text(&package["version"]).unwrap_or_default(),
        licence: text(&package["license"]),
        source: text(&package["source"]),
        folder: if package["source"].is_null() { below(folder, root) } else { None },
        dependencies: array(&package["dependencies"]).map(|asked| read_dependency(asked, root)).collect(),
    }
}

fn read_dependency(asked: &Value, root: &str) -> Dependency {
    let kind = match asked["kind"].as_str() {
        Some("dev") => Kind::Development,
        Some("build") => Kind::Build,
        _ => Kind::Normal,
    };
    Dependency {
        name: text(&asked["name"]).unwrap_or_default(),
        kind,
        folder: asked["path"].as_str().and_then(|path| below(path, root)),
    }
}

fn below(path: &str, root: &str) -> Option<String> {
    let rest = path.strip_prefix(root)?;
    if rest.is_empty() { Some(String::new()) } else { rest.strip_prefix('/').map(str::to_owned) }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = r#"{"workspace_root": "/house", "packages": [
        {"name": "engine", "version": "0.1.0", "license": "MIT", "source": null,
         "manifest_path": "/house/crates/engine/Cargo.toml",
         "dependencies": [{"name": "store", "kind": null, "path": "/house/crates/store"},
                          {"name": "proptest", "kind": "dev", "source": "registry"}]},
        {"name": "elsewhere", "version": "1.0.0", "license": null, "source": "registry+somewhere",
         "manifest_path": "/cache/elsewhere/Cargo.toml", "dependencies": []}]}"#;

    #[test]
    fn packages_are_read_with_their_folders_and_kinds() {
        let packages = read(PRINTED.as_bytes()).expect("the text above is JSON");
        assert_eq!(packages[0].manifest(), "crates/engine/Cargo.toml");
        assert_eq!(packages[0].dependencies[0].folder.as_deref(), Some("crates/store"));
        assert_eq!(packages[0].dependencies[1].kind, Kind::Development);
        assert_eq!((packages[1].folder.clone(), packages[1].licence.clone()), (None, None));
    }

    #[test]
    fn a_package_without_lints_is_found() {
        let packages = read(PRINTED.as_bytes()).expect("the text above is JSON");
        let bare = Tree::of(&[("crates/engine/Cargo.toml", "[package]\nname = \"engine\"\n")]);
        assert_eq!(check(&bare, &packages).len(), 1);
        let linted = Tree::of(&[("crates/engine/Cargo.toml", "[package]\n[lints]\nworkspace = true\n")]);
        assert_eq!(check(&linted, &packages), []);
    }
}
