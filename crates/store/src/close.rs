//! How many bids came in each minute before an auction's end: what every store makes of the minutes that it counted.

use crate::records::{CLOSE_EVENTS_MAX, CLOSE_MINUTES};

/// What was counted in one minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Minute {
    /// How many whole minutes before the end; 0 is the last.
    pub before: i64,
    /// How many bids.
    pub bids: i64,
    /// How many events of any kind.
    pub events: i64,
}

/// The bids of each minute, the last first, without a gap; a minute of which events were left out is not told.
pub fn minutes(counted: &[Minute]) -> Vec<i64> {
    let looked_at: i64 = counted.iter().map(|minute| minute.events).sum();
    let oldest = counted.iter().map(|minute| minute.before).max().unwrap_or_default();
    let known = if looked_at >= CLOSE_EVENTS_MAX { oldest } else { CLOSE_MINUTES };
    let of =
        |before: i64| counted.iter().find(|minute| minute.before == before).map_or(0, |minute| minute.bids);
    (0..known.min(CLOSE_MINUTES)).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_without_bids_are_there_and_one_that_was_cut_is_not() {
        let minute = |before, bids, events| Minute { before, bids, events };
        let quiet = minutes(&[minute(0, 3, 4), minute(2, 1, 1)]);
        assert_eq!((quiet.len() as i64, &quiet[..4]), (CLOSE_MINUTES, &[3, 0, 1, 0][..]));
        let busy = minutes(&[minute(0, 9, 9), minute(1, 8, 8), minute(2, 7, CLOSE_EVENTS_MAX)]);
        assert_eq!(busy, [9, 8], "the third minute was not read to its beginning");
        assert_eq!(minutes(&[minute(0, 5, CLOSE_EVENTS_MAX)]), [0; 0]);
    }
}
