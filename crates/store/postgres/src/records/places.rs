//! Places and kinds: regions and categories, which a new store is filled with, read whole.

use store::places;
use store::records::{Category, Region};
use tokio_postgres::Row;

use crate::pool::Connection;
use crate::rows::Result;

/// Every region, parents before children.
pub(super) async fn regions(store: &Connection) -> Result<Vec<Region>> {
    let sql = "SELECT id, last, parent, level, name, latitude, longitude FROM regions ORDER BY id";
    let region = |row: Row| -> Result<Region> {
        Ok(Region {
            id: row.try_get(0)?,
            last: row.try_get(1)?,
            parent: row.try_get(2)?,
            level: row.try_get(3)?,
            name: row.try_get(4)?,
            centre: places::centre(row.try_get(5)?, row.try_get(6)?),
        })
    };
    store.query(sql, &[]).await?.into_iter().map(region).collect()
}

/// Every category, parents before children.
pub(super) async fn categories(store: &Connection) -> Result<Vec<Category>> {
    let sql = "SELECT id, parent, slug FROM categories ORDER BY id";
    let category = |row: Row| -> Result<Category> {
        Ok(Category { id: row.try_get(0)?, parent: row.try_get(1)?, slug: row.try_get(2)? })
    };
    store.query(sql, &[]).await?.into_iter().map(category).collect()
}
