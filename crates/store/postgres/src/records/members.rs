//! Members, and whom a seller blocks.

use auction::Time;
use ledger::MemberId;
use store::records::{Member, MemberChange, NewMember, PAGE_ROWS_MAX, Taken, TokenHash};
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;

use crate::failure::Fault;
use crate::pool::{Connection, Value};
use crate::rows::Result;

/// A member's columns, in the order in which [`member`] reads them; `m` is the table.
pub(super) const MEMBER_COLUMNS: &str =
    "m.id, m.username, m.nickname, m.region, m.suspended, m.created_at, m.is_admin";

/// How many they are; what is selected behind them begins there.
pub(super) const MEMBER_WIDTH: usize = 7;

/// Reads a member whose first column is number `at`.
pub(super) fn member(row: &Row, at: usize) -> Result<Member> {
    Ok(Member {
        id: MemberId(row.try_get(at)?),
        username: row.try_get(at + 1)?,
        nickname: row.try_get(at + 2)?,
        region: row.try_get(at + 3)?,
        suspended: row.try_get(at + 4)?,
        created_at: Time(row.try_get(at + 5)?),
        is_admin: row.try_get(at + 6)?,
    })
}

/// Makes a member with an empty wallet, so that every round finds a row to lock; `None` if another has one of his names,
/// were he made in this moment. Names that are seen to be taken use up no number.
pub(super) async fn create(store: &Connection, new: &NewMember) -> Result<Option<Member>> {
    let sql = "WITH made AS ( \
                 INSERT INTO members (username, nickname, skeleton, password_hash, region, created_at) \
                 SELECT $1::text, $2::text, $3::text, $4::text, $5::bigint, $6::bigint \
                 WHERE NOT EXISTS (SELECT FROM members WHERE username = $1::text) \
                 AND NOT EXISTS (SELECT FROM members WHERE skeleton = $3::text) \
                 ON CONFLICT DO NOTHING RETURNING id), \
               purse AS ( \
                 INSERT INTO wallets (member, available, held, version, last_transfer) SELECT id, 0, 0, 0, 0 FROM made) \
               SELECT id FROM made";
    let found = store
        .query_opt(
            sql,
            &[&new.username, &new.nickname, &new.skeleton, &new.password_hash, &new.region, &new.at.0],
        )
        .await?;
    let made = |row: Row| -> Result<Member> {
        Ok(Member {
            id: MemberId(row.try_get(0)?),
            username: new.username.clone(),
            nickname: new.nickname.clone(),
            region: new.region,
            suspended: false,
            is_admin: false,
            created_at: new.at,
        })
    };
    found.map(made).transpose()
}

/// Which of his names another has, who could not be made.
pub(super) async fn taken(store: &Connection, new: &NewMember) -> Result<Taken> {
    let by_name = "SELECT EXISTS (SELECT FROM members WHERE username = $1)";
    let is_by_name = store.query_one(by_name, &[&new.username]).await?.try_get(0)?;
    Ok(if is_by_name { Taken::Username } else { Taken::Nickname })
}

/// The member of that number.
pub(super) async fn by_number(store: &Connection, id: MemberId) -> Result<Option<Member>> {
    let sql = format!("SELECT {MEMBER_COLUMNS} FROM members m WHERE m.id = $1");
    let found = store.query_opt(&sql, &[&id.0]).await?;
    found.map(|row| member(&row, 0)).transpose()
}

/// Those of these members who exist.
pub(super) async fn by_numbers(store: &Connection, ids: &[MemberId]) -> Result<Vec<Member>> {
    let sql = format!("SELECT {MEMBER_COLUMNS} FROM members m WHERE m.id = ANY($1)");
    store.query(&sql, &[&numbers(ids)]).await?.iter().map(|row| member(row, 0)).collect()
}

/// The numbers of these members, of a page's length.
fn numbers(members: &[MemberId]) -> Vec<i64> {
    members.iter().take(PAGE_ROWS_MAX).map(|member| member.0).collect()
}

/// The member of that username with the hash of his password.
pub(super) async fn credentials(store: &Connection, username: &str) -> Result<Option<(Member, String)>> {
    let sql = format!(
        "SELECT {MEMBER_COLUMNS}, m.password_hash FROM members m WHERE m.username = $1 AND m.left_at IS NULL"
    );
    let found = store.query_opt(&sql, &[&username]).await?;
    found.map(|row| Ok((member(&row, 0)?, row.try_get(MEMBER_WIDTH)?))).transpose()
}

/// Changes how a member presents himself, unless another member's nickname looks the same; `None` if the picture is no upload
/// of his, he has left, or there is no such member. An upload that is being removed is waited for; one that he takes stays.
pub(super) async fn change(
    store: &Connection,
    id: MemberId,
    change: MemberChange,
) -> Result<std::result::Result<Option<Member>, Taken>> {
    let sql = format!(
        "WITH his AS (SELECT address FROM uploads WHERE address = $8::bytea AND member = $1 FOR KEY SHARE) \
         UPDATE members m SET nickname = coalesce($2::text, nickname), skeleton = coalesce($3::text, skeleton), \
         region = CASE WHEN $4::boolean THEN $5::bigint ELSE region END, \
         about = CASE WHEN $6::boolean THEN $7::text ELSE about END, \
         picture = CASE WHEN $9::boolean THEN $8::bytea ELSE picture END \
         WHERE id = $1 AND left_at IS NULL AND ($8::bytea IS NULL OR EXISTS (SELECT FROM his)) \
         RETURNING {MEMBER_COLUMNS}"
    );
    let (nickname, skeleton) = change.nickname.unzip();
    let region = change.region.flatten();
    let (is_told, is_pictured) = (change.about.is_some(), change.picture.is_some());
    let (about, picture) = (change.about.flatten(), change.picture.flatten());
    let picture = picture.as_ref().map(<[u8; 32]>::as_slice);
    let values: [Value<'_>; 9] = [
        &id.0,
        &nickname,
        &skeleton,
        &change.region.is_some(),
        &region,
        &is_told,
        &about,
        &picture,
        &is_pictured,
    ];
    match store.query_opt(&sql, &values).await {
        Ok(found) => Ok(Ok(found.map(|row| member(&row, 0)).transpose()?)),
        Err(Fault::Postgres(error)) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => {
            Ok(Err(Taken::Nickname))
        }
        Err(fault) => Err(fault),
    }
}

/// Why a member who is there was not changed; `None` if there is no such member.
pub(super) async fn why_unchanged(store: &Connection, id: MemberId) -> Result<Option<Taken>> {
    let sql = "SELECT left_at IS NOT NULL FROM members WHERE id = $1";
    let Some(row) = store.query_opt(sql, &[&id.0]).await? else { return Ok(None) };
    Ok(Some(if row.try_get(0)? { Taken::Left } else { Taken::Picture }))
}

/// Sets a new password's hash, if his is `known` or that is none, and ends his sessions but `keep`; whether it did.
pub(super) async fn set_password(
    store: &Connection,
    id: MemberId,
    hash: &str,
    known: Option<&str>,
    keep: Option<TokenHash>,
) -> Result<bool> {
    let sql = "UPDATE members SET password_hash = $2 \
               WHERE id = $1 AND left_at IS NULL AND password_hash = coalesce($3::text, password_hash)";
    if store.execute(sql, &[&id.0, &hash, &known]).await? == 0 {
        return Ok(false);
    }
    let sql = "WITH forgotten AS (DELETE FROM subscriptions WHERE member = $1) \
               DELETE FROM sessions WHERE member = $1 AND token IS DISTINCT FROM $2::bytea";
    let keep = keep.as_ref().map(|token| &token[..]);
    store.execute(sql, &[&id.0, &keep]).await.map(|_| true)
}

/// A seller lifts a block.
pub(super) async fn unblock(store: &Connection, seller: MemberId, member: MemberId) -> Result<()> {
    let sql = "DELETE FROM blocks WHERE seller = $1 AND member = $2";
    store.execute(sql, &[&seller.0, &member.0]).await.map(|_| ())
}

/// Whether a seller blocks a member.
pub(super) async fn is_blocked(store: &Connection, seller: MemberId, member: MemberId) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT FROM blocks WHERE seller = $1 AND member = $2)";
    Ok(store.query_one(sql, &[&seller.0, &member.0]).await?.try_get(0)?)
}

/// Those of these members whom a seller blocks.
pub(super) async fn blocked(
    store: &Connection,
    seller: MemberId,
    members: &[MemberId],
) -> Result<Vec<MemberId>> {
    let found = store.query(BLOCKED, &[&seller.0, &numbers(members)]).await?;
    found.iter().map(|row| Ok(MemberId(row.try_get(0)?))).collect()
}

/// Whom a seller blocks, of some members.
pub(super) const BLOCKED: &str = "SELECT member FROM blocks WHERE seller = $1 AND member = ANY($2)";
