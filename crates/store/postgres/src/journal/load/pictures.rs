//! What a round reads of pictures: who has uploaded those that it lists, locked so that none of them is removed meanwhile.

use auction::PictureAddress;
use ledger::MemberId;

use super::{Reader, Result};
use crate::rows::pictures;

/// Locks the uploads that are wanted. Whoever removes one takes its row for himself first, and only then looks whether
/// anything shows it: he waits for this round's commit, and sees what it lists. One that is gone when the lock is granted is
/// not found.
pub(in crate::journal) const UPLOADS: &str = "SELECT u.member, u.address FROM unnest($1::bigint[], $2::bytea[]) \
     AS w (member, address) CROSS JOIN LATERAL (SELECT member, address FROM uploads \
     WHERE address = w.address AND member = w.member LIMIT 1 FOR KEY SHARE) AS u";

impl Reader<'_> {
    /// Those of the wanted pictures that their sellers have uploaded, sorted.
    pub(super) async fn uploads(&self) -> Result<Vec<(MemberId, PictureAddress)>> {
        if self.wanted.pictures.is_empty() {
            return Ok(Vec::new());
        }
        let members: Vec<i64> = self.wanted.pictures.iter().map(|(member, _)| member.0).collect();
        let addresses: Vec<&[u8]> =
            self.wanted.pictures.iter().map(|(_, address)| address.as_slice()).collect();
        let rows = self.line.rows(UPLOADS, &[&members, &addresses]).await?;
        let upload = |row: &tokio_postgres::Row| Ok((MemberId(row.try_get(0)?), pictures::address(row, 1)?));
        let mut uploads: Vec<_> = rows.iter().map(upload).collect::<Result<_>>()?;
        uploads.sort_unstable();
        Ok(uploads)
    }
}
