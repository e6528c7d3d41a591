//! How what went wrong with a folder or a service becomes the store's own words, without any secret in them.

use std::io;

use hyper::StatusCode;
use store::Failure;

/// What a service or the way to it can do.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It answered, and not with what was asked.
    #[error("the storage answered {status} {code}")]
    Status {
        /// The HTTP status.
        status: StatusCode,
        /// The service's own word for it, such as `NoSuchBucket`; `-` if it gave none.
        code: String,
    },
    /// It did not answer in time.
    #[error("the storage did not answer within {ms} ms")]
    Silent {
        /// How long it was waited for.
        ms: u64,
    },
    /// No connection, or one that broke.
    #[error("the line to the storage failed")]
    Line(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It answered something that is not what the protocol says.
    #[error("the storage answered what cannot be read: {0}")]
    Unreadable(&'static str),
}

impl Fault {
    /// Whether the same call may succeed if it is made again.
    pub fn passes(&self) -> bool {
        match self {
            Fault::Status { status, .. } => {
                status.is_server_error()
                    || matches!(*status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT)
            }
            Fault::Silent { .. } | Fault::Line(_) => true,
            Fault::Unreadable(_) => false,
        }
    }

    /// The store's word for it.
    pub fn failure(self, doing: &'static str) -> Failure {
        if self.passes() {
            Failure::Unavailable { doing, source: Box::new(self) }
        } else {
            Failure::Rejected { doing, source: Box::new(self) }
        }
    }
}

/// What asking again would not help.
pub fn refused(doing: &'static str, why: &'static str) -> Failure {
    Failure::Rejected { doing, source: why.into() }
}

/// What a disk says: no room, no right, no disk. None of it is the caller's fault.
pub fn disk(doing: &'static str) -> impl Fn(io::Error) -> Failure {
    move |error| Failure::Unavailable { doing, source: Box::new(error) }
}
