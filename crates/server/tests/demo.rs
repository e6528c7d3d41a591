//! The demo as a newcomer runs it: the real binary in a folder of its own, until it is asked to stop.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::Value;
use tungstenite::{Message, WebSocket};

const BINARY: &str = env!("CARGO_BIN_EXE_neighborbid");

/// A running demo; whatever happens to the test, it does not outlive it.
struct Demo {
    process: Child,
    said: BufReader<ChildStderr>,
    address: String,
}

impl Demo {
    /// Starts it on a port that the system chooses, and waits until it listens.
    fn start(folder: &Path) -> Demo {
        let mut process = Command::new(BINARY)
            .args(["demo", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(folder)
            .env("NEIGHBORBID_LOG", "info")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(process.stderr.take().unwrap());
        let mut out = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").map(str::to_owned);
        let address = address.unwrap_or_else(|| panic!("it says where it listens: {line:?}"));
        Demo { process, said, address }
    }

    /// Reads its log until it says this.
    fn wait_until_it_says(&mut self, words: &str) {
        let mut line = String::new();
        while !line.contains(words) {
            line.clear();
            assert!(self.said.read_line(&mut line).unwrap() > 0, "it ended without saying {words}");
        }
    }

    /// The status and body of an answer.
    fn get(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head[9..12].parse().unwrap(), body.to_owned())
    }

    /// Asks it to stop as a service manager does, and waits for its end: whether that was in order.
    fn stop(&mut self) -> bool {
        let pid = self.process.id().to_string();
        let asked = Command::new("sh").args(["-c", "kill -TERM \"$1\"", "sh", &pid]).status().unwrap();
        assert!(asked.success());
        self.wait_until_it_says("stopped");
        self.process.wait().unwrap().success()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Both fail where it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A socket that watches these auctions.
fn watch(address: &str, auctions: impl Iterator<Item = i64>) -> WebSocket<TcpStream> {
    let stream = TcpStream::connect(address).unwrap();
    let (mut socket, _) = tungstenite::client(format!("ws://{address}/ws"), stream).unwrap();
    for id in auctions {
        socket.send(Message::text(format!(r#"{{"type":"subscribe","id":{id}}}"#))).unwrap();
    }
    socket
}

/// The next bid that anyone makes.
fn next_bid(socket: &mut WebSocket<TcpStream>) -> Value {
    loop {
        if let Message::Text(text) = socket.read().unwrap() {
            let frame: Value = serde_json::from_str(&text).unwrap();
            assert_ne!(frame["type"], "error", "{frame}");
            if frame["type"] == "bid" {
                return frame;
            }
        }
    }
}

#[test]
fn the_demo_lives_stops_in_order_and_leaves_a_sound_store() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = Demo::start(folder.path());
    demo.wait_until_it_says("the demo is alive: sign in as demo1");
    assert_eq!(demo.get("/readyz").0, 200);
    // Twelve are enough to see a bid soon, and fewer than one second's messages.
    let mut socket = watch(&demo.address, 1..=12);
    let bid = next_bid(&mut socket);
    assert!(bid["amount"].as_i64().unwrap() > 0 && bid["bid_count"].as_i64().unwrap() > 0, "{bid}");
    let (status, auction) = demo.get(&format!("/api/v1/auctions/{}", bid["id"]));
    let auction: Value = serde_json::from_str(&auction).unwrap();
    assert_eq!(status, 200);
    assert!(auction["bid_count"].as_i64().unwrap() > 0 && !auction["title"].as_str().unwrap().is_empty());
    assert_eq!(demo.get("/").0, 200);

    assert!(demo.stop(), "it ends in order");
    let audit = Command::new(BINARY).args(["audit", "--data-dir"]).arg(folder.path()).output().unwrap();
    assert!(audit.status.success(), "{}", String::from_utf8_lossy(&audit.stdout));
}
