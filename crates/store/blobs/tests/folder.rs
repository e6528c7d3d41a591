//! The suite on a folder, and what only a folder can do: be full, be left half-written, hold strangers' files.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

mod sample;
mod suite;

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sample::{bytes, clock, name};
use store::Failure;
use store_blobs::{BLOB_BYTES_MAX, Blobs, Limits, Settings, Upload};
use tempfile::TempDir;

fn open_in(folder: &Path) -> Blobs {
    try_open(folder).unwrap()
}

fn try_open(folder: &Path) -> store::Result<Blobs> {
    Blobs::open(&Settings::Folder(folder.to_owned()), Limits::default(), clock())
}

async fn open(_case: &str) -> (Blobs, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (open_in(folder.path()), folder)
}

suite!(open);

/// Where the blob `name(0x01, form)` lies.
fn path(root: &Path, form: &str) -> PathBuf {
    root.join("01").join("5a").join(format!("01{}.{form}", "5a".repeat(31)))
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[tokio::test]
async fn blobs_lie_where_only_the_house_looks() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("a").join("pictures");
    let blobs = open_in(&root);
    blobs.put(&name(1, "card.webp"), bytes(1, 10)).await.unwrap();
    let file = path(&root, "card.webp");
    assert_eq!(fs::read(&file).unwrap(), bytes(1, 10));
    let folders = [&root, &root.join("unfinished"), &root.join("01"), &root.join("01/5a")];
    assert_eq!(folders.map(|folder| mode(folder)), [0o700; 4]);
    assert_eq!(mode(&file), 0o600);
    assert_eq!(fs::read_dir(root.join("unfinished")).unwrap().count(), 0);

    fs::set_permissions(&root, fs::Permissions::from_mode(0o755)).unwrap();
    let blobs = open_in(&root);
    assert_eq!(mode(&root), 0o700, "a folder that others could read is closed");
    assert_eq!(blobs.get(&name(1, "card.webp")).await.unwrap(), Some(bytes(1, 10)));
}

#[tokio::test]
async fn what_was_left_half_written_is_removed() {
    let (blobs, folder) = open("").await;
    blobs.put(&name(1, "a"), bytes(1, 10)).await.unwrap();
    let left = folder.path().join("unfinished").join("left");
    let written = folder.path().join("unfinished").join("written");
    fs::write(&left, "half").unwrap();
    let writer = File::create(&written).unwrap();
    writer.lock().unwrap();
    let blobs = open_in(folder.path());
    assert!(!left.exists());
    assert!(written.exists(), "another process was still writing it");
    drop(writer);
    open_in(folder.path());
    assert!(!written.exists());
    assert_eq!(blobs.get(&name(1, "a")).await.unwrap(), Some(bytes(1, 10)));
}

#[tokio::test]
async fn what_is_no_blob_is_passed_over() {
    let (blobs, folder) = open("").await;
    blobs.put(&name(1, "b"), bytes(1, 10)).await.unwrap();
    fs::write(folder.path().join("README"), "mine").unwrap();
    fs::write(folder.path().join("01").join("note"), "mine").unwrap();
    fs::write(path(folder.path(), "A"), "mine").unwrap();
    fs::write(path(folder.path(), ".a"), "mine").unwrap();
    let page = blobs.list(None, 10).await.unwrap();
    assert_eq!(page.len(), 1);
    assert_eq!(page[0].name, name(1, "b"));
}

#[tokio::test]
async fn a_file_larger_than_any_picture_is_not_read() {
    let (blobs, folder) = open("").await;
    blobs.put(&name(1, "a"), bytes(1, 10)).await.unwrap();
    let file = File::options().write(true).open(path(folder.path(), "a")).unwrap();
    for (length, read) in [(BLOB_BYTES_MAX, true), (BLOB_BYTES_MAX + 1, false)] {
        file.set_len(length).unwrap();
        assert_eq!(blobs.get(&name(1, "a")).await.is_ok(), read, "{length}");
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_one_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "mine").unwrap();
    assert!(matches!(try_open(&file), Err(Failure::Unavailable { .. })));

    let root = folder.path().join("pictures");
    let blobs = open_in(&root);
    fs::write(root.join("01"), "in the way").unwrap();
    let answer = blobs.put(&name(1, "a"), bytes(1, 10)).await;
    assert!(matches!(answer, Err(Failure::Unavailable { .. })), "{answer:?}");
    blobs.put(&name(2, "a"), bytes(1, 10)).await.unwrap();
}

#[tokio::test]
async fn nobody_uploads_into_a_folder() {
    let (blobs, _folder) = open("").await;
    let name = name(1, "a");
    let upload = Upload {
        name: &name,
        length: 10,
        content_type: "image/jpeg",
        sha256: [1; 32],
        valid_for: Duration::from_secs(60),
    };
    assert_eq!(blobs.presigned_upload(&upload).unwrap(), None);
    assert!(blobs.presigned_upload(&Upload { length: 0, ..upload }).is_err());
}

/// Where the test below finds its folder when it runs as its own child.
const FULL: &str = "STORE_BLOBS_TEST_FULL";

/// The system lets a child of this test write 64 KiB into a file and no more, as a disk does that runs full on the way.
#[test]
fn a_full_folder_keeps_nothing_half() {
    let folder = tempfile::tempdir().unwrap();
    let script = r#"trap "" XFSZ; ulimit -f 128; exec "$@""#;
    let child = Command::new("sh")
        .args(["-c", script, "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "in_a_full_folder", "--nocapture"])
        .env(FULL, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && said.contains("1 passed"), "{said}");
    let kept: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(folder.path().join("02").exists(), "the child wrote nothing: {kept:?}");
}

/// What the child does; without a full folder there is nothing to see here, and the test above asks for it.
#[tokio::test]
async fn in_a_full_folder() {
    let Some(folder) = std::env::var_os(FULL).map(PathBuf::from) else { return };
    let blobs = open_in(&folder);
    blobs.put(&name(1, "a"), bytes(1, 100)).await.unwrap();
    for name in [name(1, "a"), name(1, "b"), name(3, "a")] {
        let answer = blobs.put(&name, bytes(2, 1_000_000)).await;
        assert!(matches!(answer, Err(Failure::Unavailable { .. })), "{answer:?}");
    }
    assert_eq!(fs::read_dir(folder.join("unfinished")).unwrap().count(), 0);
    assert_eq!(blobs.get(&name(1, "a")).await.unwrap(), Some(bytes(1, 100)), "what was there is there");
    assert_eq!(blobs.get(&name(1, "b")).await.unwrap(), None);
    assert_eq!(blobs.get(&name(3, "a")).await.unwrap(), None);
    assert_eq!(blobs.list(None, 10).await.unwrap().len(), 1);
    blobs.put(&name(2, "a"), bytes(1, 60_000)).await.unwrap();
    assert_eq!(blobs.get(&name(2, "a")).await.unwrap(), Some(bytes(1, 60_000)));
}
