//! The chunks of a PNG from its header to its end, read as the W3C's recommendation (third edition) has them.

use super::{Format, Header, array, pixels};
use crate::Refused;

/// How every PNG begins.
pub const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// A chunk's length, name and checksum.
const AROUND: usize = 12;

pub fn read(bytes: &[u8]) -> Result<Header, Refused> {
    let first = chunk(bytes, SIGNATURE.len())?;
    if first.name != *b"IHDR" || first.data.len() != 13 {
        return Err(Refused::Damaged);
    }
    let (width, height) =
        (u32::from_be_bytes(array(first.data, 0)?), u32::from_be_bytes(array(first.data, 4)?));
    let [depth, colour] = array(first.data, 8)?;
    let (mut has_data, mut transparent) = (false, false);
    let mut at = first.end;
    loop {
        let next = chunk(bytes, at)?;
        at = next.end;
        match &next.name {
            b"IDAT" => has_data = true,
            b"tRNS" => transparent = true,
            b"acTL" | b"fcTL" | b"fdAT" => return Err(Refused::Animated),
            b"IHDR" => return Err(Refused::Damaged),
            b"IEND" if has_data => break,
            b"IEND" => return Err(Refused::Damaged),
            _ => {}
        }
    }
    let pixel = bytes_per_pixel(colour, depth, transparent).ok_or(Refused::Damaged)?;
    // What has less than three bytes is decoded first and widened then.
    let widened = if pixel < 3 { 3 } else { 0 };
    let decoding_bytes = pixels(width, height).saturating_mul(pixel + widened);
    Ok(Header { format: Format::Png, width, height, decoding_bytes, end: at })
}

struct Chunk<'a> {
    name: [u8; 4],
    data: &'a [u8],
    end: usize,
}

fn chunk(bytes: &[u8], at: usize) -> Result<Chunk<'_>, Refused> {
    let length = usize::try_from(u32::from_be_bytes(array(bytes, at)?)).map_err(|_| Refused::Damaged)?;
    let end = at.checked_add(AROUND).and_then(|end| end.checked_add(length)).ok_or(Refused::Damaged)?;
    let data = bytes.get(at + 8..end - 4).filter(|_| end <= bytes.len()).ok_or(Refused::Damaged)?;
    Ok(Chunk { name: array(bytes, at + 4)?, data, end })
}

/// Of a pixel once palettes, less than eight bits and a transparent colour are expanded.
fn bytes_per_pixel(colour: u8, depth: u8, transparent: bool) -> Option<u64> {
    let parts = match colour {
        0 => 1 + u64::from(transparent),
        2 | 3 => 3 + u64::from(transparent),
        4 => 2,
        6 => 4,
        _ => return None,
    };
    match depth {
        1 | 2 | 4 | 8 => Some(parts),
        16 => Some(parts * 2),
        _ => None,
    }
}
