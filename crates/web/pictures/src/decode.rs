//! Decoding: from judged bytes to opaque pixels of three bytes, whatever the upload had.

use crate::{BYTES_MAX, EDGE_MAX, Format, Header, Refused};
use image::codecs::{jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder};
use image::metadata::Orientation;
use image::{ColorType, ImageDecoder, ImageResult, Limits, RgbImage};
use std::io::Cursor;

/// What was decoded, not turned yet.
pub struct Decoded {
    /// As stored.
    pub pixels: RgbImage,
    /// How to turn it.
    pub orientation: Orientation,
}

impl Decoded {
    /// A picture that is upright as it is.
    #[cfg(test)]
    pub fn upright(pixels: RgbImage) -> Self {
        Self { pixels, orientation: Orientation::NoTransforms }
    }

    /// Width and height once turned.
    pub fn upright_size(&self) -> (u32, u32) {
        let (width, height) = self.pixels.dimensions();
        match self.orientation {
            Orientation::NoTransforms
            | Orientation::Rotate180
            | Orientation::FlipHorizontal
            | Orientation::FlipVertical => (width, height),
            Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH => (height, width),
        }
    }
}

/// Decodes what [`inspect`](crate::inspect) let pass, and only as far as its end.
pub fn decode(bytes: &[u8], header: &Header) -> Result<Decoded, Refused> {
    let picture = Cursor::new(&bytes[..header.end]);
    let decoded = match header.format {
        Format::Jpeg => JpegDecoder::new(picture).and_then(|decoder| pixels(decoder, header)),
        Format::Png => PngDecoder::with_limits(picture, limits()).and_then(|decoder| pixels(decoder, header)),
        Format::Webp => WebPDecoder::new(picture).and_then(|decoder| pixels(decoder, header)),
    };
    decoded.ok().flatten().ok_or(Refused::Damaged)
}

/// The decoder's own limits, behind ours. What it may allocate is for metadata (a PNG's may be compressed): pixels lie in
/// our buffer.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(EDGE_MAX);
    limits.max_image_height = Some(EDGE_MAX);
    limits.max_alloc = Some(BYTES_MAX as u64);
    limits
}

/// Nothing if the decoder sees another size than the header told, which then was never judged.
fn pixels(mut decoder: impl ImageDecoder, header: &Header) -> ImageResult<Option<Decoded>> {
    decoder.set_limits(limits())?;
    let (width, height) = decoder.dimensions();
    if (width, height) != (header.width, header.height) || decoder.total_bytes() > header.decoding_bytes {
        return Ok(None);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let colour = decoder.color_type();
    let length = usize::try_from(decoder.total_bytes()).expect("no more than DECODING_BYTES_MAX");
    let mut buffer = vec![0; length];
    decoder.read_image(&mut buffer)?;
    let opaque = on_white(buffer, colour);
    Ok(opaque
        .and_then(|opaque| RgbImage::from_raw(width, height, opaque))
        .map(|pixels| Decoded { pixels, orientation }))
}

/// Eight bits of red, green and blue a pixel, transparency laid on white. In place unless a pixel has less than that.
fn on_white(mut buffer: Vec<u8>, colour: ColorType) -> Option<Vec<u8>> {
    let size = usize::from(colour.bytes_per_pixel());
    let opaque: fn(&[u8]) -> [u8; 3] = match colour {
        ColorType::Rgb8 => return Some(buffer),
        ColorType::L8 => |pixel| [pixel[0]; 3],
        ColorType::L16 => |pixel| [eight(pixel, 0); 3],
        ColorType::La8 => |pixel| [over_white(pixel[0], pixel[1]); 3],
        ColorType::La16 => |pixel| [over_white(eight(pixel, 0), eight(pixel, 2)); 3],
        ColorType::Rgb16 => |pixel| [0, 2, 4].map(|at| eight(pixel, at)),
        ColorType::Rgba8 => |pixel| [0, 1, 2].map(|at| over_white(pixel[at], pixel[3])),
        ColorType::Rgba16 => |pixel| [0, 2, 4].map(|at| over_white(eight(pixel, at), eight(pixel, 6))),
        _ => return None,
    };
    if size < 3 {
        let mut wider = Vec::with_capacity(buffer.len() / size * 3);
        buffer.chunks_exact(size).for_each(|pixel| wider.extend_from_slice(&opaque(pixel)));
        return Some(wider);
    }
    let count = buffer.len() / size;
    for at in 0..count {
        let pixel = opaque(&buffer[at * size..(at + 1) * size]);
        buffer[at * 3..at * 3 + 3].copy_from_slice(&pixel);
    }
    buffer.truncate(count * 3);
    Some(buffer)
}

/// The nearest eight bits to the sixteen of this machine at `at`.
fn eight(pixel: &[u8], at: usize) -> u8 {
    let part = u32::from(u16::from_ne_bytes([pixel[at], pixel[at + 1]]));
    u8::try_from((part + 128) / 257).expect("65,535 + 128 is 255 times 257 and less than one more")
}

/// What is seen of a colour's part on white paper.
fn over_white(part: u8, opacity: u8) -> u8 {
    let (part, opacity) = (u32::from(part), u32::from(opacity));
    u8::try_from((part * opacity + 255 * (255 - opacity) + 127) / 255).expect("a mean of bytes is a byte")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(colour: ColorType, pixel: &[u8], expected: [u8; 3]) {
        let three = on_white(pixel.repeat(3), colour).expect("a colour that decoders make");
        assert_eq!(three, expected.repeat(3), "{colour:?} {pixel:?}");
    }

    /// Sixteen bits a part, as decoders hand them over.
    fn wide(parts: &[u16]) -> Vec<u8> {
        parts.iter().flat_map(|part| part.to_ne_bytes()).collect()
    }

    #[test]
    fn every_colour_becomes_eight_bits_on_white() {
        check(ColorType::Rgb8, &[1, 2, 3], [1, 2, 3]);
        check(ColorType::L8, &[7], [7, 7, 7]);
        check(ColorType::La8, &[0, 0], [255, 255, 255]);
        check(ColorType::La8, &[0, 255], [0, 0, 0]);
        check(ColorType::La8, &[0, 51], [204, 204, 204]);
        check(ColorType::Rgba8, &[10, 20, 30, 0], [255, 255, 255]);
        check(ColorType::Rgba8, &[10, 20, 30, 255], [10, 20, 30]);
        check(ColorType::L16, &wide(&[65535]), [255, 255, 255]);
        check(ColorType::L16, &wide(&[128]), [0, 0, 0]);
        check(ColorType::L16, &wide(&[129]), [1, 1, 1]);
        check(ColorType::La16, &wide(&[0, 0]), [255, 255, 255]);
        check(ColorType::Rgb16, &wide(&[257, 514, 65535]), [1, 2, 255]);
        check(ColorType::Rgba16, &wide(&[257, 514, 771, 65535]), [1, 2, 3]);
        check(ColorType::Rgba16, &wide(&[257, 514, 771, 0]), [255, 255, 255]);
    }
}
