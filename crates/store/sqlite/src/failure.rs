//! What SQLite's errors mean for a round: refused data, not now, or a commit whose outcome is unknown.

use rusqlite::{Error, ErrorCode};
use store::Failure;

/// Sorts an error that came before any commit: nothing was kept.
pub(crate) fn before_commit(doing: &'static str) -> impl FnOnce(Error) -> Failure {
    move |error| {
        let source = Box::new(error);
        if is_the_worlds(&source) {
            Failure::Unavailable { doing, source }
        } else {
            Failure::Rejected { doing, source }
        }
    }
}

/// Sorts an error of COMMIT itself: a refused constraint is certain, everything else leaves the outcome in limbo.
pub(crate) fn at_commit(doing: &'static str) -> impl FnOnce(Error) -> Failure {
    move |error| match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => Failure::Rejected { doing, source: Box::new(error) },
        _ => Failure::Unknown { doing, source: Box::new(error) },
    }
}

/// Whether the machine is at fault and not the data.
fn is_the_worlds(error: &Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::OperationInterrupted
                | ErrorCode::OutOfMemory
                | ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
        )
    )
}
