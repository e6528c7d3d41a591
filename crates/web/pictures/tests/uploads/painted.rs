//! Small pictures to upload in every format, and how to look at what came out.

use crate::bombs;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, RgbaImage};
use pictures::{BYTES_MAX, Picture};
use std::io::Cursor;

/// Four fields: red and green above, blue and yellow below.
pub const FIELDS: [[u8; 3]; 4] = [[220, 30, 30], [30, 180, 30], [30, 30, 220], [220, 220, 30]];

/// Which of the four fields a place lies in.
pub fn field(x: u32, y: u32, width: u32, height: u32) -> [u8; 3] {
    FIELDS[usize::from(x >= width / 2) + 2 * usize::from(y >= height / 2)]
}

/// With every place its own colour, so that every part of an encoder has work.
pub fn busy(width: u32, height: u32) -> RgbImage {
    let part = |number: u32| u8::try_from(number % 256).expect("below 256");
    RgbImage::from_fn(width, height, |x, y| Rgb([part(x * 7 + y), part(x * y), part((x * 31) ^ (y * 17))]))
}

pub fn jpeg(picture: &RgbImage) -> Vec<u8> {
    encoded(picture.clone().into(), ImageFormat::Jpeg)
}

pub fn png(picture: &RgbImage) -> Vec<u8> {
    encoded(picture.clone().into(), ImageFormat::Png)
}

pub fn lossy(picture: &RgbImage) -> Vec<u8> {
    webp::Encoder::from_rgb(picture, picture.width(), picture.height()).encode(80.0).to_vec()
}

pub fn lossless(picture: &RgbImage) -> Vec<u8> {
    encoded(picture.clone().into(), ImageFormat::WebP)
}

/// A lossy WebP that is opaque on its left and transparent on its right.
pub fn half_transparent(picture: &RgbImage) -> Vec<u8> {
    let whole = RgbaImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue] = picture.get_pixel(x, y).0;
        image::Rgba([red, green, blue, if x < picture.width() / 2 { 255 } else { 0 }])
    });
    webp::Encoder::from_rgba(&whole, whole.width(), whole.height()).encode(80.0).to_vec()
}

pub fn encoded(picture: DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).expect("encoding into memory");
    bytes.into_inner()
}

/// A JPEG with segments behind its start.
pub fn jpeg_with(picture: &RgbImage, segments: &[u8]) -> Vec<u8> {
    let plain = jpeg(picture);
    [&plain[..2], segments, &plain[2..]].concat()
}

/// A PNG with chunks behind its header.
pub fn png_with(picture: &RgbImage, chunks: &[u8]) -> Vec<u8> {
    let plain = png(picture);
    [&plain[..33], chunks, &plain[33..]].concat()
}

/// The header of a WebP with more than a picture in it.
pub fn canvas(flags: u8, width: u32, height: u32) -> Vec<u8> {
    let (width, height) = ((width - 1).to_le_bytes(), (height - 1).to_le_bytes());
    bombs::riff_chunk(b"VP8X", &[&[flags, 0, 0, 0][..], &width[..3], &height[..3]].concat())
}

/// A lossy WebP with a profile before its picture and chunks behind it.
pub fn webp_with(picture: &RgbImage, flags: u8, before: &[u8], behind: &[u8]) -> Vec<u8> {
    let plain = lossy(picture);
    let canvas = canvas(flags, picture.width(), picture.height());
    bombs::webp(&[&canvas, before, &plain[12..], behind].concat())
}

/// Exif that tells nothing but how to turn the picture, and then whatever is to be planted.
pub fn exif(orientation: u8, planted: &[u8]) -> Vec<u8> {
    let entry = [0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0];
    [&b"II*\0\x08\0\0\0\x01\0"[..], &entry, &[0; 4], planted].concat()
}

/// What every picture that is made must be, whatever it was made of.
#[track_caller]
pub fn check_sound(picture: &Picture) {
    assert!(!picture.renditions.is_empty());
    for one in &picture.renditions {
        let longer = one.width.max(one.height);
        assert!(longer <= 1280 && longer <= picture.width.max(picture.height));
        assert!(one.bytes.len() < BYTES_MAX);
        let seen = image::load_from_memory(&one.bytes).expect("what was made can be seen");
        assert_eq!((seen.width(), seen.height()), (one.width, one.height));
    }
}
