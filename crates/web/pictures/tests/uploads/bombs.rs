//! Uploads made byte by byte: a few kilobytes that ask for a lot, and the pieces that other tests put together.

/// A JPEG's segment: its marker, its length, its data.
pub fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len() + 2).expect("a segment is short");
    [&[0xFF, marker], &length.to_be_bytes()[..], data].concat()
}

/// A grey JPEG of three full components whose every coefficient is nothing, with `extra` segments behind its start.
pub fn jpeg(width: u16, height: u16, progressive: bool, extra: &[u8]) -> Vec<u8> {
    let mut frame = vec![8];
    frame.extend(height.to_be_bytes());
    frame.extend(width.to_be_bytes());
    frame.extend([3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]);
    let units = usize::from(width).div_ceil(8) * usize::from(height).div_ceil(8);
    let (marker, last, bits) = if progressive { (0xC2, 0, units * 3) } else { (0xC0, 63, units * 6) };
    // One code, of one bit, for nothing: in the tables of DC and of AC.
    let mut table = vec![0; 18];
    table[1] = 1;
    let steady = segment(0xC4, &table);
    table[0] = 0x10;
    [
        &[0xFF, 0xD8][..],
        extra,
        &segment(0xDB, &[&[0][..], &[1; 64]].concat()),
        &segment(marker, &frame),
        &steady,
        &segment(0xC4, &table),
        &segment(0xDA, &[3, 1, 0, 2, 0, 3, 0, 0, last, 0]),
        &vec![0; bits.div_ceil(8)],
        &[0xFF, 0xD9],
    ]
    .concat()
}

/// A PNG's chunk with its checksum.
pub fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).expect("a chunk is short");
    let named = [name, data].concat();
    [&length.to_be_bytes()[..], &named, &checksum(&named).to_be_bytes()].concat()
}

/// CRC-32 as the PNG recommendation has it, bit by bit.
fn checksum(bytes: &[u8]) -> u32 {
    let step = |sum: u32| if sum & 1 == 1 { sum >> 1 ^ 0xEDB8_8320 } else { sum >> 1 };
    !bytes.iter().fold(!0, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), |sum, _| step(sum)))
}

/// How every PNG begins.
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A PNG's header for eight or sixteen bits of red, green, blue and opacity.
pub fn png_header(width: u32, height: u32, depth: u8) -> Vec<u8> {
    chunk(b"IHDR", &[&width.to_be_bytes()[..], &height.to_be_bytes(), &[depth, 6, 0, 0, 0]].concat())
}

/// A fully transparent PNG that says one size and holds the data of another height.
pub fn png(width: u32, height: u32, depth: u8, rows: u32, extra: &[u8]) -> Vec<u8> {
    let row = usize::try_from(width).expect("fits") * usize::from(depth) / 2 + 1;
    let data = zeros(row * usize::try_from(rows).expect("fits"));
    [PNG, &png_header(width, height, depth), extra, &chunk(b"IDAT", &data), &chunk(b"IEND", &[])].concat()
}

/// `count` zeros, compressed a thousandfold: one literal, then repetitions of 258 bytes in 13 bits each.
pub fn zeros(count: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.push(&[1, 1, 0]);
    let literals = 1 + (count - 1) % 258;
    (0..literals).for_each(|_| bits.push(&[0, 0, 1, 1, 0, 0, 0, 0]));
    (0..(count - 1) / 258).for_each(|_| bits.push(&[1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0]));
    bits.push(&[0; 7]);
    [&[0x78, 0x01][..], &bits.bytes, &[0; 4]].concat()
}

/// Bits in the order of deflate and of lossless WebP: the lowest of a byte first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    count: usize,
}

impl Bits {
    fn push(&mut self, bits: &[u8]) {
        for bit in bits {
            if self.count.is_multiple_of(8) {
                self.bytes.push(0);
            }
            let last = self.bytes.last_mut().expect("a byte was begun");
            *last |= bit << (self.count % 8);
            self.count += 1;
        }
    }

    fn push_number(&mut self, number: u32, bits: u32) {
        (0..bits).for_each(|at| self.push(&[u8::from(number >> at & 1 == 1)]));
    }
}

/// A WebP's chunk, padded to an even length.
pub fn riff_chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).expect("a chunk is short");
    [name, &length.to_le_bytes()[..], data, &vec![0; data.len() % 2]].concat()
}

/// A whole WebP of these chunks.
pub fn webp(chunks: &[u8]) -> Vec<u8> {
    riff_chunk(b"RIFF", &[b"WEBP", chunks].concat())
}

/// A lossless picture of one colour: five code trees of one leaf each, and no bit for any pixel. Then `idle` zeros.
pub fn lossless(width: u32, height: u32, idle: usize) -> Vec<u8> {
    let mut bits = lossless_header(width, height);
    // No transform, no cache of colours, one group of trees.
    bits.push(&[0; 3]);
    (0..5).for_each(|_| bits.push(&[1, 0, 0, 0]));
    bits.bytes.extend(vec![0; idle]);
    riff_chunk(b"VP8L", &bits.bytes)
}

/// A lossless picture of 64 × 64 with this many groups of five code trees, each of which needs a table of 1,024 entries.
pub fn forest(groups: u16) -> Vec<u8> {
    let mut bits = lossless_header(64, 64);
    // No transform, no cache, but groups: one for each 4 × 4 pixels, named by a picture of one colour.
    bits.push(&[0, 0, 1, 0, 0, 0, 0]);
    let [red, green] = (groups - 1).to_be_bytes();
    for part in [green, red, 0, 0, 0] {
        bits.push(&[1, 0, 1]);
        bits.push_number(u32::from(part), 8);
    }
    for _ in 0..u32::from(groups) * 5 {
        // Codes for the lengths 1 to 6 in three bits and for 7 to 10 in four, in the order that RFC 9649 gives them.
        bits.push(&[0]);
        bits.push_number(10, 4);
        [0, 0, 0, 3, 3, 3, 3, 3, 0, 3, 4, 4, 4, 4].into_iter().for_each(|length| bits.push_number(length, 3));
        // Eleven symbols, of the lengths 1, 2, 3, … 9, 10, 10.
        bits.push(&[1]);
        bits.push_number(1, 3);
        bits.push_number(9, 4);
        (0..6_u8).for_each(|code| bits.push(&[code >> 2 & 1, code >> 1 & 1, code & 1]));
        [0, 1, 2, 3, 3_u8].into_iter().for_each(|code| bits.push(&[1, 1, code >> 1, code & 1]));
    }
    bits.bytes.extend([0; 4096]);
    riff_chunk(b"VP8L", &bits.bytes)
}

/// Opaque, version 0.
fn lossless_header(width: u32, height: u32) -> Bits {
    let mut bits = Bits::default();
    bits.push_number(0x2F, 8);
    bits.push_number(width - 1, 14);
    bits.push_number(height - 1, 14);
    bits.push(&[0; 4]);
    bits
}
