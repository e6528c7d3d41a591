//! What the world can do to a store: refuse data, be away, or leave a commit's outcome unknown.

use std::error::Error;

/// A store's answer.
pub type Result<T> = std::result::Result<T, Failure>;

/// Why a store could not do what was asked. What each kind means for the caller differs, so they are told apart.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The database refuses the data itself; asking again would not help. Nothing was kept.
    #[error("the store rejected {doing}")]
    Rejected {
        /// What was being done.
        doing: &'static str,
        /// The database's own words.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The database cannot do it now: disk full, locked, interrupted, gone. Nothing was kept.
    #[error("the store could not finish {doing}")]
    Unavailable {
        /// What was being done.
        doing: &'static str,
        /// The database's own words.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The commit neither succeeded nor certainly failed: the same round must run again from its lock step.
    #[error("the outcome of {doing} is unknown")]
    Unknown {
        /// What was being done.
        doing: &'static str,
        /// The database's own words.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The store's own mailbox is full; come back later.
    #[error("the store is busy")]
    Busy,
}
