//! A window: a run of members or auctions that one pass over the transfers follows, each with what is known of it.

use rusqlite::{Connection, Result};

/// Rows by number, from one number on up to another.
pub(super) struct Window<T> {
    after: i64,
    upto: i64,
    ids: Vec<i64>,
    of: Vec<T>,
}

impl<T: Clone + Default> Window<T> {
    /// The next members behind `after`, at most so many, none above `newest`.
    pub(super) fn members(
        connection: &Connection,
        after: i64,
        newest: i64,
        limit: usize,
    ) -> Result<Window<T>> {
        let sql = "SELECT id FROM members WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3";
        Window::read(connection, sql, after, newest, limit)
    }

    /// The next auctions behind `after`, at most so many, none above `newest`.
    pub(super) fn auctions(
        connection: &Connection,
        after: i64,
        newest: i64,
        limit: usize,
    ) -> Result<Window<T>> {
        let sql = "SELECT id FROM auctions WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3";
        Window::read(connection, sql, after, newest, limit)
    }

    fn read(connection: &Connection, sql: &str, after: i64, newest: i64, limit: usize) -> Result<Window<T>> {
        let mut statement = connection.prepare_cached(sql)?;
        let ids = statement.query_map((after, newest, limit as i64), |row| row.get(0))?;
        Ok(Window::of(after, ids.collect::<Result<_>>()?, limit))
    }

    fn of(after: i64, ids: Vec<i64>, limit: usize) -> Window<T> {
        let upto = ids.last().copied().filter(|_| ids.len() == limit).unwrap_or(i64::MAX);
        Window { after, upto, of: vec![T::default(); ids.len()], ids }
    }

    /// The number before its first.
    pub(super) fn after(&self) -> i64 {
        self.after
    }

    /// The last number it is answerable for; the greatest there is, if nothing comes behind it.
    pub(super) fn upto(&self) -> i64 {
        self.upto
    }

    /// Whether this number is its business.
    pub(super) fn spans(&self, id: i64) -> bool {
        self.after < id && id <= self.upto
    }

    /// What is known of that number, if there is such a row. Numbers mostly follow each other, so the place is guessed
    /// before it is searched.
    pub(super) fn get_mut(&mut self, id: i64) -> Option<&mut T> {
        let first = *self.ids.first()?;
        let guess = usize::try_from(id.wrapping_sub(first)).unwrap_or(usize::MAX);
        let place = match self.ids.get(guess) {
            Some(found) if *found == id => guess,
            _ => self.ids.binary_search(&id).ok()?,
        };
        self.of.get_mut(place)
    }

    /// Every number with what is known of it.
    pub(super) fn iter(&self) -> impl Iterator<Item = (i64, &T)> {
        self.ids.iter().copied().zip(&self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_with_and_without_gaps() {
        let mut window: Window<i64> = Window::of(2, vec![3, 4, 7, 900], 9);
        for id in [3, 4, 7, 900] {
            *window.get_mut(id).unwrap() += id;
        }
        assert_eq!(
            window.iter().map(|(id, of)| (id, *of)).collect::<Vec<_>>(),
            [(3, 3), (4, 4), (7, 7), (900, 900)]
        );
        for id in [i64::MIN, 2, 5, 6, 8, i64::MAX] {
            assert_eq!(window.get_mut(id), None, "{id}");
        }
        assert_eq!((window.spans(2), window.spans(3), window.spans(i64::MAX)), (false, true, true));
    }

    #[test]
    fn a_full_window_ends_at_its_last_number() {
        let window: Window<i64> = Window::of(2, vec![3, 4], 2);
        assert_eq!((window.upto(), window.spans(4), window.spans(5)), (4, true, false));
        let empty: Window<i64> = Window::of(4, vec![], 2);
        assert_eq!(empty.upto(), i64::MAX);
    }
}
