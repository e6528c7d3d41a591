//! Keeping the pictures of items: numbered anew whenever the item is described anew.

use auction::Item;

use super::{Result, Values, Writer, column};

/// Those that an item had, before it is given others.
pub(in crate::journal) const GONE: &str = "DELETE FROM item_pictures WHERE item = ANY($1)";

pub(in crate::journal) const NEW: &str = "INSERT INTO item_pictures (item, place, address, member, alt) \
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bigint[], $5::text[])";

/// Those that an auction keeps whose item is auctioned again.
pub(in crate::journal) const OLD: &str = "INSERT INTO old_pictures (auction, place, address, member, alt) \
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bigint[], $5::text[])";

impl Writer<'_> {
    /// The pictures of items that are new or described anew, and those that old auctions keep.
    pub(super) async fn pictures(&self) -> Result<()> {
        let round = self.round;
        let edited = column(&round.items, |(id, _)| id.0);
        let listed = round.listed.iter().map(|(id, item, _)| (id.0, item));
        let items = listed.chain(round.items.iter().map(|(id, item)| (id.0, item)));
        let old = round.history.iter().map(|(auction, words)| (auction.0, words));
        let gone = async {
            match edited.is_empty() {
                true => Ok(()),
                false => self.line.run(GONE, &[&edited]).await,
            }
        };
        let (gone, new, old) =
            tokio::join!(biased; gone, self.keep_pictures(NEW, items), self.keep_pictures(OLD, old));
        gone?;
        new?;
        old
    }

    /// Writes all pictures of what is sold, by one of the two statements.
    async fn keep_pictures<'a>(
        &self,
        sql: &'static str,
        items: impl Iterator<Item = (i64, &'a Item)>,
    ) -> Result<()> {
        let (mut of, mut places, mut addresses) = (Vec::new(), Vec::new(), Vec::new());
        let (mut members, mut alts) = (Vec::new(), Vec::new());
        for (id, item) in items {
            for (place, picture) in (1_i64..).zip(&item.pictures) {
                of.push(id);
                places.push(place);
                addresses.push(picture.address.as_slice());
                members.push(item.seller.0);
                alts.push(picture.alt.as_str());
            }
        }
        if of.is_empty() {
            return Ok(());
        }
        let values: Values<'_> = &[&of, &places, &addresses, &members, &alts];
        self.line.change(sql, values, of.len(), "pictures of an item").await
    }
}
