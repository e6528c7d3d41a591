//! Settings: what the house's owner has decided about the web; plain values, read from flags and files by the server.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use auction::Span;
use axum::http::Uri;
use engine::Deposits;
use ipnet::IpNet;
use jiff::tz::TimeZone;
pub use post::{Mailer, MailerInvalid};

/// The most connections that are open at once, watchers included.
pub const CONNECTIONS_MAX: usize = 20_000;

/// The most connections that are open at once from one address, unless it is a trusted proxy.
pub const CONNECTIONS_PER_ADDRESS_MAX: u32 = 1_000;

/// Everything the web can be told.
#[derive(Clone, Debug)]
pub struct WebSettings {
    /// Where people reach the house: what browsers must name as their origin, and whether cookies need TLS.
    pub public_url: PublicUrl,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// A session that was not used for so long is over.
    pub session_idle: Span,
    /// A session is over after so long, used or not.
    pub session_life: Span,
    /// Whether limits of rate and count on clients hold; limits of size always do.
    pub rate_limits: bool,
    /// Requests in a minute from one address.
    pub requests_per_minute: u32,
    /// Calls that hash a password in a minute from one address.
    pub password_calls_per_minute: u32,
    /// Sockets of one member.
    pub sockets_per_member: u32,
    /// Sockets of one address.
    pub sockets_per_address: u32,
    /// Messages in a second on one socket.
    pub messages_per_second: u32,
    /// Auctions watched on one socket.
    pub subscriptions_per_socket: usize,
    /// Where deposits come from; pages show no door that leads nowhere.
    pub deposits: Deposits,
    /// What bidders are called before others.
    pub bidder_names: BidderNames,
    /// The shortest an auction may last, so that forms can say so before the rules do.
    pub minimum_duration: Span,
    /// Who knows it may read `/metrics` on the public listener.
    pub metrics_token: Option<String>,
    /// In which time zone pages say days and hours.
    pub time_zone: TimeZone,
    /// What a password's hash costs.
    pub password_cost: PasswordCost,
    /// How many passwords are hashed at once.
    pub hashing_threads: usize,
    /// The way to the mail server, if the house sends e-mail.
    pub mailer: Option<Arc<Mailer>>,
    /// Whether notices may be pushed to this machine and without TLS: for tests alone.
    pub pushes_anywhere: bool,
}

impl Default for WebSettings {
    fn default() -> WebSettings {
        WebSettings {
            public_url: PublicUrl::loopback(3000),
            trusted_proxies: Vec::new(),
            session_idle: Span::days(30),
            session_life: Span::days(90),
            rate_limits: true,
            requests_per_minute: 10_000,
            password_calls_per_minute: 300,
            sockets_per_member: 10,
            sockets_per_address: 50,
            messages_per_second: 20,
            subscriptions_per_socket: 200,
            deposits: Deposits::Demo,
            bidder_names: BidderNames::Numbers,
            minimum_duration: Span::minutes(10),
            metrics_token: None,
            time_zone: TimeZone::UTC,
            password_cost: PasswordCost::default(),
            hashing_threads: 1,
            mailer: None,
            pushes_anywhere: false,
        }
    }
}

/// What bidders are called before others than the seller and themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BidderNames {
    /// Bidder 1, 2, … of the auction: names invite pressure and shills.
    #[default]
    Numbers,
    /// Their nicknames, to everyone.
    Names,
}

impl FromStr for BidderNames {
    type Err = SettingInvalid;

    fn from_str(text: &str) -> Result<BidderNames, SettingInvalid> {
        match text {
            "numbers" => Ok(BidderNames::Numbers),
            "names" => Ok(BidderNames::Names),
            _ => Err(SettingInvalid("bidder_names is `numbers` or `names`")),
        }
    }
}

/// What argon2id costs; the default is OWASP's first choice for servers with little memory to spare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Default for PasswordCost {
    fn default() -> PasswordCost {
        PasswordCost { memory_kib: 19_456, passes: 2 }
    }
}

/// A setting that cannot be used, and how it should look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SettingInvalid(&'static str);

/// Where people reach the house: scheme, host and port, nothing behind them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    https: bool,
    host: String,
    port: u16,
}

impl PublicUrl {
    /// The house on this machine only.
    pub fn loopback(port: u16) -> PublicUrl {
        PublicUrl { https: false, host: "127.0.0.1".to_owned(), port }
    }

    /// Whether people come by TLS.
    pub const fn is_https(&self) -> bool {
        self.https
    }

    /// Whether only this machine can come, and without TLS: the one case in which a cookie does without it.
    pub fn is_plain_loopback(&self) -> bool {
        !self.https && is_loopback(&self.host)
    }

    /// Whether a browser's `Origin` header names this house. On plain loopback the machine's other names count too.
    pub fn is_origin(&self, origin: &str) -> bool {
        let Ok(named) = origin.parse::<PublicUrl>() else { return false };
        if origin.ends_with('/') || named.https != self.https || named.port != self.port {
            return false;
        }
        named.host == self.host || (self.is_plain_loopback() && is_loopback(&named.host))
    }
}

impl FromStr for PublicUrl {
    type Err = SettingInvalid;

    fn from_str(text: &str) -> Result<PublicUrl, SettingInvalid> {
        let invalid = SettingInvalid("public_url looks like https://market.example, without a path");
        let uri: Uri = text.parse().map_err(|_| invalid)?;
        let https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(invalid),
        };
        let authority =
            uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or(invalid)?;
        if uri.path() != "/" || uri.query().is_some() {
            return Err(invalid);
        }
        let host = authority.host().to_ascii_lowercase();
        let port = authority.port_u16();
        let port_is_sound = port.is_some() || !authority.as_str().ends_with(':');
        if host.is_empty() || !port_is_sound {
            return Err(invalid);
        }
        Ok(PublicUrl { https, host, port: port.unwrap_or(if https { 443 } else { 80 }) })
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, usual) = if self.https { ("https", 443) } else { ("http", 80) };
        write!(formatter, "{scheme}://{}", self.host)?;
        if self.port == usual { Ok(()) } else { write!(formatter, ":{}", self.port) }
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_has_scheme_host_and_port() {
        for (text, shown) in [
            ("https://market.example", "https://market.example"),
            ("https://Market.Example:443/", "https://market.example"),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("http://[::1]:3000", "http://[::1]:3000"),
        ] {
            let url: PublicUrl = text.parse().expect(text);
            assert_eq!(url.to_string(), shown);
        }
        let refused = [
            "market.example",
            "ftp://a.example",
            "https://a.example/shop",
            "https://a@b.example",
            "https://",
            "",
            "https://a.example?b",
        ];
        for text in refused {
            assert!(text.parse::<PublicUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_origin_is_ours_only_as_a_whole() {
        for (ours, origin, is_ours) in [
            ("https://market.example", "https://market.example", true),
            ("https://market.example", "https://MARKET.example", true),
            ("https://market.example", "http://market.example", false),
            ("https://market.example", "https://market.example:8443", false),
            ("https://market.example", "https://market.example/", false),
            ("https://market.example", "https://market.example.evil.example", false),
            ("https://market.example", "https://sub.market.example", false),
            ("https://market.example", "null", false),
            ("https://market.example", "", false),
            ("http://127.0.0.1:3000", "http://localhost:3000", true),
            ("http://127.0.0.1:3000", "http://[::1]:3000", true),
            ("http://127.0.0.1:3000", "http://localhost:3001", false),
            ("http://127.0.0.1:3000", "http://evil.example:3000", false),
            ("http://market.example", "http://localhost", false),
        ] {
            let url: PublicUrl = ours.parse().expect(ours);
            assert_eq!(url.is_origin(origin), is_ours, "{origin} at {ours}");
        }
    }

    #[test]
    fn only_plain_loopback_does_without_tls() {
        for (url, plain) in [
            ("http://127.0.0.1:3000", true),
            ("http://localhost:3000", true),
            ("http://[::1]", true),
            ("https://localhost", false),
            ("http://market.example", false),
        ] {
            assert_eq!(url.parse::<PublicUrl>().expect(url).is_plain_loopback(), plain, "{url}");
        }
    }
}
