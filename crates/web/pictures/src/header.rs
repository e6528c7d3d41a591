//! What an upload is by its own bytes, and whether it may be decoded: nothing is decoded here, and nothing allocated.
//!
//! Each format is walked from its first byte to the end that it announces itself. So whatever is cut off is known before
//! any decoder runs, decoders never see what lies behind the end, and a second header that contradicts the first cannot
//! make them reserve more than was judged.

mod jpeg;
mod png;
mod webp;

use crate::{BYTES_MAX, DECODING_BYTES_MAX, EDGE_MAX, EDGE_MIN, PIXELS_MAX, Refused};

/// The formats that are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Baseline or progressive JPEG.
    Jpeg,
    /// PNG that stands still.
    Png,
    /// WebP that stands still.
    Webp,
}

/// What is known of an upload before it is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// By content.
    pub format: Format,
    /// As stored, before it is turned upright; in pixels.
    pub width: u32,
    /// As stored, before it is turned upright; in pixels.
    pub height: u32,
    /// What the decoder's output and its own tables may need, in bytes.
    pub decoding_bytes: u64,
    /// Where the picture ends in the upload.
    pub(crate) end: usize,
}

/// Judges an upload by its bytes alone. Reads each byte once at most and allocates nothing.
///
/// # Errors
/// Why it is not taken, in the order of [`Refused`].
pub fn inspect(bytes: &[u8]) -> Result<Header, Refused> {
    if bytes.len() > BYTES_MAX {
        return Err(Refused::TooLargeBytes);
    }
    let header = match format(bytes).ok_or(Refused::NotAPicture)? {
        Format::Jpeg => jpeg::read(bytes)?,
        Format::Png => png::read(bytes)?,
        Format::Webp => webp::read(bytes)?,
    };
    judge(&header)?;
    Ok(header)
}

/// Known by the first bytes, as the three standards have them.
fn format(bytes: &[u8]) -> Option<Format> {
    if bytes.starts_with(&jpeg::SIGNATURE) {
        Some(Format::Jpeg)
    } else if bytes.starts_with(&png::SIGNATURE) {
        Some(Format::Png)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some(Format::Webp)
    } else {
        None
    }
}

fn judge(header: &Header) -> Result<(), Refused> {
    let (width, height) = (header.width, header.height);
    if width.min(height) < EDGE_MIN {
        return Err(Refused::TooSmall);
    }
    if width.max(height) > EDGE_MAX || pixels(width, height) > PIXELS_MAX {
        return Err(Refused::TooManyPixels);
    }
    if header.decoding_bytes > DECODING_BYTES_MAX {
        return Err(Refused::TooCostly);
    }
    Ok(())
}

/// How many pixels; 32 bits an edge cannot overflow it.
fn pixels(width: u32, height: u32) -> u64 {
    u64::from(width) * u64::from(height)
}

/// The `N` bytes at `at`.
fn array<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], Refused> {
    let found = at.checked_add(N).and_then(|end| bytes.get(at..end));
    found.and_then(|found| found.try_into().ok()).ok_or(Refused::Damaged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(width: u32, height: u32, decoding_bytes: u64, expected: Result<(), Refused>) {
        let header = Header { format: Format::Png, width, height, decoding_bytes, end: 0 };
        assert_eq!(judge(&header), expected, "{width} × {height}");
    }

    #[test]
    fn every_limit_is_judged_at_it_and_past_it() {
        check(EDGE_MIN, EDGE_MIN, 0, Ok(()));
        check(EDGE_MIN - 1, EDGE_MIN, 0, Err(Refused::TooSmall));
        check(EDGE_MIN, EDGE_MIN - 1, 0, Err(Refused::TooSmall));
        check(EDGE_MAX, EDGE_MIN, 0, Ok(()));
        check(EDGE_MAX + 1, EDGE_MIN, 0, Err(Refused::TooManyPixels));
        check(EDGE_MIN, EDGE_MAX + 1, 0, Err(Refused::TooManyPixels));
        check(10_000, 5_000, 0, Ok(()));
        check(10_000, 5_001, 0, Err(Refused::TooManyPixels));
        check(u32::MAX, u32::MAX, 0, Err(Refused::TooManyPixels));
        check(100, 100, DECODING_BYTES_MAX, Ok(()));
        check(100, 100, DECODING_BYTES_MAX + 1, Err(Refused::TooCostly));
    }

    #[test]
    fn an_upload_is_judged_by_its_length_first() {
        assert_eq!(inspect(&vec![0; BYTES_MAX]), Err(Refused::NotAPicture));
        assert_eq!(inspect(&vec![0; BYTES_MAX + 1]), Err(Refused::TooLargeBytes));
    }
}
