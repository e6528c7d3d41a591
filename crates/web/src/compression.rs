//! Compression: pages, static files and JSON go out as gzip to whoever accepts it, where that gives nothing away.
//!
//! The length of a compressed answer tells how much of it repeats itself. Whoever sees lengths on the line and has another
//! site's page make a member's browser ask, with a guess in the address that the answer repeats, could read the rest of the
//! answer letter by letter (BREACH). There is no secret here that would let him act: the session stands in a cookie and in
//! no page, and no form carries a token against forgery, as [`mod@crate::security`] looks at the origin instead. The key in a
//! form is fresh on each page and of use to its member alone. What remains is what a member alone may see, such as his
//! wallet; an answer to a session is compressed only where no other site had the browser ask. The code of an order moves
//! money once the other side types it: an order is never compressed, and the answer to a change never is. That also keeps
//! [`CompressionLayer`] from turning the answer to a change into its own 406.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{ACCEPT_ENCODING, CONTENT_TYPE};
use axum::http::{Extensions, HeaderMap, StatusCode, Version};
use axum::middleware::Next;
use axum::response::Response;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};

use crate::caller;
use crate::security::site_is_foreign;
use crate::settings::WebSettings;
use crate::state::WebState;

/// The least bytes worth it: what is shorter fits into one packet as it is.
pub const BYTES_MIN: u64 = 1_024;

/// What is text, and longer the plainer it is said. Sockets and figures are not among it.
const MEDIA: [&str; 6] = [
    "application/json",
    "application/problem+json",
    "image/svg+xml",
    "text/css",
    "text/html",
    "text/javascript",
];

/// Compresses answers, at the level that costs the bids' processors least.
pub fn layer() -> CompressionLayer<impl Predicate> {
    let worth_it = SizeAbove::new(BYTES_MIN).and(is_text);
    CompressionLayer::new().gzip(true).quality(CompressionLevel::Fastest).compress_when(worth_it)
}

fn is_text(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let media = headers.get(CONTENT_TYPE).and_then(|media| media.to_str().ok()).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    MEDIA.contains(&media)
}

/// Lets the layer behind it compress only what it may.
pub async fn where_it_is_safe(
    State(state): State<Arc<WebState>>,
    mut request: Request,
    next: Next,
) -> Response {
    if !is_safe(&request, &state.settings) {
        request.headers_mut().remove(ACCEPT_ENCODING);
    }
    next.run(request).await
}

fn is_safe(request: &Request, settings: &WebSettings) -> bool {
    let headers = request.headers();
    let is_a_session = caller::token(headers, settings).is_some();
    let path = request.uri().path();
    let is_an_order = ["/orders/", "/api/v1/orders/"].iter().any(|orders| path.starts_with(orders));
    request.method().is_safe() && !is_an_order && !(is_a_session && site_is_foreign(headers))
}
