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
