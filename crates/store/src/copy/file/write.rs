//! Writing a file: tables in their order, rows in batches, a digest behind each.

use std::io::Write;

use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::super::moved::{self, Moved};
use super::super::{Rows, Value};
use super::{FORMAT, LINE_BYTES_MAX, Origin, VERSION, digest_of, hex};
use crate::{Failure, Result};

const DOING: &str = "writing the export";

/// Writes one file, from its first line to its last.
pub struct Writer<W> {
    out: W,
    tables: Vec<Moved>,
    /// How many tables were begun.
    begun: usize,
    rows_of_table: u64,
    rows: u64,
    seen: Sha256,
    /// A line while it is made.
    line: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// Writes the first line.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn begin(out: W, origin: &Origin) -> Result<Writer<W>> {
        let tables = moved::tables();
        let mut writer = Writer {
            out,
            tables,
            begun: 0,
            rows_of_table: 0,
            rows: 0,
            seen: Sha256::new(),
            line: Vec::new(),
        };
        let tables: Vec<Json> = writer.tables.iter().map(described).collect();
        let Origin { from, made_at } = origin;
        writer.say(json!({
            "format": FORMAT, "version": VERSION, "from": from, "made_at": made_at, "tables": tables,
        }))?;
        Ok(writer)
    }

    /// Writes a batch of a table's rows, which may be empty. Each table comes at least once, in their order.
    ///
    /// # Errors
    /// If it cannot be written, or a row does not belong to that table.
    ///
    /// # Panics
    /// If the table comes out of order.
    pub fn rows(&mut self, table: &Moved, rows: &Rows) -> Result<()> {
        if self.begun == 0 || self.tables[self.begun - 1] != *table {
            self.end_table()?;
            assert_eq!(self.tables.get(self.begun), Some(table), "tables come in their order");
            self.begun += 1;
            self.say(json!({ "table": table.name }))?;
        }
        if rows.is_empty() {
            return Ok(());
        }
        for row in rows {
            if let Some(fault) = table.fault(row) {
                let words = format!("a row of {} cannot move: {fault}", table.name);
                return Err(Failure::Rejected { doing: DOING, source: words.into() });
            }
            self.say(Json::Array(row.iter().map(written).collect()))?;
        }
        self.rows_of_table += rows.len() as u64;
        self.rows += rows.len() as u64;
        self.say(json!({ "rows": rows.len(), "digest": digest_of(&self.seen) }))
    }

    /// Writes the last line; how many rows there are in all, and what it was written to.
    ///
    /// # Errors
    /// If it cannot be written.
    ///
    /// # Panics
    /// If a table did not come.
    pub fn finish(mut self) -> Result<(u64, W)> {
        self.end_table()?;
        assert_eq!(self.begun, self.tables.len(), "every table comes");
        self.say(json!({ "end": FORMAT, "rows": self.rows, "digest": digest_of(&self.seen) }))?;
        self.out.flush().map_err(unwritten)?;
        Ok((self.rows, self.out))
    }

    fn end_table(&mut self) -> Result<()> {
        let Some(at) = self.begun.checked_sub(1) else { return Ok(()) };
        let (name, rows) = (self.tables[at].name, std::mem::take(&mut self.rows_of_table));
        self.say(json!({ "end": name, "rows": rows, "digest": digest_of(&self.seen) }))
    }

    fn say(&mut self, line: Json) -> Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, &line)
            .map_err(|error| Failure::Rejected { doing: DOING, source: Box::new(error) })?;
        self.line.push(b'\n');
        if self.line.len() as u64 > LINE_BYTES_MAX {
            let words = format!("a row is longer than {LINE_BYTES_MAX} bytes");
            return Err(Failure::Rejected { doing: DOING, source: words.into() });
        }
        self.seen.update(&self.line);
        self.out.write_all(&self.line).map_err(unwritten)
    }
}

/// A table as the first line names it.
pub(super) fn described(table: &Moved) -> Json {
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    json!({ "name": table.name, "columns": columns })
}

fn written(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Number(number) => Json::from(*number),
        Value::Real(number) => json!({ "real": format!("{number:?}") }),
        Value::Text(text) => Json::from(text.as_str()),
        Value::Bytes(bytes) => json!({ "bytes": hex(bytes) }),
    }
}

fn unwritten(error: std::io::Error) -> Failure {
    Failure::Unavailable { doing: DOING, source: Box::new(error) }
}
