//! The rehearsals' server: the calls and frames that the load generator uses, by hand, on a port of its own. It keeps
//! everything in memory and may tell exactly one kind of lie.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Message;

use super::auction::Auction;
use crate::clock;

/// The event at which lies are told.
const LIE_AT: usize = 10;
/// Bids after which a line is cut, by the lie that cuts lines.
const CUT_AFTER: u64 = 25;

/// What the server does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    None,
    ForgetsABid,
    SkipsAFrame,
    ShowsAnotherAmount,
    AnswersTwice,
    StoresARefusedBid,
    /// Not a lie: says once that an outcome is unknown, after storing the bid.
    DoesNotKnowOnce,
    /// Not a lie: cuts lines, some of them between storing a bid and answering.
    CutsLines,
}

/// A server that is bound, and serves when it is told to.
pub struct Server {
    listener: TcpListener,
    lie: Lie,
    auctions: Mutex<Vec<Auction>>,
    news: watch::Sender<u64>,
    /// Bids so far: what lies are timed by.
    bids: AtomicU64,
}

impl Server {
    pub async fn bind(lie: Lie) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (news, _) = watch::channel(0);
        Self { listener, lie, auctions: Mutex::default(), news, bids: AtomicU64::new(0) }
    }

    pub fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    /// Serves for ever; dropping the future ends every connection.
    pub async fn serve(self) {
        let mut connections = futures_util::stream::FuturesUnordered::new();
        let mut tick = tokio::time::interval(Duration::from_millis(5));
        loop {
            tokio::select! {
                accepted = self.listener.accept() => connections.push(self.connection(accepted.unwrap().0)),
                _ = connections.next(), if !connections.is_empty() => {}
                _ = tick.tick() => self.close_due(),
            }
        }
    }

    fn close_due(&self) {
        let closed = self
            .auctions
            .lock()
            .unwrap()
            .iter_mut()
            .filter_map(|auction| auction.close_if_due().then_some(()))
            .count();
        if closed > 0 {
            self.news.send_modify(|version| *version += 1);
        }
    }

    async fn connection(&self, stream: TcpStream) {
        let mut start = [0; 7];
        while stream.peek(&mut start).await.is_ok_and(|length| (1..start.len()).contains(&length)) {}
        if &start == b"GET /ws" { self.live(stream).await } else { self.http(stream).await }
    }

    async fn http(&self, stream: TcpStream) {
        let mut stream = BufReader::new(stream);
        while let Some((method, path, body)) = request(&mut stream).await {
            let (status, answer) = self.answer(&method, &path, &body);
            let head = format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\n\r\n", answer.len());
            if stream.write_all(format!("{head}{answer}").as_bytes()).await.is_err() {
                return;
            }
        }
    }

    fn answer(&self, method: &str, path: &str, body: &Value) -> (u16, String) {
        let mut auctions = self.auctions.lock().unwrap();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let parts: Vec<_> = path.trim_start_matches("/api/v1").trim_matches('/').split('/').collect();
        let forgotten =
            |auction: &Auction| i64::from(self.lie == Lie::ForgetsABid && auction.seq() >= LIE_AT);
        match (method, &parts[..]) {
            ("POST", ["members"]) => (201, json!({"id": 1}).to_string()),
            ("POST", ["sessions"]) => (201, json!({"member": {"id": 1}, "token": "t"}).to_string()),
            ("POST", ["wallet", "deposits"]) => (201, json!({"transfer": {"id": 1}}).to_string()),
            ("POST", ["auctions"]) => {
                let auction = Auction::list(auctions.len() as i64 + 1, body);
                let document = auction.document(0).to_string();
                auctions.push(auction);
                (201, document)
            }
            ("GET", ["auctions"]) => (200, json!({"items": []}).to_string()),
            ("GET", ["auctions", id]) => {
                let auction = &auctions[id.parse::<usize>().unwrap() - 1];
                (200, auction.document(forgotten(auction)).to_string())
            }
            ("GET", ["auctions", id, "events"]) => {
                let auction = &auctions[id.parse::<usize>().unwrap() - 1];
                let since = query.split('&').find_map(|pair| pair.strip_prefix("since=")).unwrap();
                let frames = auction.events.iter().enumerate().skip(since.parse().unwrap());
                let kept = frames.filter(|(at, _)| forgotten(auction) == 0 || at + 1 != LIE_AT);
                // Shorter pages than asked for: the reader has to go on by itself.
                let page: Vec<_> = kept.take(700).map(|(_, frame)| frame.as_str()).collect();
                (200, format!(r#"{{"items":[{}]}}"#, page.join(",")))
            }
            ("GET", [""] | ["regions", ..]) => (200, "<!doctype html>".to_owned()),
            _ => (404, json!({"code": "not_found"}).to_string()),
        }
    }

    async fn live(&self, stream: TcpStream) {
        let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else {
            return;
        };
        let mut news = self.news.subscribe();
        let mut cursors = BTreeMap::new();
        let hello = r#"{"type":"hello","now":"2026-11-21T22:35:00.000000Z"}"#;
        if socket.send(Message::text(hello)).await.is_err() {
            return;
        }
        loop {
            let replies = tokio::select! {
                message = socket.next() => match message {
                    Some(Ok(Message::Text(text))) => self.hear(text.as_str(), &mut cursors),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => Some(Vec::new()),
                    _ => None,
                },
                _ = news.changed() => Some(self.tell(&mut cursors)),
            };
            // Without replies the line is cut.
            let Some(replies) = replies else { return };
            for reply in replies {
                if socket.feed(Message::text(reply)).await.is_err() {
                    return;
                }
            }
            if socket.flush().await.is_err() {
                return;
            }
        }
    }

    /// What to reply to a message; nothing at all means to cut the line.
    fn hear(&self, text: &str, cursors: &mut BTreeMap<usize, usize>) -> Option<Vec<String>> {
        let message: Value = serde_json::from_str(text).unwrap();
        let at = message["id"].as_u64().unwrap_or(1) as usize - 1;
        match message["type"].as_str().unwrap() {
            "authenticate" => Some(vec![r#"{"type":"hello","now":"x","member":7}"#.to_owned()]),
            "ping" => Some(vec![format!(
                r#"{{"type":"pong","at":{},"now":"{}"}}"#,
                message["at"],
                clock::to_wire(clock::wall_us())
            )]),
            "subscribe" => {
                let auctions = self.auctions.lock().unwrap();
                if let Some(since) = message["since"].as_u64() {
                    cursors.insert(at, since as usize);
                    drop(auctions);
                    return Some(self.tell(cursors));
                }
                cursors.insert(at, auctions[at].seq());
                Some(vec![auctions[at].snapshot()])
            }
            "bid" => self.bid(at, message["key"].as_str().unwrap(), message["amount"].as_i64().unwrap()),
            other => panic!("{other} is no message"),
        }
    }

    fn bid(&self, at: usize, key: &str, amount: i64) -> Option<Vec<String>> {
        let mut auctions = self.auctions.lock().unwrap();
        let auction = &mut auctions[at];
        let bids = self.bids.fetch_add(1, SeqCst) + 1;
        if self.lie == Lie::CutsLines && bids.is_multiple_of(CUT_AFTER) && bids < 10 * CUT_AFTER {
            // Every other time the bid is stored first: only its key can tell that later.
            if bids.is_multiple_of(2 * CUT_AFTER) {
                drop(auction.bid(key, amount));
                self.news.send_modify(|version| *version += 1);
            }
            return None;
        }
        let outcome = auction.bid(key, amount);
        if outcome.is_ok() {
            self.news.send_modify(|version| *version += 1);
        }
        let id = auction.id;
        let unknown = self.lie == Lie::DoesNotKnowOnce && bids == LIE_AT as u64;
        let denied = self.lie == Lie::StoresARefusedBid && bids == LIE_AT as u64;
        let answer = match &outcome {
            _ if denied => format!(r#"{{"type":"refused","key":"{key}","id":{id},"code":"below_minimum"}}"#),
            _ if unknown => {
                format!(r#"{{"type":"refused","key":"{key}","id":{id},"code":"outcome_unknown"}}"#)
            }
            Ok(seq) => format!(r#"{{"type":"accepted","key":"{key}","id":{id},"seq":{seq}}}"#),
            Err(refusal) => refusal.clone(),
        };
        let twice = self.lie == Lie::AnswersTwice && outcome == Ok(LIE_AT);
        Some(vec![answer; if twice { 2 } else { 1 }])
    }

    /// The frames behind a connection's cursors.
    fn tell(&self, cursors: &mut BTreeMap<usize, usize>) -> Vec<String> {
        let auctions = self.auctions.lock().unwrap();
        let mut frames = Vec::new();
        for (at, seen) in cursors {
            let events = &auctions[*at].events;
            for (before, frame) in events.iter().enumerate().skip(*seen) {
                match self.lie {
                    Lie::SkipsAFrame if before + 1 == LIE_AT => {}
                    Lie::ShowsAnotherAmount if before + 1 == LIE_AT => {
                        frames.push(frame.replace(r#""amount":"#, r#""amount":9"#));
                    }
                    _ => frames.push(frame.clone()),
                }
            }
            *seen = events.len();
        }
        frames
    }
}

/// Method, path and body of the next request on a connection.
async fn request(stream: &mut BufReader<TcpStream>) -> Option<(String, String, Value)> {
    let mut first = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
        if first.is_empty() {
            first = line.to_owned();
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    let mut words = first.split(' ').map(str::to_owned);
    Some((words.next()?, words.next()?, serde_json::from_slice(&body).unwrap_or_default()))
}
