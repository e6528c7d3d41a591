//! An upload that somebody else makes straight into the storage: for one name, one length, one type, one content, one while.

use std::time::Duration;

use store::Result;

use crate::failure::refused;
use crate::{BLOB_BYTES_MAX, BlobName};

/// How long an upload may be open at most, in seconds.
pub const UPLOAD_SECONDS_MAX: u64 = 3_600;
/// How many letters a type of content has at most.
pub const CONTENT_TYPE_LETTERS_MAX: usize = 64;

/// What may be uploaded: all of it is signed, so nothing else can be put there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload<'a> {
    /// Where it goes.
    pub name: &'a BlobName,
    /// Its exact length in bytes; 1 to [`BLOB_BYTES_MAX`].
    pub length: u64,
    /// Its type, such as `image/jpeg`; no parameters.
    pub content_type: &'a str,
    /// The SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// For how long, from now, it may begin; whole seconds, 1 to [`UPLOAD_SECONDS_MAX`].
    pub valid_for: Duration,
}

/// A PUT that whoever has it may make once or again, with the same outcome. Whoever has it needs no key, so it is shown to
/// nobody but the one it is for.
#[derive(Clone, PartialEq, Eq)]
pub struct PresignedUpload {
    /// Where to PUT the bytes.
    pub url: String,
    /// The headers to send with exactly these values. A browser sends `content-length` by itself and lets no script set it.
    pub headers: Vec<(&'static str, String)>,
}

impl std::fmt::Debug for PresignedUpload {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("PresignedUpload").field("headers", &self.headers).finish_non_exhaustive()
    }
}

impl Upload<'_> {
    /// The headers that bind it, once it is seen that it can be made.
    pub(crate) fn headers(&self) -> Result<Vec<(&'static str, String)>> {
        let doing = "presigning an upload";
        if self.length == 0 || self.length > BLOB_BYTES_MAX {
            return Err(refused(doing, "its length is none or too much"));
        }
        if !is_content_type(self.content_type) {
            return Err(refused(doing, "its type is none"));
        }
        if !(1..=UPLOAD_SECONDS_MAX).contains(&self.valid_for.as_secs()) {
            return Err(refused(doing, "it would be open for no time or too long"));
        }
        Ok(vec![
            ("content-length", self.length.to_string()),
            ("content-type", self.content_type.to_owned()),
            (CHECKSUM, checksum(&self.sha256)),
        ])
    }
}

/// The header that names the SHA-256 of the body; S3 compares it with what arrived.
pub(crate) const CHECKSUM: &str = "x-amz-checksum-sha256";

pub(crate) fn checksum(sha256: &[u8; 32]) -> String {
    data_encoding::BASE64.encode(sha256)
}

/// Whether this is `kind/form` of plain letters, so that it can be a header's value and says one thing.
fn is_content_type(text: &str) -> bool {
    let is_word = |word: &str| {
        let allowed = |letter: u8| matches!(letter, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'+' | b'-');
        !word.is_empty() && word.bytes().all(allowed)
    };
    text.len() <= CONTENT_TYPE_LETTERS_MAX
        && text.split_once('/').is_some_and(|(kind, form)| is_word(kind) && is_word(form))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(length: u64, content_type: &str, seconds: u64, allowed: bool) {
        let name = BlobName::of(&[1; 32], "upload").unwrap();
        let valid_for = Duration::from_secs(seconds);
        let upload = Upload { name: &name, length, content_type, sha256: [1; 32], valid_for };
        assert_eq!(upload.headers().is_ok(), allowed, "{upload:?}");
    }

    #[test]
    fn what_may_be_uploaded_is_bounded() {
        check(1, "image/jpeg", 1, true);
        check(BLOB_BYTES_MAX, "image/svg+xml", UPLOAD_SECONDS_MAX, true);
        check(0, "image/jpeg", 60, false);
        check(BLOB_BYTES_MAX + 1, "image/jpeg", 60, false);
        check(1, "image/jpeg", 0, false);
        check(1, "image/jpeg", UPLOAD_SECONDS_MAX + 1, false);
        check(1, "image", 60, false);
        check(1, "image/", 60, false);
        check(1, "/jpeg", 60, false);
        check(1, "image/jpeg/x", 60, false);
        check(1, "image/jpeg; charset=x", 60, false);
        check(1, "image/jpeg\r\nx-amz-acl: public-read", 60, false);
        check(1, &format!("image/{}", "a".repeat(CONTENT_TYPE_LETTERS_MAX - 6)), 60, true);
        check(1, &format!("image/{}", "a".repeat(CONTENT_TYPE_LETTERS_MAX - 5)), 60, false);
    }
}
