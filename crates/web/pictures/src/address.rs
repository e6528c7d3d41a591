//! Where a picture lies: the SHA-256 of the uploaded bytes, written as 64 lower-case hexadecimal digits.

use sha2::{Digest, Sha256};
use std::fmt;

/// The SHA-256 of the uploaded bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address([u8; 32]);

impl Address {
    /// The address of an upload.
    pub fn of(upload: &[u8]) -> Self {
        Self(Sha256::digest(upload).into())
    }

    /// The address whose bytes these are, as [`Self::as_bytes`] gave them to be stored.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads what `Display` writes and nothing else, so that one picture has one name.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = digit(pair[0])? * 16 + digit(pair[1])?;
        }
        Some(Self(bytes))
    }
}

fn digit(letter: u8) -> Option<u8> {
    match letter {
        b'0'..=b'9' => Some(letter - b'0'),
        b'a'..=b'f' => Some(letter - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Address({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    /// The SHA-256 of nothing, as FIPS 180-4 has it.
    const OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn an_address_is_written_and_read() {
        assert_eq!(Address::of(b"").to_string(), OF_NOTHING);
        assert_eq!(Address::parse(OF_NOTHING), Some(Address::of(b"")));
        assert_eq!(Address::from_bytes(*Address::of(b"x").as_bytes()), Address::of(b"x"));
    }

    #[test]
    fn one_picture_has_one_name() {
        for other in [
            "",
            &OF_NOTHING.to_uppercase(),
            &OF_NOTHING[1..],
            &format!("{OF_NOTHING}0"),
            &format!("../{}", &OF_NOTHING[3..]),
            &format!("+{}", &OF_NOTHING[1..]),
        ] {
            assert_eq!(Address::parse(other), None, "{other}");
        }
    }
}
