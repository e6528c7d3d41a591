//! The chunks of a WebP, read as RFC 9649 has them.

use super::{Format, Header, array, pixels};
use crate::Refused;

/// The most memory that a byte of lossless data can ask for. Nine bytes can ask for a table of 4 KiB, and a repetition of
/// three bits for six leaves of 32 bytes in each of up to 65,536 × 5 code trees; no size of a picture bounds that.
const TREES_BYTES_PER_BYTE: u64 = 640;
/// The flag of a picture that moves.
const ANIMATED: u8 = 0x02;
/// The flag of a picture that is transparent somewhere.
const TRANSPARENT: u8 = 0x10;

/// What the chunks tell, as far as they came.
#[derive(Default)]
struct Seen {
    canvas: Option<(u32, u32)>,
    transparent: bool,
    lossy: Option<(u32, u32)>,
    lossless: Option<(u32, u32)>,
    /// Bytes of lossless data, the picture's or its transparency's.
    lossless_bytes: u64,
}

pub fn read(bytes: &[u8]) -> Result<Header, Refused> {
    let size = usize::try_from(u32::from_le_bytes(array(bytes, 4)?)).map_err(|_| Refused::Damaged)?;
    let end = size.checked_add(8).filter(|end| *end <= bytes.len()).ok_or(Refused::Damaged)?;
    let mut seen = Seen::default();
    let mut at = 12;
    while at < end {
        let name = array::<4>(bytes, at)?;
        let length =
            usize::try_from(u32::from_le_bytes(array(bytes, at + 4)?)).map_err(|_| Refused::Damaged)?;
        let behind = (at + 8).checked_add(length).filter(|behind| *behind <= end).ok_or(Refused::Damaged)?;
        seen.chunk(&name, &bytes[at + 8..behind], at == 12)?;
        at = behind + length % 2;
    }
    seen.header(end)
}

impl Seen {
    fn chunk(&mut self, name: &[u8; 4], data: &[u8], is_first: bool) -> Result<(), Refused> {
        match name {
            b"VP8X" if is_first => self.extended(data),
            b"VP8X" => Err(Refused::Damaged),
            b"VP8 " | b"VP8L" if self.lossy.or(self.lossless).is_some() => Err(Refused::Damaged),
            b"VP8 " => self.lossy(data),
            b"VP8L" => self.lossless(data),
            b"ANIM" | b"ANMF" => Err(Refused::Animated),
            b"ALPH" => {
                self.transparent = true;
                self.lossless_bytes += data.len() as u64;
                Ok(())
            }
            _ if is_first => Err(Refused::Damaged),
            _ => Ok(()),
        }
    }

    fn extended(&mut self, data: &[u8]) -> Result<(), Refused> {
        let [flags, _, _, _, w0, w1, w2, h0, h1, h2] = array(data, 0)?;
        if flags & ANIMATED != 0 {
            return Err(Refused::Animated);
        }
        self.transparent = flags & TRANSPARENT != 0;
        let edge = |bytes: [u8; 3]| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]) + 1;
        self.canvas = Some((edge([w0, w1, w2]), edge([h0, h1, h2])));
        Ok(())
    }

    fn lossy(&mut self, data: &[u8]) -> Result<(), Refused> {
        let [tag, _, _, s0, s1, s2, w0, w1, h0, h1] = array(data, 0)?;
        if tag & 1 != 0 || [s0, s1, s2] != [0x9D, 0x01, 0x2A] {
            return Err(Refused::Damaged);
        }
        // The two highest bits only ask for scaling.
        let edge = |bytes| u32::from(u16::from_le_bytes(bytes) & 0x3FFF);
        self.lossy = Some((edge([w0, w1]), edge([h0, h1])));
        Ok(())
    }

    fn lossless(&mut self, data: &[u8]) -> Result<(), Refused> {
        let [signature] = array(data, 0)?;
        let bits = u32::from_le_bytes(array(data, 1)?);
        if signature != 0x2F {
            return Err(Refused::Damaged);
        }
        self.lossless = Some(((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1));
        self.lossless_bytes += data.len() as u64;
        Ok(())
    }

    /// Decoders reserve by the picture's own header, so a canvas of another size is refused.
    fn header(&self, end: usize) -> Result<Header, Refused> {
        let (width, height) = self.lossy.or(self.lossless).ok_or(Refused::Damaged)?;
        if self.canvas.is_some_and(|canvas| canvas != (width, height)) {
            return Err(Refused::Damaged);
        }
        let whole = pixels(width, height);
        let planes = pixels(width.next_multiple_of(16), height.next_multiple_of(16)) * 3 / 2;
        let working = match (self.lossy, self.transparent) {
            (Some(_), false) => planes + whole * 3,
            // The transparency is decoded like a lossless picture, and one byte in four of it kept.
            (Some(_), true) => planes + whole * (4 + 4 + 1 + 1),
            // All four parts, three of them again, and up to one byte a pixel for transforms.
            (None, _) => whole * (4 + 4 + 1),
        };
        let decoding_bytes = working.saturating_add(self.lossless_bytes.saturating_mul(TREES_BYTES_PER_BYTE));
        Ok(Header { format: Format::Webp, width, height, decoding_bytes, end })
    }
}
