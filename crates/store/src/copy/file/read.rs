//! Reading a file: nothing of a batch is handed on before its digest is right, and every fault names its line.

use std::io::{BufRead, Read};

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::super::moved::{self, Moved, ROWS_TOGETHER_MAX};
use super::super::{Rows, Value};
use super::write::described;
use super::{FORMAT, LINE_BYTES_MAX, Mark, Origin, VERSION, digest_of, unhex};
use crate::{Failure, Result};

const DOING: &str = "reading the export";

/// What comes next in a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Some rows of a table, whole and as they were written.
    Rows {
        /// Which of [`moved::tables`] they belong to.
        table: usize,
        /// The rows.
        rows: Rows,
        /// The place behind them.
        mark: Mark,
    },
    /// A table is through; this many rows it had.
    EndOfTable {
        /// Which of [`moved::tables`].
        table: usize,
        /// How many rows it had.
        rows: u64,
    },
    /// The file is through; this many rows it had.
    End {
        /// How many rows it had in all.
        rows: u64,
    },
}

/// Reads one file, from its first line to its last.
pub struct Reader<R> {
    input: R,
    origin: Origin,
    tables: Vec<Moved>,
    /// The table at hand, or the next one.
    at: usize,
    is_begun: bool,
    rows_of_table: u64,
    rows: u64,
    /// How many lines were read.
    line: u64,
    seen: Sha256,
    buffer: Vec<u8>,
}

/// A line: its bytes as JSON, and what was seen before it.
struct Line {
    json: Json,
    before: Sha256,
}

impl Line {
    /// Whether it says so many rows, and the digest of all before it.
    fn sums_up(&self, rows: u64) -> bool {
        self.json["rows"] == rows && self.json["digest"] == digest_of(&self.before).as_str()
    }
}

impl<R: BufRead> Reader<R> {
    /// Reads the first line.
    ///
    /// # Errors
    /// If it cannot be read, or is not the first line of an export that this release understands.
    pub fn open(input: R) -> Result<Reader<R>> {
        let origin = Origin { from: String::new(), made_at: 0 };
        let mut reader = Reader {
            input,
            origin,
            tables: moved::tables(),
            at: 0,
            is_begun: false,
            rows_of_table: 0,
            rows: 0,
            line: 0,
            seen: Sha256::new(),
            buffer: Vec::new(),
        };
        let first = reader.next_line()?.json;
        if first["format"] != FORMAT {
            return Err(reader.fault("this is no export of a NeighborBid store"));
        }
        if first["version"] != VERSION {
            let words = format!("version {} of the form; this release reads {VERSION}", first["version"]);
            return Err(reader.fault(words));
        }
        let tables: Vec<Json> = reader.tables.iter().map(described).collect();
        if first["tables"] != Json::Array(tables) {
            return Err(reader
                .fault("it was made by a release with another schema: use the same release on both sides"));
        }
        let (Some(from), Some(made_at)) = (first["from"].as_str(), first["made_at"].as_i64()) else {
            return Err(reader.fault("it does not say where it came from, and when"));
        };
        reader.origin = Origin { from: from.to_owned(), made_at };
        Ok(reader)
    }

    /// Where it came from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The tables, as [`Piece`] counts them.
    pub fn tables(&self) -> &[Moved] {
        &self.tables
    }

    /// Reads the next piece; nothing comes behind [`Piece::End`].
    ///
    /// # Errors
    /// If it cannot be read, or is not what was written; the words name the line.
    pub fn next_piece(&mut self) -> Result<Piece> {
        let line = self.next_line()?;
        if !self.is_begun {
            return self.between_tables(&line);
        }
        let name = self.tables[self.at].name;
        if line.json.get("end").is_some() {
            let rows = std::mem::take(&mut self.rows_of_table);
            self.expect_end(&line, name, rows)?;
            (self.is_begun, self.at) = (false, self.at + 1);
            return Ok(Piece::EndOfTable { table: self.at - 1, rows });
        }
        self.batch(line)
    }

    /// Reads up to a place where an earlier reader stopped, and makes sure that this is the same file.
    ///
    /// # Errors
    /// If it is another one, or as [`Reader::next_piece`].
    pub fn skip_to(&mut self, mark: &Mark) -> Result<()> {
        loop {
            match self.next_piece()? {
                Piece::Rows { mark: here, .. } if here == *mark => return Ok(()),
                Piece::Rows { mark: here, .. } if here.line < mark.line => {}
                Piece::EndOfTable { .. } => {}
                Piece::Rows { .. } | Piece::End { .. } => {
                    return Err(
                        self.fault("the store holds a part of another file: import that one, or begin anew")
                    );
                }
            }
        }
    }

    /// The beginning of a table, or the end of the file.
    fn between_tables(&mut self, line: &Line) -> Result<Piece> {
        let Some(table) = self.tables.get(self.at) else {
            self.expect_end(line, FORMAT, self.rows)?;
            if !self.input.fill_buf().map_err(unread)?.is_empty() {
                self.line += 1;
                return Err(self.fault("something stands behind the end"));
            }
            return Ok(Piece::End { rows: self.rows });
        };
        if line.json["table"] != table.name {
            return Err(self.fault(format!("the table {} should begin here", table.name)));
        }
        self.is_begun = true;
        self.next_piece()
    }

    /// Rows up to the mark behind them; the first of them was read.
    fn batch(&mut self, first: Line) -> Result<Piece> {
        let (mut rows, mut line, begins) = (Rows::new(), first, self.line);
        while let Json::Array(values) = line.json {
            let row = self.row(values)?;
            if rows.len() == ROWS_TOGETHER_MAX {
                return Err(self.fault(format!("more than {ROWS_TOGETHER_MAX} rows without a mark")));
            }
            rows.push(row);
            line = self.next_line()?;
        }
        if !line.sums_up(rows.len() as u64) {
            let words =
                format!("the rows of lines {begins} to {} are not as they were written", self.line - 1);
            return Err(self.fault(words));
        }
        self.rows_of_table += rows.len() as u64;
        self.rows += rows.len() as u64;
        let mark = Mark { line: self.line, digest: digest_of(&line.before), rows: self.rows };
        Ok(Piece::Rows { table: self.at, rows, mark })
    }

    fn row(&self, values: Vec<Json>) -> Result<Vec<Value>> {
        let table = &self.tables[self.at];
        let read: Option<Vec<Value>> = values.into_iter().map(value).collect();
        let Some(row) = read else { return Err(self.fault("a value that no store has")) };
        match table.fault(&row) {
            Some(fault) => Err(self.fault(format!("no row of {}: {fault}", table.name))),
            None => Ok(row),
        }
    }

    fn expect_end(&self, line: &Line, name: &str, rows: u64) -> Result<()> {
        if line.json["end"] != name {
            return Err(self.fault(format!("{name} should end here")));
        }
        if !line.sums_up(rows) {
            return Err(self.fault(format!("{name} is not as it was written: {rows} rows were found")));
        }
        Ok(())
    }

    fn next_line(&mut self) -> Result<Line> {
        let before = self.seen.clone();
        self.buffer.clear();
        self.line += 1;
        let mut limited = self.input.by_ref().take(LINE_BYTES_MAX + 1);
        let length = limited.read_until(b'\n', &mut self.buffer).map_err(unread)?;
        if length == 0 {
            return Err(self.fault("the file ends before its last line: it was cut off"));
        }
        if length as u64 > LINE_BYTES_MAX {
            return Err(self.fault(format!("longer than {LINE_BYTES_MAX} bytes")));
        }
        if self.buffer.last() != Some(&b'\n') {
            return Err(self.fault("the file ends in the middle of this line: it was cut off"));
        }
        self.seen.update(&self.buffer);
        let json = serde_json::from_slice(&self.buffer);
        let json = json.map_err(|error| self.fault(format!("no JSON: {error}")))?;
        Ok(Line { json, before })
    }

    fn fault(&self, words: impl std::fmt::Display) -> Failure {
        let words = format!("line {}: {words}", self.line);
        Failure::Rejected { doing: DOING, source: words.into() }
    }
}

fn value(json: Json) -> Option<Value> {
    match json {
        Json::Null => Some(Value::Null),
        Json::Number(number) => number.as_i64().map(Value::Number),
        Json::String(text) => Some(Value::Text(text)),
        Json::Object(one) if one.len() == 1 => {
            let (kind, inner) = one.into_iter().next()?;
            let text = inner.as_str()?;
            match kind.as_str() {
                "real" => text.parse().ok().map(Value::Real),
                "bytes" => unhex(text).map(Value::Bytes),
                _ => None,
            }
        }
        _ => None,
    }
}

fn unread(error: std::io::Error) -> Failure {
    Failure::Unavailable { doing: DOING, source: Box::new(error) }
}
