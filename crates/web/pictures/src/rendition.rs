//! The few sizes in which a picture is shown, each scaled from pixels and encoded anew.

use crate::decode::Decoded;
use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ExtendedColorType, RgbImage};

/// The longer edges of the renditions, in pixels, shortest first: a list, an item's page, an item's page in full.
pub const EDGES: [u32; 3] = [320, 640, 1280];
/// How well JPEG keeps, of 100.
const JPEG_QUALITY: u8 = 80;
/// How well WebP keeps, of 100; looks like JPEG's 80.
const WEBP_QUALITY: f32 = 78.0;
/// How long libwebp looks for the smaller file, of 6.
const WEBP_EFFORT: i32 = 4;

/// One size of a picture in one encoding. It holds no metadata at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// How `bytes` are encoded.
    pub encoding: Encoding,
    /// The whole file.
    pub bytes: Vec<u8>,
}

/// How a rendition is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encoding {
    /// Lossy WebP, for nearly everybody.
    Webp,
    /// Baseline JPEG, for everybody else and for previews elsewhere.
    Jpeg,
}

impl Encoding {
    /// Both, in the order in which renditions come.
    pub const ALL: [Self; 2] = [Self::Webp, Self::Jpeg];

    /// The media type to send it with.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Webp => "image/webp",
            Self::Jpeg => "image/jpeg",
        }
    }

    /// How its files' names end, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Webp => "webp",
            Self::Jpeg => "jpg",
        }
    }
}

/// The largest rendition, upright: scaled first, so that only few pixels are turned.
pub fn largest(decoded: Decoded) -> RgbImage {
    let Decoded { pixels, orientation } = decoded;
    let small = scaled(&pixels, EDGES[EDGES.len() - 1]).unwrap_or(pixels);
    let mut turned = DynamicImage::ImageRgb8(small);
    turned.apply_orientation(orientation);
    turned.into_rgb8()
}

/// Every size that is not larger than `largest`, in every encoding, smallest first.
pub fn renditions(largest: &RgbImage) -> Vec<Rendition> {
    let edge = largest.width().max(largest.height());
    let smaller = EDGES.into_iter().take_while(|size| *size < edge);
    let mut found: Vec<_> =
        smaller.filter_map(|size| scaled(largest, size)).flat_map(|small| encoded(&small)).collect();
    found.extend(encoded(largest));
    found
}

/// `picture` with `edge` as its longer edge; nothing if it is not longer than that, because nothing is enlarged.
fn scaled(picture: &RgbImage, edge: u32) -> Option<RgbImage> {
    let (width, height) = smaller(picture.dimensions(), edge)?;
    let source = TypedImageRef::<U8x3>::from_buffer(picture.width(), picture.height(), picture.as_raw())
        .expect("an RGB image holds three bytes a pixel");
    let mut small = RgbImage::new(width, height);
    let mut target = TypedImage::<U8x3>::from_buffer(width, height, &mut small)
        .expect("an RGB image holds three bytes a pixel");
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
    // Typed, so that only this one kind of pixel is compiled.
    Resizer::new().resize_typed(&source, &mut target, &options).expect("neither is empty");
    Some(small)
}

/// The size with `edge` as its longer edge, both rounded to the nearest and never nothing.
fn smaller((width, height): (u32, u32), edge: u32) -> Option<(u32, u32)> {
    let longer = width.max(height);
    let fit = |side: u32| {
        let rounded = (u64::from(side) * u64::from(edge) + u64::from(longer) / 2) / u64::from(longer);
        u32::try_from(rounded.max(1)).expect("no side is longer than the edge")
    };
    (longer > edge).then(|| (fit(width), fit(height)))
}

fn encoded(picture: &RgbImage) -> [Rendition; 2] {
    let (width, height) = picture.dimensions();
    Encoding::ALL.map(|encoding| {
        let bytes = match encoding {
            Encoding::Webp => webp(picture),
            Encoding::Jpeg => jpeg(picture),
        };
        Rendition { width, height, encoding, bytes }
    })
}

fn webp(picture: &RgbImage) -> Vec<u8> {
    let mut config = webp::WebPConfig::new().expect("the library is the one this was built with");
    config.quality = WEBP_QUALITY;
    config.method = WEBP_EFFORT;
    let encoder = webp::Encoder::from_rgb(picture.as_raw(), picture.width(), picture.height());
    encoder
        .encode_advanced(&config)
        .expect("only edges above 16,383 and a lack of memory are refused")
        .to_vec()
}

fn jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY)
        .encode(picture.as_raw(), picture.width(), picture.height(), ExtendedColorType::Rgb8)
        .expect("only edges above 65,535 are refused, and memory does not fail to be written");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    #[test]
    fn sizes_fit_their_edge() {
        let table = [
            ((320, 320), 320, None),
            ((321, 320), 320, Some((320, 319))),
            ((321, 321), 320, Some((320, 320))),
            ((8160, 6120), 1280, Some((1280, 960))),
            ((6120, 8160), 1280, Some((960, 1280))),
            ((12000, 32), 320, Some((320, 1))),
            ((32, 12000), 1280, Some((3, 1280))),
        ];
        for (size, edge, expected) in table {
            assert_eq!(smaller(size, edge), expected, "{size:?} in {edge}");
        }
    }

    /// The longer edges of what a picture of this size is shown in.
    #[track_caller]
    fn check_edges(width: u32, height: u32, expected: &[u32]) {
        let picture = RgbImage::from_pixel(width, height, Rgb([9, 99, 199]));
        let made = renditions(&largest(Decoded::upright(picture)));
        let edges: Vec<_> = made.iter().map(|one| (one.width.max(one.height), one.encoding)).collect();
        let both = |edge: &u32| Encoding::ALL.map(|encoding| (*edge, encoding));
        assert_eq!(edges, expected.iter().flat_map(both).collect::<Vec<_>>());
    }

    #[test]
    fn nothing_is_enlarged_and_no_size_comes_twice() {
        check_edges(32, 32, &[32]);
        check_edges(320, 100, &[320]);
        check_edges(321, 100, &[320, 321]);
        check_edges(100, 640, &[320, 640]);
        check_edges(1280, 32, &[320, 640, 1280]);
        check_edges(1281, 900, &[320, 640, 1280]);
    }
}
