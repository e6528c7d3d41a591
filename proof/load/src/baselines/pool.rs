//! A fixed number of connections; whoever finds none free waits his turn, first come, first served.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

/// Things that one task at a time may use.
pub struct Pool<T> {
    free: Mutex<Vec<T>>,
    turns: Semaphore,
}

/// One of them, until it is dropped.
pub struct Lent<'a, T> {
    pool: &'a Pool<T>,
    one: Option<T>,
    _turn: SemaphorePermit<'a>,
}

impl<T> Pool<T> {
    /// Of these.
    pub fn of(all: Vec<T>) -> Pool<T> {
        Pool { turns: Semaphore::new(all.len()), free: Mutex::new(all) }
    }

    /// The next that is free.
    pub async fn take(&self) -> Lent<'_, T> {
        let turn = self.turns.acquire().await.expect("the turns are never closed");
        let one = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Lent { pool: self, one, _turn: turn }
    }
}

impl<T> Deref for Lent<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.one.as_ref().expect("there is one for each turn")
    }
}

impl<T> DerefMut for Lent<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.one.as_mut().expect("there is one for each turn")
    }
}

impl<T> Drop for Lent<'_, T> {
    /// It lies in its place again before the turn is given on.
    fn drop(&mut self) {
        self.pool.free.lock().unwrap_or_else(PoisonError::into_inner).extend(self.one.take());
    }
}
