//! The files of the repository as tidy sees them: every path, and the text of those that are text.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// Folders that a build, a test or a run leaves behind, wherever they stand.
const LEFT_BEHIND: [&str; 3] = [".git", "target", "node_modules"];
/// The same, but only at the root: a store's folder, and pictures of pages.
const LEFT_AT_THE_ROOT: [&str; 3] = ["data", "demo-data", "screenshots"];
/// No text that people write is longer, in bytes; a larger file is known by its path alone.
const TEXT_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Paths relative to the root, with `/` between their parts, and their texts.
#[derive(Debug, Default)]
pub struct Tree {
    files: BTreeMap<String, Option<String>>,
}

impl Tree {
    /// Reads all below `root` except what builds, tests and runs leave behind.
    ///
    /// # Errors
    /// When a folder or file cannot be read.
    pub fn read(root: &Path) -> io::Result<Self> {
        let mut tree = Self::default();
        tree.read_folder(root, "")?;
        Ok(tree)
    }

    /// A tree made up by a test.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), Some((*text).to_owned()))).collect();
        Self { files }
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Every path in order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Every file that is text, in order of path.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().filter_map(|(path, text)| Some((path.as_str(), text.as_deref()?)))
    }

    /// The text of one file, if it is there and is text.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path)?.as_deref()
    }

    /// Whether `path` is a file or a folder here; the root itself is `""`.
    pub fn holds(&self, path: &str) -> bool {
        let below = format!("{path}/");
        path.is_empty()
            || self.files.contains_key(path)
            || self.paths().any(|other| other.starts_with(&below))
    }

    fn read_folder(&mut self, folder: &Path, prefix: &str) -> io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            let kind = entry.file_type()?;
            if kind.is_dir() && !is_left_behind(&name, prefix) {
                self.read_folder(&entry.path(), &format!("{path}/"))?;
            } else if kind.is_file() {
                let text = read_text(&entry.path(), entry.metadata()?.len())?;
                self.files.insert(path, text);
            }
        }
        Ok(())
    }
}

fn is_left_behind(name: &str, prefix: &str) -> bool {
    LEFT_BEHIND.contains(&name) || (prefix.is_empty() && LEFT_AT_THE_ROOT.contains(&name))
}

fn read_text(path: &Path, bytes: u64) -> io::Result<Option<String>> {
    if bytes > TEXT_BYTES_MAX {
        return Ok(None);
    }
    Ok(String::from_utf8(std::fs::read(path)?).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_their_folders_are_held() {
        let tree = Tree::of(&[("docs/words.md", "x")]);
        assert!(tree.holds("docs/words.md") && tree.holds("docs") && tree.holds(""));
        assert!(!tree.holds("doc") && !tree.holds("docs/words"));
    }

    #[test]
    fn what_builds_leave_behind_is_not_read() {
        assert!(is_left_behind("target", "") && is_left_behind("node_modules", "proof/browser/"));
        assert!(is_left_behind("data", ""));
        assert!(!is_left_behind("data", "crates/web/"), "a crate may ship data");
    }

    #[test]
    fn this_package_reads_itself() {
        let tree = Tree::read(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("its own folder is readable");
        assert!(tree.text("src/tree.rs").is_some_and(|text| text.starts_with("//! The files")));
    }
}
