//! What every test of blobs begins with: a clock, names, and bytes to keep under them.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use auction::Time;
use bytes::Bytes;
use store::Clock;
use store_blobs::BlobName;

/// The machine's clock, which services compare theirs with.
pub fn clock() -> Clock {
    #[expect(clippy::disallowed_methods, reason = "a real service looks at the real time")]
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros();
    Arc::new(move || Time(i64::try_from(now()).unwrap()))
}

/// A name whose digest begins with this byte.
pub fn name(first: u8, form: &str) -> BlobName {
    let mut digest = [0x5a; 32];
    digest[0] = first;
    BlobName::of(&digest, form).unwrap()
}

/// Bytes that are not text and differ by their seed.
pub fn bytes(seed: u8, length: usize) -> Bytes {
    (0..length).map(|at| (at % 251) as u8 ^ seed).collect::<Vec<_>>().into()
}
