//! Pictures: what was uploaded and by whom, and what may go.
//!
//! The row of a picture is locked by whoever keeps or removes an upload of it, so that it is seen to be without one exactly
//! when it is. The row of an upload is locked by whoever removes it, and shared by rounds that list it. In this order.

use async_trait::async_trait;
use auction::{PictureAddress, Time};
use ledger::MemberId;
use store::pages;
use store::records::{
    CLAIMED_FOR, NewPicture, PAGE_ROWS_MAX, Page, Paged, PictureRecords, PictureRefused, PictureRow,
    UPLOADS_COUNTED_FOR, UPLOADS_UNUSED_MAX, Upload,
};
use tokio_postgres::Row;

use super::PostgresRecords;
use super::leaving::is_here;
use crate::pool::{Connection, Value};
use crate::rows::Result;
use crate::rows::pictures::{address, picture, picture_columns};

/// Whether no item and no old auction of his shows what `u` has uploaded, nor he himself.
macro_rules! is_unused {
    () => {
        "NOT EXISTS (SELECT FROM item_pictures i WHERE i.address = u.address AND i.member = u.member) \
         AND NOT EXISTS (SELECT FROM old_pictures o WHERE o.address = u.address AND o.member = u.member) \
         AND NOT EXISTS (SELECT FROM members m WHERE m.picture = u.address AND m.id = u.member)"
    };
}

#[async_trait]
impl PictureRecords for PostgresRecords {
    async fn keep_picture(&self, new: NewPicture) -> store::Result<std::result::Result<(), PictureRefused>> {
        let store = self.writes.lend("keeping a picture").await?;
        store.write_together(keep(&store, &new)).await
    }

    async fn may_upload(
        &self,
        member: MemberId,
        at: Time,
    ) -> store::Result<std::result::Result<(), PictureRefused>> {
        let store = self.points.lend("asking for an upload").await?;
        store.read(may_upload(&store, member, at)).await
    }

    async fn pictures(&self, addresses: &[PictureAddress]) -> store::Result<Vec<PictureRow>> {
        let store = self.points.lend("reading pictures").await?;
        store.read(by_addresses(&store, addresses)).await
    }

    async fn uploaded_picture(&self, upload: Upload) -> store::Result<Option<PictureRow>> {
        let store = self.points.lend("reading an uploaded picture").await?;
        store.read(uploaded(&store, upload)).await
    }

    async fn unused_pictures(&self, before: Time, page: Page) -> store::Result<Paged<Upload>> {
        let store = self.followers.lend("looking for unused pictures").await?;
        store.read(unused(&store, before, &page)).await
    }

    async fn remove_picture(&self, upload: Upload, before: Time) -> store::Result<bool> {
        let store = self.writes.lend("removing a picture").await?;
        store.write_together(remove(&store, upload, before)).await
    }

    async fn claim_pictures(&self, now: Time, limit: usize) -> store::Result<Vec<PictureAddress>> {
        let store = self.writes.lend("claiming pictures").await?;
        store.write(claim(&store, now, limit)).await
    }

    async fn claim_strays(
        &self,
        addresses: &[PictureAddress],
        now: Time,
    ) -> store::Result<Vec<PictureAddress>> {
        let store = self.writes.lend("claiming stray bytes").await?;
        store.write(claim_strays(&store, addresses, now)).await
    }

    async fn forget_picture(&self, address: PictureAddress, claimed_at: Time) -> store::Result<bool> {
        let store = self.writes.lend("forgetting a picture").await?;
        store.write(forget(&store, address, claimed_at)).await
    }
}

pub(super) const BY_ADDRESSES: &str =
    concat!("SELECT ", picture_columns!(), " FROM pictures WHERE address = ANY($1) AND going IS NULL");

/// What is known of pictures, but for those that are going; in no order.
pub(super) async fn by_addresses(
    store: &Connection,
    addresses: &[PictureAddress],
) -> Result<Vec<PictureRow>> {
    let addresses: Vec<&[u8]> = addresses.iter().take(PAGE_ROWS_MAX).map(<[u8; 32]>::as_slice).collect();
    store.query(BY_ADDRESSES, &[&addresses]).await?.iter().map(picture).collect()
}

pub(super) const UPLOADED: &str = concat!(
    "SELECT ",
    picture_columns!(),
    " FROM pictures p WHERE p.address = $1 AND p.going IS NULL \
     AND EXISTS (SELECT FROM uploads u WHERE u.address = p.address AND u.member = $2)"
);

async fn uploaded(store: &Connection, upload: Upload) -> Result<Option<PictureRow>> {
    let values: [Value<'_>; 2] = [&upload.address.as_slice(), &upload.member.0];
    store.query_opt(UPLOADED, &values).await?.as_ref().map(picture).transpose()
}

async fn keep(store: &Connection, new: &NewPicture) -> Result<std::result::Result<(), PictureRefused>> {
    let NewPicture { picture, member, at } = new;
    let PictureRow { width, height, colour, sizes, bytes, .. } = picture;
    let address = picture.address.as_slice();
    if !is_here(store, *member).await? {
        return Ok(Err(PictureRefused::Left));
    }
    let sql = "SELECT FROM uploads WHERE address = $1 AND member = $2";
    let is_kept = store.query_opt(sql, &[&address, &member.0]).await?.is_some();
    if !is_kept && is_full(store, *member, *at).await? {
        return Ok(Err(PictureRefused::TooMany));
    }
    // Changes nothing of one that is there, but has its row from now on.
    let sql = "INSERT INTO pictures AS p (address, width, height, colour, sizes, bytes, at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (address) DO UPDATE SET at = p.at RETURNING going";
    let values: [Value<'_>; 7] = [&address, width, height, colour, sizes, bytes, &at.0];
    let going: Option<i64> = store.query_one(sql, &values).await?.try_get(0)?;
    if going.is_some() {
        return Ok(Err(PictureRefused::Going));
    }
    let sql = "INSERT INTO uploads AS u (address, member, at) VALUES ($1, $2, $3) \
               ON CONFLICT (address, member) DO UPDATE SET at = greatest(u.at, excluded.at)";
    store.execute(sql, &[&address, &member.0, &at.0]).await?;
    Ok(Ok(()))
}

async fn may_upload(
    store: &Connection,
    member: MemberId,
    at: Time,
) -> Result<std::result::Result<(), PictureRefused>> {
    // Nothing is written, so nobody's leaving has to wait.
    let sql = "SELECT FROM members WHERE id = $1 AND left_at IS NULL";
    if store.query_opt(sql, &[&member.0]).await?.is_none() {
        return Ok(Err(PictureRefused::Left));
    }
    Ok(if is_full(store, member, at).await? { Err(PictureRefused::TooMany) } else { Ok(()) })
}

/// Whether a member has uploaded as many pictures of late and uses them for nothing as he may.
async fn is_full(store: &Connection, member: MemberId, at: Time) -> Result<bool> {
    let (since, most) = (at.minus(UPLOADS_COUNTED_FOR).0, UPLOADS_UNUSED_MAX as i64);
    let count: i64 = store.query_one(UNUSED_OF_LATE, &[&member.0, &since, &most]).await?.try_get(0)?;
    Ok(count >= most)
}

/// How many pictures a member has uploaded of late and uses for nothing; counted no further than they may be.
pub(super) const UNUSED_OF_LATE: &str = concat!(
    "SELECT count(*) FROM (SELECT FROM uploads u WHERE u.member = $1 AND u.at > $2 AND ",
    is_unused!(),
    " LIMIT $3) AS unused"
);

/// The next uploads by address, and whether each may go: one probe of each index for each upload, for with `LIMIT` in them no
/// plan can do otherwise.
pub(super) const UNUSED: &str = "SELECT u.address, u.member, u.at < $3 AND i.place IS NULL AND o.place IS NULL \
     AND m.id IS NULL FROM uploads u \
     LEFT JOIN LATERAL (SELECT place FROM item_pictures WHERE address = u.address AND member = u.member LIMIT 1) AS i \
     ON true \
     LEFT JOIN LATERAL (SELECT place FROM old_pictures WHERE address = u.address AND member = u.member LIMIT 1) AS o \
     ON true \
     LEFT JOIN LATERAL (SELECT id FROM members WHERE picture = u.address AND id = u.member LIMIT 1) AS m ON true \
     WHERE (u.address, u.member) > ($1, $2) ORDER BY u.address, u.member LIMIT $4";

/// Looks at the next uploads by address; the cursor is the last that was looked at.
async fn unused(store: &Connection, before: Time, page: &Page) -> Result<Paged<Upload>> {
    let Some((after, member)) = pages::upload(page) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let values: [Value<'_>; 4] = [&after.as_slice(), &member.0, &before.0, &(limit as i64)];
    let looked = |row: &Row| -> Result<(Upload, bool)> {
        Ok((Upload { address: address(row, 0)?, member: MemberId(row.try_get(1)?) }, row.try_get(2)?))
    };
    let looked: Vec<(Upload, bool)> =
        store.query(UNUSED, &values).await?.iter().map(looked).collect::<Result<_>>()?;
    let next =
        looked.last().filter(|_| looked.len() == limit).map(|(upload, _)| pages::upload_cursor(*upload));
    Ok(Paged {
        items: looked.into_iter().filter(|(_, is_unused)| *is_unused).map(|(upload, _)| upload).collect(),
        next,
    })
}

/// Looks only once the upload's row is his alone: what a round lists that has shared it is committed by then and seen, and
/// a round that comes later does not find the upload.
async fn remove(store: &Connection, upload: Upload, before: Time) -> Result<bool> {
    let (address, member) = (upload.address.as_slice(), upload.member.0);
    store.query("SELECT FROM pictures WHERE address = $1 FOR UPDATE", &[&address]).await?;
    let sql = "SELECT FROM uploads WHERE address = $1 AND member = $2 FOR UPDATE";
    store.query(sql, &[&address, &member]).await?;
    let removed = store.execute(REMOVE, &[&address, &member, &before.0]).await? > 0;
    if removed {
        let sql = "UPDATE pictures p SET going = 0 WHERE p.address = $1 AND p.going IS NULL \
                   AND NOT EXISTS (SELECT FROM uploads u WHERE u.address = p.address)";
        store.execute(sql, &[&address]).await?;
    }
    Ok(removed)
}

pub(super) const REMOVE: &str =
    concat!("DELETE FROM uploads u WHERE u.address = $1 AND u.member = $2 AND u.at < $3 AND ", is_unused!());

/// Those that another claims at the same time are passed over.
pub(super) const CLAIM: &str = "UPDATE pictures SET going = $1 WHERE address = ANY(ARRAY( \
     SELECT address FROM pictures WHERE going IS NOT NULL AND going <= $2 LIMIT $3 FOR UPDATE SKIP LOCKED)) \
     RETURNING address";

async fn claim(store: &Connection, now: Time, limit: usize) -> Result<Vec<PictureAddress>> {
    let most = limit.min(PAGE_ROWS_MAX) as i64;
    let rows = store.query(CLAIM, &[&now.0, &now.minus(CLAIMED_FOR).0, &most]).await?;
    rows.iter().map(|row| address(row, 0)).collect()
}

/// A claimed stray is a picture of one pixel that is going: nobody sees it, and whoever uploads the same must wait for its end.
/// In order of their addresses, so that two nodes that claim the same wait for each other and not in a circle.
const CLAIM_STRAYS: &str = "INSERT INTO pictures (address, width, height, colour, sizes, bytes, at, going) \
     SELECT address, 1, 1, 0, 0, 0, $2, $2 FROM unnest($1::bytea[]) AS address ORDER BY address \
     ON CONFLICT (address) DO NOTHING RETURNING address";

async fn claim_strays(
    store: &Connection,
    addresses: &[PictureAddress],
    now: Time,
) -> Result<Vec<PictureAddress>> {
    let addresses: Vec<&[u8]> = addresses.iter().take(PAGE_ROWS_MAX).map(<[u8; 32]>::as_slice).collect();
    let rows = store.query(CLAIM_STRAYS, &[&addresses, &now.0]).await?;
    rows.iter().map(|row| address(row, 0)).collect()
}

async fn forget(store: &Connection, address: PictureAddress, claimed_at: Time) -> Result<bool> {
    let sql = "DELETE FROM pictures WHERE address = $1 AND going = $2";
    Ok(store.execute(sql, &[&address.as_slice(), &claimed_at.0]).await? > 0)
}
