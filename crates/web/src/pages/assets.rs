//! The static files, embedded in the binary: every address carries the hash of its bytes, so a browser may keep it for ever.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

/// One static file, ready to be served.
pub struct Asset {
    /// The bytes.
    pub bytes: Cow<'static, [u8]>,
    /// The value of `Content-Type`.
    pub media_type: &'static str,
    /// The short hash that `asset` puts into `?v=`: equal means the address may be kept for ever. Also fits an `ETag`.
    pub version: String,
}

/// The address of a static file: `/static/<path>?v=<hash>`. A path that does not exist stays without a hash (and is found by a test).
pub fn asset(path: &str) -> String {
    match Files::get(path) {
        Some(file) => format!("/static/{path}?v={}", version(&file.metadata.sha256_hash())),
        None => format!("/static/{path}"),
    }
}

/// The static file at `path` (as it follows `/static/`), or none. Modules import each other without `?v=`: serve such a
/// request with `no-cache` and the version as `ETag`, one with the right `?v=` as immutable.
pub fn asset_file(path: &str) -> Option<Asset> {
    let file = Files::get(path)?;
    let version = version(&file.metadata.sha256_hash());
    Some(Asset { bytes: file.data, media_type: media_type(path), version })
}

/// The packed bytes of files, by their versions: what is packed once can be packed as well as can be.
static PACKED: Mutex<Option<HashMap<String, Bytes>>> = Mutex::new(None);

impl Asset {
    /// The bytes as gzip packs them at its best, made once for each version; none where that would not make them shorter.
    pub fn packed(&self) -> Option<Bytes> {
        if self.media_type.starts_with("image/png") {
            return None;
        }
        let mut kept = PACKED.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.get_or_insert_default();
        if let Some(packed) = kept.get(&self.version) {
            return Some(packed.clone());
        }
        let mut packer = GzEncoder::new(Vec::new(), Compression::best());
        packer.write_all(&self.bytes).ok()?;
        let packed = Bytes::from(packer.finish().ok()?);
        if packed.len() >= self.bytes.len() {
            return None;
        }
        kept.insert(self.version.clone(), packed.clone());
        Some(packed)
    }
}

fn version(hash: &[u8]) -> String {
    hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::{Files, asset, asset_file};

    #[test]
    fn every_file_is_served_under_its_hash() {
        let mut seen = 0;
        for path in Files::iter() {
            let file = asset_file(&path).unwrap();
            assert_eq!(asset(&path), format!("/static/{path}?v={}", file.version));
            assert_ne!(file.media_type, "application/octet-stream", "{path}");
            seen += 1;
        }
        assert!(seen > 10);
        assert!(asset_file("../Cargo.toml").is_none());
    }
}
