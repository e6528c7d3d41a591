//! Pictures come out upright, opaque and in the colours they went in with.

use crate::bombs;
use crate::painted::{self, FIELDS, check_sound, exif};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use pictures::{Address, Encoding, make};

const WIDTH: u32 = 96;
const HEIGHT: u32 = 64;

/// Whether every rendition shows the four fields where they belong.
#[track_caller]
fn check_fields(name: &str, upload: &[u8], fields: [[u8; 3]; 4]) {
    let picture = make(upload).expect(name);
    check_sound(&picture);
    assert_eq!((picture.width, picture.height), (WIDTH, HEIGHT), "{name}");
    assert_eq!(picture.address, Address::of(upload), "{name}");
    for one in &picture.renditions {
        let seen = image::load_from_memory(&one.bytes).expect(name).into_rgb8();
        let places = [(24, 16), (72, 16), (24, 48), (72, 48)];
        for ((x, y), expected) in places.into_iter().zip(fields) {
            let found = seen.get_pixel(x, y).0;
            let near = found.iter().zip(expected).all(|(found, expected)| found.abs_diff(expected) < 16);
            assert!(near, "{name}, {:?}: {found:?} at {x}, {y} should be {expected:?}", one.encoding);
        }
    }
}

/// How a camera stores an upright picture under each of the orientations of Exif 2.32, table of tag 0x0112.
fn stored(orientation: u8) -> RgbImage {
    let (right, bottom) = (WIDTH - 1, HEIGHT - 1);
    let at = |x: u32, y: u32| match orientation {
        2 => (right - x, y),
        3 => (right - x, bottom - y),
        4 => (x, bottom - y),
        5 => (y, x),
        6 => (right - y, x),
        7 => (right - y, bottom - x),
        8 => (y, bottom - x),
        _ => (x, y),
    };
    let (width, height) = if orientation < 5 { (WIDTH, HEIGHT) } else { (HEIGHT, WIDTH) };
    RgbImage::from_fn(width, height, |x, y| {
        let (x, y) = at(x, y);
        Rgb(painted::field(x, y, WIDTH, HEIGHT))
    })
}

#[test]
fn all_eight_orientations_are_turned_upright() {
    for orientation in 1..=8 {
        let (picture, exif) = (stored(orientation), exif(orientation, &[]));
        let segment = bombs::segment(0xE1, &[b"Exif\0\0", &exif[..]].concat());
        let jpeg = painted::jpeg_with(&picture, &segment);
        check_fields(&format!("JPEG {orientation}"), &jpeg, FIELDS);
        let png = painted::png_with(&picture, &bombs::chunk(b"eXIf", &exif));
        check_fields(&format!("PNG {orientation}"), &png, FIELDS);
        let webp = painted::webp_with(&picture, 0x08, &[], &bombs::riff_chunk(b"EXIF", &exif));
        check_fields(&format!("WebP {orientation}"), &webp, FIELDS);
    }
}

#[test]
fn an_orientation_that_does_not_exist_turns_nothing() {
    for orientation in [0, 9, 255] {
        let segment = bombs::segment(0xE1, &[b"Exif\0\0", &exif(orientation, &[])[..]].concat());
        let upload = painted::jpeg_with(&stored(1), &segment);
        check_fields(&format!("{orientation}"), &upload, FIELDS);
    }
}

#[test]
fn every_kind_of_pixel_is_taken() {
    let plain = DynamicImage::from(stored(1));
    for (name, upload) in [
        ("PNG of 8 bits", painted::encoded(plain.clone(), ImageFormat::Png)),
        ("PNG of 16 bits", painted::encoded(plain.to_rgb16().into(), ImageFormat::Png)),
        ("opaque PNG with opacity", painted::encoded(plain.to_rgba16().into(), ImageFormat::Png)),
        ("JPEG", painted::jpeg(&stored(1))),
        ("lossy WebP", painted::lossy(&stored(1))),
        ("lossless WebP", painted::lossless(&stored(1))),
    ] {
        check_fields(name, &upload, FIELDS);
    }
    let grey = FIELDS.map(|[red, green, blue]| *Rgba([red, green, blue, 255]).0.first().expect("red"));
    let red_only = RgbImage::from_fn(WIDTH, HEIGHT, |x, y| Rgb([painted::field(x, y, WIDTH, HEIGHT)[0]; 3]));
    let red_only = DynamicImage::from(red_only);
    for format in [ImageFormat::Png, ImageFormat::Jpeg] {
        let upload = painted::encoded(red_only.to_luma8().into(), format);
        check_fields("grey", &upload, grey.map(|red| [red; 3]));
    }
    let upload = painted::encoded(red_only.to_luma_alpha16().into(), ImageFormat::Png);
    check_fields("grey of 16 bits with opacity", &upload, grey.map(|red| [red; 3]));
}

#[test]
fn transparency_is_laid_on_white() {
    let white = [255; 3];
    let fields = [FIELDS[0], white, FIELDS[2], white];
    let upload = painted::half_transparent(&stored(1));
    check_fields("lossy WebP", &upload, fields);
    let half = RgbaImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let [red, green, blue] = painted::field(x, y, WIDTH, HEIGHT);
        Rgba([red, green, blue, if x < WIDTH / 2 { 255 } else { 0 }])
    });
    check_fields("PNG", &painted::encoded(half.clone().into(), ImageFormat::Png), fields);
    check_fields("lossless WebP", &painted::encoded(half.into(), ImageFormat::WebP), fields);
}

#[test]
fn a_photo_gets_three_sizes_in_both_encodings() {
    let picture = make(&painted::jpeg(&painted::busy(1500, 1000))).expect("a photo");
    check_sound(&picture);
    let found: Vec<_> = picture.renditions.iter().map(|one| (one.width, one.height, one.encoding)).collect();
    let sizes = [(320, 213), (640, 427), (1280, 853)];
    let both = |(width, height)| Encoding::ALL.map(|encoding| (width, height, encoding));
    assert_eq!(found, sizes.into_iter().flat_map(both).collect::<Vec<_>>());
    assert_eq!((picture.width, picture.height), (1500, 1000));
}
