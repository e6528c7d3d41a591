//! A PostgreSQL of a test's own: started once for each test binary, a new database for each check, and gone with the
//! process, however that ends.
//!
//! The server is watched by a shell that holds the other end of a pipe: when this process is gone, the pipe closes, and
//! the shell stops the server and removes its folder. It is a process group of its own, so that whoever ends ours leaves it
//! to do that. PostgreSQL refuses to run as root, so for root it runs as the user
//! `postgres`, as Debian's package makes one.
#![expect(
    clippy::missing_panics_doc,
    reason = "a test without its database has failed, and says in a sentence what is missing"
)]

mod pair;

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

pub use pair::Pair;

/// Where Debian keeps each release, by number.
const RELEASES: &str = "/usr/lib/postgresql";

/// Whom the server and its databases belong to.
const OWNER: &str = "neighborbid";

/// What the shell that watches the server runs: the folder of programs, the folder of the server, the port.
const WATCH: &str = r#"
"$1/pg_ctl" -D "$2/data" -l "$2/log" -w -t 60 \
    -o "-k $2 -p $3 -h 127.0.0.1 -c fsync=on -c max_connections=60 -c log_line_prefix='%d '" start >"$2/start" 2>&1 \
    && echo started || echo failed
read -r _
"$1/pg_ctl" -D "$2/data" -m immediate -w stop >/dev/null 2>&1
rm -rf "$2"
"#;

/// A server that runs as long as this process.
pub struct Server {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    databases: AtomicU32,
    /// While this is open, the server runs.
    _watched: ChildStdin,
}

/// The server of this process, started when it is first asked for.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(Server::start)
}

impl Server {
    /// Makes a new, empty database, and gives its address.
    pub fn database(&self) -> String {
        let name = format!("check_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let port = self.port.to_string();
        let made = Command::new(self.programs.join("createdb"))
            .args(["-h", "127.0.0.1", "-p", &port, "-U", OWNER, &name])
            .output()
            .expect("createdb stands beside initdb");
        assert!(made.status.success(), "no database: {}", String::from_utf8_lossy(&made.stderr));
        format!("postgres://{OWNER}@127.0.0.1:{port}/{name}?sslmode=disable")
    }

    /// Asks the database at this address something, and gives the answer.
    pub fn ask(&self, address: &str, sql: &str) -> String {
        let asked = Command::new(self.programs.join("psql")).args(["-qAtX", "-c", sql, address]).output();
        let said = asked.expect("psql stands beside initdb");
        assert!(said.status.success(), "{sql}: {}", String::from_utf8_lossy(&said.stderr));
        String::from_utf8_lossy(&said.stdout).trim().to_owned()
    }

    /// Where the server listens on this machine.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What the server has said about the database at this address; each line begins with a database's name.
    pub fn said_of(&self, address: &str) -> Vec<String> {
        let name = address.rsplit('/').next().and_then(|rest| rest.split('?').next()).unwrap_or_default();
        let log = fs::read_to_string(self.folder.join("log")).expect("the server keeps a log");
        log.lines().filter(|line| line.split(' ').next() == Some(name)).map(str::to_owned).collect()
    }

    /// Starts a server of one test's own, for what concerns a whole server; it ends when it is dropped.
    pub fn start() -> Server {
        let programs = programs();
        let folder = TempDir::with_prefix("nb-pg-").expect("a temporary folder").keep();
        let user = server_user(&folder);
        let made = as_user(user, &programs.join("initdb"))
            .args(["-N", "-A", "trust", "-E", "UTF8", "--locale=C", "-U", OWNER, "-D"])
            .arg(folder.join("data"))
            .current_dir(&folder)
            .output()
            .expect("initdb runs");
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let port = free_port();
        let mut watcher = as_user(user, Path::new("/bin/sh"))
            .args(["-c", WATCH, "watch"])
            .args([programs.as_os_str(), folder.as_os_str()])
            .arg(port.to_string())
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell runs");
        assert_eq!(first_line(&mut watcher), "started", "{}", why_not(&folder));
        let watched = watcher.stdin.take().expect("it is piped");
        Server { programs, folder, port, databases: AtomicU32::new(0), _watched: watched }
    }
}

/// The programs of the newest release on this machine.
fn programs() -> PathBuf {
    let releases = fs::read_dir(RELEASES).into_iter().flatten().flatten();
    let number = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    let newest =
        releases.map(|entry| entry.path()).filter(|path| path.join("bin/initdb").exists()).max_by_key(number);
    let newest = newest.unwrap_or_else(|| {
        panic!("there is no PostgreSQL in {RELEASES}: install the Debian package `postgresql`")
    });
    newest.join("bin")
}

/// Gives the folder to the user `postgres`, if we are root; says whose it is now if it was given away.
fn server_user(folder: &Path) -> Option<&'static str> {
    if fs::metadata(folder).expect("it was just made").uid() != 0 {
        return None;
    }
    let number = |what: &str| -> u32 {
        let said = Command::new("id").args([what, "postgres"]).output().expect("every Linux has id");
        let said = String::from_utf8_lossy(&said.stdout).trim().parse();
        said.expect("there is no user `postgres`: install the Debian package `postgresql`")
    };
    chown(folder, Some(number("-u")), Some(number("-g"))).expect("root may give a folder away");
    Some("postgres")
}

/// A program that runs as this user, or as ours.
fn as_user(user: Option<&str>, program: &Path) -> Command {
    let Some(user) = user else { return Command::new(program) };
    if exists("setpriv") {
        let mut command = Command::new("setpriv");
        command.args(["--reuid", user, "--regid", user, "--init-groups", "--"]).arg(program);
        return command;
    }
    let mut command = Command::new("runuser");
    command.args(["-u", user, "--"]).arg(program);
    command
}

fn exists(program: &str) -> bool {
    ["/usr/bin", "/bin", "/usr/sbin", "/sbin"].iter().any(|folder| Path::new(folder).join(program).exists())
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
    listener.local_addr().expect("it is bound").port()
}

fn first_line(watcher: &mut Child) -> String {
    let mut line = String::new();
    let said = watcher.stdout.as_mut().expect("it is piped");
    BufReader::new(said).read_line(&mut line).expect("the watcher says how it went");
    line.trim().to_owned()
}

fn why_not(folder: &Path) -> String {
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap_or_default();
    format!("the server did not start: {}\n{}", read("start"), read("log"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_check_has_a_database_of_its_own() {
        let (one, other) = (server().database(), server().database());
        assert_ne!(one, other);
        assert!(server().said_of(&one).is_empty());
    }
}
