//! A client of the socket: says messages, reads frames, and gives up loudly instead of waiting for ever.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::{WebSocketStream, client_async};
use tungstenite::client::IntoClientRequest;
use tungstenite::protocol::frame::Frame;
use tungstenite::protocol::frame::coding::{Data, OpCode};
use tungstenite::{Bytes, Error, Message};

/// Long enough for any machine; a test that gets here has failed.
const GIVE_UP_AFTER: Duration = Duration::from_secs(60);

/// One connection.
pub struct Client {
    line: WebSocketStream<TcpStream>,
}

/// What came over the line.
#[derive(Debug)]
pub enum Came {
    Frame(Value),
    Closed { code: u16, reason: String },
}

impl Client {
    /// Connects with these headers.
    ///
    /// # Errors
    /// The status and body of an answer that is no upgrade.
    pub async fn connect(port: u16, headers: &[(&'static str, &str)]) -> Result<Client, (u16, String)> {
        let mut request = format!("ws://127.0.0.1:{port}/ws").into_client_request().expect("a request");
        for (name, value) in headers {
            request.headers_mut().append(*name, value.parse().expect("a header"));
        }
        let stream = TcpStream::connect(("127.0.0.1", port)).await.expect("the house listens");
        match timeout(GIVE_UP_AFTER, client_async(request, stream)).await.expect("an answer") {
            Ok((line, _)) => Ok(Client { line }),
            Err(Error::Http(response)) => {
                let body = response.body().as_deref().map(String::from_utf8_lossy).unwrap_or_default();
                Err((response.status().as_u16(), body.into_owned()))
            }
            Err(other) => panic!("no answer of the house: {other}"),
        }
    }

    pub async fn say(&mut self, message: Value) {
        self.say_text(&message.to_string()).await;
    }

    pub async fn say_text(&mut self, text: &str) {
        self.send(Message::text(text)).await;
    }

    /// Whatever a client may send; a line that the house has closed takes nothing, which is no failure here.
    pub async fn send(&mut self, message: Message) {
        let _ = timeout(GIVE_UP_AFTER, self.line.send(message)).await.expect("the house reads");
    }

    /// One part of a message in several frames.
    pub async fn say_part(&mut self, text: &str, is_first: bool, is_last: bool) {
        let kind = OpCode::Data(if is_first { Data::Text } else { Data::Continue });
        self.send(Message::Frame(Frame::message(Bytes::copy_from_slice(text.as_bytes()), kind, is_last)))
            .await;
    }

    /// The next frame, or the end.
    pub async fn next(&mut self) -> Came {
        loop {
            let came = timeout(GIVE_UP_AFTER, self.line.next()).await.expect("something comes");
            match came.expect("the house says farewell first").expect("the line holds") {
                Message::Text(text) => return Came::Frame(serde_json::from_str(&text).expect("JSON")),
                Message::Close(Some(close)) => {
                    return Came::Closed { code: close.code.into(), reason: close.reason.to_string() };
                }
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("the house never sends {other:?}"),
            }
        }
    }

    /// The next frame.
    pub async fn frame(&mut self) -> Value {
        match self.next().await {
            Came::Frame(frame) => frame,
            Came::Closed { code, reason } => panic!("closed: {code} {reason}"),
        }
    }

    /// The next frame, which must be of this type.
    pub async fn expect(&mut self, kind: &str) -> Value {
        let frame = self.frame().await;
        assert_eq!(frame["type"], kind, "{frame}");
        frame
    }

    /// The next frame of this type; others are passed over.
    pub async fn until(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.frame().await;
            if frame["type"] == kind {
                return frame;
            }
        }
    }

    /// The code and reason with which the house closes; frames before that are passed over.
    pub async fn farewell(&mut self) -> (u16, String) {
        loop {
            if let Came::Closed { code, reason } = self.next().await {
                return (code, reason);
            }
        }
    }

    /// Nothing is on its way: what is asked last is answered next.
    pub async fn expect_silence(&mut self) {
        self.say(json!({"type": "ping", "at": 424_242})).await;
        let pong = self.expect("pong").await;
        assert_eq!(pong["at"], 424_242);
    }

    /// Watches an auction; the snapshot is read, and what is the member's own.
    pub async fn watch(&mut self, id: i64) -> Value {
        self.say(json!({"type": "subscribe", "id": id})).await;
        self.until("auction").await
    }
}
