//! What an installed app needs of the house: its manifest, in the reader's language, and the page that is shown without a line.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, VARY};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::failure::Problem;
use crate::pages::{OfflinePage, Reader, Section, Shell, asset};
use crate::state::WebState;
use crate::words::Language;

/// `GET /manifest.webmanifest`: what a browser shows when somebody installs the market.
pub async fn manifest(State(state): State<Arc<WebState>>, reader: Reader) -> Response {
    let shell = reader.bare_shell(&state, Section::Elsewhere);
    let icon = |file: &str, sizes: &str, kind: &str, purpose: &str| json!({"src": asset(file), "sizes": sizes, "type": kind, "purpose": purpose});
    let shortcut = |key: &str, address: &str| json!({"name": shell.t(key), "url": address});
    let manifest = json!({
        "id": "/",
        "name": "NeighborBid",
        "short_name": "NeighborBid",
        "description": shell.t("site-title"),
        "lang": shell.language.code(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#fbfaf8",
        "theme_color": "#fbfaf8",
        "categories": ["shopping"],
        "icons": [
            icon("icons/icon-192.png", "192x192", "image/png", "any"),
            icon("icons/icon-512.png", "512x512", "image/png", "any"),
            icon("icons/maskable-512.png", "512x512", "image/png", "maskable"),
            icon("seal.svg", "any", "image/svg+xml", "any"),
        ],
        "shortcuts": [
            shortcut("nav-sell", "/sell"),
            shortcut("nav-mine", "/me/auctions"),
            shortcut("nav-notices", "/notices"),
        ],
    });
    let headers = [
        (CONTENT_TYPE, "application/manifest+json; charset=utf-8"),
        (CACHE_CONTROL, "private, no-cache"),
        (VARY, "Cookie, Accept-Language"),
    ];
    (headers, manifest.to_string()).into_response()
}

/// `GET /offline`: the same for everyone, in both languages, so that it may be kept without a word about anyone.
pub async fn offline(State(state): State<Arc<WebState>>, reader: Reader) -> Result<Response, Problem> {
    let in_language = |language| Shell { language, ..reader.bare_shell(&state, Section::Elsewhere) };
    let page = OfflinePage { korean: in_language(Language::Ko), english: in_language(Language::En) };
    reader.answer(200, &page)
}
