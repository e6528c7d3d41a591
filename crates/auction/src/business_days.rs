//! Business days in Korea: Monday to Friday, except the public holidays that have a fixed date.
//!
//! Holidays that follow the moon (Seollal, Chuseok, the Buddha's birthday), substitute holidays, elections and days the
//! government proclaims are not known here and count as business days: a deadline may then come earlier than a calendar on
//! the wall says, never later. Korea has had no summer time since 1988; the days here are those of UTC+9.

use crate::time::{Span, Time};

/// How far Korea's clocks are ahead of UTC.
const KOREA: Span = Span::hours(9);

/// 신정, 삼일절, 어린이날, 현충일, 광복절, 개천절, 한글날, 성탄절: month and day.
const HOLIDAYS: [(i64, i64); 8] = [(1, 1), (3, 1), (5, 5), (6, 6), (8, 15), (10, 3), (10, 9), (12, 25)];

/// The Gregorian calendar repeats itself after so many days, which is 400 years.
const DAYS_IN_CYCLE: i64 = 146_097;

/// The same time of day on the `count`th business day after the day of `from`, by Korea's calendar.
pub(crate) fn after_business_days(from: Time, count: u32) -> Time {
    let mut at = from;
    for _ in 0..count {
        at = at.plus(Span::days(1));
        while !is_business_day(at) {
            at = at.plus(Span::days(1));
        }
    }
    at
}

/// Whether the day of this moment in Korea is one on which banks and carriers work.
fn is_business_day(at: Time) -> bool {
    let day = at.plus(KOREA).0.div_euclid(Span::days(1).0);
    // 1970-01-01 was a Thursday: counted from Monday as 0, that day is 3.
    let weekday = day.saturating_add(3).rem_euclid(7);
    weekday < 5 && !HOLIDAYS.contains(&month_and_day(day))
}

/// Month (1 to 12) and day (1 to 31) of the day that is so many days after 1970-01-01.
fn month_and_day(day: i64) -> (i64, i64) {
    let mut left = day.rem_euclid(DAYS_IN_CYCLE);
    let mut year: i64 = 1970;
    while let Some(rest) = left.checked_sub(days_in_year(year)).filter(|rest| *rest >= 0) {
        left = rest;
        year = year.saturating_add(1);
    }
    let february = if days_in_year(year) == 366 { 29 } else { 28 };
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    for (month, length) in (1..).zip(lengths) {
        match left.checked_sub(length) {
            Some(rest) if rest >= 0 => left = rest,
            Some(_) | None => return (month, left.saturating_add(1)),
        }
    }
    unreachable!("the days left are fewer than the year has")
}

/// 366 in a leap year.
const fn days_in_year(year: i64) -> i64 {
    let is_leap = year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0);
    if is_leap { 366 } else { 365 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The moment of a date and hour in Korea.
    fn korea(year: i64, month: i64, day: i64, hour: i64) -> Time {
        let first: i64 = (1970..year).map(days_in_year).sum();
        let found = (first..).take(366).find(|days| month_and_day(*days) == (month, day));
        let days = found.expect("the date exists");
        Time(0).plus(Span::days(days)).plus(Span::hours(hour)).minus(KOREA)
    }

    #[test]
    fn the_calendar_is_the_one_on_the_wall() {
        // (days since 1970-01-01, month, day), as every calendar has them
        for (day, month_day) in [
            (0, (1, 1)),
            (-1, (12, 31)),
            (58, (2, 28)),
            (59, (3, 1)),
            (789, (2, 29)),
            (790, (3, 1)),
            (11_016, (2, 29)),
            (11_017, (3, 1)),
            (20_771, (11, 14)),
            (47_540, (2, 28)),
            (47_541, (3, 1)),
            (146_096, (12, 31)),
            (146_097, (1, 1)),
        ] {
            assert_eq!(month_and_day(day), month_day, "day {day}");
        }
    }

    #[test]
    fn three_business_days_end_at_the_same_time_of_day() {
        for (from, to) in [
            // Monday, Wednesday, Friday, Saturday and Sunday of a plain week
            ((2026, 11, 16, 12), (2026, 11, 19, 12)),
            ((2026, 11, 18, 12), (2026, 11, 23, 12)),
            ((2026, 11, 20, 0), (2026, 11, 25, 0)),
            ((2026, 11, 20, 23), (2026, 11, 25, 23)),
            ((2026, 11, 21, 10), (2026, 11, 25, 10)),
            ((2026, 11, 22, 10), (2026, 11, 25, 10)),
            // Christmas on a Friday, the new year on a Friday
            ((2026, 12, 22, 9), (2026, 12, 28, 9)),
            ((2026, 12, 24, 9), (2026, 12, 30, 9)),
            ((2026, 12, 30, 9), (2027, 1, 5, 9)),
            // 1 March on a Monday; after a leap day; without one in 2100
            ((2027, 2, 25, 9), (2027, 3, 3, 9)),
            ((2028, 2, 25, 9), (2028, 3, 2, 9)),
            ((2100, 2, 26, 1), (2100, 3, 4, 1)),
            // Children's Day, Memorial Day, Liberation Day, Foundation Day and the day of the alphabet
            ((2026, 5, 4, 8), (2026, 5, 8, 8)),
            ((2028, 6, 5, 8), (2028, 6, 9, 8)),
            ((2028, 8, 14, 8), (2028, 8, 18, 8)),
            ((2028, 10, 2, 8), (2028, 10, 6, 8)),
            ((2028, 10, 6, 8), (2028, 10, 12, 8)),
        ] {
            let time = |(year, month, day, hour)| korea(year, month, day, hour);
            assert_eq!(after_business_days(time(from), 3), time(to), "{from:?}");
        }
    }

    /// 15:00 by UTC is midnight in Korea.
    #[test]
    fn the_day_is_the_one_in_korea() {
        let saturday = Time(1_795_186_800_000_000);
        assert!(is_business_day(saturday.minus(Span(1))), "2026-11-20T14:59:59.999999Z is Friday there");
        assert!(!is_business_day(saturday), "2026-11-20T15:00:00Z is Saturday there");
        for hour in [0, 8, 9, 23] {
            assert!(is_business_day(korea(2026, 11, 20, hour)), "Friday at {hour}");
            assert!(!is_business_day(korea(2026, 11, 21, hour)), "Saturday at {hour}");
            assert!(!is_business_day(korea(2026, 10, 9, hour)), "a holiday at {hour}");
        }
    }
}
