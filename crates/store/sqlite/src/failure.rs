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

/// Sorts an error of COMMIT itself. A refused constraint is certain, and so is a full disk: SQLite says `SQLITE_FULL` only
/// when a frame could not be written to the log, and the frame that makes a commit is the last one; what a flush cannot
/// keep it calls an I/O error. Everything else leaves the outcome in limbo.
pub(crate) fn at_commit(doing: &'static str) -> impl FnOnce(Error) -> Failure {
    move |error| match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => Failure::Rejected { doing, source: Box::new(error) },
        Some(ErrorCode::DiskFull) => Failure::Unavailable { doing, source: Box::new(error) },
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

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    fn at_commit_says(code: i32) -> Failure {
        at_commit("committing")(Error::SqliteFailure(ffi::Error::new(code), None))
    }

    #[test]
    fn disk_full_at_commit_is_certain_and_a_failed_flush_is_not() {
        assert!(matches!(at_commit_says(ffi::SQLITE_FULL), Failure::Unavailable { .. }));
        let in_doubt =
            [ffi::SQLITE_IOERR_FSYNC, ffi::SQLITE_IOERR_WRITE, ffi::SQLITE_IOERR_SHMSIZE, ffi::SQLITE_BUSY];
        for code in in_doubt {
            assert!(matches!(at_commit_says(code), Failure::Unknown { .. }), "{code}");
        }
    }
}
