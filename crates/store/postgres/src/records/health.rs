//! How the store stands: its schema, its last sign of life, and how far the followers are behind.

use auction::Time;
use store::records::Health;

use super::follow;
use crate::pool::Connection;
use crate::rows::Result;

/// At how many rounds the counting of those that wait ends.
const ROUNDS_COUNTED_MAX: i64 = 100_000;

/// How many rounds the followers have not seen, as far as they are counted.
pub(super) const BEHIND: &str = concat!(
    "SELECT count(*) FROM (SELECT FROM ",
    follow::window::unseen!("xid"),
    " LIMIT $2::bigint) AS behind"
);

/// How the store stands.
pub(super) async fn health(store: &Connection) -> Result<Health> {
    let sql = "SELECT (SELECT max(version) FROM schema_version), (SELECT at FROM heartbeat WHERE id = 1)";
    let row = store.query_one(sql, &[]).await?;
    let cursor = follow::window::cursor(store).await?;
    let behind = store.query_one(BEHIND, &[&cursor, &ROUNDS_COUNTED_MAX]).await?;
    Ok(Health {
        schema: row.try_get::<_, Option<i64>>(0)?.unwrap_or_default(),
        heartbeat: row.try_get::<_, Option<i64>>(1)?.map(Time),
        rounds_behind: behind.try_get(0)?,
    })
}
