//! Ways from page to page: redirects after forms, to the sign-in and back, and into another language. None ever leads
//! out of this house, whatever an address says.

use axum::extract::{Request, State};
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

use super::Told;
use crate::settings::WebSettings;
use crate::state::WebState;
use crate::words::Language;

/// The longest address that is come back to.
const ADDRESS_BYTES_MAX: usize = 2_000;

/// How long a chosen language is remembered: a year.
const LANGUAGE_SECONDS: u32 = 31_536_000;

/// The address if it is a page of this house, else the market: `//host`, `/\host` and whole addresses are not.
pub fn inside(address: &str) -> &str {
    let bytes = address.as_bytes();
    let is_path = bytes.first() == Some(&b'/') && !matches!(bytes.get(1), Some(b'/' | b'\\'));
    let is_plain = bytes.len() <= ADDRESS_BYTES_MAX && bytes.iter().all(u8::is_ascii_graphic);
    if is_path && is_plain { address } else { "/" }
}

/// To another page, after a form.
pub fn to(address: &str) -> Response {
    let location = HeaderValue::from_str(inside(address)).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}

/// To another page, which says what the form brought.
pub fn to_with(settings: &WebSettings, address: &str, told: Told) -> Response {
    let mut response = to(address);
    response.headers_mut().append(SET_COOKIE, told.set_cookie(settings));
    response
}

/// To the sign-in, and from there back to where the reader was.
pub fn to_sign_in(address: &str) -> Response {
    to(&format!("/sign-in?next={}", escaped(inside(address))))
}

/// Percent-encodes each part of a path.
pub fn path_escaped(path: &str) -> String {
    path.split('/').map(escaped).collect::<Vec<_>>().join("/")
}

/// Percent-encodes everything but letters, digits and `-._~`.
pub fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The page that a request belongs to: its own address without `lang`, or for a form the page it stands on.
pub fn page_of(method: &Method, uri: &Uri) -> String {
    let path = uri.path();
    if method != Method::GET && method != Method::HEAD {
        return inside(form_page(path)).to_owned();
    }
    let query: Vec<&str> =
        uri.query().unwrap_or_default().split('&').filter(|pair| !is_language(pair)).collect();
    let query = query.join("&");
    let address = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    inside(&address).to_owned()
}

/// `/auctions/7/bids` stands on `/auctions/7`, `/wallet/deposits` on `/wallet`; one word stands for itself, and so does a
/// page for editing.
fn form_page(path: &str) -> &str {
    let parts = path.split('/').filter(|part| !part.is_empty()).count();
    let ends_in_number =
        path.rsplit('/').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    if parts < 2 || ends_in_number || path.ends_with("/edit") {
        path
    } else {
        path.rsplit_once('/').map_or("/", |(page, _)| page)
    }
}

fn is_language(pair: &str) -> bool {
    pair.is_empty() || pair == "lang" || pair.starts_with("lang=")
}

/// `?lang=` on any page chooses the language for a year and goes on to the same page without it.
pub async fn switch_language(State(state): State<Arc<WebState>>, request: Request, next: Next) -> Response {
    let chosen = request.uri().query().and_then(language_of);
    let is_page = request.method() == Method::GET && !request.uri().path().starts_with("/api/");
    let Some(language) = chosen.filter(|_| is_page) else { return next.run(request).await };
    let mut response = to(&page_of(request.method(), request.uri()));
    response.headers_mut().append(SET_COOKIE, language_cookie(&state.settings, language));
    response
}

fn language_of(query: &str) -> Option<Language> {
    query.split('&').find_map(|pair| Language::from_code(pair.strip_prefix("lang=")?))
}

/// The header that remembers a language.
pub fn language_cookie(settings: &WebSettings, language: Language) -> HeaderValue {
    let secure = if settings.public_url.is_https() { "; Secure" } else { "" };
    let code = language.code();
    let line = format!("lang={code}; Path=/; Max-Age={LANGUAGE_SECONDS}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&line).expect("a language's code is plain text")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_way_leads_out() {
        for (address, shown) in [
            ("/wallet", "/wallet"),
            ("/auctions/7?amount=1#bid", "/auctions/7?amount=1#bid"),
            ("/", "/"),
            ("", "/"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("https://evil.example", "/"),
            ("javascript:alert(1)", "/"),
            ("/a\r\nSet-Cookie: x=1", "/"),
            ("/\t/evil.example", "/"),
            ("/가", "/"),
        ] {
            assert_eq!(inside(address), shown, "{address:?}");
        }
        assert_eq!(inside(&format!("/{}", "a".repeat(ADDRESS_BYTES_MAX))), "/");
    }

    #[test]
    fn every_request_belongs_to_a_page() {
        for (method, address, page) in [
            (Method::GET, "/?lang=en", "/"),
            (Method::GET, "/?q=a&lang=ko&region=1", "/?q=a&region=1"),
            (Method::GET, "/auctions/7?amount=1", "/auctions/7?amount=1"),
            (Method::GET, "//evil.example/?lang=en", "/"),
            (Method::POST, "/auctions/7/bids", "/auctions/7"),
            (Method::POST, "/auctions/7/edit", "/auctions/7/edit"),
            (Method::POST, "/wallet/deposits", "/wallet"),
            (Method::POST, "/me/password", "/me"),
            (Method::POST, "/me", "/me"),
            (Method::POST, "/sell", "/sell"),
            (Method::POST, "/members/3/block", "/members/3"),
        ] {
            let uri: Uri = address.parse().expect(address);
            assert_eq!(page_of(&method, &uri), page, "{method} {address}");
        }
    }
}
