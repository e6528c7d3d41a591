//! `neighborbid import`: takes an exported market into a new store, and audits what came of it.
//!
//! The file is read once through, and nothing of it is kept before it was found to be as it was written. How far an
//! import has come stands in the store itself, in the same transaction as the rows: run again with the same file, it
//! reads that part once more, makes sure that it is the same, and goes on behind it. Until all rows are there and the
//! audit found nothing, nobody can serve the store.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::ArgMatches;
use store::copy::Rows;
use store::copy::file::{Mark, Piece, Reader};
use store::copy::moved::Moved;
use store_postgres::Target;
use tokio::runtime::Runtime;

use crate::command_line::say;
use crate::commands::audit::audit_store;
use crate::commands::export::{STANDARD, Tally};
use crate::folder::Folder;
use crate::settings::Settings;

/// How many bytes of the file are read at once.
const READ_BYTES: usize = 1 << 20;

type Input = Reader<Box<dyn BufRead>>;

/// Imports a file, or only reads it.
///
/// # Errors
/// If the file is not as it was written, or the store is in use, neither new nor half of this file, or cannot be written.
pub fn run(settings: &Settings, arguments: &ArgMatches) -> Result<ExitCode> {
    let from = arguments.get_one::<String>("from").context("where from is missing")?;
    let input: Box<dyn BufRead> = if from == STANDARD {
        Box::new(BufReader::with_capacity(READ_BYTES, io::stdin()))
    } else {
        let file = File::open(from).with_context(|| format!("opening {from}"))?;
        Box::new(BufReader::with_capacity(READ_BYTES, file))
    };
    let mut input = Reader::open(input).with_context(|| format!("reading {from}"))?;
    say(format!("{from}: a market from {}", input.origin().from))?;
    if arguments.get_flag("dry-run") {
        let rows = take_all(&mut input, &mut Store::Nowhere)?;
        say(format!("{rows} rows: the file is whole; nothing was written"))?;
        return Ok(ExitCode::SUCCESS);
    }
    say(format!("importing into {}", settings.store()?))?;
    let (mut store, _folder) = Store::open(settings)?;
    let rows = take_all(&mut input, &mut store)?;
    store.settle()?;
    if !arguments.get_flag("without-audit") && !audit_store(settings, say)? {
        say(format!("all {rows} rows are there, but the store is broken: it cannot be served"))?;
        return Ok(ExitCode::FAILURE);
    }
    store.finish()?;
    say(format!("imported {rows} rows: the store may be served"))?;
    if let store_blobs::Settings::Folder(folder) = &settings.blobs {
        say(format!("the bytes of pictures are looked for in {}", folder.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads the whole file, and hands on what the store does not have yet; how many rows there are.
fn take_all(input: &mut Input, store: &mut Store) -> Result<u64> {
    let tables = input.tables().to_vec();
    if let Some(mark) = store.progress() {
        say(format!(
            "an earlier import came as far as line {}, {} rows: it goes on there",
            mark.line, mark.rows
        ))?;
        input.skip_to(mark)?;
    }
    let mut tally = Tally::new(say);
    loop {
        match input.next_piece()? {
            Piece::Rows { table, rows, mark } => {
                let table = &tables[table];
                tally.count(table.name, rows.len() as u64);
                let taken = store.take(table, rows, &mark);
                taken
                    .with_context(|| format!("taking the rows of {} up to line {}", table.name, mark.line))?;
            }
            Piece::EndOfTable { table, rows } => tally.through(tables[table].name, rows),
            Piece::End { rows } => return Ok(rows),
        }
    }
}

/// Where the rows go.
enum Store {
    /// They are only looked at.
    Nowhere,
    Sqlite(store_sqlite::copy::Import),
    Postgres(Runtime, Box<Target>, store_postgres::Import),
}

impl Store {
    /// The store that the settings name, and the lock of its folder if it lies in one.
    fn open(settings: &Settings) -> Result<(Store, Option<Folder>)> {
        if let Some(target) = &settings.database {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(store_postgres::refuse_nodes(target))?;
            let import =
                runtime.block_on(store_postgres::Import::open(target)).context("opening the store")?;
            return Ok((Store::Postgres(runtime, Box::new(target.clone()), import), None));
        }
        let folder = Folder::take(&settings.data_dir)?;
        let import = store_sqlite::copy::Import::open(folder.path()).context("opening the store")?;
        Ok((Store::Sqlite(import), Some(folder)))
    }

    fn progress(&self) -> Option<&Mark> {
        match self {
            Store::Nowhere => None,
            Store::Sqlite(import) => import.progress(),
            Store::Postgres(_, _, import) => import.progress(),
        }
    }

    fn take(&mut self, table: &Moved, rows: Rows, mark: &Mark) -> store::Result<()> {
        match self {
            Store::Nowhere => Ok(()),
            Store::Sqlite(import) => import.take(table, rows, mark),
            Store::Postgres(runtime, _, import) => runtime.block_on(import.take(table, rows, mark)),
        }
    }

    fn settle(&mut self) -> Result<()> {
        let settled = match self {
            Store::Nowhere => Ok(()),
            Store::Sqlite(import) => import.settle(),
            Store::Postgres(runtime, _, import) => runtime.block_on(import.settle()),
        };
        settled.context("putting the store in order")
    }

    fn finish(self) -> Result<()> {
        let finished = match self {
            Store::Nowhere => Ok(()),
            Store::Sqlite(import) => import.finish(),
            Store::Postgres(runtime, target, import) => runtime.block_on(async {
                // One of another release may not know that an import is under way.
                store_postgres::refuse_nodes(&target).await?;
                import.finish().await
            }),
        };
        finished.context("opening the store to everyone")
    }
}
