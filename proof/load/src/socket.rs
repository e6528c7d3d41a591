//! The live half of the public API: one WebSocket. Messages are queued and flushed together; frames are taken in the
//! batches in which they arrive. Buffers are small, because thousands of these live in one process.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use crate::clock;
use crate::scan::{self, Kind, field};

/// The longest message that is read; the server's snapshots are far shorter.
const MESSAGE_LIMIT: usize = 256 * 1024;
/// Frames handled before other tasks get their turn.
const BATCH_LIMIT: usize = 512;
/// How long connecting, signing in or a subscription may take.
const STEP_TIMEOUT: Duration = Duration::from_secs(30);

/// What a connection is for, which decides its buffers.
#[derive(Clone, Copy, Debug)]
pub enum Use {
    /// Bids: many answers at once.
    Bidding,
    /// Watching: many connections, little on each.
    Watching,
}

/// Where the sockets are.
#[derive(Clone, Debug)]
pub struct Door {
    /// `host:port`
    pub authority: String,
    /// The Origin header to send, if any.
    pub origin: Option<String>,
}

/// What a connection is said to be closed with by a server that says nothing.
const NO_CODE: u16 = 1005;

/// The server closed a connection and said why.
#[derive(Debug)]
pub struct Closed {
    code: u16,
    reason: String,
}

impl std::fmt::Display for Closed {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "the server closed the connection: {} {}", self.code, self.reason)
    }
}

impl std::error::Error for Closed {}

/// How many connections the server closed, by the code it gave.
pub type Closes = BTreeMap<u16, u64>;

/// Counts a connection's end if it is such a one.
pub fn count_close(closes: &mut Closes, end: &anyhow::Error) {
    if let Some(Closed { code, .. }) = end.downcast_ref() {
        *closes.entry(*code).or_default() += 1;
    }
}

/// One open connection. Dropping it cuts the line without a word.
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
}

impl Socket {
    /// Connects and waits for `hello`.
    pub async fn connect(door: &Door, purpose: Use) -> Result<Self> {
        let opened = tokio::time::timeout(STEP_TIMEOUT, Self::open(door, purpose)).await;
        let mut socket = opened.context("no WebSocket within 30 s")??;
        socket.wait_for("hello", |frame| scan::kind(frame) == Kind::Hello).await?;
        Ok(socket)
    }

    async fn open(door: &Door, purpose: Use) -> Result<Self> {
        let stream = TcpStream::connect(&door.authority).await.context("connecting")?;
        stream.set_nodelay(true).context("connecting")?;
        let mut request =
            format!("ws://{}/ws", door.authority).into_client_request().context("the WebSocket's address")?;
        if let Some(origin) = &door.origin {
            let value = HeaderValue::from_str(origin).context("the origin")?;
            request.headers_mut().insert("origin", value);
        }
        let read = match purpose {
            Use::Bidding => 16 * 1024,
            Use::Watching => 4 * 1024,
        };
        let config = WebSocketConfig::default()
            .read_buffer_size(read)
            .write_buffer_size(16 * 1024)
            .max_write_buffer_size(1024 * 1024)
            .max_message_size(Some(MESSAGE_LIMIT))
            .max_frame_size(Some(MESSAGE_LIMIT));
        let (stream, _) = tokio_tungstenite::client_async_with_config(request, stream, Some(config))
            .await
            .context("the upgrade to a WebSocket (if it was refused for its origin, see --origin)")?;
        Ok(Self { stream })
    }

    /// Signs the connection in.
    pub async fn authenticate(&mut self, token: &str) -> Result<()> {
        self.send(format!(r#"{{"type":"authenticate","token":"{token}"}}"#)).await?;
        let signed_in =
            |frame: &[u8]| scan::kind(frame) == Kind::Hello && scan::number(frame, &field::MEMBER).is_some();
        self.wait_for("signing in", signed_in).await?;
        Ok(())
    }

    /// How far the server's clock is ahead of ours, in microseconds, from the quickest of a few pings.
    pub async fn clock_ahead_us(&mut self) -> Result<i64> {
        let mut best = (i64::MAX, 0);
        for _ in 0..5 {
            let sent = clock::wall_us();
            self.send(format!(r#"{{"type":"ping","at":{sent}}}"#)).await?;
            let pong = self.wait_for("pong", |frame| scan::kind(frame) == Kind::Pong).await?;
            let now = clock::wall_us();
            let server = scan::time(&pong, &field::NOW).context("a pong without its time")?;
            let trip = now - sent;
            if trip < best.0 {
                best = (trip, server - (sent + trip / 2));
            }
        }
        Ok(best.1)
    }

    /// Asks for an auction's frames, after `since` if it is given.
    pub fn subscribe(id: i64, since: Option<i64>) -> String {
        match since {
            Some(since) => format!(r#"{{"type":"subscribe","id":{id},"since":{since}}}"#),
            None => format!(r#"{{"type":"subscribe","id":{id}}}"#),
        }
    }

    /// Sends one message at once.
    pub async fn send(&mut self, message: String) -> Result<()> {
        self.stream.send(Message::text(message)).await.context("sending")
    }

    /// Puts a message into the buffer; it leaves with the next flush, or when the buffer is full.
    pub async fn queue(&mut self, message: String) -> Result<()> {
        self.stream.feed(Message::text(message)).await.context("sending")
    }

    /// Sends what was queued.
    pub async fn flush(&mut self) -> Result<()> {
        self.stream.flush().await.context("sending")
    }

    /// Waits for frames and hands each that has arrived to `handle`; gives their number. An error when the line ends.
    pub async fn batch(&mut self, mut handle: impl FnMut(&[u8])) -> Result<usize> {
        poll_fn(|context| {
            let mut taken = 0;
            while taken < BATCH_LIMIT {
                match self.stream.poll_next_unpin(context) {
                    Poll::Pending if taken == 0 => return Poll::Pending,
                    Poll::Pending => break,
                    Poll::Ready(Some(Ok(Message::Text(text)))) => {
                        handle(text.as_bytes());
                        taken += 1;
                    }
                    Poll::Ready(Some(Ok(Message::Close(reason)))) => {
                        let (code, reason) = reason.map_or((NO_CODE, String::new()), |frame| {
                            (frame.code.into(), frame.reason.to_string())
                        });
                        return Poll::Ready(Err(Closed { code, reason }.into()));
                    }
                    Poll::Ready(Some(Ok(_))) => {}
                    Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(error).context("reading")),
                    Poll::Ready(None) => return Poll::Ready(Err(anyhow::anyhow!("the connection was cut"))),
                }
            }
            Poll::Ready(Ok(taken))
        })
        .await
    }

    /// Skips frames until one is what is waited for, and gives it.
    pub async fn wait_for(&mut self, what: &str, wanted: impl Fn(&[u8]) -> bool) -> Result<Vec<u8>> {
        let search = async {
            let mut found = None;
            let mut error = None;
            while found.is_none() && error.is_none() {
                self.batch(|frame| {
                    if found.is_none() && wanted(frame) {
                        found = Some(frame.to_vec());
                    } else if scan::kind(frame) == Kind::Error {
                        error = Some(String::from_utf8_lossy(frame).into_owned());
                    }
                })
                .await?;
            }
            if let (None, Some(error)) = (&found, error) {
                bail!("the server answered {error}");
            }
            found.context("nothing was found")
        };
        let found = tokio::time::timeout(STEP_TIMEOUT, search).await;
        found.with_context(|| format!("{what}: not within 30 s"))?.with_context(|| what.to_owned())
    }

    /// Says goodbye; what the server answers no longer matters.
    pub async fn close(mut self) {
        // A line that is already cut cannot be closed any better.
        drop(tokio::time::timeout(Duration::from_secs(1), self.stream.close(None)).await);
    }
}
