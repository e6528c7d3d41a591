//! Members, and whom a seller blocks.

use auction::Time;
use ledger::MemberId;
use rusqlite::{Connection, OptionalExtension, Result, Row, params};
use store::records::{Member, MemberChange, NewMember, PAGE_ROWS_MAX, Taken, TokenHash};

use super::sessions::FORGET_BROWSERS;

/// A member's columns, in the order in which [`member`] reads them; `m` is the table.
pub(super) const MEMBER_COLUMNS: &str =
    "m.id, m.username, m.nickname, m.region, m.suspended, m.created_at, m.is_admin";

/// How many they are; what is selected behind them begins there.
pub(super) const MEMBER_WIDTH: usize = 7;

/// Reads a member whose first column is number `at`.
pub(super) fn member(row: &Row<'_>, at: usize) -> Result<Member> {
    Ok(Member {
        id: MemberId(row.get(at)?),
        username: row.get(at + 1)?,
        nickname: row.get(at + 2)?,
        region: row.get(at + 3)?,
        suspended: row.get(at + 4)?,
        created_at: Time(row.get(at + 5)?),
        is_admin: row.get(at + 6)?,
    })
}

/// Makes a member, unless another has one of his names.
pub(super) fn create(connection: &Connection, new: NewMember) -> Result<std::result::Result<Member, Taken>> {
    let by_name = "SELECT 1 FROM members WHERE username = ?1";
    if connection.prepare_cached(by_name)?.exists([&new.username])? {
        return Ok(Err(Taken::Username));
    }
    let by_skeleton = "SELECT 1 FROM members WHERE skeleton = ?1";
    if connection.prepare_cached(by_skeleton)?.exists([&new.skeleton])? {
        return Ok(Err(Taken::Nickname));
    }
    let sql = "INSERT INTO members (username, nickname, skeleton, password_hash, region, created_at) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let values = params![new.username, new.nickname, new.skeleton, new.password_hash, new.region, new.at.0];
    let id = connection.prepare_cached(sql)?.insert(values)?;
    Ok(Ok(Member {
        id: MemberId(id),
        username: new.username,
        nickname: new.nickname,
        region: new.region,
        suspended: false,
        is_admin: false,
        created_at: new.at,
    }))
}

/// The member of that number.
pub(super) fn by_number(connection: &Connection, id: MemberId) -> Result<Option<Member>> {
    let sql = format!("SELECT {MEMBER_COLUMNS} FROM members m WHERE m.id = ?1");
    connection.prepare_cached(&sql)?.query_row([id.0], |row| member(row, 0)).optional()
}

/// Those of these members who exist.
pub(super) fn by_numbers(connection: &Connection, ids: &[MemberId]) -> Result<Vec<Member>> {
    let mut members = Vec::with_capacity(ids.len().min(PAGE_ROWS_MAX));
    for id in ids.iter().take(PAGE_ROWS_MAX) {
        members.extend(by_number(connection, *id)?);
    }
    Ok(members)
}

/// The member of that username with the hash of his password.
pub(super) fn credentials(connection: &Connection, username: &str) -> Result<Option<(Member, String)>> {
    let sql = format!(
        "SELECT {MEMBER_COLUMNS}, m.password_hash FROM members m WHERE m.username = ?1 AND m.left_at IS NULL"
    );
    let found = |row: &Row<'_>| Ok((member(row, 0)?, row.get(MEMBER_WIDTH)?));
    connection.prepare_cached(&sql)?.query_row([username], found).optional()
}

/// Changes how a member presents himself, unless another member's nickname looks the same or the picture is not his.
pub(super) fn change(
    connection: &Connection,
    id: MemberId,
    change: MemberChange,
) -> Result<std::result::Result<Member, Taken>> {
    if let Some(taken) = stands_in_the_way(connection, id, &change)? {
        return Ok(Err(taken));
    }
    if let Some((nickname, skeleton)) = change.nickname {
        let sql = "UPDATE members SET nickname = ?2, skeleton = ?3 WHERE id = ?1";
        connection.prepare_cached(sql)?.execute((id.0, nickname, skeleton))?;
    }
    if let Some(region) = change.region {
        let sql = "UPDATE members SET region = ?2 WHERE id = ?1";
        connection.prepare_cached(sql)?.execute((id.0, region))?;
    }
    if let Some(about) = change.about {
        let sql = "UPDATE members SET about = ?2 WHERE id = ?1";
        connection.prepare_cached(sql)?.execute((id.0, about))?;
    }
    if let Some(picture) = change.picture {
        let sql = "UPDATE members SET picture = ?2 WHERE id = ?1";
        connection.prepare_cached(sql)?.execute((id.0, picture))?;
    }
    by_number(connection, id)?.map(Ok).ok_or(rusqlite::Error::QueryReturnedNoRows)
}

/// What stands in the way of a change. Nothing else is written meanwhile: it is the same writer's transaction.
fn stands_in_the_way(connection: &Connection, id: MemberId, change: &MemberChange) -> Result<Option<Taken>> {
    if connection
        .prepare_cached("SELECT 1 FROM members WHERE id = ?1 AND left_at IS NOT NULL")?
        .exists([id.0])?
    {
        return Ok(Some(Taken::Left));
    }
    if let Some((_, skeleton)) = &change.nickname {
        let by_skeleton = "SELECT 1 FROM members WHERE skeleton = ?1 AND id <> ?2";
        if connection.prepare_cached(by_skeleton)?.exists((skeleton, id.0))? {
            return Ok(Some(Taken::Nickname));
        }
    }
    if let Some(picture) = change.picture.flatten() {
        let sql = "SELECT 1 FROM uploads u JOIN pictures p ON p.address = u.address \
                   WHERE u.address = ?1 AND u.member = ?2 AND p.going IS NULL";
        if !connection.prepare_cached(sql)?.exists((picture, id.0))? {
            return Ok(Some(Taken::Picture));
        }
    }
    Ok(None)
}

/// Sets a new password's hash, if his is `known` or that is none, and ends his sessions but `keep`; whether it did.
pub(super) fn set_password(
    connection: &Connection,
    id: MemberId,
    hash: &str,
    known: Option<&str>,
    keep: Option<TokenHash>,
) -> Result<bool> {
    let sql = "UPDATE members SET password_hash = ?2 WHERE id = ?1 AND left_at IS NULL \
         AND password_hash = coalesce(?3, password_hash)";
    if connection.prepare_cached(sql)?.execute((id.0, hash, known))? == 0 {
        return Ok(false);
    }
    connection.prepare_cached(FORGET_BROWSERS)?.execute([id.0])?;
    let sql = "DELETE FROM sessions WHERE member = ?1 AND token IS NOT ?2";
    connection.prepare_cached(sql)?.execute((id.0, keep)).map(|_| true)
}

/// A seller lifts a block.
pub(super) fn unblock(connection: &Connection, seller: MemberId, member: MemberId) -> Result<()> {
    let sql = "DELETE FROM blocks WHERE seller = ?1 AND member = ?2";
    connection.prepare_cached(sql)?.execute((seller.0, member.0)).map(|_| ())
}

/// Whether a seller blocks a member.
pub(super) fn is_blocked(connection: &Connection, seller: MemberId, member: MemberId) -> Result<bool> {
    let sql = "SELECT 1 FROM blocks WHERE seller = ?1 AND member = ?2";
    connection.prepare_cached(sql)?.exists((seller.0, member.0))
}

/// Those of these members whom a seller blocks.
pub(super) fn blocked(
    connection: &Connection,
    seller: MemberId,
    members: &[MemberId],
) -> Result<Vec<MemberId>> {
    let mut blocked = Vec::new();
    for member in members.iter().take(PAGE_ROWS_MAX) {
        if is_blocked(connection, seller, *member)? {
            blocked.push(*member);
        }
    }
    Ok(blocked)
}
