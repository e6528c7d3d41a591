//! The store's folder: exactly one process writes in it at a time.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The lock's file inside the folder.
const LOCK_FILE: &str = "lock";

/// The control socket inside the folder.
const CONTROL_SOCKET: &str = "control.sock";

/// A folder that this process alone may write in, until it is dropped or the process ends.
pub struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes the folder if it is missing, and takes its lock.
    ///
    /// # Errors
    /// If it cannot be made, or another process holds it.
    pub fn take(path: &Path) -> Result<Folder> {
        // Password hashes and money lie in there: a new folder is its owner's alone.
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.with_context(|| format!("making the folder {}", path.display()))?;
        let file = path.join(LOCK_FILE);
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&file);
        let lock = lock.with_context(|| format!("opening {}", file.display()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Folder { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => bail!("{} is in use by another process", path.display()),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("locking the folder {}", path.display()))
            }
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Where a running server is spoken to.
pub fn control_socket(folder: &Path) -> PathBuf {
    folder.join(CONTROL_SOCKET)
}
