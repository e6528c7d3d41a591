//! Farewells: how a connection ends, with a code and a reason that its other end can read.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use tokio::time::{sleep, timeout};
use tungstenite::error::{CapacityError, Error};

/// How long the other end may take to say farewell too.
const FAREWELL_WITHIN: Duration = Duration::from_secs(2);

/// Why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The other end has left, or the line is broken.
    Left,
    /// We end it.
    Closed(Farewell),
}

/// What we say at the end: a code of RFC 6455 and a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Farewell {
    code: u16,
    reason: &'static str,
}

macro_rules! farewells {
    ($($name:ident $code:literal $reason:literal,)*) => {
        $(pub(super) const $name: Farewell = Farewell { code: $code, reason: $reason };)*
    };
}

farewells! {
    BROKEN 1002 "not a WebSocket frame",
    BINARY 1003 "only text is understood here",
    NOT_TEXT 1007 "text must be UTF-8",
    TOO_FAST 1008 "too many messages in a second",
    TOO_MANY_SUBSCRIPTIONS 1008 "too many subscriptions on one connection",
    TOO_MANY_OF_MEMBER 1008 "too many connections of one member",
    TOO_MANY_OF_ADDRESS 1008 "too many connections from one address",
    SILENT 1008 "no answer to a ping",
    TOO_LARGE 1009 "a message is too large",
    STOPPING 1012 "the server is stopping",
}

impl End {
    /// What a failure to read means.
    pub(super) fn of(failure: axum::Error) -> End {
        let inner = failure.into_inner();
        End::Closed(match inner.downcast_ref::<Error>() {
            Some(Error::Capacity(CapacityError::MessageTooLong { .. })) => TOO_LARGE,
            Some(Error::Utf8(_)) => NOT_TEXT,
            Some(Error::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake)) => {
                return End::Left;
            }
            Some(Error::Protocol(_)) => BROKEN,
            _ => return End::Left,
        })
    }
}

/// Says farewell and waits a moment for the other end to do so too, for a line that is cut with unread bytes on it may
/// take our words down with it.
pub(super) async fn part(mut socket: WebSocket, end: End) {
    if let End::Closed(Farewell { code, reason }) = end {
        let close = Message::Close(Some(CloseFrame { code, reason: Utf8Bytes::from_static(reason) }));
        if !matches!(timeout(FAREWELL_WITHIN, socket.send(close)).await, Ok(Ok(()))) {
            return;
        }
    }
    let mut heard_close = end == End::Left;
    let listening = async {
        while let Some(Ok(message)) = socket.recv().await {
            heard_close |= matches!(message, Message::Close(_));
        }
    };
    let in_time = timeout(FAREWELL_WITHIN, listening).await.is_ok();
    if in_time && !heard_close {
        // What cannot be read any more is not looked at, only waited out.
        sleep(FAREWELL_WITHIN).await;
    }
}
