//! Copies: rows on their way from one store into another, in no type of either.
//!
//! [`moved`] names all that a market is made of, and [`mod@file`] is the form in which it travels.

pub mod file;
pub mod moved;

/// What stands in one column of one row. A truth is 1 or 0.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A whole number.
    Number(i64),
    /// Any other number.
    Real(f64),
    /// Words.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// A table, and those of its columns that are copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name, the same on both sides.
    pub name: String,
    /// Their names, in the order in which each row's values come.
    pub columns: Vec<String>,
}

/// Some rows of a table, each with a value for each of its columns.
pub type Rows = Vec<Vec<Value>>;
