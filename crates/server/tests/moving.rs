//! Moving as an operator does it: the real binary, a file that is nobody else's, a kill in the middle, a trial.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_neighborbid");

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command.args(arguments).arg("--data-dir").arg(folder).env("NEIGHBORBID_LOG", "info").stdin(Stdio::null());
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

/// What it says where it succeeds.
#[track_caller]
fn succeeds(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What it says where it ends with 1.
#[track_caller]
fn fails(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr).unwrap()
}

/// A market in a folder, and its export.
struct Market {
    folder: TempDir,
    file: String,
}

impl Market {
    fn exported() -> Market {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        succeeds(&data, &["seed", "--auctions", "120", "--members", "20"]);
        let file = folder.path().join("market.jsonl").to_str().unwrap().to_owned();
        let said = succeeds(&data, &["export", "--to", &file]);
        assert!(said.contains("0 violations") && said.contains("exported "), "{said}");
        Market { folder, file }
    }

    fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.file).unwrap()
    }

    /// Another file beside it.
    fn changed(&self, text: &str) -> String {
        let path = format!("{}.changed", self.file);
        fs::write(&path, text).unwrap();
        path
    }
}

/// A process that does not outlive its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail where it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Without what differs between two exports of the same rows: when, and so every digest.
fn rows(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.starts_with('[')).collect()
}

#[test]
fn a_market_moves_and_comes_out_the_same() {
    let market = Market::exported();
    let mode = fs::metadata(&market.file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "its owner's alone");
    assert!(!Path::new(&format!("{}.partial", market.file)).exists());
    let other = market.folder.path().join("other");

    let said = succeeds(&other, &["import", "--from", &market.file, "--dry-run"]);
    assert!(said.contains("nothing was written") && !other.join("neighborbid.sqlite").exists(), "{said}");
    let said = succeeds(&other, &["import", "--from", &market.file]);
    assert!(said.contains("0 violations") && said.contains("may be served"), "{said}");
    let again = succeeds(&other, &["export", "--to", "-", "--without-audit"]);
    assert_eq!(rows(&market.text()), rows(&again));

    let said = fails(&other, &["import", "--from", &market.file]);
    assert!(said.contains("it is in use already: members has rows"), "{said}");
    let said = fails(&market.data(), &["export", "--to", &market.file]);
    assert!(said.contains("already"), "{said}");
}

#[test]
fn an_import_that_was_killed_goes_on_and_cannot_be_served_before() {
    let market = Market::exported();
    let other = market.folder.path().join("other");
    let text = market.text();
    // All of `items` has been taken when it says so; then it waits for more, and is killed.
    let cut = text.find("{\"table\":\"auctions\"}").unwrap();
    let mut import = command(&other, &["import", "--from", "-"]);
    let mut import = Running(import.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap());
    let mut input = import.0.stdin.take().unwrap();
    input.write_all(&text.as_bytes()[..cut]).unwrap();
    input.flush().unwrap();
    let mut said = BufReader::new(import.0.stdout.take().unwrap()).lines();
    assert!(said.any(|line| line.unwrap().starts_with("items ")), "it says how far it has come");
    drop(import);

    let said = fails(&other, &["serve", "--listen", "127.0.0.1:0"]);
    assert!(said.contains("an import into this store has not ended"), "{said}");
    let said = fails(&other, &["seed"]);
    assert!(said.contains("has not ended"), "{said}");
    let later = format!("{}.later", market.file);
    succeeds(&market.data(), &["export", "--to", &later, "--without-audit"]);
    let said = fails(&other, &["import", "--from", &later]);
    assert!(said.contains("a part of another file"), "{said}");
    let said = succeeds(&other, &["import", "--from", &market.file]);
    assert!(said.contains("an earlier import came as far as line"), "{said}");
    assert!(!said.contains("regions  "), "what was there is not taken again: {said}");
    assert_eq!(rows(&text), rows(&succeeds(&other, &["export", "--to", "-", "--without-audit"])));
}

#[test]
fn a_file_that_is_not_as_it_was_written_is_refused_at_its_line() {
    let market = Market::exported();
    let other = market.folder.path().join("other");
    let text = market.text();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let wallet = lines.iter().position(|line| line.starts_with("{\"table\":\"wallets\"}")).unwrap() + 1;
    let mut repeated = lines.clone();
    repeated.insert(wallet, lines[wallet]);
    let mut richer = lines.clone();
    let more = lines[wallet].replacen("00,", "01,", 1);
    assert_ne!(more, lines[wallet]);
    richer[wallet] = &more;
    let (first, last) = (wallet + 1, wallet + 20);
    for (changed, part) in [
        (lines[..wallet + 3].concat(), format!("line {}: the file ends before its last line", wallet + 4)),
        (repeated.concat(), format!("line {}: the rows of lines {first} to {}", last + 2, last + 1)),
        (richer.concat(), format!("line {}: the rows of lines {first} to {last}", last + 1)),
        (text[..text.len() - 1].to_owned(), "it was cut off".to_owned()),
    ] {
        let file = market.changed(&changed);
        for arguments in [&["import", "--from", &file, "--dry-run"][..], &["import", "--from", &file][..]] {
            let _ = fs::remove_dir_all(&other);
            let said = fails(&other, arguments);
            assert!(said.contains(&part), "{said}: {part}");
        }
    }
}

#[test]
fn a_running_house_is_only_tried() {
    let market = Market::exported();
    let mut house = command(&market.data(), &["serve", "--listen", "127.0.0.1:0"]);
    let mut house = Running(house.stdout(Stdio::piped()).spawn().unwrap());
    let mut line = String::new();
    BufReader::new(house.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("listening on"), "{line}");
    let trial = format!("{}.trial", market.file);
    let said = fails(&market.data(), &["export", "--to", &trial]);
    assert!(said.contains("stop the house first") && !Path::new(&trial).exists(), "{said}");
    let said = succeeds(&market.data(), &["export", "--to", &trial, "--while-running"]);
    assert!(said.contains("a trial beside a running house"), "{said}");
    let said = succeeds(&market.folder.path().join("other"), &["import", "--from", &trial]);
    assert!(said.contains("0 violations"), "{said}");
}

#[test]
fn a_broken_store_is_not_exported_and_a_broken_import_is_not_served() {
    let market = Market::exported();
    let broken = format!("{}.broken", market.file);
    let store = rusqlite::Connection::open(market.data().join("neighborbid.sqlite")).unwrap();
    store.execute("UPDATE wallets SET available = available + 1 WHERE member = 2", []).unwrap();
    drop(store);
    fails(&market.data(), &["export", "--to", &broken]);
    assert!(!Path::new(&broken).exists());
    succeeds(&market.data(), &["export", "--to", &broken, "--without-audit"]);
    let other = market.folder.path().join("other");
    fails(&other, &["import", "--from", &broken]);
    let said = fails(&other, &["serve", "--listen", "127.0.0.1:0"]);
    assert!(said.contains("has not ended"), "{said}");
    succeeds(&other, &["import", "--from", &broken, "--without-audit"]);
    fails(&other, &["audit"]);
}

#[test]
fn which_store_is_meant_is_said_and_never_guessed() {
    let market = Market::exported();
    let nowhere = ("NEIGHBORBID_DATABASE_URL", "postgres://me:secret@127.0.0.1:1/market");
    let to = format!("{}.to", market.file);
    let (other, data) = (market.folder.path().join("other"), market.data());
    for (folder, arguments) in
        [(&data, ["export", "--to", &to]), (&other, ["import", "--from", &market.file])]
    {
        let both = command(folder, &arguments).env(nowhere.0, nowhere.1).output().unwrap();
        let said = String::from_utf8(both.stderr).unwrap();
        assert!(!both.status.success() && said.contains("say which store is meant"), "{said}");
        assert!(!said.contains("secret") && !other.exists(), "{said}");

        let mut database = Command::new(BINARY);
        let database = database.args(arguments).env(nowhere.0, nowhere.1).output().unwrap();
        let said = String::from_utf8(database.stdout).unwrap();
        assert!(!database.status.success() && said.contains("127.0.0.1:1/market"), "{said}");
        assert!(!said.contains("secret"), "{said}");

        let mut named = command(folder, &arguments);
        let named = named.args(["--database-url", ""]).env(nowhere.0, nowhere.1).output().unwrap();
        let said = String::from_utf8(named.stdout).unwrap();
        assert!(named.status.success(), "{said}{}", String::from_utf8_lossy(&named.stderr));
        assert!(said.contains(folder.join("neighborbid.sqlite").to_str().unwrap()), "{said}");
    }
}
