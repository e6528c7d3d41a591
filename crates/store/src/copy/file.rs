//! The file in which a market travels: JSON Lines, written and read once through, whatever its size.
//!
//! 1. `{"format":"neighborbid-export","version":1,"from":"sqlite","made_at":…,"tables":[{"name":…,"columns":[…]},…]}`;
//!    `made_at` in UTC microseconds.
//! 2. For each of those tables, in that order: `{"table":"members"}`; then its rows, an array each, as many as there are,
//!    and behind each batch of them `{"rows":2000,"digest":"…"}`; then `{"end":"members","rows":12345,"digest":"…"}`.
//! 3. `{"end":"neighborbid-export","rows":…,"digest":"…"}`, and nothing behind it.
//!
//! A digest is the SHA-256 of all bytes before its own line. So every batch is known to be whole, and to stand behind
//! all that was written before it, before any of it is kept; nothing can be cut off, changed, repeated or left out
//! unnoticed. (Whoever means harm can compute digests too: whether the market can be true is for the audit to say.)
//!
//! Values: whole numbers as they are, with all their digits; other numbers as `{"real":"37.5"}`, in the shortest form
//! that gives the same number again; bytes as `{"bytes":"00ff"}`; text and `null` as JSON has them.

mod read;
mod write;

use sha2::{Digest, Sha256};

pub use read::{Piece, Reader};
pub use write::Writer;

/// What the first line and the last one call it.
const FORMAT: &str = "neighborbid-export";

/// The version of the form; a file of another one is refused.
const VERSION: i64 = 1;

/// The longest line, in bytes. The longest row is an item with its description, or a round of 512 commands.
const LINE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// What the first line says of where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The kind of store: `sqlite` or `postgresql`.
    pub from: String,
    /// When it was made, in UTC microseconds.
    pub made_at: i64,
}

/// A place in a file behind which a reader may go on: the end of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The number of the batch's last line, its mark; the first line is 1.
    pub line: u64,
    /// The digest of all before that line: it says which file, too.
    pub digest: String,
    /// How many rows stand before it.
    pub rows: u64,
}

/// The digest of what was seen so far.
fn digest_of(seen: &Sha256) -> String {
    hex(&seen.clone().finalize())
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digits = |byte: &u8| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
    bytes.iter().flat_map(digits).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |one: &u8| char::from(*one).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let byte = |[high, low]: &[u8; 2]| Some(digit(high)? << 4 | digit(low)?);
    if rest.is_empty() { pairs.iter().map(byte).collect() } else { None }
}

#[cfg(test)]
mod tests;
