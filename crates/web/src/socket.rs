//! The socket: `GET /ws`, one WebSocket a page, which carries every auction on it and the member's own commands.
//!
//! Strangers may watch. The session comes with the upgrade (cookie or bearer token) or by `authenticate`. Every size is
//! bounded here: what one message may have, what is read ahead, what waits to be written; and nothing is read while a
//! connection has too many commands on their way. One task owns a connection, from `hello` to farewell; the server waits
//! for it when it stops. What is said is in `talk`, how it ends in `farewell`.

mod farewell;
mod message;
mod orders;
mod pulse;
mod talk;

use std::sync::Arc;

use axum::Router;
use axum::extract::Extension;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;

use crate::caller::{self, Address, Visitor};
use crate::failure::{Code, Problem};
use crate::security;
use crate::serve::Place;
use crate::settings::CONNECTIONS_MAX;
use crate::state::WebState;

/// The largest message of a client, in one frame or several.
pub const MESSAGE_BYTES_MAX: usize = 4 * 1024;

/// What is read from the line at once. An idle connection keeps this buffer, so it is small; a burst of commands still
/// comes ten at a time.
const READ_BUFFER_BYTES: usize = 1024;

/// What is gathered before it is written to the line.
const WRITE_BUFFER_BYTES: usize = 4 * 1024;

/// What may wait for a line that takes nothing: never reached, for nothing is written to such a line.
const WRITE_BUFFER_BYTES_MAX: usize = 64 * 1024;

/// The socket's address.
pub fn route() -> Router<Arc<WebState>> {
    Router::new().route("/ws", get(upgrade))
}

/// Opens a socket.
///
/// # Errors
/// `foreign_origin` for another site's page, `busy` beyond what the server can hold, `unauthenticated` or
/// `session_expired` for a bearer token that is none, `malformed` for what is no upgrade.
async fn upgrade(
    State(state): State<Arc<WebState>>,
    address: Address,
    headers: HeaderMap,
    visitor: Visitor,
    place: Option<Extension<Place>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    if !security::upgrade_is_ours(&headers, &state.settings) {
        return Err(Problem::new(Code::ForeignOrigin));
    }
    let upgrade = upgrade.map_err(|rejection| Problem::malformed(rejection.body_text()))?;
    if state.hub.connections() >= CONNECTIONS_MAX || state.stopping.is_cancelled() {
        return Err(Problem::new(Code::Busy));
    }
    let language = caller::language(&headers);
    let who = visitor.0.map(Box::new);
    // Counted from here on, so that no connection comes into being behind a stopping server's back.
    let task = state.tasks.token();
    let upgrade = upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_write_buffer_size(WRITE_BUFFER_BYTES_MAX)
        .max_message_size(MESSAGE_BYTES_MAX)
        .max_frame_size(MESSAGE_BYTES_MAX);
    Ok(upgrade.on_upgrade(move |socket| {
        let places = (state.limits.address_socket(address), task, place);
        talk::talk(state, socket, who, language, places)
    }))
}
