//! The markers of a JPEG from its start to its end, read as ITU-T T.81, annex B, has them.

use super::{Format, Header, array, pixels};
use crate::Refused;

/// How every JPEG begins: a start of image, then another marker.
pub const SIGNATURE: [u8; 3] = [0xFF, 0xD8, 0xFF];

/// More passes over a progressive picture than this serve only to keep a decoder busy; encoders make about ten.
const SCANS_MAX: usize = 64;
/// The pixels of a block, on each side.
const BLOCK: u64 = 8;

/// What the frame header tells.
struct Frame {
    width: u32,
    height: u32,
    progressive: bool,
    components: usize,
    /// Bytes for all coefficients of all components, each of two bytes.
    coefficients: u64,
}

pub fn read(bytes: &[u8]) -> Result<Header, Refused> {
    let mut frame = None;
    let mut scans = Vec::new();
    let mut at = 2;
    loop {
        let (marker, after) = next_marker(bytes, at).ok_or(Refused::Damaged)?;
        at = match marker {
            0xD9 => {
                let frame = frame.ok_or(Refused::Damaged)?;
                return header(&frame, &scans, after);
            }
            0xC0..=0xC2 if frame.is_none() => {
                frame = Some(read_frame(bytes, after)?);
                behind_segment(bytes, after)?
            }
            0xDA if frame.is_some() && scans.len() < SCANS_MAX => {
                let [components] = array(bytes, after + 2)?;
                scans.push(usize::from(components));
                behind_segment(bytes, after)?
            }
            // Tables, the length of a restart interval, notes of applications, comments.
            0xC4 | 0xDB | 0xDD | 0xE0..=0xEF | 0xFE => behind_segment(bytes, after)?,
            // A second frame or start, a scan before its frame, arithmetic or lossless coding, hierarchies.
            _ => return Err(Refused::Damaged),
        };
    }
}

/// The next marker that is not part of a scan's data (a stuffed byte or a restart), and where it ends.
fn next_marker(bytes: &[u8], mut at: usize) -> Option<(u8, usize)> {
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == 0xFF)?;
        at += bytes[at..].iter().position(|byte| *byte != 0xFF)?;
        let marker = bytes[at];
        at += 1;
        if !matches!(marker, 0x00 | 0x01 | 0xD0..=0xD7) {
            return Some((marker, at));
        }
    }
}

/// Where the segment ends whose length stands at `at`.
fn behind_segment(bytes: &[u8], at: usize) -> Result<usize, Refused> {
    let length = u16::from_be_bytes(array(bytes, at)?);
    let end = at + usize::from(length);
    if length < 2 || end > bytes.len() { Err(Refused::Damaged) } else { Ok(end) }
}

/// `at` is where the segment's length stands, right behind its marker.
fn read_frame(bytes: &[u8], at: usize) -> Result<Frame, Refused> {
    let progressive = bytes[at - 1] == 0xC2;
    let [precision, height_high, height_low, width_high, width_low, components] = array(bytes, at + 2)?;
    let height = u32::from(u16::from_be_bytes([height_high, height_low]));
    let width = u32::from(u16::from_be_bytes([width_high, width_low]));
    let components = usize::from(components);
    let length = usize::from(u16::from_be_bytes(array(bytes, at)?));
    if precision != 8 || !matches!(components, 1 | 3 | 4) || length != 8 + 3 * components {
        return Err(Refused::Damaged);
    }
    let mut sampling = [(0, 0); 4];
    for (component, factors) in sampling.iter_mut().take(components).enumerate() {
        let [_, both, _] = array::<3>(bytes, at + 8 + 3 * component)?;
        *factors = (u64::from(both >> 4), u64::from(both & 15));
    }
    let coefficients = coefficients(width, height, &sampling[..components])?;
    Ok(Frame { width, height, progressive, components, coefficients })
}

/// Bytes for the coefficients of whole units, as decoders keep them that need all scans before the first pixel.
fn coefficients(width: u32, height: u32, sampling: &[(u64, u64)]) -> Result<u64, Refused> {
    if sampling.iter().any(|(across, down)| !(1..=4).contains(across) || !(1..=4).contains(down)) {
        return Err(Refused::Damaged);
    }
    let across_max = sampling.iter().map(|(across, _)| *across).max().unwrap_or(1);
    let down_max = sampling.iter().map(|(_, down)| *down).max().unwrap_or(1);
    let units = u64::from(width).div_ceil(BLOCK * across_max) * u64::from(height).div_ceil(BLOCK * down_max);
    let blocks: u64 = sampling.iter().map(|(across, down)| across * down).sum();
    Ok(units * blocks * BLOCK * BLOCK * 2)
}

fn header(frame: &Frame, scans: &[usize], end: usize) -> Result<Header, Refused> {
    let first = *scans.first().ok_or(Refused::Damaged)?;
    // In a sequential picture every component comes once.
    if !frame.progressive && scans.iter().sum::<usize>() > frame.components {
        return Err(Refused::Damaged);
    }
    let kept = frame.progressive || first < frame.components;
    // Grey is decoded to one byte and then made three.
    let output = pixels(frame.width, frame.height) * if frame.components == 1 { 4 } else { 3 };
    Ok(Header {
        format: Format::Jpeg,
        width: frame.width,
        height: frame.height,
        decoding_bytes: output + if kept { frame.coefficients } else { 0 },
        end,
    })
}
