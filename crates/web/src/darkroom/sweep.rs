//! The sweep: uploads that nobody uses go after a day, and with the last of them the picture and its bytes.
//!
//! First a member's upload is let go of, then pictures that nobody has are claimed, then their bytes are removed, and last
//! the picture is forgotten: in this order no picture that may be shown ever lacks its bytes, and whoever is interrupted
//! leaves nothing that the next sweep does not find. Several nodes may sweep at once. Bytes that no picture is known of are
//! claimed in the same way before they go, so whoever uploads the same meanwhile is kept before that or must wait for it.
//! What cannot be removed is left for a later sweep, and the rest goes on; but a storage that does not answer ends the sweep,
//! for nobody may remove bytes when his claim is over and another has had the picture forgotten.

use auction::{PictureAddress, Time};
use pictures::{EDGES, Encoding};
use store::records::{PAGE_ROWS_MAX, Page, UPLOADS_KEPT};
use store::{Failure, Result};
use store_blobs::{BlobName, Listed, NAMES_MAX};

use super::prepared::{PREPARED_KEPT, is_prepared};
use super::{Darkroom, name};

/// How many rows are looked at together.
const TOGETHER: usize = 100;

/// How many pictures are claimed together: even if each of their six files takes three tries of ten seconds, they are gone
/// after thirty minutes, half of [`store::records::CLAIMED_FOR`].
const CLAIMED_TOGETHER: usize = 10;

/// How many files a picture has at most.
const FILES_MAX: usize = EDGES.len() * Encoding::ALL.len();

/// So many bytes without a row among one page are removed without a doubt.
const STRAYS_TRUSTED: usize = 50;

const _: () = assert!(TOGETHER <= PAGE_ROWS_MAX, "more would be cut off, and taken for unknown");

/// What a sweep has taken away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Uploads that were used for nothing.
    pub uploads: u64,
    /// Pictures that nobody had any more, and whose bytes are gone; with them what earlier sweeps of bytes had claimed and left.
    pub pictures: u64,
    /// Pictures of which some bytes could not be removed; they are claimed again after [`store::records::CLAIMED_FOR`].
    pub failed: u64,
}

/// What a sweep of bytes has taken away, in files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SweptBytes {
    /// Those that belonged to no picture.
    pub strays: u64,
    /// Those that somebody had sent into the storage and never finished.
    pub unfinished: u64,
    /// Those that could not be removed; the next sweep finds them again.
    pub failed: u64,
}

/// What became of some files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Removed {
    /// How many are gone.
    gone: u64,
    /// How many could not be removed.
    left: u64,
    /// Whether the storage did not answer: then the rest was not tried.
    is_away: bool,
}

impl Removed {
    fn is_whole(self) -> bool {
        self.left == 0
    }
}

impl Darkroom {
    /// Takes away what was uploaded a day before `now` and is used for nothing. If the storage does not answer, what was
    /// claimed stays claimed, and a later sweep goes on.
    ///
    /// # Errors
    /// What the store or the storage says; what was done until then stays done.
    pub async fn sweep(&self, now: &(dyn Fn() -> Time + Sync)) -> Result<Swept> {
        let mut swept = Swept::default();
        let before = now().minus(UPLOADS_KEPT);
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
            let claimed_at = now();
            let claimed = self.records.claim_pictures(claimed_at, CLAIMED_TOGETHER).await?;
            for address in &claimed {
                let removed = self.remove_all(names_of(address)).await;
                if removed.is_whole() {
                    swept.pictures += u64::from(self.records.forget_picture(*address, claimed_at).await?);
                } else {
                    swept.failed += 1;
                }
                if removed.is_away {
                    return Ok(swept);
                }
            }
            if claimed.len() < CLAIMED_TOGETHER {
                return Ok(swept);
            }
        }
    }

    /// Removes bytes that lie there for a day and belong to no picture, as an upload leaves them that broke off before it was
    /// kept, and after [`PREPARED_KEPT`] what was sent into the storage and not finished.
    ///
    /// # Errors
    /// As [`Darkroom::sweep`].
    pub async fn sweep_bytes(&self, now: &(dyn Fn() -> Time + Sync)) -> Result<SweptBytes> {
        let (mut swept, mut after) = (SweptBytes::default(), None);
        loop {
            let page = self.blobs.list(after.as_ref(), NAMES_MAX).await?;
            let Some(last) = page.last() else { return Ok(swept) };
            after = Some(last.name.clone());
            let (unfinished, old) = due(page, now());
            let removed = self.remove_all(unfinished).await;
            swept.unfinished += removed.gone;
            swept.failed += removed.left;
            if removed.is_away {
                return Ok(swept);
            }
            let mut strays = Vec::new();
            for some in old.chunks(TOGETHER) {
                strays.extend(self.strays(some).await?);
            }
            if is_another_house(strays.len(), old.len()) {
                tracing::error!(
                    strays = strays.len(),
                    of = old.len(),
                    "bytes of pictures that this store does not know: none of this page is removed"
                );
                continue;
            }
            // Of files, not of pictures: so they are no more than what is claimed together elsewhere.
            for some in strays.chunks(CLAIMED_TOGETHER * FILES_MAX) {
                let removed = self.remove_strays(some, now()).await?;
                swept.strays += removed.gone;
                swept.failed += removed.left;
                if removed.is_away {
                    return Ok(swept);
                }
            }
        }
    }

    /// Those that belong to no picture.
    async fn strays(&self, names: &[BlobName]) -> Result<Vec<BlobName>> {
        let known = self.records.pictures(&addresses(names)).await?;
        let is_known = |name: &BlobName| known.iter().any(|picture| Some(picture.address) == address(name));
        Ok(names.iter().filter(|name| !is_known(name)).cloned().collect())
    }

    /// Removes those of these whose addresses can be claimed: whoever has uploaded one since has a picture, and keeps it.
    async fn remove_strays(&self, names: &[BlobName], now: Time) -> Result<Removed> {
        let mut removed = Removed::default();
        for claimed in self.records.claim_strays(&addresses(names), now).await? {
            let own = self.remove_all(those_of(names, claimed)).await;
            removed.gone += own.gone;
            removed.left += own.left;
            // What is left is claimed like any picture that is going, an hour from now.
            if own.is_whole() {
                self.records.forget_picture(claimed, now).await?;
            }
            if own.is_away {
                removed.is_away = true;
                break;
            }
        }
        Ok(removed)
    }

    /// Removes these, but for those that have a fault of their own; none any more once the storage does not answer.
    async fn remove_all(&self, names: Vec<BlobName>) -> Removed {
        let mut removed = Removed::default();
        for name in names {
            match self.blobs.remove(&name).await {
                Ok(()) => removed.gone += 1,
                Err(failure) => {
                    removed.left += 1;
                    tracing::warn!(%failure, %name, "the bytes of a picture could not be removed");
                    // Only what is rejected is the fault of this one file.
                    if !matches!(failure, Failure::Rejected { .. }) {
                        removed.is_away = true;
                        break;
                    }
                }
            }
        }
        removed
    }
}

/// What of a page is old enough to go: what was sent and not finished, and what may belong to no picture.
fn due(page: Vec<Listed>, now: Time) -> (Vec<BlobName>, Vec<BlobName>) {
    let (prepared, others): (Vec<Listed>, Vec<Listed>) =
        page.into_iter().partition(|listed| is_prepared(&listed.name));
    let older = |listed: Vec<Listed>, than: Time| {
        listed.into_iter().filter(|listed| listed.written < than).map(|listed| listed.name).collect()
    };
    (older(prepared, now.minus(PREPARED_KEPT)), older(others, now.minus(UPLOADS_KEPT)))
}

/// Whether so many bytes without a row, of so many that are old, are too many: then this is the storage of another house.
fn is_another_house(strays: usize, old: usize) -> bool {
    strays > STRAYS_TRUSTED && strays > old / 2
}

/// All names that the bytes of a picture can have.
fn names_of(address: &PictureAddress) -> Vec<BlobName> {
    let each = EDGES.into_iter().flat_map(|edge| Encoding::ALL.map(|encoding| (edge, encoding)));
    each.filter_map(|(edge, encoding)| name(address, edge, encoding)).collect()
}

/// Those of these names that are of one address.
fn those_of(names: &[BlobName], claimed: PictureAddress) -> Vec<BlobName> {
    names.iter().filter(|name| address(name) == Some(claimed)).cloned().collect()
}

fn address(name: &BlobName) -> Option<PictureAddress> {
    pictures::Address::parse(name.parts().0).map(|address| *address.as_bytes())
}

/// The addresses of names that are in order, each once.
fn addresses(names: &[BlobName]) -> Vec<PictureAddress> {
    let mut addresses: Vec<PictureAddress> = names.iter().filter_map(address).collect();
    addresses.dedup();
    addresses
}

#[cfg(test)]
mod tests {
    use auction::Span;

    use super::*;

    #[test]
    fn a_sweep_that_knows_hardly_any_bytes_removes_none() {
        for (strays, old, is_anothers) in [
            (0, 0, false),
            (1, 1, false),
            (STRAYS_TRUSTED, STRAYS_TRUSTED, false),
            (STRAYS_TRUSTED + 1, STRAYS_TRUSTED + 1, true),
            (STRAYS_TRUSTED + 1, 2 * STRAYS_TRUSTED + 1, true),
            (STRAYS_TRUSTED + 1, 2 * STRAYS_TRUSTED + 2, false),
            (500, 1_000, false),
            (501, 1_000, true),
        ] {
            assert_eq!(is_another_house(strays, old), is_anothers, "{strays} of {old}");
        }
    }

    #[test]
    fn what_goes_is_old_enough() {
        let now = Time(1_000_000_000_000);
        let day = UPLOADS_KEPT.0;
        let listed = |form: &str, age: i64| {
            let name = BlobName::of(&[7; 32], form).expect("a name");
            Listed { name, written: now.minus(Span(age)) }
        };
        for (form, age, unfinished, old) in [
            ("320.webp", day, 0, 0),
            ("320.webp", day + 1, 0, 1),
            ("upload.7", PREPARED_KEPT.0, 0, 0),
            ("upload.7", PREPARED_KEPT.0 + 1, 1, 0),
            ("upload.7", day + 1, 1, 0),
        ] {
            let found = due(vec![listed(form, age)], now);
            assert_eq!((found.0.len(), found.1.len()), (unfinished, old), "{form} of {age} microseconds");
        }
    }
}
