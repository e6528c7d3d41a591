//! Web Push: one message to one browser by way of its push service (RFC 8030).

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::RETRY_AFTER;
use hyper::{Request, Response, StatusCode};
use tokio::time::timeout;
use url::{Host, Url};

use crate::encrypt::{BrowserKeys, encrypt};
use crate::line::{Line, is_public, line};
use crate::vapid::VapidKey;
use crate::{Fault, SENT_WITHIN};

/// The most characters of an endpoint.
pub const ENDPOINT_CHARS_MAX: usize = 1_000;

/// The longest that a service is left alone because it says so.
const LEFT_ALONE_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// How soon a browser that saves power should show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// It can wait.
    Normal,
    /// At once.
    High,
}

/// A message on its way to one browser.
#[derive(Clone, Debug)]
pub struct Message<'a> {
    /// Where the browser's service takes messages.
    pub endpoint: &'a str,
    /// What the browser gave away when it subscribed.
    pub browser: &'a BrowserKeys,
    /// What it hears.
    pub text: &'a [u8],
    /// A later message of the same topic takes the place of one that was not delivered yet: at most 32 letters and digits.
    pub topic: &'a str,
    /// How soon.
    pub urgency: Urgency,
    /// For how long the service keeps it for a browser that is away, in seconds.
    pub seconds: u32,
    /// A private key that is used for this message alone.
    pub private: [u8; 32],
    /// Chance for this message alone.
    pub salt: [u8; 16],
}

/// Why an endpoint is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an endpoint is an https address of a push service")]
pub struct EndpointInvalid;

/// Whether that is the address of a service somewhere in the public network, as far as its words say; what a name stands for
/// is judged when it is used. `is_for_tests` takes this machine, and without TLS, too.
///
/// # Errors
/// If it is none.
pub fn check_endpoint(endpoint: &str, is_for_tests: bool) -> Result<(), EndpointInvalid> {
    parse(endpoint, is_for_tests).map(|_| ())
}

fn parse(endpoint: &str, is_for_tests: bool) -> Result<Url, EndpointInvalid> {
    let url = Url::parse(endpoint).map_err(|_| EndpointInvalid)?;
    let is_scheme = url.scheme() == "https" || is_for_tests && url.scheme() == "http";
    let is_named = match url.host() {
        Some(Host::Domain(name)) => is_for_tests || name.contains('.') && !name.ends_with(".local"),
        // These are never looked up, so this is the only place where they are judged.
        Some(Host::Ipv4(address)) => is_for_tests || is_public(address.into()),
        Some(Host::Ipv6(address)) => is_for_tests || is_public(address.into()),
        None => false,
    };
    let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let is_short = endpoint.len() <= ENDPOINT_CHARS_MAX;
    if is_scheme && is_named && is_plain && is_short { Ok(url) } else { Err(EndpointInvalid) }
}

/// The way to all push services.
pub struct Pusher {
    line: Line,
    subject: String,
    is_for_tests: bool,
}

impl Pusher {
    /// The way for a house that people of push services reach at `subject`: an `https:` or `mailto:` address.
    pub fn new(subject: String, is_for_tests: bool) -> Pusher {
        Pusher { line: line(is_for_tests), subject, is_for_tests }
    }

    /// Sends a message.
    ///
    /// # Errors
    /// [`Fault::Gone`] if the browser has unsubscribed, [`Fault::House`] if the service does not take the house's key for
    /// that browser, [`Fault::Never`] if it refuses the message for good, else [`Fault::Again`].
    pub async fn send(&self, message: &Message<'_>, key: &VapidKey, unix_seconds: i64) -> Result<(), Fault> {
        let url = parse(message.endpoint, self.is_for_tests).map_err(Fault::never)?;
        let body = encrypt(message.text, message.browser, &message.private, &message.salt)?;
        let origin = url.origin().ascii_serialization();
        let urgency = match message.urgency {
            Urgency::Normal => "normal",
            Urgency::High => "high",
        };
        let request = Request::post(url.as_str())
            .header("Authorization", key.line(&origin, &self.subject, unix_seconds))
            .header("Content-Encoding", "aes128gcm")
            .header("Content-Type", "application/octet-stream")
            .header("TTL", message.seconds)
            .header("Topic", message.topic)
            .header("Urgency", urgency)
            .body(Full::new(Bytes::from(body)))
            .map_err(Fault::never)?;
        match timeout(SENT_WITHIN, self.line.request(request)).await {
            // Nobody needs what it says beside its status: the connection is given back or closed.
            Ok(Ok(answer)) => judge(&answer),
            Ok(Err(error)) => Err(Fault::again(with_sources(&error))),
            Err(_) => Err(Fault::again("the push service was silent")),
        }
    }
}

fn judge<B>(answer: &Response<B>) -> Result<(), Fault> {
    let status = answer.status();
    let why = format!("the push service answered {}", status.as_u16());
    match status {
        status if status.is_success() => Ok(()),
        StatusCode::NOT_FOUND | StatusCode::GONE => Err(Fault::Gone),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(Fault::house(why)),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => {
            Err(Fault::Again { why, after: left_alone(answer) })
        }
        status if status.is_server_error() => Err(Fault::Again { why, after: left_alone(answer) }),
        _ => Err(Fault::never(why)),
    }
}

/// How long a service asks to be left alone; one that says until when, and not how long, is asked again as any other.
fn left_alone<B>(answer: &Response<B>) -> Option<Duration> {
    let seconds = answer.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LEFT_ALONE_MAX))
}

/// An error with what caused it: the outermost says next to nothing.
fn with_sources(error: &dyn std::error::Error) -> String {
    let sources = std::iter::successors(Some(error), |error| error.source());
    sources.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_a_service_in_the_public_network() {
        for (endpoint, is_one) in [
            ("https://push.example/send/abc?d=1", true),
            ("https://8.8.8.8/x", true),
            ("http://push.example/x", false),
            ("https://127.0.0.1/x", false),
            ("https://2130706433/x", false),
            ("https://0x7f.1/x", false),
            ("https://[::1]/x", false),
            ("https://[::ffff:10.0.0.1]/x", false),
            ("https://169.254.169.254/latest/meta-data", false),
            ("https://localhost/x", false),
            ("https://printer.local/x", false),
            ("https://user@push.example/x", false),
            ("ftp://push.example/x", false),
            ("push.example", false),
            ("", false),
        ] {
            assert_eq!(check_endpoint(endpoint, false).is_ok(), is_one, "{endpoint}");
        }
        let long = format!("https://push.example/{}", "x".repeat(ENDPOINT_CHARS_MAX));
        assert!(check_endpoint(&long, false).is_err());
        assert!(check_endpoint("http://127.0.0.1:9/x", true).is_ok());
    }

    #[test]
    fn what_a_service_answers_says_what_comes_next() {
        let answer = |status: u16, after: Option<&str>| {
            let mut answer = Response::builder().status(status);
            if let Some(after) = after {
                answer = answer.header(RETRY_AFTER, after);
            }
            match judge(&answer.body(()).unwrap()) {
                Ok(()) => "sent".to_owned(),
                Err(Fault::Gone) => "gone".to_owned(),
                Err(Fault::House(_)) => "house".to_owned(),
                Err(Fault::Never(_)) => "never".to_owned(),
                Err(Fault::Again { after, .. }) => format!("again {:?}", after.map(|after| after.as_secs())),
            }
        };
        for (status, after, expected) in [
            (200, None, "sent"),
            (201, None, "sent"),
            (202, None, "sent"),
            (301, None, "never"),
            (400, None, "never"),
            (401, None, "house"),
            (403, None, "house"),
            (404, None, "gone"),
            (410, None, "gone"),
            (413, None, "never"),
            (429, None, "again None"),
            (429, Some("120"), "again Some(120)"),
            (429, Some("Wed, 21 Oct 2026 07:28:00 GMT"), "again None"),
            (429, Some("99999999"), "again Some(86400)"),
            (500, None, "again None"),
            (503, Some("7"), "again Some(7)"),
        ] {
            assert_eq!(answer(status, after), expected, "{status} {after:?}");
        }
    }
}
