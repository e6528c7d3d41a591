//! Pictures with any bytes changed: whatever the answer, nothing panics and nothing exceeds its limits.

use crate::bombs;
use crate::painted::{self, check_sound};
use pictures::{DECODING_BYTES_MAX, EDGE_MAX, EDGE_MIN, PIXELS_MAX, inspect, make};
use proptest::prelude::*;
use std::sync::LazyLock;

/// One of each kind that has a decoder of its own.
static SEEDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let picture = painted::busy(56, 40);
    vec![
        painted::jpeg(&picture),
        bombs::jpeg(56, 40, true, &[]),
        painted::png(&picture),
        painted::lossy(&picture),
        painted::lossless(&picture),
        painted::half_transparent(&picture),
    ]
});

/// The checksums of a PNG made right again, or its decoder would see little of what was changed.
fn with_checksums(mut bytes: Vec<u8>) -> Vec<u8> {
    let mut at = bombs::PNG.len();
    while bytes.starts_with(bombs::PNG) {
        let Some(&[a, b, c, d]) = bytes.get(at..at + 4) else { break };
        let Ok(length) = usize::try_from(u32::from_be_bytes([a, b, c, d])) else { break };
        let Some(named) = bytes.get(at + 4..at + 8 + length) else { break };
        let name = named[..4].try_into().expect("four bytes");
        let whole = bombs::chunk(name, &named[4..]);
        let Some(old) = bytes.get_mut(at..at + whole.len()) else { break };
        old.copy_from_slice(&whole);
        at += whole.len();
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_picture_is_refused_or_sound(
        seed in 0..6_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::weighted(0.1, any::<prop::sample::Index>()),
    ) {
        let mut bytes = SEEDS[seed].clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let mut bytes = with_checksums(bytes);
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(header) = inspect(&bytes) {
            prop_assert!(u64::from(header.width) * u64::from(header.height) <= PIXELS_MAX);
            prop_assert!(header.width.max(header.height) <= EDGE_MAX);
            prop_assert!(header.width.min(header.height) >= EDGE_MIN);
            prop_assert!(header.decoding_bytes <= DECODING_BYTES_MAX);
            // A change of the size alone asks for much work: the memory of it is measured elsewhere.
            prop_assume!(u64::from(header.width) * u64::from(header.height) <= 1_000_000);
        }
        if let Ok(picture) = make(&bytes) {
            check_sound(&picture);
        }
    }
}
