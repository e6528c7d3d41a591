//! Blobs in a folder of this machine: written aside, flushed, and only then given their names.
//!
//! `ab/cd/abcd….card.webp` stands for `abcd…/card.webp`: two levels, so that no folder grows large. What is being written
//! lies in `unfinished/` of the same folder, locked by who writes it; a rename within one file system is whole or not at all.

use std::fs::{self, DirBuilder, DirEntry, File, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use auction::Time;
use bytes::Bytes;
use store::{Failure, Result};

use crate::failure::{disk, refused};
use crate::gate::Ticket;
use crate::{BLOB_BYTES_MAX, BlobName, Listed};

/// Only the house itself looks in.
const MODE: u32 = 0o700;
/// Where blobs are written before they have a name; no folder of the fan is called so.
const UNFINISHED: &str = "unfinished";
/// How many letters of a digest name a folder, twice.
const FAN_LETTERS: usize = 2;
/// Between digest and form in a file's name, where a blob's name has a `/`.
const SEPARATOR: char = '.';

/// An open folder.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
}

/// Runs `work` on a thread that may wait for the disk. It runs to its end even if nobody waits for it any more, and holds its
/// place at the gate until then.
pub async fn run<T: Send + 'static>(
    folder: &Arc<Folder>,
    ticket: Ticket,
    doing: &'static str,
    work: impl FnOnce(&Folder) -> Result<T> + Send + 'static,
) -> Result<T> {
    let folder = Arc::clone(folder);
    let done = tokio::task::spawn_blocking(move || {
        let _until_done = ticket;
        work(&folder)
    });
    done.await.map_err(|error| Failure::Unavailable { doing, source: Box::new(error) })?
}

impl Folder {
    /// Makes it if it is not there, closes it to others, removes what nobody goes on writing.
    pub fn open(root: &Path) -> Result<Folder> {
        let fault = disk("opening the folder of pictures");
        let folder = Folder { root: root.to_owned() };
        DirBuilder::new().recursive(true).mode(MODE).create(folder.unfinished()).map_err(&fault)?;
        fs::set_permissions(root, Permissions::from_mode(MODE)).map_err(&fault)?;
        flush(root).map_err(&fault)?;
        folder.remove_leftovers().map_err(&fault)?;
        Ok(folder)
    }

    /// Writes aside, flushes, renames, flushes the folder: in this order nothing half-written ever has a name.
    pub fn put(&self, name: &BlobName, bytes: &[u8], doing: &'static str) -> Result<()> {
        let fault = disk(doing);
        let path = self.path(name);
        let parent = self.make_parent(name).map_err(&fault)?;
        let mut aside = tempfile::NamedTempFile::new_in(self.unfinished()).map_err(&fault)?;
        aside.as_file().try_lock().map_err(|error| fault(error.into()))?;
        aside.write_all(bytes).map_err(&fault)?;
        aside.as_file().sync_all().map_err(&fault)?;
        aside.persist(&path).map_err(|error| fault(error.error))?;
        flush(&parent).map_err(&fault)
    }

    pub fn get(&self, name: &BlobName, doing: &'static str) -> Result<Option<Bytes>> {
        let fault = disk(doing);
        let file = match File::open(self.path(name)) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(fault(error)),
        };
        let mut bytes = Vec::new();
        file.take(BLOB_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(&fault)?;
        if bytes.len() as u64 > BLOB_BYTES_MAX {
            return Err(refused(doing, "its file is larger than any picture"));
        }
        Ok(Some(bytes.into()))
    }

    pub fn remove(&self, name: &BlobName, doing: &'static str) -> Result<()> {
        let path = self.path(name);
        match fs::remove_file(&path).and_then(|()| path.parent().map_or(Ok(()), flush)) {
            Ok(()) => Ok(()),
            Err(error) => match error.kind() {
                ErrorKind::NotFound => Ok(()),
                // What is wrong with this one name, and stays wrong; the next may be removed.
                ErrorKind::IsADirectory | ErrorKind::PermissionDenied => {
                    Err(Failure::Rejected { doing, source: Box::new(error) })
                }
                _ => Err(disk(doing)(error)),
            },
        }
    }

    /// Goes through the fan in order, from the folder of `after` on, until a page is full.
    pub fn list(&self, after: Option<&BlobName>, limit: usize, doing: &'static str) -> Result<Vec<Listed>> {
        let fault = disk(doing);
        let digest = after.map_or("", |name| name.parts().0);
        let (first, second) = (from(digest, 0), from(digest, FAN_LETTERS));
        let mut page = Vec::new();
        for outer in fan(&self.root, first).map_err(&fault)? {
            let begin = if outer == first { second } else { "" };
            let folder = self.root.join(&outer);
            for inner in fan(&folder, begin).map_err(&fault)? {
                let names = names(&folder.join(inner), after, limit - page.len()).map_err(&fault)?;
                page.extend(names);
                if page.len() == limit {
                    return Ok(page);
                }
            }
        }
        Ok(page)
    }

    fn unfinished(&self) -> PathBuf {
        self.root.join(UNFINISHED)
    }

    fn path(&self, name: &BlobName) -> PathBuf {
        let (digest, form) = name.parts();
        self.root
            .join(from(digest, 0))
            .join(from(digest, FAN_LETTERS))
            .join(format!("{digest}{SEPARATOR}{form}"))
    }

    /// The folder of a blob, made durably if it is new.
    fn make_parent(&self, name: &BlobName) -> io::Result<PathBuf> {
        let mut folder = self.root.clone();
        for at in [0, FAN_LETTERS] {
            let below = folder.join(from(name.parts().0, at));
            match DirBuilder::new().mode(MODE).create(&below) {
                Ok(()) => flush(&folder)?,
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
            folder = below;
        }
        Ok(folder)
    }

    /// Whoever still writes holds a lock on its file, and so keeps it; all else is nobody's.
    fn remove_leftovers(&self) -> io::Result<()> {
        for entry in fs::read_dir(self.unfinished())? {
            let path = entry?.path();
            let nobodys = match File::open(&path) {
                Ok(file) => file.try_lock().is_ok(),
                Err(error) if error.kind() == ErrorKind::NotFound => false,
                Err(error) => return Err(error),
            };
            if nobodys {
                fs::remove_file(&path)?;
            }
        }
        Ok(())
    }
}

/// The letters of a digest that name its folder on one level; `""`, which is before all, if there is no digest.
fn from(digest: &str, at: usize) -> &str {
    digest.get(at..at + FAN_LETTERS).unwrap_or_default()
}

/// The folders of one level, in order, from `begin` on.
fn fan(folder: &Path, begin: &str) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().into_string().unwrap_or_default();
        let is_one = name.len() == FAN_LETTERS && name.bytes().all(|letter| letter.is_ascii_hexdigit());
        if is_one && name.as_str() >= begin {
            found.push(name);
        }
    }
    found.sort();
    Ok(found)
}

/// The first blobs of one folder after `after`, in order.
fn names(folder: &Path, after: Option<&BlobName>, limit: usize) -> io::Result<Vec<Listed>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Some(name) = blob_name(&entry).filter(|name| after.is_none_or(|after| name > after)) else {
            continue;
        };
        match entry.metadata().and_then(|file| file.modified()) {
            Ok(written) => {
                let since = written.duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
                found.push(Listed { name, written: Time(i64::try_from(since).unwrap_or(i64::MAX)) });
            }
            // Removed since the folder was read.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found.truncate(limit);
    Ok(found)
}

fn blob_name(entry: &DirEntry) -> Option<BlobName> {
    let file = entry.file_name().into_string().ok()?;
    let (digest, form) = file.split_once(SEPARATOR)?;
    BlobName::parse(&format!("{digest}/{form}"))
}

/// Makes what was written into a folder durable: names are the folder's own bytes.
fn flush(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
