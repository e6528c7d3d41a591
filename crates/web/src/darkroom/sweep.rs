//! The sweep: uploads that nobody uses go after a day, and with the last of them the picture and its bytes.
//!
//! First a member's upload is let go of, then pictures that nobody has are claimed, then their bytes are removed, and last
//! the picture is forgotten: in this order no picture that may be shown ever lacks its bytes, and whoever is interrupted
//! leaves nothing that the next sweep does not find. Several nodes may sweep at once.

use auction::{PictureAddress, Time};
use pictures::{EDGES, Encoding};
use store::Result;
use store::records::{PAGE_ROWS_MAX, Page, UPLOADS_KEPT};
use store_blobs::{BlobName, NAMES_MAX};

use super::{Darkroom, name};

/// How many rows are looked at or claimed together.
const TOGETHER: usize = 100;

/// So many bytes without a row among one page are removed without a doubt.
const STRAYS_TRUSTED: usize = 50;

const _: () = assert!(TOGETHER <= PAGE_ROWS_MAX, "more would be cut off, and taken for unknown");

/// What a sweep has taken away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Uploads that were used for nothing.
    pub uploads: u64,
    /// Pictures that nobody had any more.
    pub pictures: u64,
}

impl Darkroom {
    /// Takes away what was uploaded a day before `now` and is used for nothing.
    ///
    /// # Errors
    /// What the store or the storage says; what was done until then stays done.
    pub async fn sweep(&self, now: Time) -> Result<Swept> {
        let mut swept = Swept::default();
        let before = now.minus(UPLOADS_KEPT);
        let mut cursor = None;
        loop {
            let page = self.records.unused_pictures(before, Page { cursor, limit: TOGETHER }).await?;
            for upload in page.items {
                swept.uploads += u64::from(self.records.remove_picture(upload, before).await?);
            }
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        loop {
            let claimed = self.records.claim_pictures(now, TOGETHER).await?;
            for address in &claimed {
                self.remove_bytes(address).await?;
                swept.pictures += u64::from(self.records.forget_picture(*address, now).await?);
            }
            if claimed.len() < TOGETHER {
                return Ok(swept);
            }
        }
    }

    /// Removes bytes that lie there for a day and belong to no picture, as an upload leaves them that broke off before it was
    /// kept; how many files. Whoever uploads the same at this moment finds them gone when he looks, and writes them again.
    ///
    /// # Errors
    /// As [`Darkroom::sweep`].
    pub async fn sweep_bytes(&self, now: Time) -> Result<u64> {
        let before = now.minus(UPLOADS_KEPT);
        let (mut removed, mut after) = (0, None);
        loop {
            let page = self.blobs.list(after.as_ref(), NAMES_MAX).await?;
            let Some(last) = page.last() else { return Ok(removed) };
            after = Some(last.name.clone());
            let old = page.into_iter().filter(|listed| listed.written < before).map(|listed| listed.name);
            let old: Vec<BlobName> = old.collect();
            let mut strays = Vec::new();
            for some in old.chunks(TOGETHER) {
                strays.extend(self.strays(some).await?);
            }
            // Bytes without a row are few. If they are many, this is the storage of another house.
            if strays.len() > STRAYS_TRUSTED && strays.len() > old.len() / 2 {
                tracing::error!(
                    strays = strays.len(),
                    of = old.len(),
                    "bytes of pictures that this store does not know: none is removed"
                );
                return Ok(removed);
            }
            for name in strays {
                self.blobs.remove(&name).await?;
                removed += 1;
            }
        }
    }

    /// Those that belong to no picture. A prepared upload that was never finished lies under a form of its own, and is none's.
    async fn strays(&self, names: &[BlobName]) -> Result<Vec<BlobName>> {
        let address =
            |name: &BlobName| pictures::Address::parse(name.parts().0).map(|address| *address.as_bytes());
        let mut addresses: Vec<PictureAddress> = names.iter().filter_map(address).collect();
        addresses.dedup();
        let known = self.records.pictures(&addresses).await?;
        let is_known = |name: &BlobName| known.iter().any(|picture| Some(picture.address) == address(name));
        Ok(names.iter().filter(|name| !is_known(name)).cloned().collect())
    }

    async fn remove_bytes(&self, address: &PictureAddress) -> Result<()> {
        for edge in EDGES {
            for encoding in Encoding::ALL {
                if let Some(name) = name(address, edge, encoding) {
                    self.blobs.remove(&name).await?;
                }
            }
        }
        Ok(())
    }
}
