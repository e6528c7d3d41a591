//! A Redis of a test's own: on a free port of this machine, keeping nothing on disk, killed, paused and started again at
//! will, and gone with the process, however that ends.
//!
//! A shell that holds the other end of a pipe watches the server: when this process is gone the pipe closes, and the shell
//! kills it. It is a process group of its own, so that whoever ends ours leaves it to do that.
#![expect(
    clippy::missing_panics_doc,
    reason = "a test without its Redis has failed, and says in a sentence what is missing"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// What the shell that watches the server runs; its argument is the port.
const WATCH: &str = r#"
redis-server --port "$1" --bind 127.0.0.1 --save "" --appendonly no --daemonize no >/dev/null 2>&1 </dev/null &
echo $!
read -r _
kill -CONT $! 2>/dev/null
kill -KILL $! 2>/dev/null
"#;

/// How often to ask whether it serves, a hundred times a second.
const LOOKS_MAX: u32 = 1_000;

/// A server that runs until it is killed or dropped; its port stays its own.
pub struct Redis {
    port: u16,
    running: Option<Running>,
}

struct Running {
    pid: String,
    watcher: Child,
    watched: ChildStdin,
}

impl Redis {
    /// Starts one on a port that was free a moment ago, and waits until it serves.
    pub fn start() -> Redis {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        drop(listener);
        let mut redis = Redis { port, running: None };
        redis.start_again();
        redis
    }

    /// Where it is.
    pub fn address(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Starts it again, empty, on its port, if it was killed.
    pub fn start_again(&mut self) {
        if self.running.is_some() {
            return;
        }
        let port = self.port.to_string();
        let mut watcher = Command::new("/bin/sh")
            .args(["-c", WATCH, "watch", &port])
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell runs");
        let mut pid = String::new();
        let said = watcher.stdout.take().expect("it is piped");
        BufReader::new(said).read_line(&mut pid).expect("the shell says the server's number");
        let watched = watcher.stdin.take().expect("it is piped");
        self.running = Some(Running { pid: pid.trim().to_owned(), watcher, watched });
        assert!(self.serves(), "Redis did not start: is the Debian package `redis-server` installed?");
    }

    /// Kills it; what it knew is gone.
    pub fn kill(&mut self) {
        if let Some(Running { mut watcher, watched, .. }) = self.running.take() {
            drop(watched);
            drop(watcher.wait());
        }
    }

    /// Lets it stand still: connections stay open and nothing is answered.
    pub fn pause(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    pub fn go_on(&self) {
        self.signal("-CONT");
    }

    /// Says something on a channel, as anyone may who reaches it; how many listen there.
    pub fn publish(&self, channel: &str, message: &[u8]) -> usize {
        let mut asked = b"*3\r\n".to_vec();
        for part in [b"PUBLISH", channel.as_bytes(), message] {
            asked.extend(format!("${}\r\n", part.len()).bytes());
            asked.extend(part);
            asked.extend(b"\r\n");
        }
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        stream.write_all(&asked).expect("it reads");
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer).expect("it answers");
        let count = answer.trim().strip_prefix(':').and_then(|count| count.parse().ok());
        count.unwrap_or_else(|| panic!("not how many listen: {answer:?}"))
    }

    fn signal(&self, name: &str) {
        let running = self.running.as_ref().expect("it was not killed");
        let sent = Command::new("kill").args([name, &running.pid]).status().expect("every Linux has kill");
        assert!(sent.success(), "the server is gone");
    }

    fn serves(&self) -> bool {
        (0..LOOKS_MAX).any(|_| {
            sleep(Duration::from_millis(10));
            self.ping().unwrap_or_default()
        })
    }

    fn ping(&self) -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        stream.write_all(b"PING\r\n")?;
        let mut answer = [0; 7];
        stream.read_exact(&mut answer)?;
        Ok(&answer == b"+PONG\r\n")
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_killed_and_started_again_on_its_port() {
        let mut redis = Redis::start();
        let address = redis.address();
        redis.kill();
        assert!(!redis.ping().unwrap_or_default());
        redis.start_again();
        assert_eq!(redis.address(), address);
        assert_eq!(redis.publish("nobody", b"\0\r\n"), 0);
        redis.pause();
        assert!(!redis.ping().unwrap_or_default());
        redis.go_on();
        assert!(redis.ping().unwrap());
    }
}
