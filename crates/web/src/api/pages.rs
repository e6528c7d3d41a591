//! Pages of lists: `limit` and an opaque `cursor` going in, `items` and `next` coming out.

use serde::Serialize;
use store::records::{PAGE_ROWS_MAX, Page, Paged};

use super::fields::Fields;
use crate::failure::Problem;

/// How many rows a page has unless it is said.
const ROWS: usize = 20;

/// The most characters of a cursor; ours are far shorter.
const CURSOR_CHARS_MAX: usize = 256;

/// A page of a list.
#[derive(Debug, Serialize)]
pub struct List<T> {
    /// The rows.
    pub items: Vec<T>,
    /// The `cursor` of the next page; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl<T> List<T> {
    /// A page as it is shown.
    pub fn of<R>(paged: Paged<R>, show: impl FnMut(R) -> T) -> List<T> {
        List { items: paged.items.into_iter().map(show).collect(), next: paged.next }
    }
}

/// Reads which page is asked for.
pub fn page(fields: &mut Fields) -> Page {
    Page { cursor: cursor(fields), limit: limit(fields, ROWS, PAGE_ROWS_MAX) }
}

/// Reads how many rows are asked for.
pub fn limit(fields: &mut Fields, usual: usize, most: usize) -> usize {
    let Some(limit) = fields.integer("limit") else { return usual };
    match usize::try_from(limit) {
        Ok(limit) if (1..=most).contains(&limit) => limit,
        Ok(0) | Err(_) => {
            fields.fault("limit", "too_low");
            usual
        }
        Ok(_) => {
            fields.fault("limit", "too_high");
            usual
        }
    }
}

/// Reads where the page begins; where no page ever ended, none begins, and the store answers with an empty one.
fn cursor(fields: &mut Fields) -> Option<String> {
    let cursor = fields.text("cursor")?;
    if cursor.is_empty()
        || cursor.len() > CURSOR_CHARS_MAX
        || !cursor.bytes().all(|byte| byte.is_ascii_graphic())
    {
        fields.fault("cursor", "invalid");
        return None;
    }
    Some(cursor)
}

/// What the store says of a page: that it rejects a cursor is the caller's doing.
///
/// # Errors
/// `invalid` for such a cursor, else what the store says.
pub fn judged<T>(paged: store::Result<Paged<T>>, page: &Page) -> Result<Paged<T>, Problem> {
    match paged {
        Err(store::Failure::Rejected { .. }) if page.cursor.is_some() => {
            Err(Problem::invalid_field("cursor", "invalid"))
        }
        paged => Ok(paged?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_1_to_100_rows() {
        for (query, limit, code) in [
            ("", 20, None),
            ("limit=1", 1, None),
            ("limit=100", 100, None),
            ("limit=0", 20, Some("too_low")),
            ("limit=-1", 20, Some("too_low")),
            ("limit=101", 20, Some("too_high")),
            ("limit=ten", 20, Some("wrong_type")),
            ("cursor=", 20, Some("invalid")),
            ("cursor=a%20b", 20, Some("invalid")),
            ("cursor=abc", 20, None),
        ] {
            let mut fields = Fields::of_query(query);
            assert_eq!(page(&mut fields).limit, limit, "{query}");
            let found = fields.finish().err().map(|problem| problem.errors()[0].code);
            assert_eq!(found, code, "{query}");
        }
        let mut fields = Fields::of_query(&format!("cursor={}", "a".repeat(CURSOR_CHARS_MAX + 1)));
        page(&mut fields);
        assert!(fields.finish().is_err());
    }
}
