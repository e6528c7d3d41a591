//! Floor 2, *keeps* the bytes of pictures under the names of their contents, in a folder or in S3-compatible storage.
//!
//! A name means the same bytes for ever ([`BlobName`]), so writing twice does no harm, every call may be made again, and
//! whatever was read may be cached without end. What `put` has answered is durable; what is read is whole or not there.
//! Nothing here knows which blobs are in use: whoever does lists them and removes what is not.

mod failure;
mod folder;
mod gate;
mod name;
mod s3;
mod settings;
mod upload;

use std::fmt;
use std::sync::Arc;

use auction::Time;
use bytes::Bytes;
use store::{Clock, Result};

use crate::failure::refused;
use crate::folder::Folder;
use crate::gate::Gate;
use crate::s3::S3;

pub use name::{BlobName, FORM_LETTERS_MAX};
pub use settings::{Limits, S3Settings, Secret, Settings};
pub use upload::{CONTENT_TYPE_LETTERS_MAX, PresignedUpload, UPLOAD_SECONDS_MAX, Upload};

/// How many bytes a blob has at most.
pub const BLOB_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// How many names one page of a list has at most.
pub const NAMES_MAX: usize = 1_000;

/// A store of blobs; its clones are the same store.
#[derive(Clone)]
pub struct Blobs(Arc<Inner>);

struct Inner {
    place: Place,
    gate: Gate,
}

enum Place {
    Folder(Arc<Folder>),
    S3(Box<S3>),
}

/// One line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: BlobName,
    /// When it was last put, by the clock of the disk or of the service.
    pub written: Time,
}

impl Blobs {
    /// Opens what the settings name. A folder is made if it is not there, closed to others, and what was left half-written in
    /// it is removed, which waits for the disk. A service is not asked yet: a first `list` shows whether it answers.
    ///
    /// The clock says when requests are signed; a service refuses what is a quarter of an hour wrong.
    ///
    /// # Errors
    /// `Rejected` if the settings cannot be right, `Unavailable` if the folder or this machine's certificates cannot be used.
    pub fn open(settings: &Settings, limits: Limits, clock: Clock) -> Result<Blobs> {
        let place = match settings {
            Settings::Folder(path) => Place::Folder(Arc::new(Folder::open(path)?)),
            Settings::S3(settings) => Place::S3(Box::new(S3::open(settings, limits, clock)?)),
        };
        Ok(Blobs(Arc::new(Inner { place, gate: Gate::new(limits) })))
    }

    /// Keeps the bytes; once this has answered they are durable. If it fails, they are there whole or not at all.
    /// Putting what is there already does no harm and makes it young again.
    ///
    /// # Errors
    /// `Rejected` for nothing, for more than [`BLOB_BYTES_MAX`] or by the service; `Unavailable` without room; `Busy`.
    pub async fn put(&self, name: &BlobName, bytes: Bytes) -> Result<()> {
        let doing = "writing a picture";
        if bytes.is_empty() || bytes.len() as u64 > BLOB_BYTES_MAX {
            return Err(refused(doing, "it is empty or too large"));
        }
        let ticket = self.0.gate.enter().await?;
        match &self.0.place {
            Place::S3(s3) => s3.put(name, bytes, doing).await,
            Place::Folder(folder) => {
                let name = name.clone();
                folder::run(folder, ticket, doing, move |folder| folder.put(&name, &bytes, doing)).await
            }
        }
    }

    /// The bytes; none if there is no such blob.
    ///
    /// # Errors
    /// `Rejected` if it is larger than anything kept here or by the service; `Unavailable`; `Busy`.
    pub async fn get(&self, name: &BlobName) -> Result<Option<Bytes>> {
        let doing = "reading a picture";
        let ticket = self.0.gate.enter().await?;
        match &self.0.place {
            Place::S3(s3) => s3.get(name, doing).await,
            Place::Folder(folder) => {
                let name = name.clone();
                folder::run(folder, ticket, doing, move |folder| folder.get(&name, doing)).await
            }
        }
    }

    /// Sees to it that the blob is not there.
    ///
    /// Whoever removes what is unused must know that nobody begins to use it meanwhile: a `put` of the same name that was
    /// answered before this call is undone by it.
    ///
    /// # Errors
    /// `Rejected` by the service, or if something else lies in the folder under that name; `Unavailable`; `Busy`.
    pub async fn remove(&self, name: &BlobName) -> Result<()> {
        let doing = "removing a picture";
        let ticket = self.0.gate.enter().await?;
        match &self.0.place {
            Place::S3(s3) => s3.remove(name, doing).await,
            Place::Folder(folder) => {
                let name = name.clone();
                folder::run(folder, ticket, doing, move |folder| folder.remove(&name, doing)).await
            }
        }
    }

    /// The next names after `after`, in order of their bytes, `limit` of them at most and never more than [`NAMES_MAX`].
    /// A page may be shorter than that; only an empty one is the end. What is not a blob's name is passed over.
    ///
    /// # Errors
    /// `Rejected` for a limit of 0, by the service, or if there is far too much else in its place; `Unavailable`; `Busy`.
    pub async fn list(&self, after: Option<&BlobName>, limit: usize) -> Result<Vec<Listed>> {
        let doing = "listing pictures";
        if limit == 0 {
            return Err(refused(doing, "a page of nothing would be the end"));
        }
        let limit = limit.min(NAMES_MAX);
        let ticket = self.0.gate.enter().await?;
        match &self.0.place {
            Place::S3(s3) => s3.list(after, limit, doing).await,
            Place::Folder(folder) => {
                let after = after.cloned();
                folder::run(folder, ticket, doing, move |folder| folder.list(after.as_ref(), limit, doing))
                    .await
            }
        }
    }

    /// Whether there can be uploads straight into the storage.
    pub fn takes_uploads(&self) -> bool {
        matches!(self.0.place, Place::S3(_))
    }

    /// An upload straight into the storage, bound to exact length, type, content and time; none if blobs are in a folder,
    /// where only this house writes. Nothing is asked of the service.
    ///
    /// # Errors
    /// `Rejected` if its terms are beyond the limits.
    pub fn presigned_upload(&self, upload: &Upload<'_>) -> Result<Option<PresignedUpload>> {
        match &self.0.place {
            Place::S3(s3) => s3.presigned_upload(upload).map(Some),
            Place::Folder(_) => upload.headers().map(|_| None),
        }
    }
}

impl fmt::Debug for Blobs {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.place {
            Place::Folder(folder) => folder.fmt(out),
            Place::S3(s3) => s3.fmt(out),
        }
    }
}
