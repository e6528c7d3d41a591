//! A disk that can be full: a small file system of its own where this machine may mount one, else a tracer that lets every
//! write to the store fail as a full disk does.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::house::House;

/// How large the small file system is: room for a short load and for the write-ahead log.
const SIZE: &str = "size=256m";

/// What it is filled with, piece by piece; the last pieces are pages of the store.
const PIECES_BYTES: [usize; 2] = [1 << 20, 1 << 12];

/// What a full disk refuses.
const WRITES: &str = "write,pwrite64,fallocate";

/// The disk below a folder.
pub struct Disk {
    folder: PathBuf,
    is_mounted: bool,
    tracer: Option<Child>,
}

impl Disk {
    /// Puts a small file system under the folder, if this machine lets it.
    pub fn below(folder: &Path) -> Disk {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", SIZE, "tmpfs"]).arg(folder).stderr(Stdio::null());
        let is_mounted = mount.status().is_ok_and(|status| status.success());
        Disk { folder: folder.to_owned(), is_mounted, tracer: None }
    }

    /// How it is made full, in words.
    pub fn way(&self) -> &'static str {
        if self.is_mounted {
            "a file system without room"
        } else {
            "no file system can be mounted here: a tracer refuses writes"
        }
    }

    /// Leaves no room.
    pub fn fill(&mut self, house: &House<'_>) -> Result<()> {
        if self.is_mounted {
            return fill(&self.filler());
        }
        let pid = house.pid().context("a server runs")?.to_string();
        let mut tracer = Command::new("strace");
        tracer.args(["-f", "-qq", "-o", "/dev/null", "-p", &pid, "-e", &format!("trace={WRITES}")]);
        tracer.args(["-e", &format!("inject={WRITES}:error=ENOSPC")]);
        for name in ["neighborbid.sqlite", "neighborbid.sqlite-wal"] {
            tracer.arg("-P").arg(house.beside(name));
        }
        self.tracer = Some(tracer.stdin(Stdio::null()).spawn().context("starting strace")?);
        Ok(())
    }

    /// Makes room again.
    pub fn make_room(&mut self) -> Result<()> {
        if let Some(mut tracer) = self.tracer.take() {
            // Asked, not killed: it lets go of the server between two of its calls.
            let asked = Command::new("kill").args(["-TERM", &tracer.id().to_string()]).status()?;
            tracer.wait()?;
            return if asked.success() { Ok(()) } else { bail!("the tracer could not be asked to end") };
        }
        Ok(std::fs::remove_file(self.filler())?)
    }

    fn filler(&self) -> PathBuf {
        self.folder.join("filler")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Some(mut tracer) = self.tracer.take() {
            let _ = tracer.kill();
            let _ = tracer.wait();
        }
        if self.is_mounted {
            let _ = Command::new("umount").arg("--lazy").arg(&self.folder).status();
        }
    }
}

fn fill(path: &Path) -> Result<()> {
    let mut filler = File::create(path)?;
    for bytes in PIECES_BYTES {
        let piece = vec![0_u8; bytes];
        loop {
            match filler.write_all(&piece) {
                Ok(()) => {}
                Err(error) if matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::WriteZero) => break,
                Err(error) => return Err(error).context("filling the disk"),
            }
        }
    }
    Ok(())
}
