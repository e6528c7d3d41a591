//! A primary and its synchronous standby, for what becomes of a market when the primary dies: each is a server of its own
//! on this machine, one shell starts, copies, kills and promotes them, and ends both when its pipe closes.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;

use super::{OWNER, as_user, free_port, programs, server_user};

/// What each of the two is called: its folder, and the name by which a standby is known to its primary.
const NAMES: [&str; 2] = ["left", "right"];

/// The one database that the two hold.
const DATABASE: &str = "market";

/// How often to look whether a standby has caught up, ten times a second.
const LOOKS_MAX: u32 = 300;

/// What the shell runs: the folder of programs, the folder of the two, their owner. It reads one order a line, and says
/// after each `done` or `failed`. An order that is under way when the pipe closes is finished first, so that nothing is
/// started behind its back.
const WATCH: &str = r#"
programs=$1 folder=$2 owner=$3
family() { # what a server consists of: its children and itself; it stands still first, so that it makes no more of them
    pid=$(head -n 1 "$folder/$1/data/postmaster.pid") && kill -STOP "$pid" && family="$(cat "/proc/$pid/task/$pid/children") $pid"
}
obey() {
    data=$folder/$2/data
    case $1 in
    make) "$programs/initdb" -N -A trust -E UTF8 --locale=C -U "$owner" -D "$data" ;;
    start) "$programs/pg_ctl" -D "$data" -l "$folder/$2/log" -w -t 60 -o "-k $folder/$2 -p $3 -h 127.0.0.1 \
        -c cluster_name=$2 -c fsync=on -c max_connections=60 -c wal_keep_size=256MB -c wal_retrieve_retry_interval=500ms -c log_line_prefix='%d '" start ;;
    copy) rm -rf "$data" && "$programs/pg_basebackup" -h 127.0.0.1 -p "$3" -U "$owner" -D "$data" -R -X stream -c fast ;;
    hold) family "$2" && kill -STOP $family ;;
    release) family "$2" && kill -CONT $family ;;
    kill) family "$2" && kill -KILL $family && rm "$data/postmaster.pid" && rm -f "$folder/$2"/.s.PGSQL.* ;; # until init has buried it, its number seems in use
    promote) "$programs/pg_ctl" -D "$data" -w -t 60 promote ;;
    esac
}
while read -r what name port; do
    obey "$what" "$name" "$port" >"$folder/said" 2>&1 && echo done || echo failed
done
for name in left right; do
    [ -e "$folder/$name/data/postmaster.pid" ] && family "$name" && kill -CONT $family
    "$programs/pg_ctl" -D "$folder/$name/data" -m immediate -w stop
done >/dev/null 2>&1
rm -rf "$folder"
"#;

/// Two servers that hold the same; one of them takes writes, and no commit is acknowledged before both have it on disk.
pub struct Pair {
    programs: PathBuf,
    folder: PathBuf,
    ports: [u16; 2],
    /// Which of the two takes writes.
    primary: usize,
    /// While its pipe is open, the two run.
    shell: Child,
    answers: BufReader<ChildStdout>,
}

impl Pair {
    /// Starts both, and waits until every commit waits for the standby.
    pub fn start() -> Pair {
        let programs = programs();
        let folder = TempDir::with_prefix("nb-pg-").expect("a temporary folder").keep();
        let user = server_user(&folder);
        let mut shell = as_user(user, Path::new("/bin/sh"))
            .args(["-c", WATCH, "watch"])
            .args([programs.as_os_str(), folder.as_os_str()])
            .arg(OWNER)
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell runs");
        let answers = BufReader::new(shell.stdout.take().expect("it is piped"));
        let ports = [free_port(), free_port()];
        let mut pair = Pair { programs, folder, ports, primary: 0, shell, answers };
        for name in NAMES {
            let made = as_user(user, Path::new("mkdir")).arg(pair.folder.join(name)).status();
            assert!(made.is_ok_and(|made| made.success()), "no folder for a server");
        }
        pair.order("make", 0);
        pair.order("start", 0);
        pair.ask_in("postgres", &format!("CREATE DATABASE {DATABASE}"));
        pair.add_standby();
        pair
    }

    /// The address of both, for a client that goes to the one that takes writes.
    pub fn database(&self) -> String {
        let [left, right] = self.ports;
        format!("postgres://{OWNER}@127.0.0.1:{left},127.0.0.1:{right}/{DATABASE}?sslmode=disable")
    }

    /// Kills the primary, all of its processes at once, with signal 9. Nothing takes writes until the standby is promoted.
    pub fn kill_primary(&mut self) {
        self.order("kill", self.primary);
    }

    /// Lets the standby stand still: what the primary sends it waits in buffers, so every commit waits too.
    pub fn hold_standby(&mut self) {
        self.order("hold", 1 - self.primary);
    }

    /// Lets the standby go on; it takes what was sent, also by a primary that has died since.
    pub fn release_standby(&mut self) {
        self.order("release", 1 - self.primary);
    }

    /// Makes the standby the primary. It waits for no other from then on, until there is one.
    pub fn promote_standby(&mut self) {
        self.primary = 1 - self.primary;
        self.order("promote", self.primary);
        self.wait_for("''");
    }

    /// Makes whoever is not the primary its standby, by a new copy, and waits until every commit waits for it.
    ///
    /// # Panics
    /// If it does not catch up.
    pub fn add_standby(&mut self) {
        let standby = 1 - self.primary;
        self.order_at("copy", standby, self.ports[self.primary]);
        self.order("start", standby);
        self.wait_for(&format!("'FIRST 1 ({})'", NAMES[standby]));
        let is_there = (0..LOOKS_MAX).any(|_| {
            sleep(Duration::from_millis(100));
            self.ask(
                "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = 'sync'",
            ) == "1"
        });
        assert!(is_there, "the standby does not follow: {}", self.said());
        // Who makes checkpoints also tells everyone that commits must wait; and a commit that has waited has all that was
        // committed before it behind it.
        self.ask("CHECKPOINT");
        self.ask("SELECT pg_logical_emit_message(true, 'pair', 'from here on')");
    }

    /// What the primary says to a statement, as one text.
    pub fn ask(&self, sql: &str) -> String {
        self.ask_in(DATABASE, sql)
    }

    /// What both servers have said in their logs.
    pub fn said(&self) -> String {
        let read = |name: &str| fs::read_to_string(self.folder.join(name).join("log")).unwrap_or_default();
        NAMES.map(read).concat()
    }

    fn wait_for(&self, standbys: &str) {
        self.ask(&format!("ALTER SYSTEM SET synchronous_standby_names = {standbys}"));
        self.ask("SELECT pg_reload_conf()");
    }

    fn ask_in(&self, database: &str, sql: &str) -> String {
        let said = self.psql(database, sql).output().expect("psql stands beside initdb");
        assert!(said.status.success(), "{sql}: {}", String::from_utf8_lossy(&said.stderr));
        String::from_utf8_lossy(&said.stdout).trim().to_owned()
    }

    fn psql(&self, database: &str, sql: &str) -> Command {
        let port = self.ports[self.primary].to_string();
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args(["-h", "127.0.0.1", "-p", &port, "-U", OWNER, "-qAtX", "-c", sql, database]);
        psql
    }

    fn order(&mut self, what: &str, server: usize) {
        self.order_at(what, server, self.ports[server]);
    }

    fn order_at(&mut self, what: &str, server: usize, port: u16) {
        let name = NAMES[server];
        let orders = self.shell.stdin.as_mut().expect("it is piped");
        writeln!(orders, "{what} {name} {port}").expect("the shell reads its orders");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the shell says how it went");
        let why = || fs::read_to_string(self.folder.join("said")).unwrap_or_default();
        assert_eq!(answer.trim(), "done", "{what} {name}: {}{}", why(), self.said());
    }
}

impl Drop for Pair {
    /// Waits until both have ended and nothing is left of them.
    fn drop(&mut self) {
        drop(self.shell.wait());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_primary_acknowledged_is_on_the_standby_and_back_again() {
        let mut pair = Pair::start();
        pair.ask("CREATE TABLE kept (what text)");
        for what in ["by the first", "by the second"] {
            pair.ask(&format!("INSERT INTO kept VALUES ('{what}')"));
            pair.kill_primary();
            pair.promote_standby();
            assert!(pair.ask("TABLE kept").lines().any(|kept| kept == what));
            pair.add_standby();
        }
        assert_eq!(pair.ask("SELECT count(*) FROM kept"), "2");
    }

    #[test]
    fn a_standby_that_stands_still_keeps_commits_waiting() {
        let mut pair = Pair::start();
        pair.ask("CREATE TABLE kept (what text)");
        pair.hold_standby();
        let mut insert = pair.psql(DATABASE, "INSERT INTO kept VALUES ('alone')").spawn().unwrap();
        let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
        assert!((0..LOOKS_MAX).any(|_| {
            sleep(Duration::from_millis(100));
            pair.ask(waits) == "1"
        }));
        assert_eq!(pair.ask("SELECT count(*) FROM kept"), "0");
        pair.release_standby();
        assert!(insert.wait().unwrap().success());
        assert_eq!(pair.ask("SELECT count(*) FROM kept"), "1");
    }
}
