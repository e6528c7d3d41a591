//! `neighborbid export`: writes a whole market to a file, audited before, as it stood at one moment.
//!
//! A market moves while its house is stopped: on SQLite the folder's lock says so, on PostgreSQL that no node is
//! connected and none came and went, before its last line is written. Beside a running house it is a trial. The file holds
//! the hashes of passwords and of sessions, so it is its owner's alone; until it is whole it is called `FILE.partial`. One
//! that was broken off begins anew, as the moment it was made of is gone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::ArgMatches;
use store::copy::Rows;
use store::copy::file::{Origin, Writer};
use store::copy::moved::Moved;
use store_postgres::{Rest, Target};
use tokio::runtime::Runtime;

use crate::clocks;
use crate::command_line::{Say, say, say_aside};
use crate::commands::audit::audit_store;
use crate::folder::Folder;
use crate::settings::Settings;

/// What names standard output or input instead of a file.
pub(super) const STANDARD: &str = "-";

/// How many bytes are gathered before they are written.
const GATHERED_BYTES: usize = 1 << 20;

/// How often to say how far it has come, in rows.
const SAY_EVERY: u64 = 500_000;

/// Exports the store.
///
/// # Errors
/// If the house runs, the store is broken or cannot be read, or the file is there already or cannot be written.
pub fn run(settings: &Settings, arguments: &ArgMatches) -> Result<ExitCode> {
    let to = arguments.get_one::<String>("to").context("where to is missing")?;
    let is_trial = arguments.get_flag("while-running");
    let say: Say = if to == STANDARD { say_aside } else { say };
    if to != STANDARD && Path::new(to).exists() {
        bail!("there is a file {to} already");
    }
    say(format!("exporting {}", settings.store()?))?;
    let stillness = if is_trial { Stillness::Unknown } else { Stillness::begin(settings)? };
    if is_trial {
        say("a trial beside a running house: what comes from now on is not in it".to_owned())?;
    }
    if !arguments.get_flag("without-audit") && !audit_store(settings, say)? {
        say("the store is broken: nothing was exported".to_owned())?;
        return Ok(ExitCode::FAILURE);
    }
    let rows = if to == STANDARD {
        let out = BufWriter::with_capacity(GATHERED_BYTES, io::stdout().lock());
        write(settings, out, &stillness, say)?.0
    } else {
        write_file(settings, Path::new(to), &stillness, say)?
    };
    say(format!("exported {rows} rows"))?;
    if let store_blobs::Settings::Folder(folder) = &settings.blobs {
        let folder = folder.display();
        say(format!(
            "the bytes of pictures are not among them: copy the folder {folder} beside, then import"
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Why nobody changes the store meanwhile.
enum Stillness {
    /// Somebody may: it is a trial.
    Unknown,
    /// The folder is locked as long as this is held.
    Locked { _folder: Folder },
    /// A database has no lock of a folder: a node that was there meanwhile is noticed at the end.
    Watched { target: Box<Target>, rest: Rest },
}

impl Stillness {
    /// Makes sure that nobody is at work.
    fn begin(settings: &Settings) -> Result<Stillness> {
        if let Some(target) = &settings.database {
            let rest = alone()?.block_on(Rest::begin(target))?;
            return Ok(Stillness::Watched { target: Box::new(target.clone()), rest });
        }
        if !settings.data_dir.join(store_sqlite::FILE_NAME).exists() {
            bail!("there is no store in {}", settings.data_dir.display());
        }
        let folder = Folder::take(&settings.data_dir);
        let folder = folder.context("stop the house first, or make a trial with --while-running")?;
        Ok(Stillness::Locked { _folder: folder })
    }

    /// Fails if somebody was at work.
    fn must_have_lasted(&self) -> Result<()> {
        match self {
            Stillness::Unknown | Stillness::Locked { .. } => Ok(()),
            Stillness::Watched { target, rest } => {
                let lasted = alone()?.block_on(rest.must_have_lasted(target));
                lasted.context("the export is of no use")
            }
        }
    }
}

/// What one conversation with a database needs.
fn alone() -> io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

/// Writes the file under another name, and gives it its own when it is whole and on the disk.
fn write_file(settings: &Settings, path: &Path, stillness: &Stillness, say: Say) -> Result<u64> {
    let partial = PathBuf::from(format!("{}.partial", path.display()));
    // One that is left of an earlier try is nothing worth; made anew, it is the owner's alone from the beginning.
    if partial.exists() {
        fs::remove_file(&partial).with_context(|| format!("removing {}", partial.display()))?;
    }
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial);
    let file = file.with_context(|| format!("making {}", partial.display()))?;
    let written = write(settings, BufWriter::with_capacity(GATHERED_BYTES, file), stillness, say);
    if written.is_err() {
        // What it failed of is what is to be said.
        let _ = fs::remove_file(&partial);
    }
    let (rows, out) = written?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all().context("bringing the export to the disk")?;
    fs::rename(&partial, path).with_context(|| format!("naming {}", path.display()))?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent)
        .and_then(|folder| folder.sync_all())
        .context("bringing the file's name to the disk")?;
    Ok(rows)
}

/// Writes all of it; the last line, without which it is nothing worth, only if the store stood still until then.
fn write<W: Write>(settings: &Settings, out: W, stillness: &Stillness, say: Say) -> Result<(u64, W)> {
    let from = if settings.database.is_some() { "postgresql" } else { "sqlite" };
    let origin = Origin { from: from.to_owned(), made_at: clocks::wall()().0 };
    let mut writer = Writer::begin(out, &origin).context("writing the export")?;
    let mut tally = Tally::new(say);
    let mut take = |table: &Moved, rows: Rows| {
        tally.count(table.name, rows.len() as u64);
        writer.rows(table, &rows)
    };
    let exported = match &settings.database {
        Some(target) => alone()?.block_on(store_postgres::export(target, &mut take)),
        None => store_sqlite::copy::export(&settings.data_dir.join(store_sqlite::FILE_NAME), &mut take),
    };
    exported.context("reading the store")?;
    tally.end();
    stillness.must_have_lasted()?;
    writer.finish().context("writing the export")
}

/// Says how far it has come, table by table.
pub(super) struct Tally {
    say: Say,
    table: &'static str,
    rows: u64,
    said: u64,
}

impl Tally {
    pub(super) fn new(say: Say) -> Tally {
        Tally { say, table: "", rows: 0, said: 0 }
    }

    /// So many more rows of a table.
    pub(super) fn count(&mut self, table: &'static str, rows: u64) {
        if self.table != table {
            self.end();
            (self.table, self.rows, self.said) = (table, 0, 0);
        }
        self.rows += rows;
        if self.rows >= self.said + SAY_EVERY {
            self.said = self.rows;
            self.tell(self.table, self.rows, "so far");
        }
    }

    /// A table is through with so many rows.
    pub(super) fn through(&mut self, table: &'static str, rows: u64) {
        self.table = "";
        self.tell(table, rows, "");
    }

    /// So is the last table.
    fn end(&mut self) {
        if !self.table.is_empty() {
            self.through(self.table, self.rows);
        }
    }

    fn tell(&self, table: &str, rows: u64, how_far: &str) {
        // A reader who has left does not stop the work.
        let _ = (self.say)(format!("{table:<16}{rows:>12} rows {how_far}").trim_end().to_owned());
    }
}
