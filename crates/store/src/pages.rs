//! Pages: how many rows one has, and the cursors of lists that run from the newest number down.

use std::str::FromStr;

use auction::PictureAddress;
use ledger::MemberId;

use crate::records::{PAGE_ROWS_MAX, Page, Paged, Upload};

/// What a cursor that the store never said leads to: a page without rows, and none after it.
pub fn empty<T>() -> Paged<T> {
    Paged { items: Vec::new(), next: None }
}

/// How many rows the page may have: what was asked for, at least 1 and at most [`PAGE_ROWS_MAX`].
pub fn limit(page: &Page) -> usize {
    page.limit.clamp(1, PAGE_ROWS_MAX)
}

/// Where the page begins, `start` if it is the first; `None` if the cursor is none of the store's.
pub fn place<T: FromStr>(page: &Page, start: T) -> Option<T> {
    match &page.cursor {
        Some(cursor) => cursor.parse().ok(),
        None => Some(start),
    }
}

/// The same, in a list ordered by a value and then a number: its cursors are `value.number`.
pub fn place_of_two(page: &Page, start: (i64, i64)) -> Option<(i64, i64)> {
    let Some(cursor) = &page.cursor else { return Some(start) };
    let (value, number) = cursor.split_once('.')?;
    Some((value.parse().ok()?, number.parse().ok()?))
}

/// The page of `rows`, of which one more was read than `limit` allows, if there were so many.
pub fn cut<T>(mut rows: Vec<T>, limit: usize, cursor: impl Fn(&T) -> String) -> Paged<T> {
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| has_more).map(cursor);
    Paged { items: rows, next }
}

/// How many rows to read so that [`cut`] knows whether there are more.
pub fn rows_to_read(limit: usize) -> i64 {
    limit as i64 + 1
}

/// Behind which upload the page begins, in a list of uploads by address; `None` if the cursor is none of the store's.
pub fn upload(page: &Page) -> Option<(PictureAddress, MemberId)> {
    let Some(cursor) = &page.cursor else { return Some(([0; 32], MemberId(i64::MIN))) };
    let (digits, member) = cursor.split_once('.')?;
    if digits.len() != 64 || !digits.is_ascii() {
        return None;
    }
    let mut address = [0; 32];
    for (byte, digits) in address.iter_mut().zip(digits.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some((address, MemberId(member.parse().ok()?)))
}

/// The cursor behind that upload.
pub fn upload_cursor(upload: Upload) -> String {
    let digits: String = upload.address.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{digits}.{}", upload.member.0)
}
