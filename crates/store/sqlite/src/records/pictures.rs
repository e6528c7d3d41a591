//! Pictures: what was uploaded and by whom, and what may go.

use async_trait::async_trait;
use auction::{PictureAddress, Time};
use ledger::MemberId;
use rusqlite::{Connection, OptionalExtension, Result};
use store::pages;
use store::records::{
    CLAIMED_FOR, NewPicture, PAGE_ROWS_MAX, Page, Paged, PictureRecords, PictureRefused, PictureRow,
    UPLOADS_COUNTED_FOR, UPLOADS_UNUSED_MAX, Upload,
};

use super::SqliteRecords;
use super::leaving::is_here;
use crate::rows::pictures::{PICTURE_COLUMNS, picture};

/// Whether no item and no old auction of his shows what `u` has uploaded, nor he himself.
const IS_UNUSED: &str = "NOT EXISTS (SELECT 1 FROM item_pictures WHERE address = u.address AND member = u.member) \
     AND NOT EXISTS (SELECT 1 FROM old_pictures WHERE address = u.address AND member = u.member) \
     AND NOT EXISTS (SELECT 1 FROM members INDEXED BY members_by_picture WHERE picture = u.address AND id = u.member)";

#[async_trait]
impl PictureRecords for SqliteRecords {
    async fn keep_picture(&self, new: NewPicture) -> store::Result<std::result::Result<(), PictureRefused>> {
        self.writes.run("keeping a picture", move |store| keep(store, &new)).await
    }

    async fn may_upload(
        &self,
        member: MemberId,
        at: Time,
    ) -> store::Result<std::result::Result<(), PictureRefused>> {
        self.points.run("asking for an upload", move |store| may_upload(store, member, at)).await
    }

    async fn pictures(&self, addresses: &[PictureAddress]) -> store::Result<Vec<PictureRow>> {
        let addresses: Vec<PictureAddress> = addresses.iter().take(PAGE_ROWS_MAX).copied().collect();
        let read = move |store: &Connection| {
            let known = addresses.iter().filter_map(|address| by_address(store, address).transpose());
            known.collect()
        };
        self.points.run("reading pictures", read).await
    }

    async fn uploaded_picture(&self, upload: Upload) -> store::Result<Option<PictureRow>> {
        self.points.run("reading an uploaded picture", move |store| uploaded(store, upload)).await
    }

    async fn unused_pictures(&self, before: Time, page: Page) -> store::Result<Paged<Upload>> {
        self.followers.run("looking for unused pictures", move |store| unused(store, before, &page)).await
    }

    async fn remove_picture(&self, upload: Upload, before: Time) -> store::Result<bool> {
        self.writes.run("removing a picture", move |store| remove(store, upload, before)).await
    }

    async fn claim_pictures(&self, now: Time, limit: usize) -> store::Result<Vec<PictureAddress>> {
        self.writes.run("claiming pictures", move |store| claim(store, now, limit)).await
    }

    async fn claim_strays(
        &self,
        addresses: &[PictureAddress],
        now: Time,
    ) -> store::Result<Vec<PictureAddress>> {
        let addresses: Vec<PictureAddress> = addresses.iter().take(PAGE_ROWS_MAX).copied().collect();
        let claim = move |store: &Connection| claim_strays(store, &addresses, now);
        self.writes.run("claiming stray bytes", claim).await
    }

    async fn forget_picture(&self, address: PictureAddress, claimed_at: Time) -> store::Result<bool> {
        let forget = move |store: &Connection| {
            let sql = "DELETE FROM pictures WHERE address = ?1 AND going = ?2";
            Ok(store.prepare_cached(sql)?.execute((address, claimed_at.0))? > 0)
        };
        self.writes.run("forgetting a picture", forget).await
    }
}

/// What is known of a picture, unless it is going.
pub(super) fn by_address(connection: &Connection, address: &PictureAddress) -> Result<Option<PictureRow>> {
    let sql = format!("SELECT {PICTURE_COLUMNS} FROM pictures WHERE address = ?1 AND going IS NULL");
    connection.prepare_cached(&sql)?.query_row([address], picture).optional()
}

fn uploaded(connection: &Connection, upload: Upload) -> Result<Option<PictureRow>> {
    let sql = format!(
        "SELECT {PICTURE_COLUMNS} FROM pictures p WHERE p.address = ?1 AND p.going IS NULL \
         AND EXISTS (SELECT 1 FROM uploads u WHERE u.address = p.address AND u.member = ?2)"
    );
    connection.prepare_cached(&sql)?.query_row((upload.address, upload.member.0), picture).optional()
}

fn keep(connection: &Connection, new: &NewPicture) -> Result<std::result::Result<(), PictureRefused>> {
    let NewPicture { picture, member, at } = new;
    if !is_here(connection, *member)? {
        return Ok(Err(PictureRefused::Left));
    }
    let sql = "SELECT 1 FROM uploads WHERE address = ?1 AND member = ?2";
    let is_kept = connection.prepare_cached(sql)?.exists((picture.address, member.0))?;
    if !is_kept && unused_of_late(connection, *member, *at)? >= UPLOADS_UNUSED_MAX as i64 {
        return Ok(Err(PictureRefused::TooMany));
    }
    let sql = "INSERT INTO pictures (address, width, height, colour, sizes, bytes, at) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (address) DO UPDATE SET at = at RETURNING going";
    let PictureRow { address, width, height, colour, sizes, bytes } = *picture;
    let values = (address, width, height, colour, sizes, bytes, at.0);
    let going: Option<i64> = connection.prepare_cached(sql)?.query_row(values, |row| row.get(0))?;
    if going.is_some() {
        return Ok(Err(PictureRefused::Going));
    }
    let sql = "INSERT INTO uploads (address, member, at) VALUES (?1, ?2, ?3) \
               ON CONFLICT (address, member) DO UPDATE SET at = max(at, excluded.at)";
    connection.prepare_cached(sql)?.execute((address, member.0, at.0))?;
    Ok(Ok(()))
}

fn may_upload(
    connection: &Connection,
    member: MemberId,
    at: Time,
) -> Result<std::result::Result<(), PictureRefused>> {
    if !is_here(connection, member)? {
        return Ok(Err(PictureRefused::Left));
    }
    let is_full = unused_of_late(connection, member, at)? >= UPLOADS_UNUSED_MAX as i64;
    Ok(if is_full { Err(PictureRefused::TooMany) } else { Ok(()) })
}

/// How many pictures a member has uploaded of late and uses for nothing; counted no further than they may be.
fn unused_of_late(connection: &Connection, member: MemberId, now: Time) -> Result<i64> {
    let sql = format!(
        "SELECT count(*) FROM (SELECT 1 FROM uploads u INDEXED BY uploads_by_member \
         WHERE u.member = ?1 AND u.at > ?2 AND {IS_UNUSED} LIMIT ?3)"
    );
    let values = (member.0, now.minus(UPLOADS_COUNTED_FOR).0, UPLOADS_UNUSED_MAX as i64);
    connection.prepare_cached(&sql)?.query_row(values, |row| row.get(0))
}

/// Looks at the next uploads by address; the cursor is the last that was looked at.
fn unused(connection: &Connection, before: Time, page: &Page) -> Result<Paged<Upload>> {
    let Some((address, member)) = pages::upload(page) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let sql = format!(
        "SELECT u.address, u.member, u.at < ?3 AND {IS_UNUSED} FROM uploads u WHERE (u.address, u.member) > (?1, ?2) \
         ORDER BY u.address, u.member LIMIT ?4"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let values = (address, member.0, before.0, limit as i64);
    let mut found = statement.query(values)?;
    let (mut items, mut looked, mut last) = (Vec::new(), 0, None);
    while let Some(row) = found.next()? {
        let upload = Upload { address: row.get(0)?, member: MemberId(row.get(1)?) };
        items.extend(row.get::<_, bool>(2)?.then_some(upload));
        looked += 1;
        last = Some(upload);
    }
    Ok(Paged { items, next: last.filter(|_| looked == limit).map(pages::upload_cursor) })
}

/// Nothing lists meanwhile: rounds are kept by the same writer.
fn remove(connection: &Connection, Upload { address, member }: Upload, before: Time) -> Result<bool> {
    let sql = format!(
        "DELETE FROM uploads AS u WHERE u.address = ?1 AND u.member = ?2 AND u.at < ?3 AND {IS_UNUSED}"
    );
    let removed = connection.prepare_cached(&sql)?.execute((address, member.0, before.0))? > 0;
    if removed {
        let sql = "UPDATE pictures SET going = 0 WHERE address = ?1 AND going IS NULL \
                   AND NOT EXISTS (SELECT 1 FROM uploads u WHERE u.address = ?1)";
        connection.prepare_cached(sql)?.execute([address])?;
    }
    Ok(removed)
}

fn claim(connection: &Connection, now: Time, limit: usize) -> Result<Vec<PictureAddress>> {
    let sql = "UPDATE pictures SET going = ?1 WHERE address IN (SELECT address FROM pictures \
               INDEXED BY pictures_going WHERE going IS NOT NULL AND going <= ?2 LIMIT ?3) RETURNING address";
    let mut statement = connection.prepare_cached(sql)?;
    let values = (now.0, now.minus(CLAIMED_FOR).0, limit.min(PAGE_ROWS_MAX) as i64);
    statement.query_map(values, |row| row.get(0))?.collect()
}

/// A claimed stray is a picture of one pixel that is going: nobody sees it, and whoever uploads the same must wait for its end.
fn claim_strays(
    connection: &Connection,
    addresses: &[PictureAddress],
    now: Time,
) -> Result<Vec<PictureAddress>> {
    let sql = "INSERT INTO pictures (address, width, height, colour, sizes, bytes, at, going) \
               VALUES (?1, 1, 1, 0, 0, 0, ?2, ?2) ON CONFLICT (address) DO NOTHING";
    let mut statement = connection.prepare_cached(sql)?;
    let mut claimed = Vec::new();
    for address in addresses {
        if statement.execute((address, now.0))? > 0 {
            claimed.push(*address);
        }
    }
    Ok(claimed)
}
