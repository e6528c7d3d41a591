//! The generator's clocks, read here and nowhere else: monotonic for latencies, wall for deadlines and frames' times.
//! Also the API's time format (RFC 3339 UTC, six digits, Z), which frames carry; reading it allocates nothing.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Microseconds in a second.
pub const SECOND_US: i64 = 1_000_000;

/// Length of a time on the wire: `2026-11-21T22:35:00.000000Z`.
const WIRE_LENGTH: usize = 27;

/// Monotonic time.
#[expect(
    clippy::disallowed_methods,
    reason = "the generator's monotonic clock is read here and nowhere else"
)]
pub fn monotonic() -> Instant {
    Instant::now()
}

/// Wall clock, microseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "the generator's wall clock is read here and nowhere else")]
pub fn wall_us() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// Microseconds from `earlier` to `later`, 0 if they are the other way round.
pub fn micros_between(earlier: Instant, later: Instant) -> u64 {
    u64::try_from(later.saturating_duration_since(earlier).as_micros()).unwrap_or(u64::MAX)
}

/// A time as the API writes it.
pub fn to_wire(micros: i64) -> String {
    let days = micros.div_euclid(86_400 * SECOND_US);
    let within = micros.rem_euclid(86_400 * SECOND_US);
    let (year, month, day) = civil_from_days(days);
    let (seconds, fraction) = (within / SECOND_US, within % SECOND_US);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:06}Z")
}

/// Reads a time that the API wrote at the start of `text`; whatever follows is ignored.
pub fn from_wire(text: &[u8]) -> Option<i64> {
    let text = text.get(..WIRE_LENGTH)?;
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'.'), (26, b'Z')];
    if marks.iter().any(|&(at, mark)| text[at] != mark) {
        return None;
    }
    let digits = |from: usize, to: usize| {
        text[from..to]
            .iter()
            .try_fold(0_i64, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0')))
    };
    let days = days_from_civil(digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
    let seconds = digits(11, 13)? * 3_600 + digits(14, 16)? * 60 + digits(17, 19)?;
    Some((days * 86_400 + seconds) * SECOND_US + digits(20, 26)?)
}

/// Days since 1970-01-01 of a date in the Gregorian calendar, counted in years that begin in March.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let from_march = (month + 9) % 12;
    let leap_days = shifted.div_euclid(4) - shifted.div_euclid(100) + shifted.div_euclid(400);
    365 * shifted + leap_days + (153 * from_march + 2) / 5 + day - 1 - 719_468
}

/// The date of a number of days since 1970-01-01: an early estimate of the year, then a few steps to the right one.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let first_of_march = |year: i64| days_from_civil(year, 3, 1);
    let mut year = 1969 + days.div_euclid(366);
    while first_of_march(year + 1) <= days {
        year += 1;
    }
    let within = days - first_of_march(year);
    let from_march = (5 * within + 2) / 153;
    let day = within - (153 * from_march + 2) / 5 + 1;
    let month = (from_march + 2) % 12 + 1;
    (if month <= 2 { year + 1 } else { year }, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_times_are_written_and_read() {
        for (micros, text) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
            (951_868_800_000_000, "2000-03-01T00:00:00.000000Z"),
            (1_795_300_500_000_042, "2026-11-21T22:35:00.000042Z"),
            (4_102_444_799_999_999, "2099-12-31T23:59:59.999999Z"),
        ] {
            assert_eq!(to_wire(micros), text);
            assert_eq!(from_wire(text.as_bytes()), Some(micros));
        }
    }

    #[test]
    fn every_day_of_a_century_comes_back() {
        for day in -10_000..30_000 {
            let micros = day * 86_400 * SECOND_US + 12_345;
            assert_eq!(from_wire(to_wire(micros).as_bytes()), Some(micros), "day {day}");
        }
    }

    #[test]
    fn other_shapes_are_not_times() {
        for text in ["", "2026-11-21T22:35:00Z", "2026-11-21 22:35:00.000000Z", "2026-11-21T22:35:00.00000xZ"]
        {
            assert_eq!(from_wire(text.as_bytes()), None, "{text}");
        }
        assert!(from_wire(b"2026-11-21T22:35:00.000042Z\",\"x\":1").is_some());
    }
}
