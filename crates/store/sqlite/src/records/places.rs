//! Places and kinds: regions and categories, put into a new store and read whole.

use rusqlite::{Connection, Result, Row, params};
use store::places;
use store::records::{Category, Region};

/// Fills a new store's regions and categories.
pub(crate) fn fill(connection: &Connection) -> Result<()> {
    let sql = "INSERT INTO regions (id, last, parent, level, name, code, latitude, longitude) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let mut insert = connection.prepare(sql)?;
    for place in places::regions() {
        let region = place.region;
        insert.execute(params![
            region.id,
            region.last,
            region.parent,
            region.level,
            region.name,
            place.code,
            place.latitude,
            place.longitude
        ])?;
    }
    let mut insert = connection.prepare("INSERT INTO categories (id, parent, slug) VALUES (?1, ?2, ?3)")?;
    for category in places::categories() {
        insert.execute((category.id, category.parent, category.slug))?;
    }
    Ok(())
}

/// Every region, parents before children.
pub(super) fn regions(connection: &Connection) -> Result<Vec<Region>> {
    let sql = "SELECT id, last, parent, level, name, latitude, longitude FROM regions ORDER BY id";
    let region = |row: &Row<'_>| {
        Ok(Region {
            id: row.get(0)?,
            last: row.get(1)?,
            parent: row.get(2)?,
            level: row.get(3)?,
            name: row.get(4)?,
            centre: places::centre(row.get(5)?, row.get(6)?),
        })
    };
    connection.prepare_cached(sql)?.query_map([], region)?.collect()
}

/// Every category, parents before children.
pub(super) fn categories(connection: &Connection) -> Result<Vec<Category>> {
    let sql = "SELECT id, parent, slug FROM categories ORDER BY id";
    let category = |row: &Row<'_>| Ok(Category { id: row.get(0)?, parent: row.get(1)?, slug: row.get(2)? });
    connection.prepare_cached(sql)?.query_map([], category)?.collect()
}
