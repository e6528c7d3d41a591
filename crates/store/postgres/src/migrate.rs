//! Migrations: forward only, each in a transaction of its own; a store newer than this release is refused untouched.
//! Nodes that start together take turns.

use store::{Failure, Result, places};
use tokio_postgres::{Client, GenericClient, Transaction};

use crate::connection::{Purpose, Target};
use crate::copy::refuse_half;
use crate::failure::{Fault, at_commit, before_commit};

/// The steps, oldest first; the schema's version is how many have been taken.
const MIGRATIONS: [&str; 11] = [
    include_str!("../migrations/0001_market.sql"),
    include_str!("../migrations/0002_lists.sql"),
    include_str!("../migrations/0003_rulebook.sql"),
    include_str!("../migrations/0004_talk.sql"),
    include_str!("../migrations/0005_watching.sql"),
    include_str!("../migrations/0006_pictures.sql"),
    include_str!("../migrations/0007_delivery.sql"),
    include_str!("../migrations/0008_search.sql"),
    include_str!("../migrations/0009_profiles.sql"),
    include_str!("../migrations/0010_saved_searches.sql"),
    include_str!("../migrations/0011_blocks_of_words.sql"),
];

/// The newest schema this release knows.
pub const SCHEMA_VERSION: i64 = MIGRATIONS.len() as i64;

/// What nodes that migrate take turns by: "nbid".
const TURN: i64 = 0x6e62_6964;

/// Takes every step that the store has not taken.
///
/// # Errors
/// `Rejected` if the database holds something else, or a schema newer than this release knows; it is left as it was.
/// So it is while an import into it has not ended.
pub async fn migrate(target: &Target) -> Result<()> {
    let mut client = target.connect(Purpose::Migrating).await?;
    take_steps(&mut client).await?;
    refuse_half(&client).await?;
    let restored = client.execute(RESTORED, &[]).await;
    let rounds = restored.map_err(at_commit("following a restored store from its beginning"))?;
    if rounds > 0 {
        tracing::warn!(rounds, "the store was restored: lists and notices follow from the oldest round on");
    }
    Ok(())
}

/// Takes every step that the store has not taken, and nothing else.
pub(crate) async fn take_steps(client: &mut Client) -> Result<()> {
    while version(client).await? < SCHEMA_VERSION {
        step(client).await?;
    }
    Ok(())
}

/// In a store restored into another server, numbers of transactions begin anew, and what followers had seen means nothing
/// there: they begin at the oldest round. What members were told stands with each listing and order, so nobody is told twice.
const RESTORED: &str = "WITH restored AS (UPDATE followers SET snapshot = '' WHERE snapshot <> '' AND \
     split_part(snapshot, ':', 2)::bigint > pg_snapshot_xmax(pg_current_snapshot())::text::bigint RETURNING name) \
     UPDATE rounds SET xid = pg_current_xact_id() \
     WHERE xid >= pg_snapshot_xmax(pg_current_snapshot()) AND EXISTS (SELECT FROM restored)";

/// Takes the next step, unless another node took it meanwhile.
async fn step(client: &mut Client) -> Result<()> {
    let doing = "migrating the store";
    let transaction = client.transaction().await.map_err(before_commit(doing))?;
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&TURN]).await.map_err(before_commit(doing))?;
    let taken = version(&transaction).await?;
    if let Some(sql) = usize::try_from(taken).ok().and_then(|taken| MIGRATIONS.get(taken)) {
        take(&transaction, sql, taken + 1).await.map_err(before_commit(doing))?;
    }
    transaction.commit().await.map_err(at_commit(doing))
}

async fn take(transaction: &Transaction<'_>, sql: &str, version: i64) -> std::result::Result<(), Fault> {
    transaction.batch_execute(sql).await?;
    if version == 1 {
        fill_places(transaction).await?;
    }
    let changed = transaction.execute("UPDATE schema_version SET version = $1", &[&version]).await?;
    if changed == 1 { Ok(()) } else { Err(Fault::unlike("one row of the schema's version")) }
}

/// The version of the schema in a store; 0 where there is nothing yet.
pub(crate) async fn version(client: &impl GenericClient) -> Result<i64> {
    let doing = "reading the schema's version";
    let rejected = |words: String| Failure::Rejected { doing, source: words.into() };
    let sql = "SELECT count(*), count(*) FILTER (WHERE relname = 'schema_version') FROM pg_class \
               WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm')";
    let row = client.query_one(sql, &[]).await.map_err(before_commit(doing))?;
    let number = |at: usize| row.try_get::<_, i64>(at).map_err(before_commit(doing));
    match (number(0)?, number(1)?) {
        (0, _) => return Ok(0),
        (_, 0) => return Err(rejected("the database is not a NeighborBid store".to_owned())),
        _ => {}
    }
    let sql = "SELECT version FROM schema_version WHERE application = 'neighborbid'";
    let row = client.query_one(sql, &[]).await.map_err(before_commit(doing))?;
    let version: i64 = row.try_get(0).map_err(before_commit(doing))?;
    if version > SCHEMA_VERSION {
        let words = format!("the store has schema {version}, this release knows up to {SCHEMA_VERSION}");
        return Err(rejected(words));
    }
    Ok(version)
}

/// Fills a new store's regions and categories.
async fn fill_places(transaction: &Transaction<'_>) -> std::result::Result<(), Fault> {
    let sql = "INSERT INTO regions (id, last, parent, level, name, code, latitude, longitude) \
               SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], \
               $7::double precision[], $8::double precision[])";
    let places = places::regions();
    let number = |number: fn(&places::Place) -> i64| places.iter().map(number).collect::<Vec<i64>>();
    let parents: Vec<Option<i64>> = places.iter().map(|place| place.region.parent).collect();
    let names: Vec<&str> = places.iter().map(|place| place.region.name.as_str()).collect();
    let codes: Vec<Option<&str>> = places.iter().map(|place| place.code).collect();
    let latitudes: Vec<Option<f64>> = places.iter().map(|place| place.latitude).collect();
    let longitudes: Vec<Option<f64>> = places.iter().map(|place| place.longitude).collect();
    let (ids, lasts) = (number(|place| place.region.id), number(|place| place.region.last));
    let levels = number(|place| place.region.level);
    transaction
        .execute(sql, &[&ids, &lasts, &parents, &levels, &names, &codes, &latitudes, &longitudes])
        .await?;
    let sql = "INSERT INTO categories (id, parent, slug) \
               SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[])";
    let categories = places::categories();
    let ids: Vec<i64> = categories.iter().map(|category| category.id).collect();
    let parents: Vec<Option<i64>> = categories.iter().map(|category| category.parent).collect();
    let slugs: Vec<&str> = categories.iter().map(|category| category.slug.as_str()).collect();
    transaction.execute(sql, &[&ids, &parents, &slugs]).await?;
    Ok(())
}
