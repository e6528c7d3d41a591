//! The end of an auction moving: a late bid extends the close, an outage moves it (rules §4).

use crate::auction::Auction;
use crate::command::Outage;
use crate::time::{Span, Time};

/// The windows a seller may choose, in minutes; 0 is a hard close.
pub const SOFT_CLOSE_MINUTES: [i64; 6] = [0, 1, 2, 3, 5, 10];

/// Late bids move the end at most so far beyond the listed one.
pub const LATEST_AFTER_LISTED_END: Span = Span::minutes(60);

/// A gap in the heartbeat longer than this is an outage.
pub const OUTAGE_GAP_MIN: Span = Span::seconds(30);

/// A longer outage moves ends as one of this length.
pub const OUTAGE_GAP_MAX: Span = Span::hours(24);

/// Auctions ending up to so long after the return are moved too.
pub const OUTAGE_REACH: Span = Span::minutes(5);

impl Auction {
    /// Extends the close at `now` because price, leader or reserve status changed, if it came within the window.
    pub(crate) fn extend_for_late_bid(&mut self, now: Time) {
        if now >= self.ends_at.minus(self.soft_close) {
            self.ends_at = self.ends_at.max(now.plus(self.soft_close).min(self.latest));
        }
    }

    /// Whether the end is so near that a bid now would move it.
    pub(crate) fn in_soft_close(&self, now: Time) -> bool {
        now >= self.ends_at.minus(self.soft_close)
    }

    /// The part of an outage that must still move the end, if any. What was given back before, because the house died
    /// while it made an outage good, is not given twice; time lost since then is.
    pub fn touched_by(&self, outage: Outage) -> Option<Outage> {
        let heartbeat = self.outage.map_or(outage.heartbeat, |back| outage.heartbeat.max(back));
        let left = Outage { heartbeat, ..outage };
        let is_gap = left.back.since(heartbeat) > OUTAGE_GAP_MIN;
        let is_near = heartbeat <= self.ends_at && self.ends_at <= left.back.plus(OUTAGE_REACH);
        (is_gap && is_near).then_some(left)
    }

    /// Moves the end for a reason other than a late bid; `latest` moves along.
    pub(crate) fn move_end(&mut self, ends_at: Time) {
        self.latest = self.latest.plus(ends_at.since(self.ends_at));
        self.ends_at = ends_at;
        self.extensions = self.extensions.saturating_add(1);
    }

    /// Gives bidders back the time that the outage took from them; `latest` moves along.
    pub(crate) fn extend_for_outage(&mut self, outage: Outage) {
        let gap = outage.back.since(outage.heartbeat).min(OUTAGE_GAP_MAX);
        let given = gap.max(self.soft_close).max(Span::minutes(1));
        self.move_end(self.ends_at.max(outage.back).plus(given));
        self.outage = Some(outage.back);
    }
}
