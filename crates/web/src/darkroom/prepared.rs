//! Prepared uploads: signed here, sent straight into the storage by whoever asked, and made into pictures once he says so.
//!
//! Nothing is written down of them. The name of the bytes says whose they are, so nobody finishes what another has sent, and
//! those that nobody finishes are found by it ([`mod@super::sweep`]).

use std::time::Duration;

use auction::{PictureAddress, Span, Time};
use ledger::MemberId;
use pictures::BYTES_MAX;
use store::records::{PictureRow, Upload as OfMember};
use store_blobs::{BlobName, PresignedUpload, UPLOAD_SECONDS_MAX, Upload};

use super::Darkroom;
use super::workers::Place;
use crate::failure::{Code, Problem};

/// How long a prepared upload may begin.
pub const PREPARED_FOR: Duration = Duration::from_secs(15 * 60);

/// After so long what was sent and never finished may be swept away.
pub const PREPARED_KEPT: Span = Span::hours(2);

/// What may be sent.
pub const PREPARED_TYPES: [&str; 3] = ["image/jpeg", "image/png", "image/webp"];

/// What the forms of prepared uploads begin with; behind it stands whose they are.
const FORM: &str = "upload.";

const _: () = assert!(PREPARED_FOR.as_secs() <= UPLOAD_SECONDS_MAX, "the storage would not sign it");
const _: () =
    assert!(PREPARED_KEPT.0 as u64 > 2 * 1_000_000 * PREPARED_FOR.as_secs(), "one may still be under way");

/// What somebody wants to send into the storage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The SHA-256 of its bytes, which is the picture's address later.
    pub address: PictureAddress,
    /// How many bytes it has.
    pub bytes: u64,
    /// One of [`PREPARED_TYPES`].
    pub content_type: String,
}

impl Darkroom {
    /// Signs an upload of exactly this by that member, for [`PREPARED_FOR`].
    ///
    /// # Errors
    /// `uploads_off` if the house keeps pictures in a folder, `too_large_bytes`, or what the storage says.
    pub fn prepare(&self, member: MemberId, wanted: &Wanted) -> Result<PresignedUpload, Problem> {
        if wanted.bytes > BYTES_MAX as u64 {
            return Err(Problem::new(Code::TooLargeBytes));
        }
        let name = name(&wanted.address, member).ok_or(Problem::new(Code::Internal))?;
        let upload = Upload {
            name: &name,
            length: wanted.bytes,
            content_type: &wanted.content_type,
            sha256: wanted.address,
            valid_for: PREPARED_FOR,
        };
        self.blobs.presigned_upload(&upload)?.ok_or(Problem::new(Code::UploadsOff))
    }

    /// Takes what a member has sent into the storage as [`Darkroom::take`] takes an upload, and removes it from there once it
    /// is made or known to be none. Asked again, as by somebody whom the answer did not reach, it answers the same as long as
    /// his picture is kept; and what was refused for want of room lies there still.
    ///
    /// # Errors
    /// `uploads_off`, `upload_not_found` if there is none of his, or as [`Darkroom::take`].
    pub async fn finish(
        &self,
        place: Place,
        member: MemberId,
        at: Time,
        address: PictureAddress,
    ) -> Result<PictureRow, Problem> {
        if !self.blobs.takes_uploads() {
            return Err(Problem::new(Code::UploadsOff));
        }
        let name = name(&address, member).ok_or(Problem::new(Code::Internal))?;
        // The bytes first: what lies there and is known already may have lost its renditions, and has them made again.
        let Some(bytes) = self.blobs.get(&name).await? else {
            let finished = self.records.uploaded_picture(OfMember { address, member }).await?;
            return finished.ok_or(Problem::new(Code::UploadNotFound));
        };
        let taken = self.take(place, member, at, bytes).await;
        let is_settled =
            taken.as_ref().map_or_else(|problem| matches!(problem.code().status(), 413 | 422), |_| true);
        if is_settled && let Err(failure) = self.blobs.remove(&name).await {
            tracing::warn!(%failure, "a finished upload could not be removed from the storage yet");
        }
        taken
    }
}

/// Whether this is what somebody has sent and not finished.
pub(super) fn is_prepared(name: &BlobName) -> bool {
    name.parts().1.starts_with(FORM)
}

/// Where a member sends what has this SHA-256.
fn name(address: &PictureAddress, member: MemberId) -> Option<BlobName> {
    BlobName::of(address, &format!("{FORM}{}", member.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_is_nobody_elses() {
        let address = [0xab; 32];
        let own = name(&address, MemberId(7)).expect("a name");
        assert!(is_prepared(&own));
        assert_ne!(Some(&own), name(&address, MemberId(8)).as_ref());
        assert!(name(&address, MemberId(i64::MAX)).is_some(), "every member's number has room");
        let rendition = BlobName::of(&address, "320.webp").expect("a name");
        assert!(!is_prepared(&rendition));
    }
}
