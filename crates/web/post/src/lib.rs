//! Floor 4, below web: carries what the house has to say to mail servers and to push services. Knows nothing of auctions;
//! time and chance are handed in.
//!
//! A send has an end in time and one of few outcomes, see [`Fault`]: whoever sends decides when to try again.

mod email;
mod encrypt;
mod line;
mod push;
mod smtp;
mod vapid;

use std::time::Duration;

pub use email::{Letter, Mailer, MailerInvalid};
pub use encrypt::{BrowserKeys, PAYLOAD_BYTES_MAX, encrypt};
pub use line::is_public;
pub use push::{ENDPOINT_CHARS_MAX, EndpointInvalid, Message, Pusher, Urgency, check_endpoint};
pub use vapid::VapidKey;

/// How long one send may take in all.
pub const SENT_WITHIN: Duration = Duration::from_secs(20);

/// The most characters of a service's own words that are passed on.
const WORDS_MAX: usize = 200;

/// Why something was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It may be sent later: the words of the service or of the line, and how long it asks to be left alone.
    #[error("{why}")]
    Again {
        /// The words.
        why: String,
        /// How long.
        after: Option<Duration>,
    },
    /// The house itself is refused, whatever it sends: a password or a key is wrong, and somebody must set that right.
    #[error("{0}")]
    House(String),
    /// It will never be sent like this.
    #[error("{0}")]
    Never(String),
    /// There is nobody there any more.
    #[error("gone")]
    Gone,
}

impl Fault {
    fn again(why: impl std::fmt::Display) -> Fault {
        Fault::Again { why: cut(&why.to_string()), after: None }
    }

    fn house(why: impl std::fmt::Display) -> Fault {
        Fault::House(cut(&why.to_string()))
    }

    fn never(why: impl std::fmt::Display) -> Fault {
        Fault::Never(cut(&why.to_string()))
    }
}

/// A stranger's words on one line, and no more of them than are passed on.
fn cut(words: &str) -> String {
    words.chars().take(WORDS_MAX).map(|one| if one.is_control() { ' ' } else { one }).collect()
}

/// HMAC-SHA-256 of a text under a secret of the house, with which addresses that leave it are signed.
pub fn sign(secret: &[u8; 32], text: &str) -> [u8; 32] {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
    let tag = ring::hmac::sign(&key, text.as_bytes());
    tag.as_ref().try_into().expect("a tag of SHA-256 has 32 bytes")
}

/// Whether [`sign`] made that signature; how long this takes says nothing about the right one.
pub fn is_signed(secret: &[u8; 32], text: &str, signature: &[u8]) -> bool {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
    ring::hmac::verify(&key, text.as_bytes(), signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_signed_is_signed() {
        let signature = sign(&[7; 32], "1");
        assert!(is_signed(&[7; 32], "1", &signature));
        for (secret, text, signature) in [
            ([8; 32], "1", &signature[..]),
            ([7; 32], "2", &signature[..]),
            ([7; 32], "1", &signature[..31]),
            ([7; 32], "1", &[]),
        ] {
            assert!(!is_signed(&secret, text, signature));
        }
    }

    #[test]
    fn words_of_strangers_are_short_and_on_one_line() {
        assert_eq!(cut("a\r\nb"), "a  b");
        assert_eq!(cut(&"x".repeat(300)).len(), WORDS_MAX);
    }
}
