//! Holds the receipts of a run against what the server stored: acknowledged = stored, bid by bid, with no hole in the
//! sequence and nothing shown to a witness that is not there. Read through the public events call only.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use anyhow::{Result, bail};
use futures_util::stream::{self, StreamExt, TryStreamExt};

use crate::answers::Receipt;
use crate::arguments::Verify;
use crate::http::Api;
use crate::scan::{self, Kind, field};
use crate::stage::{Lot, Standing, at_once, standing};

/// Events on one page, the most that the API gives.
const PAGE: i64 = 1_000;
/// Auctions, and pages of one auction, read at once.
const READS_AT_ONCE: usize = 4;

/// How the store compares with what was acknowledged and shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Bids that were acknowledged.
    pub acknowledged: u64,
    /// Bids that are stored.
    pub stored: u64,
    /// Acknowledged, but not stored as they were acknowledged.
    pub lost: u64,
    /// Stored, but never acknowledged.
    pub unacknowledged: u64,
    /// Acknowledged twice as the same event.
    pub doubled: u64,
    /// Shown to the witness, but not stored so.
    pub phantoms: u64,
    /// Sequence numbers without an event.
    pub holes: u64,
    /// Auctions whose bid_count is not the number of their bids.
    pub miscounted: u64,
}

impl Comparison {
    /// What is wrong, in words.
    pub fn violations(&self) -> Vec<String> {
        let Self { acknowledged, stored, lost, unacknowledged, doubled, phantoms, holes, miscounted } = self;
        let mut found = Vec::new();
        let mut check = |wrong: bool, text: String| found.extend(wrong.then_some(text));
        check(acknowledged != stored, format!("{acknowledged} bids were acknowledged, {stored} are stored"));
        check(*lost > 0, format!("{lost} acknowledged bids are not stored"));
        check(*unacknowledged > 0, format!("{unacknowledged} stored bids were never acknowledged"));
        check(*doubled > 0, format!("{doubled} events were acknowledged to two bids"));
        check(*phantoms > 0, format!("{phantoms} bids were shown to a watcher and are not stored so"));
        check(*holes > 0, format!("{holes} sequence numbers have no event"));
        check(
            *miscounted > 0,
            format!("{miscounted} auctions tell a bid_count that is not the number of their bids"),
        );
        found
    }

    fn add(&mut self, other: &Comparison) {
        self.acknowledged += other.acknowledged;
        self.stored += other.stored;
        self.lost += other.lost;
        self.unacknowledged += other.unacknowledged;
        self.doubled += other.doubled;
        self.phantoms += other.phantoms;
        self.holes += other.holes;
        self.miscounted += other.miscounted;
    }
}

/// The last event of each auction, by its place.
pub async fn heads(api: &Api, lots: &[Lot]) -> Result<Vec<Standing>> {
    at_once("reading auctions", READS_AT_ONCE, lots.len(), lots.iter().map(|lot| standing(api, lot.id))).await
}

/// Compares all auctions of a run. The lots and standings are in the order of their places.
pub async fn compare(
    api: &Api,
    lots: &[Lot],
    standings: &[Standing],
    receipts: Vec<Receipt>,
    witnessed: Vec<Receipt>,
    verify: Verify,
) -> Result<Comparison> {
    let mut acknowledged = by_auction(receipts, lots.len());
    let mut witnessed = by_auction(witnessed, lots.len());
    let calls = lots.iter().zip(standings).map(|(lot, standing)| {
        let index = lot.index as usize;
        let (receipts, seen) =
            (std::mem::take(&mut acknowledged[index]), std::mem::take(&mut witnessed[index]));
        async move {
            match verify {
                Verify::Count => Ok(count_only(&receipts, *standing)),
                Verify::Full => {
                    let stored = read_bids(api, *lot, standing.seq).await?;
                    Ok(match_up(&receipts, &seen, &stored, *standing))
                }
            }
        }
    });
    let comparisons: Vec<Comparison> =
        at_once("comparing with the store", READS_AT_ONCE, lots.len(), calls).await?;
    let mut whole = Comparison::default();
    comparisons.iter().for_each(|comparison| whole.add(comparison));
    Ok(whole)
}

/// Receipts sorted into their auctions, in order of their events.
fn by_auction(mut receipts: Vec<Receipt>, auctions: usize) -> Vec<Vec<Receipt>> {
    receipts.sort_unstable();
    let mut sorted = vec![Vec::new(); auctions];
    for receipt in receipts {
        sorted[receipt.auction as usize].push(receipt);
    }
    sorted
}

fn count_only(receipts: &[Receipt], standing: Standing) -> Comparison {
    let (acknowledged, stored) = (receipts.len() as u64, u64::try_from(standing.bid_count).unwrap_or(0));
    Comparison {
        acknowledged,
        stored,
        lost: acknowledged.saturating_sub(stored),
        unacknowledged: stored.saturating_sub(acknowledged),
        ..Comparison::default()
    }
}

/// What the store holds of one auction.
struct Stored {
    /// Its bids, in order.
    bids: Vec<Receipt>,
    holes: u64,
}

/// Compares sorted lists of one auction.
fn match_up(receipts: &[Receipt], witnessed: &[Receipt], stored: &Stored, standing: Standing) -> Comparison {
    let is_stored = |receipt: &&Receipt| stored.bids.binary_search(receipt).is_ok();
    let mut distinct = receipts.to_vec();
    distinct.dedup_by_key(|receipt| receipt.seq);
    let kept = distinct.iter().filter(is_stored).count();
    let bids = stored.bids.len();
    Comparison {
        acknowledged: receipts.len() as u64,
        stored: bids as u64,
        lost: (distinct.len() - kept) as u64,
        unacknowledged: (bids - kept) as u64,
        doubled: (receipts.len() - distinct.len()) as u64,
        phantoms: witnessed.iter().filter(|receipt| !is_stored(receipt)).count() as u64,
        holes: stored.holes,
        miscounted: u64::from(usize::try_from(standing.bid_count) != Ok(bids)),
    }
}

/// Reads all bids of an auction up to its event `head`, some pages at once.
async fn read_bids(api: &Api, lot: Lot, head: i64) -> Result<Stored> {
    let events = AtomicI64::new(0);
    let (api, counted) = (api, &events);
    let starts = (0..head).step_by(PAGE as usize);
    let pages = stream::iter(starts)
        .map(|since| async move {
            let (bids, seen) = read_range(api, lot, since, head.min(since + PAGE)).await?;
            counted.fetch_add(seen, Relaxed);
            anyhow::Ok(bids)
        })
        .buffered(READS_AT_ONCE);
    let bids: Vec<Vec<Receipt>> = pages.try_collect().await?;
    let holes = u64::try_from(head - events.load(Relaxed)).unwrap_or(0);
    Ok(Stored { bids: bids.concat(), holes })
}

/// The bids among the events `since` < seq ≤ `until`, and how many events there are; shorter pages are read on.
async fn read_range(api: &Api, lot: Lot, mut since: i64, until: i64) -> Result<(Vec<Receipt>, i64)> {
    let (mut bids, mut events) = (Vec::new(), 0);
    while since < until {
        let path = format!("/api/v1/auctions/{}/events?since={since}&limit={PAGE}", lot.id);
        let page = api.get(&path).await?;
        let before = since;
        for frame in scan::frames(&page) {
            let Some(seq) = scan::number(frame, &field::SEQ) else {
                continue;
            };
            if seq <= since {
                bail!("GET {path}: event {seq} stands behind event {since}");
            }
            if seq > until {
                return Ok((bids, events));
            }
            since = seq;
            events += 1;
            bids.extend(bid_of(lot, frame, seq));
        }
        if since == before {
            break;
        }
    }
    Ok((bids, events))
}

/// The bid that an event is, if it is one that a member made.
fn bid_of(lot: Lot, frame: &[u8], seq: i64) -> Option<Receipt> {
    let made = scan::kind(frame) == Kind::Bid && scan::text(frame, &field::KIND) == Some(b"bid");
    let amount = scan::number(frame, &field::AMOUNT).filter(|_| made)?;
    Some(Receipt { auction: lot.index, seq: u32::try_from(seq).unwrap_or(u32::MAX), amount })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(seq: u32, amount: i64) -> Receipt {
        Receipt { auction: 0, seq, amount }
    }

    fn compared(receipts: &[Receipt], witnessed: &[Receipt], stored: &[Receipt]) -> Comparison {
        let standing = Standing { seq: 9, bid_count: stored.len() as i64 };
        match_up(receipts, witnessed, &Stored { bids: stored.to_vec(), holes: 0 }, standing)
    }

    #[test]
    fn what_was_acknowledged_and_stored_is_clean() {
        let bids = [receipt(2, 10), receipt(3, 11)];
        let clean = compared(&bids, &bids[..1], &bids);
        assert_eq!(clean, Comparison { acknowledged: 2, stored: 2, ..Comparison::default() });
        assert!(clean.violations().is_empty());
    }

    #[test]
    fn each_kind_of_lie_is_found() {
        let (one, two) = (receipt(2, 10), receipt(3, 11));
        let lost = compared(&[one, two], &[], &[one]);
        assert_eq!((lost.lost, lost.unacknowledged), (1, 0));
        let unacknowledged = compared(&[one], &[], &[one, two]);
        assert_eq!((unacknowledged.lost, unacknowledged.unacknowledged), (0, 1));
        let other_amount = compared(&[one, receipt(3, 12)], &[], &[one, two]);
        assert_eq!((other_amount.lost, other_amount.unacknowledged), (1, 1));
        let doubled = compared(&[one, one], &[], &[one]);
        assert_eq!((doubled.doubled, doubled.lost), (1, 0));
        assert_eq!(compared(&[one], &[one, two], &[one]).phantoms, 1);
        for comparison in [lost, unacknowledged, other_amount, doubled] {
            assert!(!comparison.violations().is_empty(), "{comparison:?}");
        }
        let standing = Standing { seq: 3, bid_count: 2 };
        let miscounted = match_up(&[one], &[], &Stored { bids: vec![one], holes: 1 }, standing);
        assert_eq!((miscounted.miscounted, miscounted.holes), (1, 1));
        assert_eq!(miscounted.violations().len(), 2);
    }

    #[test]
    fn counting_compares_numbers_only() {
        let standing = Standing { seq: 9, bid_count: 3 };
        let comparison = count_only(&[receipt(2, 10)], standing);
        assert_eq!((comparison.acknowledged, comparison.stored, comparison.unacknowledged), (1, 3, 2));
    }

    #[test]
    fn only_bids_that_members_made_are_bids() {
        let lot = Lot { index: 4, id: 1, start: 1, unit: 1 };
        let bid = br#"{"type":"bid","id":1,"seq":2,"kind":"bid","amount":10}"#;
        assert_eq!(bid_of(lot, bid, 2), Some(Receipt { auction: 4, seq: 2, amount: 10 }));
        assert_eq!(bid_of(lot, br#"{"type":"bid","id":1,"seq":2,"kind":"reset","amount":10}"#, 2), None);
        assert_eq!(bid_of(lot, br#"{"type":"listed","id":1,"seq":1}"#, 1), None);
    }
}
