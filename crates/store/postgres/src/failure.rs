//! What PostgreSQL's errors mean for a round: refused data, not now, or a commit whose outcome is unknown.

use std::error::Error;
use std::fmt;
use std::io;

use store::Failure;
use tokio_postgres::error::{DbError, Severity, SqlState};

/// What went wrong below a store's failure.
#[derive(Debug)]
pub(crate) enum Fault {
    /// PostgreSQL, or the way to it.
    Postgres(tokio_postgres::Error),
    /// No answer came within the time that one may take; the connection was let go.
    Late,
    /// A row, or how many there are, is not as it must be: a bug, here or in whoever wrote the row.
    Row(String),
}

impl Fault {
    /// A row that had to change did not, or a number that was given out is not ours.
    pub(crate) fn unlike(what: &'static str) -> Fault {
        Fault::Row(format!("not {what}"))
    }

    /// Whether a wait for a lock, or a statement with such waits in it, took too long.
    pub(crate) fn is_waited_out(&self) -> bool {
        let codes = [SqlState::LOCK_NOT_AVAILABLE, SqlState::QUERY_CANCELED];
        self.database().is_some_and(|said| codes.contains(said.code()))
    }

    /// What PostgreSQL itself said, if it said anything.
    pub(crate) fn database(&self) -> Option<&DbError> {
        match self {
            Fault::Postgres(error) => error.as_db_error(),
            Fault::Row(_) | Fault::Late => None,
        }
    }
}

impl From<tokio_postgres::Error> for Fault {
    fn from(error: tokio_postgres::Error) -> Fault {
        Fault::Postgres(error)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The library says only "db error" and keeps PostgreSQL's words in the source.
            Fault::Postgres(error) => match error.as_db_error() {
                Some(said) => write!(out, "{said} ({})", said.code().code()),
                None => write!(out, "{error}"),
            },
            Fault::Row(what) => out.write_str(what),
            Fault::Late => out.write_str("no answer came in time, and the connection was let go"),
        }
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Fault::Postgres(error) => error.source(),
            Fault::Row(_) | Fault::Late => None,
        }
    }
}

/// Sorts an error that came before any commit: nothing was kept.
pub(crate) fn before_commit<E: Into<Fault>>(doing: &'static str) -> impl FnOnce(E) -> Failure {
    move |error| {
        let source = Box::new(error.into());
        if is_the_worlds(&source) {
            Failure::Unavailable { doing, source }
        } else {
            Failure::Rejected { doing, source }
        }
    }
}

/// Sorts an error that came before a round had all its locks. Tables and rights that are missing then are the store's fault
/// and not the round's: it may be restored, or taken over, at this moment. Called a rejection, it would be taken for an
/// answer from behind the locks by whoever asks what became of an earlier commit.
pub(crate) fn before_locks<E: Into<Fault>>(doing: &'static str) -> impl FnOnce(E) -> Failure {
    move |error| {
        let fault = error.into();
        if fault.database().is_some_and(|said| class(said.code()) == "42") {
            Failure::Unavailable { doing, source: Box::new(fault) }
        } else {
            before_commit(doing)(fault)
        }
    }
}

/// A rejection that speaks of the store as it is now, and of no round.
pub(crate) fn not_now(failure: Failure) -> Failure {
    match failure {
        Failure::Rejected { doing, source } => Failure::Unavailable { doing, source },
        other => other,
    }
}

/// Sorts an error of COMMIT itself, or of a statement that commits by itself: what the server refused in so many words
/// is certain, everything else leaves the outcome in limbo.
pub(crate) fn at_commit<E: Into<Fault>>(doing: &'static str) -> impl FnOnce(E) -> Failure {
    move |error| {
        let fault = error.into();
        if fault.database().is_some_and(is_clean_refusal) {
            before_commit(doing)(fault)
        } else {
            Failure::Unknown { doing, source: Box::new(fault) }
        }
    }
}

/// An ERROR of these classes ended the transaction without a commit. FATAL and PANIC may come after one, and so may a
/// cancelled wait for a standby; 40003 says of itself that it does not know.
fn is_clean_refusal(said: &DbError) -> bool {
    let code = said.code();
    let is_refusal = ["22", "23", "25", "40", "55"].contains(&class(code));
    said.parsed_severity() == Some(Severity::Error)
        && is_refusal
        && *code != SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN
}

/// Whether the machine, or another transaction, is at fault and not the data.
fn is_the_worlds(fault: &Fault) -> bool {
    match fault {
        Fault::Row(_) => false,
        Fault::Late => true,
        Fault::Postgres(error) => match error.as_db_error() {
            // Conflicts and locks; disk, memory, shutting down, cancelled; a standby; a login or a plan that is no more.
            Some(said) => {
                let classes = ["08", "25", "28", "3D", "40", "53", "55", "57", "58", "F0", "XX", "0A"];
                classes.contains(&class(said.code()))
            }
            // A value that does not fit its column carries its reason; a lost connection an I/O error, or none.
            None => error.source().is_none_or(|source| source.is::<io::Error>()),
        },
    }
}

fn class(code: &SqlState) -> &str {
    code.code().get(..2).unwrap_or_default()
}
