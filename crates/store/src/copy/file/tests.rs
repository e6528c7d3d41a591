//! A file read back is what was written, and whatever is done to it is noticed at its line.

use std::error::Error;

use super::super::moved::{self, Moved};
use super::super::{Rows, Value};
use super::*;
use crate::{Failure, Result};

const ORIGIN: &str = "sqlite";

fn origin() -> Origin {
    Origin { from: ORIGIN.to_owned(), made_at: 1_700_000_000_000_000 }
}

/// Three regions with all that a value can be, two sessions, and a member's nothing.
fn rows_of(table: &Moved) -> Vec<Vec<Value>> {
    let number = Value::Number;
    let text = |text: &str| Value::Text(text.to_owned());
    match table.name {
        "regions" => vec![
            vec![
                number(i64::MIN),
                number(i64::MAX),
                Value::Null,
                number(0),
                text("서울특별시 \"중구\"\n\u{1f3e0}\\"),
                text(""),
                Value::Real(37.566_500_000_000_005),
                Value::Real(-0.0),
            ],
            vec![
                number(9_007_199_254_740_993),
                number(-1),
                number(1),
                number(3),
                text("\u{0}"),
                Value::Null,
                Value::Real(f64::MIN_POSITIVE),
                Value::Real(1e300),
            ],
        ],
        "sessions" => vec![
            vec![Value::Bytes(vec![0, 255, 16]), number(1), number(2), number(3), number(4)],
            vec![Value::Bytes(Vec::new()), number(1), number(2), number(3), number(4)],
        ],
        _ => Vec::new(),
    }
}

fn written() -> String {
    let mut writer = Writer::begin(Vec::new(), &origin()).unwrap();
    for table in &moved::tables() {
        // Regions in a batch each.
        let rows = rows_of(table);
        let together = if table.name == "regions" { 1 } else { 2 };
        writer.rows(table, &Vec::new()).unwrap();
        for batch in rows.chunks(together) {
            writer.rows(table, &batch.to_vec()).unwrap();
        }
    }
    let (rows, bytes) = writer.finish().unwrap();
    assert_eq!(rows, 4);
    String::from_utf8(bytes).unwrap()
}

/// Every row by its table, and the marks behind them.
fn read(text: &str) -> Result<(Vec<Rows>, Vec<Mark>)> {
    let mut reader = Reader::open(text.as_bytes())?;
    let (mut found, mut marks) = (vec![Vec::new(); reader.tables().len()], Vec::new());
    loop {
        match reader.next_piece()? {
            Piece::Rows { table, rows, mark } => {
                found[table].extend(rows);
                marks.push(mark);
            }
            Piece::EndOfTable { table, rows } => assert_eq!(found[table].len() as u64, rows),
            Piece::End { rows } => {
                assert_eq!(found.iter().map(Vec::len).sum::<usize>() as u64, rows);
                return Ok((found, marks));
            }
        }
    }
}

/// What is wrong with this text.
fn fault(text: &str) -> String {
    match read(text) {
        Err(Failure::Rejected { source, .. }) => {
            let source: Box<dyn Error> = source;
            source.to_string()
        }
        other => panic!("it was taken: {other:?}"),
    }
}

#[test]
fn what_was_written_is_read_to_the_last_digit() {
    let (found, marks) = read(&written()).unwrap();
    let expected: Vec<_> = moved::tables().iter().map(rows_of).collect();
    // Debug tells 0.0 from -0.0.
    assert_eq!(format!("{found:?}"), format!("{expected:?}"));
    assert_eq!(marks.iter().map(|mark| mark.rows).collect::<Vec<_>>(), [1, 2, 4]);
    let reader = Reader::open(written().as_bytes().to_vec().leak() as &[u8]).unwrap();
    assert_eq!(*reader.origin(), origin());
}

#[test]
fn a_file_that_is_cut_off_anywhere_is_refused() {
    let text = written();
    // Every line's two last bytes, and some between: a prime step meets each part of a line somewhere.
    let near_ends = text.match_indices('\n').flat_map(|(at, _)| [at, at + 1]).filter(|end| *end < text.len());
    for end in (0..text.len()).step_by(17).chain(near_ends) {
        if text.is_char_boundary(end) {
            let words = fault(&text[..end]);
            let lines = text[..end].matches('\n').count() + 1;
            assert!(words.starts_with(&format!("line {lines}: ")) && words.contains("cut off"), "{words}");
        }
    }
}

#[test]
fn a_line_that_is_missing_repeated_or_moved_is_refused_near_its_place() {
    let text = written();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for at in 0..lines.len() {
        let mut missing = lines.clone();
        missing.remove(at);
        fault(&missing.concat());
        let mut repeated = lines.clone();
        repeated.insert(at, lines[at]);
        let words = fault(&repeated.concat());
        let named: usize = words[5..].split(':').next().unwrap().parse().unwrap();
        // The mark or the end behind the line.
        assert!((at + 1..=at + 4).contains(&named), "line {} repeated: {words}", at + 1);
        if at + 1 < lines.len() {
            let mut swapped = lines.clone();
            swapped.swap(at, at + 1);
            fault(&swapped.concat());
        }
    }
}

#[test]
fn reading_goes_on_behind_any_mark_of_the_same_file_and_of_no_other() {
    let text = written();
    let (_, marks) = read(&text).unwrap();
    for (at, mark) in marks.iter().enumerate() {
        let mut reader = Reader::open(text.as_bytes()).unwrap();
        reader.skip_to(mark).unwrap();
        let mut behind = Vec::new();
        loop {
            match reader.next_piece().unwrap() {
                Piece::Rows { mark, .. } => behind.push(mark),
                Piece::EndOfTable { .. } => {}
                Piece::End { .. } => break,
            }
        }
        assert_eq!(behind, marks[at + 1..]);
        for line in [mark.line - 1, mark.line + 1, mark.line + 1_000] {
            let other = Mark { line, ..mark.clone() };
            assert!(Reader::open(text.as_bytes()).unwrap().skip_to(&other).is_err());
        }
        let other = Mark { digest: "00".repeat(32), ..mark.clone() };
        assert!(Reader::open(text.as_bytes()).unwrap().skip_to(&other).is_err());
    }
}

#[test]
fn a_changed_byte_is_refused() {
    let text = written();
    for (at, byte) in text.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_digit()) {
        let mut changed = text.clone().into_bytes();
        changed[at] = if byte == b'1' { b'2' } else { b'1' };
        fault(&String::from_utf8(changed).unwrap());
    }
    let words = fault(&text.replace("서울", "부산"));
    assert!(words.contains("line 4: the rows of lines 3 to 3 are not as they were written"), "{words}");
}

#[test]
fn what_is_no_export_of_ours_is_said() {
    for (text, part) in [
        ("", "line 1: the file ends"),
        ("hello\n", "line 1: no JSON"),
        ("{}\n", "line 1: this is no export"),
        ("{\"format\":\"neighborbid-export\",\"version\":2}\n", "line 1: version 2 of the form"),
        ("{\"format\":\"neighborbid-export\",\"version\":1,\"tables\":[]}\n", "another schema"),
    ] {
        let words = fault(text);
        assert!(words.contains(part), "{text}: {words}");
    }
    assert!(fault(&(written() + "\n")).contains("something stands behind the end"));
    let long =
        format!("{}[\"{}\"]\n", written().lines().next().unwrap().to_owned() + "\n", "x".repeat(5_000_000));
    assert!(fault(&long).contains("line 2: longer than"));
}

#[test]
fn a_row_that_does_not_belong_is_not_written() {
    let tables = moved::tables();
    let mut writer = Writer::begin(Vec::new(), &origin()).unwrap();
    let failure = writer.rows(&tables[0], &vec![vec![Value::Number(1)]]).unwrap_err();
    assert!(failure.source().unwrap().to_string().contains("a row of regions cannot move: 1 values"));
}
