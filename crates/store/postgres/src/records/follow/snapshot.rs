//! Which transactions somebody has seen, as PostgreSQL writes it: `xmin:xmax:xip,…`.
//!
//! All below `xmin` have been seen, all from `xmax` on have not, and between them all but those listed. Numbers of
//! transactions do not come in the order of commits; what has been seen only ever grows.

use std::fmt;
use std::str::FromStr;

/// All transactions that were seen at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Snapshot {
    /// The first number that was not given out yet.
    xmax: u64,
    /// Those below it that had not ended, rising.
    open: Vec<u64>,
}

impl Snapshot {
    /// Nothing was seen.
    pub(super) const NOTHING: Snapshot = Snapshot { xmax: 1, open: Vec::new() };

    /// Whether that transaction was seen.
    fn sees(&self, xid: u64) -> bool {
        xid < self.xmax && self.open.binary_search(&xid).is_err()
    }

    /// What this one has seen, and what `newer` sees up to and with transaction `last`: as far as one has come who looks
    /// at what is new in the order of numbers and stops there.
    pub(super) fn up_to(&self, newer: &Snapshot, last: u64) -> Snapshot {
        let xmax = self.xmax.max(last.saturating_add(1)).min(newer.xmax.max(self.xmax));
        let is_seen = |xid: u64| self.sees(xid) || (xid <= last && newer.sees(xid));
        let mut open: Vec<u64> = self
            .open
            .iter()
            .chain(&newer.open)
            .copied()
            .filter(|xid| *xid < xmax && !is_seen(*xid))
            .collect();
        open.sort_unstable();
        open.dedup();
        Snapshot { xmax, open }
    }
}

impl fmt::Display for Snapshot {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}:", self.open.first().unwrap_or(&self.xmax), self.xmax)?;
        for (at, xid) in self.open.iter().enumerate() {
            write!(out, "{}{xid}", if at == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

/// What is no snapshot.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoSnapshot;

impl FromStr for Snapshot {
    type Err = NoSnapshot;

    /// Reads one; of an empty text, that nothing was seen.
    fn from_str(text: &str) -> Result<Snapshot, NoSnapshot> {
        if text.is_empty() {
            return Ok(Snapshot::NOTHING);
        }
        let number = |text: &str| text.parse::<u64>().map_err(|_| NoSnapshot);
        let mut parts = text.split(':');
        let (Some(_), Some(xmax), Some(open), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(NoSnapshot);
        };
        let open = open.split(',').filter(|xid| !xid.is_empty()).map(number).collect::<Result<_, _>>()?;
        Ok(Snapshot { xmax: number(xmax)?, open })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(known: &str, newer: &str, last: u64, expected: &str) {
        let [known, newer] = [known, newer].map(|text| text.parse::<Snapshot>().unwrap());
        let came = known.up_to(&newer, last);
        assert_eq!(came.to_string(), expected, "{known} and {newer} up to {last}");
        for xid in 0..40 {
            let is_seen = known.sees(xid) || (xid <= last && newer.sees(xid));
            assert_eq!(came.sees(xid), is_seen, "{xid} of {known} and {newer} up to {last}");
        }
    }

    #[test]
    fn what_was_seen_is_carried_on_up_to_a_transaction() {
        check("", "10:10:", 9, "10:10:");
        check("10:10:", "20:20:", 19, "20:20:");
        check("10:10:", "20:20:", 14, "15:15:");
        // One that had not ended stays to be seen.
        check("10:10:", "12:20:12,17", 19, "12:20:12,17");
        check("10:10:", "12:20:12,17", 15, "12:16:12");
        // What is new may lie far below what was seen.
        check("3:20:3,5,15", "15:30:15", 3, "5:20:5,15");
        check("3:20:3,5,15", "15:30:15", 5, "15:20:15");
        check("3:20:3,5,15", "30:30:", 25, "26:26:");
        check("3:20:3,5,15", "3:20:3,5,15", 19, "3:20:3,5,15");
    }

    #[test]
    fn a_snapshot_is_read_and_written_as_postgres_does() {
        for text in ["1:1:", "10:20:10,14,19", "10:20:10", "20:20:"] {
            assert_eq!(text.parse::<Snapshot>().unwrap().to_string(), text);
        }
        for text in ["1", "1:2", "1:2:x", "1:2:3:4", "x:y:"] {
            assert_eq!(text.parse::<Snapshot>(), Err(NoSnapshot), "{text}");
        }
    }
}
