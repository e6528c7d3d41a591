//! Callers: who asks (a session by cookie or bearer token), from which address, in which language.
//!
//! A token is 256 bits of chance; only its SHA-256 is stored. A session ends by sign-out, after it was idle too long, or
//! when its life is over; using it is noted at most once a minute.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use auction::{Span, Time};
use axum::extract::FromRequestParts;
use axum::http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, COOKIE};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue};
use data_encoding::BASE64URL_NOPAD;
use ipnet::IpNet;
use ledger::MemberId;
use sha2::{Digest, Sha256};
use store::records::{Member, Session, TokenHash};

use crate::failure::{Code, Problem};
use crate::settings::WebSettings;
use crate::state::WebState;
use crate::words::Language;

/// Using a session is noted when the last note is so old.
const TOUCHED_AFTER: Span = Span::minutes(1);

/// A token's bytes before they are text.
const TOKEN_BYTES: usize = 32;

/// The most `X-Forwarded-For` entries that are looked at.
const HOPS_MAX: usize = 16;

/// The cookie that carries a language chosen on the pages.
const LANGUAGE_COOKIE: &str = "lang";

static FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The other end of the connection, put beside each request by [`mod@crate::serve`].
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Where a request comes from, behind whatever proxies are trusted; put beside it before anything else looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address(pub IpAddr);

impl Address {
    /// The address of a request: its peer, or what trusted proxies say of it.
    pub fn of(headers: &HeaderMap, extensions: &Extensions, trusted: &[IpNet]) -> Address {
        let peer = extensions.get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
        let hops = headers.get_all(&FORWARDED_FOR);
        let hops = hops.iter().map(HeaderValue::as_bytes).collect::<Vec<_>>().join(&b',');
        behind(peer, &hops, trusted)
    }

    /// What stands for this address where clients are counted: the address, of IPv6 the /64 that one household has.
    pub fn group(self) -> u128 {
        match self.0.to_canonical() {
            IpAddr::V4(four) => four.to_ipv6_mapped().to_bits(),
            IpAddr::V6(six) => six.to_bits() >> 64 << 64,
        }
    }
}

/// The nearest address that is no trusted proxy, from the connection outwards. Only hops that trusted proxies wrote are
/// read; what a client wrote before them may be anything.
fn behind(peer: IpAddr, hops: &[u8], trusted: &[IpNet]) -> Address {
    let is_trusted = |address: IpAddr| trusted.iter().any(|net| net.contains(&address));
    let mut nearest = peer.to_canonical();
    for hop in hops.rsplit(|byte| *byte == b',').take(HOPS_MAX) {
        if !is_trusted(nearest) {
            break;
        }
        let Some(next) = hop_address(hop) else { break };
        nearest = next.to_canonical();
    }
    Address(nearest)
}

/// An address as proxies write it, with or without a port.
fn hop_address(hop: &[u8]) -> Option<IpAddr> {
    let hop = std::str::from_utf8(hop).ok()?.trim();
    let bare = hop.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

impl<S: Sync> FromRequestParts<S> for Address {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Address, Problem> {
        parts.extensions.get::<Address>().copied().ok_or(Problem::new(Code::Internal))
    }
}

/// The language of an answer: the one chosen on the pages, else what `Accept-Language` prefers.
pub fn language(headers: &HeaderMap) -> Language {
    let chosen = cookie(headers, LANGUAGE_COOKIE).and_then(Language::from_code);
    let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|accept| accept.to_str().ok());
    chosen.unwrap_or_else(|| accepted.map_or(Language::default(), Language::from_accept))
}

/// The first cookie of that name.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// A session's token as the client keeps it; never stored, never logged.
pub struct Token(String);

impl Token {
    /// A token nobody can guess.
    pub fn new(state: &WebState) -> Token {
        Token(BASE64URL_NOPAD.encode(&state.chance_bytes::<TOKEN_BYTES>()))
    }

    /// What is stored of it.
    pub fn hash(&self) -> TokenHash {
        hash_of(&self.0)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The header that gives it to a browser.
    pub fn set_cookie(&self, settings: &WebSettings) -> HeaderValue {
        let seconds = settings.session_life.0 / 1_000_000;
        let text = cookie_line(settings, &self.0, seconds);
        HeaderValue::from_str(&text).expect("a token is URL-safe text")
    }
}

/// The header that takes the session's cookie away.
pub fn forget_cookie(settings: &WebSettings) -> HeaderValue {
    HeaderValue::from_str(&cookie_line(settings, "", 0)).expect("a cookie without a value is plain text")
}

fn cookie_line(settings: &WebSettings, value: &str, seconds: i64) -> String {
    let name = cookie_name(settings);
    let secure = if settings.public_url.is_plain_loopback() { "" } else { "; Secure" };
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

/// The session cookie's name: without the prefix, which needs TLS, only on plain loopback.
fn cookie_name(settings: &WebSettings) -> &'static str {
    if settings.public_url.is_plain_loopback() { "session" } else { "__Host-session" }
}

fn hash_of(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}

/// A member whose session was checked.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who.
    pub member: Member,
    /// By which session.
    pub session: Session,
}

impl SignedIn {
    /// The member's number.
    pub const fn id(&self) -> MemberId {
        self.member.id
    }
}

/// Whoever looks: a member, or anyone.
#[derive(Clone, Debug)]
pub struct Visitor(pub Option<SignedIn>);

impl Visitor {
    /// The member's number, if he is signed in.
    pub fn id(&self) -> Option<MemberId> {
        self.0.as_ref().map(SignedIn::id)
    }
}

/// The session of a token.
///
/// # Errors
/// `unauthenticated` if there is none, `session_expired` if it is over.
pub async fn authenticate(state: &WebState, token: &str) -> Result<SignedIn, Problem> {
    if token.len() != BASE64URL_NOPAD.encode_len(TOKEN_BYTES) {
        return Err(Problem::new(Code::Unauthenticated));
    }
    renew(state, hash_of(token)).await
}

/// The session of a token that was checked before, if it still holds.
///
/// # Errors
/// As [`authenticate`].
pub async fn renew(state: &WebState, hash: TokenHash) -> Result<SignedIn, Problem> {
    let (mut session, member) =
        state.records.session(hash).await?.ok_or(Problem::new(Code::Unauthenticated))?;
    let now = state.now();
    if is_over(&session, &state.settings, now) {
        return Err(Problem::new(Code::SessionExpired));
    }
    if now >= session.seen_at.plus(TOUCHED_AFTER) {
        // A session that could not be noted as used is used all the same; it only grows idle sooner.
        match state.records.touch_session(hash, now).await {
            Ok(()) => session.seen_at = now,
            Err(failure) => tracing::debug!(%failure, "a session's use was not noted"),
        }
    }
    Ok(SignedIn { member, session })
}

fn is_over(session: &Session, settings: &WebSettings, now: Time) -> bool {
    now >= session.expires_at || now >= session.seen_at.plus(settings.session_idle)
}

/// How a request says who asks.
enum Credentials<'a> {
    /// Not at all.
    None,
    /// By the browser's cookie, which comes along unasked.
    Cookie(&'a str),
    /// By a token, on purpose.
    Bearer(&'a str),
    /// By something that is not understood here.
    Unknown,
}

fn credentials<'a>(headers: &'a HeaderMap, settings: &WebSettings) -> Credentials<'a> {
    match headers.get(AUTHORIZATION).map(HeaderValue::to_str) {
        Some(Ok(line)) => match line.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                Credentials::Bearer(token.trim())
            }
            _ => Credentials::Unknown,
        },
        Some(Err(_)) => Credentials::Unknown,
        None => cookie(headers, cookie_name(settings)).map_or(Credentials::None, Credentials::Cookie),
    }
}

/// The session token that a request carries, by header or cookie.
pub fn token<'a>(headers: &'a HeaderMap, settings: &WebSettings) -> Option<&'a str> {
    match credentials(headers, settings) {
        Credentials::Cookie(token) | Credentials::Bearer(token) => Some(token),
        Credentials::None | Credentials::Unknown => None,
    }
}

/// What is stored of the session cookie that a browser sent, if it sent one.
pub fn cookie_hash(headers: &HeaderMap, settings: &WebSettings) -> Option<TokenHash> {
    cookie(headers, cookie_name(settings)).map(hash_of)
}

impl FromRequestParts<Arc<WebState>> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<WebState>) -> Result<SignedIn, Problem> {
        match token(&parts.headers, &state.settings) {
            Some(token) => authenticate(state, token).await,
            None => Err(Problem::new(Code::Unauthenticated)),
        }
    }
}

impl FromRequestParts<Arc<WebState>> for Visitor {
    type Rejection = Problem;

    /// A cookie that is over makes a stranger of its bearer, where strangers may look; a token is meant, and is judged.
    async fn from_request_parts(parts: &mut Parts, state: &Arc<WebState>) -> Result<Visitor, Problem> {
        match credentials(&parts.headers, &state.settings) {
            Credentials::None => Ok(Visitor(None)),
            Credentials::Unknown => Err(Problem::new(Code::Unauthenticated)),
            Credentials::Bearer(token) => Ok(Visitor(Some(authenticate(state, token).await?))),
            Credentials::Cookie(token) => match authenticate(state, token).await {
                Ok(signed_in) => Ok(Visitor(Some(signed_in))),
                Err(problem) if problem.code().status() == 401 => Ok(Visitor(None)),
                Err(problem) => Err(problem),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect(text)
    }

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let lines = lines
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        let mut headers = HeaderMap::new();
        lines.for_each(|(name, value)| {
            headers.append(name, value);
        });
        headers
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let trusted: Vec<IpNet> = ["10.0.0.0/8", "::1/128"].map(|net| net.parse().expect(net)).to_vec();
        for (peer, hops, found) in [
            ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
            ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
            ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("::1", "[2001:db8::1]:443", "2001:db8::1"),
            ("10.0.0.1", "198.51.100.1:5000", "198.51.100.1"),
            ("10.0.0.1", "unknown", "10.0.0.1"),
            ("10.0.0.1", "", "10.0.0.1"),
        ] {
            let found_behind = behind(address(peer), hops.as_bytes(), &trusted).0;
            assert_eq!(found_behind, address(found), "{hops} by {peer}");
        }
    }

    #[test]
    fn what_a_client_forged_does_not_hide_what_the_proxy_wrote() {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().expect("a network")];
        let mut extensions = Extensions::new();
        extensions.insert(Peer("10.0.0.1:5000".parse().expect("an address")));
        for forged in [&b"\xff\xfe, 198.51.100.1"[..], "의자, 198.51.100.1".as_bytes(), b"\x80 ,198.51.100.1"]
        {
            let mut headers = HeaderMap::new();
            headers.append(&FORWARDED_FOR, HeaderValue::from_bytes(forged).expect("a value"));
            let found = Address::of(&headers, &extensions, &trusted);
            assert_eq!(found.0, address("198.51.100.1"), "{forged:?}");
            headers.append(&FORWARDED_FOR, HeaderValue::from_static("203.0.113.7"));
            let found = Address::of(&headers, &extensions, &trusted);
            assert_eq!(found.0, address("203.0.113.7"), "{forged:?}");
        }
    }

    #[test]
    fn a_household_counts_once() {
        let group = |text| Address(address(text)).group();
        assert_eq!(group("2001:db8::1"), group("2001:db8::ffff:1"));
        assert_ne!(group("2001:db8::1"), group("2001:db8:0:1::1"));
        assert_ne!(group("203.0.113.9"), group("203.0.113.10"));
        assert_eq!(group("203.0.113.9"), group("::ffff:203.0.113.9"));
    }

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        let headers = headers(&[("cookie", "xsession=1; session=two; lang=en"), ("cookie", "session=three")]);
        assert_eq!(cookie(&headers, "session"), Some("two"));
        assert_eq!(cookie(&headers, "ession"), None);
        assert_eq!(language(&headers), Language::En);
    }

    #[test]
    fn a_chosen_language_goes_before_an_accepted_one() {
        assert_eq!(language(&headers(&[("accept-language", "en-US,ko;q=0.5")])), Language::En);
        assert_eq!(language(&headers(&[("accept-language", "en"), ("cookie", "lang=ko")])), Language::Ko);
        assert_eq!(language(&headers(&[("accept-language", "en"), ("cookie", "lang=fr")])), Language::En);
    }

    #[test]
    fn the_cookie_needs_tls_but_on_plain_loopback() {
        let mut settings = WebSettings::default();
        let token = Token("abc".to_owned());
        let plain = "session=abc; Path=/; Max-Age=7776000; HttpOnly; SameSite=Lax";
        assert_eq!(token.set_cookie(&settings), plain);
        settings.public_url = "https://market.example".parse().expect("a URL");
        let prefixed = "__Host-session=abc; Path=/; Max-Age=7776000; HttpOnly; SameSite=Lax; Secure";
        assert_eq!(token.set_cookie(&settings), prefixed);
        let gone = "__Host-session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure";
        assert_eq!(forget_cookie(&settings), gone);
    }

    #[test]
    fn a_token_goes_before_a_cookie() {
        let settings = WebSettings::default();
        for (lines, found) in [
            (&[("cookie", "session=c")][..], Some("c")),
            (&[("cookie", "session=c"), ("authorization", "Bearer t")][..], Some("t")),
            (&[("authorization", "bearer t")][..], Some("t")),
            (&[("authorization", "Basic t"), ("cookie", "session=c")][..], None),
            (&[("cookie", "__Host-session=c")][..], None),
        ] {
            assert_eq!(token(&headers(lines), &settings), found, "{lines:?}");
        }
    }

    #[test]
    fn a_session_ends_by_idleness_and_by_age() {
        let settings = WebSettings::default();
        let day = |days| Time(0).plus(Span::days(days));
        let session = |seen_at| Session {
            token: [0; 32],
            member: MemberId(1),
            created_at: Time(0),
            seen_at,
            expires_at: day(90),
        };
        for (seen_at, now, over) in
            [(0, 29, false), (0, 30, true), (29, 58, false), (89, 89, false), (89, 90, true)]
        {
            assert_eq!(
                is_over(&session(day(seen_at)), &settings, day(now)),
                over,
                "seen {seen_at}, now {now}"
            );
        }
    }
}
