//! Security: what stands between strangers and the routes. Headers that tie the browser's hands, the check of the
//! origin, and the limit of size. None of it can be switched off.

use std::sync::Arc;
use std::time::Duration;

use auction::PICTURES_MAX;
use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ORIGIN, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use tokio::time::timeout;

use crate::caller::Address;
use crate::failure::{Code, Problem};
use crate::settings::WebSettings;
use crate::state::WebState;

/// The largest body of a request that brings no pictures.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// The largest body of a form that brings pictures as files: as many as an item may have, and what stands around them. They
/// are read one after another, and none of it is held longer than until it was made.
pub const FORM_BYTES_MAX: usize = PICTURES_MAX * pictures::BYTES_MAX + 2 * BODY_BYTES_MAX;

/// Where pictures are uploaded.
pub const UPLOADS: &str = "/api/v1/pictures";

/// How much of a body that is too large is still read, so that its sender hears why before the connection closes.
const DRAINED_BYTES_MAX: usize = 1024 * 1024;

/// How long that may take.
const DRAINED_WITHIN: Duration = Duration::from_secs(2);

/// Everything comes from this house and nothing is inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
     font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; \
     base-uri 'none'";

/// A picture is shown inside pages and nothing is ever done inside it, wherever it is opened.
const PICTURE_POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// Two years.
const TLS_ONLY: &str = "max-age=63072000";

static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

const HEADERS: [(HeaderName, &str); 7] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(self), microphone=(), payment=(), usb=(), browsing-topics=()",
    ),
];

/// Puts the security headers on every answer; what says nothing of caching is not to be kept by anyone.
pub async fn headers(State(state): State<Arc<WebState>>, request: Request, next: Next) -> Response {
    let is_a_picture = request.uri().path().starts_with("/pictures/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if is_a_picture {
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(PICTURE_POLICY));
    }
    if state.settings.public_url.is_https() {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(TLS_ONLY));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Checks a request before any route sees it: how often its address asks, where it was made, how large it says it is.
pub async fn guard(State(state): State<Arc<WebState>>, mut request: Request, next: Next) -> Response {
    let address = Address::of(request.headers(), request.extensions(), &state.settings.trusted_proxies);
    request.extensions_mut().insert(address);
    if let Err(problem) = state.limits.request(address, state.now()) {
        return problem.into_response();
    }
    if !request.method().is_safe() && !may_change(request.headers(), &state.settings) {
        return Problem::new(Code::ForeignOrigin).into_response();
    }
    let room = room_of(&request);
    if says_it_is_too_large(&request, room) {
        drain(request.into_body(), room).await;
        let code = if room == pictures::BYTES_MAX { Code::TooLargeBytes } else { Code::TooLarge };
        return Problem::new(code).into_response();
    }
    next.run(request).await
}

/// Whether a request that may change something was made on this house's pages, or by no browser at all.
fn may_change(headers: &HeaderMap, settings: &WebSettings) -> bool {
    if headers.contains_key(ORIGIN) { origin_is_ours(headers, settings) } else { !site_is_foreign(headers) }
}

/// Whether a browser says that a page of another site had it make the request.
pub fn site_is_foreign(headers: &HeaderMap) -> bool {
    let site = headers.get(&SEC_FETCH_SITE).map(HeaderValue::as_bytes);
    !matches!(site, None | Some(b"same-origin" | b"none"))
}

/// Whether a browser says that the request was made on this house's pages. Without an `Origin` it was not.
pub fn origin_is_ours(headers: &HeaderMap, settings: &WebSettings) -> bool {
    let mut origins = headers.get_all(ORIGIN).iter();
    let origin = origins.next().and_then(|origin| origin.to_str().ok());
    origins.next().is_none() && origin.is_some_and(|origin| settings.public_url.is_origin(origin))
}

/// Whether a socket may be opened: by a page of ours, or by no browser at all (those always name an origin).
pub fn upgrade_is_ours(headers: &HeaderMap, settings: &WebSettings) -> bool {
    !headers.contains_key(ORIGIN) || origin_is_ours(headers, settings)
}

/// How many bytes the body of a request may have: an upload and the forms with pictures have room for them.
fn room_of(request: &Request) -> usize {
    let path = request.uri().path();
    let takes_files = path == "/sell" || (path.starts_with("/auctions/") && path.ends_with("/edit"));
    if path == UPLOADS {
        pictures::BYTES_MAX
    } else if takes_files && is_multipart(request.headers()) {
        FORM_BYTES_MAX
    } else {
        BODY_BYTES_MAX
    }
}

/// Whether a form brings files.
pub(crate) fn is_multipart(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("multipart/form-data")
}

fn says_it_is_too_large(request: &Request, room: usize) -> bool {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    let length = length.and_then(|length| length.parse::<u64>().ok());
    length.max(Some(request.body().size_hint().lower())).is_some_and(|length| length > room as u64)
}

/// Reads on for a moment: a connection that is closed with unread bytes may take the answer down with it.
/// Where `room` bytes would have been welcome, so many more are read.
pub(crate) async fn drain(mut body: Body, room: usize) {
    let read_on = async {
        let mut read = 0;
        while let Some(Ok(frame)) = body.frame().await {
            read += frame.data_ref().map_or(0, bytes::Bytes::len);
            if read > room + DRAINED_BYTES_MAX {
                break;
            }
        }
    };
    // Whoever is slower than that hears nothing.
    let _ = timeout(DRAINED_WITHIN, read_on).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_comes_from_our_pages_or_from_no_browser() {
        let settings = WebSettings::default();
        for (origin, site, allowed) in [
            (None, None, true),
            (None, Some("same-origin"), true),
            (None, Some("none"), true),
            (None, Some("same-site"), false),
            (None, Some("cross-site"), false),
            (Some("http://127.0.0.1:3000"), Some("same-origin"), true),
            (Some("http://127.0.0.1:3000"), None, true),
            (Some("https://evil.example"), None, false),
            (Some("https://evil.example"), Some("none"), false),
            (Some("null"), Some("same-origin"), false),
            (Some("http://127.0.0.1:3001"), None, false),
        ] {
            let mut headers = HeaderMap::new();
            headers.extend(origin.map(|origin| (ORIGIN, HeaderValue::from_static(origin))));
            headers.extend(site.map(|site| (SEC_FETCH_SITE.clone(), HeaderValue::from_static(site))));
            assert_eq!(may_change(&headers, &settings), allowed, "{origin:?} {site:?}");
            let upgrade = origin.is_none() || origin == Some("http://127.0.0.1:3000");
            assert_eq!(upgrade_is_ours(&headers, &settings), upgrade, "{origin:?}");
        }
    }

    #[test]
    fn two_origins_are_none() {
        let mut headers = HeaderMap::new();
        headers.append(ORIGIN, HeaderValue::from_static("http://127.0.0.1:3000"));
        headers.append(ORIGIN, HeaderValue::from_static("https://evil.example"));
        assert!(!origin_is_ours(&headers, &WebSettings::default()));
    }

    #[test]
    fn a_size_is_refused_one_byte_past_the_limit() {
        for (length, too_large) in [(BODY_BYTES_MAX, false), (BODY_BYTES_MAX + 1, true)] {
            let request = Request::builder().header(CONTENT_LENGTH, length).body(Body::empty());
            assert_eq!(says_it_is_too_large(&request.expect("a request"), BODY_BYTES_MAX), too_large);
            let request = Request::builder().body(Body::from(vec![b' '; length]));
            assert_eq!(says_it_is_too_large(&request.expect("a request"), BODY_BYTES_MAX), too_large);
        }
    }

    #[test]
    fn only_uploads_and_forms_with_files_have_room() {
        for (path, kind, room) in [
            ("/api/v1/pictures", "image/jpeg", pictures::BYTES_MAX),
            ("/sell", "multipart/form-data; boundary=x", FORM_BYTES_MAX),
            ("/sell", "application/x-www-form-urlencoded", BODY_BYTES_MAX),
            ("/auctions/7/edit", "multipart/form-data; boundary=x", FORM_BYTES_MAX),
            ("/auctions/7/bids", "multipart/form-data; boundary=x", BODY_BYTES_MAX),
            ("/api/v1/auctions", "multipart/form-data; boundary=x", BODY_BYTES_MAX),
        ] {
            let request = Request::post(path).header(CONTENT_TYPE, kind).body(Body::empty());
            assert_eq!(room_of(&request.expect("a request")), room, "{path} {kind}");
        }
    }
}
