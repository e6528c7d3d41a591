//! What strangers upload becomes safe pictures: bytes in, bytes out; no file, network, clock or chance.
//!
//! [`inspect`] tells from the bytes alone, never from a name or a declared type, whether this is a picture that may be
//! decoded, and what decoding would cost; nothing has been decoded by then. [`make`] decodes it, lays it on white, scales
//! it, turns it upright and encodes it anew in a few sizes. No byte of the upload reaches a [`Rendition`]: metadata
//! (place, device, time), comments, colour profiles and whatever hid behind the end are gone because only pixels went on.
//!
//! What is taken: JPEG, PNG and WebP that stand still. Animations are refused, not shown by their first frame: a member
//! should see what others will see. Everything else (GIF, SVG, HEIC, HTML, …) is not a picture here.
//!
//! One job needs at most [`JOB_BYTES_MAX`] of memory, so workers times that is what a server has to set aside. The
//! decoders are other people's work on a stranger's bytes: call [`make`] on a worker that survives a panic, and say
//! [`Refused::Damaged`] then. A job cannot be stopped half-way; its length is bounded by the limits below.

mod address;
mod colour;
mod decode;
mod header;
mod refused;
mod rendition;

pub use address::Address;
pub use colour::Colour;
pub use header::{Format, Header, inspect};
pub use refused::Refused;
pub use rendition::{EDGES, Encoding, Rendition};

/// The largest upload, in bytes.
pub const BYTES_MAX: usize = 12 * 1024 * 1024;
/// The most pixels of an upload: what phones sold as "50 megapixels" make (8,160 × 6,120) is just within.
pub const PIXELS_MAX: u64 = 50_000_000;
/// The longest edge of an upload, in pixels.
pub const EDGE_MAX: u32 = 12_000;
/// The shortest edge of an upload, in pixels: less shows nothing.
pub const EDGE_MIN: u32 = 32;
/// What the decoder may need for its output and its own tables, in bytes; foretold by [`Header::decoding_bytes`].
pub const DECODING_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// The most memory that one call of [`make`] needs beside the upload itself, in bytes: the decoder, its copies of the
/// upload and of the metadata in it, the first pass of scaling (1,280 × [`EDGE_MAX`] × 3), and room for the renditions and
/// their encoders.
pub const JOB_BYTES_MAX: u64 =
    DECODING_BYTES_MAX + 2 * (BYTES_MAX as u64) + 48 * 1024 * 1024 + 24 * 1024 * 1024;

/// One upload, made safe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The SHA-256 of the uploaded bytes: the same upload has the same address, and is made once.
    pub address: Address,
    /// How wide the upload is when upright, in pixels; no rendition is wider.
    pub width: u32,
    /// How high the upload is when upright, in pixels.
    pub height: u32,
    /// The colour that fills most of it, to be shown until it has loaded.
    pub colour: Colour,
    /// Every size in every encoding, smallest first, WebP before JPEG. Never empty.
    pub renditions: Vec<Rendition>,
}

/// Makes safe pictures of an upload. Takes up to seconds and up to [`JOB_BYTES_MAX`]; see the crate for who may call it.
///
/// # Errors
/// Why it is not taken, in the order of [`Refused`].
pub fn make(bytes: &[u8]) -> Result<Picture, Refused> {
    let header = inspect(bytes)?;
    let decoded = decode::decode(bytes, &header)?;
    let (width, height) = decoded.upright_size();
    let largest = rendition::largest(decoded);
    let renditions = rendition::renditions(&largest);
    let colour = colour::dominant(&largest);
    Ok(Picture { address: Address::of(bytes), width, height, colour, renditions })
}
