//! Entries: how many of something each client has open at once, counted while they are open.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex};

use super::lock;

/// How many each client may have open at once. Its memory is bounded by what is open.
pub struct Entries<K: Hash + Eq + Copy> {
    limit: u32,
    open: Arc<Mutex<HashMap<K, u32>>>,
}

impl<K: Hash + Eq + Copy> Entries<K> {
    /// At most `limit` for each client.
    pub fn new(limit: u32) -> Entries<K> {
        Entries { limit, open: Arc::default() }
    }

    /// One more for a client, until it is dropped; none beyond the limit.
    pub fn enter(&self, client: K) -> Option<Entered<K>> {
        let mut open = lock(&self.open);
        let count = open.get(&client).copied().unwrap_or_default();
        if count >= self.limit {
            return None;
        }
        open.insert(client, count + 1);
        Some(Entered { client, open: Arc::clone(&self.open) })
    }
}

/// One that is open; dropping it makes room.
pub struct Entered<K: Hash + Eq + Copy> {
    client: K,
    open: Arc<Mutex<HashMap<K, u32>>>,
}

impl<K: Hash + Eq + Copy> Drop for Entered<K> {
    fn drop(&mut self) {
        let mut open = lock(&self.open);
        if let Some(count) = open.get_mut(&self.client) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                open.remove(&self.client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_it_is_left() {
        let entries = Entries::new(2);
        let first = entries.enter(1);
        let second = entries.enter(1);
        assert!(first.is_some() && second.is_some());
        assert!(entries.enter(1).is_none());
        assert!(entries.enter(2).is_some());
        drop(first);
        assert!(entries.enter(1).is_some());
        drop(second);
        assert!(lock(&entries.open).is_empty());
    }

    #[test]
    fn a_limit_of_none_leaves_nothing_behind() {
        let entries = Entries::new(0);
        assert!(entries.enter(1).is_none());
        assert!(lock(&entries.open).is_empty());
    }
}
