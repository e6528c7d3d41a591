//! `neighborbid export`: writes a whole market to a file, audited before, as it stood at one moment.
//!
//! A market moves while its house is stopped: on SQLite the folder's lock says so, on PostgreSQL that no node is
//! connected, before and after. Beside a running house it is a trial. The file holds the hashes of passwords and of
//! sessions, so it is its owner's alone; until it is whole it is called `FILE.partial`. One that was broken off begins
//! anew, as the moment it was made of is gone.

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
use store_postgres::Target;

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
    let _folder = if is_trial { None } else { at_rest(settings)? };
    if is_trial {
        say("a trial beside a running house: what comes from now on is not in it".to_owned())?;
    }
    if !arguments.get_flag("without-audit") && !audit_store(settings, say)? {
        say("the store is broken: nothing was exported".to_owned())?;
        return Ok(ExitCode::FAILURE);
    }
    let rows = if to == STANDARD {
        let out = BufWriter::with_capacity(GATHERED_BYTES, io::stdout().lock());
        write(settings, out, say)?.0
    } else {
        write_file(settings, Path::new(to), is_trial, say)?
    };
    if to == STANDARD && !is_trial {
        still_at_rest(settings)?;
    }
    say(format!("exported {rows} rows"))?;
    Ok(ExitCode::SUCCESS)
}

/// Makes sure that nobody changes the store; the lock of its folder if it lies in one.
fn at_rest(settings: &Settings) -> Result<Option<Folder>> {
    if let Some(target) = &settings.database {
        refuse_nodes(target)?;
        return Ok(None);
    }
    if !settings.data_dir.join(store_sqlite::FILE_NAME).exists() {
        bail!("there is no store in {}", settings.data_dir.display());
    }
    let folder = Folder::take(&settings.data_dir);
    folder.map(Some).context("stop the house first, or make a trial with --while-running")
}

/// A database has no lock of a folder: a node that began meanwhile is noticed at the end.
fn still_at_rest(settings: &Settings) -> Result<()> {
    let nodes = settings.database.as_ref().map(refuse_nodes).transpose();
    nodes.map(drop).context("a node was started during the export: it is of no use")
}

/// Refuses a database that nodes are connected to.
///
/// # Errors
/// If one is, or the database does not answer.
pub(super) fn refuse_nodes(target: &Target) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let lanes =
        runtime.block_on(store_postgres::nodes_at_work(target)).context("looking for nodes at work")?;
    if lanes > 0 {
        bail!("{lanes} lanes of running nodes are connected to the database: stop every node first");
    }
    Ok(())
}

/// Writes the file under another name, and gives it its own when it is whole and on the disk.
fn write_file(settings: &Settings, path: &Path, is_trial: bool, say: Say) -> Result<u64> {
    let partial = PathBuf::from(format!("{}.partial", path.display()));
    // One that is left of an earlier try is nothing worth; made anew, it is the owner's alone from the beginning.
    if partial.exists() {
        fs::remove_file(&partial).with_context(|| format!("removing {}", partial.display()))?;
    }
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial);
    let file = file.with_context(|| format!("making {}", partial.display()))?;
    let (rows, out) = write(settings, BufWriter::with_capacity(GATHERED_BYTES, file), say)?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all().context("bringing the export to the disk")?;
    if !is_trial {
        still_at_rest(settings)?;
    }
    fs::rename(&partial, path).with_context(|| format!("naming {}", path.display()))?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent)
        .and_then(|folder| folder.sync_all())
        .context("bringing the file's name to the disk")?;
    Ok(rows)
}

fn write<W: Write>(settings: &Settings, out: W, say: Say) -> Result<(u64, W)> {
    let from = if settings.database.is_some() { "postgresql" } else { "sqlite" };
    let origin = Origin { from: from.to_owned(), made_at: clocks::wall()().0 };
    let mut writer = Writer::begin(out, &origin).context("writing the export")?;
    let mut tally = Tally::new(say);
    let mut take = |table: &Moved, rows: Rows| {
        tally.count(table.name, rows.len() as u64);
        writer.rows(table, &rows)
    };
    let exported = match &settings.database {
        Some(target) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(store_postgres::export(target, &mut take))
        }
        None => store_sqlite::copy::export(&settings.data_dir.join(store_sqlite::FILE_NAME), &mut take),
    };
    exported.context("reading the store")?;
    tally.end();
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
