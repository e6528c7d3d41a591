//! Migrations: forward only, each in a transaction of its own; a store newer than this release is refused untouched.

use rusqlite::Connection;
use store::{Failure, Result};

use crate::failure::before_commit;

/// The steps, oldest first; the schema's version is how many have been taken.
const MIGRATIONS: [&str; 11] = [
    include_str!("../migrations/0001_market.sql"),
    include_str!("../migrations/0002_notices.sql"),
    include_str!("../migrations/0003_rulebook.sql"),
    include_str!("../migrations/0004_talk.sql"),
    include_str!("../migrations/0005_watching.sql"),
    include_str!("../migrations/0006_pictures.sql"),
    include_str!("../migrations/0007_delivery.sql"),
    include_str!("../migrations/0008_search.sql"),
    include_str!("../migrations/0009_profiles.sql"),
    include_str!("../migrations/0010_saved_searches.sql"),
    include_str!("../migrations/0011_listings_by_row_id.sql"),
];

/// The newest schema this release knows.
pub const SCHEMA_VERSION: i64 = MIGRATIONS.len() as i64;

/// `PRAGMA application_id` of our stores: "nbid".
const APPLICATION_ID: i64 = 0x6e62_6964;

/// The version of the schema in a store.
pub(crate) fn version(connection: &Connection) -> Result<i64> {
    let doing = "reading the schema's version";
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let version = number("user_version").map_err(before_commit(doing))?;
    let application = number("application_id").map_err(before_commit(doing))?;
    let tables = "SELECT count(*) FROM sqlite_schema";
    let tables: i64 = connection.query_row(tables, [], |row| row.get(0)).map_err(before_commit(doing))?;
    if application != APPLICATION_ID && (version != 0 || tables != 0) {
        return Err(Failure::Rejected { doing, source: "the file is not a NeighborBid store".into() });
    }
    if version > SCHEMA_VERSION {
        let words = format!("the store has schema {version}, this release knows up to {SCHEMA_VERSION}");
        return Err(Failure::Rejected { doing, source: words.into() });
    }
    Ok(version)
}

/// Takes every step that the store has not taken.
pub(crate) fn migrate(connection: &mut Connection) -> Result<()> {
    let from = version(connection)?;
    for (taken, step) in MIGRATIONS.iter().enumerate().skip(usize::try_from(from).unwrap_or_default()) {
        take(connection, step, taken as i64 + 1).map_err(before_commit("migrating the store"))?;
    }
    Ok(())
}

fn take(connection: &mut Connection, step: &str, version: i64) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(step)?;
    if version == 1 {
        crate::records::places::fill(&transaction)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", version)?;
    transaction.commit()
}

#[cfg(test)]
mod tests;
