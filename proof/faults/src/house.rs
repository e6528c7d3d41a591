//! A house under test: a server process on a folder of its own, started, killed and audited.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

/// How often to look for the first bid, ten times a second.
const LOOKS_MAX: u32 = 600;

/// How long an answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// The binaries that take part.
pub struct Binaries {
    /// The server.
    pub server: PathBuf,
    /// The load generator.
    pub load: PathBuf,
}

impl Binaries {
    /// Starts the load generator against whatever is served there.
    pub fn start_load(&self, url: &str, arguments: &[&str]) -> Result<Child> {
        let (scenario, others) = arguments.split_first().context("a scenario is named")?;
        bound(&self.load)
            .arg(scenario)
            .args(["--url", url])
            .args(others)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("starting the load")
    }
}

/// A folder, a port, and a server on them while it lives.
pub struct House<'a> {
    binaries: &'a Binaries,
    folder: PathBuf,
    port: u16,
    /// Where its figures are.
    metrics: u16,
    server: Option<Child>,
    /// What else its processes find in their environment.
    environment: Vec<(&'static str, String)>,
    /// Removed with the house, if the folder is its own.
    temporary: Option<TempDir>,
}

impl<'a> House<'a> {
    /// A new house on a free port, in a folder of its own, not yet started.
    pub fn new(binaries: &'a Binaries) -> Result<House<'a>> {
        let temporary = tempfile::tempdir()?;
        let mut house = House::at(binaries, temporary.path())?;
        house.temporary = Some(temporary);
        Ok(house)
    }

    /// The same in a folder that is there.
    pub fn at(binaries: &'a Binaries, folder: &Path) -> Result<House<'a>> {
        let ports = [TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?];
        let [port, metrics] = ports.map(|listener| listener.local_addr().map(|address| address.port()));
        Ok(House {
            binaries,
            folder: folder.to_owned(),
            port: port?,
            metrics: metrics?,
            server: None,
            environment: Vec::new(),
            temporary: None,
        })
    }

    /// The same with one more setting.
    pub fn set(mut self, variable: &'static str, value: &str) -> House<'a> {
        self.environment.push((variable, value.to_owned()));
        self
    }

    /// On which port it is served.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Where it is served.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A file that lies beside the store.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The server's process.
    pub fn pid(&self) -> Option<u32> {
        self.server.as_ref().map(Child::id)
    }

    /// Starts the server and waits until it serves.
    pub fn start(&mut self) -> Result<()> {
        let mut child = bound(&self.binaries.server)
            .args(["serve", "--listen", &format!("127.0.0.1:{}", self.port), "--data-dir"])
            .arg(&self.folder)
            .env("NEIGHBORBID_RATE_LIMITS", "off")
            .env("NEIGHBORBID_MINIMUM_DURATION", "1s")
            .env("NEIGHBORBID_LOG", "error")
            .env("NEIGHBORBID_METRICS_LISTEN", format!("127.0.0.1:{}", self.metrics))
            .envs(self.environment.iter().map(|(variable, value)| (*variable, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting the server")?;
        let mut out = BufReader::new(child.stdout.take().context("the server's output is read")?);
        self.server = Some(child);
        let mut line = String::new();
        while out.read_line(&mut line)? > 0 {
            if line.starts_with("listening on ") {
                return Ok(());
            }
            line.clear();
        }
        bail!("the server ended before it served")
    }

    /// Kills the server with signal 9 and waits until it is gone.
    pub fn kill(&mut self) -> Result<()> {
        let mut server = self.server.take().context("a server runs")?;
        server.kill()?;
        server.wait()?;
        Ok(())
    }

    /// Tells the server to stop, and waits until it has ended, which must be in order.
    pub fn stop(&mut self) -> Result<()> {
        self.signal("-TERM")?;
        let mut server = self.server.take().context("a server runs")?;
        let how = server.wait()?;
        if !how.success() {
            bail!("a node did not stop in order: {how}");
        }
        Ok(())
    }

    /// Lets the server stand still: it holds what it holds and answers nobody.
    pub fn freeze(&self) -> Result<()> {
        self.signal("-STOP")
    }

    /// Lets a server that stood still go on.
    pub fn go_on(&self) -> Result<()> {
        self.signal("-CONT")
    }

    fn signal(&self, name: &str) -> Result<()> {
        let pid = self.pid().context("a server runs")?.to_string();
        if !Command::new("kill").args([name, &pid]).status()?.success() {
            bail!("no process hears {name}");
        }
        Ok(())
    }

    /// Whether the server has ended by itself, and how.
    pub fn has_ended(&mut self) -> Result<Option<std::process::ExitStatus>> {
        self.server.as_mut().map_or(Ok(None), |server| Ok(server.try_wait()?))
    }

    /// Fails if the server has ended by itself.
    pub fn must_live(&mut self) -> Result<()> {
        match self.has_ended()? {
            None => Ok(()),
            Some(how) => bail!("a node ended by itself: {how}"),
        }
    }

    /// Starts the load generator against the house.
    pub fn load(&self, arguments: &[&str]) -> Result<Child> {
        self.binaries.start_load(&self.url(), arguments)
    }

    /// Waits until the newest auction is listed with a bid: then members, money and auctions are made.
    pub fn wait_for_bids(&self) -> Result<()> {
        for _ in 0..LOOKS_MAX {
            let seen = self.get("/api/v1/auctions?limit=1").unwrap_or_default();
            if seen.contains("\"bid_count\":") && !seen.contains("\"bid_count\":0") {
                return Ok(());
            }
            sleep(Duration::from_millis(100));
        }
        bail!("no bid came in")
    }

    /// How many bids the newest auction has; none if nobody says so.
    pub fn bid_count(&self) -> Option<u64> {
        let seen = self.get("/api/v1/auctions?limit=1").ok()?;
        let (_, count) = seen.split_once("\"bid_count\":")?;
        count.split(|other: char| !other.is_ascii_digit()).next()?.parse().ok()
    }

    /// The status of what is there; 0 if nobody answers.
    pub fn status(&self, path: &str) -> u16 {
        self.get(path).map(|answer| status(&answer)).unwrap_or_default()
    }

    /// One of the server's figures.
    pub fn figure(&self, name: &str) -> Result<u64> {
        let said = ask(self.metrics, "GET", "/metrics", "")?;
        let value = said.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        value.with_context(|| format!("the server says no {name}"))
    }

    fn get(&self, path: &str) -> Result<String> {
        self.ask("GET", path, "")
    }

    /// Asks the house once, and gives the whole answer; what is sent is JSON.
    pub fn ask(&self, method: &str, path: &str, body: &str) -> Result<String> {
        ask(self.port, method, path, body)
    }

    /// Starts another process that reads the whole store.
    pub fn read_all(&self) -> Result<Child> {
        let mut audit = Command::new(&self.binaries.server);
        audit.args(["audit", "--data-dir"]).arg(&self.folder).stdout(Stdio::null()).stderr(Stdio::null());
        audit.spawn().context("starting a reader")
    }

    /// Audits the store; what it says if a check fails.
    pub fn audit(&self) -> Result<()> {
        let mut audit = Command::new(&self.binaries.server);
        let environment = self.environment.iter().map(|(variable, value)| (*variable, value));
        let audited = audit.args(["audit", "--data-dir"]).arg(&self.folder).envs(environment).output()?;
        if !audited.status.success() {
            let (out, err) =
                (String::from_utf8_lossy(&audited.stdout), String::from_utf8_lossy(&audited.stderr));
            bail!("audit: {out}{err}");
        }
        Ok(())
    }
}

impl Drop for House<'_> {
    fn drop(&mut self) {
        if self.server.is_some() {
            let _ = self.kill();
        }
    }
}

/// Asks whoever serves there once, and gives the whole answer; what is sent is JSON.
pub fn ask(port: u16, method: &str, path: &str, body: &str) -> Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(ANSWER_WITHIN))?;
    let length = body.len();
    write!(stream, "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n")?;
    write!(stream, "content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// The status of an answer; 0 if it is none.
pub fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
}

/// A program that ends with this process, however that ends.
fn bound(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(program);
    command
}

/// Waits for a load to end well, and gives what it printed.
pub fn finish(load: Child) -> Result<String> {
    let ended = load.wait_with_output()?;
    let out = String::from_utf8_lossy(&ended.stdout).into_owned();
    if !ended.status.success() {
        // What is broken stands in the report before its hundreds of points.
        let report = out.split("\"points\"").next().unwrap_or_default();
        bail!("the load found a broken promise: {report}{}", String::from_utf8_lossy(&ended.stderr));
    }
    Ok(out)
}
