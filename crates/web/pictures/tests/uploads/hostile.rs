//! Uploads that mean harm, one line each: refused for the right reason, before they cost anything.

use crate::bombs::{self, PNG, chunk, segment};
use crate::painted::{self, check_sound};
use pictures::Refused::{self, Animated, Damaged, NotAPicture, TooCostly, TooManyPixels, TooSmall};
use pictures::{inspect, make};

#[track_caller]
fn check(name: &str, upload: &[u8], expected: Refused) {
    assert_eq!(make(upload).map(|_| ()), Err(expected), "{name}");
}

#[test]
fn what_is_no_picture_is_not_taken_for_one() {
    check("nothing", b"", NotAPicture);
    check("one byte", b"\xFF", NotAPicture);
    check(
        "SVG with a script",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        NotAPicture,
    );
    check("HTML", b"<!doctype html><img src=x onerror=alert(1)>", NotAPicture);
    check("moving GIF", b"GIF89a\x40\0\x40\0\x80\0\0NETSCAPE2.0", NotAPicture);
    check("HEIC", b"\0\0\0\x18ftypheic", NotAPicture);
    check(
        "a JPEG behind HTML",
        &[b"<html>", &painted::jpeg(&painted::busy(64, 64))[..]].concat(),
        NotAPicture,
    );
    check("RIFF that is sound", b"RIFF\x04\0\0\0WAVE", NotAPicture);
    let mut state = 7_u32;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    });
    let noise: Vec<_> = noise.take(10_000).collect();
    check("noise", &noise, NotAPicture);
    check("a JPEG's beginning before noise", &[&[0xFF, 0xD8, 0xFF, 0xE0], &noise[..]].concat(), Damaged);
    check("a PNG's beginning before noise", &[PNG, &noise].concat(), Damaged);
    check("a WebP's beginning before noise", &[b"RIFF\x10\x27\0\0WEBP", &noise[..]].concat(), Damaged);
}

#[test]
fn pngs_that_lie_or_burst() {
    let whole =
        |header: &[u8], data: &[u8]| [PNG, header, &chunk(b"IDAT", data), &chunk(b"IEND", &[])].concat();
    check(
        "60,000 × 60,000 and nothing else",
        &[PNG, &bombs::png_header(60_000, 60_000, 8)].concat(),
        Damaged,
    );
    check("60,000 × 60,000", &bombs::png(60_000, 60_000, 8, 1, &[]), TooManyPixels);
    check(
        "the largest size there is",
        &whole(&bombs::png_header(u32::MAX, u32::MAX, 16), &[0]),
        TooManyPixels,
    );
    check("no size", &whole(&bombs::png_header(0, 64, 8), &[0]), TooSmall);
    check("16 bits at 34 megapixels", &bombs::png(5793, 5793, 16, 1, &[]), TooCostly);
    check("less than it says", &bombs::png(64, 64, 8, 16, &[]), Damaged);
    check("no data", &[PNG, &bombs::png_header(64, 64, 8), &chunk(b"IEND", &[])].concat(), Damaged);
    check("data that is none", &whole(&bombs::png_header(64, 64, 8), b"<script>"), Damaged);
    let second = bombs::png(64, 64, 8, 64, &bombs::png_header(6000, 6000, 8));
    check("two headers", &second, Damaged);
    check("moving", &bombs::png(64, 64, 8, 64, &chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0])), Animated);
    let mut wrong = bombs::png(64, 64, 8, 64, &[]);
    wrong[30] ^= 1;
    check("a wrong checksum", &wrong, Damaged);
    // More data than the header tells is not unpacked.
    check_taken("a hundred megabytes behind 64 rows", &bombs::png(64, 64, 8, 400_000, &[]));
    let profile = [b"x\0\0", &bombs::zeros(100_000_000)[..]].concat();
    check_harmless("a profile that bursts", &bombs::png(64, 64, 8, 64, &chunk(b"iCCP", &profile)));
    let text = [b"x\0\0", &bombs::zeros(100_000_000)[..]].concat();
    check_taken("a text that bursts", &bombs::png(64, 64, 8, 64, &chunk(b"zTXt", &text)));
}

#[track_caller]
fn check_taken(name: &str, upload: &[u8]) {
    check_sound(&make(upload).expect(name));
}

/// Where two answers are right: it is refused as damaged, or a sound picture comes of it.
#[track_caller]
fn check_harmless(name: &str, upload: &[u8]) {
    match make(upload) {
        Ok(picture) => check_sound(&picture),
        Err(refused) => assert_eq!(refused, Damaged, "{name}"),
    }
}

#[test]
fn jpegs_that_lie_or_burst() {
    check("60,000 × 60,000", &small_jpeg(|bytes, at| bytes[at + 5..at + 9].fill(0xEA)), TooManyPixels);
    check("no height", &small_jpeg(|bytes, at| bytes[at + 5..at + 7].fill(0)), TooSmall);
    check("twelve bits", &small_jpeg(|bytes, at| bytes[at + 4] = 12), Damaged);
    check("no components", &small_jpeg(|bytes, at| bytes[at + 9] = 0), Damaged);
    check("components of no size", &small_jpeg(|bytes, at| bytes[at + 11] = 0), Damaged);
    check("components of 15 × 15", &small_jpeg(|bytes, at| bytes[at + 11] = 0xFF), Damaged);
    check("arithmetic coding", &small_jpeg(|bytes, at| bytes[at + 1] = 0xC9), Damaged);
    check("a large frame in a progressive", &bombs::jpeg(5464, 5464, true, &[]), TooCostly);
    let frame = segment(0xC0, &[8, 0x10, 0, 0x10, 0, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]);
    check("two frames", &bombs::jpeg(64, 64, false, &frame), Damaged);
    check("a picture in the picture", &bombs::jpeg(64, 64, false, &[0xFF, 0xD8]), Damaged);
    let scan = segment(0xDA, &[3, 1, 0, 2, 0, 3, 0, 0, 0, 0]);
    let mut many = bombs::jpeg(64, 64, true, &[]);
    let end = many.len() - 2;
    many.splice(end..end, scan.repeat(64));
    check("65 scans", &many, Damaged);
    let mut twice = bombs::jpeg(64, 64, false, &[]);
    let end = twice.len() - 2;
    twice.splice(end..end, scan);
    check("the same components twice", &twice, Damaged);
    check_taken("a plain one", &bombs::jpeg(64, 64, false, &[]));
    check_taken("a progressive one", &bombs::jpeg(64, 64, true, &[]));
}

/// A plain JPEG after `change`, which is told where its frame's marker stands.
fn small_jpeg(change: impl Fn(&mut [u8], usize)) -> Vec<u8> {
    let mut bytes = bombs::jpeg(64, 64, false, &[]);
    let at = bytes.windows(2).position(|pair| pair == [0xFF, 0xC0]).expect("it has a frame");
    change(&mut bytes, at);
    bytes
}

#[test]
fn a_wrong_huffman_table_harms_nobody() {
    let plain = painted::jpeg(&painted::busy(100, 80));
    let tables: Vec<_> = (0..plain.len() - 1).filter(|at| plain[*at..].starts_with(&[0xFF, 0xC4])).collect();
    assert!(!tables.is_empty());
    for at in tables {
        for changed in [vec![0xFF; 16], vec![0; 16], vec![1; 16], (0..16).collect()] {
            let mut wrong = plain.clone();
            wrong[at + 5..at + 21].copy_from_slice(&changed);
            check_harmless(&format!("the table at {at}"), &wrong);
        }
    }
}

#[test]
fn webps_that_lie_or_burst() {
    let plain = painted::lossy(&painted::busy(64, 64));
    let picture = &plain[12..];
    let moving = |flags, more: &[u8]| bombs::webp(&[&painted::canvas(flags, 64, 64), more, picture].concat());
    check("moving by its flag", &moving(0x02, &[]), Animated);
    check("moving by its chunks", &moving(0, &bombs::riff_chunk(b"ANMF", &[0; 16])), Animated);
    let behind = |width, height| bombs::webp(&[&painted::canvas(0, width, height), picture].concat());
    check("a canvas that is larger", &behind(6000, 6000), Damaged);
    check("a canvas that is smaller", &behind(32, 32), Damaged);
    check_taken("a canvas that fits", &behind(64, 64));
    let mut large = plain.clone();
    large[26..30].copy_from_slice(&[0xFF, 0x3F, 0xFF, 0x3F]);
    check("16,383 × 16,383", &large, TooManyPixels);
    check(
        "the same behind a small canvas",
        &bombs::webp(&[&painted::canvas(0, 64, 64), &large[12..]].concat()),
        Damaged,
    );
    check("two pictures", &bombs::webp(&[picture, picture].concat()), Damaged);
    check("no picture", &bombs::webp(&painted::canvas(0, 64, 64)), Damaged);
    check(
        "16,384 × 16,384 in thirty bytes",
        &bombs::webp(&bombs::lossless(16_384, 16_384, 0)),
        TooManyPixels,
    );
    check("room for 65,536 groups of trees", &bombs::webp(&bombs::lossless(64, 64, 500_000)), TooCostly);
    check("65,536 groups of trees", &bombs::webp(&bombs::forest(u16::MAX)), TooCostly);
    check("31 megapixels without loss", &bombs::webp(&bombs::lossless(5600, 5600, 0)), TooCostly);
    check_taken("a few without loss", &bombs::webp(&bombs::lossless(64, 64, 0)));
    let mut long = plain.clone();
    long[16..20].copy_from_slice(&u32::MAX.to_le_bytes());
    check("a chunk longer than the file", &long, Damaged);
}

#[test]
fn whatever_is_cut_off_is_refused() {
    let picture = painted::busy(300, 200);
    for (name, whole) in [
        ("JPEG", painted::jpeg(&picture)),
        ("progressive JPEG", bombs::jpeg(2000, 2000, true, &[])),
        ("PNG", painted::png(&picture)),
        ("lossy WebP", painted::lossy(&picture)),
        ("lossless WebP", painted::lossless(&picture)),
    ] {
        assert!(inspect(&whole).is_ok(), "{name}");
        for part in 0..16 {
            let cut = &whole[..whole.len() * part / 16];
            let expected = if part == 0 { NotAPicture } else { Damaged };
            check(&format!("{name}, {part} sixteenths"), cut, expected);
        }
        check(&format!("{name} without its last byte"), &whole[..whole.len() - 1], Damaged);
    }
}
