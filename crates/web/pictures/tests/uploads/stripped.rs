//! Nothing that an upload says beside its pixels comes out: no place, no device, no comment, no page hidden in it.

use crate::bombs;
use crate::painted::{self, check_sound, exif};
use pictures::make;

/// Stands for the place, the owner, the script.
const PLANTED: &[u8] = b"<script>37.5665N-126.9780E</script>";
/// How metadata is introduced in the two encodings that come out.
const INTRODUCED: [&[u8]; 8] =
    [PLANTED, b"Exif", b"EXIF", b"XMP ", b"ICCP", b"ICC_PROFILE", b"http://", b"VP8X"];

#[track_caller]
fn check(name: &str, upload: &[u8]) {
    assert!(holds(upload, PLANTED), "{name}: nothing was planted");
    let picture = make(upload).expect(name);
    check_sound(&picture);
    for one in &picture.renditions {
        for word in INTRODUCED {
            assert!(
                !holds(&one.bytes, word),
                "{name}, {:?}: {}",
                one.encoding,
                String::from_utf8_lossy(word)
            );
        }
    }
}

fn holds(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|found| found == word)
}

/// Exif with the place of a phone: a pointer to a GPS directory, and the planted text in it.
fn gps() -> Vec<u8> {
    let mut found = exif(6, PLANTED);
    // Two entries: the orientation, then tag 0x8825 that points behind them.
    found[8] = 2;
    found.splice(22..22, [0x25, 0x88, 4, 0, 1, 0, 0, 0, 38, 0, 0, 0]);
    found
}

#[test]
fn a_jpeg_is_stripped() {
    let picture = painted::busy(200, 150);
    let marked = |before: &[u8]| [before, PLANTED].concat();
    let segments = [
        bombs::segment(0xE1, &[&b"Exif\0\0"[..], &gps()].concat()),
        bombs::segment(0xE1, &marked(b"http://ns.adobe.com/xap/1.0/\0")),
        bombs::segment(0xE2, &marked(b"ICC_PROFILE\0\x01\x01")),
        bombs::segment(0xED, &marked(b"Photoshop 3.0\0")),
        bombs::segment(0xEF, PLANTED),
        bombs::segment(0xFE, PLANTED),
    ];
    for (at, segment) in segments.iter().enumerate() {
        check(&format!("segment {at}"), &painted::jpeg_with(&picture, segment));
    }
    check("all at once", &painted::jpeg_with(&picture, &segments.concat()));
    check("behind the end", &[&painted::jpeg(&picture)[..], b"<html>", PLANTED].concat());
}

#[test]
fn a_png_is_stripped() {
    let picture = painted::busy(200, 150);
    let marked = |before: &[u8]| [before, PLANTED].concat();
    let chunks = [
        bombs::chunk(b"eXIf", &gps()),
        bombs::chunk(b"tEXt", &marked(b"Comment\0")),
        bombs::chunk(b"iTXt", &marked(b"XML:com.adobe.xmp\0\0\0\0\0")),
        bombs::chunk(b"prVt", PLANTED),
    ];
    for (at, chunk) in chunks.iter().enumerate() {
        check(&format!("chunk {at}"), &painted::png_with(&picture, chunk));
    }
    check("behind the end", &[&painted::png(&picture)[..], PLANTED].concat());
}

#[test]
fn a_webp_is_stripped() {
    let picture = painted::busy(200, 150);
    let profile = bombs::riff_chunk(b"ICCP", PLANTED);
    let behind = [bombs::riff_chunk(b"EXIF", &gps()), bombs::riff_chunk(b"XMP ", PLANTED)].concat();
    check("all at once", &painted::webp_with(&picture, 0x2C, &profile, &behind));
    check("behind the end", &[&painted::lossy(&picture)[..], PLANTED].concat());
}
